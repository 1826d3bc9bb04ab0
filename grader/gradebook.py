"""The truth about a class: every verdict in one SQLite file, and the files that are made from it.

One transaction per result, so that a kill at any moment loses only what was being judged. What
could not be judged is kept, apart from a zero, and is judged again at the next run.
"""

from __future__ import annotations

import contextlib
import csv
import fcntl
import hashlib
import hmac
import io
import json
import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from grader.results import number, write_text
from grader.roster import Roster
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
"""


class GradebookError(Exception):
    """The folder of results cannot be used; the text says why and what to do."""


class Gradebook:
    """The folder OUT of a class: grades.sqlite, grades.csv, results/, and the class's secret."""

    def __init__(self, folder: Path, settings: dict[str, str], seed: int | None = None) -> None:
        """Opens the folder, or makes it.

        Args:
          folder: OUT.
          settings: what all verdicts in it have in common, such as the source of the images.
          seed: in place of a secret, for experiments.

        Raises:
          GradebookError: if another run uses the folder, or it was made with other settings.
        """
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = open(folder / ".lock", "w", encoding="utf-8")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            raise GradebookError(
                f"Another run is grading into {folder}. Wait for it, or choose another --out."
            ) from None
        try:
            self._open(settings | {"seed": "secret" if seed is None else str(seed)})
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

    def _open(self, settings: dict[str, str]) -> None:
        self._base = sqlite3.connect(self.folder / "grades.sqlite", isolation_level=None)
        self._base.execute("pragma journal_mode = wal")
        self._base.execute("pragma synchronous = full")
        self._base.executescript(TABLES)
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
        """Returns the gradebook."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes it."""
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
        text = json.dumps([result], indent=2, allow_nan=False) + "\n"
        write_text(self.folder / "results" / student / f"{week}.json", text)

    def result(self, student: str, week: str, digest: str) -> dict[str, Any] | None:
        """Returns the verdict on some files, if there is one."""
        found = self._base.execute(
            "select result from attempt where student = ? and week = ? and digest = ?",
            (student, week, digest),
        ).fetchone()
        return json.loads(found[0]) if found else None

    def rows(self, roster: Roster, weeks: Sequence[str]) -> Iterator[list[str]]:
        """Yields the rows of grades.csv: a header, then one per student.

        What was not handed in has 0 points; what could not be judged, or is not yet, is empty.
        """
        yield ["student", *weeks, "total"]
        for student in roster.students:
            cells, total = [], 0.0
            for week in weeks:
                handed = roster.of(student, week)
                if handed is None:
                    cells.append("0")
                    continue
                result = self.result(student, week, handed.digest)
                if result is None or any(t["status"] == "ungraded" for t in result["tasks"]):
                    cells.append("")
                    continue
                cells.append(number(result["points"]) or "0")
                total += result["points"]
            yield [plain_cell(student), *cells, number(round(total, 6)) or "0"]

    def write_csv(self, roster: Roster, weeks: Sequence[str]) -> Path:
        """Writes grades.csv: identical for identical verdicts."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(self.rows(roster, weeks))
        path = self.folder / "grades.csv"
        write_text(path, text.getvalue())
        return path


def plain_cell(text: str) -> str:
    """Returns a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text
