"""Finds submissions that are suspiciously alike, by winnowing the fingerprints of their tokens.

A program is read as tokens: names, numbers and strings lose what they say, comments and layout are
left out, so that renaming and reformatting hide nothing, and moving functions about hides little.
Every run of `GRAM` tokens is hashed, and of each `WINDOW` neighbouring hashes the smallest is kept.
So whatever two programs share over `GRAM + WINDOW - 1` tokens is found. What the exercise itself
brings, and what a good part of the class has, counts for nothing.

To be alike is no proof. The pairs are for a person to look at.

Reference: Schleimer, Wilkerson and Aiken, "Winnowing: local algorithms for document
fingerprinting", SIGMOD 2003, the method of MOSS.
"""

from __future__ import annotations

import ast
import functools
import io
import keyword
import tokenize
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations, islice
from pathlib import Path
from typing import Any

import numpy as np

from grader.classroom.gradebook import Gradebook
from grader.classroom.marks import ClassMarks, Lines, Pair
from grader.course import COURSE
from grader.source.reading import from_bytes
from grader.source.stubs import week_stub

GRAM = 12  # tokens; a line of Python has about ten
WINDOW = 6
# Right answers written in other ways share a tenth of their fingerprints, a renamed copy all.
ALIKE = 0.4
FEWEST = 15  # fingerprints that are shared at least, or there is too little to say anything
COMMON = 0.25  # what more than this part of the class has is nobody's
SMALL = 8  # submissions; among fewer nothing is common
MOST_PAIRS = 200
# Of a program, from its beginning: twenty times the longest week, and a second's work.
MOST_TEXT = 400_000  # characters
MOST_TOKENS = 50_000

FACTORS = np.array([pow(0x9E3779B97F4A7C15, k, 2**64) for k in range(GRAM)], np.uint64)
SILENT = frozenset(
    {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
    }
)
Prints = dict[int, Lines]  # fingerprints, and where the tokens of each stand first


def tokens(source: str) -> Iterator[tuple[str, int]]:
    """Yields the tokens of a program, as far as it can be read, with their lines."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in SILENT:
                continue
            text = token.string
            if token.type == tokenize.NAME and not keyword.iskeyword(text):
                text = "name"
            elif token.type in (tokenize.NUMBER, tokenize.STRING):
                text = "value"
            yield text, token.start[0]
    except (tokenize.TokenError, SyntaxError, ValueError):  # lone surrogates are a ValueError
        return


def _grams(source: str) -> tuple[np.ndarray, list[int]]:
    """Returns the hash of every run of `GRAM` tokens, and the line of every token."""
    found = list(islice(tokens(source[:MOST_TEXT]), MOST_TOKENS))
    if len(found) < GRAM:
        return np.empty(0, np.uint64), []
    words = [zlib.crc32(text.encode("utf-8", "surrogatepass")) for text, _ in found]
    runs = np.lib.stride_tricks.sliding_window_view(np.array(words, np.uint64), GRAM)
    hashes = (runs * FACTORS).sum(axis=1, dtype=np.uint64)
    # So that the smallest is no word's in particular.
    return (hashes ^ (hashes >> np.uint64(31))) * FACTORS[1], [line for _, line in found]


def fingerprints(source: str) -> Prints:
    """Returns a program's fingerprints: of each window the smallest hash, the last if equal."""
    hashes, lines = _grams(source)
    if not len(hashes):
        return {}
    size = min(WINDOW, len(hashes))
    windows = np.lib.stride_tricks.sliding_window_view(hashes, size)
    smallest = np.arange(len(windows)) + size - 1 - windows[:, ::-1].argmin(axis=1)
    prints: Prints = {}
    for place in np.unique(smallest).tolist():
        prints.setdefault(int(hashes[place]), (lines[place], lines[place + GRAM - 1]))
    return prints


def alike(
    week: str, programs: Mapping[str, str], references: Mapping[str, Prints], stub: str
) -> list[Pair]:
    """Returns the pairs of programs that are alike, the most alike first.

    Args:
      week: "week3".
      programs: students' programs by name.
      references: of programs of the course, by name; they are compared with the students' alone.
      stub: what everybody began with.
    """
    given = set(_grams(stub)[0].tolist())
    prints = {name: _without(fingerprints(text), given) for name, text in programs.items()}
    counts = Counter(gram for each in prints.values() for gram in each)
    most = COMMON * len(prints) if len(prints) >= SMALL else len(prints)
    common = {gram for gram, count in counts.items() if count > most}
    own = {name: _without(each, common) for name, each in prints.items()}
    shared: Counter[tuple[str, str]] = Counter()
    holders: dict[int, list[str]] = {}
    for name, each in own.items():
        for gram in each:
            holders.setdefault(gram, []).append(name)
    for names in holders.values():
        shared.update(combinations(names, 2))
    pairs = [
        _pair(week, left, right, own[left], own[right])
        for (left, right), count in shared.items()
        if count >= FEWEST
    ]
    for right, each in references.items():
        theirs = _without(each, given)
        pairs += [_pair(week, left, right, ours, theirs) for left, ours in prints.items()]
    found = [pair for pair in pairs if pair.share >= ALIKE]
    return sorted(found, key=lambda pair: (-pair.share, pair.left, pair.right))


def _without(prints: Prints, others: set[int]) -> Prints:
    return {gram: lines for gram, lines in prints.items() if gram not in others}


def _pair(week: str, left: str, right: str, ours: Prints, theirs: Prints) -> Pair:
    both = ours.keys() & theirs.keys()
    share = len(both) / min(len(ours), len(theirs)) if len(both) >= FEWEST else 0.0
    return Pair(week, left, right, round(share, 2), _lines(ours, both), _lines(theirs, both))


def _lines(prints: Prints, grams: set[int]) -> tuple[Lines, ...]:
    """Returns where some fingerprints stand, what touches joined."""
    joined: list[Lines] = []
    for first, last in sorted(prints[gram] for gram in grams):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def class_pairs(book: Gradebook, marks: ClassMarks) -> list[Pair]:
    """Returns what is alike in a class, and like the solutions or the library, in what counts.

    Args:
      book: the class's gradebook.
      marks: what counts.
    """
    library = _library()
    pairs = []
    for place, week in enumerate(marks.worth):
        programs = {}
        for each in marks.students:
            attempt = each.weeks[place].attempt
            text = _program(week, book.files(attempt.digest), attempt.result) if attempt else ""
            if text:
                programs[each.student] = text
        solution = COURSE.solutions / f"{week}.py"
        references = dict(library)
        if solution.is_file():
            text = solution.read_text(encoding="utf-8")
            references[f"solutions/{week}.py"] = fingerprints(text)
        pairs += alike(week, programs, references, week_stub(COURSE, week))
    return sorted(pairs, key=lambda pair: -pair.share)[:MOST_PAIRS]


def _program(week: str, files: Mapping[str, bytes], result: Mapping[str, Any] | None) -> str:
    """Returns the program that was judged, or will be, of what was handed in for a week; or ""."""
    name = result["submission"].rsplit("/", 1)[-1] if result else max(files, default="")
    try:
        return from_bytes(Path(name), week, files[name]).source
    except Exception:  # of a parser, over a hand-in: what cannot be read is like nobody's
        return ""


@functools.cache
def _library() -> dict[str, Prints]:
    """Returns the functions and classes of the course's library, each by its file and name."""
    found = {}
    for path in sorted((COURSE.root / "lib").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        lines = source.splitlines()
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                name = f"{path.relative_to(COURSE.root)} {node.name}"
                found[name] = fingerprints("\n".join(lines[node.lineno - 1 : node.end_lineno]))
    return found
