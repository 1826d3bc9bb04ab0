"""Measures how many submissions per minute the class command grades on two cores.

A class hands in week 1; a quarter of the answers are right and the others partly right. Each worker
has one core. The benchmark measures:

1. Two submissions at a time and one at a time, in turns.
2. CPU seconds until a worker is ready for a submission, and until it has imported the file.
3. With `--with PYTHON`, the same tasks with otter-grader, without a container, two at a time on the
   same cores, in turns. That environment needs otter-grader, jax, flax and optax.
"""

import argparse
import csv
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from benchmarks import machine, measurements
from benchmarks.processes import ROOT
from benchmarks.submissions import partly, with_bodies
from grader.course import COURSE
from grader.rubric import read_rubric

WEEK = "week1"


def write_class(folder: Path, students: int, right: bool) -> dict[Path, float]:
    """Writes the submissions of a class.

    Args:
      folder: where to make a folder for each student.
      students: the number of students.
      right: whether all answers are right; if not, one student in four has all right.

    Returns:
      The points of each file.
    """
    dice = random.Random(2026)
    full = sum(float(task.points) for task in read_rubric(COURSE.checks / f"{WEEK}.py"))
    files = {}
    for number in range(students):
        file = folder / f"student{number:03}" / f"{WEEK}.py"
        file.parent.mkdir(parents=True)
        all_right = right or number % 4 == 0
        text, points = (with_bodies(WEEK, {}), full) if all_right else partly(WEEK, dice)
        file.write_text(f"{text}# {number}\n", encoding="utf-8")
        files[file] = points
    return files


def grade_class(
    folder: Path, files: dict[Path, float], out: Path, at_a_time: int, cores: Sequence[int]
) -> float:
    """Grades a class with the class command and times the process from start to end.

    Args:
      folder: the submissions.
      files: the points of each.
      out: the gradebook.
      at_a_time: submissions at a time.
      cores: the cores for all processes.

    Returns:
      Seconds.

    Raises:
      RuntimeError: if a submission did not get its points.
    """
    command = [sys.executable, "-m", "grader", "class", str(folder), "--out", str(out)]
    command += ["--jobs", str(at_a_time), "--isolation", "sandbox"]
    began = time.perf_counter()
    run = subprocess.run(
        ["taskset", "-c", ",".join(map(str, cores)), *command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    with open(out / "grades.csv", newline="", encoding="utf-8") as file:
        points = [float(row[-1] or 0) for row in list(csv.reader(file))[1:]]
    if run.returncode != 0 or points != list(files.values()):
        raise RuntimeError(f"The points are wrong: {run.stdout[-500:]} {run.stderr[-500:]}")
    return seconds


def grade_with_otter(
    otter: str, assignment: Path, files: dict[Path, float], place: Path, cores: Sequence[int]
) -> float:
    """Grades the same files with otter, one at a time per core; returns seconds."""
    from benchmarks import otter_arm

    free: SimpleQueue[int] = SimpleQueue()
    for core in cores:
        free.put(core)

    def grade(file: Path) -> float:
        core = free.get()
        try:
            return otter_arm.grade(otter, assignment, file, place / file.parent.name, core)
        finally:
            free.put(core)

    began = time.perf_counter()
    with ThreadPoolExecutor(len(cores)) as threads:
        points = list(threads.map(grade, files))
    seconds = time.perf_counter() - began
    if points != list(files.values()):
        raise RuntimeError(f"Otter's points are {points} instead of {list(files.values())}.")
    return seconds


def start_up(times: int, core: int) -> tuple[list[float], list[float]]:
    """Measures CPU seconds of starting a worker in the sandbox.

    Args:
      times: how many workers to start.
      core: the core to run on.

    Returns:
      For each start, the seconds until the worker is ready, and until it has also imported a
      submission. Both include the sandbox around the worker.
    """
    from grader.session.options import Options
    from grader.session.workers import Workers
    from grader.source.reading import from_bytes
    from grader.worker import tiers
    from grader.worker.supervisor import Worker

    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    submission = from_bytes(Path(f"{WEEK}.py"), WEEK, with_bodies(WEEK, {}).encode())
    options = Options(tier=tiers.choose("sandbox"))
    ready, loaded = [], []
    try:
        for _ in range(times):
            worker = Worker(options.tier)
            worker.wait_ready()
            ready.append(worker.use()[0])
            workers = Workers(options, lambda worker=worker: worker)
            workers.worker(submission, lambda: None)
            loaded.append(worker.use()[0])
            workers.close()
    finally:
        os.sched_setaffinity(0, before)
    return ready, loaded


def _arm(name: str, students: int, seconds: Sequence[float]) -> list[str]:
    rates = [students / each * 60 for each in seconds]
    spread = f"{min(rates):.1f}–{max(rates):.1f}"
    return [name, str(students), f"{statistics.median(rates):.1f}", spread]


def _ratio(name: str, slow: Sequence[float], fast: Sequence[float]) -> str:
    ratios = [one / other for one, other in zip(slow, fast, strict=True)]
    return f"{name}: {statistics.median(ratios):.2f}× ({min(ratios):.2f}–{max(ratios):.2f})."


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints a table.

    Args:
      arguments: the command line without the program's name; None means this process's.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=__doc__)
    parser.add_argument("--students", type=int, default=16)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument(
        "--right", action="store_true", help="only right answers, which take longest"
    )
    parser.add_argument(
        "--with", dest="other", metavar="PYTHON", help="an interpreter that has otter-grader"
    )
    parser.add_argument(
        "--write", action="store_true", help="write the table into docs/measurements.md"
    )
    options = parser.parse_args(arguments)
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        parser.error("This benchmark needs two cores.")
    otter = str(Path(options.other).absolute().with_name("otter")) if options.other else None
    one, two, others = [], [], []
    with tempfile.TemporaryDirectory(prefix="throughput-") as name:
        place = Path(name)
        files = write_class(place / "in", options.students, options.right)
        assignment = None
        if otter:
            from benchmarks import otter_arm

            assignment = otter_arm.write_assignment(otter, place / "otter")
        for turn in range(options.turns):
            one.append(grade_class(place / "in", files, place / f"one{turn}", 1, cores))
            two.append(grade_class(place / "in", files, place / f"two{turn}", 2, cores))
            if otter and assignment:
                spot = place / f"otter{turn}"
                others.append(grade_with_otter(otter, assignment, files, spot, cores))
            print(turn + 1, one[-1], two[-1], *others[-1:], file=sys.stderr, flush=True)
    ready, loaded = start_up(10, cores[0])
    rows = [_arm("one at a time", options.students, one)]
    rows += [_arm("two at a time", options.students, two)]
    rows += [_arm("otter-grader, two at a time", options.students, others)] if others else []
    said = [
        measurements.markdown_table(["week 1", "files", "per minute", "range"], rows),
        "",
        _ratio("Two at a time compared with one", one, two),
        *(
            [_ratio("Compared with otter-grader without a container", others, two)]
            if others
            else []
        ),
        f"CPU time until a worker is ready: {statistics.median(ready):.2f} s (at most "
        f"{max(ready):.2f}); including the import of the file: {statistics.median(loaded):.2f} s "
        f"(at most {max(loaded):.2f}).",
        machine.sentence(2),
    ]
    text = "\n".join(said)
    print(text)
    if options.write:
        measurements.write("throughput", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
