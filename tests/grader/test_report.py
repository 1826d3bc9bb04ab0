"""The report of a class: its numbers are the gradebook's, and it quotes what was handed in."""

from grader.gradebook import Gradebook
from grader.roster import read_roster


def hand_in(folder, **students):
    for name, text in students.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "week1.py").write_text(text)
    return read_roster(folder)


def test_the_gradebook_keeps_what_was_handed_in(tmp_path):
    with Gradebook(tmp_path / "out", {}) as book:
        book.set_class(hand_in(tmp_path / "in", ada="a = 1\n"), ["week1"])
        book.set_class(hand_in(tmp_path / "in", ada="a = 2\n", bob="a = 1\n"), ["week1"])
        assert book.files("ada", "week1") == {"week1.py": b"a = 2\n"}
        assert book.files("bob", "week1") == {"week1.py": b"a = 1\n"}
        assert book.files("ada", "week2") == book.files("eve", "week1") == {}
