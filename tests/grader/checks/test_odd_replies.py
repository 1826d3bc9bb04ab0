"""No reply from a worker passes a check because of its form, and none crashes a check."""

import importlib
import types

import numpy as np
import pytest

import lib
from grader.judge.failure import Failure, PartsFailed
from grader.judge.judge import Judge
from grader.judge.student import Handle
from grader.secret import Secret

WEEKS = ("week1", "week2", "week3", "week4", "week5")
NAN = float("nan")
DENSE = {
    "dense": {"kernel": np.zeros((784, 512), np.float32), "bias": np.zeros(512, np.float32)},
    "logits": {"kernel": np.zeros((512, 10), np.float32), "bias": np.zeros(10, np.float32)},
}


class FakeHandle(Handle):
    """A handle that gives the same answer to every verb."""

    def __init__(self, answer):
        self._answer = answer
        self._student = types.SimpleNamespace(_note_call=lambda *args: None)
        self.kind = "Thing"

    def _verb(self, verb, *args, **kwargs):
        return self._answer


class FakeStudent:
    """A student whose functions all give the same answer."""

    last_function = last_call = "f(…)"

    def __init__(self, answer):
        self._answer = answer

    def numpy(self, array):
        return array

    def piece(self, *args, **kwargs):
        return FakeHandle(self._answer)

    def make_state(self, *args):
        return FakeHandle(self._answer)

    def __getattr__(self, name):
        return lambda *args, **kwargs: self._answer


REPLIES = {
    "None": None,
    "True": True,
    "0": 0,
    "nan": NAN,
    "infinity": float("inf"),
    "huge int": 10**400,
    "text": "good",
    "bytes": b"x",
    "empty list": [],
    "empty dict": {},
    "ragged list": [[1, 2], [3]],
    "pair of None": (None, None),
    "pair": (1, 2),
    "triple": (1.0, 2.0, ["a"]),
    "triple with table": (1.0, 2.0, [np.zeros((2, 2))] * 40),
    "empty array": np.zeros(0, np.float32),
    "zeros": np.zeros((3, 3)),
    "nan array": np.full((2, 2), NAN),
    "bool array": np.array(True),
    "complex array": np.array([1 + 2j]),
    "line of nan": {"kernel": np.full((1, 1), NAN), "bias": np.zeros(1)},
    "line of zeros": {"kernel": np.zeros((1, 1)), "bias": np.zeros(1)},
    "claimed epochs": (DENSE, [0.5, 0.995]),
    "epochs of nan": (DENSE, [0.5, NAN]),
    "huge accuracy": (DENSE, [10**400]),
    "column of epochs": (DENSE, np.zeros((3, 1))),
    "no figure": {"axes": []},
    "empty axes": {"axes": [{}], "title": ""},
    "axes of None": {"axes": [None], "title": None},
    "odd bars": {"axes": [{"bars": [{"heights": "x", "positions": 1, "horizontal": 0}]}]},
    "handle": FakeHandle(None),
    "handle of pairs": FakeHandle((FakeHandle(1), FakeHandle([0.1]))),
    "state without params": (FakeHandle(None), 1.0),
    "odd layers": FakeHandle({"rows": [None], "total": "x"}),
    "no layers": FakeHandle({"rows": [], "total": 243_786}),
}


def rubric(check):
    """The `Task` that `@task(...)` has put on a check."""
    return check.pytestmark[0].args[0]


def checks():
    for week in WEEKS:
        module = importlib.import_module(f"grader.checks.{week}")
        for name, check in vars(module).items():
            if name.startswith("check_"):
                yield pytest.param(check, id=rubric(check).name)


def few_pictures(*request):
    """A few digits, of two classes where the check asks for faces."""
    classes = ("0", "1") if "happy_or_sad" in request else ()
    return lib.load("mnist", train_size=50, test_size=50, classes=classes)


@pytest.mark.parametrize("check", list(checks()))
def test_an_odd_reply_fails_with_a_sentence(check, monkeypatch):
    task = rubric(check)
    monkeypatch.setattr(Judge, "data", few_pictures)
    for name, reply in REPLIES.items():
        student = FakeStudent(reply)
        secret = Secret.from_seed(1).stream("week", task.name)
        judge = Judge(student, secret)
        with pytest.raises((Failure, PartsFailed)) as failure:
            check(student, secret, judge)
            judge.finish()
        assert str(failure.value), name
        assert judge.earned < task.points, name
