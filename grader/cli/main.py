"""The command line: `python -m grader …`."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence

from grader.cli import classroom, desk, report
from grader.cli.grade import grade_command
from grader.cli.usage import UsageError
from grader.course import Course, find_course

COMMANDS: dict[str, Callable[[Sequence[str], Course], int]] = {
    "hint": desk.hint,
    "reset": desk.reset,
    "stubs": desk.make_stubs,
    "notebook": desk.notebook,
    "watch": desk.watch,
    "class": classroom.grade_class,
    "report": report.report,
    "release": desk.release,
    "doctor": desk.doctor,
}


def main(argv: Sequence[str] | None = None, course: Course | None = None) -> int:
    """Runs a command.

    Args:
      argv: the arguments, those of the process by default.
      course: the course to work in; found from the current folder by default.

    Returns:
      The exit status.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a ✓ must not stop a run in an old locale
    course = course or find_course()
    try:
        if not argv:
            from grader.cli import progress

            return progress.overview(course)

        if argv[0] in COMMANDS:
            return COMMANDS[argv[0]](argv[1:], course)
        return grade_command(argv, course)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more can be said, and Python should not try.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except OSError as error:
        print(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
        return 2
    except Exception:
        # 1 would mean that a task did not pass; a fault of the grader's is 2.
        traceback.print_exc()
        print("This is a fault of the grader, not of your work.", file=sys.stderr)
        return 2
