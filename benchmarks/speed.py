"""Compares training speed with stock Flax, PyTorch and Keras, on the same data and batches.

Each framework trains the course's networks in a separate process on the same cores. They take
turns (A B C A B C …) after two epochs to warm up; a figure is the median over the repeats.
Frameworks that are not installed are left out; `--with PYTHON` names another interpreter that has
them. The second measurement shows whether an image costs the same among few and many images, in
early and late epochs. The third is a cold start: the seconds from starting the process to a
training accuracy above 0.99 with the dense network of 512, including imports and compilation. The
command saves all figures as JSON and draws the speeds as bars.
"""

import argparse
import contextlib
import dataclasses
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from benchmarks import machine, measurements, processes, results
from benchmarks.processes import Place, Runner, RunnerFailed
from benchmarks.programs import PROGRAMS, Program
from benchmarks.runners import FRAMEWORKS, matmul

WARM_UP = 2
COLD_PROGRAM = "mnist_dense"
COLD_TARGET = 0.99

# The network whose cost per image is measured, with these numbers of images and epochs each.
SCALING_PROGRAM = "fashion_cnn"
SCALING_IMAGES = (2_400, 4_800, 9_600)
SCALING_EPOCHS = 8

RUNNERS = "benchmarks/runners/*.py"
PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "speed.png"
SHOWN = (
    "![Training images per second of each framework, network by network, as a multiple of this "
    "library's.](pictures/speed.png)"
)


@dataclasses.dataclass
class Speed:
    """Training speed of one framework with one network.

    Attributes:
      rates: training images per second of each repeat.
      accuracy: running training accuracy of the last repeat, to compare what was learnt.
      peak_mib: the most memory that the framework's process had, including the data.
      ratios: for each repeat, our latest rate divided by this one's.
    """

    rates: list[float] = dataclasses.field(default_factory=list)
    accuracy: float = 0.0
    ratios: list[float] = dataclasses.field(default_factory=list)
    peak_mib: float = 0.0

    @property
    def median(self) -> float:
        """Median of the training images per second."""
        return statistics.median(self.rates)

    @property
    def spread(self) -> float:
        """Half the distance between the slowest and the fastest repeat, over the median."""
        return (max(self.rates) - min(self.rates)) / 2 / self.median


@dataclasses.dataclass
class Turns:
    """Results of the turns with one network.

    Attributes:
      speeds: by framework.
      matmul: operations per second of a large matrix product, for each repeat.
    """

    speeds: dict[str, Speed]
    matmul: list[float]


@dataclasses.dataclass
class Measured:
    """All measurements so far.

    Attributes:
      name: the name of the saved result.
      settings: code, machine and options; only the same settings can continue.
      turns: by program name.
      scaling: seconds of each epoch, by number of images.
      cold: (seconds, accuracy of each epoch) of every cold start, by framework.
    """

    name: str
    settings: dict[str, Any]
    turns: dict[str, Turns] = dataclasses.field(default_factory=dict)
    scaling: dict[int, list[float]] = dataclasses.field(default_factory=dict)
    cold: dict[str, list] = dataclasses.field(default_factory=dict)

    def keep(self) -> None:
        """Saves the measurements, so that half an hour's work survives a kill."""
        results.save(self.name, dataclasses.asdict(self))

    @classmethod
    def earlier(cls, name: str, settings: dict[str, Any]) -> "Measured | None":
        """Loads the measurements saved with the same settings, or returns None."""
        found = results.saved(name, settings=settings)
        if found is None:
            return None
        turns = {
            program: Turns(
                {f: Speed(**speed) for f, speed in each["speeds"].items()}, each["matmul"]
            )
            for program, each in found["turns"].items()
        }
        scaling = {int(images): seconds for images, seconds in found["scaling"].items()}
        return cls(name, settings, turns, scaling, found["cold"])


def say(text: str) -> None:
    """Shows progress on standard error at once."""
    print(text, file=sys.stderr, flush=True)


def write_data(program: Program, source: str, count: int, folder: Path) -> Path:
    """Saves the training images of a program for the runners.

    Args:
      program: which.
      source: as for `lib.load`.
      count: number of images.
      folder: where to put the file.

    Returns:
      An .npz file with images and labels.
    """
    import numpy as np

    import lib

    path = folder / f"{program.data}-{program.edge}-{count}.npz"
    if path.exists():
        return path
    if program.data:
        edge = None if program.edge == 28 else program.edge
        images, labels = lib.load(
            program.data, source, train_size=count, test_size=1, edge=edge
        ).train
    else:
        numbers = np.random.default_rng(0)
        shape = (count, program.edge, program.edge, program.colours)
        images = numbers.integers(0, 256, shape, np.uint8)
        labels = numbers.integers(0, program.classes, count).astype(np.int32)
    np.savez(path, images=images, labels=labels)
    return path


def take_turns(
    name: str, places: dict[str, Place], data: Path, repeats: int, threads: int, log: IO[str]
) -> Turns:
    """Measures every framework on one network, in turns.

    Args:
      name: a name in `PROGRAMS`.
      places: where each framework runs; "matmul" is one of them.
      data: the .npz file.
      repeats: timed epochs of each.
      threads: cores of each process.
      log: an open file for what the processes print.

    Returns:
      Speeds and matrix product rates. A framework that fails is reported and left out.
    """
    turns = Turns({}, [])
    with contextlib.ExitStack() as stack:
        runners = {}
        for framework, place in places.items():
            runner = stack.enter_context(Runner(framework, place, threads, log, name, data))
            try:
                for _ in range(WARM_UP):
                    runner.epoch()
            except RunnerFailed as failure:
                say(f"  {failure}")
                continue
            runners[framework] = runner
        for repeat in range(repeats):
            for framework, runner in list(runners.items()):
                try:
                    answer = runner.epoch()
                except RunnerFailed as failure:
                    say(f"  {failure}")
                    del runners[framework]
                    turns.speeds.pop(framework, None)
                    continue
                if framework == "matmul":
                    turns.matmul.append(matmul.operations() / answer["seconds"])
                    continue
                speed = turns.speeds.setdefault(framework, Speed())
                speed.rates.append(answer["images"] / answer["seconds"])
                speed.accuracy = answer["accuracy"]
                speed.peak_mib = answer["peak_mib"]
                if "ours" in turns.speeds:
                    speed.ratios.append(turns.speeds["ours"].rates[-1] / speed.rates[-1])
            rates = ", ".join(f"{f} {s.rates[-1]:,.0f}" for f, s in turns.speeds.items())
            say(f"  repeat {repeat + 1} of {repeats}, images/s: {rates}")
    return turns


def speed_table(measured: dict[str, Turns]) -> str:
    """Makes a Markdown table of the speeds and ratios.

    Args:
      measured: turns by program name.
    """
    rows = []
    for name, turns in measured.items():
        program = PROGRAMS[name]
        for framework, speed in turns.speeds.items():
            ratio = f"{statistics.median(speed.ratios):.2f}×" if speed.ratios else "–"
            share = ""
            if turns.matmul:
                reached = speed.median * program.training_flops()
                share = f"{100 * reached / statistics.median(turns.matmul):.0f} %"
            rows.append(
                [
                    f"{program.title}, {FRAMEWORKS[framework]}",
                    f"{speed.median:,.0f} ± {100 * speed.spread:.0f} %",
                    f"{1e6 / speed.median:,.0f}",
                    ratio if framework != "ours" else "",
                    share,
                    f"{speed.accuracy:.3f}",
                    f"{speed.peak_mib:,.0f}",
                ]
            )
    header = [
        "net, framework",
        "images/s",
        "µs/image",
        "ours is",
        "of matmul",
        "train acc.",
        "peak MiB",
    ]
    return measurements.markdown_table(header, rows)


def short_table(measured: dict[str, Turns]) -> str:
    """Makes a table with a row per network: our speed, and the ratios to the others (with range).

    Args:
      measured: turns by program name.
    """
    others = [f for f in FRAMEWORKS if f != "ours"]
    others = [f for f in others if any(f in turns.speeds for turns in measured.values())]
    rows = []
    for name, turns in measured.items():
        if "ours" not in turns.speeds:  # ours has failed, and every ratio is to ours
            continue
        ours = turns.speeds["ours"]
        reached = ours.median * PROGRAMS[name].training_flops()
        row = [PROGRAMS[name].title, f"{ours.median:,.0f} ± {100 * ours.spread:.0f} %"]
        matmul_rate = statistics.median(turns.matmul) if turns.matmul else None
        row.append(f"{100 * reached / matmul_rate:.0f} %" if matmul_rate else "–")
        for framework in others:
            ratios = turns.speeds[framework].ratios if framework in turns.speeds else []
            row.append(
                f"{statistics.median(ratios):.1f}× ({min(ratios):.1f}–{max(ratios):.1f})"
                if ratios
                else "–"
            )
        rows.append(row)
    header = ["net", "images/s here", "of matmul rate", *(FRAMEWORKS[f] for f in others)]
    return measurements.markdown_table(header, rows)


def scaling_table(epochs: dict[int, list[float]]) -> str:
    """Makes a table of the cost of an image among few and many, in early and late epochs.

    Args:
      epochs: seconds of each epoch, by number of images.
    """
    rows = []
    for images, seconds in epochs.items():
        half = len(seconds) // 2
        costs = [
            1e6 * statistics.median(part) / images for part in (seconds[:half], seconds[half:])
        ]
        rows.append([f"{images:,}", *(f"{cost:,.0f}" for cost in costs)])
    header = [f"{PROGRAMS[SCALING_PROGRAM].title}, images", "µs/image, early epochs", "late epochs"]
    return measurements.markdown_table(header, rows)


def bars(measured: dict[str, Turns]) -> Any:
    """Draws every framework's speed beside ours, network by network.

    Args:
      measured: turns by program name.

    Returns:
      A Matplotlib figure.
    """
    from matplotlib.figure import Figure

    measured = {name: turns for name, turns in measured.items() if "ours" in turns.speeds}
    shown = [f for f in FRAMEWORKS if any(f in turns.speeds for turns in measured.values())]
    figure = Figure(figsize=(9, 1 + 0.2 * len(shown) * len(measured)), layout="constrained")
    axes = figure.subplots()
    for number, framework in enumerate(shown):
        places, lengths = [], []
        for group, turns in enumerate(measured.values()):
            if framework in turns.speeds:
                places.append(group + 0.8 * (number + 0.5) / len(shown) - 0.4)
                lengths.append(1 / statistics.median(turns.speeds[framework].ratios))
        drawn = axes.barh(places, lengths, 0.8 / len(shown), label=FRAMEWORKS[framework])
        axes.bar_label(drawn, fmt="%.2f", padding=2, fontsize=7)
    axes.set_yticks(range(len(measured)), [PROGRAMS[name].title for name in measured])
    axes.invert_yaxis()
    axes.set_xlabel("training images per second, as a multiple of this library's")
    axes.margins(x=0.08)
    axes.spines[["top", "right"]].set_visible(False)
    if shown:
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=3, frameon=False)
    return figure


def cold_table(cold: dict[str, list[tuple[float, list[float]]]]) -> str:
    """Makes a Markdown table of the times from a cold start to the target.

    Args:
      cold: (seconds, accuracy of each epoch) of every run, by framework.
    """
    rows = []
    medians = {f: statistics.median(seconds for seconds, _ in runs) for f, runs in cold.items()}
    hits = {f: sum(max(values) > COLD_TARGET for _, values in runs) for f, runs in cold.items()}
    for framework, runs in cold.items():
        # The time of a run that missed the target says nothing.
        fair = all(hits.get(f) == len(cold.get(f, ())) for f in ("ours", framework))
        ratio = f"{medians[framework] / medians['ours']:.2f}×" if fair and "ours" in cold else "–"
        epochs = "–".join(str(n) for n in sorted({len(accuracies) for _, accuracies in runs}))
        rows.append(
            [
                FRAMEWORKS[framework],
                f"{medians[framework]:.1f}",
                f"{min(s for s, _ in runs):.1f}–{max(s for s, _ in runs):.1f}",
                epochs,
                f"{hits[framework]} of {len(runs)}",
                ratio if framework != "ours" else "",
            ]
        )
    header = [
        f"{PROGRAMS[COLD_PROGRAM].title}, cold start to train accuracy > {COLD_TARGET}",
        "seconds",
        "range",
        "epochs",
        "reached",
        "ours is",
    ]
    return measurements.markdown_table(header, rows)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog="Other measurements, each with --help: python -m benchmarks.accuracy, "
        ".augmentation, .classroom, .compiling, .convolution, .course, .folders, .latency, "
        ".memory, .repeat, .report_picture, .targets, .throughput, .watch_picture.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", default="embedded", help="embedded, tfds or a folder with the real sets"
    )
    parser.add_argument("--programs", nargs="+", choices=PROGRAMS, default=list(PROGRAMS))
    parser.add_argument("--frameworks", nargs="+", choices=FRAMEWORKS, default=list(FRAMEWORKS))
    parser.add_argument(
        "--with",
        dest="pythons",
        action="append",
        default=[],
        metavar="PYTHON",
        help="another interpreter in which to look for frameworks (may be repeated)",
    )
    parser.add_argument(
        "--repeats", type=int, default=5, help="timed epochs of each framework (default 5)"
    )
    parser.add_argument("--threads", type=int, default=2, help="cores of each process (default 2)")
    parser.add_argument(
        "--cold-repeats", type=int, default=5, help="cold starts of each framework (default 5)"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="train on a few hundred images, to check that everything runs; save no figures",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="continue from what was saved today with the same code and options",
    )
    parser.add_argument(
        "--write", action="store_true", help="write the table into docs/measurements.md"
    )
    options = parser.parse_args(arguments)
    if options.quick:
        options.repeats, options.cold_repeats = 2, min(options.cold_repeats, 1)
        if options.write:
            parser.error(
                "--quick and --write do not go together: quick figures are not worth writing."
            )
    if options.write and set(options.programs) != set(PROGRAMS):
        parser.error("--write replaces the entire table: it needs all programs.")
    if options.repeats < 1 or options.cold_repeats < 0 or options.threads < 1:
        parser.error("--repeats and --threads must be 1 or more, --cold-repeats 0 or more.")
    if "ours" not in options.frameworks:
        options.frameworks.insert(0, "ours")  # every ratio is to ours
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the speed benchmark.

    Args:
      arguments: the command line without the program's name; None means this process's.

    Returns:
      0.
    """
    options = parse(arguments)
    pythons = processes.interpreters(options.pythons)
    places: dict[str, Place] = {}
    for framework in options.frameworks:
        place = processes.find(framework, pythons)
        if place is None:
            say(f"{FRAMEWORKS[framework]} is not installed and is left out.")
            continue
        versions = ", ".join(f"{name} {version}" for name, version in place.versions.items())
        say(f"{FRAMEWORKS[framework]}: {versions}")
        places[framework] = place
    yardstick = processes.find("matmul", pythons[:1])
    versions = {f: p.versions for f, p in places.items()}

    settings = {
        "code": results.code_fingerprint(*results.TRAINING, "benchmarks/programs.py", RUNNERS),
        "machine": machine.describe(),
        "threads": options.threads,
        "data": options.data,
        "versions": versions,
        "repeats": options.repeats,
    }
    saved = "speed-quick" if options.quick else "speed"
    measured = (options.resume and Measured.earlier(saved, settings)) or Measured(saved, settings)
    with tempfile.TemporaryDirectory(prefix="flaxlings-benchmark-") as name:
        folder = Path(name)
        with (folder / "log").open("w+") as log:
            _measure(options, places, yardstick, folder, log, measured)

    note = machine.sentence(options.threads)
    tables = [speed_table(measured.turns)]
    tables += [scaling_table(measured.scaling)] if measured.scaling else []
    tables += [cold_table(measured.cold)] if measured.cold else []
    rates = [rate for turns in measured.turns.values() for rate in turns.matmul]
    if rates:
        note += f" A 2048³ float32 product reached {statistics.median(rates) / 1e9:.0f} GFLOP/s."
    others = {n: v for each in versions.values() for n, v in each.items() if n != "python"}
    note += " Versions: " + ", ".join(f"{n} {v}" for n, v in sorted(others.items())) + "."
    note += f" Adam, {_kind(options.data)}; "
    note += f"medians of {options.repeats} repeats with half their range."
    text = "\n\n".join([*tables, note])
    print(text)
    if not options.quick:
        file = results.FOLDER / f"{saved}.json"
        picture = file.with_suffix(".png")
        bars(measured.turns).savefig(picture, dpi=150)
        say(f"Saved all figures in {file} and the bars in {picture}.")
        if options.write:
            shutil.copyfile(picture, PICTURE)
    if options.write:
        measurements.write(
            "speed", "\n\n".join([SHOWN, short_table(measured.turns), *tables[1:], note])
        )
    return 0


def _kind(source: str) -> str:
    kind = "embedded stand-ins" if source == "embedded" else "the real sets"
    return f"{kind} (random features for the transfer head)"


def _measure(options, places, yardstick, folder, log, measured):
    started = time.monotonic()
    for name in options.programs:
        program = PROGRAMS[name]
        if name in measured.turns:
            say(f"{program.title}: measured earlier")
            continue
        say(f"{program.title} ({time.monotonic() - started:.0f} s so far)")
        count = min(program.speed_images, 320) if options.quick else program.speed_images
        data = write_data(program, options.data, count, folder)
        with_yardstick = places | ({"matmul": yardstick} if yardstick else {})
        measured.turns[name] = take_turns(
            name, with_yardstick, data, options.repeats, options.threads, log
        )
        measured.keep()
    if SCALING_PROGRAM in options.programs and not options.quick and not measured.scaling:
        scaling = {}
        program = PROGRAMS[SCALING_PROGRAM]
        for count in SCALING_IMAGES:
            data = write_data(program, options.data, count, folder)
            say(f"{program.title}, {count} images, {SCALING_EPOCHS} epochs")
            with Runner(
                "ours", places["ours"], options.threads, log, SCALING_PROGRAM, data
            ) as runner:
                runner.epoch()
                scaling[count] = [runner.epoch()["seconds"] for _ in range(SCALING_EPOCHS)]
        measured.scaling = scaling
        measured.keep()
    data = None
    done = max(map(len, measured.cold.values()), default=0)
    for repeat in range(done, options.cold_repeats):
        program = PROGRAMS[COLD_PROGRAM]
        data = data or write_data(program, options.data, 320 if options.quick else 60_000, folder)
        for framework, place in places.items():
            try:
                run = processes.cold_run(
                    framework, place, options.threads, log, COLD_PROGRAM, data, COLD_TARGET
                )
            except RunnerFailed as failure:
                say(f"  {failure}")
                continue
            say(f"Cold start {repeat + 1}, {FRAMEWORKS[framework]}: {run[0]:.1f} s")
            measured.cold.setdefault(framework, []).append(run)
        measured.keep()


if __name__ == "__main__":
    sys.exit(main())
