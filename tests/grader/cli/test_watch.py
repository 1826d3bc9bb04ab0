"""`watch`: warm, training last, only what changed, and stopped by the next save."""

import os
import threading
import time

import pytest

from grader.cli.watch import Watcher, stamp, watch

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
