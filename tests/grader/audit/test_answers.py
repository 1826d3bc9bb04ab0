"""Files of answers: headers, their place in the solution, and what a message must say."""

import pytest

from grader.audit.answers import (
    Answer,
    AnswerError,
    complaints,
    read_answers,
    read_equal,
    swapped,
    without_mark,
)
from grader.course import Course
from grader.rubric import Task

GOOD = '# task: double\n# status: failed\n# words: "two", "twice"\n# points: 0.5\n'
VERSION = "\n\ndef double(x):\n    return x + 2  # <-\n"
SOLUTION = "import lib\n\n\ndef double(x):\n    return 2 * x\n\n\ndef other():\n    return 1\n"


@pytest.fixture
def course(tmp_path):
    """A course with a folder for answers to week1's double, and nothing else."""
    (tmp_path / "tests/mistakes/week1/double").mkdir(parents=True)
    return Course(tmp_path, tmp_path / "checks")


@pytest.fixture
def read(course):
    """Reads an answer to double."""

    def read(text, name="added"):
        path = course.root / "tests/mistakes/week1/double" / f"{name}.py"
        path.write_text(text)
        return Answer.read(path)

    return read


def test_a_file_is_read(read, course):
    answer = read(GOOD + VERSION)
    assert (answer.week, answer.task, answer.name) == ("week1", "double", "added")
    assert (answer.words, answer.unwanted, answer.points) == (("two", "twice"), (), 0.5)
    assert not answer.right and read_answers(course, "week1", "double") == [answer]


@pytest.mark.parametrize(
    ("header", "name", "said"),
    [
        ("# task: triple\n# status: failed\n", "a", "must say `# task: double`"),
        (
            "# task: double\n# status: passed\n",
            "a",
            "must be `passed` for right_*.py, and only for these",
        ),
        (
            "# task: double\n# status: failed\n",
            "right_a",
            "must be `passed` for right_*.py, and only for these",
        ),
        ("# task: double\n# state: failed\n", "a", "'# state: failed' is not a line of a header"),
        ("# task: double\n# status: failed\n# words: two\n", "a", "cannot be read"),
        ("def double(x):\n    return x\n", "a", "is not a line of a header"),
        ("# task: double\n", "a", "cannot be read: 'status'"),
    ],
)
def test_a_header_that_is_none_is_a_sentence(read, header, name, said):
    with pytest.raises(AnswerError, match="mistakes/week1/double/") as error:
        read(header + VERSION, name)
    assert said in str(error.value)


def test_a_version_takes_its_place_and_names_its_lines(read):
    answer = read(GOOD + VERSION)
    task = Task("double", "Double.", 1, ("double",))
    source = swapped(SOLUTION, task, answer.version)
    assert "2 * x" not in source and "def other" in source
    assert answer.lines(source) == [5]
    assert without_mark(source).split("\n")[4] == "    return x + 2"
    unmarked = read(GOOD + VERSION.replace("  # <-", ""))
    assert list(unmarked.lines(swapped(SOLUTION, task, unmarked.version))) == [4, 5]
    misspelt = swapped(SOLUTION, task, "def dubble(x):\n    return x")
    assert "def double" not in misspelt and "def dubble" in misspelt


def test_what_is_wrong_with_a_message_is_said():
    text = "It adds two.\nyour line        week1.py:5  return x + twice\n"
    assert complaints(text, ("Two",), [5], "week1.py") == []
    assert complaints(text, ("twice",), [], "week1.py") == ["it does not say 'twice'"]
    assert complaints(text, (), [], "week1.py", ("ADDS",)) == ["it says 'ADDS'"]
    assert complaints(text, (), [4], "week1.py") == ["it does not name the wrong line"]


def test_reasons_of_mutants_are_read(course):
    assert read_equal(course, "week1", "double") == {}
    path = course.root / "tests/mistakes/week1/double/equal.toml"
    path.write_text("[[equal]]\nwas = 'return 2 * x'\nbecomes = 'return x * 2'\nwhy = 'a'\n")
    assert read_equal(course, "week1", "double") == {("return 2 * x", "return x * 2"): "a"}
    path.write_text("[[equal]]\nwas = 'return 2 * x'\n")
    with pytest.raises(AnswerError, match=r"equal\.toml: not a list of \[\[equal\]\]"):
        read_equal(course, "week1", "double")
