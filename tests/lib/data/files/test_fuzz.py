"""Anything at all in folders, tables and IDX files is read, reported or refused; never a crash."""

import gzip
import itertools
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lib
from lib.data.files import idx

from ..conftest import idx_bytes
from .test_layouts import PNG, encoded

NAMES = "a b cats train Train val test valid images masks .git __MACOSX part_1 part_2 set-test set"
FILES = {
    "good.png": PNG,
    "good.jpg": encoded("JPEG"),
    "odd.txt": PNG,
    "words.txt": b"words",
    "empty.jpg": b"",
    "cut.png": PNG[:50],
    ".hidden.png": PNG,
}
names = st.sampled_from(NAMES.split())
trees = st.recursive(
    st.lists(st.sampled_from(sorted(FILES)), max_size=3, unique=True),
    lambda inner: st.dictionaries(names, inner, max_size=4),
    max_leaves=9,
)
_COUNTER = itertools.count()


def plant(root, tree) -> None:
    root.mkdir()
    for name in tree:
        if isinstance(tree, dict):
            plant(root / name, tree[name])
        else:
            (root / name).write_bytes(FILES[name])


def assert_a_sentence(error: Exception) -> None:
    text = str(error)
    assert text.endswith((".", "?")) and "\n" not in text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=trees, links=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=3))
def test_no_picture_of_any_tree_is_lost_in_silence(tmp_path_factory, tree, links):
    root = tmp_path_factory.getbasetemp() / f"tree{next(_COUNTER)}"
    plant(root, tree)
    places = sorted(path for path in root.rglob("*") if path.is_dir()) or [root]
    for number, (where, target) in enumerate(links):
        link = places[where % len(places)] / f"link{number}"
        link.symlink_to(places[target % len(places)])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            found = lib.load_folder(root, 3)
        except lib.DataError as error:
            assert_a_sentence(error)
            return
    splits = found.train, found.validation, found.test
    for split in splits:
        assert len(split.images) == len(split.labels)
        assert not len(split.labels) or split.labels.max() < len(found.class_names)
    read = sum(len(split.labels) for split in splits)
    good = [path for path in root.rglob("good.*") if not {".git", "__MACOSX"} & {*path.parts}]
    left_out = [root / each.path for each in found.skipped]
    accounted = [
        path for path in good if any(each == path or each in path.parents for each in left_out)
    ]
    assert read + len(accounted) >= len(good), (tree, found.skipped)
    assert bool(told) == bool(found.skipped) or any(
        "Odd" in each.category.__name__ for each in told
    )


cells = st.one_of(
    st.integers(-2, 300).map(str), st.sampled_from(["", "cat", "1.0", '"', "٣", "\0", " 7 ", "nan"])
)
headers = st.lists(
    st.sampled_from(["label", "class", "id", "", "pixel1", "pixel2", "p3", "4", "x"]), max_size=7
)


@pytest.mark.filterwarnings("ignore::lib.data.OddPictures", "ignore::lib.data.SkippedFiles")
@settings(max_examples=60, deadline=None)
@given(
    header=headers,
    body=st.lists(st.lists(cells, max_size=7), max_size=6),
    separator=st.sampled_from(",;\t| "),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    cut=st.integers(0, 200),
)
def test_every_row_of_any_table_is_read_or_told(
    tmp_path_factory, header, body, separator, end, cut
):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    lines = [separator.join(line) for line in [header, *body]]
    path.write_bytes(end.join(lines).encode()[: cut + 1])
    try:
        table = lib.read_csv(path, edge=2)
    except lib.DataError as error:
        assert_a_sentence(error)
        return
    assert table.images.shape == (len(table.labels), 2, 2, 1)
    assert table.labels.min() >= 0
    if table.class_names:
        assert table.labels.max() < len(table.class_names)
    if '"' not in path.read_text("utf-8", "replace"):
        text = path.read_text("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        wanted = [line for line in text.split("\n")[1:] if line.strip(separator + " \t")]
        assert len(table.labels) + len(table.bad_rows) == len(wanted)


@settings(max_examples=60, deadline=None)
@given(
    first=st.integers(0, 6),
    second=st.integers(0, 6),
    pieces=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=3),
    packed=st.booleans(),
)
def test_spliced_and_cut_idx_files(tmp_path_factory, first, second, pieces, packed):
    whole = [idx_bytes(np.arange(n * 6, dtype=np.uint8).reshape(n, 2, 3)) for n in (first, second)]
    if packed:
        whole = [gzip.compress(each, mtime=0) for each in whole]
    spliced = b"".join(
        whole[place % 2][start : start + length] for place, (start, length) in enumerate(pieces)
    )
    path = tmp_path_factory.getbasetemp() / ("any.gz" if packed else "any")
    path.write_bytes(spliced)
    try:
        content = idx.read_bytes(path)
        images = idx.parse(content, 3, path)
    except lib.DataError as error:
        assert_a_sentence(error)
        return
    assert idx_bytes(images) == content
