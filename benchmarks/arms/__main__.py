"""Trains one program with one framework in this process and prints its history as JSON."""

import argparse
import dataclasses
import importlib
import json
import os
import time
from pathlib import Path


def main() -> None:
    """Reads the command line, limits itself to the given cores, and trains."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.arms", description=__doc__)
    parser.add_argument("arm")
    parser.add_argument("--program", required=True)
    parser.add_argument("--data", required=True, help="an .npz file with both splits")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="instead of the program's own")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--folder", type=Path, required=True, help="where to save the training and resume it"
    )
    options = parser.parse_args()

    # This must come before the framework's import, which sizes thread pools by the usable cores.
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    os.environ["OMP_NUM_THREADS"] = str(options.threads)

    # Frameworks print to standard output, so it becomes standard error; the answer uses a copy.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    import numpy as np

    from benchmarks.arms import Pictures
    from benchmarks.picture_programs import PICTURE_PROGRAMS

    arm = importlib.import_module(f"benchmarks.arms.{options.arm}")
    with np.load(options.data) as arrays:
        data = Pictures(
            **{field.name: arrays[field.name] for field in dataclasses.fields(Pictures)}
        )
    program = PICTURE_PROGRAMS[options.program]
    started = time.perf_counter()
    options.folder.mkdir(parents=True, exist_ok=True)
    epochs = options.epochs or program.epochs
    history = arm.train(program, data, options.seed, epochs, options.threads, options.folder)
    seconds = time.perf_counter() - started
    print(json.dumps({"history": history, "seconds": seconds}), file=answers)


if __name__ == "__main__":
    main()
