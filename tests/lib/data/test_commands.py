"""python -m lib.data."""

import numpy as np
from PIL import Image

from lib.data.__main__ import contact_sheet, main


def test_a_contact_sheet_has_a_row_for_every_class(tmp_path, capsys):
    path = tmp_path / "sheet.png"
    assert main(["sheet", "mnist", "--save", str(path), "--columns", "8", "--zoom", "1"]) == 0
    with Image.open(path) as sheet:
        assert sheet.size == (8 * 30, 10 * 30)
    printed = capsys.readouterr().out
    assert "0, 1, 2, 3, 4, 5, 6, 7, 8, 9" in printed
    assert "stand-in for MNIST" in printed


def test_images_of_a_class_stand_in_its_row():
    images = np.zeros((6, 28, 28, 1), np.uint8)
    labels = np.array([1, 0, 1, 0, 0, 1])
    images[:, 5, 5, 0] = [10, 20, 30, 40, 50, 60]
    sheet = contact_sheet(images, labels, columns=2, zoom=1)
    assert sheet.shape == (60, 60)
    assert [sheet[6, 6], sheet[6, 36], sheet[36, 6], sheet[36, 36]] == [20, 40, 10, 30]


def test_missing_data_is_one_line_and_status_2(tmp_path, capsys):
    arguments = ["sheet", "mnist", "--source", str(tmp_path), "--save", str(tmp_path / "x.png")]
    assert main(arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "has no mnist/; put the four IDX files of the set there." in lines[0]


def test_a_sheet_that_cannot_be_saved(tmp_path, capsys):
    for name in ("nowhere/sheet.png", "sheet.xyz"):
        assert main(["sheet", "mnist", "--columns", "1", "--save", str(tmp_path / name)]) == 2
        assert "use another name." in capsys.readouterr().err
