"""The command line: `python -m grader …`."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence

from grader.cli import classroom, desk, new, report, streams
from grader.cli.check_the_checks import check_the_checks
from grader.cli.grade import grade_command
from grader.cli.usage import UsageError
from grader.course import Course, find_course
from grader.targets import TableError, read_targets

COMMANDS: dict[str, Callable[[Sequence[str], Course], int]] = {
    "hint": desk.hint,
    "explain": desk.explain,
    "quiz": desk.quiz,
    "reset": desk.reset,
    "new": new.new,
    "stubs": desk.make_stubs,
    "notebook": desk.notebook,
    "watch": desk.watch,
    "class": classroom.grade_class,
    "report": report.report,
    "release": desk.release,
    "check-the-checks": check_the_checks,
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
    streams.prepare(commands=argv[:1] == ["report"])
    course = course or find_course()
    try:
        return _run(argv, course)
    except streams.OutputGone:
        return streams.PIPE_STATUS


def _run(argv: list[str], course: Course) -> int:
    """Runs a command, and says in a sentence why it could not finish."""
    try:
        try:
            return _command(argv, course)
        finally:
            sys.stdout.flush()  # a stream that cannot be written is reported below
    except (UsageError, TableError) as error:
        print(error, file=sys.stderr)
        return 2
    except streams.OutputGone:
        raise
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
        return 2
    except Exception:
        # 1 would mean that a task did not pass; a fault of the grader is 2.
        traceback.print_exc()
        print("This is a fault of the grader, not of your work.", file=sys.stderr)
        return 2


def _command(argv: list[str], course: Course) -> int:
    read_targets()  # reports mistakes in that file before anything runs
    if not argv:
        from grader.cli import progress

        return progress.overview(course)
    if argv[0] in COMMANDS:
        return COMMANDS[argv[0]](argv[1:], course)
    return grade_command(argv, course)
