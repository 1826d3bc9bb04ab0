"""The class in the report's picture: mistakes in today's tasks, and always the same class."""

from benchmarks import report_picture
from benchmarks.report_picture import MISTAKES, STUDENTS, WEEKS, hand_in
from grader.course import COURSE
from grader.rubric import read_rubric


def test_every_mistake_is_about_a_task():
    tasks = [task for week in WEEKS for task in read_rubric(COURSE.checks / f"{week}.py")]
    assert MISTAKES.keys() <= {name for task in tasks for name in task.functions}
    assert "convolve2d" in MISTAKES, "the picture shows this task"


def test_the_class_is_the_same_every_time_and_everybody_can_be_read(tmp_path):
    hand_in(tmp_path / "one")
    hand_in(tmp_path / "two")
    files = {p.relative_to(tmp_path / "one"): p for p in (tmp_path / "one").rglob("*.py")}
    assert {path.parts[0] for path in files} == set(STUDENTS)
    assert len({path.read_text() for path in files.values()}) > len(STUDENTS)
    for name, path in files.items():
        assert (tmp_path / "two" / name).read_text() == path.read_text()
        compile(path.read_text(), str(name), "exec")


def test_the_picture_is_there():
    from PIL import Image

    with Image.open(report_picture.PICTURE) as picture:
        assert picture.size == (1600, 860)
