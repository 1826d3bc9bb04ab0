"""Measures how much memory grading needs: the grader and its workers together, week by week.

The benchmark grades each week's solutions in new processes and reads their memory twenty times per
second. On Linux, memory that processes share counts once (proportional set size); elsewhere it
counts for each process (resident size). Memory used only between two readings shows in the last
column alone: the most that any single process ever had resident, as the system reports it.
"""

import argparse
import dataclasses
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine, measurements, results

ROOT = Path(__file__).parents[1]

# The most that grading a week may need, in MiB, so that laptops with 4 GB can grade.
LIMIT = 2560

INTERVAL = 0.05
MIB = 2**20


@dataclasses.dataclass
class Peak:
    """The most memory that a command and all processes it started used.

    Attributes:
      together: MiB of all processes at the same time.
      alone: MiB of the largest process.
      processes: how many there were at the same time.
      seconds: from start to end.
      status: exit status.
    """

    together: float = 0.0
    alone: float = 0.0
    processes: int = 0
    seconds: float = 0.0
    status: int = 0


def memory_of(process) -> float:
    """Returns the MiB of a `psutil.Process`, including its part of shared memory."""
    full = process.memory_full_info()
    return getattr(full, "pss", full.rss) / MIB


def high_water(process) -> float:
    """Returns the most MiB a `psutil.Process` had resident, or the current MiB if unknown."""
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    except OSError:
        return process.memory_info().rss / MIB
    kilobytes = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return float(kilobytes[0]) / 1024 if kilobytes else 0.0


def watched(command: Sequence[str], interval: float = INTERVAL) -> Peak:
    """Runs a command and watches its memory and that of its descendants.

    Args:
      command: what to run, in the root of the repo.
      interval: seconds between two readings.

    Returns:
      The peak.
    """
    import psutil

    peak = Peak()
    started = time.perf_counter()
    running = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    root = psutil.Process(running.pid)
    while running.poll() is None:
        together, count = 0.0, 0
        try:
            family = [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            break
        for process in family:
            try:
                together += memory_of(process)
                peak.alone = max(peak.alone, high_water(process))
                count += 1
            except (psutil.NoSuchProcess, psutil.ZombieProcess):
                continue
        peak.together = max(peak.together, together)
        peak.processes = max(peak.processes, count)
        time.sleep(interval)
    peak.status = running.wait()
    peak.seconds = time.perf_counter() - started
    return peak


def row(week: str, peak: Peak) -> list[str]:
    """Returns the cells of a row of the table."""
    return [
        week,
        f"{peak.together:,.0f}",
        f"{LIMIT:,}",
        str(peak.processes),
        f"{peak.alone:,.0f}",
    ]


HEADER = ["week", "MiB together", "limit", "processes", "largest process, MiB"]


def broken(week: str, peak: Peak) -> list[str]:
    """Finds what is wrong with a week; returns one sentence for each problem."""
    sentences = []
    if peak.status != 0:
        sentences.append(
            f"{week}: the grader ended with exit status {peak.status}; ignore its figures."
        )
    if max(peak.together, peak.alone) > LIMIT:
        most = max(peak.together, peak.alone)
        sentences.append(f"{week}: grading needs {most:,.0f} MiB; the limit is {LIMIT:,}.")
    return sentences


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the memory benchmark.

    Args:
      arguments: the command line without the program's name; None means this process's.

    Returns:
      0, or 1 if a week needs more than the limit.
    """
    from grader.course import COURSE

    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--weeks", nargs="+", choices=COURSE.weeks(), default=COURSE.weeks())
    parser.add_argument("--data", default="embedded", help="as for python -m grader")
    options = parser.parse_args(arguments)
    peaks, sentences = {}, []
    for week in options.weeks:
        words = [week, "--solutions", "--data", options.data]
        peaks[week] = peak = watched([sys.executable, "-m", "grader", *words])
        print(
            f"{week}: {peak.together:,.0f} MiB in {peak.processes} processes, {peak.seconds:.0f} s",
            file=sys.stderr,
            flush=True,
        )
        sentences += broken(week, peak)
    print(measurements.markdown_table(HEADER, [row(week, peak) for week, peak in peaks.items()]))
    print(f"\n{machine.sentence()}")
    results.save(
        "memory",
        {
            "machine": machine.describe(),
            "data": options.data,
            "weeks": {week: dataclasses.asdict(peak) for week, peak in peaks.items()},
        },
    )
    for sentence in sentences:
        print(sentence)
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
