"""The names that an earlier version gave the students in a folder, to find its results again."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable

from grader.course import WEEK_NAME
from grader.intake.folder import Entry

MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_file_?")
CANVAS = re.compile(
    r"(?P<name>[^_]+)_(?:LATE_)?(?P<id>\d+)_\d+_"
    rf"(?:{WEEK_NAME.pattern})(?:-\d+)?\.(?:py|ipynb)"
)


def earlier_names(entries: Iterable[Entry]) -> dict[str, str]:
    """Returns the student to whom each folder, zip and Canvas file in DIR was assigned.

    Args:
      entries: everything in DIR.
    """
    folders = {entry.path[0]: len(entry.path) > 1 or entry.empty for entry in entries}
    moodle = {name: found for name in folders if (found := MOODLE.fullmatch(name))}
    many = Counter(found["name"] for found in moodle.values())
    raw: dict[str, str] = {}
    for name, is_folder in folders.items():
        if name.startswith("."):
            continue
        if is_folder and name in moodle:
            found = moodle[name]
            apart = f"-{found['id']}" if many[found["name"]] > 1 else ""
            raw[name] = found["name"] + apart
        elif is_folder:
            raw[name] = name
        elif name.lower().endswith(".zip"):
            raw[name] = name[:-4]
    canvas = {name: found for name in folders if (found := CANVAS.fullmatch(name))}
    people = Counter(whose for whose, _ in {(f["name"], f["id"]) for f in canvas.values()})
    for name, found in canvas.items():
        apart = f"-{found['id']}" if people[found["name"]] > 1 else ""
        raw[name] = found["name"] + apart
    taken: dict[str, str] = {}
    for name, each in raw.items():
        shown = _student_name(each)
        if taken.setdefault(shown, each) != each:
            shown = f"{shown}-{hashlib.sha256(os.fsencode(each)).hexdigest()[:6]}"
        raw[name] = shown
    return raw


def _student_name(raw: str) -> str:
    text = os.fsencode(raw).decode("utf-8", "backslashreplace")
    shown = "".join(
        character if character.isprintable() and character not in "/\\" else f"_{ord(character):x}_"
        for character in text
    )
    shown = shown.strip()[:120]
    return shown if shown.strip(".") else f"student-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
