"""The commands of a student's desk (hints, stubs, notebooks, watching), and the hand-out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from grader.cli.usage import UsageError, chosen_tasks, chosen_weeks
from grader.course import Course
from grader.source.submission import SubmissionError
from grader.worker import tiers


def _parser(name: str, about: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=f"python -m grader {name}", description=about)


def _week(name: str, course: Course) -> str:
    weeks = chosen_weeks([name], course)
    if len(weeks) != 1:
        raise UsageError("Say which week: one of " + ", ".join(course.weeks()) + ".")
    return weeks[0]


def hint(argv: Sequence[str], course: Course) -> int:
    """Shows the next hint of a task."""
    from grader.cli import hints, progress
    from grader.rubric import read_rubric

    parser = _parser("hint", "Shows the next hint for a task.")
    parser.add_argument("week", metavar="WEEK")
    parser.add_argument(
        "task", metavar="TASK", nargs="?", help="default: the first that has not passed"
    )
    parser.add_argument("--task", metavar="TASK", dest="option", help="the same")
    arguments = parser.parse_args(argv)
    week = _week(arguments.week, course)
    tasks = {task.name: task for task in read_rubric(course.checks / f"{week}.py")}
    asked = arguments.task or arguments.option
    name = chosen_tasks([asked], [week], course)[0] if asked else progress.next_task(course, week)
    if name is None:
        print(f"Every task of {week} has passed.")
        return 0
    print(hints.next_hint(course, week, tasks[name]))
    return 0


def explain(argv: Sequence[str], course: Course) -> int:
    """Sums up what a task that has passed taught."""
    from grader.cli import progress, success
    from grader.results.text import console, prose

    parser = _parser("explain", "Sums up what a task taught, once it has passed.")
    parser.add_argument("week", metavar="WEEK")
    parser.add_argument("task", metavar="TASK")
    arguments = parser.parse_args(argv)
    week = _week(arguments.week, course)
    state, texts, out = progress.load(course), success.explanations(course, week), console()
    for name in chosen_tasks([arguments.task], [week], course):
        if not progress.passed(state, week, name):
            out.print(
                f"The explanation of {name} appears once it has passed: "
                f"python -m grader {week} --task {name}"
            )
        elif name in texts:
            out.print(prose(texts[name], out.width if out.is_terminal else None))
        else:
            out.print(f"{name} has no explanation.")
    return 0


def quiz(argv: Sequence[str], course: Course) -> int:
    """Asks the questions of a lesson."""
    from grader.cli import quiz as questions

    parser = _parser("quiz", "Asks the questions at the end of a week's lesson. No points.")
    parser.add_argument("week", metavar="WEEK")
    week = _week(parser.parse_args(argv).week, course)
    return questions.ask(course, week)


def reset(argv: Sequence[str], course: Course) -> int:
    """Restores a week's stub."""
    from grader.cli import progress
    from grader.source import stubs
    from grader.source.reading import find

    parser = _parser("reset", "Restores a week's stub, and keeps your file next to it.")
    parser.add_argument("week", metavar="WEEK")
    week = _week(parser.parse_args(argv).week, course)
    try:
        copy = stubs.write_stub(course, week, always_copy=True)
    except SubmissionError as error:
        raise UsageError(str(error)) from None
    kept = f" Your old file is now {copy.name}." if copy else ""
    print(f"exercises/{week}.py is the stub again.{kept}")
    if any(entry["status"] == "passed" for entry in progress.load(course).get(week, {}).values()):
        print(
            "Your progress still shows what passed before, until you grade the week again: "
            f"python -m grader {week}"
        )
    if (course.exercises / f"{week}.ipynb").exists():
        path, _ = find(course.exercises, week, stubs.task_functions(course, week), newest=True)
        if path.suffix == ".ipynb":
            print(
                f"But exercises/{path.name} holds work, and the grader will take that file. "
                f"`python -m grader notebook {week}` makes a new one from the stub, and keeps the "
                "old one."
            )
    return 0


def make_stubs(argv: Sequence[str], course: Course) -> int:
    """Writes the exercises from the solutions."""
    from grader.source import stubs

    parser = _parser("stubs", "Writes exercises/ from solutions/, for authors of the course.")
    parser.add_argument("weeks", metavar="WEEK", nargs="*", default=["all"])
    for week in chosen_weeks(parser.parse_args(argv).weeks, course):
        try:
            copy = stubs.write_stub(course, week, always_copy=False)
        except SubmissionError as error:
            raise UsageError(str(error)) from None
        kept = f" ({copy.name} keeps what was there)" if copy else ""
        print(f"exercises/{week}.py{kept}")
    return 0


def notebook(argv: Sequence[str], course: Course) -> int:
    """Writes an exercise as a notebook, or back."""
    from grader.results.files import write_text
    from grader.source import notebook as convert
    from grader.source.stubs import keep_copy

    parser = _parser("notebook", "Turns exercises/WEEK.py into a notebook next to it.")
    parser.add_argument("week", metavar="WEEK")
    parser.add_argument("--back", action="store_true", help="from the notebook to the .py file")
    arguments = parser.parse_args(argv)
    week = _week(arguments.week, course)
    endings = (".ipynb", ".py") if arguments.back else (".py", ".ipynb")
    source, target = (course.exercises / f"{week}{ending}" for ending in endings)
    try:
        text = source.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        made = convert.to_program(text) if arguments.back else convert.to_notebook(text)
    except FileNotFoundError:
        raise UsageError(f"There is no exercises/{source.name}.") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"exercises/{source.name} cannot be read: {error}.") from None
    kept = ""
    if target.exists() and target.read_bytes() != made.encode():
        kept = f" The old file is now {keep_copy(target).name}."
    write_text(target, made)
    print(f"exercises/{target.name} was made from {source.name}.{kept}")
    if not arguments.back:
        print(_how_to_open(target.name, week))
    return 0


def _how_to_open(name: str, week: str) -> str:
    """Says how to open a notebook here, and how to grade it."""
    from importlib.util import find_spec

    has = any(find_spec(package) for package in ("jupyterlab", "notebook"))
    get = "" if has else "Jupyter is not installed: pip install -e '.[notebook]' installs it.\n"
    return f"{get}Open it: jupyter lab exercises/{name}. Grade it: python -m grader {week}"


def watch(argv: Sequence[str], course: Course) -> int:
    """Grades on every save."""
    from grader.cli import progress
    from grader.source.reading import find

    parser = _parser("watch", "Grades a week now and whenever its file is saved. Ctrl-C stops it.")
    parser.add_argument(
        "week", metavar="WEEK", nargs="?", help="default: the first unfinished week"
    )
    parser.add_argument("--isolation", choices=tiers.TIERS, default="auto")
    arguments = parser.parse_args(argv)
    if arguments.week:
        week = _week(arguments.week, course)
    else:
        unfinished = [name for name in course.weeks() if progress.next_task(course, name)]
        week = (unfinished or course.weeks())[0]
    from grader.cli.watch import watch as run
    from grader.source.stubs import task_functions

    try:
        path, _ = find(course.exercises, week, task_functions(course, week), newest=True)
        tier = tiers.choose(arguments.isolation)
    except (SubmissionError, tiers.IsolationError) as error:
        raise UsageError(str(error)) from None
    return run(week, path, course, tier)


def release(argv: Sequence[str], course: Course) -> int:
    """Writes the students' hand-out."""
    from pathlib import Path

    from grader.course import COURSE, UNWRITTEN
    from grader.handout.autograder import autograder
    from grader.handout.release import PLACE, ReleaseError, measure
    from grader.handout.release import release as make
    from grader.results.text import number
    from grader.rubric import read_rubric

    parser = _parser(
        "release", "Writes the hand-out for students: the course without the solutions."
    )
    parser.add_argument(
        "place", metavar="DEST", type=Path, nargs="?", help="a new folder (or a new .zip)"
    )
    parser.add_argument(
        "--measure",
        action="store_true",
        help="write nothing; show how much of each task's solution the hand-out holds",
    )
    parser.add_argument(
        "--repository",
        metavar="OWNER/NAME",
        default="",
        help="where the hand-out will be on GitHub; the students' workflow gets its grader there",
    )
    parser.add_argument(
        "--version", metavar="TAG", default="", help="its tag or commit (default: vX.Y.Z)"
    )
    parser.add_argument(
        "--gradescope",
        metavar="WEEK",
        help="write a week's autograder for Gradescope, DEST.zip, instead of the hand-out",
    )
    arguments = parser.parse_args(argv)
    place = arguments.place
    try:
        if arguments.measure:
            measured = measure(COURSE)
            for each, reason in measured:
                print(f"{each}; {reason}" if reason else each)
            return int(any(each.is_too_much and not reason for each, reason in measured))
        if place is None:
            raise UsageError("Name a new folder: python -m grader release DEST")
        if arguments.gradescope:
            if arguments.repository or arguments.version:
                raise UsageError("--repository and --version are about the hand-out's workflow.")
            week = _week(arguments.gradescope, COURSE)
            autograder(COURSE, week, place)
        else:
            make(COURSE, place, arguments.repository, arguments.version)
    except (ReleaseError, SubmissionError) as error:
        raise UsageError(str(error)) from None
    if arguments.gradescope:
        points = sum(task.points for task in read_rubric(COURSE.checks / f"{week}.py"))
        print(
            f"{place} is Gradescope's autograder of {week}. Upload it under Configure Autograder, "
            f"give the assignment {number(points)} points, and in its settings give the container "
            "at least 1 CPU, 3 GB and 40 minutes. None of its files holds the body of a task."
        )
        return 0
    print(f"{place} is the hand-out. None of its files holds the body of a task.")
    texts = [
        f"{folder}/{week}{ending}"
        for week in COURSE.weeks()
        for folder, ending in (
            ("exercises", ".md"),
            ("exercises", ".py"),
            ("grader/checks", ".py"),
            ("grader/explanations", ".md"),
        )
    ]
    left = [
        text
        for text in ("README.md", *texts)
        if (place / text).is_file() and UNWRITTEN in (place / text).read_text("utf-8")
    ]
    if left:
        print(f'Students will read "{UNWRITTEN}" in {", ".join(left)}.')
    if not arguments.repository:
        print(
            f'Its .github/workflows/grade.yml still says "{PLACE.split(" #")[0]}" where the '
            "repository belongs; --repository fills that in."
        )
    return 0


def doctor(argv: Sequence[str], course: Course) -> int:
    """Says what this machine can do."""
    from grader.cli.doctor import doctor as examine

    _parser("doctor", "Reports what this machine lacks and how to fix it.").parse_args(argv)
    sys.stdout.flush()
    return examine(course)
