"""Runs a complete week: prints the results and saves the figures in a folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from solutions.demo.listing import demonstrations, run


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the demonstration of a week, or lists the weeks.

    Args:
      arguments: the command line; None takes the process's own.

    Returns:
      The exit status.
    """
    shown = demonstrations()
    parser = argparse.ArgumentParser(
        prog="python -m solutions",
        usage="%(prog)s [--help] WEEK [options of the week]",
        description=__doc__,
        epilog="\n".join(
            [
                "weeks:",
                *(f"  {name:8} {sentence}" for name, sentence in shown.items()),
                "",
                "python -m solutions WEEK --help lists the options of a week.",
            ]
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("week", nargs="?", metavar="WEEK", help="one of the weeks below")
    parser.add_argument("options", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.week not in shown:
        problem = f"there is no demonstration of {given.week}" if given.week else "name a week"
        parser.error(f"{problem}; choose from {', '.join(shown)}.")
    return run(given.week, given.options)


if __name__ == "__main__":
    sys.exit(main())
