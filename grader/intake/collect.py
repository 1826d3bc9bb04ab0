"""Collects what DIR holds: all students and all their files, read as bytes and never run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.intake import archives
from grader.intake.archives import Budget, Unreadable
from grader.intake.earlier import earlier_names
from grader.intake.folder import NOBODYS, Entry, Parts, left_out, walk
from grader.intake.model import Person
from grader.intake.names import Reading, is_backup, is_litter, own_words, read_name
from grader.intake.people import Somebody, find_people
from grader.intake.roster import Register, printable, student_name
from grader.intake.systems import HandIn, lay_out
from grader.source.notebook import without_outputs
from grader.source.reading import MAX_BYTES, MAX_NOTEBOOK
from grader.source.submission import SubmissionError

NAME = re.compile(rb"[ \t]+([A-Za-z_]\w*)")
MAX_DEFINED = 10_000  # places in a file that are searched for a definition
PYTHON = re.compile(
    rb"^(?:\xef\xbb\xbf)?(?:import \w|from [\w.]+ import |def \w+\(|class \w+|@\w+$|# %%)",
    re.MULTILINE,
)
BOMS = (b"\xff\xfe", b"\xfe\xff")
SHORT = 2_000  # bytes of a file that holds just a link
LINK = re.compile(rb"https?://\S*(?:colab|drive\.google|github|gitlab|onedrive|dropbox|kaggle)")
TAG = re.compile(rb"<[^<>]*>|&nbsp;")
# Files that may show the program but cannot be read as one.
DOCUMENT = re.compile(
    r".*\.(?:pdf|docx?|rtf|odt|pages|html?|png|jpe?g|heic|url|webloc|desktop|lnk|gdoc)",
    re.IGNORECASE,
)


@dataclass(eq=False)
class Found:
    """A file of a hand-in, or a folder in it that is left out.

    Attributes:
      path: folders, archives and its name, in the hand-in.
      place: the path from DIR, printable, joined by "/".
      time: in seconds since 1970, of the file or archive in DIR.
      data: its content, if it may be a program and its name contains a week; other files are read
        again when needed, so that only what may count stays in memory.
      program: True if it may be a program.
      again: reads it again, whatever its name; raises Unreadable.
      problem: why it cannot be read, or "".
      left_out: why it is not a candidate, whatever its name says, or "".
      container: True for an archive that could not be opened.
      functions: the names that it defines.
      system: the course system of the hand-in.
      turn: that system's number among several hand-ins; () without one.
      text: True for an online text.
      participant: Moodle's number of the hand-in, or "".
      inside: for a folder that is left out, the names of the files directly in it.
    """

    path: Parts
    place: str
    time: float
    data: bytes | None = None
    again: Callable[[], bytes] | None = None
    problem: str = ""
    left_out: str = ""
    container: bool = False
    functions: frozenset[str] = frozenset()
    system: str = "plain"
    turn: tuple[int, ...] = ()
    text: bool = False
    participant: str = ""
    inside: Parts = ()
    program: bool = False

    @property
    def inner(self) -> str:
        """Its path in the hand-in, printable."""
        return shown_place(self.path)


@dataclass
class Collected:
    """Everything that DIR holds, before the decision on what counts.

    Attributes:
      students: all of them, sorted.
      files: for each student, the files found, each with the reading of its name.
      nobodys: path and reason of files that belong to no student.
      notes: other sentences for the instructor.
      numbers: what course systems call a student: {"Ada": {"canvas": "102"}}.
      former: names under which results of an earlier run may hold a student.
    """

    students: list[str] = field(default_factory=list)
    files: dict[str, list[tuple[Found, Reading]]] = field(default_factory=dict)
    nobodys: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    numbers: dict[str, dict[str, str]] = field(default_factory=dict)
    former: dict[str, tuple[str, ...]] = field(default_factory=dict)


def shown_place(path: Sequence[str]) -> str:
    """Returns a printable path in NFC, its parts joined by "/"."""
    return "/".join(printable(part) for part in path)


def collect(folder: Path, people: Sequence[Person] = ()) -> Collected:
    """Reads a class's folder.

    Args:
      folder: holds a folder or an archive for each student, or exports of course systems.
      people: the roster; empty if there is none.

    Returns:
      What was found. It contains no decisions.

    Raises:
      SubmissionError: if there is no such folder, or no hand-in in it.
    """
    if not folder.is_dir():
        what = f"There is no folder {folder}. Name the one that holds the submissions."
        if folder.is_file():
            what = f"{folder} is not a folder. Put it into one, and name that folder."
        raise SubmissionError(what)
    entries = walk(folder)
    register = Register(people)
    layout = lay_out(entries, register)
    if not layout.hand_ins:
        raise SubmissionError(
            f"There are no submissions in {folder}. It should hold a folder or an archive for each "
            "student, or an export from a course system."
        )
    budgets: dict[tuple[str, str, str], Budget] = {}  # one for a person's files in an export
    found = {}
    for hand_in in layout.hand_ins:
        claim = hand_in.claims[0]
        whose = (hand_in.container, claim.system, claim.number or claim.name)
        found[id(hand_in)] = list(_files(hand_in, budgets.setdefault(whose, Budget())))
    weeks = {whose: _weeks(files) for whose, files in found.items()}
    collected = Collected(notes=layout.notes)
    collected.nobodys = [(shown_place(entry.path), reason) for entry, reason in layout.nobodys]
    everybody = find_people(layout.hand_ins, weeks, register, collected.notes)
    for somebody in sorted(everybody, key=lambda one: one.name):
        person = register.names.get(somebody.name)
        known = [somebody.name, *(claim.name for claim in somebody.claims)]
        known += [one for claim in somebody.claims for one in (claim.number, *claim.ids)]
        if person is not None:
            known += [person.name, person.id, person.username, person.email, *person.also]
        own = own_words(known)
        collected.students.append(somebody.name)
        collected.files[somebody.name] = [
            (file, read_name(file.path[-1], own))
            for hand_in in somebody.hand_ins
            for file in found[id(hand_in)]
        ]
        doubts = [
            (next(filter(_of_a_week, found[id(each)]), found[id(each)][0]), why)
            for each, why in somebody.doubts
            if found[id(each)]
        ]
        if not somebody.hand_ins:
            why = "is in no student's folder and may be theirs; put it into one with their name"
            for entry in layout.ownerless:
                doubts.append((Found(entry.path, shown_place(entry.path), entry.time), why))
        for file, why in doubts:
            doubt = Found(file.path, file.place, file.time, problem=why, container=True)
            collected.files[somebody.name].append((doubt, Reading("other")))
        if numbers := _numbers(somebody):
            collected.numbers[somebody.name] = numbers
    collected.former = _former(everybody, entries, register)
    return collected


def _numbers(somebody: Somebody) -> dict[str, str]:
    """Returns a student's number in each course system that has exactly one."""
    found: dict[str, set[str]] = {}
    for claim in somebody.claims:
        if claim.number:
            found.setdefault(claim.system, set()).add(claim.number)
    return {system: min(numbers) for system, numbers in found.items() if len(numbers) == 1}


def _former(
    everybody: Sequence[Somebody], entries: Sequence[Entry], register: Register
) -> dict[str, tuple[str, ...]]:
    earlier = earlier_names(entries)
    names: dict[str, set[str]] = {}
    for somebody in everybody:
        mine = names.setdefault(somebody.name, set(somebody.former))
        person = register.names.get(somebody.name)
        if person is not None:
            values = (person.name, person.id, person.username, person.email, *person.also)
            mine |= {student_name(value) for value in values if value}
        tops = {file[0].path[0] for each in somebody.hand_ins for file in each.files}
        mine |= {earlier[top] for top in tops if top in earlier}
    counts = Counter(name for mine in names.values() for name in mine)
    found = {}
    for student, mine in names.items():
        kept = sorted(name for name in mine if counts[name] == 1 and name not in names)
        if kept:
            found[student] = tuple(kept)
    return found


def _of_a_week(file: Found) -> bool:
    return bool(_weeks([file]))


def _weeks(files: Sequence[Found]) -> set[str]:
    readings = [read_name(file.path[-1]) for file in files if not file.left_out and not file.text]
    return {reading.week for reading in readings if reading.kind in ("week", "maybe")}


# The files of one hand-in ------------------------------------------------------------------------


def _files(hand_in: HandIn, budget: Budget) -> Iterator[Found]:
    """Yields the files of a hand-in, within its limits; a folder that is left out is one entry."""
    if hand_in.problem:
        for entry, path, *_ in hand_in.files:
            place, problem = shown_place(entry.path), hand_in.problem
            yield Found(path, place, entry.time, problem=problem, container=True)
        return
    found: list[Found] = []
    many = 0 <= budget.entries < len(hand_in.files)
    budget.entries -= len(hand_in.files)
    for entry, path, turn, text in hand_in.files:
        place = entry.path[: hand_in.depth] if len(entry.path) > hand_in.depth else ()
        make = _Maker(entry, path, place, hand_in.claims[0].system, turn, text)
        if many or (budget.is_spent and archives.has_archive_name(path[-1])):
            over = (
                f"is one of more than {archives.MAX_ENTRIES:,} files in its hand-in"
                if many
                else "was not opened, since other archives of this hand-in exceed the limits; "
                "ask for the week files alone"
            )
            again = lambda entry=entry: _again(entry, ())
            found.append(make.file(path, problem=over, container=True, again=again))
            continue
        try:
            found += list(make.read(budget))
        except Unreadable as error:
            # The files before the damage may not be all of them.
            found.append(make.file(path, problem=str(error), container=True))
    claim = hand_in.claims[0]
    number = claim.number if claim.system == "moodle" else ""
    beside = frozenset(
        file.path[:place]
        for file in found
        for place, part in enumerate(file.path[:-1])
        if part.casefold() == "exercises"
    )
    folders: dict[tuple[Parts, str], list[Found]] = {}
    for file in found:
        file.participant = number
        if file.path[:-1] in beside:
            file.inside = ()
        depth, reason = left_out(file.path, beside)
        if depth and not file.left_out:
            folders.setdefault((file.path[:depth], reason), []).append(file)
        else:
            yield file
    for (path, reason), files in folders.items():
        place = files[0].place.split("/")
        shown = "/".join(place[: len(place) - len(files[0].path) + len(path)])
        count = f"{len(files)} file{'' if len(files) == 1 else 's'}"
        names = tuple(file.path[-1] for file in files if len(file.path) == len(path) + 1)
        yield Found(
            path,
            shown,
            files[0].time,
            left_out=f"{count} of {reason}",
            inside=() if path[-1].casefold() in NOBODYS or path[:-1] in beside else names,
        )


@dataclass
class _Maker:
    """Reads the files of one entry of DIR."""

    entry: Entry
    path: Parts
    place: Parts
    system: str
    turn: tuple[int, ...]
    text: bool

    def file(self, path: Parts, **fields) -> Found:
        # In a flat export, the path is the file's name in the export, not its original name.
        whole = (*self.place, *path) if self.place else (*self.entry.path, *path[len(self.path) :])
        found = Found(path, shown_place(whole), self.entry.time, **fields)
        found.system, found.turn, found.text = self.system, self.turn, self.text
        return found

    def read(self, budget: Budget) -> Iterator[Found]:
        """Yields the entry or, if it is an archive, its files.

        Raises:
          Unreadable: if it cannot be read.
        """
        name = self.path[-1]
        if self.entry.empty:
            return
        if self.entry.open is None:
            if self.entry.readable:
                inside = self.entry.inside
                yield self.file(self.path, left_out=self.entry.reason, inside=inside)
            else:
                yield self.file(self.path, problem=self.entry.reason, container=name == "…")
            return
        try:
            opened = self.entry.open()
        except Unreadable as error:
            yield self.file(
                self.path, problem=str(error), container=archives.has_archive_name(name)
            )
            return
        try:
            with opened as file:
                kind = archives.archive_kind(file.read(archives.BLOCK), name)
                file.seek(0)
                if not kind:
                    limit = _wanted(self.path, self.text)
                    data = file.read(limit + 1) if limit else None
                    yield self.made(self.path, data, limit)
                    return
                wanted = lambda inner: _wanted((*self.path, *inner), False)
                empty = True
                for member in archives.members(file, name, kind, budget, wanted):
                    empty, path = False, (*self.path, *member.path)
                    if member.problem:
                        yield self.file(path, problem=member.problem, container=member.container)
                    else:
                        yield self.made(path, member.data, MAX_NOTEBOOK)
                if empty:
                    yield self.file(self.path, left_out="an empty archive; ask for it again")
        except OSError as error:
            yield self.file(self.path, problem=f"cannot be read: {error.strerror or error}")

    def made(self, path: Parts, data: bytes | None, limit: int) -> Found:
        name = path[-1]
        again = lambda: _again(self.entry, path[len(self.path) :])
        if is_litter(name):
            return self.file(path, left_out="left by the operating system")
        if is_backup(name):
            return self.file(path, again=again, left_out="a backup, checkpoint or broken download")
        if data is None:
            return self.file(path, again=again)
        if len(data) > limit:
            return self.file(
                path, problem=f"is larger than {limit >> 20} MiB; ask for the program alone"
            )
        problem = ""
        if self.text:
            data = TAG.sub(b" ", data)
        if len(data) > MAX_BYTES:
            data, problem = _smaller(data)
        text = data.decode("utf-16", "replace").encode() if data[:2] in BOMS else data
        reading = read_name(name)
        program = reading.ending in ("py", "ipynb") or looks_like_python(data)
        made = self.file(path, again=again, problem=problem, functions=_defined(text))
        made.program = bool(data) and program and not problem
        if (reading.week or self.text) and program and not problem:
            made.data = data
        if not program and len(text) < SHORT and LINK.search(text):
            made.left_out = "links to a file elsewhere; ask for the file itself"
        return made


def _defined(data: bytes) -> frozenset[str]:
    """Returns the names that a program or notebook seems to define."""
    names = set()
    for word in (b"def", b"class"):
        at = -1
        for _ in range(MAX_DEFINED):
            at = data.find(word, at + 1)
            if at < 0:
                break
            before = data[max(0, at - 2) : at]
            inside = before[-1:].isalnum() or before[-1:] == b"_"
            if (not inside or before == b"\\n") and (found := NAME.match(data, at + len(word))):
                names.add(found[1].decode("ascii", "ignore"))
    return frozenset(names)


def _wanted(path: Parts, text: bool) -> int:
    """Returns how many bytes of a file to read, by its name."""
    name = path[-1]
    if is_backup(name) or is_litter(name) or left_out(path)[0]:
        return 0
    if text:
        return MAX_BYTES
    return {"py": MAX_NOTEBOOK, "ipynb": MAX_NOTEBOOK, "text": MAX_BYTES}.get(
        read_name(name).ending, 0
    )


def _smaller(data: bytes) -> tuple[bytes, str]:
    """Returns a notebook without its outputs, or why it is still too large."""
    if is_notebook(data):
        data = without_outputs(data)
    if len(data) <= MAX_BYTES:
        return data, ""
    size = f"{len(data) / 2**20:.1f} MiB; at most {MAX_BYTES >> 20} MiB"
    return b"", f"has {size} are allowed; if it is a notebook, ask for it without outputs"


def _again(entry: Entry, inner: Parts) -> bytes:
    """Reads one file again, from inside its archives if necessary.

    Raises:
      Unreadable: if it cannot be read, or is too large.
    """
    if entry.open is None:
        raise Unreadable(entry.reason)
    data = None
    with entry.open() as file:
        if not inner:
            data = file.read(MAX_NOTEBOOK + 1)
        else:
            kind = archives.archive_kind(file.read(archives.BLOCK), entry.path[-1])
            wanted = lambda path: MAX_NOTEBOOK if path == inner else 0
            for member in archives.members(file, entry.path[-1], kind, Budget(), wanted):
                if member.path == inner and member.data is not None:
                    data = member.data
    if data is None or len(data) > MAX_NOTEBOOK:
        raise Unreadable(f"is larger than {MAX_NOTEBOOK >> 20} MiB, or cannot be read")
    data, problem = _smaller(data) if len(data) > MAX_BYTES else (data, "")
    if problem:
        raise Unreadable(problem)
    return data


def is_notebook(data: bytes) -> bool:
    """True for a notebook's JSON, whatever the file's name."""
    head = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"{") and (b'"cells"' in data or b'"worksheets"' in data)


def looks_like_python(data: bytes) -> bool:
    """True for a program or a notebook, whatever the file's name."""
    return is_notebook(data) or PYTHON.search(data.replace(b"\r", b"\n")) is not None
