"""Folders of pictures: every format and size, what is left out, splits and labels."""

import io
import os
import re
import subprocess
import sys
import time
import warnings
import zlib
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

import lib
from lib.data import stream
from lib.data.files import decoding, folders
from lib.data.files.local import class_numbers


def picture(height=40, width=60, seed=0, channels=3):
    """A smooth picture, so that compression hardly changes it."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (4, 5, 3)).astype(np.uint8))
    pixels = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))
    return pixels if channels == 3 else pixels[..., 0]


def save(path: Path, pixels: np.ndarray, **options) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def fill(root: Path, counts: dict[str, int], edge: int = 20) -> Path:
    """A folder of classes whose pictures all differ."""
    seed = zlib.crc32(root.name.encode())
    for name, count in counts.items():
        for number in range(count):
            seed += 1
            save(root / name / f"{number:03}.png", picture(edge, edge, seed))
    return root


def mean_error(found, expected):
    return np.abs(found.astype(int) - expected.astype(int)).mean()


# What a picture becomes ---------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "gif", "tif", "webp", "ppm"])
def test_every_format_and_size_becomes_rgb_and_grey(tmp_path, ending):
    pixels = picture()
    path = save(tmp_path / f"a.{ending}", pixels)
    found = decoding.read_picture(path, 40, 60)
    assert found.shape == (40, 60, 3)
    assert found.dtype == np.uint8
    lossy = {"jpg": 4, "gif": 12, "webp": 6}.get(ending, 0)
    assert mean_error(found, pixels) <= lossy
    grey = decoding.read_picture(path, 40, 60, "grey")
    luma = pixels @ [0.299, 0.587, 0.114]
    assert grey.shape == (40, 60, 1)
    assert mean_error(grey[..., 0], luma) <= lossy + 1


def modes():
    """Pictures in other modes, and their RGB values, from Pillow or written out here."""
    pixels = picture(channels=3)
    image = Image.fromarray(pixels)
    grey = pixels[..., 0]
    deep = grey.astype(np.uint16) * 256 + 77
    alpha = Image.fromarray(np.dstack([pixels, 255 - grey]))
    repeated = np.repeat(grey[..., None], 3, axis=2)
    palette = image.convert("P", palette=Image.Palette.ADAPTIVE)
    return {
        "grey": (Image.fromarray(grey), repeated, "png"),
        "bilevel": (image.convert("1"), np.asarray(image.convert("1").convert("RGB")), "png"),
        "palette": (palette, np.asarray(palette.convert("RGB")), "png"),
        "alpha": (alpha, pixels, "png"),
        "grey alpha": (Image.fromarray(np.dstack([grey, 255 - grey])), repeated, "png"),
        "16 bits": (Image.fromarray(deep), repeated, "png"),
        "16 bits tiff": (Image.fromarray(deep), repeated, "tif"),
        "CMYK tiff": (image.convert("CMYK"), pixels, "tif"),
        "CMYK jpeg": (image.convert("CMYK"), pixels, "jpg"),
        "grey jpeg": (Image.fromarray(grey), repeated, "jpg"),
    }


@pytest.mark.parametrize("name", modes())
def test_every_mode_becomes_rgb(tmp_path, name):
    image, expected, ending = modes()[name]
    image.save(tmp_path / f"a.{ending}")
    found = decoding.read_picture(tmp_path / f"a.{ending}", 40, 60)
    assert found.shape == (40, 60, 3)
    assert mean_error(found, expected) <= (4 if ending == "jpg" else 0)


def test_a_palette_with_transparency_makes_no_noise(tmp_path):
    image = Image.fromarray(picture()).convert("P", palette=Image.Palette.ADAPTIVE)
    image.info["transparency"] = bytes(range(256))
    image.save(tmp_path / "a.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decoding.read_picture(tmp_path / "a.png", 8, 8).shape == (8, 8, 3)


@pytest.mark.parametrize("ending", ["jpg", "png", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_turns_a_picture_upright(tmp_path, orientation, ending):
    pixels = picture(32, 48)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / f"a.{ending}", pixels, exif=exif)
    with Image.open(path) as image:
        upright = np.asarray(ImageOps.exif_transpose(image))
    height, width = upright.shape[:2]
    assert (height, width) == ((32, 48) if orientation < 5 else (48, 32))
    assert np.array_equal(decoding.read_picture(path, height, width), upright)


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_a_picture_shrinks_by_averaging_and_grows_by_repeating(tmp_path, ending):
    pixels = picture(96, 128, seed=5)
    path = save(tmp_path / f"a.{ending}", pixels, **({"quality": 98} if ending == "jpg" else {}))
    means = pixels.reshape(24, 4, 32, 4, 3).mean(axis=(1, 3))
    assert mean_error(decoding.read_picture(path, 24, 32), means) < 1.5
    grown = decoding.read_picture(path, 192, 256)
    stored = decoding.read_picture(path, 96, 128)
    assert np.array_equal(grown, stored.repeat(2, axis=0).repeat(2, axis=1))


@pytest.mark.parametrize("mode", ["rgb", "grey"])
def test_a_growing_picture_repeats_the_pixels_that_the_middles_fall_on(tmp_path, mode):
    path = save(tmp_path / "a.jpg", picture(31, 44, seed=6))
    stored = decoding.read_picture(path, 31, 44, mode)
    rows = np.floor((np.arange(50) + 0.5) * 31 / 50).astype(int)
    columns = np.floor((np.arange(47) + 0.5) * 44 / 47).astype(int)
    grown = decoding.read_picture(path, 50, 47, mode)
    assert np.array_equal(grown, stored[rows][:, columns])


@pytest.mark.parametrize("mode", ["rgb", "grey"])
@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("size", [(40, 60), (60, 40), (24, 32), (31, 80), (55, 77)])
@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_a_picture_can_be_put_into_an_array(tmp_path, ending, size, orientation, mode):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / f"a.{ending}", picture(), exif=exif)
    new = decoding.read_picture(path, *size, mode)
    given = np.full((3, *new.shape), 9, np.uint8)
    assert decoding.read_picture(path, *size, mode, given[1]).base is given
    assert np.array_equal(given[1], new)
    assert (given[::2] == 9).all()


def test_proportions_give_way_to_the_size(tmp_path):
    path = save(tmp_path / "a.png", np.full((10, 90, 3), 77, np.uint8))
    assert np.array_equal(decoding.read_picture(path, 33, 21), np.full((33, 21, 3), 77, np.uint8))


# Several threads ------------------------------------------------------------------------------


def test_every_number_is_worked_at_once():
    seen = []
    assert folders._try_all(seen.append, 1_000, "") == {}
    assert sorted(seen) == list(range(1_000))


def test_an_error_that_was_not_foreseen_is_raised_and_stops_all_threads(monkeypatch):
    monkeypatch.setattr(folders, "threads_here", lambda: 4)
    seen = []

    def work(number):
        seen.append(number)
        if number == 5:
            raise ZeroDivisionError
        time.sleep(0.001)

    with pytest.raises(ZeroDivisionError):
        folders._try_all(work, 100_000, "")
    assert len(seen) < 50_000


# What is left out ---------------------------------------------------------------------------


def png_that_claims(width: int, height: int) -> bytes:
    """A complete PNG file of a few bytes whose header promises a huge picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + kind + content + check

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    rows = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def encoded(pixels: np.ndarray, kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def jpeg_that_claims(width: int, height: int) -> bytes:
    content = bytearray(encoded(picture(), "JPEG"))
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(content)


HOSTILE = {
    "empty.jpg": (b"", "empty"),
    "text.jpg": (b"not a picture at all\n" * 40, "not a picture"),
    "cut.jpg": (encoded(picture(200, 300), "JPEG")[:2500], "cut short"),
    "cut.png": (encoded(picture(200, 300), "PNG")[:2500], "cut short|damaged"),
    "head.jpg": (b"\xff\xd8\xff", "not a picture|damaged|cut short"),
    "bomb.png": (png_that_claims(60_000, 60_000), "more"),
    "bomb_small.png": (png_that_claims(9_000, 9_000), "more"),
    "bomb.jpg": (jpeg_that_claims(65_000, 65_000), "more"),
    "bits.png": (encoded(picture(), "PNG")[:60] + b"\xff" * 400, "."),
    "script.jpg": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
    "page.jpg": (b"<!DOCTYPE html><title>404</title>", "not a picture"),
    ".hidden.png": (encoded(picture(), "PNG"), "hidden"),
}


@pytest.fixture
def hostile(tmp_path):
    """Twelve good pictures among everything that a folder can contain."""
    root = fill(tmp_path / "set", {"cats": 6, "dogs": 6})
    for name, (content, _) in HOSTILE.items():
        (root / "cats" / name).write_bytes(content)
    outside = save(tmp_path / "outside.png", picture())
    (root / "cats" / "out.png").symlink_to(outside)
    (root / "cats" / "nowhere.png").symlink_to(root / "missing.png")
    (root / "cats" / "round.png").symlink_to("round.png")
    (root / "dogs" / "up").symlink_to(tmp_path)
    (root / "elsewhere").symlink_to(tmp_path)
    (root / ".git").mkdir()
    os.mkfifo(root / "dogs" / "pipe.png")
    (root / "readme.txt").write_text("beside the classes")
    return root


def test_hostile_files_cost_a_line_each(hostile):
    with pytest.warns(lib.SkippedFiles) as caught:
        found = lib.load_folder(hostile, 20)
    assert len(caught) == 1
    assert len(found.train.labels) == 12
    clean = np.stack([
        np.asarray(Image.open(hostile / name / f"{number:03}.png"))
        for name in ("cats", "dogs") for number in range(6)
    ])  # fmt: skip
    assert np.array_equal(found.train.images, clean)
    reasons = dict(found.skipped)
    for name, (_, words) in HOSTILE.items():
        assert re.search(words, reasons.pop(f"cats/{name}")), name
    assert "leads out" in reasons.pop("cats/out.png")
    assert "cannot be opened" in reasons.pop("cats/nowhere.png")
    assert reasons.pop("cats/round.png")
    assert reasons.pop("dogs/up")
    assert reasons.pop("dogs/pipe.png") == "not a regular file"
    assert reasons.pop("elsewhere") == "a link that leads out of the folder"
    assert reasons.pop(".git") == "a hidden folder"
    assert not reasons
    text = str(caught[0].message)
    assert text.startswith(f"{len(found.skipped)} files in {hostile} left out: ")
    assert "\n" not in text


def test_odd_names_are_read_and_told_in_printable_letters(tmp_path):
    root = fill(tmp_path / "set", {"a": 1, "b": 1})
    good = encoded(picture(20, 20, 9), "PNG")
    names = [
        b"\xff\xfe latin.png",
        "naïve – 絵.png".encode(),
        b"new\nline.png",
        b"  .png",
        b"-rf.png",
    ]
    for name in names:
        Path(os.fsdecode(bytes(root / "a") + b"/" + name)).write_bytes(good)
    Path(os.fsdecode(bytes(root / "b") + b"/\x1b[31mred\xff\n.png")).write_bytes(b"no picture")
    with pytest.warns(lib.SkippedFiles) as caught:
        found = lib.load_folder(root, 20)
    assert len(found.train.labels) == 2 + len(names)
    told = str(caught[0].message)
    assert told.isprintable()
    told.encode("utf-8")
    assert r"\x1b[31mred\udcff\n.png (not a picture)" in told


def test_what_a_file_is_its_content_says(tmp_path):
    root = fill(tmp_path, {"a": 1, "b": 1})
    pixels = picture(20, 20, 8)
    (root / "a" / "zzz.jpg").write_bytes(encoded(pixels, "PNG"))
    (root / "b" / "zzz.txt").write_bytes(encoded(pixels, "BMP"))
    found = lib.load_folder(root, 20)
    assert np.array_equal(found.train.images[[1, 3]], np.stack([pixels, pixels]))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM"])
def test_whatever_is_changed_in_a_file_it_is_a_picture_or_unreadable(kind):
    rng = np.random.default_rng(7)
    whole = encoded(picture(30, 40), kind)
    for _ in range(60):
        content = bytearray(whole)
        for place in rng.integers(0, min(len(whole), 300), 5):
            content[place] = rng.integers(256)
        if rng.integers(3) == 0:
            content = content[: rng.integers(len(content))]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                assert decoding.decode(bytes(content), 9, 8, "rgb").shape == (9, 8, 3)
            except decoding.Unreadable as problem:
                assert "\n" not in str(problem)


@pytest.mark.parametrize("mode", ["rgb", "grey"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_of_very_many_pixels_is_reduced_while_it_is_decoded(
    tmp_path, monkeypatch, orientation, mode
):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / "a.jpg", picture(320, 480), exif=exif, quality=95)
    expected = decoding.read_picture(path, 30, 40, mode)
    monkeypatch.setattr(decoding, "MOST_PIXELS", 320 * 480 // 4)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000)  # Pillow does not even open it
    assert mean_error(decoding.read_picture(path, 30, 40, mode), expected) < 2
    with pytest.raises(decoding.Unreadable, match="more"):
        decoding.read_picture(path, 310, 460, mode)  # cannot be reduced for that
    content = path.read_bytes()
    with pytest.raises(decoding.Unreadable, match="cut short|damaged"):
        decoding.decode(content[: len(content) // 2], 30, 40, mode)
    monkeypatch.setattr(decoding, "MOST_REDUCED", 320 * 480 - 1)
    with pytest.raises(decoding.Unreadable, match="more"):
        decoding.read_picture(path, 30, 40, mode)


def test_a_progressive_photograph_of_very_many_pixels_is_left_out(tmp_path, monkeypatch):
    path = save(tmp_path / "a.jpg", picture(320, 480), progressive=True)
    assert decoding.read_picture(path, 30, 40).shape == (30, 40, 3)
    monkeypatch.setattr(decoding, "MOST_PIXELS", 1_000)
    with pytest.raises(decoding.Unreadable, match="more"):  # all of it would be kept in memory
        decoding.read_picture(path, 30, 40)


def test_a_bomb_costs_no_memory():
    code = (
        "import resource, sys\n"
        "from tests.lib.data.files.test_folders import png_that_claims, jpeg_that_claims\n"
        "from lib.data.files import decoding\n"
        "decoding.decode(png_that_claims(20, 1), 9, 9, 'rgb')\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for bomb in (png_that_claims(12_000, 12_000), jpeg_that_claims(60_000, 60_000),\n"
        "             jpeg_that_claims(15_000, 15_000)):\n"
        "    try:\n"
        "        decoding.decode(bomb, 9, 9, 'rgb')\n"
        "    except decoding.Unreadable as problem:\n"
        "        print(problem)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    *told, grown = run.stdout.splitlines()
    assert len(told) == 3, run.stderr
    assert int(grown) < (50_000 if sys.platform == "linux" else 50_000_000)


def test_links_within_the_folder_are_followed(tmp_path):
    root = fill(tmp_path, {"a": 1, "b": 1})
    (root / "a" / "again.png").symlink_to("../b/000.png")
    with pytest.warns(
        decoding.OddPictures, match="also in another class: b/000.png is a/again.png"
    ):
        found = lib.load_folder(root, 20)
    assert found.train.labels.tolist() == [0, 0, 1]
    assert np.array_equal(found.train.images[1], found.train.images[2])


# Labels and splits --------------------------------------------------------------------------


def test_classes_are_the_folders_sorted_by_name(tmp_path):
    fill(tmp_path, {"10": 2, "9": 1, "Zebra": 1, "ape": 3})
    save(tmp_path / "ape" / "young" / "deep.png", picture(20, 20, 99))
    found = lib.load_folder(tmp_path, 20)
    assert found.class_names == ("10", "9", "Zebra", "ape")
    assert found.train.labels.tolist() == [0, 0, 1, 2, 3, 3, 3, 3]
    assert found.train.labels.dtype == np.int32
    assert "8 training and 0 validation pictures of 20×20×3, 4 classes" in repr(found)


def test_numbers_that_are_sorted_as_text_are_told(tmp_path):
    numbers = [str(number) for number in range(11)]
    fill(tmp_path / "set", dict.fromkeys(numbers, 1))
    words = "are numbers but sorted as text: the label of 10 is 2, its index in `class_names`"
    with pytest.warns(decoding.OddPictures, match=words):
        assert lib.load_folder(tmp_path / "set", 4).class_names[:3] == ("0", "1", "10")
    found = lib.load_folder(tmp_path / "set", 4, class_names=numbers)
    assert sorted(found.train.labels) == [int(name) for name in found.class_names]
    fill(tmp_path / "few", {"0": 1, "1": 1, "9": 1})
    assert lib.load_folder(tmp_path / "few", 4).class_names == ("0", "1", "9")


def test_class_modes(tmp_path):
    fill(tmp_path / "two", {"a": 2, "b": 1})
    fill(tmp_path / "three", {"a": 1, "b": 1, "c": 2})
    binary = lib.load_folder(tmp_path / "two", 20, class_mode="binary").train.labels
    assert binary.tolist() == [0, 0, 1]
    one_hot = lib.load_folder(tmp_path / "three", 20, class_mode="categorical").train.labels
    assert one_hot.dtype == np.float32
    assert one_hot.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]]
    with pytest.raises(lib.DataError, match='"binary" is for two classes; .* has 3: a, b, c'):
        lib.load_folder(tmp_path / "three", 20, class_mode="binary")


def test_height_and_width_may_differ(tmp_path):
    fill(tmp_path, {"a": 1, "b": 1})
    assert lib.load_folder(tmp_path, (12, 30), mode="grey").train.images.shape == (2, 12, 30, 1)


def pictures(split):
    return {image.tobytes(): int(label) for image, label in zip(*split, strict=True)}


def test_validation_is_a_share_of_each_class_by_the_seed(tmp_path):
    fill(tmp_path, {"a": 40, "b": 20})
    found = lib.load_folder(tmp_path, 20, validation=0.25, seed=3)
    assert np.bincount(found.validation.labels).tolist() == [10, 5]
    assert np.bincount(found.train.labels).tolist() == [30, 15]
    whole = pictures(lib.load_folder(tmp_path, 20).train)
    assert pictures(found.train) | pictures(found.validation) == whole
    assert not pictures(found.train).keys() & pictures(found.validation).keys()
    again = lib.load_folder(tmp_path, 20, validation=0.25, seed=3)
    other = lib.load_folder(tmp_path, 20, validation=0.25, seed=4)
    assert np.array_equal(found.validation.images, again.validation.images)
    assert pictures(found.validation) != pictures(other.validation)


def test_a_class_with_too_few_pictures_to_hold_one_back_is_told(tmp_path):
    fill(tmp_path, {"a": 10, "b": 10, "rare": 1})
    with pytest.warns(
        decoding.OddPictures, match="No picture of rare in .* is held back: .*too few"
    ):
        found = lib.load_folder(tmp_path, 20, validation=0.5)
    assert np.bincount(found.train.labels)[2] == 1
    with pytest.warns(decoding.OddPictures, match="No picture of a, b, rare in"):
        assert not len(lib.load_folder(tmp_path, 20, validation=0.01).validation.labels)


def test_a_folder_that_is_split_already(tmp_path):
    fill(tmp_path / "train", {"a": 3, "b": 2})
    fill(tmp_path / "validation", {"b": 2})
    found = lib.load_folder(tmp_path, 20)
    assert found.class_names == ("a", "b")
    assert found.train.labels.tolist() == [0, 0, 0, 1, 1]
    assert found.validation.labels.tolist() == [1, 1]
    with pytest.raises(lib.DataError, match="is already split into parts"):
        lib.load_folder(tmp_path, 20, validation=0.5)
    fill(tmp_path / "validation", {"c": 1})
    with pytest.raises(lib.DataError, match="has the class c, but the classes are a, b"):
        lib.load_folder(tmp_path, 20)


def test_a_part_by_itself_has_the_labels_of_the_set(tmp_path):
    fill(tmp_path / "train", {"a": 3, "b": 2})
    fill(tmp_path / "test", {"b": 2})
    found = lib.load_folder(tmp_path / "test", np.array([20, 20]), validation=np.float32(0))
    assert found.class_names == ("a", "b")
    assert found.train.labels.tolist() == [1, 1]
    assert found.train.images.shape == (2, 20, 20, 3)


def test_labels_agree_with_keras(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    legacy = pytest.importorskip(
        "keras.src.legacy.preprocessing.image", reason="Keras is not installed"
    )
    fill(tmp_path, {"10": 2, "9": 1, "Zebra": 1, "ape": 3})
    flow = legacy.ImageDataGenerator().flow_from_directory(
        str(tmp_path), target_size=(20, 20), shuffle=False, class_mode="sparse", batch_size=7
    )
    images, labels = next(flow)
    found = lib.load_folder(tmp_path, 20)
    assert np.array_equal(images, found.train.images)
    assert np.array_equal(labels, found.train.labels)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"path": "nowhere"}, "cannot be read .*; name a folder with one subfolder"),
        ({"path": "flat"}, "has no subfolders; put the pictures of each class"),
        ({"path": "bad"}, "has no picture that can be read in its subfolders a"),
        ({"path": "good", "mode": "rgba"}, 'The mode must be "rgb" or "grey"; got'),
        ({"path": "good", "class_mode": "input"}, 'The class mode must be "binary", "sparse"'),
        ({"path": "good", "validation": 1.0}, "The share to hold back must be 0 or more"),
        ({"path": "good", "seed": -1}, "The seed is -1"),
        (
            {"path": "good", "validation": None},
            "The share to hold back must be 0 or more.*got None",
        ),
        ({"path": "good", "seed": 1.5}, "The seed is 1.5, but it must be a whole number"),
        ({"path": "good", "class_names": []}, "The list of class names is empty"),
        (
            {"path": "good", "class_names": {0: "a"}},
            "names must be a list in the order .*got a dict",
        ),
        ({"path": "good", "class_names": ["a", "b", "a"]}, "The class names contain 'a' twice"),
        ({"path": "good", "size": 0}, "Pictures cannot have 0×0 pixels"),
        (
            {"path": "good", "size": "150"},
            "The size is '150', but it must be an edge in whole pixels",
        ),
        ({"path": "good", "size": (1, 2, 3)}, r"The size is \(1, 2, 3\), but it must be"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(tmp_path, arguments, words):
    fill(tmp_path / "good", {"a": 1, "b": 1})
    save(tmp_path / "flat" / "a.png", picture())
    (tmp_path / "bad" / "a").mkdir(parents=True)
    (tmp_path / "bad" / "a" / "x.png").write_bytes(b"no")
    arguments = arguments | {"path": tmp_path / arguments["path"]}
    with pytest.raises(lib.DataError, match=words) as caught:
        lib.load_folder(**arguments)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", [None, "", 5])
def test_no_folder_is_named(path):
    for read in (lib.load_folder, stream.stream_folder, lambda each: lib.load("mnist", each)):
        with pytest.raises(lib.DataError, match=f"The (folder|source) is {path!r}; give its path"):
            read(path)


@pytest.mark.parametrize("argument", ["train_size", "test_size", "edge"])
def test_numbers_that_are_not_whole(argument):
    with pytest.raises(lib.DataError, match="is 28.0, but it must be a whole number, such as"):
        lib.load("mnist", **{argument: 28.0})  # pyright: ignore[reportArgumentType]


def test_too_many_for_the_memory(tmp_path, monkeypatch):
    import psutil

    fill(tmp_path, {"a": 3, "b": 1})
    free = psutil.virtual_memory()._replace(available=1000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    with pytest.raises(lib.DataError, match=r"4 pictures of 20×20 .* batch by batch") as caught:
        lib.load_folder(tmp_path, 20)
    name = re.search(r"with lib\.([\w.]+)\.$", str(caught.value))
    assert name and attrgetter(name[1])(lib) is stream.stream_folder


def test_progress_is_shown_on_a_terminal_only(tmp_path, capfd):
    import pty

    fill(tmp_path, {"a": 30, "b": 3})
    lib.load_folder(tmp_path, 20)
    assert capfd.readouterr() == ("", "")
    controller, terminal = pty.openpty()
    code = "import sys, lib; lib.load_folder(sys.argv[1], 20)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], stderr=terminal, check=True)
    assert b"Reading pictures" in os.read(controller, 100_000)
    os.close(controller)
    os.close(terminal)


# The sets by name ---------------------------------------------------------------------------


@pytest.mark.parametrize("held", ["validation", "val", "valid", "test"])
@pytest.mark.parametrize("beside", [".ipynb_checkpoints", "__MACOSX"])
def test_parts_are_no_classes_whatever_a_system_puts_beside_them(tmp_path, held, beside):
    fill(tmp_path / "train", {"cats": 2, "dogs": 3})
    fill(tmp_path / held, {"cats": 1, "dogs": 1})
    (tmp_path / beside).mkdir()
    found = lib.load_folder(tmp_path, 20)
    assert found.class_names == ("cats", "dogs")
    assert (len(found.train.labels), len(found.validation.labels)) == (5, 2)


@pytest.mark.parametrize("folder", ["cats_and_dogs", "cats-and-dogs", "cats-and-dogs-filtered"])
@pytest.mark.parametrize("held", ["validation", "test"])
def test_a_set_by_name(tmp_path, folder, held):
    fill(tmp_path / folder / "train", {"cats": 4, "dogs": 3})
    fill(tmp_path / folder / held, {"cats": 1, "dogs": 2})
    data = lib.load("cats_and_dogs", tmp_path, edge=20)
    assert data.train.images.shape == (7, 20, 20, 3)
    assert np.bincount(data.train.labels).tolist() == [4, 3]
    assert np.bincount(data.test.labels).tolist() == [1, 2]
    assert data.is_real
    assert "Cats and Dogs (pictures in folders): 7 training and 3 test images" in data.describe()
    assert lib.load("cats_and_dogs", tmp_path).train.images.shape == (7, 150, 150, 3)


def test_the_label_is_that_of_the_name(tmp_path):
    fill(tmp_path / "rps" / "train", {"Scissors": 1, "Rock": 2, "paper": 3})
    data = lib.load("rock_paper_scissors", tmp_path, edge=20, train_size=None)
    counted = np.bincount(np.concatenate([data.train.labels, data.test.labels]))
    assert counted.tolist() == [3, 2, 1]
    assert data.class_names == ("paper", "rock", "scissors")
    numbers = class_numbers("horse_or_human", ("humans", "Horse"), tmp_path)
    assert numbers.tolist() == [1, 0]


def test_a_class_that_is_missing_or_strange(tmp_path):
    fill(tmp_path / "flowers" / "train", {"daisy": 1, "roses": 1})
    with pytest.raises(lib.DataError, match="does not contain dandelion/, one of the classes"):
        lib.load("flowers", tmp_path)
    fill(tmp_path / "flowers" / "train", {"thistle": 1})
    with pytest.raises(lib.DataError, match="contains thistle/, but the classes of flowers are"):
        lib.load("flowers", tmp_path)


def test_a_set_without_a_test_part_is_split_and_says_so(tmp_path):
    kinds = {"daisy": 10, "dandelion": 20, "roses": 10, "sunflowers": 5, "tulips": 5}
    fill(tmp_path / "flower_photos", kinds)
    data = lib.load("flowers", tmp_path, edge=20)
    assert np.bincount(data.test.labels).tolist() == [2, 4, 2, 1, 1]
    assert data.version == "pictures in folders, split 80/20 with seed 0"
    again = lib.load("flowers", tmp_path, edge=20, seed=5)
    assert np.array_equal(data.test.images, again.test.images)


def test_happy_or_sad_has_test_pictures_only_when_they_are_asked_for(tmp_path):
    fill(tmp_path / "happy-or-sad" / "train", {"happy": 20, "sad": 20})
    whole = lib.load("happy_or_sad", tmp_path, edge=20)
    assert (len(whole.train.labels), len(whole.test.labels)) == (40, 0)
    data = lib.load("happy_or_sad", tmp_path, edge=20, train_size=30, test_size=10)
    assert np.bincount(data.test.labels).tolist() == [5, 5]
    assert not pictures(data.train).keys() & pictures(data.test).keys()
    assert "10 of 40 held back with seed 0" in data.version
    with pytest.raises(lib.DataError, match="only 30 training images of happy_or_sad, not 35"):
        lib.load("happy_or_sad", tmp_path, edge=20, train_size=35, test_size=10)
    with pytest.raises(lib.DataError, match="so 40 cannot be held back"):
        lib.load("happy_or_sad", tmp_path, edge=20, test_size=40)


def test_a_set_is_mixed_always_in_the_same_way(tmp_path):
    fill(tmp_path / "happy-or-sad" / "train", {"happy": 20, "sad": 20})
    labels = lib.load("happy_or_sad", tmp_path, edge=20).train.labels
    assert 8 < np.abs(np.diff(labels)).sum() < 32
    assert np.array_equal(labels, lib.load("happy_or_sad", tmp_path, edge=20).train.labels)


def test_what_was_left_out_of_a_set_is_in_the_result(tmp_path):
    root = fill(tmp_path / "happy-or-sad" / "train", {"happy": 2, "sad": 2})
    (root / "sad" / "zero.jpg").touch()
    with pytest.warns(folders.SkippedFiles, match=r"1 file in .*zero.jpg \(empty\)"):
        data = lib.load("happy_or_sad", tmp_path, edge=20)
    assert data.skipped == (("train/sad/zero.jpg", "empty"),)


def test_a_set_that_is_not_there(tmp_path):
    words = "has no happy-or-sad/ or happy_or_sad/; put the pictures, as train/<class>/"
    with pytest.raises(lib.DataError, match=words):
        lib.load("happy_or_sad", tmp_path)


REAL = {
    "horse_or_human": ([500, 527], [128, 128]),
    "cats_and_dogs": ([1000, 1000], [500, 500]),
    "rock_paper_scissors": ([840, 840, 840], [124, 124, 124]),
    "flowers": ([506, 718, 512, 559, 639], [127, 180, 129, 140, 160]),
    "happy_or_sad": ([40, 40], []),
}


@pytest.mark.parametrize("name", REAL)
def test_the_real_sets(real_data, name):
    data = lib.load(name, real_data, edge=32)
    train, test = REAL[name]
    assert np.bincount(data.train.labels).tolist() == train
    assert np.bincount(data.test.labels).tolist() == test
    assert not data.skipped
    assert data.train.images.std() > 20
