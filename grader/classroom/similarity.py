"""Finds suspiciously similar submissions by winnowing the fingerprints of their tokens.

A program is read as tokens: all names, numbers and strings look the same, and comments and layout
are left out, so that renaming and reformatting hide nothing, and moving functions hides little.
Every run of `GRAM` tokens is hashed, and the smallest of each `WINDOW` neighbouring hashes is kept.
This finds whatever two programs share over `GRAM + WINDOW - 1` tokens. Code that the exercise
supplies, or that much of the class shares, does not count.

Similarity is not proof. An instructor has to look at the pairs.

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
# Independent right answers share a tenth of their fingerprints, a renamed copy all of them.
ALIKE = 0.4
FEWEST = 15  # shared fingerprints; fewer say too little
COMMON = 0.25  # code that more than this share of the class has does not count
SMALL = 8  # submissions; in a smaller class no code is common
MOST_PAIRS = 200
# The part of a program that is read: twenty times the longest week, and a second's work.
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
Prints = dict[int, Lines]  # fingerprints, each with the lines where its tokens first appear


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
    # Mixed, so that the smallest hash does not depend on a particular word.
    return (hashes ^ (hashes >> np.uint64(31))) * FACTORS[1], [line for _, line in found]


def fingerprints(source: str) -> Prints:
    """Returns a program's fingerprints: the smallest hash of each window, the last if equal."""
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
    """Returns the pairs of similar programs, the most similar first.

    Args:
      week: "week3".
      programs: students' programs by name.
      references: fingerprints of the course's programs, by name; compared only with students'.
      stub: the exercise that students began with.
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
    """Returns the lines of some fingerprints; adjacent ranges are joined."""
    joined: list[Lines] = []
    for first, last in sorted(prints[gram] for gram in grams):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def class_pairs(book: Gradebook, marks: ClassMarks) -> list[Pair]:
    """Returns similar pairs among the attempts that count, and with the solutions or the library.

    Args:
      book: the class's gradebook.
      marks: of the class.
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
    """Returns the program that was judged, or will be, for a week; "" if it cannot be read."""
    name = result["submission"].rsplit("/", 1)[-1] if result else max(files, default="")
    try:
        return from_bytes(Path(name), week, files[name]).source
    except Exception:  # of a parser, over a hand-in: an unreadable program resembles none
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
