"""Measures what the grader's compilation saves, on week 6's network.

The table shows how long the first epoch takes, compilation included, and how long later ones take.
Each training is a new process. Three settings take turns, with and without augmentation and
dropout: XLA's own choice, the grader's, and the grader's with loops that LLVM unrolls.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine, measurements
from grader.worker.xla_flags import FLAGS, quick_flags

ROOT = Path(__file__).parents[1]
TRAINING = """
import json, sys, time
import jax, lib, optax
pets = lib.load("cats_and_dogs", train_size=400, test_size=0, edge=48)
turns = lib.Augment(rotation=15, zoom=0.15, horizontal_flip=True)
changes, dropout = (turns, 0.3) if sys.argv[1] == "augmented" else (None, 0.0)
fit_key = jax.random.key(1)
started = time.perf_counter()
state = lib.create_state(
    lib.cats_and_dogs(dropout), optax.adam(0.001), pets.train.images, jax.random.key(0),
    augment=changes,
)
state, _ = lib.fit(state, *pets.train, epochs=1, batch_size=20, key=fit_key, verbose=0)
trains = time.perf_counter()
state, _ = lib.fit(state, *pets.train, epochs=5, batch_size=20, key=fit_key, verbose=0)
print(json.dumps([trains - started, (time.perf_counter() - trains) / 5]))
"""


def trained(kind: str, flags: str) -> tuple[float, float]:
    """Trains in a new process.

    Args:
      kind: "plain" or "augmented".
      flags: the `XLA_FLAGS`.

    Returns:
      Seconds until the end of the first epoch, and seconds per epoch after it.
    """
    run = subprocess.run(
        [sys.executable, "-c", TRAINING, kind],
        cwd=ROOT,
        env={**os.environ, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    first, epoch = json.loads(run.stdout)
    return first, epoch


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark.

    Args:
      arguments: the command line without the program's name; None means this process's.

    Returns:
      0.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compiling", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args(arguments)
    ways = {
        "XLA's own": "",
        "the grader's, loops unrolled": FLAGS.split()[0],
        "the grader's": quick_flags(),
    }
    if not ways["the grader's"]:
        print("With this version of JAX the grader uses XLA's own choice. There is no comparison.")
        return 0
    rows = []
    for kind in ("plain", "augmented"):
        measured: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
        for _ in range(options.repeats):
            for way, flags in ways.items():
                measured[way].append(trained(kind, flags))
        for way, pairs in measured.items():
            first, epoch = (statistics.median(each) for each in zip(*pairs, strict=True))
            rows.append([kind, way, f"{first:.2f}", f"{epoch:.3f}"])
    print(
        measurements.markdown_table(
            ["training", "compiled", "first epoch, s", "later, s each"], rows
        )
    )
    print(f"\n{machine.sentence()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
