"""The README is one page; CI runs its commands, and its links lead to files."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
MEASUREMENTS = (ROOT / "docs" / "measurements.md").read_text()
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")


def opening_commands() -> list[str]:
    blocks = re.findall(r"```(?:bash|sh)\n(.*?)```", README, re.DOTALL)
    return [block.strip() for block in blocks if block.startswith("python3 -m venv")]


def test_the_readme_is_one_page():
    assert len(README.splitlines()) <= 120


def test_the_readme_has_two_one_line_commands():
    first, second = opening_commands()
    assert "\n" not in first + second
    assert first.endswith("python -m grader week1 --solutions")
    assert second.endswith("python -m pytest -n auto --dist loadfile")


def test_ci_runs_the_very_commands_of_the_readme():
    lines = [line.strip("()") for line in (ROOT / ".ci/run").read_text().splitlines()]
    for command in opening_commands():
        assert command in lines


def test_the_slow_tests_follow_the_readmes_test_command():
    script = (ROOT / ".ci/run").read_text().splitlines()
    last = opening_commands()[1].rpartition("&& ")[2]
    assert script[-1] == f"{last} -m slow"


@pytest.mark.parametrize("page", PAGES)
def test_relative_links_lead_to_files(page):
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (ROOT / target).exists(), f"{page} links to {target}, which does not exist"


@pytest.mark.parametrize("table", ["accuracy", "course", "speed", "stock", "targets", "throughput"])
def test_measured_tables_stand_between_markers(table):
    start, end = f"<!-- {table}: start -->", f"<!-- {table}: end -->"
    assert MEASUREMENTS.count(start) == MEASUREMENTS.count(end) == 1
    assert MEASUREMENTS.index(start) < MEASUREMENTS.index(end)
