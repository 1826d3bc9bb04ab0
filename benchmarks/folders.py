"""Compares images per second read from folders with Keras's `flow_from_directory`.

Both programs list a folder and read all its images once at the requested size. Each is a separate
process on the same cores. They take turns (A B A B …) after one reading to warm up; a ratio is the
median over the turns. Both keep the memory they free. On some virtual machines it would go back to
the host between turns, and touching it again would cost more than the reading; `--hand-back` shows
this. Keras returns batches of float32 and resizes by nearest neighbour (its default). This library
returns one array of uint8 and averages pixels when it shrinks an image. Without `--data`, the
benchmark draws the course's own images and saves them as PNG and JPEG. `--with PYTHON` names an
interpreter that has keras and tensorflow.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
ARMS = {"ours": "here", "keras": "Keras"}
SETS = ("horse-or-human", "cats-and-dogs-filtered", "rock-paper-scissors", "flowers")
KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**40)}
"""Environment in which glibc returns no memory to the system; other C libraries ignore it."""
DRAWN = 500
"""Images in each folder that the benchmark makes."""


class Case(NamedTuple):
    """A folder to read.

    Attributes:
      title: what it is.
      folder: a folder of classes.
      edge: height and width to read at, pixels.
    """

    title: str
    folder: Path
    edge: int


def ours() -> Callable[[str, int], int]:
    """Returns a function that reads a folder with this library and returns the number of images."""
    from lib.data.files.folders import load_folder

    return lambda folder, edge: len(load_folder(folder, edge).train.labels)


def keras() -> Callable[[str, int], int]:
    """Returns a function that does the same with Keras on TensorFlow."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    from keras.src.legacy.preprocessing.image import ImageDataGenerator  # no longer public

    generator = ImageDataGenerator(rescale=1 / 255)

    def read(folder: str, edge: int) -> int:
        batches = generator.flow_from_directory(
            folder, target_size=(edge, edge), batch_size=128, class_mode="sparse"
        )
        return sum(len(next(batches)[1]) for _ in range(len(batches)))

    return read


def serve(arm: str, threads: int) -> None:
    """Answers each line {"folder", "edge"} on standard input with {"seconds", "pictures"}."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # Keras prints what it found to standard output
    read = {"ours": ours, "keras": keras}[arm]()
    for line in sys.stdin:
        wanted = json.loads(line)
        started = time.perf_counter()
        pictures = read(wanted["folder"], wanted["edge"])
        seconds = time.perf_counter() - started
        print(json.dumps({"seconds": seconds, "pictures": pictures}), file=answers)


class Arm:
    """A process that reads folders on demand."""

    def __init__(self, arm: str, python: str, threads: int, environment: Mapping[str, str]):
        """Starts the process with these variables added to its parent's environment."""
        self._process = subprocess.Popen(
            [python, "-m", "benchmarks.folders", "--serve", arm, "--threads", str(threads)],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def rate(self, case: Case) -> float:
        """Measures images per second of one reading.

        Raises:
          RuntimeError: if the process has ended.
        """
        assert self._process.stdin and self._process.stdout
        wanted = {"folder": str(case.folder), "edge": case.edge}
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(wanted) + "\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("A process ended without an answer.")
        answer = json.loads(line)
        return answer["pictures"] / answer["seconds"]

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin and self._process.stdout
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def drawn_cases(folder: Path) -> Iterator[Case]:
    """Makes folders of the course's own images: PNG and JPEG, small and large."""
    from PIL import Image

    import lib

    data = lib.load("rock_paper_scissors", train_size=DRAWN, test_size=0, edge=300).train
    for kind, stored, edge in (("png", 150, 150), ("jpg", 150, 150), ("jpg", 300, 150)):
        place = folder / f"{kind}-{stored}"
        for number, (image, label) in enumerate(zip(*data, strict=True)):
            path = place / f"class-{label}" / f"{number:04}.{kind}"
            path.parent.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(image)
            if stored != 300:
                picture = picture.resize((stored, stored), Image.Resampling.BILINEAR)
            picture.save(path)
        yield Case(f"drawn, {kind.upper()} of {stored}²", place, edge)


def cases(data: str | None, folder: Path) -> Iterator[Case]:
    """Yields the folders to read: the real sets in `data`, or drawn ones in `folder`."""
    if data is None:
        yield from drawn_cases(folder)
        return
    for name in SETS:
        path = Path(data, name, "train")
        if path.is_dir():
            yield Case(name, path, 150)
    yield Case(SETS[1], Path(data, SETS[1], "train"), 64)


def measure(arms: dict[str, Arm], case: Case, repeats: int) -> dict[str, Any]:
    """Reads one folder in turns.

    Args:
      arms: the processes; "ours" is one.
      case: the folder.
      repeats: turns of each.

    Returns:
      {"rates": {arm: [pictures per second]}, "ratios": [ours over Keras's]}.
    """
    for arm in arms.values():
        arm.rate(case)
    rates: dict[str, list[float]] = {name: [] for name in arms}
    for _ in range(repeats):
        for name, arm in arms.items():
            rates[name].append(arm.rate(case))
    ratios = []
    if "keras" in rates:
        ratios = [a / b for a, b in zip(rates["ours"], rates["keras"], strict=True)]
    return {"rates": rates, "ratios": ratios}


def table(measured: dict[tuple[str, int], dict[str, Any]]) -> str:
    """Makes a Markdown table of the rates and ratios."""
    from benchmarks import measurements

    rows = []
    for (title, edge), result in measured.items():
        row = [f"{title}, read at {edge}²"]
        for arm in ARMS:
            rates = result["rates"].get(arm)
            row.append(f"{statistics.median(rates):,.0f}" if rates else "–")
        ratios = result["ratios"]
        row.append(f"{statistics.median(ratios):.1f}×" if ratios else "–")
        row.append(f"{min(ratios):.1f}–{max(ratios):.1f}" if ratios else "–")
        rows.append(row)
    return measurements.markdown_table(
        ["images per second", *ARMS.values(), "ours is", "range"],
        rows,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark; returns 0."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.folders",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", metavar="DIR", help="a folder with the real sets")
    parser.add_argument(
        "--with",
        dest="pythons",
        action="append",
        default=[],
        metavar="PYTHON",
        help="another interpreter in which to look for keras and tensorflow (may be repeated)",
    )
    parser.add_argument("--repeats", type=int, default=7, help="timed readings (default 7)")
    parser.add_argument("--threads", type=int, default=2, help="cores of each process (default 2)")
    parser.add_argument(
        "--hand-back", action="store_true", help="return freed memory to the system"
    )
    parser.add_argument("--serve", choices=ARMS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve(options.serve, options.threads)
        return 0

    from benchmarks import machine, processes, results

    places = {"ours": sys.executable}
    found = processes.find("keras_tensorflow", processes.interpreters(options.pythons))
    if found:
        places["keras"] = found.python
    else:
        print("Keras on TensorFlow is not installed and is left out.", file=sys.stderr)
    with (
        tempfile.TemporaryDirectory(prefix="flaxlings-folders-") as name,
        contextlib.ExitStack() as s,
    ):
        environment = {} if options.hand_back else KEEP_MEMORY
        arms = {
            arm: Arm(arm, python, options.threads, environment) for arm, python in places.items()
        }
        for arm in arms.values():
            s.callback(arm.close)
        measured = {}
        for case in cases(options.data, Path(name)):
            print(f"{case.title} at {case.edge}² …", file=sys.stderr, flush=True)
            measured[case.title, case.edge] = measure(arms, case, options.repeats)
    print(table(measured))
    print(f"\n{machine.sentence(options.threads)} Medians of {options.repeats} turns.")
    results.save(
        "folders",
        {
            "machine": machine.describe(),
            "threads": options.threads,
            "environment": environment,
            "cases": [{"title": t, "edge": e, **m} for (t, e), m in measured.items()],
        },
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
