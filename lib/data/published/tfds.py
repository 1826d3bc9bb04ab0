"""The real sets through tensorflow-datasets, without TensorFlow.

The stock builders need TensorFlow to unpack their downloads. The builders here inherit everything
except that step, and write the format that can be read without TensorFlow. The result is the stock
folder, which the stock `tfds.data_source` reads. Two sets that tensorflow-datasets does not have
get separate builders; `tfds.data_source` reads those too.

Reading tens of thousands of examples one by one takes seconds, so the arrays of the small grey sets
are cached beside them until the prepared files change.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lib.data.dataset import SETS, DataError, Split
from lib.data.files import idx, local
from lib.data.files.decoding import CHANNELS, Unreadable, decode, read_regular
from lib.data.files.skipped import Skipped, printable, warn_of
from lib.data.progress import progress
from lib.data.published import archives
from lib.data.published.archives import Picture
from lib.data.published.catalogue import NAMES, PUBLISHED
from lib.data.threads import threads_here

_FORMAT = "array_record"
_CACHE = "arrays.npz"
_AT_ONCE = 16
TEST_SPLITS = ("test", "validation")


def default_folder() -> Path:
    """The folder of tensorflow-datasets: TFDS_DATA_DIR, or one in the home directory."""
    chosen = os.environ.get("TFDS_DATA_DIR")
    return Path(chosen) if chosen else Path.home() / "tensorflow_datasets"


def prepare(name: str, data_dir: Path | None = None, source: Path | None = None) -> Path:
    """Writes the folder of a set, unless it already exists; shows the progress.

    Args:
      name: a set of this course or a name in tensorflow-datasets: a key or value of
        `catalogue.NAMES`, or "cats_vs_dogs".
      data_dir: the folder of tensorflow-datasets; None for its default.
      source: a folder that contains the set in a layout of `lib.load`, or its archives; None to
        download them.

    Returns:
      The prepared folder.

    Raises:
      DataError: if the files are missing or damaged, or cannot be downloaded.
    """
    own = own_name(name)
    name = NAMES.get(name, name)
    if name not in PUBLISHED and name not in idx.PUBLISHED_MD5:
        known = ", ".join(preparable())
        raise DataError(f"There is no set {name!r} to prepare; use one of {known}.")
    data_dir = data_dir or default_folder()
    found = _prepared(name, data_dir)
    if found is None:
        builder = _builder(name, own, data_dir, source)
        try:
            builder.download_and_prepare()
        except DataError:
            raise
        except Exception as error:
            raise DataError(_why_not_prepared(name, own, data_dir, source, error)) from error
        found = _prepared(name, data_dir)
        assert found is not None, f"tensorflow-datasets left nothing in {data_dir}"
    if own in SETS and SETS[own].edge == 28:
        read(own, data_dir)
    return found


def preparable() -> list[str]:
    """The names that `prepare` accepts."""
    return sorted({*NAMES, *PUBLISHED})


def own_name(name: str) -> str:
    """This course's name for a set of tensorflow-datasets."""
    return next((own for own, stock in NAMES.items() if name in (own, stock)), name)


class Prepared(NamedTuple):
    """A prepared set, open for reading.

    Attributes:
      folder: its folder.
      sources: for each split, a sequence of {"image": bytes, "label": int}.
      class_names: the names of its labels, in the set's own order.
    """

    folder: Path
    sources: dict[str, Any]
    class_names: tuple[str, ...]


def open_prepared(name: str, data_dir: Path | None = None) -> Prepared:
    """Opens a prepared set.

    Args:
      name: as in `prepare`.
      data_dir: the folder of tensorflow-datasets; None for its default.

    Raises:
      DataError: if the set has not been prepared, or has a format that needs TensorFlow.
    """
    own, name = name, NAMES.get(name, name)
    data_dir = data_dir or default_folder()
    folder = _prepared(name, data_dir)
    if folder is None:
        raise DataError(
            f"{own} has not been prepared in {data_dir}; run: python -m lib.data prepare {own}"
        )
    return _open(own, name, data_dir, folder)


def read(name: str, data_dir: Path | None = None, edge: int | None = None) -> local.Local:
    """Reads a prepared set, in the order of tensorflow-datasets.

    Args:
      name: one of `SETS` that can be prepared.
      data_dir: the folder of tensorflow-datasets; None for its default.
      edge: height and width of the pictures; None for the set's own size.

    Raises:
      DataError: if the set has not been prepared, or has a format that needs TensorFlow.
    """
    if name not in NAMES:
        raise DataError(
            f"tensorflow-datasets has no set {name}; use the embedded one, or a folder with it."
        )
    data_dir = data_dir or default_folder()
    folder = _prepared(NAMES[name], data_dir)
    if folder is None:
        raise DataError(
            f"{name} has not been prepared in {data_dir}; run: python -m lib.data prepare {name}"
        )
    kept = SETS[name].edge == 28
    stamp = _stamp(folder) if kept else ""
    found = _from_cache(folder / _CACHE, stamp) if kept else None
    if found is None:
        found = _from_examples(name, _open(name, NAMES[name], data_dir, folder), edge)
        if kept:
            _keep(folder / _CACHE, stamp, found)
    train, test = found
    if name in idx.PUBLISHED_MD5:
        return local.Local(train, test, idx.version_of(train, test))
    version = f"{NAMES[name]} {folder.name}"
    if len(train.labels) and (len(test.labels) or not SETS[name].test_size):
        return local.Local(train, test, version)
    if not len(train.labels):
        train, test, version = test, train, f"{version}, its test part alone"
    return local.in_two(local.Local(train, test, version))


def _tfds() -> Any:
    try:
        import tensorflow_datasets
    except ImportError as error:
        raise DataError(
            f"tensorflow-datasets cannot be imported ({error}); "
            "run: pip install tensorflow-datasets importlib-resources array-record"
        ) from error
    return tensorflow_datasets


def _builder(name: str, own: str, data_dir: Path, source: Path | None) -> Any:
    """A builder that needs no TensorFlow: the set's stock builder with different examples.

    Args:
      name: the set's name in tensorflow-datasets.
      own: its name in this course.
      data_dir: the folder to write the set to.
      source: a folder with the set or its archives; None to download them.
    """
    tfds = _tfds()
    published = PUBLISHED.get(name)
    stock: Any = tfds.core.GeneratorBasedBuilder
    if published is None or published.stock:
        stock = tfds.builder_cls(name)
    if published is None:
        examples = _idx_examples(name, source, getattr(stock, "URL", ""))
    elif name == "sign_language_mnist":
        examples = _letter_examples(own, source, published.hint)
    else:
        examples = _picture_examples(name, own, source)
    # The stock builder has already registered the name.
    with tfds.core.registered.skip_registration():

        class Builder(stock):
            """A builder that needs no TensorFlow."""

            VERSION = getattr(stock, "VERSION", None) or tfds.core.Version("1.0.0")
            url_infos = getattr(stock, "url_infos", None)

            def _info(self) -> Any:
                if published is None or published.stock:
                    return super()._info()
                shape = (28, 28, 1) if name == "sign_language_mnist" else (None, None, 3)
                features = {
                    "image": tfds.features.Image(shape=shape),
                    "label": tfds.features.ClassLabel(names=list(published.class_names)),
                }
                return tfds.core.DatasetInfo(
                    builder=self,
                    description=f"{published.title}: pictures with labels.",
                    features=tfds.features.FeaturesDict(features),
                    supervised_keys=("image", "label"),
                )

            def _split_generators(self, dl_manager: Any) -> dict[str, Iterator]:
                return {
                    split: self._generate_examples(pictures)
                    for split, pictures in examples(dl_manager).items()
                }

            def _generate_examples(self, examples: Iterator) -> Iterator:
                yield from examples

    Builder.name = name
    return Builder(data_dir=os.fspath(data_dir), file_format=_FORMAT)


def _idx_examples(name: str, source: Path | None, url: str) -> Any:
    """Returns a function that produces the examples of MNIST or Fashion-MNIST by split."""
    pairs = None
    if source is not None:
        folder = idx.set_folder(source, name)
        pairs = {split: idx.find_split(folder, split) for split in ("train", "test")}

    def examples(dl_manager: Any) -> dict[str, Iterator]:
        files = pairs or _download(dl_manager, url)
        return {
            split: _grey_examples(idx.read_split(files[split], name, split))
            for split in ("train", "test")
        }

    return examples


def _grey_examples(split: Split) -> Iterator[tuple[int, dict[str, Any]]]:
    from PIL import Image

    for number, (image, label) in enumerate(zip(*split, strict=True)):
        # tensorflow-datasets encodes a PIL image without TensorFlow, but not an array.
        yield number, {"image": Image.fromarray(image[..., 0]), "label": int(label)}


def _letter_examples(own: str, source: Path | None, address: str) -> Any:
    """Returns a function that produces the sign letters; their download needs an account."""
    if source is None:
        raise DataError(
            f"{own} cannot be downloaded without an account; get sign_mnist_train.csv and "
            f"sign_mnist_test.csv from {address}, put them into DIR/{own} and run: "
            f"python -m lib.data prepare {own} --from DIR"
        )
    parts = local.read_parts(source, own, SETS[own].edge).splits
    return lambda dl_manager: {split: _grey_examples(part) for split, part in parts.items()}


def _picture_examples(name: str, own: str, source: Path | None) -> Any:
    """Returns a function that produces the examples of a set of colour pictures by split."""
    published = PUBLISHED[name]
    numbers = {local.plain(label): label for label in published.class_names}

    def encoded(found: Iterator[Picture]) -> Iterator[tuple[str, dict[str, Any]]]:
        for picture in found:
            label = numbers.get(local.plain(picture.label))
            content = _usable(picture, name)
            if label is None or content is None:
                continue
            example: dict[str, Any] = {"image": content, "label": label}
            if name == "cats_vs_dogs":
                example["image/filename"] = picture.path
            yield picture.path, example

    def examples(dl_manager: Any) -> dict[str, Iterator]:
        splits = _local_pictures(name, own, source) if source else None
        if splits is None:
            urls = {split: archive.url for split, archive in published.archives.items()}
            paths = dl_manager.download(urls)
            splits = {
                split: archives.pictures(Path(paths[split]), archive.members)
                for split, archive in published.archives.items()
            }
        return {split: encoded(found) for split, found in splits.items()}

    return examples


def _usable(picture: Picture, name: str) -> bytes | None:
    """The picture as PNG or JPEG; None if it cannot be read, or the stock set leaves it out."""
    if name == "cats_vs_dogs" and b"JFIF" not in picture.content[:10]:
        return None
    try:
        decode(picture.content, 1, 1, "rgb")
    except Unreadable:
        return None
    if picture.content.startswith((b"\xff\xd8\xff", b"\x89PNG")):
        return picture.content
    from PIL import Image

    buffer = io.BytesIO()
    Image.open(io.BytesIO(picture.content)).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


def _local_pictures(name: str, own: str, source: Path) -> dict[str, Iterator[Picture]]:
    """The pictures of a set in a local folder: its archives, or a folder for each class."""
    published = PUBLISHED[name]
    for place in (source, *(source / spelling for spelling in idx.spellings(own, name))):
        files = {split: place / each.file_name for split, each in published.archives.items()}
        if all(file.is_file() for file in files.values()):
            return {
                split: archives.pictures(files[split], each.members)
                for split, each in published.archives.items()
            }
    folder = idx.set_folder(source, own, name)
    parts, skipped = local.find_pictures(folder, own, name)
    warn_of(skipped, folder)
    held = "validation" if "validation" in published.archives else "test"
    return {
        {"train": "train", "test": held}[part]: _folder_pictures(found, own)
        for part, found in parts.items()
    }


def _folder_pictures(found: local.Pictures, own: str) -> Iterator[Picture]:
    folder, listing = found
    if own in SETS:
        local.class_numbers(own, listing.class_names, folder)
    skipped = list(listing.skipped)
    for path, label in zip(listing.paths, listing.labels, strict=True):
        try:
            content = read_regular(folder / path)
            decode(content, 1, 1, "rgb")
        except Unreadable as problem:
            skipped.append(Skipped(path, str(problem)))
        else:
            yield Picture(printable(path), listing.class_names[label], content)
    warn_of(skipped, folder)


def _download(dl_manager: Any, url: str) -> dict[str, tuple[Path, Path]]:
    """Downloads the four files; their addresses and checksums are in tensorflow-datasets."""
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


def _why_not_prepared(
    name: str, own: str, data_dir: Path, source: Path | None, error: Exception
) -> str:
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    if source is not None:
        return (
            f"{own} could not be written to {data_dir} ({reason}); check that there is free space "
            "and that you may write there, or name another folder with --data-dir."
        )
    files = f"the four IDX files into DIR/{own}"
    if name in PUBLISHED:
        urls = {each.url: None for each in PUBLISHED[name].archives.values()}
        files = f"{' and '.join(urls)} into DIR"
    return (
        f"{own} could not be downloaded to {data_dir} ({reason}); if you have no network, "
        f"put {files} and run: python -m lib.data prepare {own} --from DIR"
    )


def _prepared(name: str, data_dir: Path) -> Path | None:
    """The folder of the newest prepared version of a set, if any."""
    versions = [info.parent for info in (data_dir / name).glob("*.*.*/dataset_info.json")]
    numbered = [path for path in versions if path.name.replace(".", "").isdigit()]
    return max(numbered, key=lambda path: [int(n) for n in path.name.split(".")], default=None)


def _stamp(folder: Path) -> str:
    """Identifies the state of the prepared files, to see whether they have changed."""
    files = sorted(path for path in folder.iterdir() if path.name != _CACHE)
    kept = [path for path in files if not path.name.endswith(".part")]
    states = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in kept]
    return json.dumps(states)


def _open(own: str, name: str, data_dir: Path, folder: Path) -> Prepared:
    """Opens the files of a prepared set.

    Raises:
      DataError: if they are damaged, or in a format that needs TensorFlow.
    """
    tfds = _tfds()
    try:
        info = json.loads((folder / "dataset_info.json").read_text(encoding="utf-8"))
        if info.get("fileFormat") != _FORMAT:
            raise DataError(
                f"{folder} contains {name} in the format {info.get('fileFormat')}, which only "
                "TensorFlow reads; set TFDS_DATA_DIR to another folder and run: "
                f"python -m lib.data prepare {own}"
            )
        builder = tfds.builder(f"{name}:{folder.name}", data_dir=os.fspath(data_dir))
        # Decoded here: tensorflow-datasets would first warn that OpenCV is not installed.
        sources = builder.as_data_source(decoders={"image": tfds.decode.SkipDecoding()})
        return Prepared(folder, sources, tuple(builder.info.features["label"].names))
    except DataError:
        raise
    except Exception as error:
        raise _unreadable(own, folder, error) from error


def _unreadable(own: str, folder: Path, error: Exception) -> DataError:
    return DataError(
        f"The files in {folder} cannot be read ({type(error).__name__}: {error}); "
        f"remove that folder and run: python -m lib.data prepare {own}"
    )


def _from_examples(name: str, prepared: Prepared, edge: int | None) -> tuple[Split, Split]:
    """Reads every example of a set of this course, with its labels."""
    kind = SETS[name]
    mode = "grey" if kind.channels == 1 else "rgb"
    numbers = local.class_numbers(name, prepared.class_names, prepared.folder)
    train, test = read_examples(name, prepared, edge or kind.edge, mode)
    return train._replace(labels=numbers[train.labels]), test._replace(labels=numbers[test.labels])


def read_examples(name: str, prepared: Prepared, edge: int, mode: str) -> tuple[Split, Split]:
    """Reads and decodes every example of a set, with all processors.

    Args:
      name: the set's name in this course.
      prepared: the open set.
      edge: height and width of the pictures.
      mode: "rgb" or "grey".

    Returns:
      The training part and the test part, each empty if there is none; the labels are the set's
      own.

    Raises:
      DataError: if they cannot be read.
    """
    title = SETS[name].title if name in SETS else name

    def read_split(examples: Any) -> Split:
        images = np.empty((len(examples), edge, edge, CHANNELS[mode]), np.uint8)
        labels = np.empty(len(examples), np.int32)

        def some(start: int) -> None:
            for number in range(start, min(start + _AT_ONCE, len(examples))):
                example = examples[number]
                images[number] = decode(example["image"], edge, edge, mode)
                labels[number] = example["label"]

        starts = range(0, len(examples), _AT_ONCE)
        with (
            progress(len(examples), f"Reading {title}") as show,
            ThreadPoolExecutor(threads_here()) as pool,
        ):
            for start, _ in zip(starts, pool.map(some, starts), strict=True):
                show(min(start + _AT_ONCE, len(examples)))
        return Split(images, labels)

    try:
        train = read_split(prepared.sources.get("train", ()))
        held = [prepared.sources[split] for split in TEST_SPLITS if split in prepared.sources]
        return train, read_split(held[0] if held else ())
    except Exception as error:
        raise _unreadable(name, prepared.folder, error) from error


def _from_cache(path: Path, stamp: str) -> tuple[Split, Split] | None:
    """The cached arrays, if they exist, are complete, and belong to the prepared files."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if str(kept["stamp"]) != stamp:
                return None
            train = Split(kept["train_images"], kept["train_labels"])
            return train, Split(kept["test_images"], kept["test_labels"])
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return None


def _keep(path: Path, stamp: str, splits: tuple[Split, Split]) -> None:
    """Caches the arrays for the next time, if the folder is writable."""
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
