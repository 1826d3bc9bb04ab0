"""A file name for each student; no file system confuses two of them."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable

MAX_BYTES = 180  # a file system allows 255; the ending and the temporary name need some of them


def file_names(students: Iterable[str]) -> dict[str, str]:
    """Returns a file name, without an ending, for each student.

    It is the student's name, if that is not too long and differs from the others in more than
    case and Unicode form; otherwise it is the beginning of the name and a unique suffix.

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
