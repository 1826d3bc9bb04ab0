"""Tables of pictures: what is read, which rows are bad, and the sign letters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lib
from lib.data.files import tables
from lib.data.files.decoding import OddPictures
from lib.data.splitting import held_out

from ..conftest import NAMES, idx_bytes

HEADER = "label," + ",".join(f"pixel{n}" for n in range(1, 785))


def row(label, pixels):
    return ",".join(str(n) for n in [label, *np.ravel(np.array(pixels, object))])


def rows(labels, seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, (len(labels), 28, 28))
    return pixels.astype(np.uint8), [row(*pair) for pair in zip(labels, pixels, strict=True)]


def write(path, lines, end="\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(end.join([HEADER, *lines, ""]).encode())
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_reads_labels_and_pixels(tmp_path, end):
    pixels, lines = rows([3, 0, 24])
    table = lib.read_csv(write(tmp_path / "a.csv", lines, end))
    assert np.array_equal(table.images[..., 0], pixels)
    assert table.images.shape == (3, 28, 28, 1)
    assert table.images.dtype == np.uint8
    assert table.labels.tolist() == [3, 0, 24]
    assert table.labels.dtype == np.int32
    assert table.bad_rows == ()


def test_agrees_with_numpy(tmp_path):
    _, lines = rows(list(range(20)))
    path = write(tmp_path / "a.csv", lines)
    table = lib.read_csv(path)
    whole = np.loadtxt(path, delimiter=",", skiprows=1, dtype=int)
    assert np.array_equal(table.labels, whole[:, 0])
    assert np.array_equal(table.images.reshape(20, 784), whole[:, 1:])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 999), st.lists(st.integers(0, 255), min_size=4, max_size=4)),
        min_size=1,
        max_size=5,
    )
)
def test_every_table_comes_back(tmp_path_factory, pictures):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    table = lib.read_csv(write(path, [row(*each) for each in pictures]), edge=2)
    assert table.bad_rows == () and table.labels.tolist() == [label for label, _ in pictures]
    assert table.images.reshape(-1, 4).tolist() == [pixels for _, pixels in pictures]


@pytest.mark.filterwarnings("ignore::lib.data.OddPictures", "ignore::lib.data.SkippedFiles")
@settings(max_examples=50, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.text('label,019" -.\r\n\0٣', max_size=60)))
def test_any_content_is_a_table_or_told_in_a_sentence(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        table = lib.read_csv(path, edge=1)
        assert table.images.shape == (len(table.labels), 1, 1, 1) != (0, 1, 1, 1)
    except lib.DataError as error:
        assert str(error).endswith(".") and "\n" not in str(error)


def test_bad_rows_are_named_and_the_others_read(tmp_path):
    pixels, lines = rows([1, 2, 3])
    ones = [1] * 784
    bad = {
        3: ("7,1,2", "3 columns instead of 785"),
        4: (row(5, [*ones, 1]), "786 columns instead of 785"),
        5: (row(1000, ones), "the label '1000' is not a whole number of 0 to 999"),
        6: (row(-1, ones), "the label '-1' is not a whole"),
        7: (row(5, [*ones[1:], "x"]), "pixel 784 is 'x', not a whole number of 0 to 255"),
        8: (row(5, [256, *ones[1:]]), "pixel 1 is '256'"),
        9: (row(5, [1, 0.5, *ones[2:]]), "pixel 2 is '0.5'"),
        10: (row("", ones), "no label"),
        11: (row(5, ["٣", *ones[1:]]), "pixel 1 is '٣'"),
        12: (row(5, ["1_0", *ones[1:]]), "pixel 1 is '1_0'"),
    }
    text = [lines[0], *(each for each, _ in bad.values()), lines[1], "", " ", lines[2]]
    words = (
        "10 rows of .*a.csv left out: line 3: 3 columns instead of 785, .* and 7 more; the resul"
    )
    with pytest.warns(lib.SkippedFiles, match=words):
        table = lib.read_csv(write(tmp_path / "a.csv", text))
    assert np.array_equal(table.images[..., 0], pixels)
    assert {each.line: each.reason for each in table.bad_rows}.keys() == bad.keys()
    for each in table.bad_rows:
        assert each.reason.startswith(bad[each.line][1])
    assert str(table.bad_rows[0]) == "line 3: 3 columns instead of 785"


def test_other_sizes_a_mark_and_quotes(tmp_path):
    (tmp_path / "a.csv").write_bytes(b'\xef\xbb\xbflabel,a,b,c,d\n"4", 1,2 ,"3",4\n')
    table = lib.read_csv(tmp_path / "a.csv", edge=2)
    assert table.images[0, :, :, 0].tolist() == [[1, 2], [3, 4]]
    assert table.labels.tolist() == [4]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty; download it again"),
        (b"3,1,2,3,4\n", "starts with the number 3, but its first line must be a header"),
        (b"label,a,b,c,d\n", "has no row with a label and 4 pixels; check"),
        (b"label,a,b,c,d\n1,2\n", r"no row with a label and 4 pixels \(line 2: 2 columns instead"),
        (b"\x89PNG\0\0\n\0\xff\n", "is not text in UTF-8"),
        ("label,a,b,c,d\nBär,1,2,3,4\nBör,1,2,3,4\n".encode("latin-1"), "save it as CSV UTF-8"),
        (b"\xff\xfel\0a\0b", "is not text in UTF-8"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_such_table_is_told_in_a_sentence(tmp_path, content, words):
    if content is not None:
        (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(lib.DataError, match=words) as caught:
        lib.read_csv(tmp_path / "a.csv", edge=2)
    assert "\n" not in str(caught.value)


SMALL = [([1, 2, 3, 4], "5"), ([0, 255, 7, 8], "0")]
"""Pixels of 2×2, and labels."""
PIXELS = ["pixel1", "pixel2", "pixel3", "pixel4"]


def small(header, order, separator=",", labels=None, extra="9"):
    """A table of `SMALL`, its columns in an order: "l" the label, "p" the pixels, "x" more."""
    lines = [separator.join(header)]
    for place, (pixels, label) in enumerate(SMALL):
        cells = {"l": [labels[place] if labels else label], "x": [extra]}
        cells["p"] = [str(pixel) for pixel in pixels]
        lines.append(separator.join(cell for each in order for cell in cells[each]))
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("header", "order"),
    [
        ([*PIXELS, "class"], "pl"),  # the label last
        ([*PIXELS, "Label"], "pl"),
        (["target", *PIXELS], "lp"),
        (["pixel1", "pixel2", "pixel3", "pixel4", "Class ID"], "pl"),
        (["ImageId", "label", *PIXELS], "xlp"),
        (["", "label", "0", "1", "2", "3"], "xlp"),  # as pandas writes its index
        (["Unnamed: 0", *PIXELS, "y"], "xpl"),
        (["label", "1x1", "1x2", "2x1", "2x2"], "lp"),
        (["label", "usage", *PIXELS], "lxp"),
        (["id", *PIXELS, "Category"], "xpl"),
    ],
)
def test_the_header_says_where_the_label_is(tmp_path, header, order):
    (tmp_path / "a.csv").write_text(small(header, order))
    table = lib.read_csv(tmp_path / "a.csv", edge=2)
    assert table.labels.tolist() == [5, 0]
    assert table.images.reshape(2, 4).tolist() == [pixels for pixels, _ in SMALL]
    assert len(table.left_out) == order.count("x")
    images, labels, bad_rows = table
    assert images is table.images and labels is table.labels and bad_rows == ()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_separators_are_sniffed(tmp_path, separator, encoding):
    text = small([*PIXELS, "class"], "pl", separator)
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    assert lib.read_csv(tmp_path / "a.csv", edge=2).labels.tolist() == [5, 0]


def test_a_line_for_a_spreadsheet_names_the_separator(tmp_path):
    text = "sep=;\n" + small(["label", *PIXELS], "lp", ";") + "\n7;1"
    (tmp_path / "a.csv").write_text(text)
    with pytest.warns(lib.SkippedFiles, match="1 row of .*a.csv left out: line 5: 2 columns"):
        table = lib.read_csv(tmp_path / "a.csv", edge=2)
    assert table.labels.tolist() == [5, 0]
    assert str(table.bad_rows[0]) == "line 5: 2 columns instead of 5"


@pytest.mark.parametrize(
    ("labels", "names", "numbers"),
    [
        (["dog", "cat"], ("cat", "dog"), [1, 0]),
        ([" Ä ", "B"], ("B", "Ä"), [1, 0]),
        (["5.0", "12.00"], (), [5, 12]),
        (["class 10", "class 9"], ("class 10", "class 9"), [0, 1]),
    ],
)
def test_labels_may_be_words(tmp_path, labels, names, numbers):
    (tmp_path / "a.csv").write_text(small([*PIXELS, "class"], "pl", labels=labels), "utf-8")
    table = lib.read_csv(tmp_path / "a.csv", edge=2)
    assert table.class_names == names
    assert table.labels.tolist() == numbers
    assert table.bad_rows == ()


def test_numbers_among_words_are_names_and_in_order(tmp_path):
    lines = [
        "label,pixel1",
        *(f"{label},{n}" for n, label in enumerate(["b", "10", "9", "a", "c"])),
    ]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    table = lib.read_csv(tmp_path / "a.csv", edge=1)
    assert table.class_names == ("9", "10", "a", "b", "c")
    assert table.labels.tolist() == [3, 1, 0, 2, 4]


def column(path, labels, name="label"):
    """A table of pictures of one pixel."""
    path.write_text("\n".join([f"{name},pixel1", *(f"{each},7" for each in labels)]), "utf-8")
    return path


def test_words_among_numbers_are_read_as_names_and_told(tmp_path):
    digits = [*"0123456789ABCDEF"]
    with pytest.warns(OddPictures, match="numbers, but 'A', 'B', 'C' and 3 more are words, so"):
        table = lib.read_csv(column(tmp_path / "a.csv", digits), 1)
    assert table.labels.tolist() == [*range(16)] and table.class_names == (*digits,)


def test_a_second_table_has_the_numbers_of_the_first(tmp_path):
    names = lib.read_csv(column(tmp_path / "a.csv", ["cat", "dog", "bear"]), 1).class_names
    test = column(tmp_path / "b.csv", ["cat", "Dog"])
    table = lib.read_csv(test, 1, class_names=names)
    assert (table.labels.tolist(), table.class_names) == ([1, 2], ("bear", "cat", "dog"))
    with pytest.raises(
        lib.DataError, match="has the label 'Dog', but the classes are bear, cat; c"
    ):
        lib.read_csv(test, 1, class_names=names[:2])
    with pytest.raises(lib.DataError, match="but the classes are numbers; correct"):
        lib.read_csv(test, 1, class_names=())


def test_numbers_are_places_among_names(tmp_path):
    path = column(tmp_path / "a.csv", ["1", "0.0"])
    assert lib.read_csv(path, 1, class_names=["cat", "dog"]).labels.tolist() == [1, 0]
    assert lib.read_csv(path, 1, class_names=["1", "0"]).labels.tolist() == [0, 1]
    assert lib.read_csv(path, 1, class_names=()).labels.tolist() == [1, 0]
    with pytest.raises(lib.DataError, match="has the label '1', but the classes are cat;"):
        lib.read_csv(path, 1, class_names=["cat"])


def test_labels_that_differ_in_case_and_missing_ones_are_told(tmp_path):
    path = column(tmp_path / "a.csv", ["cat", "nan", "Cat", "dog", ""])
    with pytest.warns(OddPictures, match="labels 'Cat', 'cat' count as different classes; spell"):
        with pytest.warns(lib.SkippedFiles, match="line 3: no label, but 'nan', line 6: no label;"):
            assert lib.read_csv(path, 1).class_names == ("Cat", "cat", "dog")
    names = ["Cat", "cat", "dog", "nan"]
    with pytest.warns(lib.SkippedFiles, match="1 row of .*line 6: no label;"):
        assert lib.read_csv(path, 1, class_names=names).labels.tolist() == [1, 3, 0, 2]


@pytest.mark.parametrize(
    ("name", "head", "words"),
    [
        ("x.csv.gz", b"\x1f\x8b", "is a gzip archive; unpack it, and name the table in it"),
        ("x.npz", b"PK\3\4", "is an archive of NumPy arrays; read it with numpy.load"),
        ("x.xlsx", b"PK\3\4", "is a spreadsheet; save it as CSV UTF-8"),
    ],
)
def test_what_is_packed_is_named(tmp_path, name, head, words):
    (tmp_path / name).write_bytes(head + b"\xff")
    with pytest.raises(lib.DataError, match=words):
        lib.read_csv(tmp_path / name)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"edge": 2.0}, "The edge is 2.0, but it must be a whole number, such as 28"),
        ({"edge": 0}, "The edge is 0, but it must be 1 pixel or more"),
        ({"path": ""}, "The file is ''; give its path"),
        ({"path": None}, "The file is None; give its path"),
        ({"class_names": []}, "The list of class names is empty"),
    ],
)
def test_arguments_of_another_kind(tmp_path, arguments, words):
    path = column(tmp_path / "a.csv", "01")
    with pytest.raises(lib.DataError, match=words):
        lib.read_csv(**{"path": path, "edge": 1, **arguments})


def test_few_words_do_not_number_the_rows(tmp_path):
    with pytest.warns(OddPictures, match="char, the only one not named like a pixel, was taken"):
        table = lib.read_csv(column(tmp_path / "a.csv", "ab", "char"), 1)
    assert table.class_names == ("a", "b")


def test_whole_numbers_may_be_written_with_a_point(tmp_path):
    (tmp_path / "a.csv").write_text("label,a,b,c,d\n1,1.0, 2.00,255.,0\n1,0.5,3,3,3\n")
    with pytest.warns(lib.SkippedFiles):
        table = lib.read_csv(tmp_path / "a.csv", edge=2)
    assert table.images.ravel().tolist() == [1, 2, 255, 0]
    assert [str(each) for each in table.bad_rows] == [
        "line 3: pixel 1 is '0.5', not a whole number of 0 to 255"
    ]


def test_pixels_of_0_to_1_are_refused_and_never_taken_for_black(tmp_path):
    (tmp_path / "a.csv").write_text("label,a,b,c,d\n1,1.0,0.0,0.0,1.0\n1,0.5,0.1,1.0,0.0\n")
    words = "are fractions .line 3: pixel 1 is '0.5'.*; multiply them by 255 and round"
    with pytest.raises(lib.DataError, match=words):
        lib.read_csv(tmp_path / "a.csv", edge=2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (small(["ImageId", *PIXELS], "xp"), "no column with a usual name for labels"),
        (small(PIXELS, "p"), "no column with a usual name for labels"),
        (small(["label", "class", *PIXELS], "lxp"), "several columns that may contain the labels"),
        (small(["one", "two", "a", "b", "c"], "lp"), "no column with a usual name for label"),
        (
            small(["label", *PIXELS[:3], "id"], "lp"),
            "3 of them may be pixels, but pictures of 2×2 have 4",
        ),
        ("cat,0,12,255,0\ndog,1,2,3,4\n", "starts with the number 0, but its first line must"),
        ("emotion,pixels,Usage\n0,70 80 82 72,Training\n", "no column with a usual name"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path, text, words):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(lib.DataError, match=words) as caught:
        lib.read_csv(tmp_path / "a.csv", edge=2)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


KINDS = "p1,p2,p3,p4,{}\n1,2,3,4,7\n1,2,3,4,8\n1,2,3,4,7\n"


@pytest.mark.parametrize("column", ["kind", "patient", "weight", "valid", "orchid", "piano"])
def test_the_only_column_not_called_like_a_pixel_is_taken_with_a_word(tmp_path, column):
    (tmp_path / "a.csv").write_text(KINDS.format(column))
    words = f"{column}, the only one not .* was taken. Pass label='{column}' if that is right"
    with pytest.warns(OddPictures, match=words):
        assert lib.read_csv(tmp_path / "a.csv", edge=2).labels.tolist() == [7, 8, 7]
    table = lib.read_csv(tmp_path / "a.csv", edge=2, label=column)  # no warning
    assert table.labels.tolist() == [7, 8, 7]


@pytest.mark.parametrize("column", ["sample_id", "PatientID", "number", "item no", "lfd_nr", "age"])
def test_a_column_that_numbers_the_rows_is_no_label(tmp_path, column):
    text = KINDS.format(column)
    if column == "age":  # all of its values differ
        text = "\n".join(text.splitlines()[:3])
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(lib.DataError, match=f"{column} seems to number the rows; .*label='"):
        lib.read_csv(tmp_path / "a.csv", edge=2)
    assert lib.read_csv(tmp_path / "a.csv", edge=2, label=column).labels[:2].tolist() == [7, 8]


def test_a_label_column_can_be_named(tmp_path):
    (tmp_path / "a.csv").write_text(small(["one", "two", *PIXELS], "xlp"))
    assert lib.read_csv(tmp_path / "a.csv", edge=2, label="two").labels.tolist() == [5, 0]
    with pytest.raises(lib.DataError, match="no column called 'three'. Its columns are one, two"):
        lib.read_csv(tmp_path / "a.csv", edge=2, label="three")
    with pytest.raises(lib.DataError, match='must be the name of a column, such as "class"; got 0'):
        lib.read_csv(tmp_path / "a.csv", edge=2, label=0)  # pyright: ignore[reportArgumentType]


def test_letters_that_are_written_as_letters(tmp_path):
    _, lines = rows([0, 0, 0])
    lettered = [
        line.replace("0,", letter + ",", 1) for line, letter in zip(lines, "YAb", strict=True)
    ]
    write(tmp_path / "sign-language-mnist" / "sign_mnist_train.csv", lettered)
    write(tmp_path / "sign-language-mnist" / "sign_mnist_test.csv", lettered[:1])
    data = lib.load("sign_language_mnist", tmp_path)
    assert (data.train.labels.tolist(), data.test.labels.tolist()) == ([24, 0, 1], [24])
    write(tmp_path / "sign-language-mnist" / "sign_mnist_test.csv", ["rat" + lettered[0][1:]])
    with pytest.raises(lib.DataError, match="sign_mnist_test.csv contains rat, but the classes"):
        lib.load("sign_language_mnist", tmp_path)


@pytest.mark.parametrize("nested", [False, True])
def test_the_sign_letters_from_kaggles_files(tmp_path, nested):
    folder = tmp_path / "sign-language-mnist"
    places = {part: folder / f"sign_mnist_{part}.csv" for part in ("train", "test")}
    if nested:  # as the archive unpacks
        places = {part: folder / path.stem / path.name for part, path in places.items()}
    train, lines = rows([0, 24, 3, 8])
    write(places["train"], lines)
    test, lines = rows([5, 6], seed=1)
    write(places["test"], [*lines, "1,2,3"])
    with pytest.warns(lib.SkippedFiles, match=r"sign_mnist_test.csv \(line 4: 3 columns instead"):
        data = lib.load("sign_language_mnist", tmp_path)
    assert np.array_equal(data.train.images[..., 0], train)
    assert np.array_equal(data.test.images[..., 0], test)
    assert data.class_names[24] == "Y"
    assert "Sign Language MNIST (tables): 4 training and 2 test images" in data.describe()


def test_a_test_table_without_labels_is_left_out_and_told(tmp_path):
    folder = tmp_path / "mnist"
    _, lines = rows([*range(10)] * 2)
    path = write(folder / "train.csv", lines)
    text = path.read_text().splitlines()[:3]
    (folder / "test.csv").write_text("\n".join(line.partition(",")[2] for line in text))
    with pytest.warns(
        lib.SkippedFiles, match=r"test.csv \(it has no labels; some of the training rows"
    ):
        data = lib.load("mnist", tmp_path)
    assert (len(data.train.labels), len(data.test.labels)) == (16, 4)
    path.write_text((folder / "test.csv").read_text())
    with pytest.raises(lib.DataError, match='call only the one with the labels "label" in the fir'):
        lib.load("mnist", tmp_path)


def test_a_label_that_is_no_letter(tmp_path):
    write(tmp_path / "sign_language_mnist" / "sign_mnist_train.csv", rows([26])[1])
    with pytest.raises(lib.DataError, match="go up to 26, but sign_language_mnist has only the"):
        lib.load("sign_language_mnist", tmp_path)


def test_the_test_part_alone_is_split_and_says_so(tmp_path):
    folder = tmp_path / "sign-language-mnist"
    folder.mkdir()
    images = np.random.default_rng(0).integers(0, 256, (100, 28, 28)).astype(np.uint8)
    labels = np.repeat([0, 1, 2, 24], 25).astype(np.uint8)
    (folder / NAMES["test_images"].replace("t10k", "test")).write_bytes(idx_bytes(images))
    (folder / NAMES["test_labels"].replace("t10k", "test")).write_bytes(idx_bytes(labels))
    data = lib.load("sign_language_mnist", tmp_path)
    assert data.version == "its test part alone, split 80/20 with seed 0"
    assert data.version in data.describe()
    assert np.bincount(data.test.labels, minlength=25)[[0, 1, 2, 24]].tolist() == [5] * 4
    chosen = held_out(labels, 20, seed=0)
    assert np.array_equal(data.test.images[..., 0], images[chosen])
    assert np.array_equal(data.train.images[..., 0], images[~chosen])
    both = np.concatenate([data.train.images, data.test.images])
    assert sorted(i.tobytes() for i in both) == sorted(i.tobytes() for i in images)


def test_tables_are_found_in_the_folder(tmp_path):
    write(tmp_path / "sign_mnist_test.csv", [])
    assert tables.find_tables(tmp_path) == {"test": tmp_path / "sign_mnist_test.csv"}


def test_the_real_letters(real_data):
    data = lib.load("sign_language_mnist", real_data)
    total = len(data.train.labels) + len(data.test.labels)
    if total == 7_172:
        assert len(data.test.labels) == 1_434
        assert "test part alone" in data.version
    counts = np.bincount(data.train.labels, minlength=26)
    assert counts[[9, 25]].tolist() == [0, 0]
    assert (np.delete(counts, [9, 25]) > 0).all()
