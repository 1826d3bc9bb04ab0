"""A week's mark: empty cells, an instructor's changes, groups, and rubrics that changed."""

from datetime import UTC, datetime

import pytest

from grader.classroom.fingerprint import rubric_fingerprint
from grader.classroom.marks import class_marks, rubrics
from grader.classroom.policy import Late, Policy, TaskRule, WeekRule
from grader.classroom.tables import grades

ALL = ("passed",) * 20
POINTS = {task.name: task.points for task in rubrics()["week1"]}
FULL = sum(POINTS.values())
FIRST, SECOND, THIRD = list(POINTS)[:3]
DUE = 1_800_000_000.0
DAY = 24 * 60 * 60
ANN = ("ann", "week1")


def own(**entries):
    return {"students": {ANN: WeekRule(**entries)}}


def given(points, task=FIRST, **entries):
    return own(tasks={task: TaskRule(points)}, **entries)


@pytest.fixture
def week1(verdict, made_up):
    """Returns Ann's mark for week 1 from her attempts' statuses (None: no verdict) and a policy."""

    def week1(*attempts, open="", **policy):
        book = made_up(["ann"], ["week1"], open={ANN: open} if open else {})
        for statuses in attempts:
            book.hand_in("ann", None if statuses is None else verdict("ann", statuses), DUE)
        (ann,) = class_marks(book, Policy(**policy)).students
        return ann.weeks[0]

    return week1


PARTS = ("passed", "failed", "passed")
SOME = POINTS[FIRST] + POINTS[THIRD]
UNJUDGED = ("ungraded", "passed")
HALF = {"weeks": {"week1": WeekRule(weight=FULL / 2)}}
CASES = [  # attempts, policy, points
    ([], {}, 0),
    ([], own(adjust=2), 2),
    ([], given(1.5), 1.5),
    ([], given(1.5) | HALF, 0.75),
    ([], given(1.5, waive=frozenset({FIRST})), 0),
    ([PARTS], own(adjust=-1), SOME - 1),
    ([PARTS], own(adjust=-99), 0),
    ([ALL], own(adjust=3), FULL + 3),
    ([PARTS], given(0.5), SOME - POINTS[FIRST] + 0.5),
    ([PARTS], given(1, SECOND), SOME + 1),
    ([PARTS], given(1, SECOND, adjust=-0.5) | HALF, (SOME + 1) / 2 - 0.5),
    ([PARTS], given(0, SECOND, waive=frozenset({SECOND})), SOME * FULL / (FULL - POINTS[SECOND])),
    ([UNJUDGED], {}, None),
    ([UNJUDGED], own(adjust=1), None),
    ([UNJUDGED], given(0.5), POINTS[SECOND] + 0.5),
    ([UNJUDGED], own(waive=frozenset({FIRST})), POINTS[SECOND] * FULL / (FULL - POINTS[FIRST])),
    ([None], given(1), None),
    ([ALL, PARTS], own(adjust=-1), SOME - 1),
    ([ALL, PARTS], own(adjust=-1) | {"attempts": "best"}, FULL - 1),
]


@pytest.mark.parametrize(("attempts", "policy", "points"), CASES)
def test_an_instructors_points_stand_beside_or_in_place_of_the_verdicts(
    week1, attempts, policy, points
):
    got = week1(*attempts, **policy).points
    assert got is None if points is None else got == pytest.approx(points, abs=0.005)


def test_what_was_said_by_hand_is_told_in_words(week1):
    rule = {FIRST: TaskRule(1.5, "Nearly."), SECOND: TaskRule(None, "Neat!")}
    mark = week1(PARTS, **own(adjust=-1, comment="At\nthe board.", tasks=rule))
    assert mark.words == (
        "-1 by the instructor", "At the board.", f"{FIRST}: 1.5 by the instructor",
        f"{FIRST}: Nearly.", f"{SECOND}: Neat!",
    )  # fmt: skip
    shown = {task["name"]: (task["points"], task["comment"]) for task in mark.tasks}
    assert shown[FIRST] == (1.5, "Nearly.") and shown[SECOND] == (0, "Neat!")
    assert mark.result["tasks"][0]["points"] == POINTS[FIRST], "the verdict itself is unchanged"


def test_lateness_takes_its_share_before_an_adjustment(verdict, made_up):
    due = datetime.fromtimestamp(DUE, UTC)
    book = made_up(["ann"], ["week1"])
    book.hand_in("ann", verdict("ann", ALL), DUE + DAY)
    rules = {"weeks": {"week1": WeekRule(due=due)}, "late": Late(per_day=0.5)}
    (ann,) = class_marks(book, Policy(**rules, **own(adjust=-1))).students
    assert ann.total == FULL / 2 - 1 and "50 % taken off" in ann.weeks[0].notes[0]


TWO = "two files may be meant"
STAYS_EMPTY = [{}, own(adjust=2), given(1.5), {"files": {ANN: "backup/week1.py"}}]


@pytest.mark.parametrize("policy", STAYS_EMPTY)
@pytest.mark.parametrize("attempts", [[], [ALL]])
def test_a_cell_that_is_open_stays_empty_whatever_is_added(week1, attempts, policy):
    mark = week1(*attempts, open=TWO, **policy)
    assert mark.points is None and TWO in mark.open and mark.state == "not accepted"
    assert mark.remarks[0] == "not accepted" and mark.open in mark.remarks


@pytest.mark.parametrize(("attempts", "points"), [([], 0), ([PARTS], SOME)])
def test_the_instructors_none_ends_that(week1, attempts, points):
    mark = week1(*attempts, open=TWO, files={ANN: "none"})
    assert mark.points == points and not mark.open


def test_a_total_that_lacks_a_week_is_marked(verdict, made_up):
    book = made_up(["ann", "bob"], ["week1", "week2"], open={ANN: TWO})
    book.hand_in("ann", verdict("ann", ALL, week="week2"))
    marks = class_marks(book, Policy())
    assert [each.incomplete for each in marks.students] == [["week1"], []]
    ann = marks.students[0]
    assert grades(marks) == (
        f"student,week1,week2,total,incomplete\nann,,{ann.total:g},{ann.total:g},week1\nbob,0,0,0,\n"
    )


def test_who_has_left_has_no_row(verdict, made_up):
    book = made_up(["ann", "bob"], ["week1"])
    book.hand_in("ann", verdict("ann", ALL))
    marks = class_marks(book, Policy(left=frozenset({"ann"})))
    assert grades(marks) == "student,week1,total\nbob,0,0\n"
    assert book.attempts("ann", "week1"), "nothing is deleted"


# Groups --------------------------------------------------------------------------------------


@pytest.fixture
def team(verdict, made_up):
    """Returns the mark of a group of Ann and Bob, from (owner, statuses, time, file) in turn."""

    def team(*handed, open=(), **policy):
        book = made_up(["Team 1", "ann", "bob", "cy"], ["week1"], open=dict(open))
        for owner, statuses, time, digest in handed:
            book.hand_in(owner, verdict(owner, statuses), time, digest=digest)
        rules = Policy(groups={"Team 1": ("ann", "bob")}, **policy)
        found = class_marks(book, rules).students
        assert [each.student for each in found] == ["ann", "bob", "cy"], "the group has no row"
        assert found[2].weeks[0].points == 0, "students in no group do not get the group's points"
        first, second = (each.weeks[0] for each in found[:2])
        assert first.points == second.points and first.open == second.open
        return first

    return team


def test_a_member_gets_what_any_member_handed_in(team):
    for owner in ("ann", "bob", "Team 1"):
        mark = team((owner, PARTS, 1.0, "x"))
        assert mark.points == SOME and mark.notes == ("handed in by the group Team 1",)
    assert team().points == 0
    assert team(("ann", PARTS, None, "x"), ("bob", PARTS, None, "x")).points == SOME, "one file"


def test_of_different_files_the_later_counts_and_it_is_said(team):
    for handed in ([("ann", PARTS, 1.0, "x"), ("bob", ALL, 2.0, "y")],
                   [("bob", ALL, 2.0, "y"), ("Team 1", PARTS, 1.0, "x")]):  # fmt: skip
        mark = team(*handed)
        assert mark.points == FULL and "the latest of 2 different files counts" in mark.notes


@pytest.mark.parametrize("times", [(None, 2.0), (1.0, None), (None, None), (3.0, 3.0)])
def test_where_nothing_tells_which_is_later_the_cell_is_empty(team, times):
    handed = [("ann", PARTS, times[0], "x"), ("bob", ALL, times[1], "y")]
    mark = team(*handed)
    assert mark.points is None and "Team 1" in mark.open
    assert not any(name in mark.open for name in ("ann", "bob")), "students' pages show it"
    assert team(*handed, files={("ann", "week1"): "none"}).points == FULL
    assert team(*handed, files={("bob", "week1"): "none"}).points == SOME


def test_a_members_file_that_cannot_be_taken_empties_the_groups_cell(team):
    handed, open = ("ann", PARTS, 1.0, "x"), {("bob", "week1"): TWO}
    assert team(handed, open=open).points is None
    assert team(handed, open=open, files={("bob", "week1"): "none"}).points == SOME


def test_the_best_attempt_of_a_group_may_be_anybodys(team):
    handed = [("ann", ALL, 1.0, "x"), ("ann", (), 2.0, "y"), ("bob", PARTS, 3.0, "z")]
    assert team(*handed, attempts="best").points == FULL
    assert team(*handed).points == SOME


# Rubrics that changed ------------------------------------------------------------------------


def earlier(result, factor=2):
    """A verdict made when every task had other points."""
    tasks = [
        task | {"points": task["points"] * factor, "max_points": task["max_points"] * factor}
        for task in result["tasks"]
    ]
    return result | {
        "tasks": tasks, "points": result["points"] * factor,
        "max_points": result["max_points"] * factor,
    }  # fmt: skip


@pytest.fixture
def changed(verdict, made_up):
    """A class where Ann's verdict has earlier points and Bob's has today's."""
    book = made_up(["ann", "bob"], ["week1"])
    book.hand_in("ann", earlier(verdict("ann", PARTS)), rubric="earlier")
    book.hand_in("bob", verdict("bob", PARTS), rubric=rubric_fingerprint("week1"))
    return book


def test_old_points_never_stand_under_a_new_maximum(changed):
    marks = class_marks(changed, Policy())
    ann, bob = (each.weeks[0] for each in marks.students)
    assert marks.worth == {"week1": FULL} and bob.points == SOME and bob.worth == FULL
    assert ann.points is None and ann.stale and ann.state == "judged earlier"
    assert f"had {FULL * 2:g} points, now {FULL:g}: run class … --again" in ann.notes[0]


def test_where_all_verdicts_are_of_one_time_its_points_count(changed):
    del changed.work["bob", "week1"]
    marks = class_marks(changed, Policy())
    ann, bob = (each.weeks[0] for each in marks.students)
    assert marks.worth == {"week1": FULL * 2} and ann.points == SOME * 2 and bob.points == 0


def test_with_a_weight_a_verdict_counts_by_its_own_share(changed):
    marks = class_marks(changed, Policy(weeks={"week1": WeekRule(weight=50)}))
    ann, bob = (each.weeks[0] for each in marks.students)
    assert ann.points == bob.points == round(50 * SOME / FULL, 2)
    assert "its share of the points counts" in ann.notes[0] and not bob.notes


def test_the_best_attempt_waits_for_one_under_other_points(changed, verdict):
    changed.hand_in("ann", verdict("ann", ()))
    assert class_marks(changed, Policy()).students[0].weeks[0].points == 0
    best = class_marks(changed, Policy(attempts="best")).students[0].weeks[0]
    assert best.points is None and best.stale


def test_other_checks_for_the_same_points_are_noted_and_count(verdict, made_up):
    book = made_up(["ann", "bob", "cy"], ["week1"])
    for name, rubric in (("ann", "earlier"), ("bob", rubric_fingerprint("week1")), ("cy", "")):
        book.hand_in(name, verdict(name, PARTS), rubric=rubric)
    found = [each.weeks[0] for each in class_marks(book, Policy()).students]
    assert [mark.changed for mark in found] == [True, False, False]
    assert {mark.points for mark in found} == {SOME}


def test_a_task_that_counts_for_nobody_makes_no_other_maximum(verdict, made_up):
    book = made_up(["ann", "bob"], ["week1"])
    book.hand_in("ann", verdict("ann", ALL))
    without = verdict("bob", ALL)
    book.hand_in("bob", without | {"tasks": without["tasks"][1:]})
    rules = {"week1": WeekRule(waive=frozenset({FIRST}))}
    found = class_marks(book, Policy(weeks=rules)).students
    assert {each.total for each in found} == {FULL - POINTS[FIRST]}
