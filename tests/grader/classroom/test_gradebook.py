"""The gradebook: what it records in a term, under which names, and how an older one is read."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from grader.classroom import fingerprint
from grader.classroom import gradebook as module
from grader.classroom.fingerprint import rubric_fingerprint
from grader.classroom.gradebook import Gradebook
from grader.classroom.marks import class_marks
from grader.classroom.policy import Policy
from grader.course import Course
from grader.intake.model import FoundFile, Handed, Intake, Person

TODAY = Path(__file__).parents[2] / "data" / "today" / "class"
PASSED = ("passed",) * 20


def handed(student, week="week1", text="x = 1", time=None):
    return Handed(student, week, {f"{week}.py": text.encode()}, time)


def intake(*works, students=(), files=None, **more):
    """An intake of some work, with a row for each of its files unless others are given."""
    names = sorted({*students, *(work.student for work in works)})
    if files is None:
        files = [FoundFile(w.student, f"{w.student}/{w.week}.py", w.week, "taken") for w in works]
    found = {(work.student, work.week): work for work in works}
    return Intake(names, found, files=files, **more)


@pytest.fixture
def book(tmp_path):
    with Gradebook(tmp_path / "out", {}) as book:
        yield book


@pytest.fixture
def judge(book, verdict):
    """Hands in work and records a verdict on it; returns its digest."""

    def judge(student, week="week1", text="x = 1", statuses=PASSED, time=None):
        work = handed(student, week, text, time)
        book.hand_in(intake(work), [week])
        book.record(student, work.digest, verdict(student, statuses, week=week))
        return work.digest

    return judge


def test_the_file_of_a_verdict_is_put_back_where_it_is_lost_or_of_another_attempt(gradebook):
    out = gradebook([("ada", "week1", PASSED, None), ("ada", "week1", ("failed",), None)])
    path = out / "results/ada/week1.json"
    assert json.loads(path.read_text())[0]["tasks"][0]["status"] == "failed"
    with Gradebook(out) as book:
        first, last = book.attempts("ada", "week1")
        book.write_result("ada", "week1", first.digest)
        assert json.loads(path.read_text()) == [first.result]
        path.unlink()
        assert book.restore_results() == []
        assert json.loads(path.read_text()) == [last.result]


def test_what_cannot_be_written_is_named_and_the_rest_is_written(book, judge):
    judge("ada"), judge("bob")
    shutil.rmtree(book.folder / "results")
    (book.folder / "results").mkdir()
    (book.folder / "results/ada").write_text("in the way")
    (said,) = book.restore_results()
    assert said.startswith("results/ada/week1.json cannot be written")
    assert (book.folder / "results/bob/week1.json").exists()


# A term ------------------------------------------------------------------------------------


def test_students_and_weeks_of_earlier_runs_stay(book, judge):
    judge("ada"), judge("bob", "week2")
    book.hand_in(intake(students=["cy"]), ["week3"])
    assert book.students == ["ada", "bob", "cy"] and book.weeks == ["week1", "week2", "week3"]
    marks = {each.student: [mark.points for mark in each.weeks] for each in
             class_marks(book, Policy()).students}  # fmt: skip
    assert marks == {"ada": [17, 0, 0], "bob": [0, 18, 0], "cy": [0, 0, 0]}


def test_work_of_a_week_that_is_not_judged_now_is_listed_and_changes_nothing(book, judge):
    digest = judge("ada")
    book.hand_in(intake(handed("ada", text="y"), handed("ada", "week2")), ["week2"])
    assert book.handed["ada", "week1"] == digest
    (row,) = (row for row in book.intake if row.week == "week1")
    assert row.reason == "taken; its week was not judged then"


def test_the_latest_row_of_each_file_is_kept_over_the_term(book):
    first = FoundFile("ada", "ada/w.py", "", "no week")
    book.hand_in(intake(students=["ada"], files=[first]), ["week1"])
    second = FoundFile("ada", "ada/w.py", "week1", "taken: the policy says so")
    other = FoundFile("", "readme.pdf", "", "not a program")
    book.hand_in(intake(students=["ada"], files=[second, other]), ["week1"])
    book.hand_in(intake(students=["ada"], files=[]), ["week2"])
    assert book.intake == [other, second]


def test_a_list_of_times_is_about_the_whole_term(book, judge):
    judge("ada", time=50.0), judge("ada", "week2", time=60.0)
    book.hand_in(intake(handed("ada", time=40.0), handed("ada", "week2", time=70.0)), ["week2"])
    book.correct_times({("ada", "week1"): 5.0})
    times = [book.attempts("ada", week)[-1].time for week in ("week1", "week2")]
    assert times == [5.0, None]


def test_numbers_of_several_systems_and_of_several_assignments(book):
    numbers = {"ada": {"canvas": "102", "moodle": "4711"}, "bob": {"moodle": "4712"}}
    book.hand_in(intake(students=["ada", "bob"], numbers=numbers), [])
    assert book.numbers == numbers
    book.hand_in(intake(participants={("ada", "week1"): "4711", ("ada", "week2"): "5801"}), [])
    assert book.participants == {("ada", "week1"): "4711", ("ada", "week2"): "5801"}
    assert book.numbers == {"ada": {"canvas": "102"}, "bob": {"moodle": "4712"}}


# Cells that stay empty ---------------------------------------------------------------------


def cannot(student, week, *works):
    """An intake with a student's file that could not be accepted, and others that could."""
    rows = [FoundFile(student, f"{student}/a.rar", "", "cannot be opened")]
    why = {(student, week): "cannot be opened"}
    return intake(*works, students=[student], files=rows, open=why)


def test_a_newer_file_that_cannot_be_taken_leaves_the_cell_empty(book, judge):
    judge("ada")
    book.hand_in(cannot("ada", "week1"), ["week1"], folder="in")
    assert book.open == {("ada", "week1"): "cannot be opened"}
    assert [attempt.last for attempt in book.attempts("ada", "week1")] == [True], "kept"
    # Another export, without her work or with another week's, settles nothing.
    book.hand_in(intake(handed("bob")), ["week1"], folder="in")
    book.hand_in(intake(handed("ada", "week2")), ["week2"], folder="in2")
    book.hand_in(intake(handed("bob"), handed("ada", "week2")), ["week1"], folder="in2")
    assert ("ada", "week1") in book.open
    book.hand_in(intake(handed("ada", text="new")), ["week1"], folder="in2")
    assert book.open == {}


def test_the_policy_ends_an_empty_cell_in_any_later_run(book, judge):
    judge("ada")
    book.hand_in(cannot("ada", ""), [], folder="in")
    book.hand_in(cannot("bob", "", handed("cy")), ["week1"], folder="in")
    assert book.open.keys() == {("bob", "week1")} | {("ada", "")}
    decided = [("ada", "week1"), ("bob", "week1")]
    book.hand_in(intake(handed("ada", "week2")), ["week2"], decided, folder="other")
    assert book.open == {}
    book.hand_in(cannot("ada", "", handed("cy")), ["week1"], decided)
    assert book.open == {}, "the policy says that nothing in DIR counts for that week"


def test_what_has_turned_out_to_be_one_week_leaves_no_other_empty(book):
    both = [handed("bob"), handed("bob", "week2")]
    weeks = ["week1", "week2"]
    assert book.hand_in(cannot("ada", "", *both), weeks, folder="in") == []
    assert book.open.keys() == {("ada", "week1"), ("ada", "week2")}
    now = intake(handed("ada"), *both)
    assert book.hand_in(now, weeks, folder="in") == [("ada", "week2")]
    assert book.open == {}


def test_what_lay_in_another_folder_is_another_file(book):
    for folder, weeks in (("in", ["week1", "week2"]), ("in2", ["week3", "week4"])):
        others = [handed("bob", week) for week in weeks]
        book.hand_in(cannot("ada", "", *others), weeks, folder=folder)
    book.hand_in(intake(handed("ada"), handed("bob", "week2")), ["week1", "week2"], folder="in")
    assert book.open.keys() == {("ada", "week3"), ("ada", "week4")}


def test_a_folder_that_is_used_for_another_export_settles_nothing(book):
    works = [handed("bob"), handed("bob", "week2")]
    book.hand_in(cannot("ada", "week1", *works), ["week1", "week2"], folder="in")
    book.hand_in(cannot("cy", "", *works), ["week1", "week2"], folder="in")
    empty = book.open
    late = [handed("bob"), handed("ada", "week3"), handed("cy", "week3")]
    assert book.hand_in(intake(*late), ["week1", "week3"], folder="in") == []
    assert book.open == empty and len(empty) == 3


def test_without_any_week_the_student_is_named_all_the_same(book):
    book.hand_in(cannot("ada", ""), [], folder="in")
    assert book.open == {("ada", ""): "cannot be opened"}
    book.hand_in(intake(handed("bob")), ["week1"], folder="other")
    assert ("ada", "") in book.open
    book.hand_in(intake(handed("ada")), ["week1"], folder="in")
    assert book.open == {}


def test_what_may_be_any_week_leaves_those_empty_that_are_judged_now(book, judge):
    judge("ada", "week3")
    book.hand_in(cannot("ada", ""), ["week1", "week2"], folder="in")
    assert book.open.keys() == {("ada", "week1"), ("ada", "week2")}


def test_a_week_that_is_not_judged_now_gets_no_empty_cell(book):
    book.hand_in(cannot("ada", "week1"), ["week2"], folder="in")
    assert book.open == {}


# Names -------------------------------------------------------------------------------------


def joined(*works, former=(("Ada Example", ("adaexample",)),), **more):
    return intake(*works, students=["Ada Example"], former=dict(former), **more)


def test_a_joined_student_keeps_attempts_secrets_times_and_files(book, judge, verdict):
    first = judge("adaexample", text="old", statuses=("passed",), time=10.0)
    second = judge("adaexample", time=20.0)
    secret = book.attempt_secret("adaexample", "week1", second)
    before = book.attempts("adaexample", "week1")
    (said,) = book.join(joined())
    assert said == "adaexample, of an earlier run, is Ada Example, who keeps attempts and marks."
    assert book.restore_results() == []
    assert book.attempts("Ada Example", "week1") == before
    assert [attempt.digest for attempt in before] == [first, second]
    assert book.students == ["Ada Example"] and book.renamed == {"adaexample": "Ada Example"}
    assert book.attempt_secret("Ada Example", "week1", second) == secret
    assert book.attempt_secret("Ada Example", "week1", "new") != secret
    (result,) = json.loads((book.folder / "results/Ada Example/week1.json").read_text())
    assert result == verdict("adaexample", PASSED)
    assert not (book.folder / "results/adaexample").exists()

    assert book.join(joined()) == [], "once is enough"
    (said,) = book.join(intake(students=["A. Example"], former={"A. Example": ("Ada Example",)}))
    assert book.renamed == {"Ada Example": "A. Example", "adaexample": "A. Example"}
    assert book.attempt_secret("A. Example", "week1", second) == secret


def test_attempts_of_two_names_are_one_row_of_attempts(book, judge, verdict):
    book.hand_in(intake(handed("adaexample", "week2"), handed("Ada Example", "week2")), ["week2"])
    digest = handed("x", "week2").digest
    book.record("adaexample", digest, verdict("adaexample", PASSED, week="week2"))
    book.record("Ada Example", digest, verdict("Ada", ("ungraded",), week="week2"))
    judge("adaexample", text="first", time=1.0)
    judge("Ada Example", text="second", time=2.0)
    judge("adaexample", text="third", time=3.0)
    book.join(joined())
    texts = [book.files(a.digest)["week1.py"] for a in book.attempts("Ada Example", "week1")]
    assert texts == [b"first", b"second", b"third"], "the last hand-in is the last attempt"
    (attempt,) = book.attempts("Ada Example", "week2")
    assert attempt.result["points"] == 18 and book.to_judge() == []


def test_the_same_number_in_canvas_is_the_same_person(book, judge):
    digest = judge("exampleada")
    book.hand_in(intake(numbers={"exampleada": {"canvas": "102", "moodle": "1"}}), [])
    numbers = {"Ada Example": {"canvas": "102"}, "Bob": {"moodle": "1"}}
    assert len(book.join(intake(students=["Ada Example", "Bob"], numbers=numbers))) == 1
    assert book.handed == {("Ada Example", "week1"): digest}


@pytest.mark.parametrize(
    ("old", "number"),
    [("exampleada", ""), ("ada.example", ""), ("a17", ""), ("Somebody", "102"), ("gh-ada", "")],
)
def test_a_roster_tells_whose_an_earlier_name_was(old, number, book, judge):
    digest = judge(old)
    book.hand_in(intake(numbers={old: {"canvas": number}} if number else {}), [])
    judge("Bob Example")
    ada = Person("Ada Example", "a17", "ada.example", also=("102", "gh-ada"))
    came = intake(students=["Ada Example", "Bob Example"])
    assert len(book.join(came, [ada, Person("Bob Example")])) == 1
    assert book.renamed == {old: "Ada Example"}
    assert book.handed["Ada Example", "week1"] == digest


@pytest.mark.parametrize(
    ("came", "said"),
    [
        (intake(students=["Ada Example", "adaexample"], former={"Ada Example": ("adaexample",)}),
         None),
        (joined(former=[("Ada Example", ("adaexample",)), ("A. Other", ("adaexample",))]),
         "may be any of A. Other, Ada Example"),
        (joined(numbers={"Ada Example": {"canvas": "103"}}), "a different number in Canvas"),
    ],
)  # fmt: skip
def test_two_people_are_not_joined(came, said, book, judge):
    judge("adaexample")
    book.hand_in(intake(numbers={"adaexample": {"canvas": "102"}}), [])
    assert [said in each for each in book.join(came)] == ([True] if said else [])
    assert book.students == ["adaexample"] and book.renamed == {}


def test_somebody_new_under_a_name_that_another_had_has_a_row(book, judge):
    judge("adaexample")
    book.join(joined())
    judge("adaexample", text="of somebody else")
    assert book.students == ["Ada Example", "adaexample"] and book.renamed == {}


def test_a_joining_that_is_stopped_leaves_all_as_it_was(book, judge, verdict):
    digest = judge("adaexample")
    book._base.execute(
        "create trigger stop before insert on renamed begin select raise(abort, 'killed'); end"
    )
    with pytest.raises(sqlite3.IntegrityError, match="killed"):
        book.join(joined())
    book._base.execute("drop trigger stop")
    assert book.students == ["adaexample"] and book.handed == {("adaexample", "week1"): digest}
    assert len(book.join(joined())) == 1
    assert book.handed == {("Ada Example", "week1"): digest}


# Rubrics -----------------------------------------------------------------------------------


def test_verdicts_of_another_rubric_are_known_and_judged_again(book, judge, verdict, monkeypatch):
    digest = judge("ada")
    judge("bob", "week2")
    assert book.outdated() == {} and book.to_judge() == []
    before = book.attempts("ada", "week1")[0]
    assert before.rubric == rubric_fingerprint("week1") != rubric_fingerprint("week2")
    secret = book.attempt_secret("ada", "week1", digest)
    monkeypatch.setattr(module, "rubric_fingerprint", lambda week: "new " + week[-1:])
    assert book.outdated() == {"week1": ["ada"], "week2": ["bob"]}
    book.judge_again(["week1"])
    assert book.outdated() == {"week2": ["bob"]}
    assert book.to_judge() == [("ada", "week1", digest)]
    assert book.attempts("ada", "week1") == [before], "it counts until the new one is there"
    book.record("ada", digest, verdict("ada", ("ungraded",)))
    assert book.attempts("ada", "week1") == [before]
    assert book.to_judge() == [("ada", "week1", digest)], "again in the next run"
    book.record("ada", digest, verdict("ada", ("failed",)))
    (after,) = book.attempts("ada", "week1")
    assert after.result["points"] == 0 and after.rubric == "new 1" and book.to_judge() == []
    assert book.attempt_secret("ada", "week1", digest) == secret


def test_of_a_verdict_without_a_fingerprint_the_sum_of_points_tells(book, judge):
    judge("ada"), judge("bob")
    book._base.execute("update attempt set rubric = ''")
    assert book.outdated() == {}
    book._base.execute("update attempt set max_points = 16 where student = 'bob'")
    assert book.outdated() == {"week1": ["bob"]}


CHECK = '''
@task(points=2, functions=("f",), hints=("Think.",))
def check_f(student, secret, judge):
    """A title."""
    judge.same(student.f(), 1)  # a comment
'''


@pytest.mark.parametrize(
    ("path", "old", "new", "changed"),
    [
        ("checks/week1.py", "A title", "Another", False),
        ("checks/week1.py", "Think.", "Think twice.", False),
        ("checks/week1.py", "# a comment", "", False),
        ("checks/week1.py", "points=2", "points=3", True),
        ("checks/week1.py", ", 1)", ", 2)", True),
        ("checks/week2.py", ", 1)", ", 2)", False),
        ("checks/training.py", "= 1", "= 2", True),
        ("lib/nn/layers.py", "= 1", "= 2", True),
        ("grader/judge/judge.py", "= 1", "= 2", True),
        ("grader/cli/main.py", "= 1", "= 2", False),
    ],
)
def test_a_fingerprint_tells_what_a_verdict_depends_on(
    path, old, new, changed, tmp_path, monkeypatch
):
    for name in ("lib/nn/layers.py", "grader/judge/judge.py", "grader/cli/main.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("A = 1\n")
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks/training.py").write_text("A = 1\n")
    for week in ("week1", "week2"):
        (tmp_path / f"checks/{week}.py").write_text(CHECK)
    monkeypatch.setattr(fingerprint, "COURSE", Course(tmp_path, tmp_path / "checks"))
    monkeypatch.setattr(fingerprint, "_shared", fingerprint._shared.__wrapped__)
    before = rubric_fingerprint.__wrapped__("week1")
    text = (tmp_path / path).read_text()
    assert old in text and len(before) == 16
    (tmp_path / path).write_text(text.replace(old, new))
    assert (rubric_fingerprint.__wrapped__("week1") != before) is changed
    assert rubric_fingerprint.__wrapped__("week3") == ""


# Folders of earlier code -------------------------------------------------------------------


def test_a_folder_that_knows_no_times_keeps_its_marks(gradebook):
    out = gradebook([("ada", "week1", PASSED, None)])
    with sqlite3.connect(out / "grades.sqlite") as base:
        base.execute("drop table arrival")
    base.close()
    with Gradebook(out) as book:
        ada, bob = class_marks(book, Policy()).students
    assert ada.weeks[0].points == ada.weeks[0].worth and bob.total == 0


FORGOT = """
delete from student where name != 'Ada Byrne';
delete from handed where week = 'week1';
delete from number where student != 'Ada Byrne';
update setting set value = 'week2' where name = 'weeks';
"""


def test_lost_weeks_and_students_of_an_older_folder_come_back(tmp_path):
    out = Path(shutil.copytree(TODAY / "out", tmp_path / "out"))
    with Gradebook(out) as book:
        students, handed, weeks = book.students, book.handed, book.weeks
        assert len(students) == 6 and len(handed) == 7 and weeks == ["week1", "week2"]
        assert book.numbers["Cleo Marsh"] == {"moodle": "4703"}
    shutil.copy(TODAY / "out/grades.sqlite", out)
    with sqlite3.connect(out / "grades.sqlite") as base:
        base.executescript(FORGOT)  # as a run on the next week's export did
    base.close()
    for _ in range(2):
        with Gradebook(out) as book:
            assert book.handed == handed and book.weeks == weeks
            assert book.students == [name for name in students if name != "Dan Oz"], "empty roster"
            assert book.numbers == {"Ada Byrne": {"moodle": "4701"}}
            first, last = book.attempts("Bob Reed", "week1")
            assert (first.result["points"], last.result["points"]) == (3, 7) and last.last
