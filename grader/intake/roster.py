"""The roster: everyone in the class, and the names and numbers they use."""

from __future__ import annotations

import csv
import difflib
import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from grader.intake.model import Person
from grader.intake.names import fold

LASTING = ("name", "canvas", "github", "blackboard")  # these stay the same all term
COLUMNS = ("name", "id", "username", "email", "also")
MAX_BYTES = 8 * 2**20
LONGEST = 120  # characters of a student's name
LONGEST_BYTES = 200  # the same name in UTF-8: it becomes the name of a file
NEAR = 0.87  # similarity above which a name may be a misspelling of another
APOSTROPHE = re.compile("['\u2019\u2018`\u00b4\u02bc]")
LETTERS = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d"})
COPY = re.compile(r"(?<=.) ?\(\d{1,2}\)$")  # of a browser: "ada (1).zip"


class RosterError(Exception):
    """The roster cannot be used; the text names the file, the line and the problem."""


def nfc(text: str) -> str:
    """Returns a text in NFC, the form in which names are compared."""
    return unicodedata.normalize("NFC", text)


def key_of(text: str) -> str:
    """Returns what two spellings of a name or number have in common."""
    return " ".join(nfc(text).casefold().split())


def printable(raw: str) -> str:
    """Returns a file name in NFC; unprintable characters and slashes become their numbers."""
    text = nfc(os.fsencode(raw).decode("utf-8", "backslashreplace"))
    return "".join(
        character if character.isprintable() and character not in "/\\" else f"_{ord(character):x}_"
        for character in text
    )


def student_name(raw: str) -> str:
    """Returns a name that can be used in a table and in a path.

    Args:
      raw: any name, even of a file whose name is not UTF-8.

    Returns:
      The name in NFC: printable, no slash, not empty, at most 120 characters and 200 bytes.
    """
    shown = _shortened(printable(raw).strip(), LONGEST_BYTES)
    return shown if shown.strip(".") else f"student-{_digest(raw)[:8]}"


def told_apart(name: str, raw: str) -> str:
    """Returns a name with a suffix, for a person whose name another person already has."""
    return f"{_shortened(name, LONGEST_BYTES - 7)}-{_digest(raw)[:6]}"


def _shortened(text: str, size: int) -> str:
    return text[:LONGEST].encode()[:size].decode("utf-8", "ignore").strip()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def read_roster(path: Path) -> tuple[Person, ...]:
    """Reads a roster.

    Args:
      path: a CSV file in UTF-8 whose first line names its columns: name, and any of id, username,
        email, also. `also` holds further names and numbers, separated by semicolons.

    Returns:
      A person for each row, in the order of the file.

    Raises:
      RosterError: if it cannot be read, has an unknown column, or a row makes no sense.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise RosterError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise RosterError(f'{path} is not UTF-8. Save it as "CSV UTF-8".') from None
    if len(data) > MAX_BYTES:
        raise RosterError(f"{path} is larger than {MAX_BYTES >> 20} MiB, too large for a roster.")
    lines = text.splitlines(keepends=True)
    head = lines[0] if lines else ""
    if "\t" in head or head.casefold().startswith("sep="):
        raise RosterError(
            f"{path}, line 1: the columns are not separated by commas or semicolons. Save it as "
            f"CSV with the first line {','.join(COLUMNS)}."
        )
    comma = ";" if head.count(";") > head.count(",") else ","
    rows = csv.reader(lines, delimiter=comma, strict=True)
    people: list[Person] = []
    at: dict[str, int] = {}
    try:
        columns = [column.strip().casefold() for column in next(rows, [])]
        _check_columns(path, columns)
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            where = f"{path}, line {rows.line_num}"
            if len(row) > len(columns) and any(cell.strip() for cell in row[len(columns) :]):
                raise RosterError(
                    f"{where}: there are {len(row)} cells and {len(columns)} columns."
                )
            person = _person(where, dict(zip(columns, row, strict=False)), rows.line_num)
            _check_unique(where, person, at, rows.line_num)
            people.append(person)
    except csv.Error as error:
        raise RosterError(f"{path}, line {rows.line_num}: {error}.") from None
    counts = Counter(key_of(person.name) for person in people)
    for person in people:
        if counts[key_of(person.name)] > 1 and not person.id:
            raise RosterError(f"{path}: {person.name} appears twice. Give each person an id.")
    return tuple(people)


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    for column in columns:
        if column not in COLUMNS:
            raise RosterError(
                f"{path}, line 1: the column {column!r} is not known. Choose from "
                f"{', '.join(COLUMNS)}."
            )
        if columns.count(column) > 1:
            raise RosterError(f"{path}, line 1: the column {column} appears twice.")
    if "name" not in columns:
        raise RosterError(f"{path}, line 1: the column `name` is missing.")


def _person(where: str, row: dict[str, str], line: int) -> Person:
    cells = {column: " ".join(nfc(row.get(column, "")).split()) for column in COLUMNS}
    if not cells["name"]:
        raise RosterError(f"{where}: the name is missing.")
    also = tuple(part.strip() for part in re.split(r"[;|]", cells["also"]) if part.strip())
    return Person(cells["name"], cells["id"], cells["username"], cells["email"], also, line)


def _check_unique(where: str, person: Person, at: dict[str, int], line: int) -> None:
    """Raises RosterError if another row has one of the person's numbers."""
    own = {key_of(value) for value in (person.id, person.username, person.email, *person.also)}
    for key in own - {""}:
        if key in at:
            raise RosterError(
                f"{where}: {key} is also in line {at[key]}. Only one row may have it."
            )
        at[key] = line


def student_names(people: Iterable[Person]) -> dict[str, Person]:
    """Returns people by their names in a gradebook: "name (id)" if two share a name."""
    people = list(people)
    counts = Counter(key_of(student_name(person.name)) for person in people)
    found: dict[str, Person] = {}
    for person in people:
        name = student_name(person.name)
        if counts[key_of(name)] > 1:
            name = student_name(f"{_shortened(name, 150)} ({person.id})")
        found[name if name not in found else told_apart(name, repr(person))] = person
    return found


def with_earlier(
    people: Sequence[Person],
    earlier: Mapping[str, Person],
    numbers: Mapping[str, Mapping[str, str]],
) -> tuple[Person, ...]:
    """Adds names and numbers from earlier runs to the people in a roster.

    Args:
      people: the roster.
      earlier: the roster of earlier runs, by the names of its people in OUT.
      numbers: what course systems called the students in OUT.

    Returns:
      The people. A person with the id, username or email of one in the earlier roster is the same
      person, and keeps that name as another one.
    """
    names = student_names(people)
    taken = Counter(key for person in people for key in _keys(person))
    found = []
    for student, person in names.items():
        also = list(numbers.get(student, {}).items())
        for old, row in earlier.items():
            if old not in names and _is_same(person, row):
                also += [("name", row.name), ("name", old), *numbers.get(old, {}).items()]
        own = _keys(person)
        free = lambda key, own=own: taken[key] == (key in own)  # no one else has it
        more = [value for system, value in also if system in LASTING and free(key_of(value))]
        found.append(replace(person, also=(*person.also, *dict.fromkeys(more))))
    return tuple(found)


def _keys(person: Person) -> set[str]:
    values = (person.name, person.id, person.username, person.email, *person.also)
    return {key_of(value) for value in values}


def _is_same(person: Person, other: Person) -> bool:
    """True if two rows have the same id or, if one has none, the same username or email."""
    if person.id and other.id:
        return key_of(person.id) == key_of(other.id)
    pairs = ((person.username, other.username), (person.email, other.email))
    return any(one and key_of(one) == key_of(two) for one, two in pairs)


class Register:
    """Finds people by their names and numbers in course systems."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.names = student_names(people)
        self.by_id: dict[str, str] = {}
        self.by_login: dict[str, str] = {}
        by_name: dict[str, set[str]] = {}
        for student, person in self.names.items():
            for value in (person.id, person.username, person.email, *person.also):
                if value:
                    self.by_id[key_of(value)] = student
            self.by_login |= {key_of(value): student for value in person.also}
            for value in (person.name, *person.also):
                by_name.setdefault(key_of(value), set()).add(student)
                for form in run_together(value):
                    by_name.setdefault(form, set()).add(student)
        self.by_name = {key: min(names) for key, names in by_name.items() if len(names) == 1}
        self.by_spelling: dict[str, set[str]] = {}
        for student, person in self.names.items():
            for value in (person.name, *person.also):
                for form in spellings(value):
                    self.by_spelling.setdefault(form, set()).add(student)

    def with_number(self, numbers: Iterable[str]) -> str:
        """Returns the student with one of the numbers, usernames or addresses; "" if none."""
        for number in numbers:
            if number and key_of(number) in self.by_id:
                return self.by_id[key_of(number)]
        return ""

    def with_login(self, login: str) -> str:
        """Returns the student who chose an account name, which only `also` can list; or ""."""
        return self.by_login.get(key_of(login), "")

    def with_name(self, name: str) -> str:
        """Returns the one person of that name, or of Canvas's form of it; "" if not exactly one."""
        return self.by_name.get(key_of(name), "")

    def with_spelling(self, name: str) -> str:
        """As `with_name`, ignoring accents, hyphens, apostrophes and the order of the words."""
        found = {student for form in spellings(name) for student in self.by_spelling.get(form, ())}
        return min(found) if len(found) == 1 else ""

    def may_be(self, name: str) -> list[str]:
        """Returns the students to whom a name may belong, sorted, if none is certain."""
        name = COPY.sub("", name)
        number = self.with_number([name])
        found = {number} - {""}
        forms = spellings(name)
        for form in forms:
            found |= self.by_spelling.get(form, set())
        words = set(max(forms, key=len, default="").split())
        for form, students in self.by_spelling.items():
            theirs = set(form.split())
            same = len(words & theirs) > 1 and (words <= theirs or theirs <= words)
            if same or _is_near(form, forms):
                found |= students
        return sorted(found)


def spellings(name: str) -> set[str]:
    """Returns the plain forms of a name, whatever its spelling: "Núñez, José" is "jose nunez"."""
    text = APOSTROPHE.sub("", fold(name[:LONGEST]).translate(LETTERS))
    split = sorted(re.findall(r"[^\W_]+", text))
    joined = sorted(re.findall(r"[^\W_]+", text.replace("-", "")))
    return {" ".join(words) for words in (split, joined) if words}


def _is_near(form: str, forms: Iterable[str]) -> bool:
    """True if a name differs from another by a letter or two."""
    for other in forms:
        if abs(len(form) - len(other)) < 3 and min(len(form), len(other)) > 5:
            compared = difflib.SequenceMatcher(None, form, other, autojunk=False)
            if compared.quick_ratio() > NEAR and compared.ratio() > NEAR:
                return True
    return False


def run_together(name: str) -> set[str]:
    """Returns Canvas's forms of a name: "Ada B. Example" is "examplebada", "bexampleada" …"""
    words = re.sub(r"[^\w\s]", "", nfc(name).casefold()).split()[:8]
    forms = {"".join(words[place:] + words[:place]) for place in range(len(words))}
    return forms | {fold(form) for form in forms} if len(words) > 1 else set()
