"""The owner of a hand-in: course systems' exports, alone, together and with a roster."""

import pytest

from grader.intake.model import Person
from grader.intake.systems import read_claim

from .hand_ins import DONE, OTHER, STUB, handed, notebook, packed, taken, touch, zipped

N = notebook()
MOODLE = "{}_assignsubmission_file_"
TEXT = "{}_assignsubmission_onlinetext_/onlinetext.html"
METADATA = """\
submission_9001:
  :submitters:
  - :name: Ada Example
    :sid: '100'
    :email: ada@example.org
  :created_at: 2026-11-20 10:00:00.000000000 Z
  :score: 3.0
  :results:
    output: |
      :submitters:
      - :name: Eve
submission_9002:
  :submitters:
  - :name: "Bj\\u00f6rk O'Example"
    :sid: '101'
  - :name: Cy Example
    :email: cy@example.org
"""
BLACKBOARD = """\
Name: Ada Example (ada17)
Assignment: Week 1
Date Submitted: Friday, 20 November 2026 23:59:00
Submission Field:
There is no student submission text data for this assignment.
Files:
\tOriginal filename: week1 (1).py
\tFilename: Week 1_ada17_attempt_2026-11-20-23-59-00_week11.py
"""
B = "Week 1_{}_attempt_2026-11-{}-23-59-00"
D = "{} - {} - Nov {}, 2026 1159 PM"

# The files in DIR, and the path of the file that counts, by student; the week is week1.
LAYOUTS = {
    "Moodle, in folders": (
        {f"{MOODLE.format('Ada Example_4711')}/week1.py": DONE, TEXT.format("Ada Example_4711"): "",
         "Bob_4712_assignsubmission_file/a/week1.py": DONE},
        {"Ada Example": f"{MOODLE.format('Ada Example_4711')}/week1.py",
         "Bob": "Bob_4712_assignsubmission_file/a/week1.py"},
    ),
    "Moodle, flat": (
        {"Ada Example_4711_assignsubmission_file_week1.py": DONE,
         "Ada Example_4711_assignsubmission_onlinetext_onlinetext.html": "<p>Hello</p>",
         "Bob_4712_assignsubmission_file_my_week 1 (1).py": DONE,
         "Cy_4713_assignsubmission_file_homework.zip": zipped({"a\\week1.py": DONE})},
        {"Ada Example": "Ada Example_4711_assignsubmission_file_week1.py",
         "Bob": "Bob_4712_assignsubmission_file_my_week 1 (1).py",
         "Cy": "Cy_4713_assignsubmission_file_homework.zip/a/week1.py"},
    ),
    "Moodle, groups and names of no student": (
        {"Team 1_31_assignsubmission_file_/week1.py": DONE,
         "Default group_assignsubmission_file/week1.py": DONE,
         "Participant_1_assignsubmission_file_/week1.py": DONE,
         "Participant_2_assignsubmission_file_/week1.py": DONE},
        {"Team 1": "Team 1_31_assignsubmission_file_/week1.py",
         "Default group": "Default group_assignsubmission_file/week1.py",
         "Participant-1": "Participant_1_assignsubmission_file_/week1.py",
         "Participant-2": "Participant_2_assignsubmission_file_/week1.py"},
    ),
    "Canvas": (
        {"exampleada_101_9001_week1.py": DONE, "examplebob_LATE_102_9002_week1 (1).py": DONE,
         "examplecy_103_9003_week1-1.py": OTHER, "examplecy_103_9004_week1-2.py": DONE,
         "examplecy_103_9002_week1.py": STUB,
         "exampledee_LATE_104_9005_homework-2.zip": zipped({"week1.py": DONE}),
         "smith_jones_anna_107_9107_week1 (1).py": DONE, "exampleeve_108_text.html": "<p>Hi",
         "examplefay_109_9109_week1-1-1.py": DONE, "exampleguy_110_9110_week-1.py": DONE},
        {"exampleada": "exampleada_101_9001_week1.py",
         "examplebob": "examplebob_LATE_102_9002_week1 (1).py",
         "examplecy": "examplecy_103_9004_week1-2.py",
         "exampledee": "exampledee_LATE_104_9005_homework-2.zip/week1.py",
         "smith_jones_anna": "smith_jones_anna_107_9107_week1 (1).py", "exampleeve": None,
         "examplefay": "examplefay_109_9109_week1-1-1.py",
         "exampleguy": "exampleguy_110_9110_week-1.py"},
    ),
    "Canvas, a zip handed in again": (
        {"exampleada_101_9001_hand-in.zip": zipped({"week1.py": OTHER}),
         "exampleada_101_9002_hand-in-1.zip": zipped({"week1.py": DONE})},
        {"exampleada": "exampleada_101_9002_hand-in-1.zip/week1.py"},
    ),
    "Canvas, anonymous": (
        {"anon_x7Ab2_90001_week1.py": DONE, "LATE_anon_y8Bc3_90002_week1-1.ipynb": N},
        {"anon_x7Ab2": "anon_x7Ab2_90001_week1.py",
         "anon_y8Bc3": "LATE_anon_y8Bc3_90002_week1-1.ipynb"},
    ),
    "GitHub Classroom": (
        {"week-1-submissions/week-1-ada/exercises/week1.py": DONE,
         "week-1-submissions/week-1-bob-c/a/b/c/d/week1.py": DONE},
        {"ada": "week-1-submissions/week-1-ada/exercises/week1.py",
         "bob-c": "week-1-submissions/week-1-bob-c/a/b/c/d/week1.py"},
    ),
    "GitHub Classroom, clones alone": (
        {"vision-ada/.git/config": "", "vision-ada/week1.py": DONE,
         "vision-bob/.git/config": "", "vision-bob/week1.py": DONE},
        {"ada": "vision-ada/week1.py", "bob": "vision-bob/week1.py"},
    ),
    "people of one family": (
        {"smith-ada/week1.py": DONE, "smith-bob/week1.py": DONE},
        {"smith-ada": "smith-ada/week1.py", "smith-bob": "smith-bob/week1.py"},
    ),
    "Gradescope": (
        {"assignment_7_export/submission_metadata.yml": METADATA,
         "assignment_7_export/submission_9001/week1.py": DONE,
         "assignment_7_export/submission_9002/a/week1.py": DONE},
        {"Ada Example": "assignment_7_export/submission_9001/week1.py",
         "Björk O'Example": "assignment_7_export/submission_9002/a/week1.py",
         "Cy Example": "assignment_7_export/submission_9002/a/week1.py"},
    ),
    "Gradescope without its list": (
        {"submission_9001/week1.py": DONE}, {"submission_9001": "submission_9001/week1.py"},
    ),
    "Blackboard": (
        {f"{B.format('ada17', 20)}.txt": BLACKBOARD, f"{B.format('ada17', 20)}_week11.py": DONE,
         f"{B.format('bob3', 20)}_week1.py": OTHER, f"{B.format('bob3', 21)}_week1.py": DONE,
         f"{B.format('bob3', 19)}_week1.py": STUB},
        {"Ada Example": f"{B.format('ada17', 20)}_week11.py",
         "bob3": f"{B.format('bob3', 21)}_week1.py"},
    ),
    "Brightspace": (
        {f"{D.format('12-34', 'Ada Example', 20)}/week1.py": DONE, "index.html": "<p>all",
         f"{D.format('12-35', 'Bob', 19)}/week1.py": OTHER,
         f"{D.format('12-35', 'Bob', 20)}/week1.py": DONE},
        {"Ada Example": f"{D.format('12-34', 'Ada Example', 20)}/week1.py",
         "Bob": f"{D.format('12-35', 'Bob', 20)}/week1.py"},
    ),
    "Brightspace, flat": (
        {f"{D.format('12-34', 'N012 - Ada Example', 20)} - week1.py": DONE},
        {"Ada Example": f"{D.format('12-34', 'N012 - Ada Example', 20)} - week1.py"},
    ),
    "an export as a folder": (
        {f"week1-export/{MOODLE.format('Ada_1')}/week1.py": DONE,
         f"week2-export/{MOODLE.format('Bob_9')}/week1.py": DONE, "notes/todo.txt": "mark"},
        {"Ada": f"week1-export/{MOODLE.format('Ada_1')}/week1.py",
         "Bob": f"week2-export/{MOODLE.format('Bob_9')}/week1.py", "notes": None},
    ),
    "an export as a zip": (
        {"submissions.zip": zipped({"exampleada_1_2_week1.py": DONE,
                                    "examplebob_3_4_a.zip": zipped({"week1.py": DONE})})},
        {"exampleada": "submissions.zip/exampleada_1_2_week1.py",
         "examplebob": "submissions.zip/examplebob_3_4_a.zip/week1.py"},
    ),
    "folders of people in a folder of the week": (
        {"week1/ada/week1.py": DONE, "week1/bob/x/week1.py": DONE},
        {"ada": "week1/ada/week1.py", "bob": "week1/bob/x/week1.py"},
    ),
    "a folder next to its zip, and files of no student": (
        {"ada/week1.py": DONE, "ada.zip": zipped({"week1.py": DONE}), "__MACOSX/ada/._x": "",
         "moodle.csv": "", ".hidden/week1.py": OTHER},
        {"ada": "ada/week1.py"},
    ),
    "a student's folder that looks like an export": (
        {f"mallory/{MOODLE.format('Ada_1')}/week1.py": OTHER, "ada/week1.py": DONE},
        {"mallory": f"mallory/{MOODLE.format('Ada_1')}/week1.py", "ada": "ada/week1.py"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_everybody_is_found_with_the_file_that_counts(layout, tmp_path):
    files, expected = LAYOUTS[layout]
    intake = taken(tmp_path, files)
    assert set(intake.students) == set(expected)
    assert not intake.open
    assert handed(intake) == {(name, "week1"): place for name, place in expected.items() if place}
    good = {DONE.encode(), N.encode()}
    names = {n for n, place in expected.items() if place and "mallory" not in n}
    assert {*(each.files.popitem()[1] for (n, _), each in intake.handed.items() if n in names)} <= (
        good
    )


def test_the_numbers_of_the_systems_are_kept(tmp_path):
    intake = taken(tmp_path, {
        f"{MOODLE.format('Ada Example_4711')}/week1.py": DONE,
        f"{MOODLE.format('Ada Example_5801')}/week2.py": DONE,
        f"{MOODLE.format('Bob_4712')}/week1.py": DONE, f"{MOODLE.format('Cy_4713')}/a.txt": "",
        "examplebob_102_9001_week1.py": DONE,
    })  # fmt: skip
    assert intake.participants == {
        ("Ada Example", "week1"): "4711", ("Ada Example", "week2"): "5801", ("Bob", "week1"): "4712"
    }  # fmt: skip
    assert intake.numbers == {
        "Bob": {"moodle": "4712"}, "Cy": {"moodle": "4713"}, "examplebob": {"canvas": "102"}
    }  # fmt: skip


def test_two_people_of_one_name_are_never_made_one(tmp_path):
    intake = taken(tmp_path, {
        f"{MOODLE.format('Bo_1')}/week1.py": DONE, f"{MOODLE.format('Bo_2')}/week1.py": OTHER,
        f"{MOODLE.format('Di_1')}/week1.py": DONE, f"{MOODLE.format('Di_2')}/main.py": DONE,
        "leewei_12_345_week1.py": DONE, "leewei_13_346_week1.py": OTHER,
        "leewei_13_347_week2.py": DONE,
    })  # fmt: skip
    assert intake.students == ["Bo-1", "Bo-2", "Di-1", "Di-2", "leewei-12", "leewei-13"]
    assert set(handed(intake)) == {
        ("Bo-1", "week1"), ("Bo-2", "week1"), ("Di-1", "week1"), ("leewei-12", "week1"),
        ("leewei-13", "week1"), ("leewei-13", "week2"),
    }  # fmt: skip
    assert any("Bo" in note and "roster" in note for note in intake.notes)


def test_two_of_one_name_in_each_of_two_exports_stay_apart(tmp_path):
    files = {}
    for week, numbers in (("week1", (1, 2)), ("week2", (7, 9))):
        for number in numbers:
            files[f"{week}-export/{MOODLE.format(f'Bo_{number}')}/{week}.py"] = DONE
    intake = taken(tmp_path, files)
    assert intake.students == ["Bo-1", "Bo-2", "Bo-7", "Bo-9"]


def test_an_export_has_everybody_once_so_two_of_a_name_in_it_are_two(tmp_path):
    files = {f"export/{MOODLE.format(f'Bo_{n}')}/week{n}.py": DONE for n in (1, 2)}
    assert taken(tmp_path, files).students == ["Bo-1", "Bo-2"]


def test_who_is_in_an_export_by_one_name_once_is_one_person_over_the_term(tmp_path):
    intake = taken(tmp_path, {
        f"week1-export/{MOODLE.format('Bo_1')}/week1.py": DONE,
        f"week2-export/{MOODLE.format('Bo_7')}/readme.txt": "ill",
        f"week3-export/{MOODLE.format('Bo_8')}/week3.py": DONE,
    })  # fmt: skip
    assert intake.students == ["Bo"]
    assert set(handed(intake)) == {("Bo", "week1"), ("Bo", "week3")}


ADA = Person("Ada Example", "4001", "ada17", "ada@example.org", ("ada-git", "101"))
BO = [Person("Bo Twin", "4002", also=("4712",)), Person("Bo Twin", "4003", also=("4713",))]


def test_a_roster_ties_all_systems_together_and_gives_everybody_a_row(tmp_path):
    absent = Person("Zoe Absent", "4009", line=9)
    intake = taken(tmp_path, {
        f"{MOODLE.format('Ada Example_4711')}/week1.py": DONE,
        "wronglycalled_101_9001_week2.py": DONE, "w-3-ada-git/week3.py": DONE, "w-3-x/a.md": "",
        f"Week 4_ada17_attempt_{'2026-11-20-23-59-00'}_week4.py": DONE,
        f"{D.format('12-34', '4001 - A. Example', 20)}/week5.py": DONE,
        "ADA@example.org/week6.py": DONE,
        **{f"{MOODLE.format(f'Bo Twin_{number}')}/week1.py": DONE for number in (4712, 4713, 4714)},
    }, [ADA, *BO, absent])  # fmt: skip
    assert intake.students == [
        "Ada Example", "Bo Twin (4002)", "Bo Twin (4003)", "Bo Twin-4714", "Zoe Absent", "x"
    ]  # fmt: skip
    weeks = {week for student, week in intake.handed if student == "Ada Example"}
    assert weeks == {f"week{n}" for n in range(1, 7)}
    assert intake.handed["Bo Twin (4002)", "week1"].source.startswith("Bo Twin_4712")
    assert any(note.startswith("Bo Twin-4714 may be Bo Twin (4002)") for note in intake.notes)
    assert any("match no row of the roster, or several: x." in note for note in intake.notes)
    assert "These rows of the roster match no hand-in: Zoe Absent (line 9)." in intake.notes
    assert not any("one person or several" in note for note in intake.notes)
    assert {"wronglycalled", "ada-git", "ada17"} <= set(intake.former["Ada Example"])


def test_a_name_does_not_undo_what_a_number_says(tmp_path):
    files = {"exampleada_101_1_week1.py": DONE, "exampleada_999_2_week2.py": OTHER}
    intake = taken(tmp_path, files, [ADA])
    assert intake.students == ["Ada Example", "exampleada-999"]
    assert intake.handed["exampleada-999", "week2"].source.startswith("exampleada_999")


def test_one_name_in_two_systems_is_two_people_until_a_roster_says_otherwise(tmp_path):
    files = {f"{MOODLE.format('Ada_7')}/week1.py": DONE, "Ada/week2.py": DONE}
    assert taken(tmp_path, files).students == ["Ada", "Ada-7"]
    assert taken(tmp_path, None, [Person("Ada")]).students == ["Ada"]


def test_a_name_that_canvas_runs_together_is_found_in_the_roster(tmp_path):
    people = [Person("Anna Smith-Jones"), Person("José Núñez"), Person("Li Wei"), Person("Wei Li")]
    intake = taken(tmp_path, {
        "smithjonesanna_1_2_week1.py": DONE, "núñezjosé_3_4_week1.py": DONE,
        "liwei_5_6_week1.py": DONE,
    }, people)  # fmt: skip
    assert intake.students == ["Anna Smith-Jones", "José Núñez", "Li Wei", "Wei Li", "liwei"]
    assert {name for name, _ in intake.handed} == {"Anna Smith-Jones", "José Núñez", "liwei"}


def test_a_decomposed_name_is_the_composed_one(tmp_path):
    composed, decomposed = "Jos\u00e9 Nu\u00f1ez", "Jose\u0301 Nun\u0303ez"
    intake = taken(tmp_path, {f"{decomposed}/week1.py": DONE, f"{composed}/week2.py": DONE})
    assert intake.students == [composed]
    assert set(intake.handed) == {(composed, "week1"), (composed, "week2")}


def test_two_students_never_share_a_name(tmp_path):
    smiles = "\U0001f600" * 62
    names = ["a\nb", "a_a_b", "ann", "ann ", "Ann", f"{smiles}1", f"{smiles}2"]
    files = {f"{name}/week{place}.py": DONE for place, name in enumerate(names, 1)}
    intake = taken(tmp_path, files)
    assert len(intake.students) == len(set(intake.students)) == len(intake.handed) == 7
    assert all(len(name.encode()) <= 200 for name in intake.students)


def test_former_names_are_those_of_earlier_versions(tmp_path):
    intake = taken(tmp_path, {
        f"{MOODLE.format('Ada_4711')}/week1.py": DONE,
        f"{MOODLE.format('Ada_5801')}/week2.py": DONE,
        "w-1-cy/week1.py": DONE, "w-1-dee/week1.py": DONE, "bob/week1.py": DONE,
        "eve_LATE_103_9003_hand-in.zip": zipped({"week1.py": DONE}),
    })  # fmt: skip
    assert set(intake.former["Ada"]) >= {"Ada-4711", "Ada-5801"}
    assert intake.former["cy"] == ("w-1-cy",) or "w-1-cy" in intake.former["cy"]
    assert "eve_LATE_103_9003_hand-in" in intake.former["eve"]
    assert "bob" not in intake.former
    names = [name for former in intake.former.values() for name in former]
    assert len(names) == len(set(names)) and not set(names) & set(intake.students)


def test_two_whose_former_name_would_be_the_same_have_none(tmp_path):
    intake = taken(tmp_path, {f"{MOODLE.format(f'Bo_{n}')}/week1.py": DONE for n in (1, 2)})
    assert "Bo" not in {name for former in intake.former.values() for name in former}


def test_a_program_beside_the_students_is_named_and_nobodys(tmp_path):
    intake = taken(tmp_path, {"ann/week1.py": DONE, "week1_bob.py": DONE})
    assert intake.students == ["ann"]
    assert ["", "week1_bob.py"] in [[row.student, row.file] for row in intake.files]
    assert any("week1_bob.py" in note for note in intake.notes)


def test_times_are_those_of_the_files_and_archives_in_the_folder(tmp_path):
    taken(tmp_path, {"ada/week1.py": DONE, "bob.zip": zipped({"week1.py": DONE}),
                     "c/a.zip": zipped({"b.zip": zipped({"week1.py": DONE})})})  # fmt: skip
    for time, place in ((1000, "ada/week1.py"), (2000, "bob.zip"), (3000, "c/a.zip")):
        touch(tmp_path / place, time)
    intake = taken(tmp_path)
    assert {each.student: each.time for each in intake.handed.values()} == {
        "ada": 1000, "bob": 2000, "c": 3000
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["week1.py", "ann_week1.py", "Ada Example", "2026-11-20 week1.py", "a-b - c", "submission.zip"],
)
def test_ordinary_names_are_of_no_system(name):
    assert read_claim(name, False) is None and read_claim(name, True) is None


def test_a_file_that_is_named_as_another_systems_hand_in_stays_its_students(tmp_path):
    forged = "x_ada17_attempt_2027-11-20-23-59-00"
    intake = taken(tmp_path, {
        f"{B.format('ada17', 20)}.txt": BLACKBOARD, f"{B.format('ada17', 20)}_week11.py": DONE,
        f"{B.format('mal', 20)}.txt": "Name: Mal Ory (mal)\n",
        f"{B.format('mal', 20)}_{forged}_week1.py": OTHER,
        f"{B.format('mal', 20)}_{forged}.txt": "Name: Mal Ory (mal)\n",
        f"orymal_103_9003_{forged}_week1.py": OTHER,
        "orymal_103_9004_Ada Example_assignsubmission_file_week1.py": OTHER,
    })  # fmt: skip
    assert intake.students == ["Ada Example", "Mal Ory", "orymal"]
    assert handed(intake)["Ada Example", "week1"] == f"{B.format('ada17', 20)}_week11.py"


@pytest.mark.parametrize("texts", [True, False])
def test_usernames_of_blackboard_may_hold_an_underscore(texts, tmp_path):
    users = ("a_smith", "b_smith", "cy")
    files = {f"{B.format(user, 20)}_week1.py": DONE for user in users}
    if texts:
        files |= {f"{B.format(user, 20)}.txt": f"Name: N {user} ({user})\n" for user in users[:1]}
    names = {"N a_smith" if texts else "a_smith", "b_smith", "cy"}
    assert {name for name, _ in taken(tmp_path, files).handed} == names


def moodle(*names):
    return {f"{MOODLE.format(f'{name}_{n}')}/week1.py": DONE for n, name in enumerate(names, 4711)}


def inside(folder, files):
    return {f"{folder}/{place}": content for place, content in files.items()}


PEOPLE = [
    Person("Ada Example", "1001", line=2), Person("Bob Reed", "1002", line=3),
    Person("Mal Ory", "1003", "malory", line=4),
]  # fmt: skip
EXPORT = moodle("Ada Example", "Bob Reed")
CLASS = {"Ada Example", "Bob Reed", "Mal Ory"}
# An export next to other folders: with a roster all three are found, without one if possible.
BESIDE = {
    "a late folder": ({"CS1-Week 1.zip": zipped(EXPORT), "Mal Ory/week1.py": DONE}, False),
    "a late zip": (
        {**inside("canvas", EXPORT), "Mal Ory.zip": zipped({"week1.py": DONE})}, False,
    ),
    "another folder of folders": (
        {**inside("Week 1 moodle", EXPORT), "Week 1 by mail/Mal Ory/week1.py": DONE}, False,
    ),
    "a file of the instructor's": (
        {**inside("canvas", EXPORT), "week1.py": OTHER, "m_assignsubmission_file/a.md": ""}, True,
    ),
    "notes of the instructor's": ({"x.zip": zipped(EXPORT), "grading notes/todo.py": DONE}, True),
    "notes in it": (
        inside("x", {**EXPORT, "notes.txt": "", "grading.ods": "", "Aufgabe 1.pdf": ""}), True,
    ),
    "a late folder in it": (inside("x", {**EXPORT, "Mal Ory/week1.py": DONE}), True),
    "mostly late folders in it": (
        inside("x", {**EXPORT, "notes.md": "", **{f"{n}/week1.py": DONE for n in ("Mal Ory", "m")},
                     "grading notes/todo.txt": ""}), True,
    ),
    "exports of two weeks in a folder": (
        inside("CS1/Week 1", EXPORT) | inside("CS1/Week 2", moodle("Ada Example", "Mal Ory")), True,
    ),
    "one more folder about it": (inside("Course 1/Course 1", EXPORT), True),
}  # fmt: skip


@pytest.mark.parametrize("case", BESIDE)
@pytest.mark.parametrize("people", [PEOPLE, []])
def test_an_export_beside_other_things_is_no_student(case, people, tmp_path):
    files, evident = BESIDE[case]
    intake = taken(tmp_path, files, people)
    done = {student for student, _ in intake.handed}
    assert {"Ada Example", "Bob Reed"} <= set(intake.students)
    for name in ("Ada Example", "Bob Reed"):
        if people or evident:
            assert (name, "week1") in intake.handed
        else:
            assert "alone" in intake.open[name, ""]
            assert any("alone" in note for note in intake.notes)
    if any("Mal Ory" in place for place in files) and (people or evident):
        assert "Mal Ory" in done
    assert set(intake.students) <= CLASS | {"m", "grading notes", "Week 1 by mail"}


def test_an_export_in_a_students_own_folder_is_the_students(tmp_path):
    forged = zipped(moodle("Ada Example", "Bob Reed"))
    alone = taken(tmp_path / "a", {"malory.zip": forged}, PEOPLE)
    assert not alone.handed.keys() - {("Mal Ory", "week1")}
    beside = {**EXPORT, "malory.zip": forged}
    intake = taken(tmp_path / "b", beside, PEOPLE)
    sources = {name: each.source for (name, _), each in intake.handed.items()}
    assert sources["Ada Example"].startswith("Ada") and sources["Bob Reed"].startswith("Bob")
    assert intake.students == ["Ada Example", "Bob Reed", "Mal Ory"]
    for people in (PEOPLE, []):
        files = {"m.zip": zipped(moodle("Ada Example")), "Bob Reed/week1.py": DONE}
        intake = taken(tmp_path / f"c{len(people)}", files, people)
        assert ("Ada Example", "week1") not in intake.handed
        assert not people or "alone" in intake.open["Ada Example", ""]


def test_files_of_several_people_in_the_folder_of_a_week_leave_rows_open(tmp_path):
    files = {"week1/ada_week1.py": DONE, "week1/bob_week1.py": DONE, "Mal Ory/week1.py": DONE}
    intake = taken(tmp_path, files, PEOPLE)
    assert set(intake.students) == CLASS
    assert set(intake.handed) == {("Mal Ory", "week1")}
    assert set(intake.open) == {("Ada Example", ""), ("Bob Reed", "")}


SPELT = {
    "Example, Ada": "Ada Example", "José Núñez": "Jose Nunez", "O'Brien Pat": "Pat O’Brien",
    "van der Berg Jan": "Jan van der Berg", "Nguyễn Văn A": "Van A Nguyen",
    "Anne-Marie Groß": "Anne Marie Gross", "Jørgen Łuk": "Jorgen Luk", "D'Arc Jo": "Jo DArc",
}  # fmt: skip


def test_names_are_compared_without_accents_hyphens_apostrophes_and_order(tmp_path):
    people = [Person(name, str(place)) for place, name in enumerate(SPELT)]
    intake = taken(tmp_path, moodle(*SPELT.values()), people)
    assert {name for name, _ in intake.handed} == set(intake.students) == set(SPELT)
    assert not intake.open


def test_an_exact_name_comes_before_one_that_is_spelt_alike(tmp_path):
    people = [Person("José Núñez", "1"), Person("Jose Nunez", "2")]
    intake = taken(tmp_path, moodle("Jose Nunez", "José Núñez"), people)
    assert intake.handed["José Núñez", "week1"].source.startswith("José")
    assert intake.handed["Jose Nunez", "week1"].source.startswith("Jose ")


NEARLY = {
    "a middle name": ("Ada B. Example", "`Ada B. Example`"),
    "a letter": ("Ada Exampel", "`Ada Exampel`"),
    "another's too": ("Anna Smith", "`4711`"),
}


@pytest.mark.parametrize("case", NEARLY)
def test_a_name_that_is_near_is_suggested_and_leaves_the_row_open(case, tmp_path):
    name, word = NEARLY[case]
    people = [Person("Ada Example", "1", line=2), Person("Anna Smith", "2", line=3),
              Person("Anna Smith", "3", line=4), Person("Zoe Absent", "9", line=5)]  # fmt: skip
    intake = taken(tmp_path, moodle(name), people)
    meant = {"Ada Example"} if "Ada" in name else {"Anna Smith (2)", "Anna Smith (3)"}
    assert set(intake.open) == {(student, "") for student in meant}
    assert all(word in why and "roster" in why for why in intake.open.values())
    assert any(word in note and "line" in note for note in intake.notes)


def test_who_handed_in_at_the_same_system_is_not_doubted(tmp_path):
    files = moodle("Ada Example", "Ada Exampel")
    intake = taken(tmp_path, files, [Person("Ada Example", "1")])
    assert not intake.open and ("Ada Example", "week1") in intake.handed


@pytest.mark.parametrize("login", ["1001", "ada17", "adaexample", "ada@example.org"])
def test_only_the_roster_says_whose_an_account_of_github_is(login, tmp_path):
    people = [Person("Ada Example", "1001", "ada17", "ada@example.org", ("adagh",)), PEOPLE[1]]
    files = {f"week1-{name}/week1.py": DONE for name in ("adagh", login, "x")}
    intake = taken(tmp_path / "a", files, people)
    assert intake.handed["Ada Example", "week1"].source == "week1-adagh/week1.py"
    assert (login, "week1") in intake.handed and not intake.open
    del files["week1-adagh/week1.py"]
    intake = taken(tmp_path / "b", files, people)
    assert ("Ada Example", "week1") not in intake.handed and intake.open["Ada Example", ""]


def test_a_clone_alone_is_its_students_by_the_account_in_the_roster(tmp_path):
    people = [Person("Ada Example", "1001", also=("ada-gh",)), PEOPLE[1]]
    intake = taken(tmp_path, {"week-1-ada-gh/week1.py": DONE, "a-b/week1.py": OTHER}, people)
    assert intake.handed["Ada Example", "week1"].source == "week-1-ada-gh/week1.py"
    assert ("a-b", "week1") in intake.handed
    assert any("week-1-ada-gh" in note for note in intake.notes)


def test_a_username_of_blackboard_with_an_underscore_is_found_in_the_roster(tmp_path):
    people = [Person("Ann Smith", "1", "a_smith"), Person("Bo Smith", "2", "smith")]
    intake = taken(tmp_path, {f"{B.format('a_smith', 20)}_week1.py": DONE}, people)
    assert set(intake.handed) == {("Ann Smith", "week1")}


def test_a_folder_of_a_student_that_is_hidden_is_named(tmp_path):
    files = {".hidden student/week1.py": DONE, "..dots/week1.py": DONE, "Bob Reed/week1.py": DONE}
    intake = taken(tmp_path, files | {".git/x": ""}, PEOPLE[:2])
    for name in (".hidden student", "..dots"):
        assert any(name in note and "remove the dots" in note for note in intake.notes)
    assert not any(".git" in note for note in intake.notes)
    assert intake.open.keys() == {("Ada Example", "")}


def test_an_online_text_of_moodle_is_its_students(tmp_path):
    name = "Ada Example_4711_assignsubmission_onlinetext.html"
    intake = taken(tmp_path, {name: "<p>Hello", **moodle("Bob")})
    assert [row.student for row in intake.files if row.file == name] == ["Ada Example"]


def test_a_copy_by_a_browser_is_named_beside_the_first(tmp_path):
    files = {"ada/week1.py": DONE, "ada (1).zip": zipped({"week2.py": DONE}), "bob/week1.py": DONE}
    intake = taken(tmp_path, files)
    assert any("ada (1)" in note for note in intake.notes)
    assert "browser" in intake.open["ada", ""] and len(intake.open) == 1


def test_an_export_that_is_packed_otherwise_leaves_its_people_open(tmp_path):
    zips = {f"week {n}.zip": zipped(moodle("Ada Example", "Bob Reed")) for n in (1, 2)}
    flat = {"exampleada_1_2_week1.py": DONE, "reedbob_3_4_week1.py": DONE}
    packs = {"a/CS1.tar.gz": packed(EXPORT, "gz"), "b/all.zip": zipped(zips),
             "c/canvas.tar.xz": packed(flat, "xz")}  # fmt: skip
    for place, content in packs.items():
        folder = tmp_path / place[0]
        intake = taken(folder, {place[2:]: content, "Mal Ory/week1.py": DONE})
        names = ("exampleada", "reedbob") if "canvas" in place else ("Ada Example", "Bob Reed")
        assert set(intake.students) == {"Mal Ory", *names}
        assert intake.open.keys() == {(name, "") for name in names}
        assert any("Unpack" in note for note in intake.notes)


def test_a_students_archives_and_numbered_files_are_no_export(tmp_path):
    intake = taken(tmp_path, {
        "ann/lab_1_1_a.py": DONE, "ann/lab_2_1_b.py": DONE, "bob/week1.py": DONE,
        "cy.zip": zipped({"hand-in.zip": zipped({"week1.py": DONE})}),
        "dee.tar.gz": packed({"week1.py": DONE}, "gz"),
    })  # fmt: skip
    assert intake.students == ["ann", "bob", "cy", "dee"]
    assert {name for name, _ in intake.handed} == {"bob", "cy", "dee"}
