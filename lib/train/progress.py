"""The display of a training run: a bar on a terminal, lines in a pipe, or nothing."""

import sys
import time
from collections.abc import Mapping
from typing import Any, Protocol

# Training runs with more epochs than this print about this many lines.
MOST_LINES = 50
# In an epoch that takes longer, a line shows the progress after this many seconds.
SECONDS_BETWEEN_LINES = 10.0


class Display(Protocol):
    """The calls that `fit` makes to its display."""

    def step(self, epoch: int, steps: int, logs: Mapping[str, float]) -> None:
        """Within an epoch: the number of steps done, and the running means."""

    def measuring(self) -> None:
        """The steps of an epoch are done, and its validation starts."""

    def epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """An epoch has ended."""

    def close(self) -> None:
        """Training has ended, or was interrupted."""


def _numbers(logs: Mapping[str, float]) -> str:
    return " · ".join(f"{name.replace('_', ' ')} {value:.4f}" for name, value in logs.items())


class Silent:
    """Shows nothing."""

    def step(self, epoch: int, steps: int, logs: Mapping[str, float]) -> None:
        """Does nothing."""

    def measuring(self) -> None:
        """Does nothing."""

    def epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Does nothing."""

    def close(self) -> None:
        """Does nothing."""


def _left(seconds: float) -> str:
    """ " · 3 min left", or nothing if it is less than a second."""
    if seconds < 1:
        return ""
    if seconds < 90:
        return f" · {seconds:.0f} s left"
    minutes = round(seconds / 60)
    return f" · {minutes} min left" if minutes < 90 else f" · {seconds / 3600:.1f} h left"


class Lines:
    """Prints one line per epoch, fewer if there are many epochs, more if an epoch is long."""

    def __init__(self, epochs: int, steps: int, first: int = 0):
        self.epochs, self.steps, self.first = epochs, steps, first
        self.every = -(-epochs // MOST_LINES)
        self.started = self.told = time.perf_counter()
        self._since: tuple[float, int] | None = None  # when this many steps had been made

    def _made(self, epoch: int, steps: int) -> None:
        """Starts measuring for the time left; the time before includes compiling."""
        self._since = time.perf_counter(), epoch * self.steps + steps

    def _left(self, epoch: int, steps: int) -> str:
        """The time left after some steps of an epoch, at the speed so far."""
        made = epoch * self.steps + steps
        if self._since is None or self._since[1] == made:
            return ""
        seconds = (time.perf_counter() - self._since[0]) / (made - self._since[1])
        return _left(seconds * (self.epochs * self.steps - made))

    def step(self, epoch: int, steps: int, logs: Mapping[str, float]) -> None:
        """Prints a line, if the last one was long ago and the epoch is not over."""
        if self._since is None:
            self._made(epoch, steps)
        if steps < self.steps and time.perf_counter() - self.told > SECONDS_BETWEEN_LINES:
            where = f"Epoch {epoch + 1}/{self.epochs}, step {steps}/{self.steps}"
            self._print(f"{where} · {_numbers(logs)}{self._left(epoch, steps)}")

    def measuring(self) -> None:
        """Prints nothing."""

    def _print(self, line: str) -> None:
        print(line, flush=True)
        self.told = time.perf_counter()

    def line(self, epoch: int, logs: Mapping[str, float]) -> str | None:
        """The line for this epoch, or None if it is left out."""
        if (epoch + 1) % self.every and epoch + 1 != self.epochs and epoch:
            return None
        seconds = time.perf_counter() - self.started
        left = self._left(epoch, self.steps)
        return f"Epoch {epoch + 1}/{self.epochs} · {_numbers(logs)} · {seconds:.1f} s{left}"

    def epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Prints the epoch's line."""
        if epoch == self.first:
            self._made(epoch, self.steps)
        if line := self.line(epoch, logs):
            self._print(line)

    def close(self) -> None:
        """Does nothing: every line is already printed."""


class Bar:
    """A moving bar over the entire training with loss, metrics and the time left."""

    def __init__(self, epochs: int, steps: int, first: int = 0, measured: int = 0):
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.steps, self.lines = steps, Lines(epochs, steps, first)
        self.whole = steps + measured
        self.bar = Progress(
            TextColumn("Epoch {task.fields[number]}"),
            BarColumn(),
            TextColumn("{task.fields[numbers]}"),
            TimeRemainingColumn(),
            TextColumn("left"),
            transient=True,
        )
        self.task: Any = self.bar.add_task(
            "", total=(epochs - first) * self.whole, number="1", numbers=""
        )
        self.bar.start()

    def step(self, epoch: int, steps: int, logs: Mapping[str, float]) -> None:
        """Moves the bar."""
        self.bar.update(
            self.task,
            completed=(epoch - self.lines.first) * self.whole + steps,
            number=f"{epoch + 1}/{self.lines.epochs}",
            numbers=_numbers(logs),
        )

    def measuring(self) -> None:
        """Says why the bar does not move."""
        self.bar.update(self.task, numbers="measuring the validation set …")

    def epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Prints the epoch's line above the bar."""
        self.step(epoch, self.whole, logs)
        if line := self.lines.line(epoch, logs):
            self.bar.console.print(line, highlight=False)

    def close(self) -> None:
        """Removes the bar."""
        self.bar.stop()


def display(
    verbose: str | int, epochs: int, steps: int, first: int = 0, measured: int = 0
) -> Display:
    """Chooses a display.

    Args:
      verbose: "auto" (a bar on a terminal, lines elsewhere), 0 (nothing), 1 (bar) or 2 (lines),
        the numbers as in Keras.
      epochs: number of epochs planned.
      steps: steps in each epoch.
      first: the epoch to begin with, from 0.
      measured: the number of steps that take as long as measuring the validation set.

    Returns:
      The display, already visible.

    Raises:
      ValueError: for any other `verbose`.
    """
    if verbose == "auto":
        verbose = 1 if sys.stdout.isatty() else 2
    if verbose == 0:
        return Silent()
    if verbose == 1:
        return Bar(epochs, steps, first, measured)
    if verbose == 2:
        return Lines(epochs, steps, first)
    raise ValueError(f'verbose must be "auto", 0, 1 or 2; got {verbose!r}.')
