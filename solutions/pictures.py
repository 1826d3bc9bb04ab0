"""Draws the lessons' pictures anew: `python -m solutions.pictures`, about three minutes."""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import Sequence

from solutions.demo import week1, week2, week3

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "exercises" / "pictures"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the demonstrations and saves their figures where the lessons look for them.

    Args:
      arguments: the command line; None takes the process's own.

    Returns:
      0, the exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m solutions.pictures", description=__doc__)
    parser.add_argument("weeks", nargs="*", default=["week1", "week2", "week3"], metavar="week1 …")
    for week in parser.parse_args(arguments).weeks:
        {"week1": week1, "week2": week2, "week3": week3}[week].main(["--save", str(FOLDER / week)])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
