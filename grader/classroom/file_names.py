"""A file for each student: names that every file system keeps apart."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable

MAX_BYTES = (
    180  # a file system takes 255, and a file has an ending and is written under a longer name
)


def file_names(students: Iterable[str]) -> dict[str, str]:
    """Returns a file's name, without an ending, for each student.

    It is the student's name where that is not too long and differs from the others' in more than
    case and Unicode form; else a part of it, and some digits that are this student's alone.

    Args:
      students: names without a slash, all different.
    """
    found, taken = {}, set()
    for student in students:
        name = student.encode("utf-8", "replace")[:MAX_BYTES].decode("utf-8", "ignore")
        if name != student or _folded(name) in taken:
            name = f"{name}-{hashlib.sha256(student.encode('utf-8', 'replace')).hexdigest()[:8]}"
        taken.add(_folded(name))
        found[student] = name
    return found


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
