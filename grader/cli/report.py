"""`python -m grader report OUT`: what a class has come to, as a page or for another program."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.cli.usage import UsageError
from grader.course import Course

FORMATS = ("html", "canvas", "moodle", "gradescope", "junit", "github", "json")


def report(argv: Sequence[str], course: Course) -> int:
    """Writes a report of what `class` has graded.

    Args:
      argv: the arguments after `report`.

    Returns:
      The exit status.
    """
    from grader.classroom import tables
    from grader.classroom.gradebook import Gradebook, GradebookError
    from grader.classroom.marks import class_marks, rubrics
    from grader.classroom.policy_file import PolicyError, bring_policy
    from grader.classroom.similarity import class_pairs
    from grader.results.files import write_text

    parser = argparse.ArgumentParser(
        prog="python -m grader report",
        description="Makes a report of what `class` has graded into OUT.",
    )
    parser.add_argument("out", metavar="OUT", type=Path)
    parser.add_argument("--title", default="", help="names the class (default: the folder's name)")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="html",
        help="html: OUT/report.html (default). canvas, moodle: a table to import. gradescope: a "
        "results.json for each student. junit: JUnit XML. github: a summary in Markdown, and "
        "annotations on stdout. json: everything",
    )
    arguments = parser.parse_args(argv)
    out: Path = arguments.out
    if not (out / "grades.sqlite").is_file():
        raise UsageError(
            f"There is no gradebook in {out}. python -m grader class DIR --out {out} makes one."
        )
    try:
        with Gradebook(out) as book:
            everybody = frozenset(book.students)
            policy, times = bring_policy(None, out, rubrics(), book.weeks, everybody)
            if times is not None:
                book.correct_times(times)
            marks = class_marks(book, policy, arguments.title or out.resolve().name)
            if arguments.format in ("html", "json"):
                marks = replace(marks, similar=tuple(class_pairs(book, marks)))
            if arguments.format == "html":
                from grader.classroom.page.report import report as page

                files = {"report.html": page(marks, book)}
            else:
                from grader.classroom.formats import FORMATS as forms

                files = forms[arguments.format](marks)
            # The policy may be another than at the last run of `class`.
            write_text(out / "grades.csv", tables.grades(marks))
    except (GradebookError, PolicyError) as error:
        raise UsageError(str(error)) from None
    sys.stdout.write(files.pop("-", ""))
    for name, text in files.items():
        write_text(out / name, text)
    first = next(iter(files), "")
    where = out / (first if len(files) == 1 else f"{first.split('/')[0]}/")
    print(f"{where} shows the class; open it in a browser." if first == "report.html" else where)
    return 0
