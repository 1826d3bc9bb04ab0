"""Draws the lessons' pictures anew: `python -m solutions.pictures`, some minutes."""

from __future__ import annotations

import argparse
import importlib
import pathlib
from collections.abc import Sequence

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parent / "exercises" / "pictures"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the demonstrations and saves their figures where the lessons look for them.

    Args:
      arguments: the command line; None takes the process's own.

    Returns:
      0, the exit status.
    """
    shown = {path.stem for path in (HERE / "demo").glob("*.py")} - {"__init__", "stage"}
    weeks = sorted(shown, key=lambda name: (name == "project", name))
    parser = argparse.ArgumentParser(prog="python -m solutions.pictures", description=__doc__)
    parser.add_argument("weeks", nargs="*", default=weeks, metavar="week1 …")
    for week in parser.parse_args(arguments).weeks:
        if week not in weeks:
            parser.error(f"there is no {week}; there are {', '.join(weeks)}.")
        demonstration = importlib.import_module(f"solutions.demo.{week}")
        demonstration.main(["--save", str(FOLDER / week)])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
