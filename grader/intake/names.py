"""Reads a week from a file's name, even if people or programs have changed the name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import unquote

from grader.course import COURSE

Kind = Literal["week", "maybe", "near", "other"]
PROGRAM = re.compile(r"\.(pyw?|ipynb)(?![a-z0-9])")
TEXT_ENDINGS = ("txt", "text", "json")
ANY_ENDINGS = re.compile(r"(?P<stem>.*?)(?P<endings>(?:\.[a-z][\w-]*)*)(?:\.\d{1,3})?", re.DOTALL)
DOUBLED = re.compile(r"(?:\s*\.\s*(?:pyw?|ipynb|txt|text|json))*")
DATE = re.compile(r"(?<!\d)(?:\d{4}([-_. ])\d{1,2}\1\d{1,2}|\d{1,2}([-_. ])\d{1,2}\2\d{4})(?!\d)")
BRACKETED = re.compile(r"[(\[]\s*\d{1,3}\s*[)\]]")  # of browsers: "week1 (1).py", "week1[1].py"
WORDS = COURSE.words()  # weeks without a number
ANY_WEEK = "|".join([r"(?:.*\D)?week ?0*\d{1,2}", *(f".*{word}" for word in WORDS)])
FINDER = re.compile(rf"({ANY_WEEK}) ([2-9])")  # of macOS: "week1 2.py"

BACKUP = re.compile(
    r"~.*|\.~.*|#.*|\.#.*|.*~|.*[-_ ]checkpoint\.\w+"
    r"|.*\.(?:bak|old|orig|save|swp|swo|swn|tmp|temp|backup|autosave|asv|rej|crdownload|part|partial"
    r"|download|icloud)(?:\.\d{1,3})?"
)
LITTER = re.compile(r"\._.*|\.ds_store|thumbs\.db|desktop\.ini|ehthumbs\.db|.*\.py[cod]|icon\r?")


def fold(text: str) -> str:
    """Returns a text to compare: without case, accents, invisible characters and Unicode forms."""
    # What matters is how the letters look, not how they are encoded.
    text = unicodedata.normalize("NFKD", text.casefold())
    kept = (c for c in text if unicodedata.category(c) not in ("Mn", "Cf", "Cc", "Cn", "Cs"))
    return "".join(kept).strip()


COPY_WORDS = {
    fold(word)
    for word in "copy copies kopie copie copia cópia kopia kopi kopio kopija kopya kopyasi kopyası "
    "másolat másolata salinan duplicate dup αντίγραφο копия копія копие".split()
}
COPY_PARTS = tuple(
    fold(part) for part in ("コピー", "副本", "拷贝", "拷貝", "複本", "복사본", "사본")
)
GLUE = {
    fold(word)
    for word in "a af av another da de del den der des di do du eines la le of the van von st nd "
    "rd th ª º notatnika notebook notebooka блокнота файла の 的 의".split()
}
# A file with such a word next to the week has another purpose.
OTHER_USE = set(
    "old older oldest backup backups bak back draft drafts entwurf test tests testing tester "
    "helper helpers util utils utilities template stub stubs starter skeleton original orig "
    "example examples note notes wip tmp temp broken wrong unfinished incomplete scratch log "
    "playground experiment experiments unused deprecated archive archived previous prev check "
    "checks hint hints output outputs".split()
)
VERSION = {"v", "ver", "version", "rev", "final", "try", "attempt"}
ENDINGS = {"py", "pyw", "ipynb", "txt", "text", "json"}


@dataclass(frozen=True)
class Reading:
    """What a file's name says.

    Attributes:
      kind: "week", a week's file; "maybe", a week's file if its content agrees; "near", similar to
        a week's file but with another purpose; "other", the name says nothing.
      week: "week3", or "".
      ending: "py", "ipynb" or "text"; "" if it is not a program.
      decorated: True if a number or the student's name surrounds the week's.
    """

    kind: Kind
    week: str = ""
    ending: str = ""
    decorated: bool = False


def is_backup(name: str) -> bool:
    """True for editors' checkpoints and backups, and for incomplete downloads."""
    return BACKUP.fullmatch(name.casefold()) is not None


def is_litter(name: str) -> bool:
    """True for files that operating systems leave behind, such as .DS_Store."""
    return LITTER.fullmatch(name.casefold()) is not None


def own_words(texts: Iterable[str]) -> frozenset[str]:
    """Returns words that a student may add to a file's name: names, numbers, initials."""
    words: set[str] = set()
    for text in texts:
        parts = re.findall(r"[^\W\d_]+|\d+", fold(text.split("@")[0]))[:8]
        words.update(parts)
        words.add("".join(parts))
        for one in parts:
            for other in parts:
                if one is not other:
                    words |= {one + other, one[0] + other, one + other[0]}
    return frozenset(word for word in words if len(word) > 1)


def read_name(name: str, own: Collection[str] = ()) -> Reading:
    """Reads a file's name.

    Args:
      name: without folders.
      own: the student's words, from `own_words`.

    Returns:
      The reading. It does not consider whether the file is a backup or a checkpoint.
    """
    return _read(name[:300], frozenset(own))


@lru_cache(2**15)
def _read(name: str, own: frozenset[str]) -> Reading:
    text = fold(unquote(name).replace("–", "-").replace("—", "-"))
    found = PROGRAM.search(text)
    if found:
        ending = "ipynb" if found[1] == "ipynb" else "py"
        stem, rest = text[: found.start()], text[found.end() :]
        doubled = DOUBLED.match(rest)
        rest = rest[doubled.end() :] if doubled else rest
        if re.fullmatch(r"\.\d{1,2}", rest):  # of wget: "week1.py.1"
            rest = ""
        if rest.startswith("."):
            return Reading("other")
        stem = f"{stem} {rest}".strip()
    else:
        stem, dot, last = text.rpartition(".")
        if dot and last not in TEXT_ENDINGS and not last.isdigit():
            return Reading("other")
        stem, ending = (stem if last in TEXT_ENDINGS else text), "text"
    week, kind, decorated = _read_stem(stem, own)
    return Reading(kind, week, ending, decorated)


def week_said(name: str) -> str:
    """Returns the week in a name with any ending, or "": week2.url, #week2.py.bak#."""
    text = fold(name[:300])
    if text.startswith("._"):
        return ""
    text = re.sub(r"[-_ ]checkpoint(?=\.|$)", "", text.strip("#~$. "))
    found = ANY_ENDINGS.fullmatch(text)
    if not found:
        return ""
    reading = read_name(f"{found['stem']}.py")
    program = re.match(r"\.(?:i?py|pynb|ipnb)", found["endings"])
    return reading.week if reading.kind in ("week", *(["maybe"] if program else [])) else ""


def _read_stem(stem: str, own: frozenset[str]) -> tuple[str, Kind, bool]:
    finder = FINDER.fullmatch(stem)
    if finder:
        stem = finder[1]
    stem = BRACKETED.sub(" ", stem)
    stem, dates = DATE.subn(" ", stem)
    tokens = re.findall(r"[^\W\d_]+|\d+", stem)
    tokens = [token for token in tokens if token not in ENDINGS][:40]
    week, before, after = _week_of(_without_copy(tokens))
    if not week:
        return "", "other", False
    decorated, unknown, near = bool(dates), False, False
    for place, token in enumerate([*before, *after]):
        if token.isdigit():
            last = after[place - len(before) - 1] if place > len(before) else ""
            if token in own or len(token) >= 4 or place < len(before):
                decorated = True
            elif last in VERSION:
                unknown = True
            else:
                near = True
        elif token in OTHER_USE and token not in own:
            near = True
        elif _is_own(token, own):
            decorated = True
        else:
            unknown = True
    if near:
        return week, "near", decorated
    return week, "maybe" if unknown else "week", decorated and not unknown


def _is_own(word: str, own: frozenset[str]) -> bool:
    if word in own:
        return True
    return len(word) >= 4 and any(len(one) >= 4 and (one in word or word in one) for one in own)


def _without_copy(tokens: list[str]) -> list[str]:
    """Removes the words that mark a copy, in file managers' languages, with their numbers."""
    at = [
        place
        for place, token in enumerate(tokens)
        if token in COPY_WORDS or any(part in token for part in COPY_PARTS)
    ]
    if not at:
        return tokens
    gone = set(at)
    for place in at:
        if place + 1 < len(tokens) and len(tokens[place + 1]) < 3 and tokens[place + 1].isdigit():
            gone.add(place + 1)
        before = place - 1  # "3rd copy", "another copy"
        while before >= 0 and tokens[before] in GLUE:
            gone.add(before)
            before -= 1
        if before < place - 1 and before >= 2 and tokens[before].isdigit():
            gone.add(before)
    gone |= {place for place, token in enumerate(tokens) if token in GLUE}
    return [token for place, token in enumerate(tokens) if place not in gone]


def _week_of(tokens: list[str]) -> tuple[str, list[str], list[str]]:
    """Returns the one week in the tokens, and the words before and after it."""
    found: dict[str, list[int]] = {}
    for place, token in enumerate(tokens[:-1]):
        number = tokens[place + 1]
        if token.endswith("week") and number.isdigit() and len(number) <= 3 and int(number) > 0:
            found.setdefault(f"week{int(number)}", []).append(place)
    if len(found) > 1:
        return "", [], []
    if found:
        ((week, places),) = found.items()
        gone = {place + step for place in places for step in (0, 1)}
        glued = [t.removesuffix("week") for p in places if (t := tokens[p]) != "week"]
        first = places[0]
    else:
        places = [place for place, token in enumerate(tokens) if token in WORDS]
        if len({tokens[place] for place in places}) != 1:
            return "", [], []
        first = places[0]
        week, gone, glued = tokens[first], set(places), []
    before = [token for place, token in enumerate(tokens) if place < first and place not in gone]
    after = [token for place, token in enumerate(tokens) if place > first and place not in gone]
    return week, [*glued, *before], after
