"""Histories of overfitting, the rules for stopping in time, and the wrong rules people write."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

History = dict[str, list[float]]  # metric to its value in each epoch
Logs = list[dict[str, float]]  # of each epoch, metric to value


def draw_history(rng: np.random.Generator, epochs: int, best: int) -> History:
    """A history of six epochs or more whose validation loss is lowest in the epoch `best`, from 1.

    The training loss is lowest in the last epoch but one, the validation accuracy highest in
    neither of these nor in the last.
    """
    steps = np.arange(1, epochs + 1)
    noise = rng.uniform(0, 0.004, (4, epochs))
    loss = 0.72 * np.exp(-steps / 4) + noise[0]
    loss[-1] = loss[-2] + 0.01
    val_loss = 0.5 + 0.03 * np.abs(steps - best) + noise[1]
    val_loss[best - 1] = 0.48
    val_accuracy = 0.75 - 0.2 * np.exp(-steps / 2) - noise[3]
    val_accuracy[(best + 1 if best + 3 < epochs else best - 3)] = 0.8
    curves = {
        "loss": loss,
        "accuracy": 1 - 0.5 * np.exp(-steps / 4) - noise[2],
        "val_loss": val_loss,
        "val_accuracy": val_accuracy,
    }
    return {name: curve.tolist() for name, curve in curves.items()}


def logs_of(losses: list[float]) -> Logs:
    """Logs of epochs with these validation losses, whose other metrics say to stop elsewhere."""
    return [
        {
            "loss": 0.7 if epoch == 0 else 0.5 + epoch / 50,
            "accuracy": 0.6 + epoch / 50,
            "val_loss": loss,
            "val_accuracy": 0.5 + epoch / 50 if epoch < 3 else 0.5 - epoch / 50,
        }
        for epoch, loss in enumerate(losses)
    ]


def answers_of(
    logs: Logs,
    patience: int,
    *,
    watched: str = "val_loss",
    highest: bool = False,
    late: int = 0,
    renewed: bool = True,
    equal_is_lower: bool = False,
    with_the_epoch_before: bool = False,
) -> tuple[list[bool], int]:
    """Returns what a callback answers after each epoch, and the epoch whose parameters it keeps.

    Args:
      logs: of each epoch; they go on after an answer of True.
      patience: of the callback.
      watched: the metric that decides.
      highest: whether a larger value is better.
      late: by how many epochs it stops too late.
      renewed: whether the count goes back to 0 at a new best.
      equal_is_lower: whether an equal value counts as better.
      with_the_epoch_before: whether it compares with that epoch instead of the best.
    """
    lowest, waited, kept = math.inf, 0, 0
    answers = []
    for epoch, log in enumerate(logs):
        value = -log[watched] if highest else log[watched]
        better = value < lowest or (equal_is_lower and value == lowest)
        if better:
            kept, waited = epoch, 0 if renewed else waited
        else:
            waited += 1
        if better or with_the_epoch_before:
            lowest = value
        answers.append(not better and waited >= patience + late)
    return answers, kept


WRONG_STOPS: dict[str, dict[str, Any]] = {
    "It stops one epoch too late: waited >= patience, not waited > patience.": {"late": 1},
    "It stops one epoch too early: count an epoch after its loss was no lower, then compare.": {
        "late": -1
    },
    "It has never answered True. Does each way through on_epoch_end return something?": {
        "late": 10**6
    },
    "The count is not set back to 0 at a new lowest loss.": {"renewed": False},
    "It compares with the epoch before. Compare with the lowest loss so far.": {
        "with_the_epoch_before": True
    },
    "It counts an equal loss as lower. Equally low is not lower.": {"equal_is_lower": True},
    "It watches logs['loss']; logs['val_loss'] decides.": {"watched": "loss"},
    "It watches logs['val_accuracy']; logs['val_loss'] decides.": {
        "watched": "val_accuracy",
        "highest": True,
    },
}
"""What wrong callbacks do otherwise, as arguments of `answers_of`."""


def right_stop(losses: list[float], patience: int) -> tuple[int, int]:
    """Our own: (the epoch after which it stops, the best until then), from 0; −1 for never."""
    answers, _ = answers_of(logs_of(losses), patience)
    last = answers.index(True) if True in answers else -1
    _, best = answers_of(logs_of(losses if last < 0 else losses[: last + 1]), patience)
    return last, best


def lowest_epoch(losses: Sequence[float]) -> int:
    """Returns the first epoch with the lowest loss, counted from 1."""
    return 1 + list(losses).index(min(losses))


def unless_last(epoch: int, history: History) -> int | None:
    """Returns the epoch, or None if it is the last of the history."""
    return None if epoch == len(history["val_loss"]) else epoch


def _shifted(history: History, by: int) -> int | None:
    epoch = lowest_epoch(history["val_loss"])
    return None if unless_last(epoch, history) is None else epoch + by


def _before_first_rise(losses: Sequence[float]) -> int:
    return next((k for k in range(1, len(losses)) if losses[k] > losses[k - 1]), len(losses))


WRONG_EPOCHS: tuple[tuple[str, Callable[[History], int | None]], ...] = (
    ("The answer is None for every history.", lambda history: None),
    (
        "Where the loss is lowest in the last epoch, the answer is None.",
        lambda history: lowest_epoch(history["val_loss"]),
    ),
    (
        "The epochs are counted from 0; the first is 1.",
        lambda history: _shifted(history, -1),
    ),
    (
        "The epochs are counted from 0; the first is 1.",
        lambda history: lowest_epoch(history["val_loss"]) - 1,
    ),
    (
        "This is the epoch after it: name the one with the lowest loss.",
        lambda history: _shifted(history, 1),
    ),
    (
        "It stops where the loss rises for the first time; the loss may fall lower after that.",
        lambda history: unless_last(_before_first_rise(history["val_loss"]), history),
    ),
    (
        "It stops where the loss rises for the first time; the loss may fall lower after that.",
        lambda history: _before_first_rise(history["val_loss"]),
    ),
    (
        "This is where the validation accuracy is highest; look at the loss.",
        lambda history: unless_last(int(np.argmax(history["val_accuracy"])) + 1, history),
    ),
    (
        "This is where the training loss is lowest; look at the validation loss.",
        lambda history: unless_last(lowest_epoch(history["loss"]), history),
    ),
    (
        "This is where the validation loss is highest.",
        lambda history: unless_last(int(np.argmax(history["val_loss"])) + 1, history),
    ),
    (
        "Of several epochs that are equally low, name the earliest.",
        lambda history: unless_last(
            len(history["val_loss"]) + 1 - lowest_epoch(history["val_loss"][::-1]), history
        ),
    ),
)
"""What wrong functions answer, in every history of the check."""


def draw_histories(rng: np.random.Generator) -> list[History]:
    """Histories of all kinds, in a drawn order."""
    histories = [draw_history(rng, int(rng.integers(9, 13)), int(rng.integers(4, 7)))]
    # It rises once before its lowest.
    bump = draw_history(rng, 9, 6)
    bump["val_loss"][2] += 0.1
    # The lowest twice.
    twice = draw_history(rng, 10, 4)
    twice["val_loss"][6] = twice["val_loss"][3]
    # The lowest of all in the last epoch, once after a rise.
    risen = draw_history(rng, 8, 8)
    risen["val_loss"][3] += 0.1
    histories += [bump, twice, draw_history(rng, 8, 1), draw_history(rng, 7, 7), risen]
    last = int(rng.integers(6, 10))
    histories += [draw_history(rng, last, last), draw_history(rng, 10, 9)]
    return [histories[k] for k in rng.permutation(len(histories))]
