"""Compares the course's training runs on the real image sets with Keras.

    python -m benchmarks.course --data DIR --with PYTHON_THAT_HAS_KERAS_AND_TENSORFLOW

Both sides train on the same images. The command reads them once, makes them square and hands them
over as a file, so that only the training differs. Each side has its own initial weights, order of
images and augmentation. Every training (program, side, edge, seed) is a separate process and is
saved after every epoch, so an interrupted command continues where it stopped. It does not use
results of other code or other images. Three seeds at 75² and one or three at 150² take hours on two
cores. `--saved` trains nothing and makes the table of the saved results.
"""

import argparse
import dataclasses
import hashlib
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import machine, measurements, processes, results
from benchmarks.arms import ARMS
from benchmarks.picture_programs import PICTURE_PROGRAMS, PictureProgram
from benchmarks.processes import Place

ROOT = Path(__file__).parents[1]

# Seeds at each edge; 28 is for the sets whose images have a fixed edge.
SEEDS = {28: 3, 75: 3, 150: 1}

# These train in minutes, and one seed says little: one side's last epochs differ by five points.
MORE_SEEDS = {("flowers", 150): 3, ("horse_or_human", 150): 3}

# Edges for the sets whose images can have any edge.
SIZED = (75, 150)

# Ours may be below Keras by this, or by two standard errors of the difference.
MAY_BE_BELOW = 0.02

# How much augmentation and dropout must improve the best epoch.
AUGMENTATION_GAINS = 0.04


@dataclasses.dataclass(frozen=True)
class Run:
    """One training.

    Attributes:
      name: a name in `PICTURE_PROGRAMS`.
      arm: a name in `ARMS`.
      edge: height and width of the pictures.
      seed: of the initial weights, the order of the pictures, dropout and augmentation.
    """

    name: str
    arm: str
    edge: int
    seed: int

    @property
    def program(self) -> PictureProgram:
        """The program to train."""
        return PICTURE_PROGRAMS[self.name]

    def __str__(self) -> str:
        """Describes the training, for progress messages."""
        return f"{self.program.title}, {self.edge}², seed {self.seed}, {ARMS[self.arm]}"

    def code(self) -> str:
        """Fingerprint of the code that the result depends on."""
        files = [f"benchmarks/arms/{self.arm}.py"]
        if self.arm == "ours":
            files += results.TRAINING
            files += ["lib/augmentation/*.py"] if self.program.augmented else []
        return results.code_fingerprint(*files)


# A training's history by metric, and what else was saved with it.
Result = dict[str, Any]
Measured = dict[Run, Result]


def planned(
    names: Sequence[str], arms: Sequence[str], edges: Sequence[int], seeds: int | None
) -> list[Run]:
    """Lists the training runs: the quickest edges and programs first, seed 0 before other seeds.

    Args:
      names: programs.
      arms: sides.
      edges: for the programs whose images can have any edge.
      seeds: instead of `SEEDS` and `MORE_SEEDS`.
    """
    runs = [
        Run(name, arm, edge, seed)
        for name in names
        for edge in (edges if PICTURE_PROGRAMS[name].sized else [28])
        for seed in range(seeds or MORE_SEEDS.get((name, edge), SEEDS[edge]))
        for arm in arms
    ]
    return sorted(runs, key=lambda run: (run.edge, run.seed))


class PictureFiles:
    """Writes the images of each set and edge into a file that both sides read."""

    def __init__(self, source: str, quick: bool):
        """Remembers the source.

        Args:
          source: as for `lib.load`.
          quick: whether to use only a few images.
        """
        self._source = source
        self._quick = quick
        self._known: dict[tuple[str, int], tuple[Path, dict[str, Any]]] = {}

    def of(self, program: PictureProgram, edge: int) -> tuple[Path, dict[str, Any]]:
        """Reads a set and writes its file, unless the file is there.

        Returns:
          The .npz file, and a description of the images to save with a result; "digest" covers
          every pixel and label.
        """
        if (program.data, edge) not in self._known:
            self._known[program.data, edge] = self._make(program, edge)
        return self._known[program.data, edge]

    def _make(self, program: PictureProgram, edge: int) -> tuple[Path, dict[str, Any]]:
        import numpy as np

        import lib

        data = lib.load(program.data, self._source, edge=edge if program.sized else None)
        train, test = data.train, data.test
        if self._quick:
            train, test = (
                lib.Split(*(part[:: max(1, len(split.labels) // 48)] for part in split))
                for split in (train, test)
            )
        arrays = {
            "images": train.images,
            "labels": train.labels,
            "val_images": test.images,
            "val_labels": test.labels,
        }
        about = {
            "digest": results.digest(*arrays.values()),
            "data": data.describe(),
            "is_real": data.is_real,
            "train_size": len(train.labels),
            "val_size": len(test.labels),
        }
        path = results.FOLDER / "course" / "pictures" / f"{program.data}-{about['digest']}.npz"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            half = path.with_suffix(f".{os.getpid()}.part")
            with half.open("wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]
            os.replace(half, path)
        return path, about


def settings_of(run: Run, about: Mapping[str, Any], epochs: int) -> dict[str, Any]:
    """The settings that a saved result must share to count as this training."""
    settings = {
        "program": dataclasses.asdict(run.program) | {"epochs": epochs},
        "edge": run.edge,
        "seed": run.seed,
        "digest": about["digest"],
        "code": run.code(),
    }
    return json.loads(json.dumps(settings))


def unfinished_folder(run: Run, settings: Mapping[str, Any]) -> Path:
    """Returns the folder of a training until it ends; other settings have another folder."""
    made_of = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:8]
    name = f"{run.name}-{run.arm}-{run.edge}-{run.seed}-{made_of}"
    return results.FOLDER / "course" / "unfinished" / name


def train(run: Run, place: Place, data: Path, epochs: int, threads: int, folder: Path) -> Result:
    """Trains in a new process.

    Args:
      run: which.
      place: the interpreter.
      data: the pictures.
      epochs: at most.
      threads: cores of the process.
      folder: where the training is saved after every epoch and resumes from.

    Returns:
      {"history": …, "seconds": …}; after a pause, the seconds are those of the last process.

    Raises:
      processes.RunnerFailed: if the process gave no answer; the reason is on standard error.
    """
    words = ["--program", run.name, "--data", str(data), "--seed", str(run.seed)]
    words += ["--epochs", str(epochs), "--threads", str(threads), "--folder", str(folder)]
    process = subprocess.run(
        [place.python, "-m", "benchmarks.arms", run.arm, *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if process.returncode != 0 or not process.stdout:
        raise processes.RunnerFailed(
            f"{run} ended with exit status {process.returncode} and gave no answer."
        )
    return json.loads(process.stdout)


def last_and_best(result: Result, metric: str) -> tuple[float, float] | None:
    """Returns a metric in the last and in the best epoch, or None if it was not measured."""
    values = result["history"].get(metric)
    return (values[-1], max(values)) if values else None


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Both sides of one program at one edge.

    Attributes:
      name: a name in `PICTURE_PROGRAMS`.
      edge: of the pictures.
      sides: results by arm, one per seed.
      smaller: the same program with smaller pictures and several seeds, if there is one.
    """

    name: str
    edge: int
    sides: Mapping[str, Sequence[Result]]
    smaller: "Comparison | None" = None

    @property
    def title(self) -> str:
        """Names the comparison, for tables and messages."""
        return f"{PICTURE_PROGRAMS[self.name].title}, {self.edge}²"

    def values(self, arm: str, metric: str, which: int) -> list[float]:
        """Returns a metric of each seed: `which` is 0 for the last epoch, 1 for the best."""
        both = [last_and_best(result, metric) for result in self.sides.get(arm, ())]
        return [each[which] for each in both if each is not None]

    def difference(self, which: int) -> tuple[float, float] | None:
        """Returns our mean validation accuracy less Keras's, and how far it may be below.

        Args:
          which: 0 for the last epoch, 1 for the best.

        Returns:
          (difference, allowance), or None without both sides or without validation images. The
          allowance is two standard errors of the difference, but at least `MAY_BE_BELOW`. A single
          seed has no variance, so that of the smaller images is used.
        """
        ours, theirs = (self.values(arm, "val_accuracy", which) for arm in ARMS)
        if not ours or not theirs:
            return None
        variance = 0.0
        for arm, side in zip(ARMS, (ours, theirs), strict=True):
            spread_of = side
            if len(side) == 1 and self.smaller is not None:
                spread_of = self.smaller.values(arm, "val_accuracy", which)
            if len(spread_of) > 1:
                variance += statistics.variance(spread_of) / len(side)
        return (
            statistics.mean(ours) - statistics.mean(theirs),
            max(MAY_BE_BELOW, 2 * math.sqrt(variance)),
        )

    def row(self) -> list[str]:
        """Returns the cells of a row of the table."""
        counts = [len(self.sides.get(arm, ())) for arm in ARMS]
        cells = [self.title, "/".join(str(n) for n in dict.fromkeys(counts))]
        for arm in ARMS:
            pair = [self.values(arm, "accuracy", which) for which in (0, 1)]
            cells.append(
                " / ".join(f"{statistics.mean(each):.3f}" if each else "–" for each in pair)
            )
        for which in (0, 1):
            cells += [spread(self.values(arm, "val_accuracy", which)) for arm in ARMS]
        compared = [self.difference(which) for which in (0, 1)]
        told = [f"{100 * each[0]:+.1f}" for each in compared if each is not None]
        return [*cells, ", ".join(told) or "–"]

    def broken(self) -> list[str]:
        """Finds where ours falls short of Keras; returns one sentence for each."""
        sentences = []
        for which, epoch in enumerate(("last", "best")):
            compared = self.difference(which)
            if compared is not None and compared[0] < -compared[1]:
                sentences.append(
                    f"{self.title}: the {epoch} epoch's validation accuracy is "
                    f"{-100 * compared[0]:.1f} points below Keras's; at most "
                    f"{100 * compared[1]:.1f} are allowed."
                )
        return sentences


HEADER = [
    *("program, edge", "seeds", "train, here", "train, Keras"),
    *("validation, last: here", "Keras", "best: here", "Keras", "here − Keras, points"),
]


def spread(values: Sequence[float]) -> str:
    """Formats a mean, with its standard deviation (n − 1) if there are several values."""
    if not values:
        return "–"
    mean = f"{statistics.mean(values):.3f}"
    return f"{mean} ± {statistics.stdev(values):.3f}" if len(values) > 1 else mean


def comparisons(measured: Measured) -> list[Comparison]:
    """Groups both sides and all seeds of a program and edge, in the programs' order."""
    found: dict[tuple[str, int], dict[str, list[Result]]] = {}
    for run, result in measured.items():
        sides = found.setdefault((run.name, run.edge), {})
        sides.setdefault(run.arm, []).append(result)
    order = list(PICTURE_PROGRAMS)
    made: dict[tuple[str, int], Comparison] = {}
    for name, edge in sorted(found, key=lambda place: (order.index(place[0]), place[1])):
        made[name, edge] = Comparison(name, edge, found[name, edge], made.get((name, min(SIZED))))
    return list(made.values())


def broken_promises(compared: Sequence[Comparison]) -> list[str]:
    """Finds where the results fall short of what the course promises.

    Args:
      compared: every program and edge that was measured, on real sets.

    Returns:
      One sentence for each; an empty list if there are none.
    """
    sentences = [sentence for each in compared for sentence in each.broken()]
    plain_best: dict[int, float] = {}
    for each in compared:
        train = each.values("ours", "accuracy", 1)
        best = each.values("ours", "val_accuracy", 1)
        stop = PICTURE_PROGRAMS[each.name].stop_above
        if train and stop is not None and min(train) <= stop:
            sentences.append(f"{each.title}: not every seed exceeded {stop} training accuracy.")
        if best and each.name == "cats_and_dogs":
            plain_best[each.edge] = statistics.mean(best)
            if statistics.mean(train) < 0.95 or statistics.mean(best) > 0.80:
                sentences.append(
                    f"{each.title}: the network does not overfit (train "
                    f"{statistics.mean(train):.3f}, "
                    f"validation {statistics.mean(best):.3f})."
                )
        if best and each.name == "cats_and_dogs_augmented" and each.edge in plain_best:
            gain = statistics.mean(best) - plain_best[each.edge]
            if gain < AUGMENTATION_GAINS:
                sentences.append(
                    f"{each.title}: the best epoch is {100 * gain:.1f} points above the best one "
                    f"without them; it must be {100 * AUGMENTATION_GAINS:.0f} points above."
                )
    return sentences


def say(text: str) -> None:
    """Shows progress on standard error at once."""
    print(text, file=sys.stderr, flush=True)


def measure(
    options: argparse.Namespace, places: Mapping[str, Place]
) -> Iterator[tuple[Run, Result]]:
    """Uses the saved results and trains the rest.

    Args:
      options: the command line.
      places: where each side is run.

    Yields:
      Each training that has a result. One that fails is reported and left out.
    """
    files = PictureFiles(options.data, options.quick)
    runs = planned(options.only, options.arm, options.edge, options.seeds)
    for number, run in enumerate(runs, start=1):
        data, about = files.of(run.program, run.edge)
        epochs = 2 if options.quick else run.program.epochs
        settings = settings_of(run, about, epochs)
        file = f"course/{run.name}-{run.arm}-{run.edge}-{run.seed}"
        file += "-quick" if options.quick else ""
        needed = dict(settings)
        if options.earlier_code:
            del needed["code"]
        result = None if options.fresh else results.saved(file, **needed)
        earlier = " (saved earlier)" if result else ""
        if result is None:
            if options.saved or run.arm not in places:
                continue
            say(f"{number} of {len(runs)}: {run} …")
            place = places[run.arm]
            unfinished = unfinished_folder(run, settings)
            if options.fresh:
                shutil.rmtree(unfinished, ignore_errors=True)
            try:
                result = train(run, place, data, epochs, options.threads, unfinished)
            except processes.RunnerFailed as failure:
                say(f"  {failure}")
                continue
            made_on = {"versions": place.versions, "machine": machine.describe()}
            result = settings | about | made_on | result
            results.save(file, result)
            shutil.rmtree(unfinished, ignore_errors=True)
        told = [f"{len(result['history']['accuracy'])} epochs"]
        for metric, title in (("accuracy", "train"), ("val_accuracy", "validation")):
            both = last_and_best(result, metric)
            if both:
                told.append(f"{title} {both[0]:.4f}, best {both[1]:.4f}")
        told.append(f"{result['seconds']:.0f} s{earlier}")
        say(f"{run}: {'; '.join(told)}")
        yield run, result


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.course",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", required=True, help="a folder with the real sets")
    parser.add_argument(
        "--with",
        dest="pythons",
        action="append",
        default=[],
        metavar="PYTHON",
        help="another interpreter in which to look for Keras and TensorFlow (may be repeated)",
    )
    parser.add_argument(
        "--only", nargs="+", choices=PICTURE_PROGRAMS, default=list(PICTURE_PROGRAMS)
    )
    parser.add_argument("--edge", nargs="+", type=int, choices=SIZED, default=list(SIZED))
    parser.add_argument("--seeds", type=int, help="seeds of each (default: 3; mostly 1 at 150²)")
    parser.add_argument("--arm", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--threads", type=int, default=2, help="cores of each process (default 2)")
    parser.add_argument(
        "--saved", action="store_true", help="train nothing; make the table of the saved results"
    )
    parser.add_argument(
        "--earlier-code",
        action="store_true",
        help="also use results of earlier code; the line below the table says how many",
    )
    parser.add_argument("--fresh", action="store_true", help="do not use earlier results")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="train on about fifty images for two epochs, to check that everything runs",
    )
    parser.add_argument(
        "--write", action="store_true", help="write the table into docs/measurements.md"
    )
    options = parser.parse_args(arguments)
    if options.quick and options.write:
        parser.error("--quick and --write do not go together: quick figures are not worth writing.")
    if options.quick:
        options.edge, options.seeds = [min(options.edge)], 1
    return options


def note(measured: Measured) -> str:
    """Makes the text below the table: what it shows and how it was measured.

    Args:
      measured: every result in it.
    """
    runs = list(measured.values())
    versions = {f"{n} {v}" for run in runs for n, v in run["versions"].items() if n != "python"}
    sentences = [
        "Accuracies are means ± standard deviations over the seeds. Training accuracies and "
        "differences are given for the last and the best epoch. Both sides train on the same "
        "images, made square by this course's loader. The command fails if ours is below Keras's "
        "by more than 2 points and by more than two standard errors of the difference. With one "
        "seed, it uses the standard deviation at 75² instead.",
        machine.sentence(machines=[run["machine"] for run in runs]),
        f"Versions: {', '.join(sorted(versions))}.",
    ]
    if any(not run["is_real"] for run in runs):
        sentences.insert(0, "**On stand-ins, not on the real sets.**")
    old = sum(result["code"] != run.code() for run, result in measured.items())
    if old:
        sentences.append(f"{old} of the {len(runs)} training runs are from earlier code.")
    letters = next((r["data"] for run, r in measured.items() if run.name == "sign_letters"), None)
    if letters:
        sentences.append(
            f"{letters}; many are altered copies of one photograph, which flatters a model."
        )
    return " ".join(sentences)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the comparison.

    Args:
      arguments: the command line without the program's name; None means this process's.

    Returns:
      0; 1 if results on the real sets fall short of Keras's or of what the course promises, or a
      training is missing.
    """
    options = parse(arguments)
    places = {}
    for arm in options.arm:
        place = None
        if not options.saved:
            place = processes.find(arm, processes.interpreters(options.pythons))
            if place is None:
                say(f"{ARMS[arm]} is not installed and is left out; try --with PYTHON.")
        if place is not None:
            places[arm] = place
    measured = dict(measure(options, places))
    missing = len(planned(options.only, options.arm, options.edge, options.seeds)) - len(measured)
    if not measured:
        print("There are no results to show.")
        return 1
    compared = comparisons(measured)
    text = measurements.markdown_table(HEADER, [each.row() for each in compared])
    text += f"\n\n{note(measured)}"
    print(text)
    if options.write:
        measurements.write("course", text)
    is_real = all(result["is_real"] for result in measured.values())
    broken = broken_promises(compared) if is_real and not options.quick else []
    if missing:
        broken.append(f"{missing} training runs have no results yet.")
    for sentence in broken:
        print(sentence)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
