"""Analyses a text that Python cannot read: its strings, and the names it would bind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?P<triple>\"{3}|'{3})|(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""|(?P<skip>\#[^\n]*|\\\n)|(?P<word>\w+)|(?P<space>[^\S\n]+)"""
    r"""|(?P<operator>[=!<>:]=|[-+*/%@&|^~<>]+=?)|(?P<other>\\.|.|\n)"""
)
QUOTE = {quote: re.compile(rf"(?:\\.|[^\\])*?{quote}", re.DOTALL) for quote in ('"""', "'''")}
BLOCK = re.compile(
    r"(?:if|elif|else|for|while|with|try|except|finally|async)\b|(?:match|case)\b(?!\s*[=:.,])"
)
DEFINED = re.compile(r"(?:async\s+)?(?:def|class)\s+(\w+)")
LOOP = re.compile(r"(?:async\s+)?for\s(.+?)\sin\b")
MAIN = re.compile(r"if\b.*\b__name__\b")
STATEMENT = re.compile(rf"@|{DEFINED.pattern}|(?:import|from|return|{BLOCK.pattern})")
AUGMENTED = re.compile(r"[-+*/%@&|^<>]+$")
TARGET = re.compile(r"(?:^|[=,*]|for|as|with)$")  # what comes before a target
NAME = re.compile(r"[^\W\d]\w*$")


@dataclass
class Token:
    """A piece of text.

    Attributes:
      kind: a group of `TOKEN`; a string in triple quotes is "string".
      text: its text.
      line: where it begins, from 0.
    """

    kind: str
    text: str
    line: int


def tokens(text: str) -> Iterator[Token]:
    """Yields the pieces of a program; a quote that is never closed is its own piece."""
    at = line = 0
    unclosed: set[str] = set()
    while match := TOKEN.match(text, at):
        kind, at = str(match.lastgroup), match.end()
        piece = match[0]
        if kind == "triple" and piece not in unclosed:
            closed = QUOTE[piece].match(text, at)
            if closed:
                kind, piece, at = "string", piece + closed[0], closed.end()
            else:
                unclosed.add(piece)
        yield Token(kind, piece, line)
        line += piece.count("\n")


def lines_in_strings(text: str) -> set[int]:
    """Returns the numbers, from 1, of lines that begin inside a string.

    If a string is never closed, it returns none, because any line could be inside.
    """
    found: set[int] = set()
    for token in tokens(text):
        if token.kind == "triple":
            return set()
        if token.kind == "string":
            first = token.line + 2
            found.update(range(first, first + token.text.count("\n")))
    return found


def names_bound(text: str) -> Iterator[str]:
    """Yields the names that an unreadable cell seems to define at its top level.

    It leaves out imports: importing the same thing again changes nothing.
    """
    around: list[tuple[int, bool]] = []  # indentation, and whether it hides its names
    for column, statement in _statements(text):
        while around and around[-1][0] >= column:
            around.pop()
        hidden = bool(around) and around[-1][1]
        defined = DEFINED.match(statement)
        block = BLOCK.match(statement)
        if defined or block:
            around.append((column, hidden or bool(defined or MAIN.match(statement))))
        if hidden:
            continue
        if defined:
            yield unicodedata.normalize("NFKC", defined[1])
            continue
        if block:
            head, _, statement = statement.partition(":")
            loop = LOOP.match(head)
            yield from _names(loop[1] if loop else "")
            if re.match(r"(?:async\s+)?with\b", head):
                *parts, last = head.split(" as ")
                # What follows the last comma is the next item.
                for part in (*(part.rpartition(",")[0] for part in parts[1:]), last):
                    yield from _names(part if parts else "")
            if MAIN.match(head):
                continue
        for simple in re.sub(r"^%+\w+\s+", "", statement).split(";"):
            *targets, _ = re.split(r"(?<![=!<>:])=(?!=)", simple)
            for target in targets:
                yield from _names(AUGMENTED.sub("", target.partition(":")[0].rstrip()))


def _names(targets: str) -> Iterator[str]:
    """Yields the names among targets, but not attributes, items and other expressions."""
    for target in targets.split(","):
        if NAME.match(name := target.strip(" \t*")):
            yield unicodedata.normalize("NFKC", name)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yields the column of each statement and its text, without strings and contents of brackets.

    Where a target can be, it drops the brackets and keeps their contents. A line that looks like a
    statement ends one with an open bracket above it, unless it is indented under that.
    """
    lines = text.split("\n")
    statement: list[str] = []
    column = depth = kept = 0
    skipped = -1  # a line of the shell
    for token in tokens(text):
        if token.line == skipped:
            continue
        if token.text == "\n" or not statement:
            if token.text == "\n":
                begun = lines[token.line + 1]
                ended = not depth or _begins(begun, column)
                if ended and statement:
                    yield column, "".join(statement).strip()
                    statement, depth, kept = [], 0, 0
                elif statement:
                    statement.append(" ")
                continue
            if token.kind in ("space", "skip"):
                continue
            column = len(lines[token.line]) - len(lines[token.line].lstrip())
            if token.text == "!":
                skipped = token.line
                continue
        if token.text in ("(", "[", "{"):
            before = "".join(statement[-2:]).rstrip()
            if depth == kept and token.text != "{" and TARGET.search(before):
                kept += 1
            elif depth == kept:
                statement.append("()")
            depth += 1
        elif token.text in (")", "]", "}"):
            depth = max(0, depth - 1)
            kept = min(kept, depth)
        elif depth > kept:
            continue
        elif token.kind == "string":
            statement.append("''")
        else:
            statement.append(" " if token.kind in ("skip", "space") else token.text)
    if statement:
        yield column, "".join(statement).strip()


def _begins(line: str, column: int) -> bool:
    """True if a line below an open bracket still looks like the next statement."""
    body = line.strip()
    if not body or len(line) - len(line.lstrip()) > column:
        return False
    if STATEMENT.match(body):
        return True
    closes = sum(body.count(each) for each in ")]}") > sum(body.count(each) for each in "([{")
    return bool(re.match(r"[\w\s,.*]+=(?!=)", body)) and not body.endswith(",") and not closes
