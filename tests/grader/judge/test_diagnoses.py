"""Every diagnosis is true: wrong arrays go through the checks of all weeks.

A stand-in for the student runs the solution in this process and spoils its answers. These tests
compute again, by other means, whatever `Judge.same` says about the cause.
"""

import importlib
import itertools
import re
import types

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from grader.judge.failure import Failure, PartsFailed
from grader.judge.judge import Judge
from grader.secret import Secret

# Tasks whose answers are numbers, by week; the solutions of these compile quickly.
QUICK = {
    "week1": ("set_last", "mean_squared_error", "train_line"),
    "week2": ("one_hot",),
    "week3": ("convolve2d", "max_pool2d", "conv_output_size", "count_parameters"),
    "week4": ("labels_from_folders", "steps_per_epoch", "sigmoid_cross_entropy"),
    "week5": ("overfitting_epoch",),
    "week6": ("flip", "rotation_about_centre", "compose"),
    "week7": ("count_trainable",),
    "week8": ("parse_csv",),
}
# Checks that may name a cause from all answers together, without `Judge.same`.
BY_ALL_ANSWERS = ("overfitting_epoch", "count_trainable")
OTHERS = {
    "week1": ("gradient_step",),
    "week2": ("normalise", "cross_entropy"),
    "week4": ("convolve_rgb",),
    "week6": ("sample", "dropout"),
    "week7": ("replace_head",),
    "week8": ("one_hot", "confusion_matrix", "precision_recall"),
}


# Wrong answers -----------------------------------------------------------------------------------


def spoil_floats(right: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns a wrong array of floats of the same shape, in one of many ways."""
    spread = float(right.std()) or float(np.abs(right).max(initial=0)) or 1.0
    noise = rng.normal(size=right.shape)
    some = rng.random(right.shape) < rng.uniform(0.05, 0.9)
    axis = int(rng.integers(right.ndim)) if right.ndim else None
    ways = [
        noise * spread + right.mean(),
        noise * 10.0 ** rng.uniform(-6, 3),
        right + noise * spread * 10.0 ** rng.uniform(-4, 0),
        np.where(some, right, right + noise * spread),
        np.where(some, right, 0),
        np.where(some, right, np.nan),
        np.where(some, right, np.inf * np.sign(noise)),
        np.full(right.shape, np.nan),
        np.full(right.shape, noise.flat[0]),
        rng.permutation(right.ravel()).reshape(right.shape),
        right * rng.uniform(-3, 3),
        right + rng.uniform(-3, 3) * spread,
        right * rng.choice([-1, 2, 3, 12, 255, 1 / 2, 1 / 7, 1 / 255]),
        np.where(some, right * rng.choice([-1, 2, 255, 1 / 255]), right),
        np.flip(right, axis) if right.ndim else -right,
        np.roll(right, 1, axis) if right.ndim else right + 1,
        np.round(right * spread),
    ]
    return ways[int(rng.integers(len(ways)))].astype(right.dtype)


def spoil_integers(right: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns a wrong array of whole numbers of the same shape."""
    low, high = int(right.min(initial=0)), int(right.max(initial=1))
    wide = right.astype(np.int64)
    ways = [
        rng.integers(low, high + 2, right.shape),
        wide + rng.integers(-2, 3, right.shape),
        wide + int(rng.integers(-3, 4)),
        wide * int(rng.integers(2, 4)),
        rng.permutation(wide.ravel()).reshape(right.shape),
        np.flip(wide),
        np.zeros_like(wide),
    ]
    return ways[int(rng.integers(len(ways)))].astype(right.dtype)


def spoil(right, rng):
    """Returns the same value with every number in it spoiled."""
    if type(right) in (list, tuple):
        return type(right)(spoil(item, rng) for item in right)
    if type(right) is dict:
        return {key: spoil(item, rng) for key, item in right.items()}
    if type(right) is int:
        return int(spoil_integers(np.asarray(right), rng))
    if type(right) is float:
        return float(spoil_floats(np.asarray(right), rng))
    if isinstance(right, np.ndarray) and right.size and right.dtype.kind in "fiu":
        return (spoil_floats if right.dtype.kind == "f" else spoil_integers)(right, rng)
    return right


class NoStandIn(Exception):
    """The check asks for something that only a worker can do."""


class StandIn:
    """A student who knows the solution and spoils every answer, in this process."""

    last_call = last_function = "f"

    def __init__(self, solutions: types.ModuleType) -> None:
        self._solutions = solutions
        self._known: dict = {}
        self.rng = None

    def numpy(self, array):
        return types.SimpleNamespace(array=np.asarray(array))

    def call(self, name, *args, **kwargs):
        return getattr(self, name)(*args, **kwargs)

    def __getattr__(self, name):
        function = getattr(self._solutions, name, None)
        if name.startswith("_") or function is None:
            raise NoStandIn(name)

        return lambda *args, **kwargs: self._answer(name, function, args, kwargs)

    def transformed(self, transform, name, *args):
        function = getattr(jax, transform)(getattr(self._solutions, name))
        return self._answer((transform, name), function, args, {})

    def _answer(self, name, function, args, kwargs):
        asked = repr((name, [*map(_fingerprint, args)], kwargs))
        if asked not in self._known:
            given = {key: _arrived(value) for key, value in kwargs.items()}
            got = function(*map(_arrived, args), **given)
            self._known[asked] = jax.tree.map(_sent, got)
        right = self._known[asked]
        return right if self.rng is None else spoil(right, self.rng)


def _fingerprint(value):
    if isinstance(value, types.SimpleNamespace):
        value = value.array
    if isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        value = np.asarray(jax.random.key_data(value))
    return (value.shape, value.tobytes()) if isinstance(value, np.ndarray) else value


def _arrived(value):
    if isinstance(value, types.SimpleNamespace):
        return value.array
    return jnp.asarray(value) if isinstance(value, np.ndarray | np.generic) else value


def _sent(value):
    return np.asarray(value) if isinstance(value, jax.Array) else value


# What a message claims ---------------------------------------------------------------------------


def is_value(got, value, rtol, atol) -> bool:
    """Returns whether an answer equals a value: shape, NaN, numbers; whole numbers exactly."""
    if isinstance(value, list | tuple) and isinstance(got, list | tuple):
        return len(got) == len(value) and all(
            is_value(one, other, rtol, atol) for one, other in zip(got, value, strict=True)
        )
    if isinstance(value, dict):
        return got.keys() == value.keys() and all(
            is_value(got[key], value[key], rtol, atol) for key in value
        )
    if value is None or isinstance(value, str):
        return got == value
    one, other = np.asarray(got), np.asarray(value)
    if one.shape != other.shape:
        return False
    if one.dtype.kind in "iub":
        return other.dtype.kind in "iubf" and np.array_equal(one, other)
    return np.allclose(one, other.astype(np.float64), rtol, atol, equal_nan=True)


SLIPS = {
    r"All of it is zero\.": lambda got, right, found: not np.any(got),
    r"The sign is the wrong way round\.": lambda got, right, found: (got, -right),
    r"It is 255 times too large": lambda got, right, found: (got / 255, right),
    r"It is 255 times too small": lambda got, right, found: (got * 255, right),
    r"It is exactly (\d+) times too large": lambda got, right, found: (got, right * int(found[1])),
    r"It is exactly 1/(\d+) of": lambda got, right, found: (got * int(found[1]), right),
    r"It is the right answer in reverse order along axis (\d)\.": (
        lambda got, right, found: (got, np.flip(right, int(found[1])))
    ),
    r"Every number is off by the same amount, (\S+)\.": (
        lambda got, right, found: (got, right + np.median(got - right))
    ),
    r"The values are right, but the axes are in the wrong order": lambda got, right, found: any(
        got.shape == right.transpose(axes).shape and np.allclose(got, right.transpose(axes), 1e-3)
        for axes in itertools.permutations(range(right.ndim))
    ),
}


def holds(claim, got, right, rtol, atol) -> bool:
    """Returns whether a sentence about two arrays of one shape is true."""
    got, right = np.asarray(got, np.float64), np.asarray(right, np.float64)
    for pattern, test in SLIPS.items():
        if found := re.match(pattern, claim):
            said = test(got, right, found)
            if isinstance(said, tuple):
                return np.allclose(*said, 1.01 * rtol, 1.01 * atol)
            return said
    claim = re.sub("^Both numbers", "All 2 numbers", claim)
    found = re.match(r"(All )?([\d,]+) (?:of ([\d,]+) )?numbers? differs?(, all [^.]*)?\.", claim)
    assert found, f"no test says what {claim!r} means"
    with np.errstate(all="ignore"):
        alike = np.isclose(got, right, rtol, atol, equal_nan=True)
    if int(found[2].replace(",", "")) != (~alike).sum():
        return False
    if found[4] and not within(found[4], ~alike):
        return False
    said = [(r"([\d,]+) of [\d,]+ (?:is|are) NaN(, all [^.]*)?\.", np.isnan(got))]
    said += [(r"([\d,]+) of [\d,]+ (?:is|are) infinite(, all [^.]*)?\.", np.isinf(got))]
    for pattern, bad in said:
        found = re.search(pattern, claim)
        if (int(found[1].replace(",", "")) if found else 0) != bad.sum():
            return False
        if found and found[2] and not within(found[2], bad):
            return False
    if found := re.search(r"The largest error is (\S+), at \[([\d, ]+)\]\.", claim):
        error = np.abs(got - right)
        place = tuple(map(int, found[2].split(", ")))
        return error[place] == error.max() and np.isclose(error.max(), float(found[1]), 1e-3)
    return True


def index(text: str) -> int | slice:
    """Reads a part of an index between commas: a number, ":" or "1::2"."""
    if ":" not in text:
        return int(text)
    return slice(*(int(part) if part else None for part in text.split(":")))


def within(phrase, bad) -> bool:
    """Returns whether all differences are where a phrase says."""
    part = np.zeros_like(bad)
    if found := re.search(r"\[([\d:, ]+)\] on$", phrase):
        part[int(found[1]) :] = True
    elif found := re.search(r"\[([\d:, ]+)\]$", phrase):
        part[tuple(map(index, found[1].split(", ")))] = True
    elif found := re.search(r"(row|column) (\d+)$", phrase):
        part[np.s_[int(found[2])] if found[1] == "row" else np.s_[:, int(found[2])]] = True
    elif phrase.endswith("diagonal"):
        part = np.eye(len(bad), dtype=bool)
    else:
        shift = slice(None) if bad.ndim == 4 else None
        for place, name in ((0, "first"), (-1, "last")):
            if f"the {name} row" in phrase or phrase.endswith("border"):
                for line in ((place,), (slice(None), place)):
                    part[(shift, *line) if shift else line] = True
    return np.any(part) and not np.any(bad & ~part)


@pytest.fixture
def proven(monkeypatch):
    """Lets `Judge.same` work as usual, and computes again what its failures claim.

    Sometimes it gets a known mistake instead, or one that is spoiled at one place.
    """
    same = Judge.same
    state = types.SimpleNamespace(rng=None, claims=0)

    def watched(self, got, expected, what="", **options):
        mistakes = options.get("mistakes") or {}
        if state.rng is not None and mistakes and state.rng.random() < 0.3:
            wrong = list(mistakes.values())[int(state.rng.integers(len(mistakes)))]
            got = np.array(wrong) if isinstance(expected, np.ndarray) else wrong
            if isinstance(got, np.ndarray) and got.size and state.rng.random() < 0.7:
                got.flat[int(state.rng.integers(got.size))] += state.rng.choice([1, 3])
        try:
            same(self, got, expected, what, **options)
        except Failure as failure:
            rtol, atol = options.get("rtol", 1e-4), options.get("atol", 1e-5)
            shown = dict(row for row in failure.rows if row[0])
            assert shown["your code gave"] != shown.get("expected"), failure.rows
            for claim in [text for label, text in failure.rows if not label][1:]:
                state.claims += 1
                self.judged(claim, got, expected, mistakes, rtol, atol)
            raise

    def judged(self, claim, got, expected, mistakes, rtol, atol):
        if claim in mistakes:
            assert is_value(got, mistakes[claim], rtol, atol), (claim, got, mistakes[claim])
        elif isinstance(expected, np.ndarray | np.generic | int | float):
            one, other = np.asarray(got), np.asarray(expected)
            if one.dtype.kind in "iub" and other.dtype.kind in "iub":
                rtol = atol = 0
            kinds = re.match(r"(?:These are|This is) ([\w ]+), but should be ([\w ]+)\.", claim)
            if kinds:
                assert one.dtype.kind != other.dtype.kind
            elif one.shape == other.shape:
                assert holds(claim, one, other, rtol, atol), (claim, got, expected)

    monkeypatch.setattr(Judge, "judged", judged, raising=False)
    monkeypatch.setattr(Judge, "same", watched)
    return state


def named(weeks):
    """Returns the checks of the tasks, each with its week."""
    found = []
    for week, tasks in weeks.items():
        module = importlib.import_module(f"grader.checks.{week}")
        for check in vars(module).values():
            marks = getattr(check, "pytestmark", ())
            if marks and marks[0].args[0].name in tasks:
                found.append(pytest.param(week, check, id=f"{week}-{marks[0].args[0].name}"))
    return found


def judge_wrong_answers(week, check, proven, count):
    task = check.pytestmark[0].args[0].name
    student = StandIn(importlib.import_module(f"solutions.{week}"))
    refused = 0
    for turn in range(count + 1):
        rng = np.random.default_rng(turn) if turn else None
        student.rng = proven.rng = rng  # the first time the answers are right
        secret = Secret.from_seed(turn // 50).stream(week, task)
        judge = Judge(student, secret)
        try:
            check(student, secret, judge)
            judge.finish()
        except (Failure, PartsFailed) as failure:
            assert turn, failure
            refused += 1
        except NoStandIn:
            pass
    assert refused > count // 2
    assert proven.claims > count // 8 or task in BY_ALL_ANSWERS


@pytest.mark.parametrize(("week", "check"), named(QUICK))
def test_no_cause_is_claimed_that_is_not_what_came(week, check, proven):
    judge_wrong_answers(week, check, proven, 20)


@pytest.mark.slow
@pytest.mark.parametrize(("week", "check"), [*named(QUICK), *named(OTHERS)])
def test_of_200_wrong_answers_no_cause_is_claimed_that_is_not_what_came(week, check, proven):
    judge_wrong_answers(week, check, proven, 200)
