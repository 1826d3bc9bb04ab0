"""Makes the students' hand-out: the course without the solutions, ready to use.

Before it writes anything to the destination, it searches every file of the hand-out for the body of
every task's function, and `likeness` measures how much of it appears there under other names.
If that is too much, it writes nothing.
"""

from __future__ import annotations

import ast
import io
import re
import shutil
import tempfile
import tokenize
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.course import Course
from grader.handout.likeness import EXCEPTIONS, Likeness, exceptions, likeness
from grader.source.program import Definition, Function, body_of
from grader.source.stubs import only_for_answers, task_functions, week_stub

HANDOUT = Path(__file__).parent  # its README.md is the hand-out's
WORKFLOW = HANDOUT / "grade.yml"
PLACE = "your-organisation/flaxlings # your course"
VERSION = re.compile(r"ref: \S+ # your course.*")
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
PINNED = re.compile(r"v\d[\w.+-]*|[0-9a-f]{40}")
# The templates for new weeks contain the answer to their example task.
SKIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "authoring")
TOUR = "<!-- tour -->\n"  # where the README of the hand-out lists the weeks
NOTE = (
    "\n> Commands that begin with `python -m solutions` belong to the complete course. This copy\n"
    "> has no `solutions/`; the page describes what they print and draw.\n"
)


class ReleaseError(Exception):
    """The hand-out cannot be made; the text says why and what to do."""


def release(course: Course, destination: Path, repository: str = "", version: str = "") -> None:
    """Writes the hand-out, completely or not at all.

    Args:
      course: the complete course.
      destination: a folder that does not exist yet, or is empty.
      repository: "owner/name" on GitHub, where the students' workflow gets its grader; with "",
        the instructor has to fill in the line.
      version: the tag or commit there; "" means this version's tag.

    Raises:
      ReleaseError: if there are no solutions, an answer would be handed out, or the destination
        or a name is not valid.
    """
    if repository and not REPOSITORY.fullmatch(repository):
        raise ReleaseError(f"--repository must be OWNER/NAME as on GitHub, not {repository}.")
    if version and not PINNED.fullmatch(version):
        raise ReleaseError(
            f"--version must be a tag such as v1.0 or a full commit hash, not {version}: marks "
            "need a grader that does not change."
        )
    destination = destination.absolute()
    check_place(course, destination)
    with tempfile.TemporaryDirectory(prefix=".release-", dir=destination.parent) as work:
        made = Path(work, "handout")
        write_course(course, made, repository, version)
        refuse_answers(made, course)
        made.replace(destination)


def check_place(course: Course, destination: Path) -> None:
    """Makes sure that a hand-out can be made, and that its destination is free.

    Args:
      course: the complete course.
      destination: a new file, or a folder that does not exist yet, or is empty.

    Raises:
      ReleaseError: if there are no solutions, or the destination is not free.
    """
    if not course.solutions.is_dir():
        raise ReleaseError("There is no solutions/ here: this is already a hand-out for students.")
    if course.holds(destination):
        raise ReleaseError(f"{destination} is in the course itself. Choose a place outside.")
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise ReleaseError(f"{destination} already exists. Choose a new name or an empty folder.")
    destination.parent.mkdir(parents=True, exist_ok=True)


def refuse_answers(made: Path, course: Course) -> None:
    """Makes sure that no file of a hand-out contains the body of a task's function, or much of it.

    Raises:
      ReleaseError: if one does.
    """
    for week in course.weeks():
        text = (course.solutions / f"{week}.py").read_text(encoding="utf-8")
        for helper in only_for_answers(text, task_functions(course, week)):
            raise ReleaseError(
                f"solutions/{week}.py: only answers use {helper}, and students would get it. "
                f"Nothing was handed out; call it _{helper}."
            )
    found = next(answers_in(made, course), None)
    if found is not None:
        file, name = found
        raise ReleaseError(
            f"{file.relative_to(made)} contains the answer to {name}: the same statements as the "
            "solution. Nothing was handed out. Rewrite that place."
        )
    reasons = _reasons(course)
    too_much = [each for each in likeness(made, course) if each.is_too_much]
    if refused := [str(each) for each in too_much if each.key not in reasons]:
        raise ReleaseError(
            "\n".join(refused) + "\nNothing was handed out. Rewrite these places, or explain in "
            f"solutions/{EXCEPTIONS} why they may stay."
        )


def measure(course: Course) -> list[tuple[Likeness, str]]:
    """Measures how much of each task's solution would be handed out.

    Returns:
      For each task, the measure and the reason why it may exceed the limit, or "".

    Raises:
      ReleaseError: if there are no solutions, or the reasons cannot be read.
    """
    if not course.solutions.is_dir():
        raise ReleaseError("There is no solutions/ here: this is already a hand-out for students.")
    reasons = _reasons(course)
    with tempfile.TemporaryDirectory(prefix="release-") as work:
        made = Path(work, "handout")
        write_course(course, made)
        return [(each, reasons.get(each.key, "")) for each in likeness(made, course)]


def _reasons(course: Course) -> dict[tuple[str, str], str]:
    try:
        return exceptions(course)
    except ValueError as error:
        raise ReleaseError(f"solutions/{EXCEPTIONS}: {error}") from None


def write_course(course: Course, made: Path, repository: str = "", version: str = "") -> None:
    """Writes the course without solutions.

    Args:
      course: the complete course.
      made: a folder that does not exist.
      repository: as for `release`.
      version: as for `release`.
    """
    made.mkdir(parents=True)
    for name in ("pyproject.toml", "LICENSE", ".gitignore"):
        shutil.copy(course.root / name, made / name)
    for name in (".vscode", ".devcontainer"):
        shutil.copytree(course.root / name, made / name)
    readme = (HANDOUT / "README.md").read_text(encoding="utf-8")
    (made / "README.md").write_text(readme.replace(TOUR, tour(course)), encoding="utf-8")
    for name in ("lib", "grader"):
        shutil.copytree(course.root / name, made / name, ignore=SKIPPED)
    exercises = made / "exercises"
    shutil.copytree(course.exercises / "pictures", exercises / "pictures", ignore=SKIPPED)
    shutil.copy(course.exercises / "__init__.py", exercises)
    for page in course.exercises.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        if "python -m solutions" in text:
            title, newline, rest = text.partition("\n")
            text = title + newline + NOTE + rest
        (exercises / page.name).write_text(text, encoding="utf-8")
    (made / "stubs").mkdir()
    for week in course.weeks():
        for folder in (exercises, made / "stubs"):
            (folder / f"{week}.py").write_text(week_stub(course, week), encoding="utf-8")
    workflow = made / ".github" / "workflows" / "grade.yml"
    workflow.parent.mkdir(parents=True)
    text = WORKFLOW.read_text(encoding="utf-8")
    if repository:
        text = text.replace(PLACE, repository)
    text = VERSION.sub(f"ref: {version or _own_version(course)}", text)
    workflow.write_text(text, encoding="utf-8")


def tour(course: Course) -> str:
    """Returns the rows of a table: each week, its topic, and its lesson.

    The topic is the first line of the exercise, after "Week 1:".
    """
    rows = []
    for week in course.weeks():
        about = (ast.get_docstring(ast.parse(week_stub(course, week))) or "").partition("\n")[0]
        about = (about.partition(": ")[2] or about).removesuffix(".")
        rows.append(f"| {week} | {about} | [{week}.md](exercises/{week}.md) |\n")
    return "".join(rows)


def _own_version(course: Course) -> str:
    project = tomllib.loads((course.root / "pyproject.toml").read_text(encoding="utf-8"))
    return f"v{project['project']['version']}"


def answers(course: Course) -> Iterator[tuple[str, str]]:
    """Yields what a hand-out must not contain: the week and name, and a function's body as text.

    Each body is yielded twice: as in the file, without comments, and as `ast.unparse` writes it.

    The bodies are those of the functions and methods that the tasks ask for, and of the solutions'
    private helpers, without docstrings.
    """
    for week in course.weeks():
        text = (course.solutions / f"{week}.py").read_text(encoding="utf-8")
        tree, lines = ast.parse(text), _without_comments(text).split("\n")
        wanted = task_functions(course, week)
        for node in tree.body:
            if not isinstance(node, Definition):
                continue
            if node.name in wanted or node.name.startswith("_"):
                for inner in ast.walk(node):
                    if isinstance(inner, Function) and body_of(inner):
                        first, last = body_of(inner)[0].lineno, inner.end_lineno
                        yield f"{week} {node.name}", "\n".join(lines[first - 1 : last])
                        written = (ast.unparse(statement) for statement in body_of(inner))
                        yield f"{week} {node.name}", "\n".join(written)


def answers_in(folder: Path, course: Course) -> Iterator[tuple[Path, str]]:
    """Yields each file of a folder that contains an answer, and the answer's week and name.

    Spaces, line breaks, comments, kinds of quotes and redundant brackets make no difference.
    """
    wanted = [(name, f" {_words(body)} ") for name, body in answers(course)]
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        forms = [f" {_words(form)} " for form in _forms(text)]
        for name, body in wanted:
            if any(body in form for form in forms):
                yield path, name


def _forms(text: str) -> Iterable[str]:
    """Yields a text unchanged, without comments, and as `ast.unparse` writes it."""
    yield text
    try:
        yield _without_comments(text)
        yield ast.unparse(ast.parse(text))
    except (SyntaxError, tokenize.TokenError, ValueError):
        return


def _without_comments(text: str) -> str:
    """Returns a program without its comments, line by line.

    Raises:
      SyntaxError, tokenize.TokenError: if it is not a program.
    """
    lines = text.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            line, column = token.start
            lines[line - 1] = lines[line - 1][:column]
    return "\n".join(lines)


def _words(text: str) -> str:
    """Returns the words and signs of a text, separated by one space, with one kind of quote."""
    return " ".join(re.findall(r"\w+|[^\w\s]", text.replace("\\n", "\n").replace('"', "'")))
