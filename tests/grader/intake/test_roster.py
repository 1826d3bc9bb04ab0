"""The roster's file, and names that are harmless wherever they are used."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.intake.model import Person
from grader.intake.roster import RosterError, read_roster, student_name, student_names, with_earlier


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_people_are_read_with_all_that_they_are_called(encoding, tmp_path):
    text = (
        "name,id,username,email,also\r\n"
        '"Example, Ada",4001,ada17,ada@example.org,ada-git; 101 |Ada E.\r\n'
        "\r\n"
        "Jose\u0301 Nun\u0303ez,,,,\r\n"
        "Bo\r\n"
    )
    assert read_roster(write(tmp_path, text, encoding)) == (
        Person("Example, Ada", "4001", "ada17", "ada@example.org", ("ada-git", "101", "Ada E.")),
        Person("Jos\u00e9 Nu\u00f1ez"),
        Person("Bo"),
    )


def test_everybody_knows_their_line(tmp_path):
    people = read_roster(write(tmp_path, 'name\nAda\n\n"Bo\nTwin"\nCy\n'))
    assert [(person.name, person.line) for person in people] == [
        ("Ada", 2),
        ("Bo Twin", 5),
        ("Cy", 6),
    ]


def test_columns_may_be_in_any_order_and_parted_by_semicolons(tmp_path):
    text = "Email;NAME\nada@example.org;Ada\n"
    assert read_roster(write(tmp_path, text)) == (Person("Ada", email="ada@example.org"),)


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "the column `name` is missing"),
        ("id,email\n1,a\n", "the column `name` is missing"),
        ("name\tid\nAda\t1\n", "commas or semicolons"),
        ("sep=,\nname,id\nAda,1\n", "commas or semicolons"),
        ("name,grade\nAda,1\n", "line 1: the column 'grade' is not known"),
        ("name,id,id\nAda,1,2\n", "line 1: the column id appears twice"),
        ("name,id\nAda,1\n,2\n", "line 3: the name is missing"),
        ("name,id\nAda,1\nBob,1\n", "line 3: 1 is also in line 2"),
        ("name,email\nAda,a@b\nBob,A@B\n", "line 3: a@b is also in line 2"),
        ("name,username,also\nAda,x,\nBob,,x\n", "line 3: x is also in line 2"),
        ("name,id\nAda,1\nada,\n", "ada appears twice. Give each person an id"),
        ("name,id\nAda,1,2\n", "line 2: there are 3 cells and 2 columns"),
        ('name\n"Ada', "line 2"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(text, said, tmp_path):
    with pytest.raises(RosterError) as caught:
        read_roster(write(tmp_path, text))
    assert said in str(caught.value) and "roster.csv" in str(caught.value)


def test_a_roster_that_is_not_utf_8_says_how_to_save_it(tmp_path):
    with pytest.raises(RosterError, match="CSV UTF-8"):
        read_roster(write(tmp_path, "name\nJos\u00e9\n", "latin-1"))
    with pytest.raises(RosterError, match="cannot be read"):
        read_roster(tmp_path / "absent.csv")


def test_two_of_one_name_have_their_ids_behind_it():
    people = [Person("Bo", "1"), Person("Ada"), Person("bo", "2"), Person("a/b")]
    assert list(student_names(people)) == ["Bo (1)", "Ada", "bo (2)", "a_2f_b"]


@given(st.text(st.characters(codec="utf-8")))
def test_names_of_students_are_harmless_in_a_table_and_a_path(raw):
    name = student_name(raw)
    assert name.strip(".") and name.isprintable() and "/" not in name
    assert len(name) <= 120 and len(name.encode()) <= 200
    assert student_name(name) == name


@pytest.mark.parametrize(
    "raw", ["..", ".", "a\x1b[2Jb", os.fsdecode(b"\xff\xfe"), " ", "\U0001f600" * 63]
)
def test_names_that_files_may_have_are_too(raw):
    name = student_name(raw)
    assert name.strip(".") and name.isprintable() and len(name.encode()) <= 200


@given(st.text(max_size=300))
def test_any_text_is_a_roster_or_a_sentence(text):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "roster.csv")
        path.write_bytes(f"name,id\n{text}".encode("utf-8", "surrogatepass"))
        try:
            people = read_roster(path)
        except RosterError:
            return
        assert len(student_names(people)) == len(people)


def test_what_earlier_runs_know_of_a_person_is_added():
    people = [Person("Ada L.", "1", "ada"), Person("Bo", "2"), Person("Cy Y.", "3", "cy2")]
    earlier = {
        "Ada": Person("Ada", "1", "a"),
        "Bo": Person("Bo", "2"),
        "Cy": Person("Cy", "4", "cy2"),
    }
    numbers = {"Ada": {"canvas": "101", "moodle": "7"}, "Bo": {"github": "bo-gh", "canvas": "3"}}
    assert [person.also for person in with_earlier(people, earlier, numbers)] == [
        ("Ada", "101"),
        ("bo-gh",),
        (),
    ]
