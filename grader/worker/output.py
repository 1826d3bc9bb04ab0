"""What a worker prints: bounded, and harmless to show."""

from __future__ import annotations

import collections

TAIL_LINES = 20
MAX_LINE = 400


def printable(text: str, limit: int = MAX_LINE) -> str:
    """Returns one line of text in which control characters and escape codes are shown, not done."""
    shown = []
    for character in text[: limit + 1]:
        if character.isprintable():
            shown.append(character)
        else:
            shown.append(character.encode("unicode_escape").decode("ascii"))
    line = "".join(shown)
    return line if len(line) <= limit else line[: limit - 1] + "…"


class Tail:
    """The last lines of an endless stream, in bounded memory; made readable only when asked for."""

    def __init__(self) -> None:
        self._lines: collections.deque[bytes] = collections.deque(maxlen=TAIL_LINES)
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Takes in bytes; a carriage return ends a line too, as progress bars use it."""
        *done, rest = (self._rest + data).replace(b"\r", b"\n").rsplit(b"\n", TAIL_LINES)
        self._rest = rest[-4 * MAX_LINE :]
        for line in done:
            line = line[-4 * MAX_LINE :].rstrip()
            if line:
                self._lines.append(line)

    @property
    def lines(self) -> list[str]:
        """The last lines that are not empty, control characters shown."""
        kept = [*self._lines, *([self._rest] if self._rest.strip() else [])]
        return [printable(line.decode("utf-8", "replace").strip()) for line in kept]

    @property
    def last(self) -> str:
        """The last line that is not empty."""
        rest = self._rest.strip() or (self._lines[-1] if self._lines else b"")
        return printable(rest.decode("utf-8", "replace").strip())
