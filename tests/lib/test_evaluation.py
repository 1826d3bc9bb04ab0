"""Precision, recall and F1 against counts made here; the table and the worst mistakes."""

import numpy as np
import pytest

import lib

# Six examples. True: 0 0 0 1 1 2; answers: 0 1 0 1 1 0.
LABELS = np.array([0, 0, 0, 1, 1, 2])
ANSWERS = np.array([0, 1, 0, 1, 1, 0])
CONFUSION = [[2, 1, 0, 0], [0, 2, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]


def test_rows_are_true_and_columns_are_answers():
    got = lib.confusion_matrix(LABELS, ANSWERS, 4)
    np.testing.assert_array_equal(got, CONFUSION)
    assert got.dtype == np.int64


def test_precision_recall_and_f1_by_hand():
    # Class 2 is never predicted, class 3 neither occurs nor is predicted: 0, not NaN.
    np.testing.assert_allclose(lib.precision(CONFUSION), [2 / 3, 2 / 3, 0, 0])
    np.testing.assert_allclose(lib.recall(CONFUSION), [2 / 3, 1, 0, 0])
    np.testing.assert_allclose(lib.f1_score(CONFUSION), [2 / 3, 4 / 5, 0, 0])


def test_all_three_against_counting_one_example_at_a_time():
    rng = np.random.default_rng(5)
    labels, answers = rng.integers(0, 7, (2, 400))
    confusion = lib.confusion_matrix(labels, answers, 7)
    for k in range(7):
        hits = sum(a == b == k for a, b in zip(labels, answers, strict=True))
        found, said = hits / np.sum(labels == k), hits / np.sum(answers == k)
        assert lib.recall(confusion)[k] == pytest.approx(found)
        assert lib.precision(confusion)[k] == pytest.approx(said)
        assert lib.f1_score(confusion)[k] == pytest.approx(2 * found * said / (found + said))


@pytest.mark.parametrize(
    ("labels", "answers", "words"),
    [
        ([0, 1], [0], "2 labels but 1 predictions"),
        ([0, 3], [0, 1], "labels range from 0 to 3"),
        ([0, 1], [-1, 1], "predictions range from -1 to 1"),
        ([0.0, 1.0], [0, 1], "integers"),
        ([[0], [1]], [0, 1], r"shape \(2, 1\)"),
    ],
)
def test_what_does_not_fit_is_told(labels, answers, words):
    with pytest.raises(ValueError, match=words):
        lib.confusion_matrix(labels, answers, 3)


def test_a_matrix_that_is_not_square_is_told():
    for function in (lib.precision, lib.recall, lib.f1_score):
        with pytest.raises(ValueError, match=r"shape \(2, 3\)"):
            function(np.ones((2, 3)))


def test_the_table_names_classes_numbers_and_confusions():
    report = lib.class_report(LABELS, ANSWERS, ["daisy", "roses", "tulips", "none"])
    lines = str(report).split("\n")
    assert lines[2].split() == ["daisy", "0.667", "0.667", "0.667", "3", "roses", "(1)"]
    assert lines[4].split() == ["tulips", "–", "0.000", "0.000", "1", "daisy", "(1)"]
    # No row, and not in the mean, but listed.
    assert lines[-1] == "no examples of and no answers for none"
    assert lines[-3].split() == ["mean", "0.444", "0.556", "0.489", "6"]
    assert lines[-2] == "accuracy 0.667"
    assert report.accuracy == pytest.approx(4 / 6)
    np.testing.assert_array_equal(report.support, [3, 2, 1, 0])


def test_a_line_break_in_a_name_does_not_break_the_table():
    lines = str(lib.class_report([0, 1], [1, 0], ["a\nb", "c"])).split("\n")
    assert lines[2].startswith("a b ") and lines[3].endswith("a b (1)") and len(lines) == 7


def test_a_report_on_nothing_does_not_divide_by_zero():
    empty = np.zeros(0, np.int64)
    assert lib.class_report(empty, empty, ["a", "b"]).accuracy == 0
    assert str(lib.class_report(empty, empty, ["a", "b"]))


def test_the_surest_mistakes_come_first_and_right_answers_never():
    probabilities = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.45, 0.55], [0.4, 0.6]])
    labels = np.array([0, 0, 0, 1, 0])
    assert lib.worst_mistakes(probabilities, labels).tolist() == [2, 1, 4]
    assert lib.worst_mistakes(probabilities, labels, count=1).tolist() == [2]
    with pytest.raises(ValueError, match="1 or more"):
        lib.worst_mistakes(probabilities, labels, count=0)
    with pytest.raises(ValueError, match=r"\(5, 2\)"):
        lib.worst_mistakes(probabilities, labels[:4])


def test_probabilities_of_a_softmax_and_of_a_sigmoid():
    scipy_special = pytest.importorskip("scipy.special")
    logits = np.random.default_rng(1).normal(0, 300, (6, 4)).astype(np.float32)
    np.testing.assert_allclose(
        lib.probabilities(logits), scipy_special.softmax(logits.astype(np.float64), axis=1)
    )
    one = logits[:, :1]
    np.testing.assert_allclose(
        lib.probabilities(one)[:, 1], scipy_special.expit(one[:, 0].astype(np.float64)), atol=1e-12
    )
    np.testing.assert_allclose(lib.probabilities(one).sum(axis=1), 1)
    with pytest.raises(ValueError, match=r"\(4,\)"):
        lib.probabilities(logits[0])
