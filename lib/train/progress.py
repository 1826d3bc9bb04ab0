"""What a person sees of a training: a bar on a terminal, lines in a pipe, or nothing."""

import sys
import time
from collections.abc import Mapping
from typing import Any, Protocol

# More epochs than this are told in about this many lines.
MOST_LINES = 50


class Display(Protocol):
    """What `fit` tells the display."""

    def step(self, epoch: int, steps: int, logs: Mapping[str, float]) -> None:
        """Within an epoch: how many of its steps are done, and the running means."""

    def epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """An epoch is over."""

    def close(self) -> None:
        """The training is over, or broke off."""


def _numbers(logs: Mapping[str, float]) -> str:
    return " · ".join(f"{name.replace('_', ' ')} {value:.4f}" for name, value in logs.items())


class Silent:
    """Shows nothing."""

    def step(self, epoch: int, steps: int, logs: Mapping[str, float]) -> None:
        """Does nothing."""

    def epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Does nothing."""

    def close(self) -> None:
        """Does nothing."""


class Lines:
    """Prints a line per epoch; of many epochs, every so many."""

    def __init__(self, epochs: int):
        self.epochs = epochs
        self.every = -(-epochs // MOST_LINES)
        self.started = time.perf_counter()

    def step(self, epoch: int, steps: int, logs: Mapping[str, float]) -> None:
        """Says nothing within an epoch."""

    def line(self, epoch: int, logs: Mapping[str, float]) -> str | None:
        """The line for this epoch, or None where it is left out."""
        if (epoch + 1) % self.every and epoch + 1 != self.epochs and epoch:
            return None
        seconds = time.perf_counter() - self.started
        return f"Epoch {epoch + 1}/{self.epochs} · {_numbers(logs)} · {seconds:.1f} s"

    def epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Prints the epoch's line."""
        if line := self.line(epoch, logs):
            print(line, flush=True)

    def close(self) -> None:
        """Has nothing left to do."""


class Bar:
    """A moving bar over the whole training with loss, metrics and the time left."""

    def __init__(self, epochs: int, steps: int):
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.steps, self.lines = steps, Lines(epochs)
        self.bar = Progress(
            TextColumn("Epoch {task.fields[number]}"),
            BarColumn(),
            TextColumn("{task.fields[numbers]}"),
            TimeRemainingColumn(),
            TextColumn("left"),
            transient=True,
        )
        self.task: Any = self.bar.add_task("", total=epochs * steps, number="1", numbers="")
        self.bar.start()

    def step(self, epoch: int, steps: int, logs: Mapping[str, float]) -> None:
        """Moves the bar."""
        self.bar.update(
            self.task,
            completed=epoch * self.steps + steps,
            number=f"{epoch + 1}/{self.lines.epochs}",
            numbers=_numbers(logs),
        )

    def epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Leaves the epoch's line above the bar."""
        self.step(epoch, self.steps, logs)
        if line := self.lines.line(epoch, logs):
            self.bar.console.print(line, highlight=False)

    def close(self) -> None:
        """Takes the bar away."""
        self.bar.stop()


def display(verbose: str | int, epochs: int, steps: int) -> Display:
    """Chooses a display.

    Args:
      verbose: "auto" (a bar on a terminal, lines elsewhere), 0 (nothing), 1 (bar) or 2 (lines),
        the numbers as in Keras.
      epochs: number of epochs planned.
      steps: steps in each epoch.

    Returns:
      The display, already showing.

    Raises:
      ValueError: for any other `verbose`.
    """
    if verbose == "auto":
        verbose = 1 if sys.stdout.isatty() else 2
    if verbose == 0:
        return Silent()
    if verbose == 1:
        return Bar(epochs, steps)
    if verbose == 2:
        return Lines(epochs)
    raise ValueError(f'verbose is "auto", 0, 1 or 2; got {verbose!r}.')
