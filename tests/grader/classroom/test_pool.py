"""Judging processes: workers are ready in advance, one per submission; a stop ends all at once."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from grader.classroom import pool
from grader.classroom.pool import Job, Judges
from grader.secret import Secret
from grader.worker import bubblewrap, tiers
from grader.worker.spare import SpareWorkers
from grader.worker.supervisor import HostFault

from ..conftest import named

ROOT = Path(__file__).parents[3]
RIGHT = "def set_last(values, new):\n    return values.at[-1].set(new)\n"
# Leaves behind all it can; the next one answers right only if it finds none of that.
LEAVES_TRACES = """
import builtins, os, pathlib, sys
import jax, lib

def set_last(values, new):
    pathlib.Path("trace").write_text("here")
    pathlib.Path(os.path.expanduser("~"), "trace").write_text("here")
    os.environ["TRACE"] = builtins.trace = jax.trace_left = lib.trace_left = "here"
    sys.modules["trace_left"] = jax
    return values
"""
LOOKS_FOR_TRACES = """
import builtins, os, pathlib, sys
import jax, lib

def set_last(values, new):
    places = [pathlib.Path("trace"), pathlib.Path(os.path.expanduser("~"), "trace")]
    if any(place.exists() for place in places) or "TRACE" in os.environ:
        return values
    if hasattr(builtins, "trace") or hasattr(jax, "trace_left") or hasattr(lib, "trace_left"):
        return values
    return values if "trace_left" in sys.modules else values.at[-1].set(new)
"""


def job(text=RIGHT, student="ada"):
    secret, tier = Secret.from_seed(1), tiers.choose("auto")
    return Job(student, "week1", {"week1.py": text.encode()}, "d", secret, "embedded", tier)


class FakeWorker:
    def __init__(self):
        self.closed = False
        self.ended = None
        self.process = SimpleNamespace(poll=lambda: self.ended)

    def close(self):
        self.closed = True


def test_workers_stand_ready_and_each_is_given_out_once():
    made = []

    def make():
        made.append(FakeWorker())
        return made[-1]

    ready = SpareWorkers(make, 2)
    first = ready.take()
    assert first is made[0] and len(made) == 3, "two more are on their way"
    second = ready.take()
    assert second is made[1] and len(made) == 4
    made[2].ended = -9
    third = ready.take()
    assert third is made[3] and made[2].closed, "one that has ended is skipped"
    assert len({id(worker) for worker in (first, second, third)}) == 3
    ready.close()
    assert all(w.closed for w in made if w not in (first, second, third))


def test_a_worker_that_cannot_be_started_ahead_is_no_fault():
    made = [FakeWorker()]

    def make():
        if not made:
            raise HostFault("no more")
        return made.pop()

    ready = SpareWorkers(make)
    assert ready.take().closed is False
    with pytest.raises(HostFault):
        ready.take()


def test_nothing_of_one_submission_reaches_the_next_and_the_worker_was_there_before():
    try:
        assert pool.judge(job(LEAVES_TRACES, "bob"))["points"] == 0
        (ready,) = pool._spare.values()
        standing = ready._waiting[0]
        result = pool.judge(job(LOOKS_FOR_TRACES))
        assert result["points"] == 1, result["tasks"][0]
        assert standing.ready and standing.process.poll() is not None, "it judged, and was ended"
        assert ready._waiting[0].process.pid != standing.process.pid
    finally:
        pool._end()
    assert not ready._waiting


def fails(job):
    raise RuntimeError("a fault of the grader's")


def test_a_fault_of_the_grader_is_no_verdict_and_no_end():
    judges = Judges(fails)
    try:
        result = judges.judge(job())
    finally:
        judges.close_idle()
    assert {task["status"] for task in result["tasks"]} == {"ungraded"}
    assert "RuntimeError: a fault of the grader's" in result["tasks"][0]["message"]


def sleeps(job):
    time.sleep(600)


def test_a_stop_ends_what_is_being_judged():
    judges, ends = Judges(sleeps), []

    def ask():
        with pytest.raises(BrokenProcessPool):
            judges.judge(job())
        ends.append(True)

    thread = threading.Thread(target=ask)
    thread.start()

    while not multiprocessing.active_children():
        assert thread.is_alive()
        time.sleep(0.05)
    judges.stop()
    thread.join(30)
    assert ends


@pytest.mark.skipif(sys.platform != "linux", reason="cores are pinned on Linux alone")
def test_each_judging_process_claims_a_core_of_its_own():
    cores = [10_000, 10_001]  # a core that no machine has
    claims = []  # a claim lasts as long as its socket
    for core in cores:
        assert pool._claim_core(cores) == core
        claims.append(pool._core)
    assert pool._claim_core(cores) in cores, "if all are taken, one is shared"
    for claim in claims:
        claim.close()
    pool._core = None


LATE = """\
#!/bin/sh
case "$*" in *worker.py*) trap '' TERM; sleep 1000;; esac
exec {bwrap} "$@"
"""


@pytest.mark.parametrize(
    "late",
    [False, pytest.param(True, marks=pytest.mark.slow)],
    ids=["running", "only just started"],
)
def test_ctrl_c_ends_a_class_at_once(late, tmp_path, monkeypatch):
    if late:  # a sandbox that does not yet end with its parent, and ignores SIGTERM
        if bubblewrap.sandbox_lack():
            pytest.skip(f"no sandbox here: {bubblewrap.sandbox_lack()}")
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin/bwrap").write_text(LATE.format(bwrap=shutil.which("bwrap")))
        (tmp_path / "bin/bwrap").chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    (tmp_path / "in/ada").mkdir(parents=True)
    (tmp_path / "in/ada/week1.py").write_text("import time\ntime.sleep(1e6)\n" + RIGHT)
    words = ["class", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    words += ["--isolation", tiers.choose("auto")]
    # A background job of a shell ignores it, and so do its children; with our handler, a new
    # program gets the default.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "grader", *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        assert process.stdout is not None and process.stderr is not None
        assert "1 to judge" in process.stdout.readline()
        own = psutil.Process(process.pid)
        while not named("worker.py", own.children(recursive=True)):
            assert process.poll() is None
            time.sleep(0.05)
        family = own.children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 2
        assert "Stopped." in process.stderr.read()
    _, alive = psutil.wait_procs(family, timeout=3)
    assert not alive
