"""The folder benchmark reads what it claims, and its table shows what it measured."""

import sys

import pytest

from benchmarks import folders


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(folders, "DRAWN", 20)
        return list(folders.drawn_cases(tmp_path_factory.mktemp("cases")))


def test_drawn_folders_hold_pictures_of_both_kinds(cases):
    endings = {path.suffix for case in cases for path in case.folder.rglob("*.*")}
    assert endings == {".png", ".jpg"}
    assert all(len(list(case.folder.rglob("*.*"))) == 20 for case in cases)


@pytest.mark.slow
def test_both_ways_of_reading_see_every_picture(cases, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    pytest.importorskip("keras", reason="Keras is not installed")
    for read in (folders.ours(), folders.keras()):
        assert [read(str(case.folder), case.edge) for case in cases] == [20] * len(cases)


def test_turns_are_taken_until_a_process_dies(cases, tmp_path):
    arm = folders.Arm("ours", sys.executable, 2, folders.KEEP_MEMORY)
    measured = folders.measure({"ours": arm}, cases[0], 2)
    with pytest.raises(RuntimeError, match="ended without an answer"):
        arm.rate(folders.Case("nothing", tmp_path / "nowhere", 9))
    arm.close()
    assert len(measured["rates"]["ours"]) == 2
    assert min(measured["rates"]["ours"]) > 0
    assert measured["ratios"] == []


def test_the_table_shows_medians_and_the_range():
    result = {"rates": {"ours": [300.0, 900.0, 600.0], "keras": [100.0, 150.0, 200.0]}}
    table = folders.table({("pets", 150): result | {"ratios": [3.0, 6.0, 3.5]}})
    row = [cell.strip() for cell in table.splitlines()[2].split("|")[1:-1]]
    assert row == ["pets, read at 150²", "600", "150", "3.5×", "3.0–6.0"]
