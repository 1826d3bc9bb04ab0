"""Sets from users: links, empty folders, odd pictures, and unpacked archives."""

import io
import sys
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import lib
from lib.data.files import decoding, npz
from lib.data.files.decoding import OddPictures

from ..conftest import small_set, write_set
from .test_layouts import PNG, grow


def bytes_of(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def counted(split) -> list[int]:
    return np.bincount(split.labels).tolist() if len(split.labels) else []


# Parts under all their names --------------------------------------------------------------------


@pytest.mark.parametrize(
    "held", ["Test", "Testing", "TEST", "VAL", "Val", "valid", "dev", "Validation"]
)
@pytest.mark.parametrize("training", ["Train", "TRAINING"])
def test_parts_in_any_spelling(tmp_path, training, held):
    grow(tmp_path, f"{training}/{{cats,dogs}}  3 2\n{held}/{{cats,dogs}}  1 2\nsample_submission/")
    with pytest.warns(lib.SkippedFiles, match="sample_submission .an empty folder"):
        found = lib.load_folder(tmp_path, 4)
    assert found.class_names == ("cats", "dogs")
    assert (counted(found.train), counted(found.validation)) == ([3, 2], [1, 2])
    assert counted(found.test) == []


def test_three_parts(tmp_path):
    grow(tmp_path, "train/{a,b}  3 2\nval/{A,b}  1 2\ntest/b  4")
    found = lib.load_folder(tmp_path, 4, class_mode="categorical")
    assert found.validation.labels.argmax(1).tolist() == [0, 1, 1]
    assert found.test.labels.argmax(1).tolist() == [1] * 4
    assert "5 training, 3 validation and 4 test pictures" in repr(found)


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ("train/{a,b}  1\nval/{a,b}  1\nvalid/{a,b}  1", "val/, valid/, which are the same part"),
        ("test/{a,b}  1\nval/{a,b}  1", "has test/, val/ but no train/"),
        ("{a,b,test}  1", "test/ beside a/, b/: is it a part of the set, or a class?"),
        ("train/{a,b}  1\n{c,d}  1", "train/ with folders in it beside c/, d/"),
        ("{rps,rps-test-set,eyes,eyes-val}/{a,b}  1", "contains several sets"),
        ("{mine,yours}/{train,val}/{a,b}  1", "that contain parts of a set, mine/, yours/"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(tmp_path, tree, words):
    with pytest.raises(lib.DataError, match=words):
        lib.load_folder(grow(tmp_path / "set", tree), 4)


@pytest.mark.parametrize(
    "tree",
    ["{bus,car,train}  1", "{valid,invalid}  1", "{train_l,train_r}  1", "a/x  1\nb  1"],
)
def test_classes_may_be_called_like_parts(tmp_path, tree):
    found = lib.load_folder(grow(tmp_path / "set", tree), 4)
    assert (
        len(found.train.labels) == len(found.class_names) == len(list((tmp_path / "set").iterdir()))
    )


def test_class_names_say_what_the_classes_are(tmp_path):
    grow(tmp_path / "set", "{apple,pear}/{fresh,rotten}  2 1")
    with pytest.raises(lib.DataError, match=r"pass class_names=\['apple', 'pear'\] for the outer"):
        lib.load_folder(tmp_path / "set", 4)
    found = lib.load_folder(tmp_path / "set", 4, class_names=["pear", "apple"])
    assert found.class_names == ("pear", "apple")
    assert found.train.labels.tolist() == [1, 1, 1, 0, 0, 0]
    grow(tmp_path / "two", "{a,test}  1")
    assert lib.load_folder(tmp_path / "two", 4, class_names=["a", "test"]).class_names[1] == "test"
    with pytest.raises(lib.DataError, match="has the class kiwi, but the classes are apple, pear"):
        lib.load_folder(
            grow(tmp_path / "other", "{apple,kiwi}  1"), 4, class_names=["apple", "pear"]
        )
    with pytest.raises(lib.DataError, match="The class names must be a list, such as .'ab', …."):
        lib.load_folder(tmp_path / "two", 4, class_names="ab")


def test_a_part_by_itself_has_the_labels_of_the_one_beside_it(tmp_path):
    grow(tmp_path, "rps/{paper,rock,scissors}  1\nrps-test-set/{rock,scissors}  1 2")
    found = lib.load_folder(tmp_path / "rps-test-set", 4)
    assert found.class_names == ("paper", "rock", "scissors")
    assert found.train.labels.tolist() == [1, 2, 2]


# Links and empty folders ------------------------------------------------------------------------


def test_links_that_stay_inside_are_followed(tmp_path):
    root = grow(tmp_path / "set", ".store/{cats,dogs,more}  3 2 1\nbirds  1")
    for name in ("cats", "dogs"):
        (root / name).symlink_to(f".store/{name}")
    (root / "birds" / "more").symlink_to("../.store/more")
    with pytest.warns(lib.SkippedFiles, match="1 file in .*store .a hidden folder"):
        found = lib.load_folder(root, 4)
    assert found.class_names == ("birds", "cats", "dogs")
    assert counted(found.train) == [2, 3, 2]


def test_a_class_that_is_lost_is_told_before_all_files(tmp_path):
    root = grow(tmp_path / "set", "aa  5\nbb  1")
    for number in range(5):
        (root / "aa" / f"{number}.jpg").write_bytes(b"")
    (root / "aa" / "good.png").write_bytes(PNG)
    grow(tmp_path / "far", "zebras  2")
    (root / "zebras").symlink_to(tmp_path / "far" / "zebras")
    (root / "linked").mkdir()
    (root / "linked" / "0.jpg").symlink_to(tmp_path / "far" / "zebras" / "0.jpg")
    (root / "empty").mkdir()
    with pytest.warns(lib.SkippedFiles) as caught:
        found = lib.load_folder(root, 4)
    assert found.class_names == ("aa", "bb")
    told = str(caught[0].message)
    assert (
        "left out: linked (everything in it that may be a picture was left out), zebras (a link"
        in told
    )
    assert "empty (an empty folder, not a class), 5 like aa/0.jpg (empty) and 1 more" in told
    assert [each.path for each in found.skipped][:3] == ["linked", "zebras", "empty"]


def test_photographs_that_are_lost_are_told_before_what_a_telephone_puts_beside_them(
    tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    decoding._formats.cache_clear()
    grow(tmp_path, "{badger,fox}  2")
    for number in range(6):
        for name in ("badger", "fox"):
            (tmp_path / name / f"IMG_{number}.AAE").write_bytes(b"x")
            (tmp_path / name / f"IMG_{number}.HEIC").write_bytes(HEIC)
    (tmp_path / "fox" / "page.jpg").write_bytes(b"<html>")
    with pytest.warns(lib.SkippedFiles) as caught:
        found = lib.load_folder(tmp_path, 4)
    assert (
        "left out: 12 like badger/IMG_0.HEIC (HEIC, which needs a plugin: pip install pillow-heif)"
        ", fox/page.jpg (not a picture: a web page), 12 like badger/IMG_0.AAE (not a picture); the"
    ) in str(caught[0].message)
    assert [each.path[-4:] for each in found.skipped] == ["HEIC"] * 12 + [".jpg"] + [".AAE"] * 12


def test_links_alone_that_lead_out_are_named(tmp_path):
    grow(tmp_path, "far/{cats,dogs}  1\nset/")
    for name in ("cats", "dogs"):
        (tmp_path / "set" / name).symlink_to(tmp_path / "far" / name)
    words = r"no subfolders but cats \(a link that leads out of the folder\), dogs \(a link"
    with pytest.raises(lib.DataError, match=words):
        lib.load_folder(tmp_path / "set", 4)


def test_pictures_alone_that_are_links_leading_out_are_named(tmp_path):
    grow(tmp_path, "far  2\nset/{cats,dogs}/")
    for name in ("cats", "dogs"):
        (tmp_path / "set" / name / "0.jpg").symlink_to(tmp_path / "far" / "0.jpg")
    words = r"in its subfolders cats, dogs \(cats/0.jpg \(a link that leads out of the folder\)\)"
    with pytest.raises(lib.DataError, match=words):
        lib.load_folder(tmp_path / "set", 4)


def test_links_that_go_round_or_meet_again_are_read_once(tmp_path):
    root = grow(tmp_path / "set", "a/deep  2\nb  1")
    (root / "a" / "round").symlink_to("..")
    (root / "a" / "same").symlink_to("deep")
    (root / "c").symlink_to("b")
    (root / "b" / "other").symlink_to("../a")
    with pytest.warns(OddPictures, match="2 pictures in .* are also in another class: b/other"):
        with pytest.warns(lib.SkippedFiles) as caught:
            found = lib.load_folder(root, 4)
    assert found.class_names == ("a", "b")
    assert counted(found.train) == [2, 3]
    reasons = dict(found.skipped)
    assert reasons["a/round"] == "a link back to a folder around it"
    assert reasons["a/same"] == "a link to a folder that is read elsewhere"
    assert reasons["c"] == "the same folder as b/, which is already a class"
    (told,) = (str(each.message) for each in caught if each.category is lib.SkippedFiles)
    assert told.partition("left out: ")[2].startswith("c (")


def test_copies_are_made_of_the_folders_themselves_not_of_links_to_them(tmp_path):
    root = grow(tmp_path / "set", "dogs  2\n.store/cats  3")
    (root / "all").symlink_to("dogs")
    (root / "cats").symlink_to(".store/cats")
    with pytest.warns(lib.SkippedFiles, match=r"2 files in .* left out: all \(a link to a folder"):
        done = lib.split_data(root, tmp_path / "train", tmp_path / "test", 1.0)
    assert sorted(done.train) == [*(f"cats/{n}.jpg" for n in range(3)), "dogs/0.jpg", "dogs/1.jpg"]
    assert dict(done.skipped) == {
        ".store": "a hidden folder",
        "all": "a link to a folder that is read elsewhere",
    }


def test_many_links_to_one_another_end(tmp_path):
    for number in range(12):
        (tmp_path / f"{number:02}").mkdir()
        (tmp_path / f"{number:02}" / "x.png").write_bytes(PNG)
        for link in range(3):
            (tmp_path / f"{number:02}" / f"l{link}").symlink_to(f"../{(number + link + 1) % 12:02}")
    with pytest.warns(OddPictures, match="are also in another class"):
        with pytest.warns(lib.SkippedFiles):
            found = lib.load_folder(tmp_path, 4)
    assert len(found.class_names) == 12
    assert max(counted(found.train)) <= 12


def test_folders_without_pictures_are_no_classes(tmp_path):
    grow(tmp_path, "{cats,dogs}  1\nnotes/readme.txt\nempty/\nlosse.jpg\nlist.csv\nodd/deep/x.csv")
    (tmp_path / "losse.jpg").write_bytes(PNG)
    (tmp_path / "sketches").mkdir()
    (tmp_path / "sketches" / "first").write_bytes(PNG)
    with pytest.warns(lib.SkippedFiles):
        found = lib.load_folder(tmp_path, 4)
    assert found.class_names == ("cats", "dogs", "sketches")
    assert dict(found.skipped) == {
        "empty": "an empty folder, not a class",
        "notes": "a folder without pictures, not a class",
        "odd": "a folder without pictures, not a class",
        "losse.jpg": "beside the class folders",
    }


def test_a_class_of_broken_pictures_is_named_first(tmp_path):
    grow(tmp_path, "{cats,dogs,owls}  2")
    for number in range(2):
        (tmp_path / "dogs" / f"{number}.jpg").write_bytes(b"")
    with pytest.warns(lib.SkippedFiles, match="left out: dogs .a class without a readable picture"):
        found = lib.load_folder(tmp_path, 4)
    assert counted(found.train) == [2, 0, 2]


def test_names_written_differently_by_two_systems_are_one_class(tmp_path):
    grow(tmp_path, "train/{caf\u00e9,Tea}  1 2\nval/{cafe\u0301,tea}  1 3")
    found = lib.load_folder(tmp_path, 4)
    assert found.class_names == ("Tea", "caf\u00e9")
    assert counted(found.validation) == [3, 1]


# Odd pictures -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["AVIF", "JPEG2000", "QOI", "ICO", "TGA", "PCX", "SGI", "DDS"])
def test_what_else_pillow_reads(kind):
    Image.init()
    if kind not in Image.SAVE:
        pytest.skip(f"this Pillow does not write {kind}")
    pixels = np.zeros((48, 48, 3), np.uint8)
    pixels[:, 24:] = [200, 100, 50]
    content = bytes_of(Image.fromarray(pixels), kind)
    found = decoding.decode(content, 48, 48, "rgb")
    assert np.abs(found.astype(int) - pixels).mean() < 3
    if kind == "AVIF":  # the same under the name of its container
        content = content[:8] + b"mif1" + content[12:]
        assert np.array_equal(decoding.decode(content, 48, 48, "rgb"), found)


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEIC, "^HEIC, which needs a plugin: pip install pillow-heif$"),
        (b"\0\0\0\x18ftypavif\0\0\0\0" + b"\0" * 40, "AVIF|damaged|cut short"),
        (
            b"II*\0\x10\0\0\0CR\2\0" + bytes(50),
            "^a raw photograph, or a damaged TIFF: save it as JPEG or PNG$",
        ),
        (b"\0\0\0\x18ftypcrx \0\0\0\1", "^a raw photograph"),
        (b"FUJIFILMCCD-RAW 0201", "^a raw photograph"),
        (b"%PDF-1.7\n%\xe2", "^not a picture: a PDF document$"),
        (b"\0\0\0\x18ftypisom\0\0\2\0" + b"\0" * 40, "^not a picture: a film$"),
        (b"PK\3\4" + b"\0" * 40, "^not a picture: a zip archive: unpack it$"),
        (b"\n<!DOCTYPE html><title>404", "^not a picture: a web page$"),
        (b'<?xml version="1.0"?>\n<svg>', "^not a picture: an SVG drawing: save it as PNG$"),
        (b"\xff\x0a\xfa\x1f\x41", "^not a picture: JPEG XL: save it as PNG or JPEG$"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
    ],
)
def test_what_is_not_read_is_named_as_what_it_is(monkeypatch, content, words):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    decoding._formats.cache_clear()
    with pytest.raises(decoding.Unreadable, match=words):
        decoding.decode(content, 4, 4, "rgb")


def test_heic_goes_through_its_plugin_where_that_is_installed(monkeypatch):
    class Plugin:
        @staticmethod
        def register_heif_opener():
            Image.register_open("HEIF", lambda file, name: Image.new("RGB", (3, 2), (9, 8, 7)))

    monkeypatch.setitem(sys.modules, "pillow_heif", Plugin)
    decoding._formats.cache_clear()
    try:
        monkeypatch.setattr(Image, "open", lambda *a, formats: Image.new("RGB", (3, 2), (9, 8, 7)))
        assert decoding._formats(True) == ("HEIF",)
        assert decoding.decode(HEIC, 2, 3, "rgb")[0, 0].tolist() == [9, 8, 7]
    finally:
        decoding._formats.cache_clear()
        Image.OPEN.pop("HEIF", None)
        Image.ID[:] = [each for each in Image.ID if each != "HEIF"]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_that_use_only_eight_are_told(tmp_path, kind):
    grow(tmp_path, "{a,b}  1")
    ending = kind[:3].lower()
    for name, value in (("dark", 77), ("full", 0x4D09), ("black", 0)):
        image = Image.fromarray(np.full((4, 4), value, np.uint16))
        (tmp_path / "a" / f"{name}.{ending}").write_bytes(bytes_of(image, kind))
    words = f"Look at 1 picture in .*: a/dark.{ending} has 16 bits but uses only the lowest 8"
    with pytest.warns(OddPictures, match=words):
        found = lib.load_folder(tmp_path, 4, mode="grey")
    assert found.train.images[1:4, 0, 0, 0].tolist() == [0, 77, 77]
    assert not found.skipped
    content = (tmp_path / "a" / f"dark.{ending}").read_bytes()
    with pytest.warns(OddPictures, match="A picture has 16 bits but uses only the lowest 8"):
        decoding.decode(content, 4, 4, "rgb")


@pytest.mark.parametrize(
    ("values", "kind", "words", "read"),
    [
        (
            np.full((4, 4), 4095, np.uint16),
            "TIFF",
            "has 16 bits but uses only the lowest 12 and",
            15,
        ),
        (np.full((4, 4), 1023, np.uint16), "PNG", "has 16 bits but uses only the lowest 10 and", 3),
        (np.full((4, 4), 16383, np.uint16), "PNG", "only the lowest 14 and is almost black", 63),
        (np.full((4, 4), 300, np.int32), "TIFF", "has 16 bits but uses only the lowest 9 and", 1),
        (np.full((4, 4), 200, np.int32), "TIFF", "has 16 bits but uses only the lowest 8, so", 200),
        (
            np.full((4, 4), 70_000, np.int32),
            "TIFF",
            "values beyond 16 bits, which were clipped",
            255,
        ),
        (
            np.array([[-5, 40_000]] * 2, np.int32),
            "TIFF",
            "values beyond 16 bits, which were clip",
            156,
        ),
        (np.full((4, 4), 16384, np.uint16), "PNG", "", 64),
    ],
)
def test_pictures_of_fewer_bits_than_they_are_saved_with_are_told(values, kind, words, read):
    notes = []
    content = bytes_of(Image.fromarray(values), kind)
    found = decoding.decode(content, *values.shape, "grey", notes=notes)
    assert found.max() == read
    assert (words in notes[0]) if words else not notes


def test_a_colour_picture_of_twelve_bits_is_told():
    pixels = np.full((1, 2, 3), 4000, ">u2")
    notes = []
    found = decoding.decode(png_of_sixteen_bits(pixels), 1, 2, "rgb", notes=notes)
    assert found.max() == 15
    assert notes == [
        "has 16 bits but uses only the lowest 12 and is almost black; save it with 8 bits"
    ]


def png_of_sixteen_bits(pixels: np.ndarray) -> bytes:
    """RGB pixels of two bytes, which Pillow cannot write."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + kind + content + check

    height, width, _ = pixels.shape
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([16, 2, 0, 0, 0])
    rows = zlib.compress(b"".join(b"\0" + row.tobytes() for row in pixels))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(*each) for each in ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    )


# The unpacked archives of the course -----------------------------------------------------------


@pytest.mark.parametrize("inside", ["", "horse-or-human/"])
def test_horses_and_humans_beside_their_validation_pictures(tmp_path, inside):
    grow(
        tmp_path,
        f"{inside}horse-or-human/{{horses,humans}}  12\n"
        f"{inside}validation-horse-or-human/{{horses,humans}}  6",
    )
    data = lib.load("horse_or_human", tmp_path, edge=16)
    assert (counted(data.train), counted(data.test)) == ([12, 12], [6, 6])
    assert data.version == "pictures in folders"


def test_archives_that_are_unpacked_can_be_prepared(tmp_path):
    from lib.data.published import tfds

    grow(tmp_path, "{horse-or-human,validation-horse-or-human}/{horses,humans}  3 2\nrps/paper  1")
    parts = tfds._local_pictures("horses_or_humans", "horse_or_human", tmp_path)
    assert {part: sum(1 for _ in pictures) for part, pictures in parts.items()} == {
        "train": 5,
        "test": 5,
    }


@pytest.mark.parametrize("root", ["", "rps"])
def test_hands_beside_their_test_set(tmp_path, root):
    grow(tmp_path, "{rps,rps-test-set}/{paper,rock,scissors}  5 4 3")
    data = lib.load("rock_paper_scissors", tmp_path / root, edge=16)
    assert counted(data.train) == counted(data.test) == [5, 4, 3]


@pytest.mark.parametrize(
    ("name", "tree", "train"),
    [
        ("cats_and_dogs", "PetImages/{Cat,Dog}  10 5", [10, 5]),
        ("cats_and_dogs", "kagglecatsanddogs_5340/PetImages/{Cat,Dog}  10 5", [10, 5]),
        ("cats_and_dogs", "cats-and-dogs/PetImages/{Cat,Dog}  10 5", [10, 5]),
        ("cats_and_dogs", "Cats-And-Dogs/cats_and_dogs/training_set/{cats,dogs}  10 5", [10, 5]),
        ("flowers", "flower_photos/{daisy,dandelion,roses,sunflowers,tulips}  5", [5] * 5),
        ("flowers", "flowers/flowers/{daisy,dandelion,rose,sunflower,tulip}  5", [5] * 5),
        ("happy_or_sad", "h-or-s/{happy,sad}  4 3", [4, 3]),
        ("mnist", "mnist/mnist_png/training/{0,1,2,3,4,5,6,7,8,9}  5", [5] * 10),
    ],
)
def test_archives_that_were_refused(tmp_path, name, tree, train):
    data = lib.load(name, grow(tmp_path, tree), **({} if name == "mnist" else {"edge": 16}))
    both = np.concatenate([data.train.labels, data.test.labels])
    assert np.bincount(both).tolist() == train


def test_the_test_part_of_a_set_in_three_is_told(tmp_path):
    grow(tmp_path, "flowers/{train,val,test}/{daisy,dandelion,roses,sunflowers,tulips}  1")
    with pytest.warns(lib.SkippedFiles, match="test .not read: the validation part"):
        data = lib.load("flowers", tmp_path, edge=16)
    assert counted(data.test) == [1] * 5


def test_a_set_that_is_still_packed(tmp_path):
    with zipfile.ZipFile(tmp_path / "horse-or-human.zip", "w") as archive:
        archive.writestr("horses/a.png", PNG)
    with pytest.raises(lib.DataError, match="has horse-or-human.zip, but no .*; unpack it there"):
        lib.load("horse_or_human", tmp_path)


# mnist.npz --------------------------------------------------------------------------------------


def keras_file(path: Path, **changes) -> Path:
    arrays = small_set()
    named = {
        "x_train": arrays["train_images"],
        "y_train": arrays["train_labels"],
        "x_test": arrays["test_images"],
        "y_test": arrays["test_labels"],
    } | changes
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **{key: each for key, each in named.items() if each is not None})
    return path


@pytest.mark.parametrize("place", ["mnist.npz", "mnist/mnist.npz"])
def test_the_file_of_keras(tmp_path, place):
    keras_file(tmp_path / place)
    data = lib.load("mnist", tmp_path)
    arrays = small_set()
    assert np.array_equal(data.train.images[..., 0], arrays["train_images"])
    assert np.array_equal(data.test.labels, arrays["test_labels"])
    assert "not from the published files" in data.describe()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"y_test": None}, "has no array y_test; it should contain x_train, y_train"),
        ({"x_test": np.zeros((20, 28, 28))}, "the type float64, but pictures must be"),
        ({"x_test": np.zeros((20, 32, 32), np.uint8)}, "have 32×32 pixels"),
        ({"y_test": np.zeros(19, np.uint8)}, "do not belong together: 20 images but 19 labels"),
        (
            {"y_test": np.full(20, 10, np.uint8)},
            "go up to 10, but mnist has only the labels 0 to 9",
        ),
        ({"y_test": np.full(20, "a")}, "not a row of whole numbers"),
        ({"y_test": np.array([None] * 20)}, "contains Python objects"),
        ({"x_test": np.zeros((10_000, 28, 28), np.uint8)}, "the checksums differ"),
    ],
)
def test_other_numpy_files_are_refused_in_a_sentence(tmp_path, changes, words):
    with pytest.raises(lib.DataError, match=words) as caught:
        npz.read_npz(keras_file(tmp_path / "mnist.npz", **changes), "mnist")
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_a_damaged_numpy_file_is_told_in_a_sentence(tmp_path):
    whole = keras_file(tmp_path / "mnist.npz").read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(60):
        content = bytearray(whole[: rng.integers(len(whole))] if rng.integers(2) else whole)
        for place in rng.integers(0, max(len(content), 1), 6):
            content[place : place + 1] = bytes([rng.integers(256)])
        (tmp_path / "mnist.npz").write_bytes(bytes(content))
        try:
            found = npz.read_npz(tmp_path / "mnist.npz", "mnist")
            assert {part: len(each.labels) for part, each in found.items()} == {
                "train": 50,
                "test": 20,
            }
        except lib.DataError as error:
            assert str(error).endswith(".") and "\n" not in str(error)


# Other locations of small sets-------------------------------------------------------------------


def test_files_as_torchvision_keeps_them(tmp_path):
    write_set(tmp_path / "FashionMNIST" / "raw", small_set(), compress=False)
    assert len(lib.load("fashion_mnist", tmp_path).train.labels) == 50


def test_files_in_folders_of_their_own_as_kaggle_unpacks_them(tmp_path):
    folder = write_set(tmp_path / "MNIST", small_set(), compress=False)
    for path in list(folder.iterdir()):
        path.rename(folder / "moved")
        path.mkdir()
        (folder / "moved").rename(path / path.name)
    assert len(lib.load("mnist", tmp_path).test.labels) == 20


def test_tables_that_lie_open_beside_others(tmp_path):
    header = ",".join(["label", *(f"{row}x{column}" for row in range(28) for column in range(28))])
    for part, labels in (("train", (7, 2)), ("test", (1,))):
        lines = [",".join(map(str, [label, *[label] * 784])) for label in labels]
        (tmp_path / f"mnist_{part}.csv").write_text("\n".join([header, *lines]))
        (tmp_path / f"sign_mnist_{part}.csv").write_text("no such table")
    data = lib.load("mnist", tmp_path)
    assert (data.train.labels.tolist(), data.test.labels.tolist()) == ([7, 2], [1])
    assert data.train.images[:, 3, 3, 0].tolist() == [7, 2]


def test_idx_files_count_before_sample_pictures_and_tables(tmp_path):
    write_set(tmp_path / "mnist", small_set())
    grow(tmp_path / "mnist", "samples  2")
    (tmp_path / "mnist" / "fashion-mnist_train.csv").write_text("label\n")
    assert len(lib.load("mnist", tmp_path).train.labels) == 50


def test_a_folder_of_another_set_is_not_taken(tmp_path):
    write_set(tmp_path / "fashion-mnist", small_set())
    with pytest.raises(lib.DataError, match="has no mnist/; put"):
        lib.load("mnist", tmp_path)


def test_no_warning_of_pillow_is_left(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(decoding.Unreadable):
            decoding.decode(b"\0\0\0\x18ftypavif" + b"\0" * 30, 3, 3, "rgb")
