"""What points count: weights, lateness, attempts and waivers, and policies that make no sense."""

import csv
import os
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.classroom import local
from grader.classroom.gradebook import Gradebook
from grader.classroom.marks import class_marks, rubrics
from grader.classroom.policy_file import PolicyError, bring_policy, read_policy, read_times
from grader.cli.main import main
from grader.course import COURSE
from grader.intake.model import Handed, Intake

DUE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC).timestamp()
MINUTE, DAY = 60, 24 * 60 * 60
LATE = """
submitted = "files"
[late]
grace_minutes = 30
percent_per_day = 10
most_percent = 50
[week1]
due = 2026-11-20T23:59:00Z
"""
ALL = ("passed",) * 20


def policy_of(book):
    return bring_policy(None, book.folder, rubrics(), book.weeks, frozenset(book.students))[0]


@pytest.fixture
def marks(gradebook):
    """Makes a gradebook, and returns each student's marks under a policy."""

    def marks(attempts, policy="", **more):
        out = gradebook(attempts, **more)
        if policy:
            (out / "policy.toml").write_text(policy)
        with Gradebook(out) as book:
            found = class_marks(book, policy_of(book))
        return {each.student: each for each in found.students}

    return marks


def points(week):
    return {task.name: task.points for task in rubrics()[week]}


def test_without_a_policy_points_count_as_they_are(marks):
    first, second = list(points("week1").values())[:2]
    got = marks(
        [("ada", "week1", ("passed", "passed", "failed"), None), ("ada", "week2", ALL, None)]
    )
    week1, week2 = got["ada"].weeks
    assert week1.points == first + second and week1.worth == sum(points("week1").values())
    assert week2.points == week2.worth == sum(points("week2").values())
    assert got["ada"].total == week1.points + week2.points
    assert [mark.points for mark in got["bob"].weeks] == [0, 0] and got["bob"].total == 0
    assert not week1.notes and not week1.days_late


def test_a_weight_is_what_the_week_is_worth(marks):
    first = next(iter(points("week1").values()))
    got = marks(
        [("ada", "week1", ("passed",), None), ("bob", "week1", ALL, None)],
        "[week1]\nweight = 20\n[week2]\nweight = 80.5\n",
    )
    assert got["bob"].weeks[0].points == 20 and got["bob"].weeks[1].worth == 80.5
    assert got["ada"].total == round(20 * first / sum(points("week1").values()), 2)


@pytest.mark.parametrize(
    ("seconds", "days"),
    [(-DAY, 0), (0, 0), (30 * MINUTE, 0), (30 * MINUTE + 1, 1), (DAY, 1), (DAY + 1, 2)],
)
def test_lateness_counts_in_days_begun_after_the_grace(marks, seconds, days):
    got = marks([("ada", "week1", ALL, DUE + seconds)], LATE)["ada"].weeks[0]
    assert got.points == round(got.worth * (1 - days / 10), 2) and got.days_late == days
    assert bool(got.notes) == (days > 0)


def test_no_more_than_the_most_is_taken_off_and_nothing_without_a_time(marks):
    got = marks([("ada", "week1", ALL, DUE + 99 * DAY), ("bob", "week1", ALL, None)], LATE)
    late, unknown = got["ada"].weeks[0], got["bob"].weeks[0]
    assert late.points == late.worth / 2 and "50 % taken off" in late.notes[0]
    assert unknown.points == unknown.worth


def test_a_student_may_have_another_due_date_and_waiver(marks):
    task = list(points("week1"))[0]
    policy = LATE + (f'[students.ada.week1]\ndue = 2026-11-25T00:00:00+01:00\nwaive = ["{task}"]\n')
    rest = ("todo", *ALL)
    handed = DUE + 3 * DAY
    got = marks([("ada", "week1", rest, handed), ("bob", "week1", ALL, handed)], policy)
    ada, bob = got["ada"].weeks[0], got["bob"].weeks[0]
    assert ada.points == ada.worth == bob.worth, "the other tasks are worth the entire week"
    assert ada.notes == (f"{task} waived",) and bob.points == round(bob.worth * 0.7, 2)


def test_a_waived_task_counts_for_nobody(marks):
    task, worth = list(points("week1").items())[0]
    policy = f'[week1]\nwaive = ["{task}"]\n'
    got = marks([("ada", "week1", ("passed",), None), ("bob", "week1", ALL, None)], policy)
    assert got["ada"].total == 0
    assert got["bob"].total == got["bob"].weeks[0].worth == sum(points("week1").values()) - worth


def test_last_or_best_attempt(marks):
    attempts = [
        ("ada", "week1", ("passed",), DUE),
        ("ada", "week1", ALL, DUE + DAY),  # one day late, and still the best
        ("ada", "week1", (), DUE + 2 * DAY),
        ("bob", "week1", ALL, DUE),
        ("bob", "week1", None, DUE),
    ]
    last, best = marks(attempts, LATE), marks(attempts, 'attempts = "best"\n' + LATE)
    assert last["ada"].total == 0
    mark = best["ada"].weeks[0]
    assert mark.points == round(mark.worth * 0.9, 2) and "attempt 2 of 3" in mark.notes[0]
    assert mark.result["points"] == mark.worth, "the verdict shown is that of the attempt"
    for got in (last, best):
        assert got["bob"].weeks[0].points is None, "what is not judged yet may be the best"


def test_a_copy_of_the_files_makes_nothing_late_and_a_list_corrects(gradebook):
    out = gradebook([("ada", "week1", ALL, DUE)])
    (out / "policy.toml").write_text(LATE)
    for time, listed, days in ((DUE + DAY, False, 0), (DUE + DAY, True, 1), (DUE, True, 0)):
        handed = Handed("ada", "week1", {"week1.py": b"x = 0"}, time=time)
        with Gradebook(out) as book:
            book.hand_in(Intake(["ada"], {("ada", "week1"): handed}), ["week1"])
            if listed:
                book.correct_times({("ada", "week1"): time})
            ada, _ = class_marks(book, policy_of(book)).students
        assert ada.weeks[0].points > 0 and ada.weeks[0].days_late == days


def test_a_report_goes_by_the_list_beside_the_policy(gradebook, capsys):
    out = gradebook([("ada", "week1", ALL, DUE)])
    (out / "policy.toml").write_text(LATE.replace('"files"', '"times.csv"'))
    assert main(["report", str(out)]) == 2 and "times.csv" in capsys.readouterr().err
    for day, rest in ((20, 1), (22, 0.8)):
        row = f"ada,week1,2026-11-{day}T23:59+00:00"
        (out / "times.csv").write_text(f"student,week,submitted\n{row}\n")
        assert main(["report", str(out), "--format", "json"]) == 0
        ada, _ = csv.DictReader((out / "grades.csv").read_text().splitlines())
        assert float(ada["week1"]) == pytest.approx(rest * sum(points("week1").values()))


def test_full_points_are_the_worth_whatever_its_decimals(marks):
    weights = "".join(f"[week{n}]\nweight = 33.333\n" for n in (1, 2))
    got = marks([("ada", week, ALL, None) for week in ("week1", "week2")], weights)
    assert [mark.points for mark in got["ada"].weeks] == [mark.worth for mark in got["ada"].weeks]


WRONG = [
    ("[week1]\nweight = 2\n\n[week1\n", "line 4"),
    (f"[week1]\nweight = {'9' * 400}\n", "line 2: weight must be a number from 0"),
    ("attempts = 3", 'line 1: attempts must be "last" or "best", not 3'),
    ("# first\n\nweights = 1\n", "line 3: a policy has no entry weights"),
    ("[week1]\n\n[week77]\nweight = 1\n", "line 3: the course has no week week77"),
    ("week1 = 3", "line 1: week1 must be a table"),
    ("[week1]\nweight = 1\nworth = 2\n", "line 3: week1 has no entry worth"),
    ("[week1]\nweight = -1\n", "line 2: weight must be a number from 0 to 1e+09, not -1"),
    ("[week1]\nweight = true\n", "line 2: weight must be a number"),
    ("[week1]\nweight = nan\n", "line 2: weight must be a number"),
    ("[week1]\nweight = inf\n", "line 2: weight must be a number"),
    ("[week1]\nweight = 1\n", "line 2: week1 has a weight and week2 has none"),
    ('[week1]\nwaive = [\n  "set_last",\n  "fly",\n]\n', "line 2: week1 has no task fly"),
    ('[week1]\nwaive = "set_last"\n', "line 2: waive must be a list"),
    ("[late]\npercent_per_day = 101\n", "line 2: percent_per_day must be a number from 0 to 100"),
    ("[late]\nmost_percent = 10\n", "line 1: [late] needs percent_per_day"),
    ("[late]\npercent = 10\n", "line 2: late has no entry percent"),
    (LATE.replace("Z", ""), "line 8: due must be a date and time with a zone"),
    (LATE.replace("T23:59:00Z", ""), "line 8: due must be a date and time with a zone"),
    (LATE.replace('submitted = "files"', ""), "line 8: a due date needs `submitted`, the source"),
    (
        'submitted = "files"\nweek1 = {due = 2026-11-20T23:59:00Z}\n',
        "line 2: a due date needs [late]",
    ),
    ('submitted = "../times.csv"', "line 1: submitted must be"),
    ('submitted = "grades.csv"', "line 1: submitted must be"),
    ("[students.adda.week1]\n", "line 1: no one in the class is called adda. Did you mean ada?"),
    ("[students.ada]\nweek1 = 2\n", "line 2: week1 must be a table"),
    ("[students.ada.week1]\nweight = 2\n", "line 2: week1 has no entry weight"),
    ("[students.ada.week77]\n", "line 1: the course has no week week77"),
    (
        '[students.ada.week1]\nadjust = "2"\n',
        "line 2: adjust must be a number from -1e+09 to 1e+09",
    ),
    ("[week1]\nadjust = 2\n", "line 2: week1 has no entry adjust"),
    ("[students.ada.week1]\ncomment = 3\n", "line 2: comment must be text of at most 2000"),
    ("[students.ada.week1.tasks.fly]\npoints = 1\n", "line 1: week1 has no task fly"),
    (
        "[students.ada.week1.tasks.set_last]\npoints = 9\n",
        "line 2: points must be a number from 0 to",
    ),
    ("[students.ada.week1.tasks]\nset_last = 1\n", "line 2: set_last must be a table"),
    ("[students.ada.week1.tasks.set_last]\nmax = 1\n", "line 2: set_last has no entry max"),
    ("[students.ada]\nleft = 1\n", "line 2: left must be true or false, not 1"),
    (
        "[students.ada.files]\nweek1 = 1\n",
        'line 2: week1 must be a file as intake.csv names it, or "no',
    ),
    ('[students.ada.files]\nweek77 = "none"\n', "line 2: the course has no week week77"),
    ('[students.adda.files]\nweek1 = "none"\n', "line 1: no one in the class is called adda"),
    ('[groups]\n"Team 1" = "ada"\n', 'line 2: Team 1 must be a list of students, such as ["ann"'),
    ('[groups]\nT = ["ada", "eve"]\n', "line 2: no one in the class is called eve"),
    ('[groups]\nT = ["ada"]\n', "line 2: T has fewer than two members"),
    ('[groups]\nT = ["ada", "bob"]\nU = ["bob", "cy"]\n', "line 3: bob is already in T"),
    (
        '[groups]\ncy = ["ada", "bob"]\nU = ["cy", "di"]\n',
        "line 2: cy is a group, so it cannot be a member",
    ),
    ('[groups]\ncy = ["ada", "bob"]\n[students.cy]\nleft = true\n', "line 4: cy is a group and"),
    ("[students.ada]\n[students.old_ada]\n", "line 2: old_ada and ada are the same person"),
    ('submitted = "Intake.csv"', "line 1: submitted must be"),
    ('submitted = "moodle-by-email.csv"', "line 1: submitted must be"),
]
CLASS = frozenset({"ada", "bob", "cy", "di"})


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_cannot_be_meant_is_refused_with_its_line(text, said, tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(PolicyError) as refused:
        read_policy(path, rubrics(), ["week1", "week2"], CLASS, {"old_ada": "ada"})
    assert said in str(refused.value) and str(path) in str(refused.value)


def test_an_instructor_says_what_counts_for_one_student(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(
        """
[students.ada.files]
week1 = " backup/week1.py "
week2 = "none"

[students.bob]
left = true

[students.ada.week2]
adjust = -1.5
comment = "Shown at\\u0007 the board.\\nNext time earlier."

[students.ada.week2.tasks.one_hot]
points = 0
comment = "See me."

[students.cy]
left = false

[groups]
"Team 1" = ["cy", "di"]
bob = ["ada", "eve"]

[students.bob.files]
week1 = "week1.py"
""".replace("[students.bob]\nleft = true\n", "")
    )
    found = read_policy(path, rubrics(), ["week1"], CLASS | {"eve"})
    assert found.files == {
        ("ada", "week1"): "backup/week1.py", ("ada", "week2"): "none", ("bob", "week1"): "week1.py"
    }  # fmt: skip
    assert found.groups == {"Team 1": ("cy", "di"), "bob": ("ada", "eve")}
    assert found.group_of("di") == "Team 1" and found.group_of("bob") == ""
    rule = found.rule("ada", "week2")
    assert rule.adjust == -1.5 and rule.comment == "Shown at\ufffd the board.\nNext time earlier."
    assert rule.tasks["one_hot"].points == 0 and rule.tasks["one_hot"].comment == "See me."
    assert found.left == frozenset()
    path.write_text("[students.ada]\nleft = true\n")
    assert read_policy(path, rubrics(), [], CLASS).left == {"ada"}


NAMES = ["Jos\u00e9 N\u00fa\u00f1ez", "Jose\u0301 Nu\u0301n\u0303ez", " Jos\u00e9 N\u00fa\u00f1ez"]


@pytest.mark.parametrize("written", [*NAMES, "jose.n"])
@pytest.mark.parametrize("known", NAMES[:2])
def test_a_name_is_understood_in_any_unicode_form_and_as_it_was(written, known, tmp_path):
    policy, times = tmp_path / "policy.toml", tmp_path / "times.csv"
    policy.write_text(f'\ufeffsubmitted = "times.csv"\n[students."{written}".week1]\nadjust = 1\n')
    times.write_text(f"\ufeffstudent,week,submitted\n{written},week1,2026-11-20T23:59Z\n")
    (tmp_path / "out").mkdir()
    found, listed = bring_policy(
        policy, tmp_path / "out", rubrics(), [], frozenset({known}), {"jose.n": known}
    )
    assert found.rule(known, "week1").adjust == 1 and listed == {(known, "week1"): DUE}


HEADS = ["", "[late]", "[week1]", "[week77]", "[students.ada]", "[students.ada.week2]", "[[week1]]"]
HEADS += ["[groups]", "[students.ada.files]", "[students.ada.week1.tasks.set_last]"]
KEYS = ["attempts", "submitted", "weight", "due", "waive", "percent_per_day", "grace_minutes", "x"]
KEYS += ["adjust", "comment", "points", "left", "week1", "ada", '"\U0001f600"', "tasks", "files"]
TOML = st.sampled_from(
    ["'best'", "'files'", "'a.csv'", "1", "-1", "1e300", "nan", "inf", "true", "9" * 400, "0x1"]
    + ["[]", "['set_last']", "[1]", "{}", "{a = 1}", "1979-05-27", "07:32:00", '"\\ud800"']
    + ["2026-11-20T23:59:00Z", "2026-11-20T23:59:00", "9999-12-31T23:59:59-23:59"]
)
ENTRIES = st.builds("{} = {}".format, st.sampled_from(KEYS), TOML)
TABLES = st.tuples(st.sampled_from(HEADS), st.lists(ENTRIES, max_size=3)).map(
    lambda table: "\n".join([table[0], *table[1]])
)


@pytest.fixture(scope="module")
def any_policy(tmp_path_factory):
    return tmp_path_factory.mktemp("policy") / "policy.toml"


@settings(max_examples=50, deadline=None)
@given(st.lists(TABLES, max_size=4).map("\n".join) | st.text())
def test_any_text_is_a_policy_or_refused_with_its_line(any_policy, text):
    any_policy.write_bytes(text.encode())
    try:
        policy = read_policy(any_policy, rubrics(), ["week1", "week2"], CLASS)
    except PolicyError as refused:
        assert re.search(r"policy\.toml(, line \d+)?[: ]", str(refused))
    else:
        assert policy.rule("ada", "week1").waive < set(points("week1"))


def test_a_week_of_which_nothing_is_left_is_refused(tmp_path):
    names = list(points("week1"))
    path = tmp_path / "policy.toml"
    path.write_text(f"[week1]\nwaive = {names[1:]}\n\n[students.ada.week1]\nwaive = {names[:1]}\n")
    with pytest.raises(PolicyError, match="line 5: this waives all of week1"):
        read_policy(path, rubrics(), ["week1"], frozenset({"ada"}))


def test_files_that_cannot_be_read_are_a_sentence(tmp_path):
    with pytest.raises(PolicyError, match="absent.toml cannot be read: No such file"):
        read_policy(tmp_path / "absent.toml", rubrics(), [], frozenset())
    (tmp_path / "bad.toml").write_bytes(b"\xff")
    with pytest.raises(PolicyError, match="UTF-8"):
        read_policy(tmp_path / "bad.toml", rubrics(), [], frozenset())


def test_when_work_came_in_may_stand_in_a_list(tmp_path):
    policy = LATE.replace('"files"', '"times.csv"')
    (tmp_path / "mine.toml").write_text(policy)
    (tmp_path / "times.csv").write_text(
        "student,note,submitted,week\n\n"
        '"Lovelace, Ada",x,2026-11-21T00:59:00+01:00,week1\nbob,,2026-11-22 00:00Z,week2\n'
    )
    out = tmp_path / "out"
    out.mkdir()
    given = (rubrics(), ["week1"], frozenset({"bob", "Lovelace, Ada"}))
    _, times = bring_policy(tmp_path / "mine.toml", out, *given)
    assert times == {("Lovelace, Ada", "week1"): DUE, ("bob", "week2"): DUE + DAY + MINUTE}
    (tmp_path / "times.csv").unlink()
    again, kept = bring_policy(None, out, *given)
    assert kept == times and again.submitted == "times.csv", "it is in the folder of the results"
    assert (out / "policy.toml").read_text() == policy


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("student,week\n", "no column submitted"),
        ("student,week,submitted\nada,week1,2026-11-20T00:00Z\nada,week2,soon\n", "line 3: 'soon'"),
        ("student,week,submitted\nada,week1,2026-11-20T00:00\n", "line 2:"),
        ("student,week,submitted\nada,1,2026-11-20T00:00Z\n", "line 2: the course has no week '1'"),
        ("student,week,submitted\nada\n", "line 2:"),
        (
            "student,week,submitted\nada,week1,2026-11-20T00:00Z\n\nadda,week1,x\n",
            "line 4: no one in the class is called adda. Did you mean ada?",
        ),
    ],
)
def test_a_list_of_times_with_an_error_is_refused_with_its_line(text, said, tmp_path):
    path = tmp_path / "times.csv"
    path.write_text(text)
    with pytest.raises(PolicyError) as refused:
        read_times(path, frozenset({"ada"}))
    assert said in str(refused.value)


def test_a_class_is_graded_under_a_policy(tmp_path, verdict, monkeypatch, capsys):
    folder, out, policy = tmp_path / "in", tmp_path / "out", tmp_path / "mine.toml"
    for name in ("ada", "bob"):
        (folder / name).mkdir(parents=True)
        (folder / name / "week1.py").write_text(name)
    os.utime(folder / "ada/week1.py", (DUE + DAY, DUE + DAY))
    os.utime(folder / "bob/week1.py", (DUE, DUE))

    def judged(jobs, processes):
        return ((job, verdict(job.student, ALL)) for job in jobs)

    monkeypatch.setattr(local, "run", judged)
    command = ["class", str(folder), "--out", str(out), "--isolation", "process"]
    full = sum(points("week1").values())

    def run(*more):
        capsys.readouterr()
        status = main([*command, *more])
        said = capsys.readouterr()
        return status, said.out + said.err

    policy.write_text(LATE + "[students.eve.week1]\n")
    status, said = run("--policy", str(policy))
    assert status == 2 and "no one in the class is called eve" in said and "to judge" not in said
    assert not (out / "policy.toml").exists()
    policy.write_text(LATE)
    assert run("--policy", str(policy))[0] == 0
    late = (out / "grades.csv").read_text()
    assert f"ada,{round(full * 0.9, 2):g}," in late and f"bob,{full:g}," in late
    assert run()[0] == 0 and (out / "grades.csv").read_text() == late, "it applies from then on"

    (tmp_path / "times.csv").write_text("student,week,submitted\nada,week1,2026-11-20T00:00Z\n")
    policy.write_text(LATE.replace('"files"', '"times.csv"'))
    status, said = run("--policy", str(policy))
    assert status == 0 and "0 to judge" in said, "nothing is graded again"
    assert "Not in the list of times, so treated as on time (1): bob week1." in said
    assert f"ada,{full:g}," in (out / "grades.csv").read_text()


def test_a_policy_holds_for_the_class_and_for_the_report(gradebook, tmp_path, capsys):
    out = gradebook([("ada", "week1", ALL, DUE + DAY), ("bob", "week1", ALL, DUE)])
    assert main(["report", str(out)]) == 0
    before = (out / "grades.csv").read_bytes()
    (out / "policy.toml").write_text(LATE)
    assert main(["report", str(out)]) == 0
    with open(out / "grades.csv", newline="", encoding="utf-8") as file:
        rows = {row["student"]: float(row["total"]) for row in csv.DictReader(file)}
    assert rows["ada"] == round(rows["bob"] * 0.9, 2) and rows["bob"] > 0
    page = (out / "report.html").read_text()
    assert "1 day late: 10 % taken off" in page and "late</small>" in page
    (out / "policy.toml").unlink()
    assert main(["report", str(out)]) == 0
    assert (out / "grades.csv").read_bytes() == before
    (out / "policy.toml").write_text("[week99]")
    capsys.readouterr()
    assert main(["report", str(out)]) == 2
    assert "policy.toml, line 1" in capsys.readouterr().err


def test_the_policy_of_the_instructors_page_is_one(tmp_path):
    page = (COURSE.root / "docs/instructors/policy.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(attempts.*?)```", page, re.DOTALL)
    (tmp_path / "policy.toml").write_text(text)
    graded = ["week1", "week2"]
    everybody = frozenset({"Ada Lovelace", "Bob Reed", "Cleo Marsh", "Dan Oz"})
    policy = read_policy(tmp_path / "policy.toml", rubrics(), graded, everybody)
    assert policy.rule("Ada Lovelace", "week2").waive == {"train_mnist", "one_hot"}
    assert policy.late.share(9) == 0.5 and policy.attempts == "best"
