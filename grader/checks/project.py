"""The rubric of the project: predictions on pictures whose labels never enter the sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader import targets
from grader.checks.training import below
from grader.judge.judge import Judge
from grader.judge.student import Student
from grader.judge.values import as_array
from grader.rubric import task
from grader.secret import TaskSecret

AT_ONCE = 500  # pictures per call


def _answers(
    judge: Judge, student: Student, trained: Any, images: np.ndarray, classes: int
) -> np.ndarray:
    """Returns the student's class numbers for pictures, after checking their form."""
    got = student.predict_flowers(trained, student.numpy(images))
    form = f"({len(images)},) integers, 0 to {classes - 1}"
    array = as_array(got)
    if type(got) in (list, tuple):
        items = [as_array(item) for item in got]
        if all(item is not None and item.shape == () for item in items):
            array = np.array(items)
    if array is None:
        judge.fail("predict_flowers must return an array of class numbers.", got=got, expected=form)
    if array.shape == (len(images), classes):
        judge.fail(
            "These are numbers per class. Return the class with the largest one.",
            "np.argmax(logits, axis=-1)",
            got=array,
            expected=form,
        )
    if array.shape != (len(images),):
        judge.fail(
            "predict_flowers must return one class number for each picture.",
            got=array,
            expected=form,
        )
    whole = array.astype(np.int64) if array.dtype.kind in "iu" else None
    if whole is None or whole.min() < 0 or whole.max() >= classes:
        judge.fail(f"Classes are whole numbers from 0 to {classes - 1}.", got=array, expected=form)
    return whole


@task(
    points=8,
    functions=("train_flowers", "predict_flowers"),
    forbids=("lib.load", "lib.draw", "lib.data.*"),
    seconds=400,
    training=True,
    hints=(
        "Start small: three convolutions with pooling, a dense layer, one output per class. Then "
        "compare its accuracy on training pictures with that on pictures you held back.",
        "Has it memorised its training pictures? Use dropout and lib.create_state(…, "
        "augment=lib.Augment(rotation=40, width_shift=0.15, height_shift=0.15, zoom=0.25, "
        "horizontal_flip=True)).",
        "Augmented pictures need many more epochs, 60 to 80 in batches of 16, and a learning rate "
        "that falls to 0: optax.adam(optax.linear_schedule(0.002, 0.0, steps)).",
    ),
)
def check_flowers(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Name flowers in new pictures"""
    target, baseline = (
        targets.target(name, judge.source) for name in ("flowers", "flowers_baseline")
    )
    data = judge.data(*target.request)
    trained = student.keep(
        "train_flowers",
        student.numpy(data.train.images),
        student.numpy(data.train.labels),
        secret.key("training"),
    )
    if trained.kind == "NoneType":
        judge.fail(
            "train_flowers returned None, so predict_flowers has nothing to work with.",
            "Is the return missing?",
        )
    test, classes = data.test, len(data.class_names)
    _answers(judge, student, trained, test.images[:1], classes)
    _answers(judge, student, trained, test.images[:70], classes)
    answers = np.concatenate(
        [
            _answers(judge, student, trained, test.images[i : i + AT_ONCE], classes)
            for i in range(0, len(test.images), AT_ONCE)
        ]
    )
    reached = float(np.mean(answers == test.labels))
    shown = f"{below(reached)} on {len(answers):,} pictures it has never seen"
    with judge.part(4, "what any reasonable network reaches"):
        if reached < baseline.accuracy:
            judge.fail(
                "The accuracy is too low.",
                _hint(answers, reached, data.class_names),
                got=shown,
                expected=f"{baseline.accuracy} or more",
            )
    with judge.part(4, "what augmentation and dropout reach"):
        if reached < target.accuracy:
            judge.fail(
                "The accuracy is below what augmentation and dropout can reach.",
                "Compare training and validation accuracy. If they are far apart, use more "
                "augmentation or dropout; if both are low, more epochs or more filters.",
                got=shown,
                expected=f"{target.accuracy} or more",
            )


def _hint(answers: np.ndarray, reached: float, names: Sequence[str]) -> str:
    """Says what the answers have in common, or how to find the mistake."""
    if len(np.unique(answers)) == 1:
        name = names[int(answers[0])]
        return f"Every answer is {name}. Does the loss fall in training?"
    if reached < 1.3 / len(names):
        return (
            "That is hardly better than guessing. Can the network memorise twenty pictures? "
            "Look at some with their labels after your split."
        )
    return (
        "Are the pictures normalised, is the loss for several classes, and are there enough "
        "epochs? Plot the history."
    )
