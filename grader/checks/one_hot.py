"""The check of one-hot labels, which two weeks share."""

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
        # The last class does not occur: code that counts the classes in the labels misses it.
        labels = rng.integers(0, classes - 1, 5).astype(np.int32)
        labels[:2] = [classes - 2, 0]
        expected = np.zeros((len(labels), classes), np.float32)
        np.put_along_axis(expected, labels[:, None], 1, axis=1)
        judge.same(student.one_hot(labels, classes), expected, mistakes=_mistakes(labels, expected))


def _mistakes(labels: np.ndarray, right: np.ndarray) -> dict[str, np.ndarray]:
    classes = right.shape[1]
    first_row, every_row = np.zeros_like(right), np.zeros_like(right)
    first_row[0, labels] = every_row[:, labels] = 1
    return {
        "The classes run along the first axis, but each label must be a row.": right.T,
        "There must be `classes` columns, even if the last class does not occur.": (
            right[:, : classes - 1]
        ),
        "There is one column too many: the classes are 0 to classes − 1.": np.pad(
            right, ((0, 0), (0, 1))
        ),
        "Each 1 is one column too far to the right: class 0 is column 0.": np.eye(classes, k=1)[
            labels
        ],
        "Each 1 is one column too far to the left, and class 0 has none: class 0 is column 0.": (
            np.eye(classes, k=-1)[labels]
        ),
        "Each 1 is one column too far to the left, and class 0 is in the last: class 0 is column "
        "0.": np.roll(right, -1, axis=1),
        "The columns are in reverse order: class 0 is column 0.": right[:, ::-1],
        "0 and 1 are swapped: a row is 0 everywhere but at its label.": 1 - right,
        "The label itself is in its place: write a 1 there.": right * labels[:, None],
        "All ones are in the first row, but row i belongs to label i.": first_row,
        "Every row has the ones of all labels: .at[:, labels] combines each row with each label. "
        "Row i and labels[i] belong together: .at[jnp.arange(n), labels].": every_row,
        "This counts the labels of each class: write a row for each label.": right.sum(axis=0),
        "These are the labels: write a row of `classes` numbers for each.": labels,
        "These are the sums of the rows: return the rows themselves.": right.sum(axis=1),
        "Everything is zero: each row needs a 1 at its label.": np.zeros_like(right),
    }
