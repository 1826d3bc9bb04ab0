"""Lessons link to what they use and end with questions; every task has an explanation.

Parts that `python -m grader new` leaves to the author say that they are not written yet.
"""

import importlib
import operator
import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from grader.course import COURSE, UNWRITTEN
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
        if text.startswith(UNWRITTEN):
            continue
        links = re.findall(r"\[[^\]]+\]\((https://[^)\s]+)\)", text)
        assert 1 <= len(links) <= 2, name
        assert text.count("](") == len(links), name
        assert len(re.sub(r"\]\([^)]*\)", "", text).split()) <= 90, name


@pytest.mark.parametrize("week", WEEKS)
def test_a_lesson_ends_with_questions_in_the_form_that_quiz_reads(week):
    lesson = (ROOT / f"exercises/{week}.md").read_text()
    _, section = re.split(r"^## Questions\n", lesson, flags=re.MULTILINE)
    if section.strip().startswith(UNWRITTEN):
        pytest.skip("no questions yet")
    found = list(QUESTION.finditer(section))
    assert QUESTION.sub("", section).strip() == "", "a question does not have the expected form"
    assert [each["number"] for each in found] == list("12345")
    for each in found:
        assert len({each["a"], each["b"], each["c"]}) == 3, each["question"]
    right = Counter(each["right"] for each in found)
    assert set(right) == set("abc") and max(right.values()) <= 2


# The sites that a lesson may link to.
HOSTS = {
    "arxiv.org",
    "docs.jax.dev",
    "docs.python.org",
    "docs.scipy.org",
    "doi.org",
    "flax-linen.readthedocs.io",
    "karpathy.github.io",
    "numpy.org",
    "optax.readthedocs.io",
    "pillow.readthedocs.io",
    "scikit-learn.org",
    "www.jmlr.org",
}
FUNCTION = re.compile(r"\b(?:(?:jax|jnp|nn|optax)\.[\w.]*\w|model\.(?:init|apply))\b")
LINK = re.compile(r"\[(?:`[^`]+`|[^\[\]]+)\]\[(?P<label>[\w.]+)\]")
DEFINITION = re.compile(r"^\[(?P<label>[\w.]+)\]: (?P<url>\S+)\n", re.MULTILINE)
MODULES = {"jnp": "jax.numpy", "nn": "flax.linen", "model": "flax.linen.Module"}
PAGES = {
    "jax": "https://docs.jax.dev/en/latest/_autosummary/{name}.html",
    "optax": "https://optax.readthedocs.io/en/latest/api/generated/{name}.html",
    "flax": "https://flax-linen.readthedocs.io/en/latest/api_reference/flax.linen/",
}


def lesson_before_the_questions(week: str) -> str:
    return (ROOT / f"exercises/{week}.md").read_text().partition("\n## Questions\n")[0] + "\n"


@pytest.mark.parametrize("week", WEEKS)
def test_a_lesson_leads_on_to_three_to_six_pages(week):
    _, reading = lesson_before_the_questions(week).split("\n## Further reading\n")
    if reading.strip().startswith(UNWRITTEN):
        pytest.skip("no links yet")
    links = re.findall(r"^- \[[^\]]+\]\((\S+)\):\s+\S", reading, re.MULTILINE)
    assert 3 <= len(set(links)) == len(links) <= 6
    assert len(links) == reading.count("](")


@pytest.mark.parametrize("week", WEEKS)
def test_a_lesson_links_to_hosts_that_stay(week):
    urls = re.findall(r"https?://[^\s)>`\"']+", lesson_before_the_questions(week))
    assert {urlsplit(url).hostname for url in urls} <= HOSTS
    assert all(url.startswith("https://") for url in urls)


@pytest.mark.parametrize("week", WEEKS)
def test_the_first_use_of_a_function_links_to_its_page(week):
    text = lesson_before_the_questions(week)
    pages = {each["label"]: each["url"] for each in DEFINITION.finditer(text)}
    text = re.sub(r"(?<=\])\(https:\S+\)", "", DEFINITION.sub("", text))
    links = {}
    for link in LINK.finditer(text):
        links.setdefault(link["label"], link.start())
    assert set(links) == set(pages)
    # A block of code cannot contain links.
    text = re.sub(r"^```.*?^```", lambda code: " " * len(code[0]), text, flags=re.M | re.S)
    for used in FUNCTION.finditer(LINK.sub(_without_label, text)):
        module, _, rest = used[0].partition(".")
        name = f"{MODULES.get(module, module)}.{rest}"
        assert links.get(name, len(text)) < used.start(), f"{name} is used before it is linked"


def _without_label(link: re.Match[str]) -> str:
    return link[0].replace(link["label"], " " * len(link["label"]))


@pytest.mark.parametrize("week", WEEKS)
def test_a_link_to_a_function_names_one_that_exists(week):
    for each in DEFINITION.finditer(lesson_before_the_questions(week)):
        package, _, rest = each["label"].partition(".")
        assert operator.attrgetter(rest)(importlib.import_module(package)) is not None
        assert each["url"].startswith(PAGES[package].format(name=each["label"]))
        assert each["url"].removesuffix(".html").endswith(f".{rest.rpartition('.')[2]}")
