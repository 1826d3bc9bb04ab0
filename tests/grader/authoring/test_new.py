"""`python -m grader new`: what is written, what is refused, and that nothing is lost."""

import shutil

import pytest

from grader.cli.main import main
from grader.course import COURSE, Course
from grader.rubric import read_rubric
from grader.source.stubs import week_stub


@pytest.fixture
def course(tmp_path):
    """A separate course with week 9, whose first task is called one."""
    made = Course(tmp_path, tmp_path / "grader/checks")
    made.solutions.mkdir()
    made.checks.mkdir(parents=True)
    assert main(["new", "week9", "one"], made) == 0
    return made


def texts(course):
    return {p: p.read_bytes() for p in sorted(course.root.rglob("*")) if p.is_file()}


def test_a_week_is_all_its_files(course):
    found = {str(path.relative_to(course.root)) for path in texts(course)}
    mistakes = {f"tests/mistakes/week9/one/{name}.py" for name in
                ("not_centred", "not_scaled", "variance_without_root")}  # fmt: skip
    assert found == mistakes | {
        "solutions/week9.py", "exercises/week9.py", "exercises/week9.md",
        "grader/checks/week9.py", "grader/explanations/week9.md",
    }  # fmt: skip
    assert course.weeks() == ["week9"]
    assert [task.name for task in read_rubric(course.checks / "week9.py")] == ["one"]


def test_the_exercise_has_no_answer_and_nothing_of_what_the_author_reads(course):
    text = (course.exercises / "week9.py").read_text()
    assert text == week_stub(course, "week9")
    assert 'raise NotImplementedError("Write one' in text
    assert "centred" not in text and "Replace this" not in text


def test_a_task_comes_at_the_end_and_before_the_questions(course, capsys):
    before = texts(course)
    assert main(["new", "task", "two", "--week", "week9"], course) == 0
    assert "--solutions --task two" in capsys.readouterr().out
    after = texts(course)
    for path, data in before.items():
        if path.suffix == ".py" and path.parent.name != "exercises" or "explan" in str(path):
            assert after[path].startswith(data.rstrip()), path
    assert [task.name for task in read_rubric(course.checks / "week9.py")] == ["one", "two"]
    lesson = (course.exercises / "week9.md").read_text()
    assert lesson.index("## one") < lesson.index("## two") < lesson.index("## Further reading")
    assert lesson.endswith(before[course.exercises / "week9.md"].decode().rpartition("## Q")[2])
    text = (course.exercises / "week9.py").read_text()
    assert text == week_stub(course, "week9") and "def two(" in text


def test_work_in_the_exercise_is_kept_beside_it(course):
    path = course.exercises / "week9.py"
    path.write_text("def one(values):\n    return values\n")
    assert main(["new", "task", "two", "--week", "week9"], course) == 0
    assert path.with_name("week9.py.1.old").read_text().endswith("return values\n")


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["week9"], "week9 is there already: solutions/week9.py"),
        (["Week 9"], "such as week10; not 'Week 9'"),
        (["week09"], "such as week10"),
        (["../week10"], "such as week10"),
        (["week10", "2nd"], "such as mean_of_rows; not '2nd'"),
        (["week10", "print"], "not 'print'"),
        (["week10", "judge"], "not 'judge'"),
        (["week10", "ﬁt"], "not 'ﬁt'"),
        (["week10", "class"], "not 'class'"),
        (["week10", "_own"], "not '_own'"),
        (["week10", "a/b"], "not 'a/b'"),
        (["week10", "jax"], "solutions/week10.py has a jax already"),
        (["task", "two"], "new task NAME --week WEEK"),
        (["task"], "new task NAME --week WEEK"),
        (["week10", "--week", "week9"], "--week needs a task"),
        (["task", "one", "--week", "week9"], "solutions/week9.py has a one already"),
        (["task", "two", "--week", "week8"], "There is no week8. There are: week9."),
        (["task", "two", "--week", "nine"], "There is no nine."),
    ],
)
def test_what_cannot_be_is_a_sentence_and_nothing_is_written(course, capsys, argv, said):
    before = texts(course)
    assert main(["new", *argv], course) == 2
    assert said in capsys.readouterr().err
    assert texts(course) == before


def test_one_file_of_a_week_is_enough_to_stop(course, capsys):
    for place in ("exercises/week10.md", "tests/mistakes/week10/x.py"):
        path = course.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        before = texts(course)
        assert main(["new", "week10"], course) == 2
        assert "week10 is there already" in capsys.readouterr().err
        assert texts(course) == before
        path.unlink()


def test_a_file_without_the_imports_is_named(course, capsys):
    path = course.solutions / "week9.py"
    path.write_text(path.read_text().replace("import jax\n", "import jax.numpy as jnp\n"))
    assert main(["new", "task", "two", "--week", "week9"], course) == 2
    assert "solutions/week9.py does not import jax" in capsys.readouterr().err


def test_a_solution_that_cannot_be_read_is_a_sentence(course, capsys):
    (course.solutions / "week9.py").write_text("def one(:\n")
    assert main(["new", "task", "two", "--week", "week9"], course) == 2
    err = capsys.readouterr().err
    assert "solutions/week9.py" in err and "line 1" in err and "Traceback" not in err


def test_a_handout_writes_no_weeks(course, capsys):
    shutil.rmtree(course.solutions)
    assert main(["new", "week10"], course) == 2
    assert "hand-out for students" in capsys.readouterr().err


def test_the_checks_of_another_checkout_are_left_alone(course, capsys):
    assert main(["new", "week98"], Course(course.root, COURSE.checks)) == 2
    assert "in its own checkout" in capsys.readouterr().err
    assert "week98" not in COURSE.weeks()
