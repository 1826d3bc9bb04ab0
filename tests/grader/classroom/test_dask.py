"""A class on a Dask cluster: a real scheduler, three workers on loopback, one of them lost."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from distributed import Client

from grader.classroom import dask, pool
from grader.classroom.pool import Job
from grader.cli.main import main
from grader.secret import Secret
from grader.worker import tiers

from ..conftest import named

ROOT = Path(__file__).parents[3]
RIGHT = "def set_last(values, new):\n    return values.at[-1].set(new)\n"
WRONG = "def set_last(values, new):\n    return values\n"
LEAVES = "import os\nos._exit(0)\n"
TEXTS = {"right": RIGHT, "wrong": WRONG, "leaves": LEAVES}


def end(process):
    """Ends one of our processes and its descendants, as the loss of a machine would."""
    family = [psutil.Process(process.pid)]
    family += family[0].children(recursive=True)
    for each in family:
        try:
            each.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            pass
    process.wait()
    return family


@pytest.fixture
def cluster(tmp_path):
    """A scheduler's address and three workers."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def start(module, *arguments):
        return subprocess.Popen(
            [sys.executable, "-P", "-m", f"distributed.cli.{module}", *arguments],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    place = tmp_path / "scheduler.json"
    common = ("--scheduler-file", str(place), "--no-dashboard")
    scheduler = start("dask_scheduler", *common, "--host", "127.0.0.1", "--port", "0")
    workers = []
    try:
        while not place.exists():
            assert scheduler.poll() is None
            time.sleep(0.05)
        for number in range(3):
            folder = str(tmp_path / f"worker{number}")
            workers.append(
                start("dask_worker", *common, "--nthreads", "1", "--local-directory", folder)
            )
        while True:
            try:
                address = json.loads(place.read_text())["address"]
                break
            except ValueError:
                time.sleep(0.05)
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(3, timeout=60)
        yield address, workers
    finally:
        for process in [*workers, scheduler]:
            if process.poll() is None:
                end(process)


@pytest.mark.slow
def test_a_class_on_three_workers_one_of_which_is_lost(cluster, tmp_path):
    address, workers = cluster
    folder, out = tmp_path / "in", tmp_path / "out"
    expected = {"student": ["week1", "total"]}
    for number in range(12):
        kind = list(TEXTS)[number % 3]
        name = f"{kind}{number:02}"
        (folder / name).mkdir(parents=True)
        (folder / name / "week1.py").write_text(TEXTS[kind])
        expected[name] = ["1", "1"] if kind == "right" else ["0", "0"]
    words = ["class", str(folder), "--out", str(out), "--scheduler", address]
    words += ["--isolation", tiers.choose("auto")]
    grading = subprocess.Popen(
        [sys.executable, "-m", "grader", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert grading.stdout is not None
    said = []
    for line in grading.stdout:
        said.append(line)
        if line.startswith("3/12"):
            lost = end(workers[1])
    grading.stdout.close()
    assert grading.wait() == 0, "".join(said)
    assert len(lost) > 2, "the lost worker had a judging process"
    _, alive = psutil.wait_procs(lost, timeout=3)
    assert not alive, "what the lost worker had started still runs"
    with open(out / "grades.csv", newline="", encoding="utf-8") as file:
        assert {row[0]: row[1:] for row in csv.reader(file)} == expected
    ends = [line for line in said if line.split("/")[0].isdigit()]
    assert len(ends) == 12, "every submission was reported once"

    # When the class is done, the workers keep no sandbox and no judging process.
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        below = [p for w in (workers[0], workers[2]) for p in psutil.Process(w.pid).children(True)]
        left = named("worker.py", below)
        if not left:
            break
        time.sleep(0.1)
    assert not left


def job():
    files = {"week1.py": RIGHT.encode()}
    return Job("ada", "week1", files, "d", Secret.from_seed(1), "embedded", "process")


def test_a_worker_with_another_grader_judges_nothing(monkeypatch):
    monkeypatch.setattr(pool.Judges, "judge", lambda self, job: pytest.fail("it judged"))
    result = dask.judge_here(job(), "another digest")
    assert {task["status"] for task in result["tasks"]} == {"ungraded"}
    assert "same checkout" in result["tasks"][0]["message"]


def test_no_scheduler_is_a_sentence(tmp_path, monkeypatch, capsys):
    (tmp_path / "in/ada").mkdir(parents=True)
    (tmp_path / "in/ada/week1.py").write_text(RIGHT)
    monkeypatch.setattr(dask, "CONNECT_SECONDS", 0.5)
    words = ["class", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    assert main([*words, "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "no Dask scheduler at tcp://127.0.0.1:9" in capsys.readouterr().err
    assert main([*words, "--scheduler", "tcp://127.0.0.1:9", "--jobs", "2"]) == 2
    assert "--jobs is for this machine" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main([*words, "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "pip install -e '.[class]'" in capsys.readouterr().err
