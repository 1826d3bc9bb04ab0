"""Generates a lesson page and a page of tasks for each week, so that new weeks get theirs too."""

import ast
from pathlib import Path

from docstrings import as_rst
from sphinx.application import Sphinx

from grader.course import COURSE
from grader.rubric import Task, read_rubric

LESSON = """```{{include}} ../../exercises/{week}.md
:relative-images:
```
"""


def _points(number: float) -> str:
    return "1 point" if number == 1 else f"{number:g} points"


def _documented(node: ast.FunctionDef | ast.ClassDef, app: Sphinx) -> list[str]:
    """Returns the lines that document a stub: its signature, then its docstring."""
    if isinstance(node, ast.ClassDef):
        made = next((each for each in _methods(node) if each.name == "__init__"), None)
        directive, described = "class", made
    else:
        directive, described = "function", node
    signature = ""
    if described:
        arguments = described.args
        if isinstance(node, ast.ClassDef):
            del arguments.args[0]
        returns = f" -> {ast.unparse(described.returns)}" if directive == "function" else ""
        signature = f"({ast.unparse(arguments)}){returns}"
    body = as_rst(ast.get_docstring(node) or "", app, directive, node.name)
    if isinstance(node, ast.ClassDef):
        for method in _methods(node):
            if method.name != "__init__":
                body += ["", *_documented(method, app)]
    return [f".. py:{directive}:: {node.name}{signature}", "", *(f"   {line}" for line in body)]


def _methods(node: ast.ClassDef) -> list[ast.FunctionDef]:
    return [each for each in node.body if isinstance(each, ast.FunctionDef)]


def _task(week: str, task: Task, stubs: dict, app: Sphinx) -> list[str]:
    facts = [f"`{task.name}`", _points(task.points)]
    if task.needs:
        needed = ", ".join(f"[`{name}`](#{week}-{name})" for name in task.needs)
        facts.append(f"counts when {needed} has passed")
    lines = [f"({week}-{task.name})=", f"## {task.title}", "", " · ".join(facts), ""]
    for name in task.functions:
        lines += ["```{eval-rst}", f".. py:currentmodule:: exercises.{week}", ""]
        lines += [*_documented(stubs[name], app), "```", ""]
    return lines


def tasks_page(week: str, app: Sphinx) -> str:
    """Returns a week's page of tasks, from the rubric and the exercise's docstrings."""
    rubric = read_rubric(COURSE.checks / f"{week}.py")
    tree = ast.parse((COURSE.exercises / f"{week}.py").read_text(encoding="utf-8"))
    stubs = {
        node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    total = sum(task.points for task in rubric)
    lines = [
        f"# {week.capitalize().replace('k', 'k ')}: tasks",
        "",
        f"Read [the lesson](../lessons/{week}.md), write your answers in `exercises/{week}.py`,",
        f"and grade them with `python -m grader {week}`.",
        "",
        "| task | points |",
        "| --- | ---: |",
        *(f"| [{task.title}](#{week}-{task.name}) | {task.points:g} |" for task in rubric),
        f"| all | {total:g} |",
        "",
    ]
    for task in rubric:
        lines += _task(week, task, stubs, app)
    return "\n".join(lines)


def write(page: Path, text: str) -> None:
    """Writes a page only if it has changed, so that Sphinx does not read it again."""
    if not page.exists() or page.read_text(encoding="utf-8") != text:
        page.parent.mkdir(exist_ok=True)
        page.write_text(text, encoding="utf-8")


def make(app: Sphinx) -> None:
    """Writes the pages that have changed."""
    for week in COURSE.weeks():
        write(Path(app.srcdir, "lessons", f"{week}.md"), LESSON.format(week=week))
        write(Path(app.srcdir, "tasks", f"{week}.md"), tasks_page(week, app))


def setup(app: Sphinx) -> dict:
    """Makes Sphinx generate the pages before it looks for them."""
    app.connect("builder-inited", make)
    return {"parallel_read_safe": True}
