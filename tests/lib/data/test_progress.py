"""The bar of long work: with the time left, on a terminal, and only if the work takes a while."""

import io
import os
import subprocess
import sys
import time
from contextlib import redirect_stderr, suppress

import pytest

from lib.data import progress as module
from lib.data.progress import DownloadProgress, progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    return Terminal()


def test_short_work_shows_nothing(terminal):
    with redirect_stderr(terminal), progress(10, "Reading pictures") as show:
        for done in range(10):
            show(done)
    time.sleep(0.01)
    assert terminal.getvalue() == ""


def test_long_work_shows_how_much_is_done_and_the_time_left(terminal):
    import rich.progress  # noqa: F401 - or the work is over before the bar is imported

    with redirect_stderr(terminal), progress(40, "Drawing hands", delay=0.05) as show:
        for done in range(1, 31):
            show(done)
            time.sleep(0.01)
    text = terminal.getvalue()
    assert "Drawing hands" in text and "/40" in text
    assert "left" in text


def test_elsewhere_nothing_is_shown(capsys):
    with progress(2, "Reading", delay=0) as show:
        show(1)
    assert capsys.readouterr() == ("", "")


def test_a_download_is_shown_in_bytes(terminal, monkeypatch):
    monkeypatch.setattr(module, "DELAY", 0)
    with redirect_stderr(terminal), DownloadProgress("Downloading weights") as shown:
        shown.total = 3000
        for _ in range(3):
            shown.update(1024)
        shown.reset()
        shown.update(3000)
        shown.close()
    assert "Downloading weights" in terminal.getvalue()
    assert "3000/3000" in terminal.getvalue()


def test_what_takes_long_has_a_bar(tmp_path):
    pty = pytest.importorskip("pty")
    controller, terminal = pty.openpty()
    code = (
        "import sys, lib.data.progress as p; p.DELAY = 0\n"
        "from lib.data import draw, load, write_folder\n"
        "draw('mnist', 300, 0)\n"
        "write_folder(load('happy_or_sad', edge=16), sys.argv[1])"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=terminal)
    os.close(terminal)
    text = b""
    with suppress(OSError):  # how the end of a terminal shows on Linux
        while more := os.read(controller, 4096):
            text += more
    assert child.wait() == 0
    os.close(controller)
    for title in (b"Drawing MNIST", b"Drawing Happy or Sad", b"Writing pictures"):
        assert title in text
