"""The sets of pictures through tensorflow-datasets: from archives, folders and a web server."""

import functools
import http.server
import io
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import lib
from lib.data.published import catalogue
from lib.data.published import tfds as tfds_source

tfds = pytest.importorskip("tensorflow_datasets", reason="tensorflow-datasets is not installed")


@pytest.fixture(autouse=True)
def _no_bars():
    tfds.disable_progress_bar()
    yield
    tfds.enable_progress_bar()


@pytest.fixture
def tfds_dir(tmp_path, monkeypatch):
    folder = tmp_path / "tfds"
    monkeypatch.setenv("TFDS_DATA_DIR", str(folder))
    return folder


def encoded(seed: int, kind: str) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (9, 12, 3)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def pack(path: Path, members: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".tgz":
        with tarfile.open(path, "w:gz") as archive:
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
    return path


def members(pattern: str, labels: tuple[str, ...], count: int, seed: int) -> dict[str, bytes]:
    kind = "PNG" if pattern.endswith("png") else "JPEG"
    return {
        pattern.format(label=label, number=number): encoded(seed + 100 * place + number, kind)
        for place, label in enumerate(labels)
        for number in range(count)
    }


NOISE = {"__MACOSX/._x.png": b"noise", "LICENSE.txt": b"words", "horses/": b""}
HORSES = ("horses", "humans")
HANDS = ("rock", "paper", "scissors")
FLOWERS = ("daisy", "dandelion", "roses", "sunflowers", "tulips")

# The layouts of the published archives: by set, the split, file and members.
ARCHIVES = {
    "horse_or_human": {
        "train": ("horse-or-human.zip", members("{label}/{label}01-{number}.png", HORSES, 4, 0)),
        "test": (
            "validation-horse-or-human.zip",
            members("{label}/{label}1-{number:03}.png", HORSES, 2, 1000),
        ),
    },
    "rock_paper_scissors": {
        "train": ("rps.zip", members("rps/{label}/{label}01-{number:03}.png", HANDS, 3, 0)),
        "test": (
            "rps-test-set.zip",
            members("rps-test-set/{label}/test{label}01-{number:02}.png", HANDS, 2, 1000),
        ),
    },
    "flowers": {
        "train": (
            "flower_photos.tgz",
            members("flower_photos/{label}/{number}_ab12.jpg", FLOWERS, 5, 0)
            | {"flower_photos/LICENSE.txt": b"words"},
        )
    },
    "cats_and_dogs": {
        split: (
            "cats_and_dogs_filtered.zip",
            members(
                f"cats_and_dogs_filtered/{split}/{{label}}/pet.{{number}}.jpg",
                ("cats", "dogs"),
                count,
                seed,
            ),
        )
        for split, count, seed in (("train", 5, 0), ("validation", 2, 1000))
    },
}


def write_archives(name: str, folder: Path) -> None:
    files: dict[str, dict[str, bytes]] = {}
    for file, content in ARCHIVES[name].values():
        files.setdefault(file, dict(NOISE)).update(content)
    for file, content in files.items():
        pack(folder / file, content)


@pytest.mark.parametrize("name", ARCHIVES)
@pytest.mark.parametrize("where", ["", "set"])
def test_a_set_from_its_published_archives(name, where, tmp_path, tfds_dir):
    folder = tmp_path / "files"
    write_archives(name, folder / name.replace("_", "-") if where else folder)
    tfds_source.prepare(name, source=folder)
    data = lib.load(name, "tfds", edge=36)
    check(name, data)
    assert "tensorflow" not in sys.modules


def check(name, data):
    """The pictures, enlarged from 9×12 to 36×36, with the labels of their names."""
    held = "validation" if name == "cats_and_dogs" else "test"
    every = [(split, ARCHIVES[name].get(split, ("", {}))[1]) for split in ("train", held)]
    wanted = {}
    for split, content in every:
        for path, picture in content.items():
            if not path.endswith("txt"):
                pixels = np.asarray(Image.open(io.BytesIO(picture)))
                grown = pixels.repeat(4, axis=0).repeat(3, axis=1)
                wanted[grown.tobytes()] = (split, path.split("/")[-2])
    found = {}
    for split, part in (("train", data.train), (held, data.test)):
        for image, label in zip(*part, strict=True):
            found[image.tobytes()] = (split, data.class_names[label])
    if held in ARCHIVES[name]:
        assert found == wanted
    else:  # split here, 80 to 20
        assert {k: v[1] for k, v in found.items()} == {k: v[1] for k, v in wanted.items()}
        assert len(data.test.labels) == round(0.2 * len(wanted))
        assert data.version.endswith("split 80/20 with seed 0")
    assert data.is_real
    assert data.train.images.dtype == np.uint8
    assert data.train.labels.dtype == np.int32


def test_stock_labels_stay_and_ours_go_by_name(tmp_path, tfds_dir):
    write_archives("rock_paper_scissors", tmp_path)
    tfds_source.prepare("rock_paper_scissors", source=tmp_path)
    stock = tfds.builder("rock_paper_scissors", data_dir=tfds_dir)
    assert stock.info.features["label"].names == ["rock", "paper", "scissors"]
    examples = stock.as_data_source(split="test", decoders={"image": tfds.decode.SkipDecoding()})
    ours = lib.load("rock_paper_scissors", "tfds", edge=36)
    assert ours.class_names == ("paper", "rock", "scissors")
    by_name = [stock.info.features["label"].names[example["label"]] for example in examples]
    assert by_name == [ours.class_names[label] for label in ours.test.labels]


def test_cats_vs_dogs_leaves_out_what_the_stock_set_leaves_out(tmp_path, tfds_dir):
    good = members("PetImages/{label}/{number}.jpg", ("Cat", "Dog"), 3, 0)
    bad = {
        "PetImages/Cat/666.jpg": b"",
        "PetImages/Dog/11702.jpg": b"no picture",
        "PetImages/Cat/7.jpg": encoded(1, "JPEG").replace(b"JFIF", b"WHAT"),
        "PetImages/Cat/8.jpg": encoded(1, "JPEG")[:400],
        "PetImages/Dog/Thumbs.db": b"thumbs",
        "MSR-LA - 3467.docx": b"words",
    }
    pack(tmp_path / "kagglecatsanddogs_5340.zip", good | bad)
    folder = tfds_source.prepare("cats_vs_dogs", source=tmp_path)
    assert folder == tfds_dir / "cats_vs_dogs" / "4.0.1"
    stock = tfds.builder("cats_vs_dogs", data_dir=tfds_dir)
    examples = stock.as_data_source(split="train", decoders={"image": tfds.decode.SkipDecoding()})
    found = {bytes(e["image/filename"]).decode(): (e["image"], e["label"]) for e in examples}
    assert found.keys() == good.keys()
    assert all(found[path][0] == content for path, content in good.items())
    assert all(label == ("Dog" in path) for path, (_, label) in found.items())


@pytest.mark.parametrize("name", ["horse_or_human", "cats_and_dogs"])
def test_a_set_from_a_folder_of_pictures(name, tmp_path, tfds_dir):
    for split, (_, content) in ARCHIVES[name].items():
        for path, picture in content.items():
            place = tmp_path / name / ("train" if split == "train" else "validation")
            file = place / Path(path).parent.name / Path(path).name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(picture)
    (tmp_path / name / "train" / Path(path).parent.name / "cut.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.warns(lib.SkippedFiles, match="cut.jpg"):
        tfds_source.prepare(name, source=tmp_path)
    check(name, lib.load(name, "tfds", edge=36))


def test_the_sign_letters_from_tables(tmp_path, tfds_dir):
    rng = np.random.default_rng(0)
    folder = tmp_path / "sign-language-mnist"
    folder.mkdir()
    pixels = {}
    for part, labels in (("train", [0, 24, 3, 8]), ("test", [3, 1])):
        pixels[part] = rng.integers(0, 256, (len(labels), 784)).astype(np.uint8)
        rows = np.column_stack([labels, pixels[part]])
        header = "label," + ",".join(f"pixel{n + 1}" for n in range(784))
        np.savetxt(folder / f"sign_mnist_{part}.csv", rows, "%d", ",", header=header, comments="")
    tfds_source.prepare("sign_language_mnist", source=tmp_path)
    data = lib.load("sign_language_mnist", "tfds")
    found = sorted(zip(data.train.images.reshape(4, 784).tolist(), data.train.labels, strict=True))
    assert found == sorted(zip(pixels["train"].tolist(), [0, 24, 3, 8], strict=True))
    assert len(data.test.labels) == 2
    examples = tfds.data_source("sign_language_mnist", split="test", data_dir=tfds_dir)
    assert sorted(int(example["label"]) for example in examples) == [1, 3]


def test_the_sign_letters_cannot_be_downloaded(tfds_dir):
    words = "cannot be downloaded without an account; get sign_mnist_train.csv .* --from DIR"
    with pytest.raises(lib.DataError, match=words):
        tfds_source.prepare("sign_language_mnist")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


@pytest.fixture
def server(tmp_path):
    """A web server on this machine with the files in tmp_path/web."""
    (tmp_path / "web").mkdir()
    handler = functools.partial(Quiet, directory=tmp_path / "web")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()
        thread.join()


def served_by(server: str, name: str, monkeypatch) -> None:
    """Makes the archives of a set come from the server."""
    stock = catalogue.NAMES[name]
    here = {
        split: archive._replace(url=server + archive.file_name)
        for split, archive in catalogue.PUBLISHED[stock].archives.items()
    }
    monkeypatch.setitem(
        catalogue.PUBLISHED, stock, catalogue.PUBLISHED[stock]._replace(archives=here)
    )


@pytest.mark.parametrize("name", ARCHIVES)
def test_downloads_what_is_not_there(name, tmp_path, tfds_dir, server, monkeypatch):
    served_by(server, name, monkeypatch)
    write_archives(name, tmp_path / "web")
    tfds_source.prepare(name)
    check(name, lib.load(name, "tfds", edge=36))


def test_a_failed_download_says_how_to_do_without(tfds_dir, server, monkeypatch):
    served_by(server, "flowers", monkeypatch)
    words = r"could not be downloaded .* put .*flower_photos.tgz into DIR and run: .*--from DIR"
    with pytest.raises(lib.DataError, match=words):
        tfds_source.prepare("flowers")


def test_addresses_and_checksums_are_those_of_tensorflow_datasets():
    for each in catalogue.PUBLISHED.values():
        if each.stock:
            known = tfds.builder_cls(each.name).url_infos
            assert known.keys() == {archive.url for archive in each.archives.values()}


@pytest.mark.parametrize("damage", [lambda c: c[: len(c) // 2], lambda c: b"<html>404</html>"])
def test_a_damaged_archive_is_told_in_a_sentence_and_leaves_nothing(damage, tmp_path, tfds_dir):
    write_archives("flowers", tmp_path)
    path = tmp_path / "flower_photos.tgz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(lib.DataError, match="is damaged or not an archive .* download it again"):
        tfds_source.prepare("flowers", source=tmp_path)
    with pytest.raises(lib.DataError, match="run: python -m lib.data prepare flowers"):
        lib.load("flowers", "tfds")


def test_a_set_that_is_not_published_there(tfds_dir):
    with pytest.raises(lib.DataError, match="tensorflow-datasets has no set happy_or_sad"):
        lib.load("happy_or_sad", "tfds")
    with pytest.raises(lib.DataError, match="There is no set 'happy_or_sad' to prepare; use one"):
        tfds_source.prepare("happy_or_sad")


def test_the_command_needs_no_tensorflow(tmp_path, tfds_dir):
    write_archives("horse_or_human", tmp_path)
    code = (
        "import sys\n"
        "from lib.data.__main__ import main\n"
        "status = main(['prepare', 'horse_or_human', '--from', sys.argv[1]])\n"
        "sys.exit(status or 'tensorflow' in sys.modules)\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(tmp_path)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert f"horse_or_human is ready in {tfds_dir / 'horses_or_humans' / '3.0.0'}" in run.stdout


@pytest.mark.parametrize("name", ["horse_or_human", "sign_language_mnist"])
def test_the_real_sets_come_back_bit_for_bit(name, real_data, tfds_dir):
    tfds_source.prepare(name, source=real_data)
    ours, files = lib.load(name, "tfds"), lib.load(name, real_data)

    def pairs(data):
        both = (data.train, data.test)
        return sorted((i.tobytes(), int(n)) for split in both for i, n in zip(*split, strict=True))

    assert len(ours.train.labels) == len(files.train.labels)
    assert pairs(ours) == pairs(files)
