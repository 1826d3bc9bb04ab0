"""Sets larger than memory: Grain reads batches from disk while the model trains.

The order of the examples in an epoch depends only on the seed and the epoch's number. You can
resume an epoch at any batch, without reading the earlier ones, and get the same bits.
"""

from __future__ import annotations

import operator
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

from lib.data.dataset import SETS, DataError, checked_path, checked_seed
from lib.data.files import folders, local
from lib.data.files.decoding import CHANNELS, OddPictures, Unreadable, decode, read_picture
from lib.data.files.layout import lay_out, names_parts
from lib.data.files.part_names import TRAIN
from lib.data.files.skipped import Skipped, most_important_first, printable, warn_of
from lib.data.published import tfds
from lib.data.threads import threads_here

AHEAD = 4
"""Batches that are read ahead."""


class Examples(NamedTuple):
    """Examples that can be read by number, from several threads at once.

    Attributes:
      count: the number of examples.
      read: returns the image, (height, width, channels), uint8, and the label of an example.
      shape: the shape of an image.
      class_names: the name of each label.
      skipped: what was left out, each with the reason.
    """

    count: int
    read: Callable[[int], tuple[np.ndarray, int]]
    shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()


class Stream:
    """Examples on disk, in batches.

    Attributes:
      batch_size: examples in a batch; the last one of an epoch may have fewer.
      class_names: the name of each label, in order.
      image_shape: (height, width, channels).
      skipped: files that were left out, each with the reason.
    """

    def __init__(self, examples: Examples, batch_size: int, seed: int, shuffle: bool):
        """Takes the examples.

        Args:
          examples: the examples.
          batch_size: 1 or more.
          seed: a non-negative integer that decides the order.
          shuffle: False keeps the order of the examples.

        Raises:
          DataError: if Grain is missing or an argument is out of range.
        """
        _grain()
        try:
            self.batch_size = operator.index(batch_size)
        except TypeError:
            self.batch_size = 0
        if self.batch_size < 1:
            raise DataError(
                f"The batch size must be a whole number, 1 or more; got {batch_size!r}."
            )
        self.class_names = examples.class_names
        self.image_shape = examples.shape
        self.skipped = examples.skipped
        self._examples, self._shuffle = examples, bool(shuffle)
        self._seed = checked_seed(seed)

    def __len__(self) -> int:
        """The number of examples."""
        return self._examples.count

    @property
    def steps(self) -> int:
        """The number of batches in an epoch."""
        return -(-len(self) // self.batch_size)

    def epoch(self, number: int, start: int = 0) -> Batches:
        """The batches of one epoch, in a different order for each epoch if the stream shuffles.

        Args:
          number: the epoch, from 0.
          start: the number of batches to skip at the beginning; they are not read.

        Raises:
          DataError: if `number` is negative or the epoch has no batch `start`.
        """
        if number < 0 or not 0 <= start <= self.steps:
            raise DataError(
                f"There is no batch {start} of epoch {number}: epochs are numbered from 0 and have "
                f"{self.steps:,} batches."
            )
        grain = _grain()
        threads = min(threads_here(), AHEAD)
        order = grain.MapDataset.source(range(len(self)))
        if self._shuffle:
            words = np.random.SeedSequence(self._seed, spawn_key=(number,)).generate_state(1)
            order = order.shuffle(seed=int(words[0]))
        batches = order.batch(self.batch_size, batch_fn=list)[start:].map(self._read)
        options = grain.ReadOptions(num_threads=threads, prefetch_buffer_size=AHEAD)
        return Batches(self, number, start, iter(batches.to_iter_dataset(options)))

    def resume(self, state: Mapping[str, int]) -> Batches:
        """Continues from a position that `Batches.state` returned, even in another process.

        Args:
          state: the return value of `Batches.state`.

        Raises:
          DataError: if the number or size of the images, the batch size or the order differs.
        """
        mine = self._identity()
        other = {name: state.get(name) for name in mine}
        if other != mine:
            raise DataError(
                f"The position was saved with {_words(other)}, but this stream has {_words(mine)}; "
                "open the stream with the saved values."
            )
        return self.epoch(state["epoch"], state["batch"])

    def _identity(self) -> dict[str, int]:
        height, width, _ = self.image_shape
        return {
            "examples": len(self),
            "batch_size": self.batch_size,
            "seed": self._seed,
            "shuffle": int(self._shuffle),
            "height": height,
            "width": width,
        }

    def _read(self, numbers: list[int]) -> tuple[np.ndarray, np.ndarray]:
        images = np.empty((len(numbers), *self.image_shape), np.uint8)
        labels = np.empty(len(numbers), np.int32)
        for place, number in enumerate(numbers):
            images[place], labels[place] = self._examples.read(int(number))
        return images, labels


class Batches(Iterator[tuple[np.ndarray, np.ndarray]]):
    """The batches of an epoch: images, uint8 (n, height, width, channels), and labels, int32 (n,).

    Attributes:
      position: the number of the next batch in its epoch.
    """

    def __init__(self, stream: Stream, number: int, start: int, batches: Iterator[Any]):
        self.position = start
        self._stream, self._number = stream, number
        self._batches: Iterator[Any] | None = batches

    def __next__(self) -> tuple[np.ndarray, np.ndarray]:
        if self._batches is None or self.position >= self._stream.steps:
            self.close()
            raise StopIteration
        batch = next(self._batches)
        self.position += 1
        return batch

    def state(self) -> dict[str, int]:
        """The current position, as plain numbers to save; `Stream.resume` continues from it."""
        return {"epoch": self._number, "batch": self.position, **self._stream._identity()}

    def close(self) -> None:
        """Stops reading ahead; no more batches are produced."""
        batches, self._batches = self._batches, None
        if hasattr(batches, "close"):
            batches.close()  # type: ignore[union-attr]

    def __enter__(self) -> Batches:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def stream_folder(
    path: str | os.PathLike[str],
    size: int | tuple[int, int] = 150,
    *,
    batch_size: int = 32,
    seed: int = 0,
    mode: str = "rgb",
    class_names: Sequence[str] | None = None,
    shuffle: bool = True,
    check: bool = True,
) -> Stream:
    """Streams a folder of pictures whose subfolders are the classes.

    Args:
      path: the folder of classes; for a set in parts, the folder of one part. `validation/` or
        `test/` beside a `train/` gets the classes of `train/`.
      size: edge in pixels, or (height, width); pictures are stretched to it.
      batch_size: examples in a batch.
      seed: a non-negative integer that decides the order.
      mode: "rgb" or "grey".
      class_names: the allowed classes, in the order of their labels; pass those of the training
        stream; None for the folder's own, sorted.
      shuffle: False reads class by class.
      check: whether to read every file once at the start. Files that are not complete pictures are
        then left out, listed and reported in one warning; files in two classes are reported in
        another. Without the check, a file that is not a complete picture stops its epoch.

    Raises:
      DataError: if there is no such folder or no readable picture in it, it has another class, an
        argument is out of range, or Grain is missing.
    """
    height, width = folders.checked_size(size)
    folders.check_mode(mode)
    root = checked_path(path, "folder")
    if names_parts(root):
        raise DataError(
            f"The folder {printable(str(root))} contains a set in parts; name one of them, such as "
            "train/."
        )
    found = lay_out(root, class_names)
    if found.split:
        raise DataError(
            f"The folder {printable(str(root))} contains a set in parts; name one of them."
        )
    listing = found.parts[TRAIN]
    paths, labels = listing.paths, listing.labels
    skipped = [*found.skipped, *listing.skipped]
    if check:
        reasons = folders.unreadable(root, paths, tell_odd=True)
        skipped += [Skipped(paths[number], reason) for number, reason in reasons.items()]
        kept = [number for number in range(len(paths)) if number not in reasons]
        paths, labels = tuple(paths[number] for number in kept), labels[kept]
    if not paths:
        raise DataError(
            f"The folder {printable(str(root))} has no picture that can be read in its "
            "subfolders; put some there."
        )
    if check:
        folders.warn_of_two_classes(root, paths, labels)
    for doubt in found.doubts:
        warnings.warn(doubt, OddPictures, stacklevel=2)
    warn_of(skipped, root)
    below = os.path.join(root, "")

    def read(number: int) -> tuple[np.ndarray, int]:
        try:
            return read_picture(below + paths[number], height, width, mode), int(labels[number])
        except Unreadable as problem:
            raise DataError(
                f"The file {printable(below + paths[number])} cannot be used ({problem}); "
                "remove it and open the stream again."
            ) from None

    shape = (height, width, CHANNELS[mode])
    left_out = most_important_first(skipped)
    examples = Examples(len(paths), read, shape, listing.class_names, left_out)
    return Stream(examples, batch_size, seed, shuffle)


def stream_tfds(
    name: str,
    *,
    split: str = "train",
    edge: int | None = None,
    batch_size: int = 32,
    seed: int = 0,
    shuffle: bool = True,
    data_dir: Path | None = None,
) -> Stream:
    """Streams a set that `python -m lib.data prepare` has prepared.

    Args:
      name: a name that `python -m lib.data prepare` accepts.
      split: the name in tensorflow-datasets, such as "train" or "test".
      edge: height and width of the pictures in pixels; None for the set's own size.
      batch_size: examples in a batch.
      seed: a non-negative integer that decides the order.
      shuffle: False keeps the prepared order.
      data_dir: the folder of tensorflow-datasets; None for its default.

    Raises:
      DataError: if the set is not prepared or has no such split, or Grain is missing.
    """
    prepared = tfds.open_prepared(name, data_dir)
    if split not in prepared.sources:
        raise DataError(
            f"{name} has no split {split!r}; use one of {', '.join(sorted(prepared.sources))}."
        )
    source = prepared.sources[split]
    own = tfds.own_name(name)
    class_names, channels = prepared.class_names, 3
    numbers = np.arange(len(class_names), dtype=np.int32)
    if own in SETS:
        numbers = local.class_numbers(own, class_names, prepared.folder)
        class_names, channels = SETS[own].class_names, SETS[own].channels
        edge = edge or SETS[own].edge
    edge = edge or 150
    mode = "grey" if channels == 1 else "rgb"

    def read(number: int) -> tuple[np.ndarray, int]:
        example = source[number]
        return decode(example["image"], edge, edge, mode), int(numbers[example["label"]])

    examples = Examples(len(source), read, (edge, edge, channels), class_names)
    return Stream(examples, batch_size, seed, shuffle)


def _grain() -> Any:
    try:
        import grain
    except ImportError as error:
        raise DataError(
            f"Streaming needs Grain, which cannot be imported ({error}); run: pip install grain"
        ) from error
    return grain


def _words(identity: Mapping[str, int | None]) -> str:
    return (
        f"{identity['examples']} examples of {identity['height']}×{identity['width']} pixels, "
        f"batches of {identity['batch_size']}, seed {identity['seed']} and shuffle "
        f"{bool(identity['shuffle'])}"
    )
