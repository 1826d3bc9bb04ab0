"""Earlier results are used only if their settings are the same."""

import numpy as np
import pytest

from benchmarks import results


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    return tmp_path


def test_a_saved_result_comes_back():
    results.save("accuracy/net-0", {"code": "a", "test": 0.9})
    assert results.saved("accuracy/net-0", code="a") == {"code": "a", "test": 0.9}


def test_a_result_of_other_code_does_not():
    results.save("net", {"code": "a"})
    assert results.saved("net", code="b") is None


def test_a_missing_or_half_written_result_does_not(folder):
    assert results.saved("net") is None
    (folder / "net.json").write_text('{"code": ')
    assert results.saved("net") is None


def test_nothing_but_the_result_is_left_behind(folder):
    results.save("net", {})
    assert [file.name for file in folder.iterdir()] == ["net.json"]


def test_a_digest_tells_values_shapes_and_dtypes_apart():
    pixels = np.arange(6, dtype=np.uint8)
    of_pixels = results.digest(pixels)
    assert results.digest(pixels.copy()) == of_pixels
    others = [pixels[::-1], pixels.reshape(2, 3), pixels.view(np.int8)]
    assert len({of_pixels, *map(results.digest, others), results.digest(pixels, pixels)}) == 5


def test_what_a_file_says_without_doing_it_does_not_count(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "ROOT", tmp_path)
    (tmp_path / "a.py").write_text("def f():\n    return 1\n")
    plain = results.code_fingerprint("*.py")
    (tmp_path / "a.py").write_text(
        '"""A."""\n\n\ndef f():\n    """Gives\n\n    one."""\n\n    # One.\n    return 1  # "one"\n'
    )
    assert results.code_fingerprint("*.py") == plain
    (tmp_path / "a.py").write_text("def f():\n    return 2\n")
    assert results.code_fingerprint("*.py") != plain
    (tmp_path / "a.py").write_text('def f():\n    x = """# 1"""\n    return 1\n')
    with_text = results.code_fingerprint("*.py")
    (tmp_path / "a.py").write_text('def f():\n    x = """# 2"""\n    return 1\n')
    assert results.code_fingerprint("*.py") != with_text
    (tmp_path / "a.py").write_text("def f():\n    return 1\n")
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert results.code_fingerprint("*.py") != plain


def test_code_that_is_no_longer_where_a_pattern_looks_is_an_error():
    with pytest.raises(FileNotFoundError, match="lib/moved/"):
        results.code_fingerprint("lib/inputs.py", "lib/moved/*.py")


def test_a_pattern_for_folders_in_folders_counts_the_files_at_its_top(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "ROOT", tmp_path)
    (tmp_path / "data/drawn").mkdir(parents=True)
    made = []
    for name in ("data/rng.py", "data/drawn/hand.py"):
        (tmp_path / name).write_text("x = 1\n")
        made.append(results.code_fingerprint("data/**/*.py"))
        (tmp_path / name).write_text("x = 2\n")
        made.append(results.code_fingerprint("data/**/*.py"))
    assert len(set(made)) == 4
