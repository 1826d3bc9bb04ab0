"""The rubric of week 9: logistic regression on a table of numbers."""

from __future__ import annotations

import numpy as np

from grader.judge.judge import Judge
from grader.judge.student import Student
from grader.judge.values import as_array
from grader.rubric import task
from grader.secret import TaskSecret

TARGET = 0.85  # the solution reaches 0.91 ± 0.005, no training 0.5
MEANS, STDS = np.array([40, 18, 200, 4.2]), np.array([5, 2, 14, 0.8])


def _table(
    rng: np.random.Generator, truth: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draws rows of four measurements, and the class of each with the probability from `truth`."""
    scaled = rng.normal(size=(count, 4))
    ones = rng.random(count) < 1 / (1 + np.exp(-(scaled @ truth)))
    return (MEANS + STDS * scaled).astype(np.float32), ones.astype(np.float32)


def _loss(point: np.ndarray, rows: np.ndarray, labels: np.ndarray) -> float:
    """The mean logistic loss at weights and, last, bias."""
    return float(np.mean(np.logaddexp(0, (1 - 2 * labels) * (rows @ point[:-1] + point[-1]))))


def _slopes(point: np.ndarray, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The slopes by differences, because students have this file: it must not hold the formula."""
    sides = [_loss(point + side, rows, labels) for side in 1e-5 * np.eye(len(point))]
    others = [_loss(point - side, rows, labels) for side in 1e-5 * np.eye(len(point))]
    return (np.array(sides) - others) / 2e-5


@task(
    points=2,
    functions=("logistic_step",),
    hints=(
        "What probability does the neuron give each row? How far is it from the label?",
        "The slope of the loss for a weight is the mean of (probability - label) times its column.",
        "rows.T @ (probabilities - labels) / n are the slopes of the weights.",
    ),
)
def check_logistic_step(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Take one step of logistic regression"""
    rng = secret.numpy("rows")
    rows = rng.normal(size=(7, 3)).astype(np.float32)
    labels = (np.arange(7) % 2).astype(np.float32)
    weights, bias = rng.normal(size=3).astype(np.float32), np.float32(rng.normal())
    point = np.append(weights, bias).astype(np.float64)
    step = 0.5 * _slopes(point, rows.astype(np.float64), labels)

    def moved(by: np.ndarray) -> tuple[np.ndarray, float]:
        return point[:3] - by[:3], float(point[3] - by[3])

    got = judge.unpack(
        student.logistic_step(weights, bias, rows, labels, 0.5), 2, "Return weights and bias."
    )
    kept = step * [1, 1, 1, 0]
    with judge.part(1, "the weights"):
        mistakes = {
            "The step goes uphill: subtract the slopes.": moved(-step)[0],
            "This is the sum over the rows; the loss is their mean.": moved(7 * step)[0],
            "Multiply the slopes by the learning rate.": moved(2 * step)[0],
        }
        judge.same(got[0], moved(step)[0], "the weights", mistakes=mistakes)
    with judge.part(1, "the bias"):
        mistakes = {
            "The bias has not moved: it has a slope too.": moved(kept)[1],
            "The step goes uphill: subtract the slope.": moved(-step)[1],
        }
        judge.same(got[1], moved(step)[1], "the bias", mistakes=mistakes)


@task(
    points=3,
    functions=("train_classifier",),
    seconds=30,
    needs=("logistic_step",),
    training=True,
    hints=(
        "Look at the columns: one is near 200, one near 4. Which of them moves the sum?",
        "Scale every column to mean 0 and standard deviation 1 first, then take 200 steps.",
        "For unscaled rows: weights / std, and bias - mean @ (weights / std).",
    ),
)
def check_train_classifier(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Train a classifier for rows that it has never seen"""
    rng = secret.numpy("table")
    truth = rng.normal(size=4)
    truth *= 6 / np.linalg.norm(truth)
    rows, labels = _table(rng, truth, 500)
    fresh, classes = _table(rng, truth, 2_000)
    got = judge.unpack(
        student.train_classifier(rows, labels, secret.key("training")),
        2,
        "Return weights and bias.",
    )
    weights, bias = (as_array(item) for item in got)
    if weights is None or weights.shape != (4,) or bias is None or bias.shape != ():
        judge.fail("Return weights of shape (4,) and a bias of shape ().", got=got)

    def right(columns: np.ndarray) -> float:
        return float(np.mean((columns @ weights + bias > 0) == classes))

    reached = right(fresh)
    if reached >= TARGET:
        return
    hint = "Columns of different scales learn at different speeds: scale them first."
    if right((fresh - MEANS) / STDS) >= TARGET:
        hint = "They fit scaled columns: put mean and standard deviation into weights and bias."
    elif 1 - reached >= TARGET:
        hint = "The classes are exchanged: is a sign wrong?"
    judge.fail(
        "It classifies too few of 2,000 rows that it has never seen correctly.",
        hint,
        got=f"{reached:.3f}",
        expected=f"{TARGET} or more",
    )
