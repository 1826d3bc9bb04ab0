"""Writes files completely or not at all, and the JSON of the contract."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from grader.results.model import WeekResult


def write_text(path: Path, text: str) -> None:
    """Writes a file completely or not at all: a rename replaces the old file with the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def read_state(path: Path) -> dict[str, dict[str, Any]]:
    """Reads a student's state, {week: {task: …}}; an unreadable one counts as empty."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(state, dict):
        return {}
    return {week: tasks for week, tasks in state.items() if isinstance(tasks, dict)}


def json_text(weeks: list[WeekResult]) -> str:
    """Returns the JSON list of the contract."""
    text = json.dumps([week.as_json() for week in weeks], indent=2, allow_nan=False)
    return text + "\n"
