"""The page about the judge: every example runs, and every message is what the grader says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course import COURSE, Course
from grader.results.model import TaskResult
from grader.results.text import compose
from grader.secret import Secret
from grader.session.options import Options
from tests.grader.conftest import judged

PAGE = COURSE.root / "docs/judge.md"
SEED = 1
NAMED = {
    "The solution": "solution",
    "The check": "check",
    "A wrong answer": "wrong",
    "The grader says": "said",
}
EXAMPLE = re.compile(rf"^({'|'.join(NAMED)}):\n\n```\w+\n(.*?)\n```$", re.DOTALL | re.MULTILINE)


def examples() -> Iterator[dict[str, str]]:
    """Yields the parts of each section that has an example."""
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        found = {NAMED[name]: text for name, text in EXAMPLE.findall(section)}
        if found:
            yield {"title": section.split("\n")[0], **found}


EXAMPLES = list(examples())


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """Makes a course whose only week has the page's checks."""
    root = tmp_path_factory.mktemp("page")
    (root / "checks").mkdir()
    head = re.search(r"```python\n(.*?)\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert head is not None
    text = "\n\n\n".join([head[1], *(example["check"] for example in EXAMPLES)])
    (root / "checks/week91.py").write_text(text + "\n", encoding="utf-8")
    return Course(root, root / "checks")


def graded(course: Course, folder: Path, which: str, tier: str) -> list[TaskResult]:
    """Returns the results of a file that has one part of each example."""
    path = folder / "week91.py"
    path.write_text("\n\n\n".join(example[which] for example in EXAMPLES), encoding="utf-8")
    options = Options(course=course, tier=tier, secret=Secret.from_seed(SEED))
    return judged(path, "week91", options).tasks


def said(task: TaskResult) -> str:
    """Returns what the page shows of a message, without the line's number in this test's file."""
    message = re.sub(r"week91\.py:\d+", "week9.py", task.message)
    return f"{message}\n{compose([('try', task.hint)])}" if task.hint else message


def test_the_page_has_an_example_in_each_section():
    assert len(EXAMPLES) == 9
    assert all(set(example) == {"title", *NAMED.values()} for example in EXAMPLES)


@pytest.mark.slow
def test_solutions_pass_and_wrong_answers_get_the_message_of_the_page(course, tier, tmp_path):
    right = graded(course, tmp_path, "solution", tier)
    assert [task.status for task in right] == ["passed"] * len(EXAMPLES)
    wrong = graded(course, tmp_path, "wrong", tier)
    for task, example in zip(wrong, EXAMPLES, strict=True):
        assert task.status == "failed", example["title"]
        assert said(task) == example["said"]
