"""`python -m grader report OUT`: the results of a class, as a page or for another program."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.usage import UsageError
from grader.course import Course

if TYPE_CHECKING:
    from grader.classroom.formats import Output
    from grader.classroom.gradebook import Gradebook
    from grader.classroom.marks import ClassMarks

FORMATS = ("html", "canvas", "moodle", "moodle-worksheet", "gradescope", "junit", "github", "json")
MOST_NOTES = 20


def report(argv: Sequence[str], course: Course) -> int:
    """Writes a report of what `class` has graded.

    Args:
      argv: the arguments after `report`.

    Returns:
      The exit status.
    """
    from grader.classroom import tables
    from grader.classroom.feedback import FeedbackError, write_feedback
    from grader.classroom.gradebook import Gradebook, GradebookError
    from grader.classroom.marks import class_marks, rubrics
    from grader.classroom.policy_file import PolicyError, bring_policy
    from grader.results.files import write_text

    parser = argparse.ArgumentParser(
        prog="python -m grader report",
        description="Writes a report of the class that `class` has graded into OUT.",
    )
    parser.add_argument("out", metavar="OUT", type=Path)
    parser.add_argument(
        "--title", default="", help="name of the class (default: the folder's name)"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="html: OUT/report.html (default). canvas, moodle: a table to import. "
        "moodle-worksheet: an offline grading worksheet for each week's assignment. gradescope: a "
        "results.json for each student. junit: JUnit XML. github: a summary in Markdown, and "
        "annotations on stdout. json: everything",
    )
    parser.add_argument(
        "--feedback",
        metavar="DIR",
        type=Path,
        help="writes a page for each student, with only their own work, into DIR (new or empty), "
        "and packs the pages as feedback files for Moodle and Canvas",
    )
    arguments = parser.parse_args(argv)
    out: Path = arguments.out
    if not (out / "grades.sqlite").is_file():
        raise UsageError(
            f"There is no gradebook in {out}. `python -m grader class DIR --out {out}` makes one."
        )
    form = arguments.format or ("" if arguments.feedback else "html")
    try:
        with Gradebook(out) as book:
            everybody = frozenset(book.students)
            policy, times = bring_policy(None, out, rubrics(), book.weeks, everybody, book.renamed)
            if times is not None:
                book.correct_times(times)
            marks = class_marks(book, policy, arguments.title or out.resolve().name)
            # The policy may have changed since the last run of `class`.
            write_text(out / "grades.csv", tables.grades(marks))
            said: list[str] = []
            done = True
            if arguments.feedback:
                done = write_feedback(marks, book, arguments.feedback, said)
                print(f"{arguments.feedback}/ holds a page for each student.")
            if form:
                done = _form(form, marks, book, said) and done
    except (GradebookError, PolicyError, FeedbackError) as error:
        raise UsageError(str(error)) from None
    for line in said[:MOST_NOTES]:
        print(line, file=sys.stderr)
    if len(said) > MOST_NOTES:
        print(f"… and {len(said) - MOST_NOTES} more of these.", file=sys.stderr)
    return 0 if done else 2


def _form(form: str, marks: ClassMarks, book: Gradebook, said: list[str]) -> bool:
    """Writes the class in one format; returns False if a file cannot be written."""
    from grader.classroom.formats import FORMATS as FORMS
    from grader.classroom.formats import Output
    from grader.classroom.similarity import class_pairs

    if form in ("html", "json"):
        marks = replace(marks, similar=tuple(class_pairs(book, marks)))
    if form == "html":
        from grader.classroom.page.report import report as page

        output = Output({"report.html": page(marks, book, said)})
    else:
        output = FORMS[form](marks)
    said += output.notes
    sys.stdout.write(output.files.pop("-", ""))
    written = _write(book.folder, output, said)
    shows = " shows the class; open it in a browser." if form == "html" else ""
    for place in dict.fromkeys(_place(name) for name in written):
        print(f"{book.folder / place}{'/' if place not in written else ''}{shows}")
    return len(written) == len(output.files)


def _place(name: str) -> str:
    """Returns a file's folder, if it is in a separate one."""
    return name.split("/")[0]


def _write(folder: Path, output: Output, said: list[str]) -> list[str]:
    """Writes the files, reports those it cannot write, and returns the names of the others."""
    from grader.results.files import write_text

    written = []
    for name, text in output.files.items():
        try:
            write_text(folder / name, text)
        except (OSError, ValueError) as error:
            said.append(f"{name} cannot be written: {getattr(error, 'strerror', '') or error}.")
        else:
            written.append(name)
    for path in folder.glob(output.earlier) if output.earlier else ():
        if str(path.relative_to(folder)) not in output.files:
            path.unlink()
    return written
