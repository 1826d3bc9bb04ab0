"""Measures accuracy on the real sets: trains each of the course's networks with several seeds.

`--programs fashion_cnn stock_fashion_cnn` trains the Fashion CNN beside the same network of stock
Flax layers, with stock XLA's convolution and pooling. Both must reach the same accuracy.

The benchmark saves every training (network, seed) when it ends, so an interrupted run continues
where it stopped. It does not use results of other code or other data. Five seeds take about half an
hour on two cores.
"""

import argparse
import math
import statistics
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks import machine, measurements, results
from benchmarks.accuracy_training import STOCK, program_of, train_once
from benchmarks.programs import LEARNING_RATE

# The mean test accuracy on the real sets that the course promises for each network.
MEAN_TEST = {"mnist_dense": 0.975, "fashion_dense": 0.865, "fashion_cnn": 0.90, "same_cnn": 0.905}

# The stock layers are left out unless asked for: they take four times as long.
NAMES = (*MEAN_TEST, STOCK)

# The code that the results depend on. If it changes, earlier results are not used.
CODE = [
    *results.TRAINING,
    *(f"benchmarks/{name}.py" for name in ("accuracy_training", "programs", "runners/flax_model")),
]


def title_of(name: str) -> str:
    """Returns the title of a name in `NAMES`, for tables."""
    return program_of(name).title + (", stock layers" if name == STOCK else "")


def spread(values: Sequence[float], digits: int = 4) -> str:
    """Formats a mean with its standard deviation (n − 1) and range."""
    mean = statistics.mean(values)
    if len(values) == 1:
        return f"{mean:.{digits}f}"
    return (
        f"{mean:.{digits}f} ± {statistics.stdev(values):.{digits}f} "
        f"({min(values):.{digits}f}–{max(values):.{digits}f})"
    )


def table(measured: dict[str, list[dict[str, Any]]]) -> str:
    """Makes the table of docs/measurements.md.

    Args:
      measured: results by program name, one per seed.
    """
    rows = []
    for name, runs in measured.items():
        epochs = sorted({run["epochs"] for run in runs})
        rows.append(
            [
                title_of(name),
                str(len(runs)),
                str(epochs[0]) if len(epochs) == 1 else f"{epochs[0]}–{epochs[-1]}",
                spread([run["train"] for run in runs]),
                spread([run["test"] for run in runs]),
            ]
        )
    header = ["net", "seeds", "epochs", "train accuracy", "test accuracy"]
    return measurements.markdown_table(header, rows)


def broken_promises(measured: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Finds where the results fall short of what the course promises.

    Args:
      measured: results by program name, one per seed, on a real set.

    Returns:
      One sentence for each; an empty list if there are none.
    """
    sentences = []
    for name, runs in measured.items():
        title, stop = title_of(name), program_of(name).stop_above
        mean = statistics.mean(run["test"] for run in runs)
        if mean < MEAN_TEST.get(name, 0):
            sentences.append(
                f"{title}: the mean test accuracy is {mean:.4f}, below {MEAN_TEST[name]}."
            )
        if stop is not None and min(run["train"] for run in runs) <= stop:
            sentences.append(f"{title}: not every seed exceeded {stop} training accuracy.")
    ours, stock = ([run["test"] for run in measured.get(n, [])] for n in ("fashion_cnn", STOCK))
    if len(ours) > 1 and len(stock) > 1:
        distance = statistics.mean(ours) - statistics.mean(stock)
        error = math.hypot(*(statistics.stdev(each) / len(each) ** 0.5 for each in (ours, stock)))
        if abs(distance) > 2 * error:
            sentences.append(
                f"The mean test accuracies of the Fashion CNN and its version of stock layers "
                f"differ by {distance:+.4f}, more than twice the standard error of {error:.4f}."
            )
    return sentences


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the accuracy benchmark.

    Args:
      arguments: the command line without the program's name; None means this process's.

    Returns:
      0, or 1 if results on the real sets fall short of what the course promises.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("--data", required=True, help="a folder with the real sets, or tfds")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--programs", nargs="+", choices=NAMES, default=list(MEAN_TEST))
    parser.add_argument(
        "--earlier-code",
        action="store_true",
        help="also use results of earlier code; the line below the table says how many",
    )
    parser.add_argument("--fresh", action="store_true", help="do not use earlier results")
    parser.add_argument(
        "--quick", action="store_true", help="train on 2,000 images, to check that everything runs"
    )
    parser.add_argument(
        "--write", action="store_true", help="write the table into docs/measurements.md"
    )
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error("--seeds must be 1 or more.")
    if options.write and set(options.programs) not in (set(MEAN_TEST), {"fashion_cnn", STOCK}):
        parser.error(f"--write needs all of {', '.join(MEAN_TEST)}, or fashion_cnn and {STOCK}.")
    if options.quick and options.write:
        parser.error("--quick and --write do not go together: quick figures are not worth writing.")
    import lib

    images = 2000 if options.quick else None
    code = results.code_fingerprint(*CODE)
    measured: dict[str, list[dict[str, Any]]] = {}
    for name in options.programs:
        data = lib.load(program_of(name).data, options.data, train_size=images)
        digest = results.digest(*data.train, *data.test)
        for seed in range(options.seeds):
            settings = {"program": name, "seed": seed, "digest": digest}
            needed = settings if options.earlier_code else settings | {"code": code}
            file = f"accuracy/{name}-{seed}{'-quick' if options.quick else ''}"
            run = None if options.fresh else results.saved(file, **needed)
            earlier = " (saved earlier)" if run else ""
            if run is None:
                run = settings | {"code": code} | train_once(name, data, seed)
                run["machine"] = machine.describe()
                results.save(file, run)
            measured.setdefault(name, []).append(run)
            print(
                f"{title_of(name)}, seed {seed}: {run['epochs']} epochs, "
                f"train {run['train']:.4f}, test {run['test']:.4f}, "
                f"{run['seconds_per_epoch']:.1f} s/epoch{earlier}",
                file=sys.stderr,
                flush=True,
            )
    runs = [run for each in measured.values() for run in each]
    note = (
        f"Batches of 32, Adam {LEARNING_RATE}; mean ± standard deviation over the seeds "
        f"and (range). {machine.sentence(machines=[run['machine'] for run in runs])}"
    )
    old = sum(run["code"] != code for run in runs)
    if old:
        note += f" {old} of the {len(runs)} training runs are from earlier code."
    is_real = all(run["is_real"] for run in runs)
    if not is_real:
        note = f"**On stand-ins, not on the real sets.** {note}"
    text = f"{table(measured)}\n\n{note}"
    print(text)
    if options.write:
        measurements.write("stock" if STOCK in options.programs else "accuracy", text)
    broken = broken_promises(measured) if is_real and not options.quick else []
    for sentence in broken:
        print(sentence)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
