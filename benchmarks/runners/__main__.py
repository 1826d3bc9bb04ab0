"""Trains with one framework in this process, as the benchmark that started it asks.

`--serve` trains and times one epoch for every line on standard input and answers with a line of
JSON, so that the benchmark can take turns between frameworks. `--until ACCURACY` trains until an
epoch's training accuracy exceeds it, and then ends.
"""

import argparse
import importlib
import json
import os
import sys
import time


def main() -> None:
    """Reads the command line, limits itself to the given cores, and trains."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runners", description=__doc__)
    parser.add_argument("framework")
    parser.add_argument("--program", default="mnist_dense")
    parser.add_argument("--data", help="an .npz file with images and labels")
    parser.add_argument("--threads", type=int, default=2)
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--serve", action="store_true")
    way.add_argument("--until", type=float)
    parser.add_argument("--epochs", type=int, default=10)
    options = parser.parse_args()

    # This must come before the framework's import, which sizes thread pools by the usable cores.
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))[: options.threads]
        os.sched_setaffinity(0, cores)
    os.environ["OMP_NUM_THREADS"] = str(options.threads)

    # Frameworks print to standard output, so it becomes standard error; the answers use a copy.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    import resource

    import numpy as np

    from benchmarks.programs import PROGRAMS

    runner = importlib.import_module(f"benchmarks.runners.{options.framework}")
    program = PROGRAMS[options.program]
    images = labels = None
    count = 0
    if options.data:
        with np.load(options.data) as arrays:
            images, labels = arrays["images"], arrays["labels"]
        most = getattr(runner, "most_images", lambda *_: None)(program)
        images, labels = images[:most], labels[:most]
        count = len(images)
    epoch = runner.trainer(program, images, labels, options.threads)

    if options.serve:
        for _ in sys.stdin:
            started = time.perf_counter()
            accuracy = epoch()
            seconds = time.perf_counter() - started
            # Kilobytes on Linux, bytes on macOS.
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            answer = {
                "seconds": seconds,
                "accuracy": accuracy,
                "images": count,
                "peak_mib": peak / (2**20 if sys.platform == "darwin" else 2**10),
            }
            print(json.dumps(answer), file=answers)
    else:
        accuracies = []
        while len(accuracies) < options.epochs and max(accuracies, default=0) <= options.until:
            accuracies.append(epoch())
        print(json.dumps({"accuracies": accuracies}), file=answers)


if __name__ == "__main__":
    main()
