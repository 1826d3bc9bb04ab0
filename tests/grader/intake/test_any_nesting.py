"""Any nesting of folders, archives and names is handled: nothing raises, nothing is lost."""

import re
import tempfile
import unicodedata
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course import COURSE
from grader.intake.archives import parts_of
from grader.intake.collect import collect, shown_place
from grader.intake.decide import decide
from grader.intake.names import own_words, read_name

from .hand_ins import DONE, OTHER, STUB, packed, tarred, zipped

KNOWN = st.sampled_from([
    "week1.py", "week1 (1).py", "week1.ipynb", "week2.txt", "week1_old.py", "main.py", "notes.md",
    "..", "a\\b", "C:\\week1.py", ".git", "__MACOSX", "exercises", "solutions", "backup", "ann",
    "week1.zip", "x.tar.gz", "week1.py~", "Ada_1_assignsubmission_file_", "ada_1_2_week1.py",
    "submission_1", "n\u0303", "\u202eweek1.py", "a" * 120, "LICENSE", "week1.rar", "week12.py",
])  # fmt: skip
LETTERS = st.characters(codec="utf-8", exclude_characters="/\0")
NAMES = KNOWN | st.text(LETTERS, min_size=1, max_size=12)
CONTENT = st.sampled_from([DONE, OTHER, STUB, "", "x = (", "{", "\0"]) | st.binary(max_size=40)
PACK = {
    "zip": zipped, "tar": tarred, "gz": lambda f: packed(f, "gz"), "xz": lambda f: packed(f, "xz"),
    "broken": lambda f: zipped(f)[:-9],
}  # fmt: skip
LEAF = st.tuples(st.just("file"), CONTENT)
TREES = st.recursive(
    LEAF,
    lambda inner: st.tuples(
        st.sampled_from(["folder", *PACK]), st.dictionaries(NAMES, inner, max_size=4)
    ),
    max_leaves=12,
)


def flat(tree):
    """The files of a tree by their paths, with its archives packed."""
    kind, inside = tree
    if kind == "file":
        return {"": inside}
    found = {}
    for name, below in inside.items():
        for path, content in flat(below).items():
            found[f"{name}/{path}".rstrip("/")] = content
    if kind == "folder":
        return found
    try:
        return {"": PACK[kind](found)}
    except (UnicodeError, ValueError):  # a name that this kind of archive cannot hold
        return {"": b"nothing"}


def parts(path):
    return tuple(part for part in path.split("/") if part not in ("", ".", "..")) or ("unnamed",)


def places(tree):
    """Where each file of a tree is: its path on the disk, and its parts in the archive there."""
    kind, inside = tree
    if kind == "file":
        return [("", ())]
    found = []
    for name, below in inside.items():
        for path, inner in places(below):
            path = f"{name}/{path}".rstrip("/")
            found.append((path, inner) if kind == "folder" else ("", parts_of(path) + inner))
    return found


def lay(folder, tree):
    """Writes as much of a tree as the disk can hold; returns the paths on the disk."""
    written = set()
    for path, content in flat(tree).items():
        place = Path(folder, *parts(path))
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode() if isinstance(content, str) else content)
            written.add(path)
        except OSError:
            pass
    return written


def everything(folder):
    return sorted(str(path) for path in Path(folder).rglob("*"))


@given(KNOWN | st.text(max_size=40), KNOWN | st.text(max_size=20))
def test_any_name_is_read_and_a_week_is_one_of_its_numbers(name, owner):
    reading = read_name(name, own_words([owner]))
    assert bool(reading.week) == (reading.kind != "other")
    if reading.week.startswith("week"):
        assert reading.week[4:] in re.findall(r"[1-9]\d*", unicodedata.normalize("NFKD", name))


@settings(max_examples=50, deadline=None)
@given(TREES, st.sampled_from([("ann",), (), ("week1-export",)]))
def test_any_nesting_of_archives_and_names_is_accounted_for(tree, top):
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "class")
        (place / "bob").mkdir(parents=True)
        written = lay(place.joinpath(*top), tree)
        before = everything(folder)
        intake = decide(collect(place), COURSE.weeks(), {})
        assert everything(folder) == before
        # Each file has a row, or the folder or archive that contains it has one.
        rows = {row.file for row in intake.files}
        for path, inner in places(tree):
            if path in written:
                whole = (*top, *parts(path), *inner)
                ways = {shown_place(whole[:end]) for end in range(1, len(whole) + 1)}
                assert ways & rows, (path, inner)
        assert all(row.reason and row.file.isprintable() for row in intake.files)
        assert sum(1 for row in intake.files if row.week) == len(intake.handed)
        for each in intake.handed.values():
            assert list(each.files) in ([f"{each.week}.py"], [f"{each.week}.ipynb"])
            assert each.source in rows
