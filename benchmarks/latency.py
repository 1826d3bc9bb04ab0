"""Measures how long people wait: the grader's commands from a cold start, and drawing the data.

Every command runs in new processes, one after the other; the figure is the median. Run nothing else
at the same time, or the figures vary.
"""

import argparse
import ast
import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from benchmarks import machine, measurements, results
from grader.course import COURSE
from grader.worker import compile_cache

ROOT = Path(__file__).parents[1]

# What the course promises on two cores: (title, grader's arguments, seconds, exit status).
WEEKS = COURSE.weeks()
SOLUTIONS = {"week1": 6.0, "week2": None, "week3": 20.0}
ALL = ("all", "--solutions")
COMMANDS = (
    *(
        (f"{week}, solutions", (week, "--solutions"), SOLUTIONS.get(week, 40.0), 0)
        for week in WEEKS
    ),
    ("everything, solutions", ALL, 180.0, 0),
    ("one task without training", ("week3", "--solutions", "--task", "convolve2d"), 4.0, 0),
    *((f"{week}, stubs", (week, "--submission", "STUBS"), 5.0, 1) for week in WEEKS),
)

# Seconds for 60,000 training and 10,000 test images, in a process that has imported `lib`.
DRAWING = 2.0
DRAW = """
import sys, time
import lib
started = time.perf_counter()
lib.load(sys.argv[1])
print(time.perf_counter() - started)
"""

# Seconds from saving a file until `watch` has judged all tasks without training. A student thinks
# for some seconds before saving again.
WATCHING = 1.5
THINKING = 4.0


def graded(arguments: Sequence[str], stubs: Path, status: int, *, forget: bool = True) -> float:
    """Runs a command of the grader in a new process.

    Args:
      arguments: what follows `python -m grader`; STUBS means the folder of the stubs.
      stubs: the folder of the stubs.
      status: the expected exit status.
      forget: delete what earlier self-checks have compiled.

    Returns:
      Seconds from start to end.

    Raises:
      RuntimeError: if it ended with another status.
    """
    words = [str(stubs) if word == "STUBS" else word for word in arguments]
    if forget:
        shutil.rmtree(compile_cache.base(COURSE), ignore_errors=True)
    started = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-m", "grader", *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if run.returncode != status:
        said = (run.stdout + run.stderr).strip().splitlines()
        raise RuntimeError(
            f"python -m grader {' '.join(words)} ended with exit status {run.returncode}; "
            f"{status} was expected. Its last output: {' / '.join(said[-8:])}"
        )
    return seconds


def drawn(name: str) -> float:
    """Measures the seconds to draw an entire embedded set in a new process, without imports."""
    run = subprocess.run(
        [sys.executable, "-c", DRAW, name], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(run.stdout)


def changed(source: str, turn: int, name: str = "") -> str:
    """Changes the body of one or every function in a file, but not what it does.

    Args:
      source: a Python file.
      turn: a number that makes each change different.
      name: the function to change; every function if empty.

    Returns:
      The file without comments, with one more statement in the function.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and name in ("", node.name):
            at = 1 if ast.get_docstring(node) else 0
            node.body[at:at] = ast.parse(f"turn = {turn}").body
    return ast.unparse(tree) + "\n"


def watched(week: str, saves: int, name: str = "") -> list[float]:
    """Runs `watch` on a week's solution and saves the file several times.

    Args:
      week: which.
      saves: how often to save it.
      name: the function that changes each time; every function if empty.

    Returns:
      Seconds from each save to the last verdict before training begins.

    Raises:
      RuntimeError: if `watch` ends, or a task does not pass.
    """
    with tempfile.TemporaryDirectory(prefix="flaxlings-watch-") as folder:
        course = Path(folder)
        shutil.copy(ROOT / "pyproject.toml", course)  # marks the root of a course
        (course / "exercises").mkdir()
        source = (ROOT / "solutions" / f"{week}.py").read_text(encoding="utf-8")
        file = course / "exercises" / f"{week}.py"
        file.write_text(source, encoding="utf-8")
        watch = subprocess.Popen(
            [sys.executable, "-m", "grader", "watch", week],
            cwd=course,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            assert watch.stdout is not None
            seconds = []
            _until(watch.stdout, "to be saved")
            for turn in range(saves):
                time.sleep(THINKING)
                saved = time.perf_counter()
                file.write_text(changed(source, turn, name), encoding="utf-8")
                sign = _until(watch.stdout, "the tasks that train", "to be saved")
                seconds.append(time.perf_counter() - saved)
                if sign != "to be saved":
                    _until(watch.stdout, "to be saved")
            return seconds
        finally:
            watch.send_signal(signal.SIGINT)
            try:
                watch.wait(10)
            except subprocess.TimeoutExpired:
                watch.kill()
                watch.wait()


def _until(lines: Iterable[str], *signs: str) -> str:
    """Reads lines up to the first that contains one of the signs; returns that sign."""
    said = []
    for line in lines:
        said.append(line.rstrip())
        if "✗" in line:
            break
        for sign in signs:
            if sign in line:
                return sign
    raise RuntimeError(
        f"watch did not print {signs[0]!r}. Its last output: {' / '.join(said[-8:])}"
    )


@contextlib.contextmanager
def untouched_stubs() -> Iterator[Path]:
    """Makes a folder with a copy of the untouched exercises."""
    with tempfile.TemporaryDirectory(prefix="flaxlings-stubs-") as name:
        folder = Path(name)
        for week in WEEKS:
            shutil.copy(ROOT / "exercises" / f"{week}.py", folder)
        yield folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the latency benchmark.

    Args:
      arguments: the command line without the program's name; None means this process's.

    Returns:
      0, or 1 if a command takes longer than promised.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args(arguments)
    rows, everything, late = [], {}, []

    def note(title: str, seconds: list[float], promised: float | None) -> None:
        everything[title] = seconds
        median = statistics.median(seconds)
        rows.append(
            [
                title,
                f"{median:.2f}",
                f"{min(seconds):.2f}–{max(seconds):.2f}",
                f"{promised:g}" if promised else "",
            ]
        )
        print(f"{title}: {median:.2f} s", file=sys.stderr, flush=True)
        if promised and median > promised:
            late.append(f"{title} takes {median:.2f} s; at most {promised:g} s are promised.")

    for name in ("mnist", "fashion_mnist"):
        title = f"drawing 60,000 + 10,000 ({name})"
        note(title, [drawn(name) for _ in range(options.repeats)], DRAWING)
    with untouched_stubs() as stubs:
        for title, words, promised, status in COMMANDS:
            seconds = [graded(words, stubs, status) for _ in range(options.repeats)]
            note(title, seconds, promised)
        graded(ALL, stubs, 0)  # fills the cache for the next runs
        again = [graded(ALL, stubs, 0, forget=False) for _ in range(options.repeats)]
        note("everything, solutions, with a filled cache", again, 180.0)
    note("watch, one function changed", watched("week3", options.repeats, "convolve2d"), WATCHING)
    note("watch, every function changed", watched("week3", options.repeats), WATCHING)
    print(measurements.markdown_table(["what", "seconds", "range", "at most"], rows))
    print(f"\n{machine.sentence()}")
    load = os.getloadavg()[0]
    results.save("latency", {"machine": machine.describe(), "load": load, "seconds": everything})
    for sentence in late:
        print(sentence)
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
