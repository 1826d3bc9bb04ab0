"""How far a piece of work is, and how long it will take: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

DELAY = 1.0
"""Seconds that work goes on before a bar appears: what is over by then needs none."""


@contextmanager
def progress(total: int, title: str, delay: float | None = None) -> Iterator[Callable[[int], None]]:
    """Shows a bar with the time left, on the terminal that standard error is.

    Args:
      total: how much there is to do.
      title: what is done, such as "Reading pictures".
      delay: seconds before the bar appears; None for `DELAY`.

    Yields:
      A function to be told how much is done.
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
    """A bar that pooch moves, in bytes; how many there are, it learns when the download begins."""

    def __init__(self, title: str):
        """Takes what is downloaded."""
        self.total = 0
        self._title, self._done = title, 0
        self._open = ExitStack()
        self._show: Callable[[int], None] | None = None

    def __enter__(self) -> DownloadProgress:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def update(self, count: int) -> None:
        """Takes how many more bytes have come."""
        if self._show is None:
            self._show = self._open.enter_context(progress(self.total, self._title))
        self._done += count
        self._show(self._done)

    def reset(self) -> None:
        """Begins to count again, as pooch does before it says that all has come."""
        self._done = 0

    def close(self) -> None:
        """Takes the bar away."""
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
        """Makes it appear, unless the work is over."""
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
        """Takes how much is done."""
        self._done = done
        if self._bar is not None:
            self._bar.update(self._task, completed=done)

    def close(self) -> None:
        """Takes it away."""
        with self._lock:
            self._closed = True
            if self._bar is not None:
                self._bar.stop()
