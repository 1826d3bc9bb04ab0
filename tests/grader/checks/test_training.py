"""The messages about training that reaches too little, and what the student's code sees."""

import dataclasses
import types

import numpy as np
import pytest

from grader import targets
from grader.checks.training import Training, below
from grader.judge.failure import Failure
from grader.judge.judge import Judge
from grader.secret import Secret
from lib.data import Split

TRAIN, TEST = (
    Split(np.zeros((n, 2, 2, 1), np.uint8), np.arange(n, dtype=np.int32) % 10) for n in (200, 1000)
)
SHIFTED = (np.arange(10) + 1) % 10


class FakeTrained:
    """Answers as told: a share of the labels is right, in training and on fresh pictures."""

    def __init__(self, known, fresh, biases=0.5, rename=None, scales=()):
        self.known, self.fresh, self.largest_bias = known, fresh, biases
        self.rename = np.arange(10) if rename is None else rename
        self.scales = dict(scales)

    def classes(self, images, scale=1 / 255):
        split, share = (
            (TRAIN, self.known) if len(images) == len(TRAIN.images) else (TEST, self.fresh)
        )
        labels = split.labels[: len(images)]
        share = self.scales.get(scale, share if scale == 1 / 255 else 0.1)
        wrong = np.arange(len(labels)) >= share * len(labels)
        return np.where(
            wrong, (labels + 1 + np.arange(len(labels)) // 10 % 9) % 10, self.rename[labels]
        )

    def accuracy(self, images, labels, scale=1 / 255):
        return float(np.mean(self.classes(images, scale) == labels))


@pytest.fixture
def training(monkeypatch):
    def training(accuracy=0.8, gap=None, rng=None):
        target = dataclasses.replace(
            targets.target("train_cnn", "embedded"), accuracy=accuracy, gap=gap
        )
        monkeypatch.setattr(targets, "target", lambda task, source: target)
        student = types.SimpleNamespace(last_function="train_cnn", last_call="train_cnn(…)")
        judge = Judge(student, Secret.from_seed(0).stream("week3", "train_cnn"))
        data = types.SimpleNamespace(train=TRAIN, test=TEST, class_names=list("abcdefghij"))
        judge.data = lambda *args: data
        return Training(judge, "train_cnn", rng)

    return training


def said(training, trained):
    with pytest.raises(Failure) as caught:
        training.judge_test(trained, "Try this.")
    return f"{caught.value} {caught.value.hint}"


def test_who_reaches_the_target_passes(training):
    training().judge_test(FakeTrained(1.0, 0.8), "")
    training(gap=0.2).judge_test(FakeTrained(0.9, 0.8), "")


@pytest.mark.parametrize(
    ("trained", "words", "other"),
    [
        (FakeTrained(0.99, 0.79), "reaches 0.990: it knows those", "guessing"),
        (FakeTrained(0.7, 0.7), "reaches 0.700: it has not learned those either", "guessing"),
        (FakeTrained(0.1, 0.1), "hardly better than guessing. Does the loss fall", "biases"),
        (FakeTrained(0.1, 0.1, biases=0.0), "All biases are 0", "schedule"),
        (FakeTrained(0.1, 0.1, biases=0.006), "the largest is 0.006", "before the first step"),
        (FakeTrained(0.2, 0.2, scales={1.0: 0.9}), "not normalised", "guessing"),
        (FakeTrained(0.2, 0.2, scales={1 / 255**2: 0.9}), "divided by 255 twice", "not normalised"),
        (FakeTrained(0.2, 0.2, scales={1.0: 0.29}), "Does the loss fall", "not normalised"),
        (FakeTrained(0.7, 0.7, scales={1.0: 0.79}), "has not learned those", "not normalised"),
        (FakeTrained(0.9, 0.9, rename=np.full(10, -1)), "hardly better", "does not number"),
        (
            FakeTrained(0.9, 0.9, rename=(np.arange(10) + 1) % 10),
            "it mistakes pictures of class 0 for class 1",
            "gu",
        ),
    ],
)
def test_the_cause_is_what_can_be_seen(training, trained, words, other):
    text = said(training(), trained)
    assert words in text and other not in text
    assert ("Try this." in text) == ("On the images it was given" in text)


def test_the_number_shown_is_below_the_target(training):
    assert "0.7990" in said(training(), FakeTrained(0.99, 0.799))
    assert below(0.834999) == "0.8349" and below(0.835) == "0.8350"


def test_a_wide_gap_does_not_pass(training):
    text = said(training(gap=0.1), FakeTrained(1.0, 0.85))
    assert "1.0000 on those given, 0.8500 on fresh ones: a gap of 0.1500" in text
    assert "a gap of 0.1 or less" in text


def test_classes_have_other_numbers_in_each_run_and_the_same_for_both_parts(training):
    first, second = (training(rng=np.random.default_rng(seed)) for seed in (0, 1))
    for each in (first, second):
        assert each.train.images is TRAIN.images
        assert sorted(set(zip(TRAIN.labels, each.train.labels, strict=True))) == sorted(
            set(zip(TEST.labels, each.test.labels, strict=True))
        )
        assert set(each.train.labels) == set(range(10))
        assert each.train.labels.dtype == TRAIN.labels.dtype
    assert np.any(first.train.labels != second.train.labels)
    assert np.all(training().train.labels == TRAIN.labels)


def test_a_class_that_does_not_occur_keeps_its_number(training, monkeypatch):
    few = training(rng=np.random.default_rng(0))
    few.data.train = Split(TRAIN.images, np.where(TRAIN.labels == 9, 8, TRAIN.labels))
    assert set(few.train.labels) == set(range(9))
    assert few.test.labels[9] == 9
