"""How much of the solutions is in the hand-out, and when `release` refuses it."""

import pytest

from grader.course import COURSE, Course
from grader.handout.likeness import exceptions, likeness
from grader.handout.release import ReleaseError, measure, refuse_answers
from grader.rubric import read_rubric

SOLUTION = '''
def spread(values):
    """How far values are apart."""
    centre = jnp.mean(values, axis=0)
    apart = (values - centre) ** 2
    wide = jnp.where(apart > 1, apart, 0)
    count = len(values) - 1
    total = _summed(wide, count)
    return jnp.sqrt(total / count)


def _summed(wide, count):
    return jnp.sum(wide[1:count], axis=-1)
'''


@pytest.fixture
def course(tmp_path):
    """A course with one task: six statements, and a helper with one."""
    root = tmp_path / "course"
    (root / "solutions").mkdir(parents=True)
    (root / "checks").mkdir()
    (root / "checks/week1.py").write_text(
        "@task(points=1, functions=('spread',))\ndef check_spread(student, secret, judge):\n"
        "    'A task'\n"
    )
    (root / "solutions/week1.py").write_text(SOLUTION)
    return Course(root, root / "checks")


def measured(course, tmp_path, text, name="checks/week1.py"):
    file = tmp_path / "handout" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    (found,) = likeness(tmp_path / "handout", course)
    return found


FOUR = """
def ours(x):
    m = np.mean(x, axis=0)
    d: Array = (x - m) ** 2
    w = np.where(d > 1, d, 0)
    n = len(x) - 1
    return n, w
"""


def test_names_targets_and_annotations_hide_nothing(course, tmp_path):
    found = measured(course, tmp_path, FOUR)
    assert (found.function, found.run, found.statements, found.most) == ("spread", 4, 6, 3)
    assert found.place == "checks/week1.py, lines 3–6" and found.is_too_much


def test_three_statements_in_a_row_are_no_answer(course, tmp_path):
    found = measured(course, tmp_path, FOUR.replace("len(x) - 1", "len(x) - 2"))
    assert found.run == 3 and not found.is_too_much


def test_statements_that_do_not_follow_each_other_are_counted_alone(course, tmp_path):
    lines = FOUR.strip().split("\n")
    found = measured(course, tmp_path, "\n".join([*lines[:3], "    print(3, d)", *lines[3:]]))
    assert (found.function, found.run) == ("spread", 2)


@pytest.mark.parametrize(
    "text",
    [
        "total = np.sum(d[1:n], axis=-1)\n",
        "judge.same(got, np.float32(np.sum(d[1:n], axis=-1)))\n",
        "HINT = 'Sum up: `jnp.sum(a[1:b], axis=-1)`.'\n",
    ],
)
def test_a_body_of_one_statement_is_found_inside_others_too(course, tmp_path, text):
    found = measured(course, tmp_path, text)
    assert (found.function, found.run, found.is_too_much) == ("_summed", 1, True)


def test_pages_are_handed_out_and_lib_and_last_hints_do_not_count(course, tmp_path):
    block = "```python\n" + FOUR.split("\n", 2)[2].replace("    ", "") + "```\n"
    block = block.replace("return n, w\n", "")
    found = measured(course, tmp_path, f"# Week 1\n\n{block}", "exercises/week1.md")
    assert found.place.startswith("exercises/week1.md, lines 4") and found.run == 4
    (tmp_path / "handout/exercises/week1.md").unlink()
    assert measured(course, tmp_path, FOUR, "lib/ours.py").run == 0
    hints = "@task(hints=('Think.', 'np.sum(wide[1:count], axis=-1)'))\ndef check_it(): ...\n"
    assert measured(course, tmp_path, hints).run == 0
    assert measured(course, tmp_path, hints.replace("'))", "', 'More.'))")).run == 1


def test_the_release_names_task_file_and_lines_and_takes_a_reason(course, tmp_path):
    measured(course, tmp_path, FOUR)
    with pytest.raises(ReleaseError) as refused:
        refuse_answers(tmp_path / "handout", course)
    assert "week1 spread: 4 of 6 statements" in str(refused.value)
    assert "checks/week1.py, lines 3–6" in str(refused.value)
    reasons = course.solutions / "handed_out.toml"
    reasons.write_text('[week1]\nspread = "Statistics for everybody."\n')
    refuse_answers(tmp_path / "handout", course)
    reasons.write_text('[week1]\nspread = ""\n')
    with pytest.raises(ReleaseError, match="a reason must be a text"):
        refuse_answers(tmp_path / "handout", course)


def test_no_solution_of_this_course_is_given_away():
    found = measure(COURSE)
    assert len(found) == sum(
        len(read_rubric(COURSE.checks / f"{week}.py")) for week in COURSE.weeks()
    )
    assert [str(each) for each, reason in found if each.is_too_much and not reason] == []
    needed = {each.key for each, _ in found if each.is_too_much}
    assert needed == exceptions(COURSE).keys(), "a reason that is not needed"
