"""The site's pages: all are reachable, links lead to files, and tasks follow the rubric."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader.course import COURSE
from grader.rubric import read_rubric

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MADE = ("lessons", "tasks", "api", "_build")
LINK = re.compile(r"\]\((?![a-z]+:|#|<)([^)#\s]+)[^)]*\)")
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def written_pages() -> list[Path]:
    """Returns the pages that are in the repository."""
    pages = DOCS.rglob("*.md")
    return [page for page in pages if page.relative_to(DOCS).parts[0] not in MADE]


def markdown_files() -> list[Path]:
    top = [*ROOT.glob("*.md"), *(ROOT / "exercises").glob("*.md")]
    return [*top, *written_pages()]


@pytest.fixture(scope="module")
def extensions():
    sys.path.insert(0, str(DOCS / "_extensions"))
    yield
    sys.path.remove(str(DOCS / "_extensions"))


def test_every_page_is_in_the_navigation():
    tree = (DOCS / "index.md").read_text()
    entries = {
        line
        for block in re.findall(r"```\{toctree\}\n(.*?)```", tree, re.DOTALL)
        for line in block.splitlines()
        if line and not line.startswith(":")
    }
    for page in written_pages():
        name = page.relative_to(DOCS).with_suffix("").as_posix()
        assert name in entries or name == "index", f"docs/{name}.md is in no toctree of index.md"


@pytest.mark.parametrize("page", markdown_files(), ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_to_files(page):
    for target in LINK.findall(FENCED.sub("", page.read_text())):
        assert (page.parent / target).exists(), f"{target} does not exist"


def test_a_page_of_tasks_holds_each_with_its_points(extensions):
    pytest.importorskip("sphinx")
    from week_pages import tasks_page

    app = SimpleNamespace(config=None)
    for week in COURSE.weeks():
        page = tasks_page(week, app)
        for task in read_rubric(COURSE.checks / f"{week}.py"):
            assert f"## {task.title}" in page
            assert f"`{task.name}` · {task.points:g} point" in page
            for name in task.functions:
                assert re.search(rf":: {name}\b", page)


@pytest.mark.parametrize(
    ("link", "place"),
    [
        ("../exercises/week3.md#questions", "/lessons/week3.md#questions"),
        ("../CONTRIBUTING.md", "/contributing.md"),
        ("instructors/systems.md", "/instructors/systems.md"),
        ("../grader/handout/grade.yml", "/../grader/handout/grade.yml"),
        ("https://docs.jax.dev/", "https://docs.jax.dev/"),
        ("#a-section", "#a-section"),
        ("../not-there.md", "../not-there.md"),
    ],
)
def test_links_of_the_repository_become_links_of_the_site(extensions, link, place):
    from repository_links import on_the_site

    assert on_the_site(DOCS, f"See [there]({link}).") == f"See [there]({place})."


def test_a_link_to_a_folder_becomes_its_text(extensions):
    from repository_links import on_the_site

    assert on_the_site(DOCS, "See [the rubric](../grader/checks).") == "See the rubric."
