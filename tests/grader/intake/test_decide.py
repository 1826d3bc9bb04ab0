"""The instructor's choice of what counts, and the reason in every file's row."""

import os

import pytest

from grader.course import COURSE
from grader.intake import archives, folder
from grader.intake import decide as deciding
from grader.source.reading import MAX_BYTES
from grader.source.submission import SubmissionError

from .hand_ins import DONE, OTHER, STUB, handed, lay, notebook, taken, zipped

SEVEN = b"7z\xbc\xaf\x27\x1c"


def rows(intake):
    return {row.file: (row.week, row.reason) for row in intake.files}


def choose(tmp_path, files, **words):
    return taken(tmp_path, files, choices={("ann", week): word for week, word in words.items()})


@pytest.mark.parametrize(
    "word",
    ["backup/week1.py", "./backup/week1.py", "backup\\week1.py", "ann/backup/week1.py"],
)
def test_the_policy_names_a_file_by_its_place_in_the_hand_in_or_in_the_folder(word, tmp_path):
    files = {"ann/exercises/week1.py": DONE, "ann/backup/week1.py": OTHER, "bob/week1.py": DONE}
    intake = choose(tmp_path, files, week1=word)
    assert intake.handed["ann", "week1"].files == {"week1.py": OTHER.encode()}
    assert intake.handed["ann", "week1"].source == "ann/backup/week1.py" and not intake.open
    assert rows(intake)["ann/backup/week1.py"] == ("week1", "the policy names it")
    assert rows(intake)["ann/exercises/week1.py"][0] == ""


@pytest.mark.parametrize(
    "place, word",
    [
        ("ann/main.py", "main.py"),
        ("ann/week1_old.py", "week1_old.py"),
        ("ann/week1.py.bak", "week1.py.bak"),
        ("ann/my solution.md", "my solution.md"),
        ("ann/week2.py", "week2.py"),
        ("ann/José.txt", "Jose\u0301.txt"),
    ],
)
def test_any_file_may_be_named_whatever_its_name(place, word, tmp_path):
    intake = choose(tmp_path, {place: "x = 1\n"}, week1=word)
    assert intake.handed["ann", "week1"].files == {"week1.py": b"x = 1\n"}
    assert ("ann", "") not in intake.open and ("ann", "week1") not in intake.open


def test_a_file_in_an_archive_may_be_named(tmp_path):
    inner = zipped({"deep/solution.md": DONE, "week1.py": OTHER})
    files = {"ann/all.zip": zipped({"b.zip": inner}), "bob.zip": zipped({"x.md": DONE})}
    words = {("ann", "week1"): "all.zip/b.zip/deep/solution.md", ("bob", "week1"): "x.md"}
    intake = taken(tmp_path, files, choices=words)
    assert [each.files for each in intake.handed.values()] == [{"week1.py": DONE.encode()}] * 2


def test_a_notebook_that_is_named_stays_a_notebook(tmp_path):
    intake = choose(tmp_path, {"ann/Untitled.txt": notebook()}, week1="Untitled.txt")
    assert list(intake.handed["ann", "week1"].files) == ["week1.ipynb"]


@pytest.mark.parametrize(
    "files",
    [
        {"ann/week1.py": DONE},
        {"ann/week1.py": DONE, "ann/b/week1.py": OTHER},
        {"ann/week1_old.py": DONE},
        {"ann/main.py": DONE},
        {"ann/week1.7z": SEVEN},
        {"ann/week1 (1).py": DONE, "ann/a.rar": b"Rar!\x1a\x07"},
    ],
)
def test_none_means_that_nothing_here_counts(files, tmp_path):
    intake = choose(tmp_path, files, week1="none")
    assert (
        not intake.handed
        and ("ann", "week1") not in intake.open
        and ("ann", "") not in (intake.open)
    )


def test_none_for_one_week_leaves_the_others_open(tmp_path):
    intake = choose(tmp_path, {"ann/all.7z": SEVEN, "ann/week2.py": DONE}, week1="none")
    weeks = {week for _, week in intake.open}
    assert weeks == set(COURSE.weeks()) - {"week1", "week2"}


@pytest.mark.parametrize(
    "word, said",
    [("backup/week2.py", "backup/week1.py"), ("wek1.py", "week1.py"), ("zzzz", "week1.py")],
)
def test_a_choice_that_names_no_file_is_refused_with_the_near_ones(word, said, tmp_path):
    files = {"ann/week1.py": DONE, "ann/backup/week1.py": OTHER}
    with pytest.raises(SubmissionError, match="names no file that was found") as caught:
        choose(tmp_path, files, week1=word)
    assert said in str(caught.value) and "ann" in str(caught.value)


def test_a_choice_of_an_earlier_export_is_a_note(tmp_path):
    intake = choose(tmp_path, {"ann/week2.py": DONE}, week1="old/hand-in.py")
    assert set(intake.handed) == {("ann", "week2")} and not intake.open
    assert "old/hand-in.py" in intake.notes[0] and "stays" in intake.notes[0]
    assert not choose(tmp_path, {"bob/week2.py": DONE}, week3="x").open


def test_a_choice_that_fits_two_files_is_refused(tmp_path):
    one, two = (f"Ada_{n}_assignsubmission_file_" for n in (1, 2))
    files = {f"{one}/a/week1.py": DONE, f"{one}/b/week1.py": OTHER, f"{two}/a/week2.py": DONE}
    with pytest.raises(SubmissionError, match="full path"):
        taken(tmp_path, files, choices={("Ada", "week1"): "week1.py"})


def test_a_choice_that_cannot_be_read_leaves_the_week_open(tmp_path):
    files = {"ann/week1.py": DONE, "ann/large.md": "x" * (MAX_BYTES + 1)}
    intake = choose(tmp_path, files, week1="large.md")
    assert not intake.handed and "large.md" in intake.open["ann", "week1"]


def test_links_and_pipes_are_named_and_not_followed(tmp_path):
    lay(tmp_path, {"secret.txt": DONE, "in/ann/week2.py": DONE, "in/bob/readme.txt": ""})
    (tmp_path / "in/ann/week1.py").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "in/eve").symlink_to(tmp_path)
    (tmp_path / "in/bob/exercises").symlink_to(tmp_path / "in/ann")
    os.mkfifo(tmp_path / "in/ann/week3.py")
    intake = taken(tmp_path / "in")
    assert intake.students == ["ann", "bob"]
    assert handed(intake) == {("ann", "week2"): "ann/week2.py"}
    assert "link" in intake.open["ann", "week1"] and "ordinary" in intake.open["ann", "week3"]
    assert (
        rows(intake)["eve"][1].startswith("is a link")
        and "link" in rows(intake)["bob/exercises"][1]
    )
    assert ("bob", "") in intake.open


def test_a_file_that_becomes_a_link_before_it_is_read_is_not_followed(tmp_path):
    lay(tmp_path, {"secret.txt": DONE})
    (tmp_path / "week1.py").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(archives.Unreadable, match="link"):
        folder.open_regular(tmp_path / "week1.py")


def test_folders_that_are_nobodys_work_are_one_row_with_their_count(tmp_path):
    files = {f"ann/.git/objects/{n}/x": "" for n in range(30)}
    files |= {f"ann/lib/{n}.py": "" for n in range(4)} | {"ann/solutions/week2.py": DONE}
    files |= {"ann/exercises/week1.py": DONE, "ann/grader/checks/week1.py": OTHER}
    found = rows(taken(tmp_path, files))
    assert found.pop("ann/exercises/week1.py")[0] == "week1"
    assert {place: reason.split(" of ")[0] for place, (_, reason) in found.items()} == {
        "ann/.git": "30 files", "ann/lib": "4 files", "ann/solutions": "1 file",
        "ann/grader": "1 file",
    }  # fmt: skip
    packed = taken(
        tmp_path / "z", {"ann.zip": zipped({f.removeprefix("ann/"): c for f, c in files.items()})}
    )
    assert {place.removeprefix("ann.zip/") for place in rows(packed)} == {
        ".git",
        "lib",
        "solutions",
        "grader",
        "exercises/week1.py",
    }


def test_a_set_of_pictures_and_an_environment_are_a_row_each(tmp_path):
    files = {f"ann/data/cats/{n}.png": "" for n in range(501)}
    files |= {f"ann/data/dogs/{n}.png": "" for n in range(3)} | {"ann/data/cats/week1.py": DONE}
    files |= {"ann/env/pyvenv.cfg": "", "ann/env/lib/week1.py": OTHER}
    found = rows(taken(tmp_path, files))
    assert found.pop("ann/data/cats/…")[1] == "501 images and tables"
    assert found.pop("ann/env")[1] == "2 files of a Python environment"
    assert found.pop("ann/data/cats/week1.py")[0] == "week1" and len(found) == 3


def test_one_students_many_files_stop_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "MAX_ENTRIES", 100)
    monkeypatch.setattr(archives, "MAX_ENTRIES", 30)
    files = {f"ann/{n}/x.txt": "" for n in range(120)} | {"ann/week1.py": DONE}
    files |= {f"cy/{n}/x.txt": "" for n in range(40)} | {"cy/week1.py": DONE, "bob/week1.py": DONE}
    intake = taken(tmp_path, files, choices={("cy", "week2"): "week1.py"})
    assert set(intake.handed) == {("bob", "week1"), ("cy", "week2")}
    assert {student for student, _ in intake.open} == {"ann", "cy"}
    assert "more than 100 files" in intake.open["ann", ""]


def test_a_folder_that_may_not_be_listed_is_named(tmp_path, monkeypatch):
    lay(tmp_path, {"ann/week1.py": DONE, "bob/secret/week1.py": DONE})
    scan = os.scandir

    def denied(place):
        if str(place).endswith("secret"):
            raise PermissionError(13, "Permission denied")
        return scan(place)

    monkeypatch.setattr(os, "scandir", denied)
    intake = taken(tmp_path)
    assert "Permission denied" in rows(intake)["bob/secret/…"][1] and ("bob", "") in intake.open


def test_a_notebook_with_large_outputs_may_be_named(tmp_path):
    large = notebook(DONE, [{"output_type": "stream", "name": "x", "text": "y" * 3 * MAX_BYTES}])
    (tmp_path / "b").mkdir()
    for place, files in {"a": {"ann/Untitled.ipynb": large},
                         "b": {"ann.zip": zipped({"Untitled.ipynb": large})}}.items():  # fmt: skip
        intake = choose(tmp_path / place, files, week1="Untitled.ipynb")
        assert len(intake.handed["ann", "week1"].files["week1.ipynb"]) < MAX_BYTES


def test_an_online_text_that_is_named_counts_without_its_tags(tmp_path):
    text = "<p>" + DONE + "</p>"
    choices = {("Ann", "week1"): "onlinetext.html"}
    files = {"Ann_1_assignsubmission_onlinetext_/onlinetext.html": text}
    intake = taken(tmp_path, files, choices=choices)
    assert b"<p>" not in intake.handed["Ann", "week1"].files["week1.py"]


def test_of_stubs_alone_one_is_judged(tmp_path):
    intake = taken(tmp_path, {"ann/week1.py": STUB, "ann/b/week1.py": STUB + "\n# mine\n"})
    assert intake.handed["ann", "week1"].files["week1.py"].startswith(b"def set_last")
    assert not intake.open


def test_a_broken_program_is_taken_and_judged(tmp_path):
    broken = {"a": "def f(:\n", "b": "# coding: undefined\n", "c": "\0" * 9, "d": "", "e": "{}"}
    intake = taken(tmp_path, {f"{name}/week1.py": text for name, text in broken.items()})
    assert len(intake.handed) == 5 and not intake.open
    intake = taken(tmp_path / "b", {"a/week1.ipynb": "{", "b/week1.ipynb": b"\xff\xfe{"})
    assert [list(each.files) for each in intake.handed.values()] == [["week1.ipynb"]] * 2


def test_only_candidates_that_have_rivals_are_parsed(tmp_path, monkeypatch):
    parsed = []
    read = deciding.from_bytes
    monkeypatch.setattr(
        deciding, "from_bytes", lambda *words: parsed.append(words[1]) or read(*words)
    )
    taken(tmp_path, {"ann/week1.py": DONE, "ann/week2.py": DONE, "ann/b/week2.py": OTHER})
    assert parsed == ["week2", "week2"]
    taken(tmp_path / "b", {f"ann/{n}/week3.py": f"x = {n}" for n in range(40)})
    assert len(parsed) == 2


def test_a_class_of_many_files_takes_a_moment(tmp_path):
    files = {f"s{n}/exercises/week{w}.py": DONE for n in range(40) for w in range(1, 6)}
    assert len(taken(tmp_path, files).handed) == 200


def test_a_folder_that_holds_nothing_is_a_sentence(tmp_path):
    with pytest.raises(SubmissionError, match="no submissions"):
        taken(tmp_path)
    with pytest.raises(SubmissionError, match="no folder"):
        taken(tmp_path / "absent")


def test_the_digest_is_that_of_the_content_and_the_plain_name(tmp_path):
    intake = taken(tmp_path, {"a/week1.py": DONE, "b/Week 1 (2).py": DONE, "c/week1.py": OTHER})
    a, b, c = (intake.handed[name, "week1"].digest for name in "abc")
    assert a == b != c
