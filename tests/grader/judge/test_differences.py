"""What a message shows of two arrays: where they differ, by how much, and small images."""

import io
import json
import types
from typing import Any

import numpy as np
import pytest

from grader.cli.display import Display
from grader.judge.blocks import side_by_side
from grader.judge.comparison import Comparison
from grader.judge.failure import Failure
from grader.results import text
from grader.results.files import json_text
from grader.results.gradescope import gradescope_text
from grader.results.junit import junit_text
from grader.results.model import TaskResult, WeekResult
from grader.rubric import Task
from grader.session.verdicts import finding_of, verdict

RNG = np.random.default_rng(3)
PICTURE = RNG.uniform(1, 2, (6, 7))
STACK = RNG.uniform(1, 2, (2, 5, 5, 3))
SQUARE = RNG.uniform(1, 2, (5, 5))
LINE = RNG.uniform(1, 2, 12)


def failure(got, right, **options):
    with pytest.raises(Failure) as caught:
        Comparison("f(x)", **options).compare(got, right)
    return caught.value


def rows(got, right, **options):
    """Returns what came, what was expected, and the last sentence."""
    found = failure(got, right, **options).rows
    labelled = dict(row for row in found if row[0])
    return labelled["your code gave"], labelled["expected"], found[-1][1]


def changed(right, *places):
    """Returns an array with other numbers at some places; the noise is never the same."""
    got = right.copy()
    for place in places:
        got[place] += RNG.uniform(3, 5, got[place].shape)
    return got


@pytest.mark.parametrize(
    ("right", "places", "said"),
    [
        (PICTURE, [(2, 3)], "1 of 42 numbers differs."),
        (PICTURE, [2], "7 of 42 numbers differ, all in row 2. "),
        (PICTURE, [(2, slice(1, 3))], "2 of 42 numbers differ, all in row 2. "),
        (PICTURE, [np.s_[:, 6]], "6 of 42 numbers differ, all in column 6. "),
        (PICTURE, [-1, np.s_[:-1, -1]], "all in the last row or the last column. "),
        (PICTURE, [0, np.s_[1:, 0]], "all in the first row or the first column. "),
        (PICTURE, [0, -1, np.s_[1:-1, 0], np.s_[1:-1, -1]], "22 of 42 numbers differ, all on the"),
        (PICTURE, [np.s_[1::2]], "all in every second row, [1::2, :]. "),
        (PICTURE, [np.s_[:, ::2]], "all in every second column, [:, 0::2]. "),
        (PICTURE, [(0, 1), (3, 3)], "2 of 42 numbers differ. "),
        (PICTURE, [...], "All 42 numbers differ. "),
        (SQUARE, [(1, 1), (3, 3)], "all on the diagonal. "),
        (STACK, [np.s_[..., 1]], "50 of 150 numbers differ, all in [:, :, :, 1]. "),
        (STACK, [np.s_[1, :, 2]], "15 of 150 numbers differ, all in [1, :, 2, :]. "),
        (STACK, [np.s_[:, 0], np.s_[:, -1]], "all on the border. "),
        (LINE, [np.s_[5:]], "7 of 12 numbers differ, all from [5] on. "),
        (LINE, [np.s_[1::2]], "6 of 12 numbers differ, all in every second place, [1::2]. "),
        (LINE, [1, 7], "2 of 12 numbers differ. "),
    ],
)
def test_a_message_says_how_many_numbers_differ_and_where(right, places, said):
    gave, wanted, sentence = rows(changed(right, *places), right)
    assert said in sentence and gave != wanted
    assert "all " in said or ", all" not in sentence


def test_a_message_shows_the_first_place_and_the_largest_error():
    got = PICTURE.copy()
    got[1, 4] += 1
    got[3, 2] -= 7
    gave, wanted, said = rows(got, PICTURE)
    assert gave == f"{got[1, 4]:.6g} at [1, 4]" and wanted == f"{PICTURE[1, 4]:.6g} at [1, 4]"
    assert said == "2 of 42 numbers differ. The largest error is 7, at [3, 2]."


def test_a_message_counts_what_is_not_finite():
    got = PICTURE.copy()
    got[2, 1:4] = np.nan
    got[4, 4] = -np.inf
    gave, _, said = rows(got, PICTURE)
    assert gave == "nan at [2, 1]"
    assert said.endswith("3 of 42 are NaN, all in row 2. 1 of 42 is infinite.")


@pytest.mark.parametrize(
    ("got", "right"),
    [
        (0.8350001, 0.8349999),
        (np.float32(0.1), 0.1000001),
        (np.array([1.0, 0.12345678]), np.array([1.0, 0.12345671])),
        (np.array([0.0, 2e-9]), np.array([0.0, 1e-9])),
        (PICTURE + np.eye(6, 7) * 1e-9, PICTURE),
        (7, 8),
        ("a" * 200 + "b", "a" * 200 + "c"),
        ("a" * 200, "a" * 201),
        ((1.0, 2.0000001), (1.0, 2.0)),
        ([1, 2], [1, 3]),
        (True, 1),
        (1, True),
        (False, True),
        ("1", 1),
        (None, "None"),
        ({"1": 1}, {"2": 1}),
        (PICTURE.astype(int), PICTURE),
        (PICTURE > 1.5, PICTURE),
    ],
)
@pytest.mark.parametrize("known", [False, True])
def test_what_came_and_what_was_expected_are_never_told_alike(got, right, known):
    mistakes = {"The very mistake.": got} if known else {}
    gave, wanted, said = rows(got, right, atol=1e-12, rtol=0, mistakes=mistakes)
    assert gave != wanted
    assert said == "The very mistake." or not known


def test_numbers_of_the_right_form_are_shown_without_a_type_that_no_one_wrote():
    gave, wanted, _ = rows(np.array([1.0, 2.0]), np.array([1.0, 2.5]))
    assert (gave, wanted) == ("[1., 2.]", "[1., 2.5]")
    assert rows(1, True)[0] == "1 (an int)"


@pytest.mark.parametrize(
    ("got", "right", "said"),
    [
        ("Diverges", "diverges", "Only capital and small letters differ."),
        ("too  small ", "too small", "Only spaces or line breaks differ."),
        (["b", "a"], ["a", "b"], "The items are right, but they are in another order."),
        ({"a": 1, "c": 2}, {"a": 1, "b": 2}, "Keys missing: 'b'; not expected: 'c'."),
    ],
)
def test_texts_and_containers_say_in_what_they_differ(got, right, said):
    assert rows(got, right)[2] == said


# Causes ------------------------------------------------------------------------------------------


def test_a_mistake_that_gives_nan_is_recognised_by_where_it_is():
    wrong = PICTURE.copy()
    wrong[2] = np.nan
    mistakes = {"It divides 0 by 0.": wrong}
    assert rows(wrong.copy(), PICTURE, mistakes=mistakes)[2] == "It divides 0 by 0."
    for place in (3, (2, 2)):
        got = PICTURE.copy()
        got[place] = np.nan
        assert "It divides" not in rows(got, PICTURE, mistakes=mistakes)[2]
    got = np.where(np.isnan(wrong), np.inf, wrong)
    assert "It divides" not in rows(got, PICTURE, mistakes=mistakes)[2]


def test_whole_numbers_are_a_mistake_only_if_they_are_equal():
    mistakes = {"The biases are missing.": 100_000}
    assert "biases" in rows(100_000, 100_128, mistakes=mistakes)[2]
    assert "biases" not in rows(100_003, 100_128, mistakes=mistakes)[2]


def test_a_mistake_has_the_kind_of_its_numbers():
    right, zeros = PICTURE, np.zeros_like(PICTURE)
    assert "lost" in rows(zeros, right, mistakes={"lost": zeros})[2]
    assert "integer" in rows(zeros.astype(int), right, mistakes={"lost": zeros})[2]
    assert "lost" in rows(np.float32(0), 1.5, mistakes={"lost": 0})[2]  # a literal 0
    assert "lost" in rows(0, 1.5, mistakes={"lost": 0.0})[2]


def test_of_two_mistakes_alike_within_the_tolerance_the_nearer_one_is_named():
    mistakes = {"far": 2.05, "near": 2.0}
    assert rows(1.999, 1.0, mistakes=mistakes, atol=0.1)[2] == "near"
    assert rows(2.049, 1.0, mistakes=mistakes, atol=0.1)[2] == "far"


def test_an_answer_between_the_right_one_and_a_mistake_is_right():
    Comparison("f(x)", atol=0.1, mistakes={"wrong": 1.15}).compare(1.08, 1.0)


@pytest.mark.parametrize(
    ("got", "right", "not_said"),
    [
        (np.full((3, 4), 1e-6), RNG.uniform(1, 2, (3, 4)) * 1e-3, "255"),
        (np.array([2.0, 9e-3, 9e-3]), np.array([1.0, 1e-6, 2e-6]), "2 times"),
        (RNG.normal(size=(5, 5)), LINE[:5], "was paired with every other"),
        (RNG.normal(size=(7, 6)), PICTURE, "transposed"),
        (RNG.normal(size=(8, 9)), PICTURE, "border"),
        (RNG.normal(size=(4, 5)), PICTURE, "border"),
        (RNG.normal(size=(5, 6)), PICTURE, "missing"),
        (RNG.normal(size=(5, 5, 3)), STACK, "It is only ["),
        (LINE + 3e-4 + RNG.uniform(-1e-4, 1e-4, 12), LINE, "same amount"),
        (6, 3, "times too large"),
    ],
)
def test_a_slip_is_not_told_by_its_looks(got, right, not_said):
    assert not_said not in rows(got, right)[2]


@pytest.mark.parametrize(
    ("got", "right", "said"),
    [
        (LINE[:, None] - LINE, np.zeros(12), "was paired with every other"),
        (PICTURE[1:-1, 1:-1], PICTURE, "the border is missing"),
        (np.pad(PICTURE, 1), PICTURE, "leave out the border"),
        (PICTURE[1:], PICTURE, "off by one: the first place along axis 0 is missing"),
        (np.pad(PICTURE, ((0, 1), (0, 0))), PICTURE, "without the last place along axis 0"),
        (STACK[1], STACK, "It is only [1] of the answer"),
        (LINE, PICTURE, "It has 1 axis; 2 are expected."),
    ],
)
def test_a_slip_is_told_by_its_numbers(got, right, said):
    assert said in rows(got, right)[2]


# Pictures ----------------------------------------------------------------------------------------


def test_two_pictures_are_drawn_side_by_side_on_one_scale():
    right = np.array([[0, 1, 2, 3, 4]] * 3, float)
    got = right.copy()
    got[1, 0], got[2, 1] = 4, np.nan
    assert side_by_side(got, right) == (
        "your code gave   expected",
        "│  ░░▒▒▓▓██│     │  ░░▒▒▓▓██│",
        "│██░░▒▒▓▓██│     │  ░░▒▒▓▓██│",
        "│  ??▒▒▓▓██│     │  ░░▒▒▓▓██│",
        "from 0 (blank) to 4 (█)",
    )


def test_of_pictures_in_colour_and_of_stacks_the_first_that_differs_is_drawn():
    got = changed(STACK, 1)
    assert side_by_side(got, STACK) == side_by_side(got[1], STACK[1]) != ()
    assert len(side_by_side(PICTURE[1:], PICTURE)) == 8  # a different size is drawn, too


@pytest.mark.parametrize(
    ("got", "right"),
    [
        (np.ones((17, 5)), np.zeros((17, 5))),
        (np.ones((5, 5, 2)), np.zeros((5, 5, 2))),
        (np.ones((1, 12)), np.zeros((1, 12))),
        (LINE, LINE[::-1]),
        (np.eye(3), np.zeros((3, 3))),
        (np.full((5, 5), np.nan), np.full((5, 5), np.inf)),
        (PICTURE + 1e-5, PICTURE),
        (PICTURE.astype(complex), PICTURE),
    ],
)
def test_what_is_no_small_picture_or_looks_the_same_is_not_drawn(got, right):
    assert side_by_side(got, right) == ()


class Screen(io.StringIO):
    """A terminal, as far as rich asks."""

    def __init__(self, encoding="utf-8", terminal=True):
        super().__init__()
        self.named, self.terminal = encoding, terminal

    @property
    def encoding(self):
        return self.named

    def isatty(self):
        return self.terminal


def shown(task, screen, width=80):
    from rich.console import Console

    console = Console(file=screen, width=width, legacy_windows=False)
    if drawing := text.drawing_text(task, console):
        console.print(drawing)
    return screen.getvalue()


def test_blocks_reach_a_terminal_that_can_show_them_and_nothing_else(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    drawing = failure(changed(SQUARE, 2), SQUARE).drawing
    task = TaskResult("t", "T", "failed", 0, 1, message="No.")
    task.drawing = drawing
    assert "█" in shown(task, Screen()) and "expected" in shown(task, Screen("cp437"))
    for screen in (Screen(terminal=False), Screen("ascii"), Screen("latin-1")):
        assert "expected" not in shown(task, screen)
    assert "expected" not in shown(task, Screen(), width=30)
    monkeypatch.setenv("TERM", "dumb")
    assert "expected" not in shown(task, Screen())


@pytest.mark.parametrize(("terminal", "blocks"), [(True, True), (False, False)])
def test_the_command_shows_blocks_below_the_message(terminal, blocks, monkeypatch):
    screen = Screen(terminal=terminal)
    monkeypatch.setattr("sys.stdout", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    task = TaskResult("t", "T", "failed", 0, 1, message="No.")
    task.drawing = failure(changed(SQUARE, 2), SQUARE).drawing
    Display().task_done(task)
    printed = screen.getvalue()
    assert "No." in printed and ("██" in printed) == blocks


def test_blocks_are_part_of_no_file():
    found = failure(changed(SQUARE, 2), SQUARE)
    program: Any = types.SimpleNamespace(
        submission=None,
        definition=lambda name: None,
        print_line=lambda name: None,
        reachable=lambda names: [],
    )
    task = Task("t", "T", 1, ("f",))
    finding = finding_of(found, task, program, True)
    assert finding.drawing == found.drawing != ()
    result = verdict(task, finding, 0, 0)
    assert result.drawing == found.drawing
    week = WeekResult("week1", "w.py", False, "embedded", "process", "cpu", 1, tasks=[result])
    for written in (json_text([week]), junit_text([week]), gradescope_text([week])):
        assert "█" not in written and "drawing" not in written and "\\u2588" not in written
    assert "drawing" not in json.loads(json_text([week]))[0]["tasks"][0]
