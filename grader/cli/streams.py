"""The commands' output streams, which may be closed, have lost their reader, or cannot encode ✓."""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import NoReturn

from grader.results.text import in_words, without_commands

PIPE_STATUS = 141  # the status a shell shows for a program that SIGPIPE ended


class OutputGone(KeyboardInterrupt):
    """The output has lost its reader: the command ends as on Ctrl-C, and keeps what it has."""


class Output(io.TextIOWrapper):
    """A text stream that stops the command when its reader has gone.

    Attributes:
      to_runner: whether GitHub's runner reads it; no text of a student may give it commands.
    """

    to_runner = False

    def write(self, text: str, /) -> int:
        """Writes text.

        Raises:
          OutputGone: if no reader is left.
        """
        try:
            return super().write(without_commands(text) if self.to_runner else text)
        except BrokenPipeError:
            self._leave()

    def flush(self) -> None:
        """Passes on what was written.

        Raises:
          OutputGone: if no reader is left.
        """
        try:
            super().flush()
        except BrokenPipeError:
            self._leave()

    def _leave(self) -> NoReturn:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())  # later messages go there
        os.close(nowhere)
        raise OutputGone


def in_workflow() -> bool:
    """True if GitHub's runner reads what is written."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def prepare(commands: bool = False) -> None:
    """Makes the process's standard streams safe to write to, in whatever state they are.

    A closed stream discards what is written; signs that a terminal's encoding lacks become words;
    in a GitHub workflow, no text remains that the runner would take for a command.

    Args:
      commands: whether stdout holds commands for the runner, made by `grader.handout.annotate`.
    """
    codecs.register_error("words", in_words)
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        if stream is None:  # closed: the next file opened would take its place
            setattr(sys, name, Output(open(os.devnull, "wb" if descriptor else "rb"), "utf-8"))
        elif type(stream) is io.TextIOWrapper and descriptor:
            lines, through = stream.line_buffering, stream.write_through
            made = Output(stream.buffer, stream.encoding, "words", None, lines, through)
            made.to_runner = in_workflow() and not (commands and name == "stdout")
            setattr(sys, name, made)
