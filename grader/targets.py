"""How large the graded trainings are and what they must reach, for each source of images.

`targets.toml` next to this file holds the numbers. An embedded target is at least five standard
deviations and 0.02 below the solution's mean over ten seeds, and at least five above what an
untrained network or the largest class reaches. The convolutional network's target is also above
what the dense network reaches. The largest gap is four standard deviations and 0.02 above the
solution's, and below that of the same network without augmentation and dropout. The command
`python -m benchmarks targets` measures these distances. Targets on the real sets are the course's.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_suffix(".toml")
KINDS = ("embedded", "real")


class TableError(Exception):
    """The table of targets is invalid; the text says where, and what to write."""


@dataclass(frozen=True)
class Target:
    """One graded training on one kind of images.

    Attributes:
      week: "week2" …
      task: the task's name.
      data: the set's name in `lib.load`.
      images: "embedded" or "real".
      train: how many training images the student's function gets.
      test: how many unseen images judge its parameters; 0 if a set has none, so that the training
        images judge them.
      epochs: how often the solution goes through the training images, at most.
      accuracy: the accuracy to reach on the test images, 0 to 1.
      edge: height and width of the images in pixels.
      gap: by how much the accuracy on the unchanged training images may exceed that on the test
        images; None if it is not judged.
      classes: the classes to take, in the order of their labels; empty for all classes of the set.
      grey: whether images of your own set become grey.
    """

    week: str
    task: str
    data: str
    images: str
    train: int
    test: int
    epochs: int
    accuracy: float
    edge: int = 28
    gap: float | None = None
    classes: tuple[str, ...] = ()
    grey: bool = False

    @property
    def request(self) -> tuple[str, int, int, int, tuple[str, ...], bool]:
        """What a check requests from `Judge.data`: set, sizes, edge, classes, and whether grey."""
        return self.data, self.train, self.test, self.edge, self.classes, self.grey


# The keys of the table, and the types of their values.
FIELDS: dict[str, tuple[type, ...]] = {
    "set": (str,),
    "classes": (list,),
    "grey": (bool,),
    "edge": (int,),
    "train": (int,),
    "test": (int,),
    "epochs": (int,),
    "accuracy": (float, int),
    "gap": (float, int),
}
NEEDED = ("set", "train", "test", "epochs", "accuracy")


def read_table(path: Path) -> tuple[Target, ...]:
    """Reads a table of targets.

    Args:
      path: a TOML file; the comment in `targets.toml` explains its keys.

    Raises:
      TableError: if it is not TOML, or a key is missing, unknown or of the wrong type.
    """
    try:
        weeks = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TableError(f"{path} is not valid TOML: {error}.") from None
    found = []
    for week, tasks in weeks.items():
        if not isinstance(tasks, dict):
            raise TableError(f"{path}: [{week}] is not a week; write [week4.train_net].")
        for task, shared in tasks.items():
            where = f"{path}: [{week}.{task}]"
            if not isinstance(shared, dict) or not any(kind in shared for kind in KINDS):
                raise TableError(f"{where} needs embedded = {{ … }} or real = {{ … }}.")
            common = {key: value for key, value in shared.items() if key not in KINDS}
            found += [
                _target(week, task, kind, common | shared[kind], f"{where} {kind}")
                for kind in KINDS
                if kind in shared
            ]
    return tuple(found)


def _target(week: str, task: str, images: str, row: dict[str, Any], where: str) -> Target:
    for key, value in row.items():
        if key not in FIELDS:
            raise TableError(f"{where}: no key is called {key}; use one of {', '.join(FIELDS)}.")
        is_flag = isinstance(value, bool) != (FIELDS[key] == (bool,))
        if not isinstance(value, FIELDS[key]) or is_flag:
            wanted = {str: "a text", list: "a list of names", bool: "true or false"}
            raise TableError(
                f"{where}: {key} is {value!r}; write {wanted.get(FIELDS[key][0], 'a number')}."
            )
        if isinstance(value, int | float) and value < 0:
            raise TableError(f"{where}: {key} is {value!r}; write 0 or more.")
    for key in NEEDED:
        if key not in row:
            raise TableError(f"{where}: {key} is missing.")
    classes = tuple(row.get("classes", ()))
    if not all(isinstance(name, str) for name in classes) or len({*classes}) < len(classes):
        raise TableError(f'{where}: classes must be different texts, such as ["cats", "dogs"].')
    fields: dict[str, Any] = {key: value for key, value in row.items() if key != "set"}
    fields["classes"] = classes
    return Target(week, task, row["set"], images, **fields)


@functools.cache
def read_targets() -> tuple[Target, ...]:
    """Returns the targets of this course.

    Raises:
      TableError: as `read_table`.
    """
    return read_table(TABLE)


def target(task: str, source: str) -> Target:
    """Returns the target of a task.

    Args:
      task: the task's name.
      source: where the run's images come from: "embedded", or "tfds" or a folder for the real sets.

    Raises:
      KeyError: if the task trains nothing.
      DataError: if the table has targets for the task, but none for these images.
      TableError: as `read_table`.
    """
    from lib.data.dataset import DataError

    images = "embedded" if source == "embedded" else "real"
    rows = [each for each in read_targets() if each.task == task]
    for each in rows:
        if each.images == images:
            return each
    if not rows:
        raise KeyError(f"{task} has no target")
    instead = "with --data DIR" if images == "embedded" else "without --data"
    raise DataError(
        f"grader/targets.toml has no {images} row in [{rows[0].week}.{task}]: grade {instead}, or "
        "write the row."
    )
