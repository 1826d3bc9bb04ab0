"""Writing a set as a folder of pictures, one PNG file each."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lib.data.dataset import DataError, Dataset, Split
from lib.data.progress import progress
from lib.data.threads import threads_here


def write_folder(data: Dataset, folder: str | os.PathLike[str]) -> None:
    """Writes `train/<class>/<class>-0000.png` …, and `validation/` if there are test pictures.

    A class without pictures gets no folder. Nothing is overwritten.

    Args:
      data: the set.
      folder: the folder to write to; created if it does not exist.

    Raises:
      DataError: if one of the two folders already exists in it, or it cannot be written.
    """
    root = Path(folder)
    parts = {"train": data.train, "validation": data.test}
    for name in parts:
        if (root / name).exists():
            raise DataError(
                f"The folder {root / name} already exists, so nothing was written; name another "
                "folder, or remove it."
            )
    try:
        for name, split in parts.items():
            if len(split.labels):
                _write_split(split, root / name, data.class_names)
    except OSError as error:
        raise DataError(
            f"The pictures cannot be written to {root} ({error.strerror}); check that there is "
            "free space and that you may write there."
        ) from None


def _write_split(split: Split, folder: Path, class_names: tuple[str, ...]) -> None:
    from PIL import Image

    seen = [0] * len(class_names)
    places = []
    for label in split.labels:
        name = class_names[label].replace("/", "-")
        places.append(folder / name / f"{name}-{seen[label]:04}.png")
        seen[label] += 1
    for place in {place.parent for place in places}:
        place.mkdir(parents=True)

    def write(number: int) -> None:
        image = split.images[number]
        # Writes slightly larger files, but several times as fast.
        Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(
            places[number], compress_level=1
        )

    with (
        progress(len(places), "Writing pictures") as show,
        ThreadPoolExecutor(threads_here()) as pool,
    ):
        for done, _ in enumerate(pool.map(write, range(len(places))), 1):
            show(done)
