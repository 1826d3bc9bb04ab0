"""Decides which file counts for each week, and reports what only an instructor can decide."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.course import COURSE
from grader.intake.archives import Unreadable
from grader.intake.collect import (
    DOCUMENT,
    Collected,
    Found,
    is_notebook,
    looks_like_python,
)
from grader.intake.model import Cell, FoundFile, Handed, Intake
from grader.intake.names import PROGRAM, Reading, is_backup, week_said
from grader.intake.roster import nfc
from grader.rubric import RubricError
from grader.source.program import Program
from grader.source.reading import NothingWritten, from_bytes
from grader.source.stubs import task_functions
from grader.source.submission import Submission, SubmissionError

NONE = "none"
MAGIC = re.compile(r"  # [%!].*$")  # the original of a line of IPython, turned into Python
NOTE = re.compile(r"readme.*|licen[cs]e.*|authors.*|requirements.*", re.IGNORECASE)
MAX_COMPARED = 6  # different files for one week; with more, none is read
MAX_READ = 24  # files of a student that are read to compare them
MAX_PARSED = 2**20  # characters of a student that are parsed to find stubs; a week has 30,000
SHOWN = 3  # paths in a sentence
LONGEST = 200  # characters of a path in a sentence
NO_PROGRAM = "not a program of any week"


def decide(collected: Collected, weeks: Sequence[str], choices: Mapping[Cell, str]) -> Intake:
    """Decides what counts.

    Args:
      collected: what DIR holds.
      weeks: all weeks of the course.
      choices: the instructor's choice by student and week: the path of a file, or "none".

    Returns:
      The intake.

    Raises:
      SubmissionError: if a choice names no file that was found.
    """
    intake = Intake(list(collected.students), notes=list(collected.notes))
    intake.numbers.update(collected.numbers)
    intake.former.update(collected.former)
    functions = {week: _functions(week) for week in weeks}
    words = {(nfc(student), week): word for (student, week), word in choices.items()}
    for student in collected.students:
        desk = _Desk(student, collected.files.get(student, []), functions)
        for week in weeks:
            if (student, week) in words:
                desk.choose(week, words[student, week])
        desk.settle()
        desk.report(intake)
    intake.files.extend(FoundFile("", place, "", why) for place, why in collected.nobodys)
    intake.files.sort(key=lambda file: (file.student, file.file))
    strays = [place for place, _ in collected.nobodys if place.endswith((".py", ".ipynb"))]
    if strays:
        intake.notes.append(
            f"{_listed(strays)} {'is' if len(strays) == 1 else 'are'} in no student's folder, "
            "so no one gets points for it."
        )
    return intake


def _functions(week: str) -> frozenset[str]:
    try:
        return frozenset(task_functions(COURSE, week))
    except (OSError, RubricError, SyntaxError):
        return frozenset()


def _listed(places: Sequence[str]) -> str:
    more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
    return ", ".join(map(_short, places[:SHOWN])) + more


def _short(place: str) -> str:
    return place if len(place) <= LONGEST else f"{place[: LONGEST // 2]}…{place[-LONGEST // 2 :]}"


@dataclass
class _Desk:
    """One student's files, and the decisions on them, made one after the other."""

    student: str
    files: list[tuple[Found, Reading]]
    functions: Mapping[str, frozenset[str]]
    handed: dict[str, Found] = field(default_factory=dict)
    data: dict[str, bytes] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)
    none: set[str] = field(default_factory=set)
    chosen: set[str] = field(default_factory=set)
    reasons: dict[int, tuple[str, str]] = field(default_factory=dict)  # by id: week and reason
    notes: list[str] = field(default_factory=list)
    may_read: int = MAX_READ
    may_parse: int = MAX_PARSED

    def say(self, file: Found, reason: str, week: str = "") -> None:
        self.reasons[id(file)] = week, reason

    # The instructor's choice ----------------------------------------------------------------------

    def choose(self, week: str, word: str) -> None:
        """Applies the policy's choice for a week.

        Raises:
          SubmissionError: if it names no file, or more than one.
        """
        if word == NONE:
            self.none.add(week)
            return
        file = self.named(week, word)
        if file is None:
            self.notes.append(
                f"{self.student}: the policy names {word} for {week}, which is not in this "
                "folder; the earlier verdict stays."
            )
            return
        try:
            data = file.data
            if data is None and file.again is None:
                raise Unreadable(file.problem or "it was not read")
            if data is None and file.again is not None:
                data = file.again()
        except (Unreadable, OSError) as error:
            self.open[week] = f"The policy names {file.place}, which cannot be read: {error}."
            self.say(file, str(error))
            return
        self.chosen.add(week)
        self.take(week, file, data or b"", "the policy names it")

    def word(self, file: Found) -> str:
        """Returns a file's path as the policy names it, in quotes."""
        alike = sum(other.inner == file.inner for other, _ in self.files)
        return json.dumps(file.inner if alike == 1 else file.place, ensure_ascii=False)

    def named(self, week: str, word: str) -> Found | None:
        """Returns the file that a policy names, by its path in DIR or in the hand-in."""
        wanted = nfc(word).replace("\\", "/").removeprefix("./").strip("/")
        known = [file for file, _ in self.files if not file.left_out or file.again]
        for fits in (
            lambda file: file.place == wanted,
            lambda file: file.inner == wanted,
            lambda file: file.inner.endswith(f"/{wanted}"),
        ):
            found = [file for file in known if fits(file)]
            if len(found) > 1:
                raise SubmissionError(
                    f'{self.student}: the policy\'s {week} = "{word}" matches '
                    f"{_listed([file.place for file in found])}. Write the full path."
                )
            if found:
                return found[0]
        concerned = [
            file.inner for file, reading in self.files if reading.week == week and not file.left_out
        ]
        near = difflib.get_close_matches(wanted, [file.inner for file in known[:1000]], 3)
        if near or concerned:
            raise SubmissionError(
                f'{self.student}: the policy\'s {week} = "{word}" names no file that was found. '
                f"Choose from {_listed(near or concerned)}."
            )
        return None

    # What counts ----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Decides every week that the policy leaves open."""
        candidates: dict[str, list[Found]] = {}
        exact: set[int] = set()
        near: dict[str, list[tuple[Found, str]]] = {}
        other: list[Found] = []
        for file, reading in self.files:
            if id(file) in self.reasons:
                continue
            week, why = self.read(file, reading)
            if week and not why:
                candidates.setdefault(week, []).append(file)
                if not reading.decorated:
                    exact.add(id(file))
            elif week:
                near.setdefault(week, []).append((file, why))
                self.say(file, why)
            else:
                other.append(file)
        for week, files in candidates.items():
            if week in self.none:
                for file in files:
                    self.say(file, f"the policy says that no file counts for {week}")
            elif week in self.handed or week in self.open:
                for file in files:
                    self.say(file, f"the policy names another file for {week}")
            else:
                self.one_of(week, files, exact)
        for file in other:
            self.describe(file, near)
        self.leave_open(near)

    def read(self, file: Found, reading: Reading) -> tuple[str, str]:
        """Returns the week that a file's name says, and why the file is not a candidate after all.

        The reason is "" for a candidate.
        """
        week = reading.week
        if file.left_out or file.container or file.text or not reading.ending or not week:
            return "", ""
        if week not in self.functions:
            return "", ""
        if file.data is None and not file.problem:
            return "", ""  # named like a week, but not a program
        if reading.kind == "near":
            return week, f"its name says that it is not {week} itself"
        if reading.kind == "maybe" and not file.problem and not self.holds(file, week):
            return week, f"its name is not just {week}, and it lacks the functions of {week}"
        return week, ""

    def holds(self, file: Found, week: str) -> bool:
        """True if a file defines at least half of a week's functions."""
        functions = self.functions[week]
        return 2 * len(functions & file.functions) >= len(functions)

    def one_of(self, week: str, files: list[Found], exact: set[int]) -> None:
        """Takes the one file that counts for a week, or leaves the week open."""
        left = list(files)
        if len(left) > 1:
            left = self.same_once(left, lambda file: file.data)
        if 1 < len(left) <= min(MAX_COMPARED, self.may_read):
            self.may_read -= len(left)
            texts = {id(file): _Text(file.data, week) for file in left}
            touched = [file for file in left if not self.is_untouched(texts[id(file)], week)]
            left = self.narrowed(left, touched, "it is empty or all stubs")
            left = self.same_once(left, lambda file: texts[id(file)].plain())
        left = self.narrowed(left, _last_turns(left), "an earlier hand-in")
        at_home = [file for file in left if _folder(file) == "exercises"]
        left = self.narrowed(left, at_home, "the file in exercises/ counts")
        plain = [file for file in left if id(file) in exact]
        left = self.narrowed(left, plain, "the file with the plain name counts")
        if len(left) > 1:
            self.open[week] = (
                f"{len(left)} files may be {week}: {_listed([file.place for file in left])}.\n"
                f'Choose one in the policy: [students."{self.student}".files] {week} = '
                f"{self.word(left[0])}."
            )
            for file in left:
                self.say(file, f"one of {len(left)} that may be {week}; choose one in the policy")
            return
        (file,) = left
        if file.problem or file.data is None:
            self.open[week] = f"{_short(file.place)} {file.problem}."
            self.say(file, file.problem)
            return
        only = (
            f"the one of {len(files)} files that counts"
            if len(files) > 1
            else f"the only file for {week}"
        )
        self.take(week, file, file.data, only)

    def is_untouched(self, text: _Text, week: str) -> bool:
        """True if a file is empty, or holds only stubs of a week's functions."""
        functions = self.functions[week]
        if text.submission is None or not functions:
            return text.empty
        source = text.submission.source
        if source.count("NotImplementedError") < len(functions) or self.may_parse < len(source):
            return False
        self.may_parse -= len(source)
        try:
            program = Program(text.submission)
        except SubmissionError:
            return False
        return program.has_only_stubs(functions)

    def is_left_stub(self, week: str) -> bool:
        """True if a week's file holds no work, and was not chosen by the policy."""
        return week not in self.chosen and self.is_untouched(_Text(self.data[week], week), week)

    def narrowed(self, left: list[Found], kept: list[Found], reason: str) -> list[Found]:
        """Returns the files that a rule keeps, if any; the others get its reason."""
        if not kept or len(kept) == len(left):
            return left
        for file in left:
            if all(file is not each for each in kept):
                self.say(file, reason)
        return kept

    def same_once(self, left: list[Found], content: Callable[[Found], object]) -> list[Found]:
        """Returns one file of each content: the one in exercises/, or else the shortest path."""
        found: dict[object, Found] = {}
        order = sorted(left, key=lambda f: (_folder(f) != "exercises", len(f.path), len(f.inner)))
        for file in order:
            key = content(file)
            if key is None:
                found[id(file)] = file
            elif (first := found.setdefault(key, file)) is not file:
                if file.turn > first.turn:  # the same content was handed in again
                    found[key], file, first = file, first, file
                self.say(file, f"the same as {_short(first.place)}")
        kept = {id(file) for file in found.values()}
        return [file for file in left if id(file) in kept]

    def take(self, week: str, file: Found, data: bytes, reason: str) -> None:
        self.handed[week] = file
        self.data[week] = data
        self.say(file, reason, week)

    # What does not --------------------------------------------------------------------------------

    def describe(self, file: Found, near: dict[str, list[tuple[Found, str]]]) -> None:
        """Records why a file without a week does not count, and which week it may belong to."""
        if file.left_out or file.problem:
            why = file.left_out or file.problem
            self.say(file, why)
            for week in self.said(file):
                self.hint(week, file, f"{why}, but named like {week}")
            return
        week, count = self.by_content(file)
        if week and file.text:
            why = f"an online text with functions of {week}: ask for the file"
        elif week:
            why = (
                f"holds {count} of the {len(self.functions[week])} functions of {week}.\n"
                f"If it is {week}, write {week} = {self.word(file)} in the policy"
            )
        elif file.text:
            why = "an online text without a program"
        elif file.program:
            why = "a program whose name matches no week of this course"
        elif said := self.said(file):
            (week,) = said
            why = f"named like {week}, but not a program; ask for the .py or .ipynb file"
        else:
            why = NO_PROGRAM
        self.say(file, " ".join(why.split()))
        if week and self.holds(file, week):
            near.setdefault(week, []).append((file, why))
        elif week:
            self.hint(week, file, why)

    def hint(self, week: str, file: Found, why: str) -> None:
        self.hints.setdefault(week, self.cause(week, file, why))

    def cause(self, week: str, file: Found, why: str) -> str:
        """Returns why a file leaves a week open, and in a second line what to do."""
        text = f"{_short(file.place)}: {why.replace('. If it is', f'.{chr(10)}If it is')}"
        if "ask for" in why or "in the policy" in why:
            return f"{text}."
        if file.inside or file.again is None:
            return f"{text}; ask for {week}.py itself."
        return f"{text}.\nIf it is {week}, write {week} = {self.word(file)} in the policy."

    def by_content(self, file: Found) -> tuple[str, int]:
        """Returns the week with most functions in a file, and their number; ("", 0) for none."""
        fits = [(len(names & file.functions), week) for week, names in self.functions.items()]
        count, week = max(fits, key=lambda fit: fit[0], default=(0, ""))
        return (week, count) if count else ("", 0)

    def said(self, file: Found) -> set[str]:
        """Returns the weeks in the name of a file, or in the names of a folder's own files."""
        names = file.inside if file.inside else file.path[-1:]
        return {week_said(name) for name in names} & self.functions.keys()

    def leave_open(self, near: Mapping[str, list[tuple[Found, str]]]) -> None:
        """Records the cells that stay empty because a file could not be accepted."""
        for week in [*self.handed]:
            work = self.beside_stub(week)
            if work is not None:
                taken = self.handed.pop(week)
                self.say(taken, f"it is empty or all stubs; see {_short(work.place)}")
                known = [why for file, why in near.get(week, []) if file is work]
                why = known[0] if known else self.reasons[id(work)][1]
                self.open[week] = self.cause(week, work, why)
        for week, files in near.items():
            if not any(week in each for each in (self.handed, self.open, self.none)):
                file, why = files[0]
                self.open[week] = self.cause(week, file, why)
        shut = [file for file, _ in self.files if file.container]
        if shut:
            for week in [week for week in self.handed if self.is_left_stub(week)]:
                why = f"it is empty or all stubs; see {_short(shut[0].place)}"
                self.say(self.handed.pop(week), why)
            self.open[""] = f"{_short(shut[0].place)} {shut[0].problem}."
        elif not self.handed and not self.open:
            self.open = {week: why for week, why in self.hints.items() if week not in self.none}
            if not self.open and (rest := self.unrecognised()):
                first = next(iter(self.functions))
                programs = [file for file in rest if file.program or is_backup(file.path[-1])]
                self.open[""] = (
                    f"No week was recognised in {_listed([file.place for file in rest])}.\n"
                ) + (
                    f"If it is {first}, say so in the policy: "
                    f'[students."{self.student}".files] {first} = {self.word(programs[0])}.'
                    if programs
                    else "Ask for the .py or .ipynb file."
                )
        if "" in self.open and self.none:
            reason = self.open.pop("")
            for week in self.functions:
                if not any(week in each for each in (self.handed, self.open, self.none)):
                    self.open[week] = reason

    def beside_stub(self, week: str) -> Found | None:
        """Returns a file with work for a week whose accepted file is only the stub."""
        functions, stub = self.functions[week], self.handed[week]
        others = [
            file
            for file, reading in self.files
            if file is not stub
            and file.program
            and functions & file.functions
            and not self.reasons.get(id(file), ("", ""))[0]
            and (reading.week == week or reading.week not in self.functions)
        ]
        if not others or not self.is_left_stub(week):
            return None
        return next((file for file in others if self.is_begun(file, week)), None)

    def is_begun(self, file: Found, week: str) -> bool:
        """True if a program implements one of a week's functions, or may no longer be read."""
        data = file.data
        if self.may_read < 1:
            return True
        self.may_read -= 1
        try:
            if data is None and file.again is not None:
                data = file.again()
            text = _Text(data, week)
            if text.submission is None or self.may_parse < len(text.submission.source):
                return True
            self.may_parse -= len(text.submission.source)
            program = Program(text.submission)
        except (Unreadable, OSError, SubmissionError):
            return True
        names = self.functions[week] & file.functions
        return any(program.definition(name) and not program.is_stub(name) for name in names)

    def unrecognised(self) -> list[Found]:
        """Returns files that may be work, without notes and system files."""
        if self.none and all(reading.week in self.none for _, reading in self.files):
            return []
        return [
            file
            for file, reading in self.files
            if reading.week not in self.none
            and not self.said(file) & self.none
            and not NOTE.fullmatch(file.path[-1])
            and (
                file.program
                or file.problem
                or (file.functions and not file.text)
                or (file.left_out and PROGRAM.search(file.path[-1].casefold()))
                or "checkpoint" in file.left_out
                or file.left_out.startswith("links to")
                or (not file.text and DOCUMENT.fullmatch(file.path[-1]))
            )
        ]

    # The result -----------------------------------------------------------------------------------

    def report(self, intake: Intake) -> None:
        """Adds all decisions to the intake."""
        for week, file in self.handed.items():
            data = self.data[week]
            program = f"{week}.ipynb" if is_notebook(data) else f"{week}.py"
            if not looks_like_python(data) and file.path[-1].casefold().endswith(".ipynb"):
                program = f"{week}.ipynb"
            intake.handed[self.student, week] = Handed(
                self.student, week, {program: data}, file.time or None, file.place
            )
        intake.hints.update(
            {
                (self.student, week): why
                for week, why in self.hints.items()
                if not any(each in self.open for each in (week, ""))
                and week not in self.none | self.handed.keys()
            }
        )
        intake.open.update({(self.student, week): why for week, why in self.open.items()})
        for file, reading in self.files:
            week, reason = self.reasons.get(id(file), ("", NO_PROGRAM))
            intake.files.append(FoundFile(self.student, file.place, week, reason))
            if file.participant and reading.week in self.functions:
                intake.participants.setdefault((self.student, reading.week), file.participant)
        for week, file in self.handed.items():
            if file.participant:
                intake.participants[self.student, week] = file.participant
        intake.notes.extend(self.notes)


def _folder(file: Found) -> str:
    return file.path[-2].casefold() if len(file.path) > 1 else ""


def _last_turns(files: Sequence[Found]) -> list[Found]:
    """Returns the files with the greatest hand-in number of their course system."""
    last: dict[str, tuple[int, ...]] = {}
    for file in files:
        last[file.system] = max(last.get(file.system, ()), file.turn)
    return [file for file in files if file.turn == last[file.system]]


class _Text:
    """A candidate, read as a program to compare it with others."""

    def __init__(self, data: bytes | None, week: str) -> None:
        self.empty = False
        self.submission: Submission | None = None
        if data is None:
            return
        name = f"{week}.ipynb" if is_notebook(data) else f"{week}.py"
        try:
            self.submission = from_bytes(Path(name), week, data)
        except NothingWritten:
            self.empty = True
        except SubmissionError:
            pass

    def plain(self) -> str | None:
        """Fingerprints the program without line ends, comments, outputs and magics."""
        if self.submission is None:
            return None
        broken = any(cell.problem for cell in self.submission.cells)
        lines = self.submission.lines if broken else self.submission.source.split("\n")
        lines = [MAGIC.sub("", line).rstrip() for line in lines]
        kept = [line for line in lines if line and not line.lstrip().startswith("#")]
        return hashlib.sha256("\n".join(kept).encode("utf-8", "surrogatepass")).hexdigest()
