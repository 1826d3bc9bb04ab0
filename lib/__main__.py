"""`python -m lib predict MODEL PICTURE …`: classifies pictures with a saved model.

The model is a file written by `lib.save_model`. Pictures, or folders of them, may have any size and
mode; they are decoded in the same way as a folder of training pictures
(`lib.data.files.decoding`), a few at a time, so a folder may be larger than memory.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import csv
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

_BAR = 24  # characters of a probability of 1
_EIGHTHS = " ▏▎▍▌▋▊▉"
_AT_ONCE = 64  # pictures that are decoded and predicted together


def bar(share: float) -> str:
    """Draws a number from 0 to 1 as a bar, in eighths of a character, or in # if necessary."""
    eighths = round(share * _BAR * 8)
    drawn = "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
    try:
        drawn.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return "#" * round(share * _BAR)
    return drawn


def table(probabilities: Any, class_names: Sequence[str], top: int) -> str:
    """Writes probabilities as a table with bars, the highest first.

    Args:
      probabilities: (classes,), each in 0…1.
      class_names: a name per class.
      top: how many classes to show.

    Returns:
      A line per class.
    """
    probabilities = np.asarray(probabilities)
    shown = np.argsort(-probabilities, kind="stable")[:top]
    width = max(len(class_names[k]) for k in shown)
    return "\n".join(
        f"  {class_names[k]:{width}}  {probabilities[k]:7.2%}  {bar(probabilities[k])}".rstrip()
        for k in shown
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Predicts pictures and prints a table for each, or a row of CSV.

    Args:
      arguments: the command line without the program's name, starting with `predict`; None for
        this process's arguments.

    Returns:
      0; 1 if a picture could not be read; 2 if the model could not be read, or the answers could
      not be written.
    """
    commands = argparse.ArgumentParser(
        prog="python -m lib", description="Uses a model trained with the course's library."
    )
    about = "classifies pictures with a saved model: prints a probability for each class"
    parser = commands.add_subparsers(metavar="COMMAND", required=True).add_parser(
        "predict",
        help=about,
        description=f"{about.capitalize()}.",
        epilog="Save a model with lib.save_model(path, model, params, class_names, input_shape). "
        "Exit status: 0 done; 1 a picture could not be read; 2 wrong usage, no usable "
        "model, or answers that cannot be written.",
    )
    parser.add_argument("model", metavar="MODEL", help="a file that lib.save_model has written")
    parser.add_argument(
        "pictures",
        metavar="PICTURE",
        nargs="+",
        help="a picture of any size and mode (PNG, JPEG, GIF, WebP …), or a folder with all files "
        "and folders in it, except those whose names begin with a dot",
    )
    parser.add_argument(
        "--top", metavar="N", type=int, default=5, help="classes to show (default: %(default)s)"
    )
    parser.add_argument(
        "--csv",
        action="store_true",
        help="print CSV instead of tables: the picture, its class, that class's probability, then "
        "the probability of each class",
    )
    options = commands.parse_args(arguments)
    if options.top < 1:
        parser.error("--top must be 1 or more.")
    import lib
    from lib.data.files.folders import printable

    try:
        kept = lib.load_model(options.model)
    except lib.CheckpointError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{options.model} cannot be opened: {error.strerror}.", file=sys.stderr)
        return 2
    channels = kept.input_shape[2]
    if channels not in (1, 3):
        print(
            f"{options.model} expects pictures with {channels} channels, not 1 or 3.",
            file=sys.stderr,
        )
        return 2
    _set_encodings(options.csv)
    complaints: list[str] = []

    def complain(path: str, why: str) -> None:
        complaints.append(path)
        print(f"{printable(path)} cannot be used: {why}.", file=sys.stderr)

    if sys.stdout is None:  # `>&-`
        print("The answers cannot be written: standard output is closed.", file=sys.stderr)
        return 2
    paths = [each for given in options.pictures for each in _files(given)]
    names = [printable(each) for each in kept.class_names]
    rows = csv.writer(sys.stdout, lineterminator="\n")
    try:
        if options.csv:
            rows.writerow(["picture", "class", "probability", *names])
        for path, row in _predicted(kept, paths, complain):
            answer = int(row.argmax())
            if options.csv:
                numbers = [f"{each:.6f}" for each in (row[answer], *row)]
                rows.writerow([printable(path), names[answer], *numbers])
            else:
                print(f"{printable(path)}: {names[answer]}")
                print(table(row, names, options.top))
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:  # a full disk
        print(f"The answers cannot be written: {error.strerror}.", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    return 1 if complaints else 0


def _set_encodings(table: bool) -> None:
    """Writes CSV files as UTF-8, and lets no character that a terminal lacks stop the run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if table and stream is sys.stdout and not stream.isatty():
                stream.reconfigure(encoding="utf-8")
            stream.reconfigure(errors="replace")


def _files(given: str) -> Iterator[tuple[str, str]]:
    """A path, or all files below a folder in order, each with the reason not to use it, or ""."""
    if not os.path.isdir(given):
        yield given, ""
        return
    found = False
    blocked: list[tuple[str, str]] = []
    no_entry = lambda error: blocked.append((error.filename, error.strerror))
    for folder, below, names in os.walk(given, onerror=no_entry):
        below[:] = sorted(name for name in below if not name.startswith("."))
        paths = [os.path.join(folder, name) for name in sorted(names) if not name.startswith(".")]
        found = found or bool(paths)
        yield from ((path, "") for path in paths)
        for name in below:
            if os.path.islink(path := os.path.join(folder, name)):
                yield path, "it is a link to a folder, and such links are not followed"
    yield from blocked
    if not found and not blocked:
        yield given, "there is no file in this folder"


def _predicted(
    kept: Any, paths: Sequence[tuple[str, str]], complain: Callable[[str, str], None]
) -> Iterator[tuple[str, np.ndarray]]:
    """The pictures that can be read, each with its probabilities."""
    import lib
    from lib.data.files import decoding
    from lib.data.threads import threads_here

    height, width, channels = kept.input_shape
    mode = "grey" if channels == 1 else "rgb"

    def read(path: str, why: str) -> np.ndarray | str:
        try:
            return why or decoding.read_picture(path, height, width, mode)
        except decoding.Unreadable as error:
            return str(error)

    with (
        concurrent.futures.ThreadPoolExecutor(threads_here()) as threads,
        _progress(len(paths)) as done,
    ):
        for first in range(0, len(paths), _AT_ONCE):
            part = paths[first : first + _AT_ONCE]
            good = []
            pictures = threads.map(lambda each: read(*each), part)
            for (path, _), picture in zip(part, pictures, strict=True):
                if isinstance(picture, str):
                    complain(path, picture)
                else:
                    good.append((path, picture))
            if good:
                logits = lib.predict(kept, np.stack([picture for _, picture in good]))
                for (path, _), row in zip(good, lib.probabilities(logits), strict=True):
                    yield path, row
            done(len(part))


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Shows a bar with the time left, on a terminal, if there are more than a few pictures."""
    if total <= _AT_ONCE or not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    # Output to the same terminal appears above the bar; redirected output is left alone.
    with Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
    ) as bar:
        task = bar.add_task("", total=total)
        yield lambda count: bar.advance(task, count)


if __name__ == "__main__":
    sys.exit(main())
