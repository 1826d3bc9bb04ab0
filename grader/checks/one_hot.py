"""The check of one-hot labels, which two weeks ask for."""

from __future__ import annotations

import numpy as np

from grader.judge.judge import Judge
from grader.judge.student import Student
from grader.secret import TaskSecret


def judge_one_hot(
    student: Student, secret: TaskSecret, judge: Judge, sizes: tuple[int, ...]
) -> None:
    """Judges `one_hot(labels, classes)` for several numbers of classes."""
    rng = secret.numpy("labels")
    for classes in sizes:
        # The last class does not occur: counting the classes in the labels would miss it.
        labels = rng.integers(0, classes - 1, 5).astype(np.int32)
        labels[:2] = [classes - 2, 0]
        expected = np.eye(classes, dtype=np.float32)[labels]
        judge.same(
            student.one_hot(labels, classes),
            expected,
            mistakes={
                "The classes run along the first axis; each label is a row.": expected.T,
                "There are as many columns as `classes` says, also if the last one does not "
                "occur.": expected[:, : classes - 1],
                "Counted from the wrong end, or from 1: class 0 is column 0.": np.roll(
                    expected, 1, axis=1
                ),
            },
        )
