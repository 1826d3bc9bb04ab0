"""Collects what a worker prints: bounded, and safe to show."""

from __future__ import annotations

import collections

from grader.results.model import MAX_OUTPUT

TAIL_LINES = 20
MAX_LINE = 400
LEFT_OUT = "… (earlier lines are left out)"


def printable(text: str, limit: int = MAX_LINE) -> str:
    """Returns one line of text that shows control characters and escape codes harmlessly."""
    shown = []
    for character in text[: limit + 1]:
        if character.isprintable():
            shown.append(character)
        else:
            shown.append(character.encode("unicode_escape").decode("ascii"))
    line = "".join(shown)
    return line if len(line) <= limit else line[: limit - 1] + "…"


class Tail:
    """The last lines of an endless stream, in bounded memory; made readable only on request."""

    def __init__(self) -> None:
        self._lines: collections.deque[bytes] = collections.deque(maxlen=TAIL_LINES)
        self._rest = b""
        self._left_out = False

    def feed(self, data: bytes) -> None:
        """Adds bytes."""
        first, *done, rest = (b"\n" + self._rest + data).rsplit(b"\n", TAIL_LINES + 1)
        self._left_out |= bool(first)
        self._rest = rest[-4 * MAX_LINE :]
        for line in done:
            line = _visible(line[-4 * MAX_LINE :])
            if line:
                self._left_out |= len(self._lines) == TAIL_LINES
                self._lines.append(line)

    @property
    def lines(self) -> list[str]:
        """The last lines that are not empty, with control characters shown."""
        kept = [*self._lines, *filter(None, [_visible(self._rest)])]
        lines = [line.decode("utf-8", "replace").expandtabs() for line in kept[-TAIL_LINES:]]
        return [printable(line) for line in lines]

    @property
    def last(self) -> str:
        """The last line that is not empty."""
        return (self.lines or [""])[-1].strip()

    @property
    def text(self) -> str:
        """The last lines, at most MAX_OUTPUT characters, below a note if there were more."""
        lines = self.lines
        left_out = self._left_out or len(self._lines) + bool(_visible(self._rest)) > TAIL_LINES
        while len("\n".join([LEFT_OUT, *lines])) > MAX_OUTPUT:
            left_out = True
            del lines[0]
        return "\n".join([LEFT_OUT, *lines] if left_out else lines)


def _visible(line: bytes) -> bytes:
    """Returns what a terminal would show of a line that a progress bar overwrites."""
    written = (piece.rstrip() for piece in line.split(b"\r"))
    return next(filter(None, reversed(list(written))), b"")
