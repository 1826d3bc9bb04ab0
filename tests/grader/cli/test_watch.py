"""`watch` stays warm, trains last, runs only what changed, and stops at the next save."""

import io
import os
import re
import sys
import threading
import time

import pytest

from grader.cli.screen import Saved, WatchScreen, changes, stamp
from grader.cli.watch import Watcher, watch
from grader.results.model import TaskResult, WeekResult
from grader.rubric import read_rubric

TRAINING = '''
from grader.rubric import task


@task(points=1, functions=("train",), seconds=30, training=True)
def check_train(student, secret, judge):
    """Trains."""
    judge.same(student.train(), 1)


@task(points=1, functions=("quick",), seconds=5)
def check_quick(student, secret, judge):
    """Is quick."""
    judge.same(student.quick(), 2)
'''


@pytest.fixture
def watched(tiny, tmp_path, tier):
    from grader.course import Course

    checks = tmp_path / "checks"
    checks.mkdir()
    (checks / "week93.py").write_text(TRAINING)
    path = tmp_path / "exercises/week93.py"
    path.parent.mkdir()
    path.write_text("def train():\n    return 1\ndef quick():\n    return 3\n")
    watcher = Watcher("week93", path, Course(tmp_path, checks), tier)
    yield watcher
    watcher.close()


def statuses(result):
    return {task.name: task.status for task in result.tasks}


def save(path, text):
    path.write_text(text)
    later = time.time_ns() + 10**9
    os.utime(path, ns=(later, later))


def test_training_comes_last_and_what_passed_is_not_run_again(watched, capsys):
    first = watched.grade()
    assert statuses(first) == {"train": "passed", "quick": "failed"}
    out = capsys.readouterr().out
    assert out.index("Is quick") < out.index("now the tasks that train") < out.index("Trains")
    save(watched.path, "def train():\n    return 1\ndef quick():\n    return 2\n")
    second = watched.grade()
    assert statuses(second) == {"train": "passed", "quick": "passed"}
    assert second.tasks[0] is first.tasks[0]
    assert "now the tasks" not in capsys.readouterr().out
    save(watched.path, "def train():\n    return 0\ndef quick():\n    return 2\n")
    assert statuses(watched.grade()) == {"train": "failed", "quick": "passed"}


def test_saving_again_stops_what_runs(watched):
    watched.path.write_text("def train():\n    while True: pass\ndef quick():\n    return 2\n")
    timer = threading.Timer(4, save, (watched.path, "def train():\n    return 1\n"))
    timer.start()
    started = time.monotonic()
    assert watched.grade() is None
    assert time.monotonic() - started < 25
    timer.join()
    assert statuses(watched.grade())["train"] == "passed"


COMPILES = """
import jax
def train():
    return 1
def quick():
    events = []
    jax.monitoring.register_event_listener(lambda event, **_: events.append(event))
    jax.jit(lambda x: 3 * x + {number})(1.0)
    return 2 if "/jax/compilation_cache/cache_hits" in events else 3
"""


def test_what_was_compiled_is_kept_from_one_save_to_the_next(watched):
    found = []
    for change in ("", "# changed\n", ""):
        save(watched.path, COMPILES.format(number=len(found) // 2) + change)
        found.append(statuses(watched.grade())["quick"])
    assert found == ["failed", "passed", "failed"], "the third version compiles something new"


def test_control_c_ends_cleanly(watched, monkeypatch):
    class Clock:
        @staticmethod
        def sleep(seconds):
            raise KeyboardInterrupt

    monkeypatch.setattr("grader.cli.watch.time", Clock)
    assert watch("week93", watched.path, watched.course, watched.tier) == 0


def test_a_file_that_is_gone_for_a_moment_is_bearable(tmp_path):
    assert not any(stamp(tmp_path / "nothing.py"))


def result(**statuses):
    made = WeekResult("week91", "week91.py", True, "embedded", "process", "cpu", "abc")
    made.tasks = [
        TaskResult(name, f"Title of {name}.", status, 0, 1, message=f"message of {name}")
        for name, status in statuses.items()
    ]
    return made


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (("todo", "failed"), ("passed", "passed"), "✓ double, answer"),
        (("passed", "todo"), ("failed", "error"), "✗ double, answer"),
        (("passed", "failed"), ("timeout", "passed"), "✓ answer  ✗ double"),
        (("passed", "passed"), ("todo", "skipped"), "✗ double, answer"),
        (("failed", "passed"), ("error", "passed"), "the same verdicts"),
        (("passed", "todo"), ("ungraded", "skipped"), "the same verdicts"),
    ],
)
def test_what_a_save_has_changed(before, now, said):
    names = ("double", "answer")
    last, this = (result(**dict(zip(names, each, strict=True))) for each in (before, now))
    assert changes(last, this).plain == f"   since the last save: {said}"


def test_points_that_a_save_has_changed_are_said():
    last, this = (result(double="failed", answer="failed") for _ in range(2))
    last.tasks[1].points, this.tasks[1].points = 1.0, 0.5
    said = changes(last, this).plain
    assert said == "   since the last save: answer 1 → 0.5 points"
    this.tasks[0].status = "passed"
    said = changes(last, this).plain
    assert said == "   since the last save: ✓ double  answer 1 → 0.5 points"


class Terminal(io.StringIO):
    def isatty(self):
        return True

    def take(self):
        """Returns the text written since the last call, without colours."""
        written = re.sub(r"\x1b\[[0-9;]*m", "", self.getvalue())
        self.seek(0)
        self.truncate()
        return written


@pytest.fixture
def terminal(monkeypatch):
    """Replaces stdout with a terminal."""
    for name, value in (("TERM", "xterm"), ("COLUMNS", "70"), ("LINES", "24")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)

    def terminal():
        made = Terminal()
        monkeypatch.setattr(sys, "stdout", made)
        return made

    return terminal


OTHER, BACK, CLEAR = "\x1b[?1049h", "\x1b[?1049l", "\x1b[2J"


def test_a_terminal_shows_the_last_verdict_until_the_next_is_there(tiny, tmp_path, terminal):
    out = terminal()
    rubric = {task.name: task for task in read_rubric(tiny.checks / "week91.py")}
    last = result(double="failed", answer="failed")
    screen = WatchScreen(tmp_path / "week91.py", tiny, last)
    now = result(double="passed", answer="failed")
    screen.week_started(now)
    screen.task_started(rubric["double"])
    shown = out.take()
    assert shown.startswith(OTHER) and re.search(r"\d\d:\d\d:\d\d  week91", shown)
    drawn = shown.split("\x1b[H")[-1]
    assert drawn.index("Twice a number") < drawn.index("message of double")
    assert "message of answer" in drawn and BACK not in shown
    screen.task_done(now.tasks[0])
    drawn = out.take().split("\x1b[H")[-1]
    assert "✓ Title of double." in drawn and "message of double" in drawn
    screen.task_done(now.tasks[1])
    screen.week_done(now)
    left = out.take().split(BACK)[-1]
    assert CLEAR in left and "✓ Title of double." in left and "✗ Title of answer." in left
    assert left.index("1 of 2 tasks") < left.index("since the last save: ✓ double")


def test_the_screen_is_given_back_when_a_save_stops_the_run(tiny, tmp_path, terminal):
    out, path = terminal(), tmp_path / "week91.py"
    screen = WatchScreen(path, tiny, None)
    screen.week_started(result(double="failed"))
    screen.tick("")
    path.write_text("x = 1\n")
    with pytest.raises(Saved):
        screen.tick("")
    screen.close()
    assert out.take().endswith(BACK)


def test_a_dumb_terminal_gets_lines(watched, terminal, monkeypatch):
    assert not watched.draws, "made in a pipe"
    terminal()
    for term, draws in (("dumb", False), ("xterm", True)):
        monkeypatch.setenv("TERM", term)
        watcher = Watcher(watched.week, watched.path, watched.course, watched.tier)
        watcher.close()
        assert watcher.draws is draws
