"""Comparisons and their messages, without a worker."""

import threading

import jax.numpy as jnp
import numpy as np
import pytest

import lib
from grader.judge.failure import Failure, PartsFailed
from grader.judge.images import Request, RunData, run_data
from grader.judge.judge import Judge
from grader.judge.student import Handle, StudentRaised
from grader.judge.values import accuracy
from grader.results.text import compose
from grader.secret import Secret


class Called:
    """Replaces the `student` fixture after a call."""

    last_call = "double((3,) float32)"
    last_function = "double"


@pytest.fixture
def judge():
    line = "week1.py:7  return x"
    return Judge(Called(), Secret.from_seed(1).stream("week1", "double"), your_line=lambda n: line)


def failure(judge, got, expected, **options):
    with pytest.raises(Failure) as caught:
        judge.same(got, expected, **options)
    return compose(caught.value.rows), caught.value.hint


RNG = np.random.default_rng(0)
ARRAY = RNG.normal(size=(3, 4)).astype(np.float32)


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (ARRAY, ARRAY),
        (ARRAY.astype(np.float64), ARRAY),
        (ARRAY, jnp.asarray(ARRAY)),
        (ARRAY + 1e-6, ARRAY),
        (2.0, np.float32(2)),
        (np.array(2, np.float32), 2.0),
        (2, 2.0),
        (7, 7),
        (np.array(7), 7),
        (True, True),
        (np.array(True), True),
        ("good", "good"),
        (None, None),
        ([1, 2.0], (1, 2.0)),
        ({"a": 1, "b": ARRAY}, {"b": ARRAY, "a": 1}),
        (np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32)),
    ],
)
def test_right_answers_pass(judge, got, expected):
    judge.same(got, expected)


@pytest.mark.parametrize(
    ("got", "expected", "said"),
    [
        (ARRAY.T, ARRAY, "transposed"),
        (ARRAY[..., None], ARRAY, "extra axis of length 1"),
        (ARRAY[:, 0], ARRAY[:, :1], "length 1 is missing"),
        (np.zeros((5, 5)), np.zeros(5), "broadcast"),
        (ARRAY.ravel(), ARRAY, "instead of"),
        (ARRAY[:-1, :-1], ARRAY, "off by one"),
        (np.pad(ARRAY, 1), ARRAY, "2 larger"),
        (np.zeros_like(ARRAY), ARRAY, "zero"),
        (-ARRAY, ARRAY, "sign"),
        (ARRAY * 255, ARRAY, "255 times too large"),
        (ARRAY / 255, ARRAY, "255 times too small"),
        (ARRAY * 12, ARRAY, "12 times too large"),
        (np.float32(60.0), 5.0, "12 times too large"),
        (ARRAY / 3, ARRAY, "1/3"),
        (ARRAY[::-1], ARRAY, "reverse order"),
        (ARRAY + 5, ARRAY, "same amount"),
        (ARRAY * np.nan, ARRAY, "NaN"),
        (ARRAY.astype(np.int32), ARRAY, "integer"),
        (np.array([1.0, 2.0]), np.array([1, 2]), "should be integer"),
        ([1.0, 2.0], np.array([1.0, 2.0]), "A list is not an array"),
        (None, 1.0, "return missing"),
        (1, True, "integer"),
        (0, 1, "your code gave"),
        (6, 5, "your code gave"),
        ("bad", "good", "'good'"),
        ((1, 2, 3), (1, 2), "of 3"),
        (5, (1, 2), "a tuple"),
        ({"a": 1}, {"b": 1}, "keys b"),
        ([1, 5], [1, 2], "item 1"),
        (ARRAY + np.eye(3, 4), ARRAY, "3 of 12 numbers differ"),
    ],
)
def test_wrong_answers_get_their_message(judge, got, expected, said):
    message, _ = failure(judge, got, expected)
    assert said in message
    assert len(message.split("\n")) <= 11
    assert message.count("your line") == 1 and "week1.py:7" in message
    assert "grader/" not in message


def test_integers_must_be_exact_and_large_ones_do_not_wrap(judge):
    failure(judge, np.array([255, 3], np.uint8), np.array([255, 4]))
    failure(judge, np.array([0], np.uint8), np.array([256]))
    judge.same(np.array([200], np.uint8), np.array([200], np.int64))


def test_infinite_and_complex_numbers(judge):
    failure(judge, np.array([np.inf]), np.array([1.0]))
    failure(judge, np.array([1 + 1j]), np.array([1.0]))
    judge.same(np.array([1 + 1j]), np.array([1 + 1j]))


def test_expected_values_can_be_kept_back(judge):
    message, _ = failure(judge, ARRAY, ARRAY + np.eye(3, 4), tell=False)
    value = f"{float((ARRAY + np.eye(3, 4))[0, 0]):.6g}"
    assert value not in message
    message, _ = failure(judge, "bad", "good", tell=False)
    assert "good" not in message


@pytest.mark.parametrize("mistakes", [{}, {"It is turned over.": np.arange(9.0).reshape(3, 3).T}])
def test_a_3_by_3_matrix_is_shown_whole_on_both_sides(judge, mistakes):
    right = np.arange(9.0).reshape(3, 3)
    message, _ = failure(judge, right.T, right, mistakes=mistakes)
    assert "[[0., 3., 6.], [1., 4., 7.], [2., 5., 8.]]" in message
    assert "[[0., 1., 2.], [3., 4., 5.], [6., 7., 8.]]" in message
    message, _ = failure(judge, right.T, right, mistakes=mistakes, tell=False)
    assert "[[0., 1., 2.]" not in message
    large = np.arange(10.0)
    message, _ = failure(judge, large[::-1], large)
    assert "[0., 1." not in message


def test_known_mistakes_are_told(judge):
    flipped = ARRAY[::-1, ::-1]
    message, hint = failure(judge, flipped, ARRAY, mistakes={"The kernel is flipped.": flipped})
    assert message.count("The kernel is flipped.") == 1 and hint == ""  # said once
    padded = np.pad(ARRAY, 1)
    message, _ = failure(judge, padded, ARRAY, mistakes={"SAME, not VALID.": padded})
    assert "SAME, not VALID." in message
    # A mistake that happens to give the right answer is none.
    judge.same(ARRAY, ARRAY, mistakes={"No mistake.": ARRAY})


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ((1, 2.0), (2.0, 1)),
        ([1.0, ARRAY], [1.0, ARRAY[::-1]]),
        ([1, 2, 3], [1, 2]),
        ({"a": 1, "b": {"c": ARRAY}}, {"a": 1, "b": {"c": -ARRAY}}),
        ({"a": 1}, {"A": 1}),
        ({"a": "x", "b": None}, {"a": "y", "b": None}),
        ("x", "y"),
        ([1.0], None),
    ],
)
def test_known_mistakes_are_told_of_whole_lists_tuples_and_dicts(judge, right, wrong):
    mistakes = {"No mistake.": right, "They are swapped.": wrong}
    message, _ = failure(judge, wrong, right, mistakes=mistakes)
    assert message.count("They are swapped.") == 1 and "No mistake." not in message
    judge.same(right, right, mistakes=mistakes)


def test_of_a_mistake_that_holds_in_part_nothing_is_told(judge):
    mistakes = {"They are swapped.": [2, 1, 4]}
    message, _ = failure(judge, [2, 1, 3], [1, 2, 3], mistakes=mistakes)
    assert "They are swapped." not in message and "item 0" in message


def test_a_handle_is_never_the_answer(judge):
    from grader.worker.inside.frames import HandleRef

    message, _ = failure(judge, Handle(None, HandleRef(1, "generator")), ARRAY)
    assert "a generator" in message


def test_unpack_gives_the_items_or_says_what_should_have_come(judge):
    assert judge.unpack([1, 2], 2, "Return two.") == (1, 2)
    rows = judge.unpack(ARRAY[:2], 2, "Return two.", stacked=(4,))
    np.testing.assert_array_equal(rows, ARRAY[:2])
    for got in (None, 3, (1,), (1, 2, 3), "ab", {"a": 1, "b": 2}, ARRAY[:2], ARRAY):
        with pytest.raises(Failure) as caught:
            judge.unpack(got, 2, "Return two.", "return a, b", expected="a pair", stacked=(3,))
        text = compose(caught.value.rows)
        assert "Return two." in text and "a pair" in text and "week1.py:7" in text
        assert caught.value.hint == "return a, b"


def test_parts_add_up_and_the_first_failure_is_told(judge):
    with judge.part(1, "one"):
        judge.same(1, 1)
    with judge.part(2, "two"):
        judge.same(1, 2)
    with judge.part(4, "three"):
        raise StudentRaised({"type": "ValueError", "message": "no"})
    with judge.part(8, "four"):
        judge.check(True, "holds")
    assert judge.earned == 9
    with pytest.raises(PartsFailed) as caught:
        judge.finish()
    assert isinstance(caught.value.first, Failure) and "two:" in compose(caught.value.first.rows)


def test_a_worker_that_is_gone_ends_all_parts(judge):
    from grader.worker.supervisor import WorkerGone

    with pytest.raises(WorkerGone):
        with judge.part(1, "one"):
            raise WorkerGone("crashed", "gone")


def test_fail_shows_what_came_and_what_was_expected(judge):
    with pytest.raises(Failure) as caught:
        judge.fail("It never stops.", "Look at the threshold.", got=3, expected="at most 2")
    text = compose(caught.value.rows)
    assert "It never stops." in text and "3 (an int)" in text and "at most 2" in text
    assert caught.value.hint == "Look at the threshold."


@pytest.mark.parametrize(("got", "expected"), [("a", "a"), (ARRAY, ARRAY), ([1], "a list of 1: 1")])
def test_fail_never_shows_two_equal_lines(judge, got, expected):
    with pytest.raises(Failure) as caught:
        judge.fail("It is another one.", got=got, expected=expected)
    labels = [label for label, _ in caught.value.rows if label]
    assert labels == ["your code gave", "your line"]


def test_fail_shows_where_two_arrays_of_one_shape_differ(judge):
    with pytest.raises(Failure) as caught:
        judge.fail("It is another one.", got=ARRAY, expected=ARRAY + np.eye(3, 4))
    shown = dict(caught.value.rows)
    assert shown["your code gave"] == f"{ARRAY[0, 0]:.6g} at [0, 0]"
    assert shown["expected"] == f"{ARRAY[0, 0] + 1:.6g} at [0, 0]"


@pytest.mark.parametrize(
    ("got", "said"),
    [(None, "None (is a return missing?)"), ([1, 2], "a list of 2: 1, 2"), (1 + 2j, "(1+2j)")],
)
def test_fail_shows_every_kind_of_value(judge, got, said):
    with pytest.raises(Failure) as caught:
        judge.fail("It is no number.", got=got)
    assert ("your code gave", said) in caught.value.rows


def test_data_test_pictures_are_fresh_and_train_pictures_are_not():
    def data(seed):
        judge = Judge(Called(), Secret.from_seed(seed).stream("week2", "t"))
        return judge.data("mnist", 50, 40)

    one, two, again = data(1), data(2), data(1)
    np.testing.assert_array_equal(one.train.images, two.train.images)
    np.testing.assert_array_equal(one.test.images, again.test.images)
    assert not np.array_equal(one.test.images, two.test.images)
    assert one.test.images.shape == (40, 28, 28, 1)


def test_data_can_be_learned_from_while_its_test_pictures_are_made():
    known, wait = lib.load("mnist", train_size=50, test_size=1), threading.Event()

    def late(learned_from):
        wait.wait()
        return learned_from.train

    data = RunData(lambda: known, late)
    assert len(data.train.labels) == 50 and data.class_names == known.class_names
    wait.set()
    assert data.test is known.train


def test_data_that_is_being_made_already_is_not_made_again():
    secret = Secret.from_seed(3).stream("week2", "t")
    request = Request("mnist", 50, 40, 28)
    made = run_data("embedded", secret, request)
    judge = Judge(Called(), secret, ahead={request: made})
    assert judge.data(*request) is made
    other = judge.data("mnist", 50, 40)
    assert other is not made
    np.testing.assert_array_equal(other.test.images, made.test.images)


def test_data_says_what_went_wrong_with_its_test_pictures():
    def broken(*_):
        raise lib.DataError("no pictures")

    data = RunData(lambda: lib.load("mnist", train_size=50, test_size=1), broken)
    assert len(data.train.labels) == 50
    with pytest.raises(lib.DataError, match="no pictures"):
        _ = data.test
    data = RunData(broken, broken)
    for what in ("train", "class_names", "test"):
        with pytest.raises(lib.DataError, match="no pictures"):
            getattr(data, what)


def test_accuracy_counts_rows_that_are_not_finite_as_wrong():
    logits = np.array([[2.0, 1.0], [0.0, 1.0], [np.nan, 1.0], [np.inf, 0.0]])
    assert accuracy(logits, np.array([0, 0, 1, 0])) == 0.25


def test_absurd_values_do_not_break_a_comparison(judge):
    for got in (
        10**400,
        -(10**400),
        "x" * 10**6,
        b"\xff",
        {"a" * 10**5: 1},
        [[]] * 1000,
        float("nan"),
    ):
        message, _ = failure(judge, got, 1.0)
        assert len(message) < 4000
