"""The gradebook of a class over a term: every verdict, in one SQLite file.

A run adds what its DIR holds to what earlier runs recorded; nothing is forgotten. Each result is
one transaction, so that a kill at any moment loses only what was being judged. A submission that
could not be judged is recorded as such, not as a zero, and is judged again in the next run.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.classroom.fingerprint import rubric_fingerprint
from grader.classroom.schema import prepare
from grader.course import COURSE, week_order
from grader.intake.model import Cell, FoundFile, Handed, Intake, Person
from grader.intake.roster import Register, RosterError, read_roster, student_names
from grader.results.files import write_text
from grader.rubric import read_rubric
from grader.secret import BITS, Secret

ROSTER = "roster.csv"  # in the folder of the results


class GradebookError(Exception):
    """The folder of results cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class Attempt:
    """What a student handed in for a week at one time.

    Attributes:
      digest: identifies the content.
      time: when, in seconds since 1970, if that is known.
      result: the week's object of the JSON contract; None if there is no verdict yet.
      last: True if nothing was handed in after it.
      rubric: fingerprint of the rubric that judged it; "" if that is not known.
    """

    digest: str
    time: float | None
    result: dict[str, Any] | None
    last: bool
    rubric: str = ""


class Gradebook:
    """The folder OUT of a class: grades.sqlite, grades.csv, results/, and the class's secret."""

    def __init__(
        self, folder: Path, settings: dict[str, str] | None = None, seed: int | None = None
    ) -> None:
        """Opens the folder, or creates it.

        Args:
          folder: OUT.
          settings: what all verdicts in it have in common, such as the source of the images; None
            only reads the folder.
          seed: replaces the secret, for experiments.

        Raises:
          GradebookError: if another run uses the folder, or it was made with other settings.
        """
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = open(folder / ".lock", "w", encoding="utf-8")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            other = ", or choose another --out" if settings is not None else ""
            raise GradebookError(
                f"Another run is grading into {folder}. Wait until it has finished{other}."
            ) from None
        try:
            self._open()
            if settings is not None:
                self._hold_to(settings | {"seed": "secret" if seed is None else str(seed)})
                self.secret = self._secret() if seed is None else Secret.from_seed(seed)
        except sqlite3.DatabaseError as error:
            self.close()
            raise GradebookError(
                f"{folder / 'grades.sqlite'} cannot be used ({error}). Move it away to grade "
                "everything again."
            ) from None
        except GradebookError:
            self.close()
            raise

    def _open(self) -> None:
        self._base = sqlite3.connect(self.folder / "grades.sqlite", isolation_level=None)
        self._base.execute("pragma journal_mode = wal")
        self._base.execute("pragma synchronous = full")
        prepare(self._base)

    def _hold_to(self, settings: dict[str, str]) -> None:
        known = dict(self._base.execute("select name, value from setting"))
        for name, value in settings.items():
            if known.setdefault(name, value) != value:
                raise GradebookError(
                    f"{self.folder} was made with {name} {known[name]}, this run has {value}. "
                    "Choose another --out, so that all marks in it are comparable."
                )
            self._base.execute("insert or ignore into setting values (?, ?)", (name, value))

    def _secret(self) -> Secret:
        path = self.folder / "secret"
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(BITS // 8))
                file.flush()
                os.fsync(file.fileno())
        try:
            bits = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except ValueError:
            bits = b""
        if len(bits) != BITS // 8:
            raise GradebookError(
                f"{path} no longer holds the class's secret. Restore it from a copy, or choose "
                "another --out."
            )
        return Secret(bits)

    def close(self) -> None:
        """Closes the database and releases the folder."""
        with contextlib.suppress(AttributeError):
            self._base.close()
        self._lock.close()

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What came in --------------------------------------------------------------------------

    def join(self, intake: Intake, people: Iterable[Person] = ()) -> list[str]:
        """Gives students the records that earlier runs hold under their other names.

        A name that is still in use, or that two students may have had, stays unchanged.

        Args:
          intake: what was handed in; only its names and numbers matter.
          people: the roster.

        Returns:
          A sentence for each name that was joined, and for each that was not.
        """
        said = []
        before, numbers = set(self.students) - set(intake.students), self.numbers
        claims = {(old, name) for name, former in intake.former.items() for old in former}
        register = Register(people)
        for old in before:
            number = numbers.get(old, {}).get("canvas", "")  # the same in all courses
            claims |= {
                (old, name)
                for name, known in intake.numbers.items()
                if number and known.get("canvas") == number
            }
            if name := register.with_number([number, old]) or register.with_name(old):
                claims.add((old, name))
        for old, name in sorted(claims):
            if old not in before or old == name:
                continue
            if old == numbers.get(old, {}).get("github") and register.with_login(old) != name:
                continue  # an account may have any name; only the roster's `also` says whose it is
            others = sorted(other for former, other in claims if former == old and other != name)
            number = numbers.get(old, {}).get("canvas")
            if others:
                said.append(
                    f"{old}, of an earlier run, may be any of {', '.join(sorted([name, *others]))}."
                    " It stays a separate row."
                )
            elif number and number != intake.numbers.get(name, {}).get("canvas", number):
                said.append(
                    f"{old}, of an earlier run, has a different number in Canvas from {name}. It "
                    "stays a separate row."
                )
            else:
                with self._base:
                    self._rename(old, name)
                said.append(f"{old}, of an earlier run, is {name}, who keeps attempts and marks.")
        return list(dict.fromkeys(said))

    def _rename(self, old: str, name: str) -> None:
        """Moves all rows of a student to a new name; a row that the new name has stays."""
        both = {"old": old, "name": name}
        self._base.execute("begin immediate")
        # Of two files that were each the last for a week, the later one is.
        self._base.execute(
            "delete from handed where student = :name and exists (select 1 from handed as other "
            "join arrival as theirs using (student, week, digest) "
            "join arrival as mine on mine.student = :name and mine.digest = handed.digest "
            "where other.student = :old and other.week = handed.week and mine.week = handed.week "
            "and mine.time < theirs.time)",
            both,
        )
        # A verdict replaces a missing one.
        self._base.execute(
            "delete from attempt where student = :name and not judged and exists (select 1 from "
            "attempt as other where other.student = :old and other.week = attempt.week and "
            "other.digest = attempt.digest and other.judged)",
            both,
        )
        self._base.execute(
            "update or ignore attempt set secret_of = ifnull(secret_of, student), student = :name "
            "where student = :old",
            both,
        )
        self._base.execute(
            "update attempt set number = (select count(*) from attempt as other where "
            "other.student = attempt.student and other.week = attempt.week and "
            "other.rowid <= attempt.rowid) where student = :name",
            both,
        )
        for table in ("handed", "arrival", "found", "open", "known_as", "participant"):
            self._base.execute(
                f"update or ignore {table} set student = :name where student = :old", both
            )
        for table in ("handed", "found", "open", "known_as", "participant"):
            self._base.execute(f"delete from {table} where student = :old", both)
        self._base.execute("delete from student where name = :old", both)
        self._base.execute("insert or ignore into student values (:name)", both)
        self._base.execute("update renamed set student = :name where student = :old", both)
        self._base.execute("insert or replace into renamed values (:old, :name)", both)

    def hand_in(
        self,
        intake: Intake,
        weeks: Collection[str],
        none: Collection[Cell] = (),
        folder: str = "",
    ) -> list[Cell]:
        """Records what was handed in; students, weeks and work of earlier runs stay.

        Args:
          intake: what was handed in.
          weeks: the weeks to judge now; of other weeks, only the files found are recorded.
          none: cells for which the policy says that nothing in DIR counts.
          folder: the name of DIR. If a file there might have been any week, and turns out to be one
            of them, it no longer leaves the others empty.

        Returns:
          The cells that were empty because of a file that has turned out to be another week's.
        """
        came = {week for _, week in (*intake.handed, *intake.open)} & set(weeks)
        empty = intake.hints | _empty_cells(intake, came, none, came or weeks or {""})
        with self._base:
            self._base.execute("begin immediate")
            for student in intake.students:
                self._base.execute("insert or ignore into student values (?)", (student,))
                self._base.execute("delete from renamed where former = ?", (student,))
            for student, numbers in intake.numbers.items():
                for system, number in numbers.items():
                    row = (student, system, number)
                    self._base.execute("insert or replace into known_as values (?, ?, ?)", row)
            for cell, number in intake.participants.items():
                row = (*cell, number)
                self._base.execute("insert or replace into participant values (?, ?, ?)", row)
            known = " ".join(sorted({*self.weeks, *weeks}, key=week_order))
            self._base.execute("insert or replace into setting values ('weeks', ?)", (known,))
            for (_, week), handed in intake.handed.items():
                if week in weeks:
                    self._hand_in(handed)
            gone = self._settle(intake, came, none, folder)
            for cell, reason in empty.items():
                row = (*cell, reason, folder)
                self._base.execute("insert or replace into open values (?, ?, ?, ?)", row)
            for each in intake.files:
                unjudged = each.week and each.week not in weeks
                reason = f"{each.reason}; its week was not judged then" if unjudged else each.reason
                row = (each.student, each.file, each.week, reason)
                self._base.execute("insert or replace into found values (?, ?, ?, ?)", row)
        return sorted(gone - empty.keys())

    def _settle(
        self, intake: Intake, came: Collection[str], none: Collection[Cell], folder: str
    ) -> set[Cell]:
        """Deletes entries of cells that need not stay empty; returns those whose cause is gone."""
        rows = self._base.execute("select student, week, reason, folder from open").fetchall()
        taken = {cell for cell in intake.handed if cell[1] in came}
        here = {student for student, _ in taken}
        spoken = {student for student, _ in none}
        # Files that might have been any week, and have turned out to be this one.
        replaced = {
            (student, reason)
            for student, week, reason, place in rows
            if (student, week) in taken and place == folder
        }
        gone = set()
        for student, week, reason, place in rows:
            cell = (student, week)
            if week:
                settled = cell in taken or cell in none
            else:
                known = student in here or cell in intake.open
                settled = student in spoken or (place == folder and known)
            if not settled and (student, reason) in replaced and place == folder:
                gone.add(cell)
            if settled or cell in gone:
                self._base.execute("delete from open where student = ? and week = ?", cell)
        return gone

    def _hand_in(self, handed: Handed) -> None:
        row = (handed.student, handed.week, handed.digest)
        self._base.execute("insert or replace into handed values (?, ?, ?)", row)
        # Files may have been copied since, so the earliest time seen counts.
        self._base.execute(
            "insert into arrival values (?, ?, ?, ?) on conflict do update set "
            "time = ifnull(min(time, excluded.time), excluded.time)",
            (*row, handed.time),
        )
        for name, content in handed.files.items():
            self._base.execute(
                "insert or ignore into file values (?, ?, ?)",
                (handed.digest, name, zlib.compress(content)),
            )

    def correct_times(self, times: Mapping[Cell, float]) -> None:
        """Records the times from a list for the work that was handed in last."""
        with self._base:
            self._base.execute("begin immediate")
            for cell, digest in self.handed.items():
                self._base.execute(
                    "update arrival set time = ? where student = ? and week = ? and digest = ?",
                    (times.get(cell), *cell, digest),
                )

    # Verdicts ------------------------------------------------------------------------------

    def attempt_secret(self, student: str, week: str, digest: str) -> Secret:
        """Returns the secret of an attempt: the same for the same files, different for others."""
        found = self._base.execute(
            "select secret_of from attempt where student = ? and week = ? and digest = ?",
            (student, week, digest),
        ).fetchone()
        name = (found and found[0]) or student
        text = "|".join(f"{len(part)}:{part}" for part in ("attempt", name, week, digest))
        bits = hmac.new(self.secret.bits, text.encode("utf-8", "replace"), hashlib.sha256).digest()
        return Secret(bits[: BITS // 8])

    def judge_again(self, weeks: Collection[str]) -> None:
        """Marks the verdicts of some weeks to be made again; each counts until it is replaced."""
        with self._base:
            self._base.execute("begin immediate")
            for week in weeks:
                self._base.execute(
                    "update attempt set again = 1 where judged and week = ?", (week,)
                )

    def to_judge(self) -> list[tuple[str, str, str]]:
        """Returns (student, week, digest) of every attempt that needs a verdict, or a new one."""
        return self._base.execute(
            "select student, week, digest from arrival "
            "left join attempt using (student, week, digest) "
            "left join handed using (student, week, digest) "
            "where (again or (judged is not 1 and handed.digest is not null)) "
            "and student in (select name from student) and digest in (select digest from file) "
            "order by student, week, attempt.number"
        ).fetchall()

    def record(self, student: str, digest: str, result: dict[str, Any]) -> None:
        """Saves a verdict: first in the database, then as a file.

        An ungraded result never replaces a verdict.

        Args:
          student: the student's name.
          digest: of the files that were judged.
          result: the week's object of the JSON contract.

        Raises:
          OSError: if the file cannot be written; the database has the verdict then.
        """
        week = result["week"]
        judged = all(task["status"] != "ungraded" for task in result["tasks"])
        with self._base:
            self._base.execute("begin immediate")
            (before,) = self._base.execute(
                "select count(*) from attempt where student = ? and week = ? and digest != ?",
                (student, week, digest),
            ).fetchone()
            self._base.execute(
                "insert into attempt (student, week, digest, number, judged, points, max_points, "
                "result, rubric) values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do update set "
                "judged = excluded.judged, points = excluded.points, rubric = excluded.rubric, "
                "max_points = excluded.max_points, result = excluded.result, again = 0 "
                "where excluded.judged or not judged",
                (student, week, digest, before + 1, judged, result["points"], result["max_points"])
                + (json.dumps(result), rubric_fingerprint(week)),
            )
        if self.handed.get((student, week), digest) == digest:
            self.write_result(student, week, digest)

    def write_result(self, student: str, week: str, digest: str) -> None:
        """Writes a saved verdict to results/<student>/<week>.json, unless it is there already."""
        text = json.dumps([self.result(student, week, digest)], indent=2, allow_nan=False) + "\n"
        path = self.folder / "results" / student / f"{week}.json"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)

    def restore_results(self) -> list[str]:
        """Writes verdict files that were lost, or that are filed under a student's former name.

        Returns:
          A sentence for each that cannot be written.
        """
        said = []
        for old, name in self.renamed.items():
            folder = self.folder / "results" / old
            for path in sorted(folder.glob("*.json")):
                new = self.folder / "results" / name / path.name
                with contextlib.suppress(OSError):
                    if not new.exists():
                        write_text(new, path.read_text(encoding="utf-8"))
                    path.unlink()
            with contextlib.suppress(OSError):  # already deleted, or not empty
                folder.rmdir()
        for (student, week), digest in self.handed.items():
            try:
                if self.result(student, week, digest):
                    self.write_result(student, week, digest)
            except OSError as error:
                said.append(f"results/{student}/{week}.json cannot be written: {error.strerror}.")
        return said

    def result(self, student: str, week: str, digest: str) -> dict[str, Any] | None:
        """Returns the verdict on some files, if there is one."""
        found = self._base.execute(
            "select result from attempt where student = ? and week = ? and digest = ?",
            (student, week, digest),
        ).fetchone()
        return json.loads(found[0]) if found else None

    def outdated(self) -> dict[str, list[str]]:
        """Returns the students with a verdict from an earlier rubric than today's, by week.

        A verdict without a fingerprint is only recognised if its tasks were worth a different sum.
        """
        found = {}
        for week in self.weeks:
            today = rubric_fingerprint(week)
            if not today:
                continue
            most = sum(task.points for task in read_rubric(COURSE.checks / f"{week}.py"))
            names = self._base.execute(
                "select distinct student from attempt where week = ? and judged and not again and "
                "(rubric not in ('', ?) or (rubric = '' and max_points != ?)) "
                "and student in (select name from student) order by student",
                (week, today, most),
            )
            if concerned := [name for (name,) in names]:
                found[week] = concerned
        return found

    # The term ------------------------------------------------------------------------------

    @property
    def weeks(self) -> list[str]:
        """The weeks that were ever graded or handed in, in order."""
        found = self._base.execute("select value from setting where name = 'weeks'").fetchone()
        handed = self._base.execute("select distinct week from handed")
        weeks = {*(found[0].split() if found else []), *(week for (week,) in handed)}
        return sorted(weeks, key=week_order)

    @property
    def students(self) -> list[str]:
        """Every student who was ever in the class, sorted."""
        return sorted(name for (name,) in self._base.execute("select name from student"))

    @property
    def renamed(self) -> dict[str, str]:
        """The names that students had in earlier runs, and their present names."""
        return dict(self._base.execute("select former, student from renamed order by former"))

    @property
    def handed(self) -> dict[Cell, str]:
        """The digest of what each student handed in last for a week."""
        rows = self._base.execute("select student, week, digest from handed order by 1, 2")
        return {(student, week): digest for student, week, digest in rows}

    @property
    def open(self) -> dict[Cell, str]:
        """The cells that stay empty, and why; the week is "" if the file may be any week's."""
        rows = self._base.execute("select student, week, reason from open order by 1, 2")
        return {(student, week): reason for student, week, reason in rows}

    def open_for(self, folder: str) -> set[Cell]:
        """Returns the cells that are empty because of a file in a folder."""
        rows = self._base.execute("select student, week from open where folder = ?", (folder,))
        return set(rows)

    @property
    def intake(self) -> list[FoundFile]:
        """Every file that was ever found, and the latest decision on it; sorted."""
        rows = self._base.execute("select student, file, week, reason from found order by 1, 2")
        return [FoundFile(*row) for row in rows]

    @property
    def people(self) -> dict[str, Person]:
        """The roster, by the names of its people here; empty without one.

        Raises:
          GradebookError: if it cannot be read.
        """
        path = self.folder / ROSTER
        if not path.is_file():
            return {}
        try:
            return student_names(read_roster(path))
        except RosterError as error:
            raise GradebookError(str(error)) from None

    @property
    def numbers(self) -> dict[str, dict[str, str]]:
        """What course systems call the students: {"Ada": {"canvas": "102"}}.

        A number in Moodle belongs to an assignment; it is included if a student has only one.
        """
        found: dict[str, dict[str, str]] = {}
        rows = self._base.execute(
            "select student, system, number from known_as where system != 'moodle' or student not "
            "in (select student from participant group by student having count(distinct number) > "
            "1) order by 1, 2"
        )
        for student, system, number in rows:
            found.setdefault(student, {})[system] = number
        return found

    @property
    def participants(self) -> dict[Cell, str]:
        """Moodle's number of a student in the assignment of a week."""
        rows = self._base.execute("select student, week, number from participant order by 1, 2")
        return {(student, week): number for student, week, number in rows}

    def attempts(self, student: str, week: str) -> list[Attempt]:
        """Returns a student's attempts at a week; the one that was handed in last is at the end."""
        found = self._base.execute(
            "select digest, time, result, handed.digest is not null as last, rubric from arrival "
            "left join attempt using (student, week, digest) "
            "left join handed using (student, week, digest) "
            "where student = ? and week = ? order by last, attempt.number, digest",
            (student, week),
        )
        return [
            Attempt(digest, time, json.loads(text) if text else None, bool(last), rubric or "")
            for digest, time, text, last, rubric in found
        ]

    def files(self, digest: str) -> dict[str, bytes]:
        """Returns the files of an attempt: name to content."""
        found = self._base.execute(
            "select name, content from file where digest = ? order by name", (digest,)
        )
        return {name: zlib.decompress(content) for name, content in found}


def _empty_cells(
    intake: Intake, came: Collection[str], none: Collection[Cell], any_week: Collection[str]
) -> dict[Cell, str]:
    """Returns the cells that stay empty because of what was handed in, for one week or any."""
    settled = {*intake.handed, *none}
    named = {cell: why for cell, why in intake.open.items() if cell[1] in came}
    unnamed = {
        (student, each): why
        for (student, week), why in intake.open.items()
        for each in any_week
        if not week and (student, each) not in settled
    }
    return unnamed | named
