"""The commands beside grading, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.course import Course

COMMANDS: dict[str, Callable[[Sequence[str], Course], int]] = {}
