"""Describes an exception of the student's code as plain data."""

from __future__ import annotations

import io
import re
import sys
import types
from typing import Any

MAX_TEXT = 2000  # characters of an exception's message to send
# What Python adds to the last line of a traceback: "Did you mean: 'values'?"
SUGGESTION = re.compile(
    r"\. (Did you (?:mean|forget)[^\n?]{1,200}\?(?: Or did you [^\n?]{1,200}\?)?)$", re.MULTILINE
)


def bounded(text: Any) -> str:
    """Returns at most `MAX_TEXT` characters of an object's str()."""
    try:
        return str(text)[:MAX_TEXT]
    except BaseException as error:
        return f"(its text cannot be shown: {type(error).__name__})"


def message(error: BaseException) -> str:
    """Returns an exception's message with the "Did you mean …?" that Python adds when it prints."""
    text = bounded(error)
    if not isinstance(error, NameError | AttributeError | ImportError):
        return text
    suggestion = ""
    shown, stderr = io.StringIO(), sys.stderr
    try:
        sys.stderr = shown
        sys.__excepthook__(type(error), error, error.__traceback__)
        found = SUGGESTION.findall(shown.getvalue()[-2 * MAX_TEXT :])
        suggestion = found[-1] if found else ""
    except BaseException:
        return text
    finally:
        sys.stderr = stderr
    if not suggestion or suggestion in text:
        return text
    return f"{text[: MAX_TEXT - len(suggestion) - 2].rstrip('.')}. {suggestion}"


def raised(error: BaseException, path: str) -> dict[str, Any]:
    """Describes an exception: its type, its text, and the student's own lines on the way.

    Args:
      error: the exception.
      path: the path of the student's file.

    Returns:
      {"type", "message", "frames": (line, function) pairs, outermost first, "line": the line of a
      syntax error, or None}
    """
    own_frames = []
    trace: types.TracebackType | None = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == path:
            own_frames.append((int(trace.tb_lineno), str(code.co_name)[:80]))
        trace = trace.tb_next
    line = None
    if isinstance(error, SyntaxError) and error.filename == path:
        line = error.lineno
    return {
        "type": type(error).__name__[:80],
        "message": message(error),
        "frames": own_frames[:2] + own_frames[2:][-6:],
        "line": line if type(line) is int else None,
    }
