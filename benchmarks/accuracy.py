"""Accuracy on the real sets: each net of the course trained as in the course, over several seeds.

`--programs fashion_cnn stock_fashion_cnn` trains the Fashion CNN beside the same net of stock Flax
layers, with stock XLA's convolution and pooling: the two must end at the same accuracy.

Every (net, seed) is saved when it ends, so a run that was cut off goes on where it stopped; results
of other code or other data are not taken. About half an hour for five seeds on two cores.
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

# What the course promises of each net on the real sets.
MEAN_TEST = {"mnist_dense": 0.975, "fashion_dense": 0.865, "fashion_cnn": 0.90, "same_cnn": 0.905}

# The stock layers are left out unless asked for: they take four times as long.
NAMES = (*MEAN_TEST, STOCK)

# What the results depend on: with other code an earlier result is not taken.
CODE = [
    *results.TRAINING,
    *(f"benchmarks/{name}.py" for name in ("accuracy_training", "programs", "runners/flax_model")),
]


def title_of(name: str) -> str:
    """What tables call a name in `NAMES`."""
    return program_of(name).title + (", stock layers" if name == STOCK else "")


def spread(values: Sequence[float], digits: int = 4) -> str:
    """Writes a mean with its standard deviation (n − 1), and the range."""
    mean = statistics.mean(values)
    if len(values) == 1:
        return f"{mean:.{digits}f}"
    return (
        f"{mean:.{digits}f} ± {statistics.stdev(values):.{digits}f} "
        f"({min(values):.{digits}f}–{max(values):.{digits}f})"
    )


def table(measured: dict[str, list[dict[str, Any]]]) -> str:
    """Writes the table of docs/measurements.md.

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
    """Says where the results fall short of what the course promises.

    Args:
      measured: results by program name, one per seed, on a real set.

    Returns:
      One sentence each; none if all is well.
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
            sentences.append(f"{title}: not every seed came above {stop} in training.")
    ours, stock = ([run["test"] for run in measured.get(n, [])] for n in ("fashion_cnn", STOCK))
    if len(ours) > 1 and len(stock) > 1:
        distance = statistics.mean(ours) - statistics.mean(stock)
        error = math.hypot(*(statistics.stdev(each) / len(each) ** 0.5 for each in (ours, stock)))
        if abs(distance) > 2 * error:
            sentences.append(
                f"The Fashion CNN and the one of stock layers are {distance:+.4f} apart in mean "
                f"test accuracy, more than twice the standard error of {error:.4f}."
            )
    return sentences


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the accuracy benchmark.

    Args:
      arguments: the command line without the program's name; None takes this process's.

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
        help="take what earlier code gave as well; the line below the table says how much",
    )
    parser.add_argument("--fresh", action="store_true", help="take no earlier results")
    parser.add_argument("--quick", action="store_true", help="2,000 images: does it all run?")
    parser.add_argument("--write", action="store_true", help="write it into docs/measurements.md")
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error("--seeds is 1 or more.")
    if options.write and set(options.programs) not in (set(MEAN_TEST), {"fashion_cnn", STOCK}):
        parser.error(f"--write takes all of {', '.join(MEAN_TEST)}, or fashion_cnn and {STOCK}.")
    if options.quick and options.write:
        parser.error("--quick makes no figures worth writing: leave one of the two out.")
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
        note += f" {old} of the {len(runs)} trainings are from earlier code."
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
