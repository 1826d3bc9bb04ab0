"""Who handed in what: reads a folder of submissions as people and learning platforms lay them out.

Nothing in a submission is run or unpacked to disk here: only files called week3.py, week3.ipynb,
project.py … are read, as bytes, regular files and no links, up to a size.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.course import week_order
from grader.source.reading import MAX_BYTES, read_bytes
from grader.source.submission import SubmissionError

FILE_NAME = re.compile(r"(week[1-9][0-9]?|project)\.(py|ipynb)")
# Moodle: "Ada Lovelace_4711_assignsubmission_file_"; Canvas: "lovelaceada_LATE_123_456_week3-1.py".
MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_file_?")
CANVAS = re.compile(
    r"(?P<name>[^_]+)_(?:LATE_)?(?P<id>\d+)_\d+_(?P<week>week[1-9][0-9]?|project)(?:-\d+)?\.(?P<ending>py|ipynb)"
)
INNER_FOLDERS = 3  # how deep the files may lie in a student's folder, as in a cloned repository
MAX_ENTRIES = 20_000  # of a folder or zip
SKIPPED_FOLDERS = {".git", ".venv", "venv", "solutions", "node_modules", "__pycache__", "__MACOSX"}
SKIPPED_FOLDERS |= {"stubs", "grader"}  # of a clone of the hand-out


Found = tuple[str, bytes | str, float]  # name, content or a sentence on why there is none, time


@dataclass
class Handed:
    """One student's files of one week.

    Attributes:
      student: who, printable and without a slash.
      week: "week3".
      files: name to content: week3.py, week3.ipynb, or both.
      problem: a sentence if the file cannot be read; it is then judged as it is, an error.
      time: when, in seconds since 1970: of the file as it lies there, or of the zip it is in (what
        is written inside a zip is the student's to choose); None if nothing tells.
    """

    student: str
    week: str
    files: dict[str, bytes]
    problem: str = ""
    time: float | None = None

    @property
    def digest(self) -> str:
        """Names the content: the same files have the same digest."""
        digest = hashlib.sha256(self.problem.encode("utf-8", "replace"))
        for name, content in sorted(self.files.items()):
            digest.update(f"|{len(name)}|{name}|{len(content)}|".encode())
            digest.update(content)
        return digest.hexdigest()[:32]


@dataclass
class Roster:
    """All students of a class and what each of them handed in.

    Attributes:
      students: everybody, sorted, also who handed in nothing that can be graded.
      handed: their files, by student and week.
      notes: sentences on what was found and not taken.
      unreadable: for a student whose zip cannot be read, a sentence and the zip's time.
      numbers: what the platform that made the export calls a student, after the platform's name:
        "moodle 4711" is a participant, "canvas 12" a user.
      times: when work came in by (student, week), where a list says so and not the files.
    """

    students: list[str] = field(default_factory=list)
    handed: dict[tuple[str, str], Handed] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    unreadable: dict[str, tuple[str, float]] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    times: dict[tuple[str, str], float] | None = None
    _taken: set[tuple[str, str]] = field(default_factory=set)  # (student, file name)

    @property
    def weeks(self) -> list[str]:
        """The weeks that somebody handed in, in order."""
        return sorted({week for _, week in self.handed}, key=week_order)

    def of(self, student: str, week: str) -> Handed | None:
        """Returns what a student handed in for a week, if anything."""
        found = self.handed.get((student, week))
        if found is None and student in self.unreadable:
            problem, time = self.unreadable[student]
            found = Handed(student, week, {}, problem, time)
        if found is not None and self.times is not None:
            found.time = self.times.get((student, week))
        return found

    def without_time(self, weeks: Sequence[str]) -> list[str]:
        """Returns a sentence if a list of times leaves submissions out."""
        if self.times is None:
            return []
        missing = [each for each in self.handed if each[1] in weeks and each not in self.times]
        if not missing:
            return []
        student, week = min(missing)
        return [
            f"{len(missing)} not in the list of times, taken to be in time; such as {week} of "
            f"{student}."
        ]

    def add(self, student: str, found: Iterator[Found], number: str = "") -> None:
        """Takes in a student's files; a sentence without a name is about all of them."""
        if student not in self.students:  # a folder may lie beside its own zip
            self.students.append(student)
        if number:
            self.numbers[student] = number
        for name, content, time in found:
            if not name:
                self.unreadable[student] = str(content), time
                continue
            if (student, name) in self._taken:
                self.notes.append(f"{student} has more than one {name}; the first is taken.")
                continue
            self._taken.add((student, name))
            week = name.split(".")[0]
            handed = self.handed.setdefault((student, week), Handed(student, week, {}))
            handed.time = max(time, handed.time or time)
            if isinstance(content, str):
                handed.problem = content
            else:
                handed.files[name] = content


def student_name(raw: str) -> str:
    """Returns a name that can stand in a table and in a path: printable, no slash, not empty."""
    text = os.fsencode(raw).decode("utf-8", "backslashreplace")
    shown = "".join(
        character if character.isprintable() and character not in "/\\" else f"_{ord(character):x}_"
        for character in text
    )
    shown = shown.strip()[:120]
    return shown if shown.strip(".") else f"student-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def read_roster(folder: Path) -> Roster:
    """Reads a class's folder.

    Args:
      folder: holds a folder or a zip for each student, whose name is the student's; what Moodle
        and Canvas export and folders of cloned repositories are understood too.

    Returns:
      The roster.

    Raises:
      SubmissionError: if there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise SubmissionError(f"{folder} is no folder. Name the one that holds the submissions.")
    roster = Roster()
    flat: dict[tuple[str, str], list[tuple[str, Path]]] = {}
    taken: dict[str, str] = {}
    paths = sorted(folder.iterdir(), key=lambda path: os.fsencode(path.name))
    people = Counter(found["name"] for path in paths if (found := MOODLE.fullmatch(path.name)))

    def named(raw: str) -> str:
        name = student_name(raw)
        if taken.setdefault(name, raw) != raw:
            name = f"{name}-{hashlib.sha256(os.fsencode(raw)).hexdigest()[:6]}"
            taken[name] = raw
        return name

    for path in paths:
        if path.name.startswith("."):
            continue
        canvas = CANVAS.fullmatch(path.name)
        if path.is_symlink():
            roster.notes.append(f"{student_name(path.name)} is a link and was not followed.")
        elif path.is_dir():
            moodle = MOODLE.fullmatch(path.name)
            name, number = (path.name, "")
            if moodle:
                name, number = moodle["name"], f"moodle {moodle['id']}"
                if people[name] > 1:
                    name = f"{name}-{moodle['id']}"
            roster.add(named(name), _in_folder(path), number)
        elif path.suffix.lower() == ".zip":
            roster.add(named(path.stem), _in_zip(path))
        elif canvas:
            name = f"{canvas['week']}.{canvas['ending']}"
            flat.setdefault((canvas["name"], canvas["id"]), []).append((name, path))
        else:
            roster.notes.append(f"{student_name(path.name)} is neither a folder nor a zip.")
    many = Counter(raw for raw, _ in flat)
    for (raw, number), files in flat.items():
        name = named(raw if many[raw] == 1 else f"{raw}-{number}")  # two people of one name
        found = ((name, _content(path), _time(path)) for name, path in files)
        roster.add(name, found, f"canvas {number}")
    roster.students.sort()
    if not roster.students:
        raise SubmissionError(
            f"There are no submissions in {folder}. It should hold a folder or zip per student."
        )
    return roster


def _content(path: Path) -> bytes | str:
    try:
        return read_bytes(path)
    except SubmissionError as error:
        return str(error)


def _time(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _in_folder(folder: Path) -> Iterator[Found]:
    """Yields the files of a student's folder, those nearest to its top first."""
    level, seen = [folder], 0
    for _ in range(INNER_FOLDERS):
        below: list[Path] = []
        for place in level:
            try:
                entries = sorted(os.scandir(place), key=lambda entry: os.fsencode(entry.name))
            except OSError:
                continue
            seen += len(entries)
            if seen > MAX_ENTRIES:
                return
            for entry in entries:
                if FILE_NAME.fullmatch(entry.name):
                    yield entry.name, _content(Path(entry.path)), _time(Path(entry.path))
                elif entry.is_dir(follow_symlinks=False) and entry.name not in SKIPPED_FOLDERS:
                    below.append(Path(entry.path))
                elif entry.name.endswith(".zip") and entry.is_file(follow_symlinks=False):
                    yield from _in_zip(Path(entry.path))
        level = below


def _in_zip(path: Path) -> Iterator[Found]:
    """Yields the files of a zip by their names; paths, links and sizes in it are not believed."""
    time = _time(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()[:MAX_ENTRIES]
            entries.sort(key=lambda entry: (entry.filename.count("/"), entry.filename))
            for entry in entries:
                *folders, name = entry.filename.split("/")
                if not FILE_NAME.fullmatch(name) or SKIPPED_FOLDERS & set(folders):
                    continue
                if entry.external_attr >> 16 & 0o170000 == 0o120000:
                    yield name, f"{name} is a link in the zip. Put the file itself there.", time
                    continue
                with archive.open(entry) as file:
                    content = file.read(MAX_BYTES + 1)
                if len(content) > MAX_BYTES:
                    yield name, f"{name} in the zip has more than {MAX_BYTES >> 20} MiB.", time
                else:
                    yield name, content, time
    except (OSError, ValueError, RuntimeError, EOFError, zlib.error, lzma.LZMAError) as error:
        yield "", f"The zip {path.name} cannot be read: {error}. Hand it in again.", time
    except zipfile.BadZipFile:
        yield "", f"The zip {path.name} is damaged. Hand it in again.", time
