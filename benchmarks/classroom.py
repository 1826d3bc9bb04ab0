"""Checks that a class gets the right marks: graded in one run, after kills, and on a cluster.

The benchmark makes up a class of submissions (right, partly right, broken and hostile) whose points
are known, and grades it three times: in one run; killed with SIGKILL at random moments and resumed
each time; and with three Dask workers, one killed halfway. All three must give the expected totals
and the same grades.csv, byte for byte, and leave no process and no file behind.
"""

import argparse
import contextlib
import csv
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil

from benchmarks import measurements
from benchmarks.submissions import make_class

ROOT = Path(__file__).parents[1]
GONE_SECONDS = 3.0  # after that nothing of a killed run may be left


class Wrong(Exception):
    """A condition does not hold; the text says which."""


def class_command(folder: Path, out: Path, more: Sequence[str] = ()) -> list[str]:
    """Returns the command that grades a class."""
    return [sys.executable, "-m", "grader", "class", str(folder), "--out", str(out), *more]


def temporary(out: Path) -> Path:
    """Makes the folder for the temporary files of a gradebook's runs."""
    folder = out.with_name(f"{out.name}-temporary")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def grade(
    folder: Path,
    out: Path,
    more: Sequence[str] = (),
    stop_at: tuple[int, float] | None = None,
    on_verdict: Callable[[int], None] = lambda done: None,
) -> bool:
    """Grades a class.

    Args:
      folder: the submissions.
      out: the gradebook.
      more: arguments for the command.
      stop_at: kills the command: (after this number of verdicts, and then this many seconds).
      on_verdict: called at each verdict with the number of verdicts so far.

    Returns:
      True if it was killed.

    Raises:
      Wrong: if it failed, or left processes or files behind.
    """
    before = set(temporary(out).iterdir())
    process = subprocess.Popen(
        class_command(folder, out, more),
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary(out))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said: list[str] = []
    family: list[psutil.Process] = []
    killed = False
    with process.stdout as lines:
        while not killed:
            told = sum(line.split("/")[0].isdigit() for line in said)
            if stop_at is not None and told >= stop_at[0] and said:
                time.sleep(stop_at[1])
                with contextlib.suppress(psutil.NoSuchProcess):
                    family = psutil.Process(process.pid).children(recursive=True)
                killed = process.poll() is None
                process.kill()
                break
            line = lines.readline()
            if not line:
                break
            said.append(line)
            if line.split("/")[0].isdigit():
                on_verdict(told + 1)
    status = process.wait()
    if not killed and status != 0 and stop_at is None:
        raise Wrong(f"The class command ended with status {status}: {''.join(said[-5:])}")
    _, left = psutil.wait_procs(family, timeout=GONE_SECONDS)
    # A zombie has ended; on a busy machine it waits for its parent to notice.
    alive = [each for each in left if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
    if alive:
        raise Wrong(f"{len(alive)} processes outlived the command, such as {alive[0]}.")
    files = set(temporary(out).iterdir()) - before
    if files and not killed:
        raise Wrong(f"The command left files behind: {', '.join(path.name for path in files)}.")
    return killed


def graded_in_pieces(folder: Path, out: Path, kills: int, more: Sequence[str] = ()) -> int:
    """Grades a class, kills the command several times at random moments, and resumes it.

    Args:
      folder: the submissions.
      out: the gradebook.
      kills: how often.
      more: arguments for the command.

    Returns:
      How many kills came before the command was done.
    """
    dice = random.Random()
    total = sum(1 for _ in folder.glob("*/*.py"))
    shares = sorted(dice.random() for _ in range(kills))
    killed, before = 0, 0.0
    for share in shares:
        stop_at = (int((share - before) * total), dice.uniform(0, 2))
        killed += grade(folder, out, more, stop_at)
        before = share
    grade(folder, out, more)
    return killed


def points(out: Path) -> dict[str, list[float]]:
    """Reads the points of each week in grades.csv, by student."""
    with open(out / "grades.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    found = {row[0]: [float(cell or "nan") for cell in row[1:]] for row in rows}
    for student, (*weeks, total) in found.items():
        if total != sum(weeks):
            raise Wrong(f"The total of {student} is {total}, but the weeks are {weeks}.")
    return {student: weeks for student, (*weeks, _) in found.items()}


def compare(out: Path, expected: dict[str, list[float]]) -> None:
    """Compares grades.csv with the expected points.

    Raises:
      Wrong: if points differ, or a row is missing or unexpected.
    """
    found = points(out)
    wrong = [
        name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)
    ]
    if wrong:
        name = sorted(wrong)[0]
        raise Wrong(
            f"{len(wrong)} of {len(expected)} rows are not as expected: {name} has "
            f"{found.get(name)} instead of {expected.get(name)}."
        )


def end(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Kills a process and its descendants, as if their machine were lost; returns them."""
    family = [psutil.Process(process.pid)]
    family += family[0].children(recursive=True)
    for each in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.send_signal(signal.SIGKILL)
    process.wait()
    return family


@contextlib.contextmanager
def cluster(folder: Path, workers: int) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Starts a Dask scheduler and workers of one thread each on loopback, and ends them.

    Args:
      folder: for their files.
      workers: how many.

    Yields:
      The scheduler's address, and the workers' processes.
    """
    from distributed import Client

    folder.mkdir(parents=True, exist_ok=True)

    def start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", f"distributed.cli.{module}", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary(folder))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    place = folder / "scheduler.json"
    common = ("--scheduler-file", str(place), "--no-dashboard")
    started = [start("dask_scheduler", *common, "--host", "127.0.0.1", "--port", "0")]
    try:
        address = ""
        while not address:
            if started[0].poll() is not None:
                raise Wrong("The Dask scheduler does not start.")
            time.sleep(0.05)
            with contextlib.suppress(OSError, ValueError):
                address = json.loads(place.read_text(encoding="utf-8"))["address"]
        for number in range(workers):
            own = ("--nthreads", "1", "--local-directory", str(folder / str(number)))
            started.append(start("dask_worker", *common, *own))
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=120)
        yield address, started[1:]
    finally:
        for process in reversed(started):
            if process.poll() is None:
                end(process)


def graded_on_a_cluster(folder: Path, out: Path, place: Path, more: Sequence[str] = ()) -> None:
    """Grades a class with three Dask workers and kills one of them halfway.

    Args:
      folder: the submissions.
      out: the gradebook.
      place: for Dask's files.
      more: arguments for the command.

    Raises:
      Wrong: if the killed worker left processes behind.
    """
    total = sum(1 for _ in folder.glob("*/*.py"))
    with cluster(place, 3) as (address, workers):
        lost: list[psutil.Process] = []

        def kill_one(done: int) -> None:
            if done == total // 2:
                lost.extend(end(workers[1]))

        grade(folder, out, [*more, "--scheduler", address], on_verdict=kill_one)
        _, alive = psutil.wait_procs(lost, timeout=GONE_SECONDS)
        if alive or not lost:
            raise Wrong(
                f"{len(lost)} processes were killed, and {len(alive)} of them are still alive."
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Grades the class three times and prints whether all results are as expected.

    Args:
      arguments: the command line without the program's name; None means this process's.

    Returns:
      0, or 1 if something is not as expected.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.classroom", description=__doc__)
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--weeks", nargs="+", default=["week1", "week2", "week3"])
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--isolation", choices=("sandbox", "user"), default="sandbox")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="class-") as name:
        place = Path(name)
        folder = place / "in"
        expected = make_class(folder, options.students, options.weeks)
        more = ["--weeks", *options.weeks, "--isolation", options.isolation]
        killed = 0

        def in_pieces(out: Path) -> None:
            nonlocal killed
            killed = graded_in_pieces(folder, out, options.kills, more)

        ways: dict[str, Callable[[Path], object]] = {
            "in one go": lambda out: grade(folder, out, more),
            "killed and resumed": in_pieces,
            "Dask, one of three lost": lambda out: graded_on_a_cluster(
                folder, out, place / "dask", more
            ),
        }
        rows, tables = [], []
        try:
            for way, run in ways.items():
                started = time.monotonic()
                out = place / f"out{len(rows)}"
                run(out)
                compare(out, expected)
                minutes = (time.monotonic() - started) / 60
                tables.append((out / "grades.csv").read_bytes())
                judged = sum(1 for _ in folder.glob("*/*.py"))
                kills = str(killed) if run is in_pieces else "-"
                rows.append([way, str(len(expected)), str(judged), kills, f"{minutes:.1f}"])
                print(*rows[-1], sep="  ", file=sys.stderr, flush=True)
                if tables[-1] != tables[0]:
                    raise Wrong("grades.csv differs from that of the first run.")
        except Wrong as error:
            print(f"{way}: {error}")
            return 1
    print(measurements.markdown_table(["way", "students", "files", "kills", "minutes"], rows))
    print("Every row is as expected, and grades.csv is the same each time, byte for byte.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
