"""What people hand in, by kinds: a right answer counts, or it is named and its cell is empty."""

import re
import tarfile

import pytest

from .hand_ins import DONE, HALF, NAMES, OTHER, STUB, notebook, packed, taken, tarred, zipped

N = notebook()
Z = zipped

# Each is a hand-in by "ann", or by Frank A. Smith; the finished program counts.
COUNTS = {
    "spelling": [
        {f"ann/{name}": DONE}
        for name in (
            "Week1.py", "WEEK1.py", "week01.py", "week001.py", "week 1.py", "week_1.py",
            "week-1.py", "Week 01.py", "week1.PY", "week.1.py", " week1.py", "week1 .py",
            "week%201.py", "ｗｅｅｋ１.py", "week1\u200b.py", "week1.pyw",
        )
    ],
    "copies of browsers and file managers": [
        {f"ann/{name}": DONE}
        for name in (
            "week1 (1).py", "week1(2).py", "week1[1].py", "week1 (12).py", "week1.py (1)",
            "week1.py.1", "week1 - Copy.py", "week1 - Copy (2).py", "week1 copy.py",
            "week1 copy 2.py", "week1 2.py", "week1 (copy).py", "week1 (another copy).py",
            "week1 (3rd copy).py", "Copy of week1.py", "week1 - Kopie.py", "week1 – Kopie (3).py",
            "Kopie von week1.py", "week1 - Copie.py", "Copie de week1.py", "week1 - copia.py",
            "Copia de week1 (1).py", "week1 - Cópia.py", "Kopia week1.py", "week1 - kopia (2).py",
            "Kopie van week1.py", "week1 - kopi.py", "week1 — копия.py", "Копия week1.py",
            "week1 - Kopya.py", "week1 - másolat.py", "week1 - コピー.py", "week1のコピー.py",
            "week1 - 副本.py", "week1 - 복사본.py", "week1 - Αντίγραφο.py",
        )
    ],
    "copies of Jupyter and Colab": [
        {f"ann/{name}": N}
        for name in (
            "week1.ipynb", "week1-Copy1.ipynb", "week1-Copy12.ipynb", "Copy of week1.ipynb",
            "Copy of Copy of week1.ipynb", "Kopie von week1.ipynb", "week1.ipynb のコピー",
            "“week1.ipynb”的副本", 'Копия блокнота "week1.ipynb"', "week1 (1).ipynb",
            "Cópia de week1.ipynb", "WEEK_01-Copy1.IPYNB",
        )
    ],
    "names and numbers about it": [
        {f"ann/{name}": DONE}
        for name in (
            "week1_ann.py", "ann-week1.py", "annweek1.py", "week1_fsmith.py", "fsmith_week1.py",
            "week1_12345678.py", "12345_week1.py", "week1-2026-11-20.py", "2026-11-20 week1.py",
            "20-11-2026_week1.py", "01_week1.py", "week1_final.py", "week1_v2.py",
            "week1 final version.py", "my week1 solution.py", "hw_week1.py", "week1_submission.py",
            "week1-answers-Smith-Frank.py",
        )
    ],
    "endings": [
        {"ann/week1.py.txt": DONE}, {"ann/week1.py.py": DONE}, {"ann/week1.txt": DONE},
        {"ann/week1": DONE}, {"ann/week1.ipynb.json": N}, {"ann/week1.ipynb.txt": N},
        {"ann/week1.json": N},
        {"ann/week1.ipynb.py": N}, {"ann/week1.py": N}, {"ann/week1.ipynb": DONE},
        {"ann/week1.py.ipynb": N}, {"ann/Week1.PY.TXT": DONE},
    ],
    "folders": [
        {f"ann/{place}/week1.py": DONE}
        for place in (
            "exercises", "a/b/c/d", "flaxlings-main/flaxlings-main/exercises", "Week 1",
            "homework/final", "solutions", "a b/ü/日本", "x" * 200, "week2",
        )
    ],
    "zips": [
        {"ann.zip": Z({"week1.py": DONE})},
        {"ann.zip": Z({"homework\\week1.py": DONE})},
        {"ann.zip": Z({".\\week1.py": DONE})},
        {"ann.zip": Z({"./a/../week1.py": DONE})},
        {"ann.zip": Z({"C:\\Users\\ann\\week1.py": DONE})},
        {"ann.ZIP": Z({"week1.py": DONE})},
        {"ann/HAND-IN.ZIP": Z({"week1.py": DONE})},
        {"ann/a/b/homework.zip": Z({"a/b/c/week1.py": DONE})},
        {"ann/all.zip": Z({"inner.zip": Z({"week1.py": DONE})})},
        {"ann/all.zip": Z({"b.zip": Z({"a.zip": Z({"week1.py": DONE})})})},
        {"ann/week1.py.zip": Z({"week1.py": DONE})},
        {"ann/homework": Z({"week1.py": DONE})},
        {"ann/week1.py": Z({"week1.py": DONE})},
        {"ann/homework.zip": Z({"grüße/week1 (1).py": DONE, "__MACOSX/._week1.py": b"\0\5"})},
        {"ann/homework.rar": Z({"week1.py": DONE})},
    ],
    "tars": [
        *({f"ann/homework.tar.{form}": packed({"a/week1.py": DONE}, form)}
          for form in ("gz", "bz2", "xz", "lzma")),
        {"ann/homework.tgz": packed({"week1.py": DONE}, "gz")},
        {"ann/homework.txz": packed({"week1.py": DONE}, "xz")},
        {"ann.tar.gz": packed({"./week1.py": DONE}, "gz")},
        {"ann.tar": tarred({"week1.py": DONE})},
        {"ann/x.tar": tarred({f"{'long' * 60}/week1.py": DONE})},
        {"ann/x.tar": tarred({f"{'long' * 60}/week1.py": DONE}, tarfile.GNU_FORMAT)},
        {"ann/x.tar": tarred({f"{'a' * 90}/week1.py": DONE}, tarfile.USTAR_FORMAT)},
        {"ann/x.tgz": packed({"inner.zip": Z({"week1.py": DONE})}, "gz")},
        {"ann/x.zip": Z({"inner.tar.xz": packed({"week1.py": DONE}, "xz")})},
    ],
    "a stub, or nothing, beside it": [
        {"ann/backup/week1.py": STUB, "ann/exercises/week1.py": DONE},
        {"ann/draft/week1.py": STUB, "ann/week1.py": DONE},
        {"ann/week1.py": STUB, "ann/week1 (1).py": DONE},
        {"ann/week1.py": STUB, "ann/week1.ipynb": N},
        {"ann/week1.ipynb": notebook(STUB), "ann/week1.py": DONE},
        {"ann/exercises/week1.py": STUB, "ann/week1.py": DONE},
        {"ann/week1.py": "", "ann/new/week1.py": DONE},
        {"ann.zip": Z({"week1.py": STUB}), "ann/week1.py": DONE},
    ],
    "the same twice": [
        {"ann/week1.py": DONE, "ann/week1 (1).py": DONE},
        {"ann/week1.py": DONE, "ann/b/week1.py": DONE.replace("\n", "\r\n")},
        {"ann/week1.py": DONE, "ann/b/week1.py": "\ufeff" + DONE},
        {"ann/week1.py": DONE, "ann/week1.ipynb": N},
        {"ann/week1.py": DONE, "ann/week1.ipynb": notebook("%matplotlib inline\n" + DONE)},
        {"ann/a.ipynb": N, "ann/week1.ipynb": N},
        {"ann/week1.ipynb": N, "ann/week1-Copy1.ipynb": notebook(DONE, [{"output_type": "x"}])},
        {"ann/week1.py": DONE, "ann/all.zip": Z({"week1.py": DONE})},
    ],
    "the hand-out's own place, and the plain name": [
        {"ann/exercises/week1.py": DONE, "ann/backup/week1.py": OTHER},
        {"ann/exercises/week1.py": DONE, "ann/week1.py": OTHER},
        {"ann.zip": Z({"hand-out/exercises/week1.py": DONE, "old/week1.py": OTHER})},
        {"ann/week1.py": DONE, "ann/week1_12345678.py": OTHER},
        {"ann/Week1.py": DONE, "ann/ann_week1.py": OTHER},
        {"ann/week1.py": DONE, "ann/2026-11-20_week1.py": OTHER},
    ],
    "what is no candidate beside it": [
        {"ann/week1.py": DONE, f"ann/{name}": OTHER}
        for name in (
            ".ipynb_checkpoints/week1-checkpoint.py", "week1-checkpoint.py", "week1.py~",
            "week1.py.bak", "#week1.py#", ".week1.py.swp", "week1.py.1.old", "~$week1.py",
            "week1.py.crdownload", "__MACOSX/week1.py", ".git/week1.py", ".venv/lib/week1.py",
            "__pycache__/week1.py", "node_modules/week1.py", "stubs/week1.py",
            "grader/checks/week1.py", "week1_helpers.py", "test_week1.py", "week1_old.py",
            "week1-2.py", "week12.py", "week1.docx", "notes.txt", "week1_week2.py", "._week1.py",
        )
    ],
}  # fmt: skip


def cases(table):
    return [
        pytest.param(files, id=f"{kind}: {' + '.join(files)}"[:90])
        for kind, each in table.items()
        for files in each
    ]


@pytest.fixture
def ann(tmp_path):
    (tmp_path / "class").mkdir()
    return tmp_path / "class"


def week1_of(intake):
    assert set(intake.students) == {"ann"}
    return intake.handed.get(("ann", "week1"))


@pytest.mark.parametrize("files", cases(COUNTS))
def test_a_right_answer_counts(files, ann):
    intake = taken(ann, files)
    found = week1_of(intake)
    # If the name in the file is not the folder's, the functions in the file decide.
    assert found is not None, (intake.open, intake.files)
    ((name, data),) = found.files.items()
    assert name in ("week1.py", "week1.ipynb")
    assert data.decode("utf-8-sig").replace("\r\n", "\n") in (
        DONE, N, notebook("%matplotlib inline\n" + DONE), notebook(DONE, [{"output_type": "x"}])
    )  # fmt: skip
    assert (name == "week1.ipynb") == data.startswith(b"{")
    assert not intake.open
    assert [row.file for row in intake.files if row.week == "week1"] == [found.source]


# No guessing: the week, or every missing week, stays open, and the files are named.
OPEN = {
    "names that are near": [
        {f"ann/{name}": DONE}
        for name in (
            "week1_helpers.py", "test_week1.py", "week1_old.py", "week1-2.py", "week12.py",
            "week1_backup.py", "week1.1.py", "week1_1.py", "old_week1.ipynb", "week1_template.py",
            "week1_week2.py", "week1 draft.py", "week1_notes.txt",
        )
    ],
    "no week in the name": [
        {f"ann/{name}": DONE}
        for name in (
            "main.py", "week.py", "week (1).py", "Untitled.ipynb", "solution.txt", "weekly1.py",
            "week0.py", "homework1.py", "Projeto.py", "answers", "week100.py",
        )
    ],
    "several that differ": [
        {"ann/week1.py": DONE, "ann/week1 (1).py": OTHER},
        {"ann/week1.py": DONE, "ann/Week1.py": OTHER},
        {"ann/week1.py": DONE, "ann/week1.ipynb": notebook(OTHER)},
        {"ann/week1.py": DONE, "ann/backup/week1.py": OTHER},
        {"ann/week1.py": DONE, "ann/week1_final.py": OTHER},
        {"ann/week1.py": DONE, "ann.zip": Z({"week1.py": OTHER})},
        {"ann/a/exercises/week1.py": DONE, "ann/b/exercises/week1.py": OTHER},
        {"ann/week1_v1.py": OTHER, "ann/week1_v2.py": DONE},
        {"ann/week1.py": DONE + "x = (", "ann/b/week1.py": OTHER + "x = ("},
        {"ann/week1.py": DONE + "x = (", "ann/b/week1.py": DONE + "y = ("},
        {f"ann/{n}/week1.py": DONE + f"x = {n}\n" for n in range(40)},
    ],
    "a document or a stub instead": [
        {"ann/week1.docx": b"PK\x03\x04"}, {"ann/week1.md": DONE}, {"ann/week1.py.pdf": b"%PDF"},
        {"ann/week1.txt": DONE.encode("utf-16")}, {"ann/Week 1 (1).html": "<p>def set_last"},
        {"ann/week1.txt": "I could not do it."},
        {"ann/exercises/week1.py": STUB, "ann/main.py": DONE},
        {"ann/week1.py": STUB, "ann/week1-2.py": DONE},
        {"ann/week1.ipynb": notebook(STUB), "ann/Untitled1.ipynb": N},
    ],
    "what cannot be opened": [
        {"ann/homework.rar": b"Rar!\x1a\x07\x01\x00" + bytes(99)},
        {"ann.rar": b"Rar!\x1a\x07\x01\x00" + bytes(99)},
        {"ann/homework.7z": b"7z\xbc\xaf\x27\x1c" + bytes(99)},
        {"ann/homework.zip": b"Rar!\x1a\x07\x01\x00" + bytes(99)},
        {"ann/homework.zip": b"no zip"},
        {"ann/homework.zip": b""},
        {"ann/homework.zip": Z({"week1.py": DONE})[:-30]},
        {"ann/homework.tar.gz": packed({"week1.py": DONE}, "gz")[:-20]},
        {"ann/homework.tar.zst": b"\x28\xb5\x2f\xfd" + bytes(99)},
        {"ann/homework.tar.Z": b"\x1f\x9d" + bytes(99)},
        {"ann/homework.tar.xz": packed({"week1.py": DONE}, "xz")[:-20]},
        {"ann/homework.tar": b"no tar" * 200},
        {"ann/a.zip": Z({"b.zip": Z({"c.zip": Z({"d.zip": Z({"week1.py": DONE})})})})},
        {"ann/screenshot.png": b"\x89PNG"},
        {"ann/week1.py.bak": DONE},
        {"ann/.ipynb_checkpoints/week1-checkpoint.ipynb": N},
    ],
}  # fmt: skip


@pytest.mark.parametrize("files", cases(OPEN))
def test_what_nobody_should_guess_is_named_and_open(files, ann):
    intake = taken(ann, files)
    assert week1_of(intake) is None
    assert {week for _, week in intake.open} & {"week1", ""}, intake.files
    (why,) = set(intake.open.values())
    assert why.endswith(".") and "ann" in why and len(why) < 400
    assert all(row.reason and not row.week for row in intake.files) and intake.files


NOTHING = [
    {"ann": None},
    {"ann/readme.txt": "I was ill."},
    {"ann/README.md": "import this"},
    {"ann/.DS_Store": "x", "ann/Thumbs.db": "x"},
    {"ann.zip": Z({})},
    {"ann/Ada_1_onlinetext.txt": "Done, see the repository."},
]  # fmt: skip


@pytest.mark.parametrize("files", NOTHING, ids=lambda files: " + ".join(files))
def test_who_handed_in_nothing_is_there_with_nothing_open(files, ann):
    intake = taken(ann, files)
    assert week1_of(intake) is None and not intake.open


def test_a_week_that_is_not_there_is_open_only_if_something_could_be_it(ann):
    intake = taken(ann, {"ann/week1.py": DONE, "ann/week2_old.py": HALF, "ann/scratch.py": "x = 1"})
    assert set(intake.handed) == {("ann", "week1")} and set(intake.open) == {("ann", "week2")}
    intake = taken(ann, {"ann/rest.7z": b"7z\xbc\xaf\x27\x1c"})
    assert set(intake.open) == {("ann", "week2"), ("ann", "")}
    assert "rest.7z" in intake.open["ann", ""] and ".zip" in intake.open["ann", ""]


def test_a_file_under_an_unknown_name_is_suggested_by_what_it_holds(ann):
    intake = taken(ann, {"ann/main.py": DONE, "ann/two.py": HALF})
    assert set(intake.open) == {("ann", "week1")}
    assert (
        'holds 8 of the 8 functions of week1.\nIf it is week1, write week1 = "main.py"'
        in (intake.open["ann", "week1"])
    )


def test_both_files_and_the_way_to_say_which_are_named(ann):
    intake = taken(ann, {"ann/week1.py": DONE, "ann/week1 (1).py": OTHER})
    why = intake.open["ann", "week1"]
    assert "ann/week1.py" in why and "ann/week1 (1).py" in why
    assert '[students."ann".files] week1 = "week1' in why


WEEK2 = [
    {"ann/week2.py.bak": HALF},
    {"ann/#week2.py#": HALF},
    {"ann/week2_final.py~": HALF},
    {"ann/week2.ipynb.bin": N},
    {"ann/week2.pynb": N},
    {"ann/.ipynb_checkpoints/week2-checkpoint.ipynb": N},
    {"ann/week2-checkpoint.ipynb": N},
    {"ann/Week 2.url": "[InternetShortcut]"},
    {"ann/week2.ipynb.gdoc": "{}"},
    {"ann/week2.jpg": b"\xff\xd8"},
    {"ann/week2.pyc": b"\0"},
    {"ann/venv/week2.py": HALF},
    {"ann/.exercises/week2.py": HALF},
    {"ann/grader/week2.py": HALF},
    {"ann/all.zip": Z({"venv/week2.py": HALF})},
    {"ann/wk2.ipynb": notebook("def normalise(x):\n    return x\n")},
]


@pytest.mark.parametrize("files", WEEK2, ids=lambda files: " + ".join(files))
def test_a_file_left_out_may_be_the_week_that_is_lacking(files, ann):
    ((place, content),) = files.items()
    intake = taken(ann, files | {"ann/week1.py": DONE})
    assert set(intake.handed) == {("ann", "week1")} and not intake.open
    assert (
        list(intake.hints) == [("ann", "week2")]
        and place.split("/")[-2] in (intake.hints["ann", "week2"])
    )
    # If the week is there, no question is asked.
    intake = taken(ann, {"ann/exercises/week2.py": DONE})
    assert not intake.open and not intake.hints


@pytest.mark.parametrize("files", WEEK2, ids=lambda files: " + ".join(files))
def test_a_file_left_out_that_is_all_there_is_leaves_its_week_open(files, ann):
    intake = taken(ann, files)
    assert set(intake.open) == {("ann", "week2")} and not intake.hints


@pytest.mark.parametrize(
    "place, content",
    [
        ("ann/__MACOSX/._week2.py", ""),
        ("ann/._week2.py", ""),
        ("ann/__pycache__/week2.cpython-311.pyc", ""),
        ("ann/.git/week2.py", ""),
        ("ann/week2_history.png", ""),
        ("ann/week12.url", ""),
        ("ann/pictures/week2/plot.png", ""),
        ("ann/stubs/week2.py", STUB),
    ],
)
def test_what_says_no_week_is_no_hint(place, content, ann):
    intake = taken(ann, {"ann/exercises/week1.py": DONE, place: content})
    assert set(intake.handed) == {("ann", "week1")} and not intake.open and not intake.hints


ONE = f"def {NAMES[0]}(*given):\n    return 0\n"
BROKEN = f"def {NAMES[0]}(*given):\n    return (\n"


@pytest.mark.parametrize(
    "files",
    [
        {"ann/exercises/week1.py": STUB, "ann/solution.py": ONE},
        {"ann/exercises/week1.py": STUB, "ann/my_week1_work.py": ONE},
        {"ann/week1.ipynb": notebook(STUB), "ann/week1_final.py": ONE},
        {"ann/week1.py": STUB, "ann/week1_old.py": ONE},
        {"ann/week1.py": STUB, "ann/Untitled.ipynb": notebook(ONE)},
        {"ann/week1.py": STUB, "ann/main.py": BROKEN},
        {"ann/week1.py": "", "ann/main.py": ONE},
        {"ann.zip": Z({"exercises/week1.py": STUB, "main.py": ONE})},
    ],
)
def test_a_stub_hides_no_work(files, ann):
    intake = taken(ann, files)
    assert not intake.handed and set(intake.open) == {("ann", "week1")}
    assert (
        "1 of the 8 functions" in intake.open["ann", "week1"]
        or "week1_" in (intake.open["ann", "week1"])
    )
    assert [row.reason for row in intake.files if "it is empty or all stubs" in row.reason]


def test_a_stub_hides_no_archive_that_cannot_be_opened(ann):
    intake = taken(
        ann, {"ann/week1.py": STUB, "ann/week1.rar": b"Rar!\x1a\x07", "ann/week2.py": ONE}
    )
    assert set(intake.handed) == {("ann", "week2")} and set(intake.open) == {("ann", "")}


def test_stubs_beside_a_stub_leave_nothing_open(ann):
    files = {"ann/week1.py": STUB, "ann/week1_old.py": STUB, "ann/main.py": STUB}
    intake = taken(ann, files | {"ann/week2.py": ONE})
    assert set(intake.handed) == {("ann", "week1"), ("ann", "week2")} and not intake.open


@pytest.mark.parametrize(
    "files",
    [
        {"ann/abgabe.txt": DONE.encode("utf-16")},
        {"ann/document": b"\xfe\xff" + DONE.encode("utf-16-be")},
        {"ann/link.txt": "https://colab.research.google.com/drive/x"},
        {"ann/homework.url": "[InternetShortcut]"},
    ],
)
def test_text_in_utf_16_and_links_are_seen(files, ann):
    intake = taken(ann, files)
    (why,) = intake.open.values()
    assert not intake.handed and "ann/" in why


def test_a_week_that_is_not_recognised_says_what_to_write(ann):
    intake = taken(ann, {"ann/exercises/wk3.py": "x = 1\n"})
    assert 'week1 = "exercises/wk3.py"' in intake.open["ann", ""].split("\n")[1]
    intake = taken(ann / "b", {"ann/week1_old.py": ONE, "bob/link.txt": "https://github.com/b"})
    assert 'week1 = "week1_old.py"' in intake.open["ann", "week1"].split("\n")[1]
    assert "Ask for the .py" in intake.open["bob", ""].split("\n")[1]


def test_of_two_places_that_are_alike_the_whole_one_is_said(ann):
    one, two = (f"Ann_{n}_assignsubmission_file_" for n in (1, 2))
    files = {f"{one}/week1.py": DONE, f"{one}/b/week1.py": OTHER, f"{two}/week1 (1).py": OTHER}
    intake = taken(ann, {**files, f"{two}/b/week1.py": OTHER + "x = 1\n"})
    for student, why in intake.open.items():
        (word,) = re.findall(r'week1 = "(.*)"', why)
        again = taken(ann, choices={student: word})
        assert again.handed[student].source == word or word in again.handed[student].source
