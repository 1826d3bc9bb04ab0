"""Compares images augmented per second with Keras's ImageDataGenerator and preprocessing layers.

All three change the same batch of 150 × 150 × 3 images, stored as uint8 like those of a folder, in
the same ways: rotation, shifts, shear, zoom per axis, both flips. Keras's layers leave out the
shear, which they do not have. Each program is a separate process on the same cores. They take turns
(A B C A B C …) after one batch to warm up; a ratio is the median over the turns. `--with PYTHON`
names an interpreter that has keras and tensorflow. Without one, the generator runs in any
interpreter that has keras, and the layers are left out.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
ARMS = {
    "ours": "here",
    "generator": "Keras ImageDataGenerator",
    "layers": "Keras preprocessing layers",
}
WANTED = {"generator": 15.0, "layers": 8.0}
"""How many times faster than each of them the course's augmentation must be."""

FILL_MODES = ("nearest", "constant", "reflect", "wrap")
COUNT, EDGE = 100, 150


def ours(fill_mode: str, images: np.ndarray) -> Callable[[], Any]:
    """Makes the course's augmentation; its images stay on the device, as in training."""
    import jax
    import jax.numpy as jnp

    import lib

    augment = lib.Augment(
        rotation=40,
        width_shift=0.2,
        height_shift=0.2,
        shear=10,
        zoom=0.2,
        horizontal_flip=True,
        vertical_flip=True,
        fill_mode=fill_mode,
    )
    keys = iter(jax.random.split(jax.random.key(0), 1_000))
    pictures = jnp.asarray(images)
    return lambda: augment(next(keys), pictures).block_until_ready()


def generator(fill_mode: str, images: np.ndarray) -> Callable[[], Any]:
    """Makes Keras's ImageDataGenerator, whose arguments have the same units."""
    from keras.src.legacy.preprocessing.image import ImageDataGenerator  # no longer public

    augment = ImageDataGenerator(
        rotation_range=40,
        width_shift_range=0.2,
        height_shift_range=0.2,
        shear_range=10,
        zoom_range=0.2,
        horizontal_flip=True,
        vertical_flip=True,
        fill_mode=fill_mode,
    )
    return lambda: next(augment.flow(images, batch_size=len(images), shuffle=False))


def layers(fill_mode: str, images: np.ndarray) -> Callable[[], Any]:
    """Puts Keras's layers into a compiled function, as a model runs them."""
    import keras
    import tensorflow as tf

    change = keras.Sequential(
        [
            keras.layers.RandomFlip("horizontal_and_vertical"),
            keras.layers.RandomRotation(40 / 360, fill_mode=fill_mode),
            keras.layers.RandomTranslation(0.2, 0.2, fill_mode=fill_mode),
            keras.layers.RandomZoom(0.2, 0.2, fill_mode=fill_mode),
        ]
    )
    run = tf.function(lambda images: change(images, training=True))
    pictures = tf.constant(images)
    return lambda: run(pictures).numpy()  # type: ignore[union-attr]


def serve(arm: str, fill_mode: str, threads: int) -> None:
    """Answers every line on standard input with the seconds of one batch."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    if importlib.util.find_spec("tensorflow") is None:
        os.environ["KERAS_BACKEND"] = "jax"
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    numbers = np.random.default_rng(0)
    images = numbers.integers(0, 256, (COUNT, EDGE, EDGE, 3), np.uint8)
    augment = {"ours": ours, "generator": generator, "layers": layers}[arm](fill_mode, images)
    for _ in sys.stdin:
        started = time.perf_counter()
        augment()
        print(json.dumps(time.perf_counter() - started), file=answers)


class Arm:
    """A process that augments a batch on demand."""

    def __init__(self, arm: str, python: str, fill_mode: str, threads: int):
        """Starts the process and warms it up with one batch."""
        self._process = subprocess.Popen(
            [python, str(Path(__file__)), "--serve", arm]
            + ["--fill-modes", fill_mode, "--threads", str(threads)],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.rate()

    def rate(self) -> float:
        """Measures images per second on one batch.

        Raises:
          RuntimeError: if the process has ended.
        """
        assert self._process.stdin and self._process.stdout
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write("batch\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("A process ended without an answer.")
        return COUNT / json.loads(line)

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin and self._process.stdout
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def measure(
    places: dict[str, str], fill_mode: str, repeats: int, threads: int
) -> dict[str, list[float]]:
    """Runs the arms in turns; returns the rates of each, in images per second."""
    with contextlib.ExitStack() as stack:
        arms = {}
        for name, python in places.items():
            arms[name] = Arm(name, python, fill_mode, threads)
            stack.callback(arms[name].close)
        rates: dict[str, list[float]] = {name: [] for name in arms}
        for _ in range(repeats):
            for name, arm in arms.items():
                rates[name].append(arm.rate())
    return rates


def ratios(rates: dict[str, list[float]], other: str) -> list[float]:
    """Divides our rate by another's, turn by turn."""
    return [a / b for a, b in zip(rates["ours"], rates[other], strict=True)]


def table(measured: dict[str, dict[str, list[float]]]) -> str:
    """Makes a Markdown table of rates and ratios, a row for each fill mode and program."""
    from benchmarks import measurements

    rows = []
    for fill_mode, rates in measured.items():
        for name, values in rates.items():
            median = statistics.median(values)
            row = [f"{fill_mode}, {ARMS[name]}", f"{median:,.0f}", f"{1e6 / median:,.0f}"]
            others = [] if name == "ours" else ratios(rates, name)
            row.append(f"{statistics.median(others):.1f}×" if others else "")
            row.append(f"{min(others):.1f}–{max(others):.1f}" if others else "")
            rows.append(row)
    header = [f"augmentation at {EDGE}², batches of {COUNT}", "images/s", "µs/image"]
    return measurements.markdown_table([*header, "ours is", "range"], rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark.

    Args:
      arguments: the command line without the program's name; None means this process's.

    Returns:
      0, or 1 if ours is not as much faster as `WANTED` says in one of the fill modes.
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.augmentation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--with",
        dest="pythons",
        action="append",
        default=[],
        metavar="PYTHON",
        help="another interpreter in which to look for keras and tensorflow (may be repeated)",
    )
    parser.add_argument("--fill-modes", nargs="+", choices=FILL_MODES, default=list(FILL_MODES))
    parser.add_argument("--repeats", type=int, default=7, help="timed batches (default 7)")
    parser.add_argument("--threads", type=int, default=2, help="cores of each process (default 2)")
    parser.add_argument("--serve", choices=ARMS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve(options.serve, options.fill_modes[0], options.threads)
        return 0

    from benchmarks import machine, processes, results

    places = {"ours": sys.executable}
    pythons = processes.interpreters(options.pythons)
    found = processes.find("keras_tensorflow", pythons)
    if found:
        places |= {"generator": found.python, "layers": found.python}
    else:
        print("Keras on TensorFlow is not installed, so its layers are left out.", file=sys.stderr)
        found = processes.find("keras_jax", pythons)
        if found:
            places["generator"] = found.python
    measured = {}
    for fill_mode in options.fill_modes:
        print(f"{fill_mode} …", file=sys.stderr, flush=True)
        measured[fill_mode] = measure(places, fill_mode, options.repeats, options.threads)
    print(table(measured))
    print(f"\n{machine.sentence(options.threads)} Medians of {options.repeats} turns.")
    results.save(
        "augmentation",
        {"machine": machine.describe(), "threads": options.threads, "rates": measured},
    )
    slow = [
        f"{fill_mode}, {ARMS[name]}: {median:.1f}×; it must be {wanted:.0f}× or more."
        for fill_mode, rates in measured.items()
        for name, wanted in WANTED.items()
        if name in rates and (median := statistics.median(ratios(rates, name))) < wanted
    ]
    print("\n".join(slow))
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
