"""The README's picture of `watch` shows a terminal, without fonts from another machine."""

import re

from benchmarks.watch_picture import PICTURE, SAVES, draw


def words(svg: str) -> str:
    return re.sub(r"<[^>]+>", "\n", svg).replace("&#160;", " ")


def test_every_line_of_the_terminal_is_drawn_and_no_font_is_fetched():
    svg = draw("\x1b[31m ✗\x1b[0m Slide a kernel\n     You flipped the kernel.")
    assert "✗" in words(svg) and "You flipped the kernel." in words(svg)
    assert "url(http" not in svg and "@font-face" not in svg


def test_the_picture_shows_a_task_that_failed_and_what_the_save_has_changed():
    shown = words(PICTURE.read_text(encoding="utf-8"))
    assert "You flipped the kernel." in shown and "since the last save:" in shown


def test_the_saves_differ_and_can_be_read():
    first, second = SAVES
    assert first != second
    for text in SAVES:
        compile(text, "week3.py", "exec")
