"""Who handed in what, from the folders that people and learning platforms make."""

import os
import zipfile

import pytest

from grader.classroom.intake import read_roster, student_name
from grader.source.reading import MAX_BYTES
from grader.source.submission import SubmissionError


def put(path, text="x = 1\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def contents(roster):
    return {key: handed.files for key, handed in roster.handed.items()}


def test_a_folder_per_student(tmp_path):
    put(tmp_path / "bob/week1.py", "b")
    put(tmp_path / "ada/week10.ipynb", "n")
    put(tmp_path / "ada/project.py", "p")
    put(tmp_path / "ada/notes.txt")
    put(tmp_path / ".DS_Store")
    (tmp_path / "empty").mkdir()
    roster = read_roster(tmp_path)
    assert roster.students == ["ada", "bob", "empty"]
    assert contents(roster) == {
        ("ada", "week10"): {"week10.ipynb": b"n"},
        ("ada", "project"): {"project.py": b"p"},
        ("bob", "week1"): {"week1.py": b"b"},
    }
    assert roster.weeks == ["week1", "week10", "project"] and roster.of("bob", "week2") is None


def test_a_cloned_repository_with_the_solutions_left_out(tmp_path):
    put(tmp_path / "ada/exercises/week1.py", "mine")
    put(tmp_path / "ada/solutions/week1.py", "not mine")
    put(tmp_path / "ada/.venv/week1.py", "not mine")
    assert contents(read_roster(tmp_path)) == {("ada", "week1"): {"week1.py": b"mine"}}


def test_the_file_nearest_to_the_top_counts_and_the_other_is_told(tmp_path):
    put(tmp_path / "ada/week1.py", "top")
    put(tmp_path / "ada/old/week1.py", "old")
    roster = read_roster(tmp_path)
    assert contents(roster) == {("ada", "week1"): {"week1.py": b"top"}}
    assert "more than one week1.py" in roster.notes[0]


def test_copies_that_do_not_count_change_nothing(tmp_path):
    put(tmp_path / "ada/work/week1.py", "mine")
    put(tmp_path / "ada/work/old/week1.py", "x" * (MAX_BYTES + 1))
    for own in ("stubs", "grader/checks"):
        put(tmp_path / "ada" / own / "week1.py", "the hand-out's")
    os.utime(tmp_path / "ada/work/week1.py", (1000, 1000))
    handed = read_roster(tmp_path).of("ada", "week1")
    assert handed.files == {"week1.py": b"mine"} and not handed.problem and handed.time == 1000


def test_a_folder_beside_its_own_zip_is_one_student(tmp_path):
    put(tmp_path / "ada/week1.py", "folder")
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        archive.writestr("week1.py", "zip")
        archive.writestr("week2.py", "zip")
    roster = read_roster(tmp_path)
    assert roster.students == ["ada"] and "more than one week1.py" in roster.notes[0]
    assert contents(roster)["ada", "week1"] == {"week1.py": b"folder"}
    assert contents(roster)["ada", "week2"] == {"week2.py": b"zip"}


def test_two_people_of_one_name_are_two_to_moodle_too(tmp_path):
    for number in (1, 2):
        put(tmp_path / f"Bo_{number}_assignsubmission_file_/week1.py", str(number))
    roster = read_roster(tmp_path)
    assert roster.students == ["Bo-1", "Bo-2"]
    assert roster.numbers == {"Bo-1": "moodle 1", "Bo-2": "moodle 2"}


def test_a_zip_packed_with_lzma_and_damaged_is_a_sentence(tmp_path):
    path = tmp_path / "ada.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("week1.py", os.urandom(4000))
    content = bytearray(path.read_bytes())
    content[60:3000] = bytes(2940)
    path.write_bytes(content)
    assert "ada.zip" in read_roster(tmp_path).of("ada", "week1").problem


def test_what_moodle_and_canvas_export(tmp_path):
    put(tmp_path / "Ada Lovelace_4711_assignsubmission_file_/week1.py", "a")
    put(tmp_path / "lovelaceada_LATE_12_345_week2-1.py", "c")
    put(tmp_path / "hopper_14_346_week2.ipynb", "h")
    roster = read_roster(tmp_path)
    assert roster.students == ["Ada Lovelace", "hopper", "lovelaceada"]
    assert contents(roster) == {
        ("Ada Lovelace", "week1"): {"week1.py": b"a"},
        ("lovelaceada", "week2"): {"week2.py": b"c"},
        ("hopper", "week2"): {"week2.ipynb": b"h"},
    }
    assert roster.numbers == {
        "Ada Lovelace": "moodle 4711",
        "lovelaceada": "canvas 12",
        "hopper": "canvas 14",
    }


def test_two_people_whose_names_canvas_writes_alike_are_two(tmp_path):
    put(tmp_path / "leewei_12_345_week1.py", "a")
    put(tmp_path / "leewei_13_346_week1.py", "b")
    put(tmp_path / "leewei_13_347_week2.py", "c")
    roster = read_roster(tmp_path)
    assert contents(roster) == {
        ("leewei-12", "week1"): {"week1.py": b"a"},
        ("leewei-13", "week1"): {"week1.py": b"b"},
        ("leewei-13", "week2"): {"week2.py": b"c"},
    }


def test_when_something_was_handed_in_is_not_asked_of_a_students_zip(tmp_path):
    put(tmp_path / "ada/week1.py")
    put(tmp_path / "ada/sub/week1.ipynb")
    os.utime(tmp_path / "ada/week1.py", (1000, 1000))
    os.utime(tmp_path / "ada/sub/week1.ipynb", (3000, 3000))
    with zipfile.ZipFile(tmp_path / "bob.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("week1.py", (1990, 1, 1, 0, 0, 0)), "x")
    os.utime(tmp_path / "bob.zip", (2000, 2000))
    (tmp_path / "eve.zip").write_bytes(b"no zip")
    os.utime(tmp_path / "eve.zip", (4000, 4000))
    roster = read_roster(tmp_path)
    times = {name: roster.of(name, "week1").time for name in roster.students}
    assert times == {"ada": 3000, "bob": 2000, "eve": 4000}


def test_a_zip_gives_files_by_name_and_nothing_else(tmp_path):
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        archive.writestr("../../../etc/week1.py", "climbs")
        archive.writestr("work/conftest.py", "left out")
        archive.writestr("__MACOSX/week2.py", "left out")
        link = zipfile.ZipInfo("week3.py")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("week4.py", b"#" * (MAX_BYTES + 1), zipfile.ZIP_DEFLATED)
    roster = read_roster(tmp_path)
    assert roster.of("ada", "week1").files == {"week1.py": b"climbs"}
    assert roster.of("ada", "week2") is None
    assert "link" in roster.of("ada", "week3").problem
    assert "MiB" in roster.of("ada", "week4").problem
    assert sorted(os.listdir(tmp_path)) == ["ada.zip"]


def test_a_damaged_zip_is_a_sentence_for_every_week(tmp_path):
    put(tmp_path / "ada.zip", "no zip")
    put(tmp_path / "bob/week1.py")
    roster = read_roster(tmp_path)
    assert "damaged" in roster.of("ada", "week1").problem
    assert roster.weeks == ["week1"]


def test_a_zip_damaged_inside_is_a_sentence_too(tmp_path):
    path = tmp_path / "ada.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("week1.py", "x = 1\n" * 100)
    content = bytearray(path.read_bytes())
    start = content.index(b"week1.py") + len("week1.py")
    content[start : start + 4] = b"\xff" * 4
    path.write_bytes(content)
    assert "Hand it in again" in read_roster(tmp_path).of("ada", "week1").problem


def test_links_are_not_followed(tmp_path):
    put(tmp_path / "secret.txt", "secret")
    (tmp_path / "in/ada").mkdir(parents=True)
    (tmp_path / "in/ada/week1.py").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "in/eve").symlink_to(tmp_path)
    roster = read_roster(tmp_path / "in")
    assert roster.students == ["ada"] and "eve is a link" in roster.notes[0]
    assert "link" in roster.of("ada", "week1").problem and not roster.of("ada", "week1").files


@pytest.mark.parametrize(
    "raw", ["..", ".", "a\x1b[2Jb", "a\nb", os.fsdecode(b"\xff\xfe"), " ", "a" * 300]
)
def test_names_of_students_are_harmless_in_a_table_and_a_path(raw):
    name = student_name(raw)
    assert name.strip(".") and name.isprintable() and len(name) <= 120
    assert "/" not in name and name == name.encode().decode()


def test_two_students_never_share_a_name(tmp_path):
    put(tmp_path / "a\nb/week1.py", "1")
    put(tmp_path / "a_a_b/week1.py", "2")
    roster = read_roster(tmp_path)
    assert len(set(roster.students)) == 2
    assert sorted(c["week1.py"] for c in contents(roster).values()) == [b"1", b"2"]


def test_the_digest_is_that_of_the_content(tmp_path):
    for name, text in (("a", "1"), ("b", "1"), ("c", "2")):
        put(tmp_path / name / "week1.py", text)
    a, b, c = (read_roster(tmp_path).of(name, "week1").digest for name in "abc")
    assert a == b != c


def test_a_folder_that_holds_nothing_is_a_sentence(tmp_path):
    with pytest.raises(SubmissionError, match="no submissions"):
        read_roster(tmp_path)
    with pytest.raises(SubmissionError, match="no folder"):
        read_roster(tmp_path / "absent")
