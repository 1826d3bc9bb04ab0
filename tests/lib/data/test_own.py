"""Sets under their own names, with their own classes: in a folder, from tensorflow-datasets."""

import csv

import numpy as np
import pytest
from PIL import Image

import lib.data
from lib.data import DataError
from lib.data.own import load_own

from .conftest import write_set

EDGE = 12
BRIGHT = {"ant": 40, "bee": 120, "cow": 200}
"""The grey value of all pixels of a class."""


def grey(split, names):
    """The classes of pictures, from their pixels."""
    by_value = {value: name for name, value in BRIGHT.items()}
    return [by_value[int(np.median(image) / 40 + 0.5) * 40] for image in split.images], [
        names[label] for label in split.labels
    ]


def arrays(count):
    labels = np.arange(count) % 3
    values = np.array(list(BRIGHT.values()), np.uint8)[labels]
    return np.broadcast_to(values[:, None, None], (count, EDGE, EDGE)).copy(), labels


def as_folders(place):
    for part, count in (("train", 12), ("validation", 6)):
        for number, (image, label) in enumerate(zip(*arrays(count), strict=True)):
            folder = place / part / list(BRIGHT)[label]
            folder.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(np.stack([image] * 3, -1)).resize((20, 30))
            picture.save(folder / f"{number}.png")


def as_table(place):
    place.mkdir(parents=True)
    for part, count in (("train", 12), ("test", 6)):
        with (place / f"{part}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["label", *(f"pixel{i}" for i in range(EDGE * EDGE))])
            for image, label in zip(*arrays(count), strict=True):
                writer.writerow([list(BRIGHT)[label], *image.ravel()])


def as_numpy(place):
    place.mkdir(parents=True)
    (x, y), (z, w) = arrays(12), arrays(6)
    np.savez(
        place / "all.npz",
        **{"x_train": np.stack([x] * 3, -1), "y_train": y, "x_test": np.stack([z] * 3, -1)},
        y_test=w,
    )


def as_idx(place):
    (x, y), (z, w) = arrays(12), arrays(6)
    named = {"train_images": x, "train_labels": y, "test_images": z, "test_labels": w}
    write_set(place, {key: array.astype(np.uint8) for key, array in named.items()})


@pytest.mark.parametrize(
    ("write", "channels", "named"),
    [(as_folders, 3, True), (as_table, 1, True), (as_numpy, 3, False), (as_idx, 1, False)],
)
def test_each_layout_has_the_classes_that_its_files_name(write, channels, named, tmp_path):
    write(tmp_path / "farm")
    data = load_own("farm", tmp_path, edge=EDGE)
    assert data.class_names == (tuple(BRIGHT) if named else ("0", "1", "2"))
    assert data.train.images.shape == (12, EDGE, EDGE, channels)
    assert data.test.images.shape == (6, EDGE, EDGE, channels) and data.name == "farm"
    for split in (data.train, data.test):
        shown, said = grey(split, tuple(BRIGHT))
        assert shown == said
    two = ("cow", "ant") if named else ("2", "0")
    some = load_own("farm", tmp_path, edge=EDGE, classes=two, train_size=5, test_size=4)
    assert some.class_names == two and len(some.train.labels) == 5
    for split in (some.train, some.test):
        shown, said = grey(split, ("cow", "ant"))
        assert shown == said and set(said) == {"cow", "ant"}


def test_pictures_become_grey_and_a_set_in_one_part_is_split(tmp_path):
    as_folders(tmp_path / "all")
    (tmp_path / "all/train").rename(tmp_path / "farm")
    data = load_own("farm", tmp_path, edge=16, grey=True)
    assert data.train.images.shape == (10, 16, 16, 1) and len(data.test.labels) == 2
    assert "split 80/20" in data.describe() and data.describe().startswith("farm")


def test_tensorflow_datasets_that_somebody_prepared(tmp_path, monkeypatch):
    tfds = pytest.importorskip("tensorflow_datasets", reason="tensorflow-datasets is missing")
    tfds.disable_progress_bar()
    with tfds.core.registered.skip_registration():

        class Farm(tfds.core.GeneratorBasedBuilder):
            VERSION = tfds.core.Version("1.0.0")

            def _info(self):
                features = {
                    "image": tfds.features.Image(shape=(None, None, 1)),
                    "label": tfds.features.ClassLabel(names=list(BRIGHT)),
                }
                return tfds.core.DatasetInfo(
                    builder=self, features=tfds.features.FeaturesDict(features)
                )

            def _split_generators(self, dl_manager):
                return {"train": self._generate_examples(12), "test": self._generate_examples(6)}

            def _generate_examples(self, count):
                for number, (image, label) in enumerate(zip(*arrays(count), strict=True)):
                    yield number, {"image": Image.fromarray(image), "label": int(label)}

    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    Farm.name = "farm"
    Farm(data_dir=str(tmp_path), file_format="array_record").download_and_prepare()
    data = load_own("farm", "tfds", edge=EDGE, classes=("bee", "cow"), grey=True)
    shown, said = grey(data.train, data.class_names)
    assert shown == said and data.train.images.shape == (8, EDGE, EDGE, 1)


@pytest.mark.parametrize(
    ("source", "options", "said"),
    [
        ("embedded", {}, "cannot draw it: grade with --data DIR, where DIR contains farm/"),
        ("DIR", {"edge": 20}, "have 12×12 pixels, not 20×20"),
        ("DIR", {"classes": ("ant", "3")}, "no class ant in farm; its classes are 0, 1, 2"),
        ("DIR", {"classes": ("1", "1")}, "name one twice; name each class once"),
        ("DIR", {"train_size": 13}, "only 12 training images of farm, not 13"),
        ("DIR", {"name": "zoo"}, "has no zoo/; put"),
    ],
)
def test_what_cannot_be_is_a_sentence(source, options, said, tmp_path):
    as_numpy(tmp_path / "farm")
    options = {"name": "farm", "edge": EDGE} | options
    with pytest.raises(DataError, match=said):
        load_own(source=tmp_path if source == "DIR" else source, **options)


@pytest.mark.parametrize("name", ["rock_paper_scissors", "mnist"])
def test_some_classes_of_the_courses_own_sets(name):
    whole = lib.data.load(name, train_size=60, test_size=0)
    first, second = whole.class_names[1], whole.class_names[0]
    some = lib.data.load(name, train_size=8, test_size=4, classes=[first, second])
    assert some.class_names == (first, second)
    numbers = [whole.class_names.index(some.class_names[label]) for label in some.train.labels]
    kept = np.isin(whole.train.labels, (0, 1))
    assert numbers == whole.train.labels[kept][:8].tolist()
    assert np.array_equal(some.train.images, whole.train.images[kept][:8])
    assert set(lib.data.draw(name, 6, 3, classes=[first, second]).labels.tolist()) == {0, 1}
    with pytest.raises(DataError, match=f"no class zebra in {name}"):
        lib.data.load(name, train_size=8, test_size=4, classes=["zebra", first])
