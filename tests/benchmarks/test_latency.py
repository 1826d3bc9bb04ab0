"""Waiting times: what changes between two saves, and which commands count as timings."""

import pytest

from benchmarks import latency
from grader.course import COURSE

SOURCE = '''
def double(x):
    """Twice."""  # a comment
    return 2 * x


class Half:
    def of(self, x):
        return x / 2
'''


def test_every_function_is_changed_and_does_what_it_did():
    text = latency.changed(SOURCE, 7)
    assert text.count("turn = 7") == 2
    names = {}
    exec(compile(text, "changed", "exec"), names)
    assert names["double"](4) == 8 and names["double"].__doc__ == "Twice."
    assert names["Half"]().of(4) == 2


def test_one_function_is_changed_by_name():
    text = latency.changed(SOURCE, 7, "of")
    assert text.count("turn = 7") == 1 and "def of(self, x):\n        turn = 7" in text


def test_a_command_that_ends_wrongly_is_no_timing(tmp_path):
    with pytest.raises(RuntimeError, match="ended with exit status 2; 0 was expected"):
        latency.graded(("week1", "--submission", str(tmp_path / "none")), tmp_path, 0)
    assert latency.graded(("week1", "--submission", str(tmp_path / "none")), tmp_path, 2) > 0


def test_a_watch_that_says_something_else_is_no_timing():
    with pytest.raises(RuntimeError, match="Its last output: one / two"):
        latency._until(["one\n", "two\n"], "three")
    with pytest.raises(RuntimeError, match="✗ wrong"):
        latency._until(["✗ wrong\n", "three\n"], "three")


def test_the_sheet_of_commands_names_every_week():
    solved = {words[0] for _, words, _, _ in latency.COMMANDS if words[1:] == ("--solutions",)}
    stubs = {words[0] for _, words, _, _ in latency.COMMANDS if "STUBS" in words}
    assert solved - {"all"} == stubs == set(COURSE.weeks())
    assert "all" in solved
