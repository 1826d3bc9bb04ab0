"""Control groups: the kernel counts what a worker uses, and no group remains."""

import subprocess
import sys
from pathlib import Path

import pytest

from grader.worker import cgroup
from grader.worker.cgroup import Group
from grader.worker.limits import Limits
from grader.worker.supervisor import Worker, WorkerGone

FORKS = """
import os, sys, time
made = 0
for _ in range(100):
    try:
        if os.fork() == 0:
            time.sleep(100)
            os._exit(0)
        made += 1
    except OSError:
        break
print(made)
"""
FILES_IN_MEMORY = b"""
def fill():
    for number in range(8):
        with open(f"/dev/shm/{number}", "wb") as file:
            for _ in range(100):
                file.write(bytes(2**20))
"""


def needs_groups():
    if not cgroup._works():
        pytest.skip("this process may make no control groups")


def test_the_kernel_stops_forks_at_the_number():
    needs_groups()
    group = cgroup.make(2**30, 20)
    assert group is not None and all(folder.is_dir() for folder in group.folders)
    done = subprocess.Popen(
        group.command([sys.executable, "-c", FORKS]), stdout=subprocess.PIPE, text=True
    )
    assert done.stdout is not None
    assert int(done.stdout.readline()) == 19
    for pid in (group.folders[-1] / "cgroup.procs").read_text().split():
        subprocess.run(["kill", "-9", pid], check=False)
    done.communicate()
    group.remove()
    assert not any(folder.exists() for folder in group.folders)


def test_files_in_memory_count_and_the_cause_is_named(tier):
    needs_groups()
    if tier != "sandbox":
        pytest.skip("elsewhere the files would be left to the machine")
    worker = Worker(tier, limits=Limits(memory_bytes=2**29))
    group = worker._group
    assert group is not None
    message = {"do": "load", "name": "f", "file": "f.py", "source": FILES_IN_MEMORY}
    worker.request(message, 30, 60)
    with pytest.raises(WorkerGone, match="more than 0.5 GiB of memory"):
        worker.request({"do": "call", "name": "fill", "args": (), "kwargs": {}}, 60, 120)
    assert not any(folder.exists() for folder in group.folders)


def test_groups_of_killed_graders_are_removed():
    needs_groups()
    code = "import os; from grader.worker import cgroup; cgroup.make(2**29, 9)"
    code += "; os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=False)
    (parent, *_) = cgroup._parents()
    left = set(parent.glob(f"{cgroup.NAME}-*"))
    made = cgroup.make(2**29, 9)
    assert made is not None
    made.remove()
    assert len(left - set(parent.glob(f"{cgroup.NAME}-*"))) >= 1


@pytest.fixture
def unified(tmp_path, monkeypatch):
    """Makes a tree like the kernel's unified hierarchy."""
    monkeypatch.setattr(cgroup, "MOUNTED", tmp_path)
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids")
    (tmp_path / "cgroup.subtree_control").write_text("cpu memory pids")
    (tmp_path / "user/session").mkdir(parents=True)
    (tmp_path / "user/cgroup.subtree_control").write_text("memory pids")
    (tmp_path / "user/session/cgroup.subtree_control").write_text("")
    return tmp_path


def test_the_nearest_group_that_counts_is_taken(unified):
    found = list(cgroup._unified("/user/session"))
    assert found == [(unified / "user",), (unified,)]
    (unified / "user/cgroup.subtree_control").write_text("cpu")
    assert list(cgroup._unified("/user/session")) == [(unified,)]


def test_both_hierarchies_tell_when_memory_ran_out(tmp_path):
    for name in ("memory.events", "memory.oom_control"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / name).write_text("low 0\noom_kill_disable 0\noom_kill 0\n")
        assert not Group((folder,)).ran_out()
        (folder / name).write_text("low 0\noom_kill_disable 0\noom_kill 2\n")
        assert Group((folder,)).ran_out()
    assert not Group((tmp_path / "gone",)).ran_out()


def test_without_groups_a_worker_is_watched_from_outside(monkeypatch, tier):
    monkeypatch.setattr(cgroup, "_works", lambda: False)
    with Worker(tier, limits=Limits(memory_bytes=2**29)) as worker:
        assert worker._group is None
        source = b"def grow():\n    kept = []\n    while True: kept.append(b'x' * 2**26)\n"
        worker.request({"do": "load", "name": "f", "file": "f.py", "source": source}, 30, 60)
        with pytest.raises(WorkerGone, match="more than 0.5 GiB of memory"):
            worker.request({"do": "call", "name": "grow", "args": (), "kwargs": {}}, 60, 120)
