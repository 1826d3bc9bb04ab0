"""Progress and time left: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

DELAY = 1.0
"""Seconds before a bar appears: shorter work needs none."""


@contextmanager
def progress(total: int, title: str, delay: float | None = None) -> Iterator[Callable[[int], None]]:
    """Shows a bar with the time left, if standard error is a terminal.

    Args:
      total: the amount of work.
      title: the name of the work, such as "Reading pictures".
      delay: seconds before the bar appears; None for `DELAY`.

    Yields:
      A function to call with the amount of work done.
    """
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    shown = _Bar(total, title)
    delay = DELAY if delay is None else delay
    timer = threading.Timer(delay, shown.start)
    timer.daemon = True
    if delay > 0:
        timer.start()
    else:
        shown.start()
    try:
        yield shown.move
    finally:
        timer.cancel()
        shown.close()


class DownloadProgress:
    """A bar that pooch moves, in bytes; pooch sets `total` when the download begins."""

    def __init__(self, title: str):
        """Takes the title of the bar."""
        self.total = 0
        self._title, self._done = title, 0
        self._open = ExitStack()
        self._show: Callable[[int], None] | None = None

    def __enter__(self) -> DownloadProgress:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def update(self, count: int) -> None:
        """Adds the number of bytes just received."""
        if self._show is None:
            self._show = self._open.enter_context(progress(self.total, self._title))
        self._done += count
        self._show(self._done)

    def reset(self) -> None:
        """Restarts the count, as pooch does before it reports the total."""
        self._done = 0

    def close(self) -> None:
        """Removes the bar."""
        self._open.close()


class _Bar:
    """A bar that may not have appeared yet."""

    def __init__(self, total: int, title: str):
        self._total, self._title = total, title
        self._done, self._closed = 0, False
        self._bar: Any = None
        self._task: Any = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Shows the bar, unless the work is over."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeRemainingColumn as TimeLeft

        with self._lock:
            if self._closed:
                return
            left = TimeLeft(), TextColumn("left")
            columns = TextColumn(self._title), BarColumn(), MofNCompleteColumn(), *left
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("", total=self._total, completed=self._done)
            self._bar.start()

    def move(self, done: int) -> None:
        """Moves the bar to the amount of work done."""
        self._done = done
        if self._bar is not None:
            self._bar.update(self._task, completed=done)

    def close(self) -> None:
        """Removes the bar, or prevents it from appearing."""
        with self._lock:
            self._closed = True
            if self._bar is not None:
                self._bar.stop()
