"""Pages, docstrings, comments and messages use the words that CONTRIBUTING.md recommends."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEADING = "## How we write"
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
TABLE = [
    [cell.strip() for cell in row.strip("|").split("|")]
    for row in re.findall(r"^\|.*\|$", CONTRIBUTING.partition(HEADING)[2], re.MULTILINE)[2:]
]
# Recorded; written as students write; and this file, which quotes phrases.
NOT_SEARCHED = ("tests/data/", "tests/mistakes/", "tests/project/test_wording.py")
FILES = subprocess.run(
    ["git", "ls-files", "*.py", "*.md", "*.html", "*.toml"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.splitlines()


def phrases(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


# What to write instead of each phrase; None for a recommended phrase, which may hold another.
INSTEAD = {good: None for _, cell in TABLE for good in phrases(cell)} | {
    phrase: instead for cell, instead in TABLE for phrase in phrases(cell)
}
SEARCHED = re.compile(rf"\b(?:{'|'.join(sorted(INSTEAD, key=len, reverse=True))})\b")


def texts(name: str, source: str) -> Iterator[tuple[int, str]]:
    """Line and text of what a person reads in a file: strings with spaces and comments, or all."""
    if not name.endswith(".py"):
        yield 1, source
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def findings(name: str, source: str) -> list[str]:
    found = []
    for line, text in texts(name, source):
        for match in SEARCHED.finditer(re.sub(r"\s", " ", text).lower()):
            if instead := INSTEAD[match[0]]:
                at = line + text.count("\n", 0, match.start())
                found.append(f"{name}:{at}: {match[0]!r}; better: {instead}")
    return found


@pytest.mark.parametrize(
    "place", ["benchmarks", "docs", "exercises", "grader", "lib", "solutions", "tests"]
)
def test_the_words_are_the_recommended_ones(place: str):
    names = [
        name for name in FILES if name.startswith(f"{place}/") and not name.startswith(NOT_SEARCHED)
    ]
    assert not [line for name in names for line in findings(name, (ROOT / name).read_text())]


@pytest.mark.parametrize("name", [name for name in FILES if "/" not in name])
def test_so_are_those_of_the_pages_in_the_root(name: str):
    text = (ROOT / name).read_text()
    if name == "CONTRIBUTING.md":
        text = text.partition(HEADING)[0]
    assert not findings(name, text)


@pytest.mark.parametrize("phrase", [phrase for phrase, instead in INSTEAD.items() if instead])
def test_each_phrase_of_the_list_is_found(phrase: str):
    assert findings("page.md", f"One {phrase.title()} two.") == [
        f"page.md:1: {phrase!r}; better: {INSTEAD[phrase]}"
    ]


@pytest.mark.parametrize("phrase", [phrase for phrase, instead in INSTEAD.items() if not instead])
def test_a_recommended_phrase_is_not_found(phrase: str):
    assert not findings("page.md", f"One {phrase} two.")


def test_strings_and_comments_are_read_and_names_are_not():
    source = 'mended = f"""{anew} one\ntwo anew"""\n# Nobody'
    assert [line.partition(";")[0] for line in findings("a.py", source)] == [
        "a.py:2: 'anew'",
        "a.py:3: 'nobody'",
    ]
