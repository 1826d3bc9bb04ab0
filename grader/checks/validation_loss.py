"""Histories of overfitting, the rule for stopping in time, and wrong rules people write."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

History = dict[str, list[float]]  # metric to its values, one per epoch
Logs = list[dict[str, float]]  # one dict per epoch, metric to value


def draw_history(rng: np.random.Generator, epochs: int, best: int) -> History:
    """Draws a history of at least six epochs with the lowest validation loss in epoch `best`.

    Epochs count from 1. The training loss is lowest in the last epoch but one. The validation
    accuracy is highest in neither of these, nor in the last.
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
    """Returns logs with these validation losses; other metrics are best in other epochs."""
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
      logs: one dict per epoch; they continue after an answer of True.
      patience: the callback's patience.
      watched: the metric that decides.
      highest: whether a larger value is better.
      late: how many epochs too late it stops.
      renewed: whether the count returns to 0 at a new best.
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
    "It stops one epoch too late: use waited >= patience, not waited > patience.": {"late": 1},
    "It stops one epoch too early: add 1 to the count if the loss is no lower, then compare.": {
        "late": -1
    },
    "It never returned True. Does every branch of on_epoch_end return something?": {"late": 10**6},
    "It does not reset the count to 0 at a new lowest loss.": {"renewed": False},
    "It compares with the epoch before. Compare with the lowest loss so far.": {
        "with_the_epoch_before": True
    },
    "It counts an equal loss as lower. Only a lower loss counts.": {"equal_is_lower": True},
    "It watches logs['loss'], but logs['val_loss'] decides.": {"watched": "loss"},
    "It watches logs['val_accuracy'], but logs['val_loss'] decides.": {
        "watched": "val_accuracy",
        "highest": True,
    },
}
"""What wrong callbacks do differently, as arguments of `answers_of`."""


def right_stop(losses: list[float], patience: int) -> tuple[int, int]:
    """Returns (the epoch after which to stop, the best until then), from 0; −1 for never."""
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
    (
        "It returned None for every history: None is right only if the last epoch is the lowest.",
        lambda history: None,
    ),
    (
        "If the loss is lowest in the last epoch, return None.",
        lambda history: lowest_epoch(history["val_loss"]),
    ),
    (
        "You counted the epochs from 0, but the first is 1.",
        lambda history: _shifted(history, -1),
    ),
    (
        "You counted the epochs from 0, but the first is 1.",
        lambda history: lowest_epoch(history["val_loss"]) - 1,
    ),
    (
        "This is the epoch after it: return the one with the lowest loss.",
        lambda history: _shifted(history, 1),
    ),
    (
        "It stops where the loss rises for the first time, but the loss may fall lower after that.",
        lambda history: unless_last(_before_first_rise(history["val_loss"]), history),
    ),
    (
        "It stops where the loss rises for the first time, but the loss may fall lower after that.",
        lambda history: _before_first_rise(history["val_loss"]),
    ),
    (
        "This is where the validation accuracy is highest: use the validation loss.",
        lambda history: unless_last(int(np.argmax(history["val_accuracy"])) + 1, history),
    ),
    (
        "This is where the training loss is lowest: use the validation loss.",
        lambda history: unless_last(lowest_epoch(history["loss"]), history),
    ),
    (
        "This is where the validation loss is highest: find the lowest.",
        lambda history: unless_last(int(np.argmax(history["val_loss"])) + 1, history),
    ),
    (
        "If several epochs are equally low, return the earliest.",
        lambda history: unless_last(
            len(history["val_loss"]) + 1 - lowest_epoch(history["val_loss"][::-1]), history
        ),
    ),
)
"""What wrong functions return, for every history of the check."""


def draw_histories(rng: np.random.Generator) -> list[History]:
    """Draws histories of all kinds, in random order."""
    histories = [draw_history(rng, int(rng.integers(9, 13)), int(rng.integers(4, 7)))]
    # The loss rises once before its lowest value.
    bump = draw_history(rng, 9, 6)
    bump["val_loss"][2] += 0.1
    # The lowest value occurs twice.
    twice = draw_history(rng, 10, 4)
    twice["val_loss"][6] = twice["val_loss"][3]
    # The lowest value is in the last epoch, once after a rise.
    risen = draw_history(rng, 8, 8)
    risen["val_loss"][3] += 0.1
    histories += [bump, twice, draw_history(rng, 8, 1), draw_history(rng, 7, 7), risen]
    last = int(rng.integers(6, 10))
    histories += [draw_history(rng, last, last), draw_history(rng, 10, 9)]
    return [histories[k] for k in rng.permutation(len(histories))]
