"""Every lesson ends with questions, and every task has an explanation for those who passed it."""

import re
from collections import Counter
from pathlib import Path

import pytest

from grader.course import COURSE
from grader.rubric import read_rubric

ROOT = Path(__file__).parents[2]
WEEKS = tuple(COURSE.weeks())
QUESTION = re.compile(
    r"""
    \*\*(?P<number>[1-5])\.\ (?P<question>[^*\n]+\?)\*\*\n
    \n
    -\ a\)\ (?P<a>[^\n]+)\n
    -\ b\)\ (?P<b>[^\n]+)\n
    -\ c\)\ (?P<c>[^\n]+)\n
    \n
    <details><summary>Answer</summary>\n
    \n
    \*\*(?P<right>[abc])\)\*\*\ (?P<reason>[^\n]+[.)])\n
    \n
    </details>\n
    """,
    re.VERBOSE,
)


def explanations(week: str) -> dict[str, str]:
    text = (ROOT / f"grader/explanations/{week}.md").read_text()
    title, *sections = re.split(r"^## ", text, flags=re.MULTILINE)
    assert re.fullmatch(r"# [^\n]+\n\n", title)
    parts = [section.partition("\n") for section in sections]
    assert len({name for name, _, _ in parts}) == len(parts), "a task is explained twice"
    return {name: body.strip() for name, _, body in parts}


@pytest.mark.parametrize("week", WEEKS)
def test_every_task_is_explained_and_nothing_else(week):
    tasks = [task.name for task in read_rubric(COURSE.checks / f"{week}.py")]
    assert list(explanations(week)) == tasks


@pytest.mark.parametrize("week", WEEKS)
def test_an_explanation_is_short_and_leads_on(week):
    for name, text in explanations(week).items():
        links = re.findall(r"\[[^\]]+\]\((https://[^)\s]+)\)", text)
        assert 1 <= len(links) <= 2, name
        assert text.count("](") == len(links), name
        assert len(re.sub(r"\]\([^)]*\)", "", text).split()) <= 90, name


@pytest.mark.parametrize("week", WEEKS)
def test_a_lesson_ends_with_questions_in_the_form_that_quiz_reads(week):
    lesson = (ROOT / f"exercises/{week}.md").read_text()
    _, section = re.split(r"^## Questions\n", lesson, flags=re.MULTILINE)
    found = list(QUESTION.finditer(section))
    assert QUESTION.sub("", section).strip() == "", "something is in another form"
    assert [each["number"] for each in found] == list("12345")
    for each in found:
        assert len({each["a"], each["b"], each["c"]}) == 3, each["question"]
    right = Counter(each["right"] for each in found)
    assert set(right) == set("abc") and max(right.values()) <= 2
