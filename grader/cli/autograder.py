"""Grades one submission in Gradescope's container: `run_autograder` of `release --gradescope`.

The container's folders are those of Gradescope's autograder specification
(https://gradescope-autograders.readthedocs.io/en/latest/specs/): the student's files are in
`submission`, this grader is in `source`, and Gradescope reads `results/results.json`. Without that
file, Gradescope reports that the autograder failed. A fault of the host ends this way, never as a
mark. If no file could be taken, the student gets a 0 with the reason, because only the student can
fix that.
"""

from __future__ import annotations

import argparse
import json
import shutil
import stat
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.cli import streams
from grader.course import COURSE
from grader.intake.collect import collect
from grader.intake.decide import decide
from grader.intake.model import FoundFile, Handed, Person
from grader.results.text import number
from grader.rubric import read_rubric
from grader.worker import tiers

STUDENT = "student"  # the student's name for the intake; Gradescope knows the real one
MAX_LISTED = 10


def close(root: Path) -> list[Path]:
    """Makes everything in the container's folder accessible to its owner only.

    Returns:
      The paths that are closed now.
    """
    closed = [path for path in sorted(root.iterdir()) if not path.is_symlink()]
    for path in closed:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o077)
    return closed


def taken(week: str, root: Path) -> tuple[Handed | None, list[FoundFile]]:
    """Finds the file of a week in the submission, as `class` does.

    Returns:
      The file, or None if there is none or more than one; and every file found.
    """
    with tempfile.TemporaryDirectory(prefix="hand-in-") as folder:
        shutil.copytree(root / "submission", Path(folder, STUDENT), symlinks=True)
        collected = collect(Path(folder), [Person(STUDENT)])
        intake = decide(collected, COURSE.weeks(), {})
    files = [replace(f, file=f.file.removeprefix(f"{STUDENT}/")) for f in intake.files]
    return intake.handed.get((STUDENT, week)), files


def listed(files: Sequence[FoundFile]) -> str:
    """Lists the files that were not taken, with the reasons that concern a student.

    Advice about an instructor's policy is left out: a student can only hand in again.
    """
    shown = [f.file if "policy" in f.reason else f"{f.file} ({f.reason})" for f in files]
    more = f" and {len(shown) - MAX_LISTED} more" if len(shown) > MAX_LISTED else ""
    return f"{'; '.join(shown[:MAX_LISTED])}{more}"


def grade(week: str, root: Path) -> int:
    """Grades the submission and writes its results.

    Args:
      week: "week3".
      root: the container's folder; closed to other users.

    Returns:
      0, or 2 if something could not be judged: then there are no results.
    """
    from grader.cli.display import Display
    from grader.results.files import write_text
    from grader.results.gradescope import gradescope_text
    from grader.session.options import Options
    from grader.session.week import grade_work
    from grader.source.reading import work_of
    from grader.source.stubs import task_functions

    results = root / "results" / "results.json"
    results.unlink(missing_ok=True)
    handed, files = taken(week, root)
    others = listed([file for file in files if file.week != week])
    if handed is None:
        why = (
            f"Nothing was graded, so this 0 is not a mark yet: hand in one file called {week}.py "
            f"or {week}.ipynb. Found: {others or 'nothing'}."
        )
        print(why)
        write_text(results, json.dumps({"score": 0.0, "output": why}, indent=2) + "\n")
        return 0
    name = handed.source.removeprefix(f"{STUDENT}/")
    work = work_of(handed.files, week, task_functions(COURSE, week))
    result = grade_work(work, Options(tier="user"), Display(), name=name)
    if result.ungraded:
        print("Something could not be judged, so there is no mark. Run the autograder again.")
        return 2
    note = f"Graded: {name}." + (f" Not graded: {others}." if others else "")
    write_text(results, gradescope_text([result], note))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command.

    Args:
      argv: the arguments; those of the process by default.

    Returns:
      The exit status.
    """
    streams.prepare()
    parser = argparse.ArgumentParser(prog="run_autograder", description="Grades a submission.")
    parser.add_argument("week", metavar="WEEK", choices=COURSE.weeks())
    parser.add_argument("--root", type=Path, default=Path("/autograder"))
    parser.add_argument("--check", action="store_true", help="only check that it can grade")
    arguments = parser.parse_args(argv)
    try:
        tiers.choose("user", close(arguments.root))
    except tiers.IsolationError as error:
        print(f"Student code cannot be isolated here, so nothing is graded: {error}")
        return 2
    if arguments.check:
        points = sum(task.points for task in read_rubric(COURSE.checks / f"{arguments.week}.py"))
        print(f"The autograder of {arguments.week} is ready: {number(points)} points.")
        return 0
    return grade(arguments.week, arguments.root)


if __name__ == "__main__":
    sys.exit(main())
