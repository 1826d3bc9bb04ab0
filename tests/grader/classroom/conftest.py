"""A made-up gradebook without a database, for tests of marks, tables and pages."""

from dataclasses import dataclass, field, replace

import pytest

from grader.classroom.gradebook import Attempt
from grader.intake.model import FoundFile, Person


@dataclass
class MadeUp:
    """A class in the form that marks, tables and pages read.

    Attributes:
      work: each attempt by (student, week), the last at the end.
      content: of every file that was handed in, by digest.
    """

    students: list[str]
    weeks: list[str]
    work: dict[tuple[str, str], list[Attempt]] = field(default_factory=dict)
    content: dict[str, dict[str, bytes]] = field(default_factory=dict)
    open: dict[tuple[str, str], str] = field(default_factory=dict)
    intake: list[FoundFile] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    numbers: dict[str, dict[str, str]] = field(default_factory=dict)
    participants: dict[tuple[str, str], str] = field(default_factory=dict)

    def attempts(self, student, week):
        return self.work.get((student, week), [])

    def files(self, digest):
        return self.content.get(digest, {})

    def hand_in(self, student, result, time=None, rubric="", digest="", code=""):
        """Adds an attempt with a verdict, or with None if it is not judged yet."""
        week = result["week"] if result else "week1"
        before = [replace(attempt, last=False) for attempt in self.attempts(student, week)]
        digest = digest or f"{student} {week} {len(before)}"
        self.work[student, week] = [*before, Attempt(digest, time, result, True, rubric)]
        self.content[digest] = {f"{week}.py": code.encode()}


@pytest.fixture(scope="session")
def made_up():
    """Makes a made-up gradebook."""
    return MadeUp
