"""The truth about a class: every verdict in one SQLite file, and the files that are made from it.

One transaction per result, so that a kill at any moment loses only what was being judged. What
could not be judged is kept, apart from a zero, and is judged again at the next run.
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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.classroom.intake import Handed, Roster
from grader.results.files import write_text
from grader.secret import BITS, Secret

TABLES = """
create table if not exists setting (name text primary key, value text not null);
create table if not exists attempt (
    student text not null, week text not null, digest text not null,
    number integer not null,      -- of the student's attempts at this week, from 1
    judged integer not null,      -- 0 if something could not be judged
    points real not null, max_points real not null,
    result text not null,         -- the week's object of the JSON contract
    primary key (student, week, digest)
);
-- What was handed in last: the class as the marks are about it.
create table if not exists student (name text primary key);
create table if not exists handed (
    student text not null, week text not null, digest text not null, primary key (student, week)
);
-- What the learning platform calls somebody.
create table if not exists number (student text primary key, number text not null);
-- Everything that was ever handed in, and when.
create table if not exists arrival (
    student text not null, week text not null, digest text not null,
    time real,                    -- seconds since 1970; null if nothing tells
    primary key (student, week, digest)
);
-- The files behind every digest, compressed: a dispute is about these, whatever DIR holds by then.
create table if not exists file (
    digest text not null, name text not null, content blob not null, primary key (digest, name)
);
"""


class GradebookError(Exception):
    """The folder of results cannot be used; the text says why and what to do."""


@dataclass(frozen=True)
class Attempt:
    """What a student handed in for a week at one time.

    Attributes:
      digest: names the content.
      time: when, in seconds since 1970, if that is known.
      result: the week's object of the JSON contract; None if there is no verdict yet.
      last: True if nothing was handed in after it.
    """

    digest: str
    time: float | None
    result: dict[str, Any] | None
    last: bool


class Gradebook:
    """The folder OUT of a class: grades.sqlite, grades.csv, results/, and the class's secret."""

    def __init__(
        self, folder: Path, settings: dict[str, str] | None = None, seed: int | None = None
    ) -> None:
        """Opens the folder, or makes it.

        Args:
          folder: OUT.
          settings: what all verdicts in it have in common, such as the source of the images; None
            only reads what is there.
          seed: in place of a secret, for experiments.

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
            raise GradebookError(
                f"Another run is grading into {folder}. Wait for it, or choose another --out."
            ) from None
        try:
            self._open()
            if settings is not None:
                self._hold_to(settings | {"seed": "secret" if seed is None else str(seed)})
                self.secret = self._secret() if seed is None else Secret.from_seed(seed)
        except sqlite3.DatabaseError as error:
            self.close()
            raise GradebookError(
                f"{folder / 'grades.sqlite'} cannot be used ({error}). Move it away, and all is "
                "graded anew."
            ) from None
        except GradebookError:
            self.close()
            raise

    def _open(self) -> None:
        self._base = sqlite3.connect(self.folder / "grades.sqlite", isolation_level=None)
        self._base.execute("pragma journal_mode = wal")
        self._base.execute("pragma synchronous = full")
        self._base.executescript(TABLES)
        # A folder of a time when arrivals were not noted.
        self._base.execute(
            "insert or ignore into arrival select student, week, digest, null from handed"
        )

    def _hold_to(self, settings: dict[str, str]) -> None:
        known = dict(self._base.execute("select name, value from setting"))
        for name, value in settings.items():
            if known.setdefault(name, value) != value:
                raise GradebookError(
                    f"{self.folder} was made with {name} {known[name]}, this run has {value}. "
                    "Choose another --out, so that all marks are made alike."
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
                f"{path} does not hold the class's secret any more. Put it back from a copy, or "
                "choose another --out."
            )
        return Secret(bits)

    def attempt_secret(self, student: str, week: str, digest: str) -> Secret:
        """Returns the secret of one attempt: the same for the same files, another for others."""
        text = "|".join(f"{len(part)}:{part}" for part in ("attempt", student, week, digest))
        bits = hmac.new(self.secret.bits, text.encode("utf-8", "replace"), hashlib.sha256).digest()
        return Secret(bits[: BITS // 8])

    def close(self) -> None:
        """Closes the base and gives the folder free."""
        with contextlib.suppress(AttributeError):
            self._base.close()
        self._lock.close()

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def is_judged(self, student: str, week: str, digest: str) -> bool:
        """True if these files have a verdict already."""
        found = self._base.execute(
            "select judged from attempt where student = ? and week = ? and digest = ?",
            (student, week, digest),
        ).fetchone()
        return bool(found and found[0])

    def record(self, student: str, digest: str, result: dict[str, Any]) -> None:
        """Keeps a verdict: first in the base, then as a file.

        Args:
          student: who.
          digest: of the files that were judged.
          result: the week's object of the JSON contract.
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
                "insert into attempt values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do update set "
                "judged = excluded.judged, points = excluded.points, "
                "max_points = excluded.max_points, result = excluded.result",
                (student, week, digest, before + 1, judged)
                + (result["points"], result["max_points"], json.dumps(result)),
            )
        self.write_result(student, week, digest)

    def write_result(self, student: str, week: str, digest: str) -> None:
        """Writes results/<student>/<week>.json of a verdict that was kept, unless it is there."""
        text = json.dumps([self.result(student, week, digest)], indent=2, allow_nan=False) + "\n"
        path = self.folder / "results" / student / f"{week}.json"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)

    def result(self, student: str, week: str, digest: str) -> dict[str, Any] | None:
        """Returns the verdict on some files, if there is one."""
        found = self._base.execute(
            "select result from attempt where student = ? and week = ? and digest = ?",
            (student, week, digest),
        ).fetchone()
        return json.loads(found[0]) if found else None

    def set_class(self, roster: Roster, weeks: Sequence[str]) -> None:
        """Notes who is in the class and what each handed in; marks are about these files."""
        with self._base:
            self._base.execute("begin immediate")
            self._base.execute("delete from student")
            self._base.execute("delete from handed")
            self._base.execute("delete from number")
            self._base.executemany("insert into number values (?, ?)", roster.numbers.items())
            self._base.execute(
                "insert or replace into setting values ('weeks', ?)", (" ".join(weeks),)
            )
            for student in roster.students:
                self._base.execute("insert into student values (?)", (student,))
                for week in weeks:
                    handed = roster.of(student, week)
                    if handed is not None:
                        self._hand_in(handed, roster.times is not None)

    def _hand_in(self, handed: Handed, listed: bool) -> None:
        row = (handed.student, handed.week, handed.digest)
        self._base.execute("insert into handed values (?, ?, ?)", row)
        # A list corrects; files may have been copied since, but what was there once came no later.
        earlier = "ifnull(min(time, excluded.time), excluded.time)"
        time = "excluded.time" if listed else earlier
        self._base.execute(
            f"insert into arrival values (?, ?, ?, ?) on conflict do update set time = {time}",
            (*row, handed.time),
        )
        for name, content in handed.files.items():
            self._base.execute(
                "insert or ignore into file values (?, ?, ?)",
                (handed.digest, name, zlib.compress(content)),
            )

    def correct_times(self, times: dict[tuple[str, str], float]) -> None:
        """Notes when work that was handed in last came in, as a list says."""
        with self._base:
            self._base.execute("begin immediate")
            for student, week, digest in self._base.execute("select * from handed").fetchall():
                self._base.execute(
                    "update arrival set time = ? where student = ? and week = ? and digest = ?",
                    (times.get((student, week)), student, week, digest),
                )

    @property
    def weeks(self) -> list[str]:
        """The graded weeks."""
        found = self._base.execute("select value from setting where name = 'weeks'").fetchone()
        return found[0].split() if found else []

    @property
    def students(self) -> list[str]:
        """Everybody in the class, sorted."""
        return sorted(name for (name,) in self._base.execute("select name from student"))

    @property
    def numbers(self) -> dict[str, str]:
        """What the learning platform calls the students, as far as its export told."""
        return dict(self._base.execute("select student, number from number"))

    def attempts(self, student: str, week: str) -> list[Attempt]:
        """Returns all that a student handed in for a week, what was handed in last at the end."""
        found = self._base.execute(
            "select digest, time, result, handed.digest is not null as last from arrival "
            "left join attempt using (student, week, digest) "
            "left join handed using (student, week, digest) "
            "where student = ? and week = ? order by last, attempt.number, digest",
            (student, week),
        )
        return [
            Attempt(digest, time, json.loads(text) if text else None, bool(last))
            for digest, time, text, last in found
        ]

    def files(self, digest: str) -> dict[str, bytes]:
        """Returns the files of an attempt: name to content."""
        found = self._base.execute(
            "select name, content from file where digest = ? order by name", (digest,)
        )
        return {name: zlib.decompress(content) for name, content in found}
