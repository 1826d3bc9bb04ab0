"""The real sets through tensorflow-datasets, without TensorFlow.

The stock builders of MNIST and Fashion-MNIST need TensorFlow to unpack their downloads. The ones
here inherit everything from them but that step, and write the format that can be read without
TensorFlow. What they leave behind is the stock folder, which the stock `tfds.data_source` reads.

Reading 70,000 examples one by one takes seconds, so the arrays are kept beside them, for as long as
the prepared files stay as they are.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lib.data import idx
from lib.data.dataset import DataError, Split

_FORMAT = "array_record"
_CACHE = "arrays.npz"


def default_folder() -> Path:
    """Where tensorflow-datasets keeps its sets: TFDS_DATA_DIR, or a folder in the home."""
    chosen = os.environ.get("TFDS_DATA_DIR")
    return Path(chosen) if chosen else Path.home() / "tensorflow_datasets"


def prepare(name: str, data_dir: Path | None = None, source: Path | None = None) -> Path:
    """Writes the folder of a set, unless it is there already; shows its progress.

    Args:
      name: "mnist" or "fashion_mnist".
      data_dir: where tensorflow-datasets keeps its sets; None for its default.
      source: a folder with the set as IDX files; None to download them.

    Returns:
      The prepared folder.

    Raises:
      DataError: if the files are missing or damaged, or cannot be downloaded.
    """
    data_dir = data_dir or default_folder()
    found = _prepared(name, data_dir)
    if found is None:
        pairs = None
        if source is not None:
            folder = idx.set_folder(source, name)
            pairs = {split: idx.find_split(folder, split) for split in ("train", "test")}
        builder = _builder(name, data_dir, pairs)
        try:
            builder.download_and_prepare()
        except DataError:
            raise
        except Exception as error:
            raise DataError(_why_not_prepared(name, data_dir, source, error)) from error
        found = _prepared(name, data_dir)
        assert found is not None, f"tensorflow-datasets left nothing in {data_dir}"
    read(name, data_dir)
    return found


def read(name: str, data_dir: Path | None = None) -> tuple[Split, Split]:
    """The train and test split of a prepared set, in the order that tensorflow-datasets gives.

    Args:
      name: "mnist" or "fashion_mnist".
      data_dir: where tensorflow-datasets keeps its sets; None for its default.

    Raises:
      DataError: if the set has not been prepared, or in a format that needs TensorFlow.
    """
    data_dir = data_dir or default_folder()
    folder = _prepared(name, data_dir)
    if folder is None:
        raise DataError(
            f"{name} has not been prepared in {data_dir}; run: python -m lib.data prepare {name}"
        )
    stamp = _stamp(folder)
    splits = _from_cache(folder / _CACHE, stamp)
    if splits is None:
        splits = _from_examples(name, data_dir, folder)
        _keep(folder / _CACHE, stamp, splits)
    return splits


def _tfds() -> Any:
    try:
        import tensorflow_datasets
    except ImportError as error:
        raise DataError(
            f"tensorflow-datasets cannot be imported ({error}); "
            "run: pip install tensorflow-datasets importlib-resources array-record"
        ) from error
    return tensorflow_datasets


def _builder(name: str, data_dir: Path, pairs: dict[str, tuple[Path, Path]] | None) -> Any:
    """The stock builder of a set, but for how it gets at the examples.

    Args:
      name: "mnist" or "fashion_mnist".
      data_dir: where the set is to be written.
      pairs: image and label file of each split; None to download them.
    """
    tfds = _tfds()
    from PIL import Image
    from tensorflow_datasets.image_classification import mnist

    stock: Any = {"mnist": mnist.MNIST, "fashion_mnist": mnist.FashionMNIST}[name]
    # The name belongs to the stock builder, and is taken in the register.
    with tfds.core.registered.skip_registration():

        class Builder(stock):
            """A stock builder that needs no TensorFlow."""

            def _split_generators(self, dl_manager: Any) -> dict[str, Iterator]:
                files = pairs or _download(dl_manager, self.URL)
                return {
                    split: self._generate_examples(idx.read_split(files[split], name, split))
                    for split in ("train", "test")
                }

            def _generate_examples(self, split: Split) -> Iterator[tuple[int, dict[str, Any]]]:
                for number, (image, label) in enumerate(zip(*split, strict=True)):
                    # A PIL image is encoded without TensorFlow, an array is not.
                    yield number, {"image": Image.fromarray(image[..., 0]), "label": int(label)}

    Builder.name = name
    return Builder(data_dir=os.fspath(data_dir), file_format=_FORMAT)


def _download(dl_manager: Any, url: str) -> dict[str, tuple[Path, Path]]:
    """Downloads the four files; their addresses and checksums stand in tensorflow-datasets."""
    fetched = dl_manager.download(
        {
            f"{split} {what}": f"{url}{kind}-{what}-idx{dimensions}-ubyte.gz"
            for split, kind in idx.KINDS.items()
            for what, dimensions in (("images", 3), ("labels", 1))
        }
    )
    return {
        split: (Path(fetched[f"{split} images"]), Path(fetched[f"{split} labels"]))
        for split in idx.KINDS
    }


def _why_not_prepared(name: str, data_dir: Path, source: Path | None, error: Exception) -> str:
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    if source is not None:
        return (
            f"{name} could not be written to {data_dir} ({reason}); check that there is room and "
            "that you may write there, or name another folder with --data-dir."
        )
    return (
        f"{name} could not be downloaded to {data_dir} ({reason}); where there is no network, "
        f"put the four IDX files into DIR/{name} and run: "
        f"python -m lib.data prepare {name} --from DIR"
    )


def _prepared(name: str, data_dir: Path) -> Path | None:
    """The newest version of a set that is there, if any."""
    versions = [info.parent for info in (data_dir / name).glob("*.*.*/dataset_info.json")]
    numbered = [path for path in versions if path.name.replace(".", "").isdigit()]
    return max(numbered, key=lambda path: [int(n) for n in path.name.split(".")], default=None)


def _stamp(folder: Path) -> str:
    """What tells whether the prepared files are still the same."""
    files = sorted(path for path in folder.iterdir() if path.name != _CACHE)
    kept = [path for path in files if not path.name.endswith(".part")]
    states = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in kept]
    return json.dumps(states)


def _from_examples(name: str, data_dir: Path, folder: Path) -> tuple[Split, Split]:
    info = json.loads((folder / "dataset_info.json").read_text(encoding="utf-8"))
    if info.get("fileFormat") != _FORMAT:
        raise DataError(
            f"{folder} holds {name} in the format {info.get('fileFormat')}, which only TensorFlow "
            "reads; set TFDS_DATA_DIR to another folder and run: "
            f"python -m lib.data prepare {name}"
        )
    tfds = _tfds()
    from PIL import Image

    try:
        # Decoded here, since tensorflow-datasets would first warn that OpenCV is not installed.
        sources = tfds.data_source(
            f"{name}:{folder.name}",
            data_dir=os.fspath(data_dir),
            download=False,
            decoders={"image": tfds.decode.SkipDecoding()},
        )
        splits = []
        for split in ("train", "test"):
            examples = sources[split]
            images = np.empty((len(examples), 28, 28, 1), np.uint8)
            labels = np.empty(len(examples), np.int32)
            for number in range(len(examples)):
                example = examples[number]
                picture = Image.open(io.BytesIO(example["image"]))
                images[number, :, :, 0] = np.asarray(picture)
                labels[number] = example["label"]
            splits.append(Split(images, labels))
    except Exception as error:
        raise DataError(
            f"The files in {folder} cannot be read ({type(error).__name__}: {error}); "
            f"remove that folder and run: python -m lib.data prepare {name}"
        ) from error
    return splits[0], splits[1]


def _from_cache(path: Path, stamp: str) -> tuple[Split, Split] | None:
    """The kept arrays, if they are there, whole, and belong to the prepared files."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if str(kept["stamp"]) != stamp:
                return None
            train = Split(kept["train_images"], kept["train_labels"])
            return train, Split(kept["test_images"], kept["test_labels"])
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return None


def _keep(path: Path, stamp: str, splits: tuple[Split, Split]) -> None:
    """Keeps the arrays for the next time, where one may write."""
    train, test = splits
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            np.savez(
                file,
                stamp=np.asarray(stamp),
                train_images=train.images,
                train_labels=train.labels,
                test_images=test.images,
                test_labels=test.labels,
            )
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
