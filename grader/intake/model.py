"""The intake: all students, the file that counts for each week, and every file that was found."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

Cell = tuple[str, str]  # a student and a week, as in a cell of grades.csv


@dataclass(frozen=True)
class Person:
    """A row of the roster.

    Attributes:
      name: as people write it, in NFC.
      id: the school's number, or "".
      username: in the course system, or "".
      email: or "".
      also: other names and numbers of this person, such as a GitHub login or Canvas's user number.
      line: of the roster, or 0.
    """

    name: str
    id: str = ""
    username: str = ""
    email: str = ""
    also: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Handed:
    """The files of a student that count for a week.

    Attributes:
      student: the student's name, printable and without a slash.
      week: "week3".
      files: one file, by its plain name ("week3.py" or "week3.ipynb"), with its content.
      time: when, in seconds since 1970: of the file in DIR, or of the archive that contains it
        (a student can choose the times inside an archive); None if unknown.
      source: the file's path in DIR, as in `FoundFile`.
    """

    student: str
    week: str
    files: Mapping[str, bytes]
    time: float | None = None
    source: str = ""

    @property
    def digest(self) -> str:
        """Identifies the content: the same files have the same digest."""
        digest = hashlib.sha256()
        for name, content in sorted(self.files.items()):
            digest.update(f"|{len(name)}|{name}|{len(content)}|".encode())
            digest.update(content)
        return digest.hexdigest()[:32]


@dataclass(frozen=True)
class FoundFile:
    """A file that was found, and the decision on it: a row of intake.csv.

    Attributes:
      student: the owner; "" if there is none.
      file: its path in DIR: folders and archives on the way, joined by "/"; printable.
      week: the week for which it counts, or "".
      reason: why it counts, or why not.
    """

    student: str
    file: str
    week: str
    reason: str


@dataclass(frozen=True)
class Intake:
    """Everything that DIR holds.

    Attributes:
      students: sorted: everyone in the roster, and everyone who handed in anything.
      handed: what counts, by student and week.
      open: why a cell stays empty, by student and week, and in a second line what an instructor can
        do; the week "" means every week for which no file of the student counts.
      hints: as `open`, but only a name, or a function or two, suggests that a file belongs to the
        week: the cell is empty if the term has the week, and nothing else was handed in for it.
      files: every file that was found.
      notes: other sentences for the instructor.
      numbers: what course systems call a student: {"Ada": {"canvas": "102"}}.
      participants: Moodle's number of a student in the assignment of a week.
      former: names under which results of an earlier run may hold a student.
    """

    students: list[str] = field(default_factory=list)
    handed: dict[Cell, Handed] = field(default_factory=dict)
    open: dict[Cell, str] = field(default_factory=dict)
    hints: dict[Cell, str] = field(default_factory=dict)
    files: list[FoundFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    numbers: dict[str, dict[str, str]] = field(default_factory=dict)
    participants: dict[Cell, str] = field(default_factory=dict)
    former: dict[str, tuple[str, ...]] = field(default_factory=dict)
