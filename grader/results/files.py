"""Files that are written whole or not at all, and the JSON of the contract."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass
from grader.results.model import WeekResult


def write_text(path: Path, text: str) -> None:
    """Writes a file whole or not at all: a new file takes the old one's place by rename."""
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


def json_text(weeks: list[WeekResult]) -> str:
    """Returns the JSON list of the contract."""
    text = json.dumps([week.as_json() for week in weeks], indent=2, allow_nan=False)
    return text + "\n"
