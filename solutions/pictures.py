"""Draws the lessons' pictures again: `python -m solutions.pictures`, a few minutes."""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import Sequence

from solutions.demo.listing import demonstrations, run

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "exercises" / "pictures"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the demonstrations and saves their figures where the lessons look for them.

    Args:
      arguments: the command line; None takes the process's own.

    Returns:
      0, the exit status.
    """
    weeks = list(demonstrations())
    parser = argparse.ArgumentParser(prog="python -m solutions.pictures", description=__doc__)
    parser.add_argument("weeks", nargs="*", default=weeks, metavar="week1 …")
    for week in parser.parse_args(arguments).weeks:
        if week not in weeks:
            parser.error(f"there is no demonstration of {week}; choose from {', '.join(weeks)}.")
        run(week, ["--save", str(FOLDER / week)])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
