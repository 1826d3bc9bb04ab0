"""Checks that the solutions pass every time: several runs, each with a fresh secret.

Every run is a new process, as a student or a workflow would start it. Other inputs, test images and
random keys must not change a verdict. With --seed, every run has the same ones and must give the
same verdicts and points.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import measurements

ROOT = Path(__file__).parents[1]


def graded(weeks: Sequence[str], rest: Sequence[str]) -> list[dict[str, Any]]:
    """Grades the solutions of some weeks in a new process.

    Args:
      weeks: for example ["week1"].
      rest: more arguments for the grader.

    Returns:
      The grader's JSON, one object per week.

    Raises:
      RuntimeError: if the grader left no result.
    """
    with tempfile.TemporaryDirectory(prefix="flaxlings-repeat-") as name:
        found = Path(name) / "result.json"
        command = [sys.executable, "-m", "grader", *weeks, "--solutions", "--json", str(found)]
        run = subprocess.run(
            [*command, *rest],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if not found.exists():
            said = (run.stdout + run.stderr).strip().splitlines()
            raise RuntimeError(
                f"The grader left no result. Its last output: {' / '.join(said[-8:])}"
            )
        return json.loads(found.read_text(encoding="utf-8"))


def verdicts(weeks: list[dict[str, Any]]) -> list[tuple[str, float]]:
    """Returns status and points of every task."""
    return [(task["status"], task["points"]) for week in weeks for task in week["tasks"]]


def row(number: int, weeks: list[dict[str, Any]]) -> list[str]:
    """Returns the table's row for one run: points and seconds of each week."""
    cells = [
        f"{week['points']:g} of {week['max_points']:g} in {week['seconds']:.1f} s" for week in weeks
    ]
    return [str(number), str(weeks[0]["seed"]), *cells]


def main(arguments: Sequence[str] | None = None) -> int:
    """Grades the solutions several times and prints a table.

    Args:
      arguments: the command line without the program's name; None means this process's.

    Returns:
      0, or 1 if a task did not pass in one of the runs.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.repeat", description=__doc__)
    parser.add_argument("weeks", nargs="*", default=["week1", "week2", "week3"], metavar="WEEK")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument(
        "--seed", type=int, help="the seed of every run (default: a fresh secret for each)"
    )
    parser.add_argument("--data", default="embedded", help="as for python -m grader")
    options = parser.parse_args(arguments)
    rest = ["--data", options.data]
    if options.seed is not None:
        rest += ["--seed", str(options.seed)]
    rows, wrong, first, weeks = [], [], [], []
    for number in range(1, options.runs + 1):
        weeks = graded(options.weeks, rest)
        first = first or verdicts(weeks)
        if options.seed is not None and verdicts(weeks) != first:
            wrong.append(f"Run {number}: the verdicts differ from those of the first run.")
        rows.append(row(number, weeks))
        print(*rows[-1], sep="  ", file=sys.stderr, flush=True)
        for week in weeks:
            for task in week["tasks"]:
                if task["status"] != "passed":
                    said = " · ".join(task["message"].split("\n"))
                    wrong.append(f"Run {number}: {task['name']}, {task['status']}. {said}")
    names = [week["week"] for week in weeks]
    print(measurements.markdown_table(["run", "secret", *names], rows))
    for sentence in wrong:
        print(sentence)
    passed = options.runs - len({sentence.split(":")[0] for sentence in wrong})
    print(f"\n{passed} of {options.runs} runs passed every task.")
    return 0 if passed == options.runs else 1


if __name__ == "__main__":
    sys.exit(main())
