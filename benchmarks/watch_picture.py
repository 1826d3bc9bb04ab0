"""Makes the README's picture of `watch`: a copy of the course, a student's file, two saves.

This takes half a minute and needs Linux or macOS. The picture shows what the command writes to a
terminal.
"""

import argparse
import fcntl
import io
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Sequence
from pathlib import Path

from rich.console import CONSOLE_SVG_FORMAT, Console
from rich.text import Text

from benchmarks.submissions import with_bodies
from grader.course import COURSE

PICTURE = COURSE.root / "docs" / "pictures" / "watch.svg"
COLUMNS, ROWS = 94, 60
COPIED = ("exercises", "grader", "lib", "solutions", "pyproject.toml")
CLEAR = "\x1b[2J\x1b[H"
WAITING = "Ctrl-C stops it"
STUB = "raise NotImplementedError('Write it.')"
TODO = dict.fromkeys(("fashion_cnn", "layer_activations", "activation_to_image", "train_cnn"), STUB)
# Flips the kernel, as a convolution in mathematics does.
FLIPPED = """
rows, columns = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
result = np.zeros((rows, columns), np.float32)
for row in range(rows):
    for column in range(columns):
        window = image[row : row + kernel.shape[0], column : column + kernel.shape[1]]
        result[row, column] = np.sum(window * kernel[::-1, ::-1])
return result
"""
FIRST = "return image[::size, ::size]"  # the first value of each square, not the largest
BODIES = TODO | {"convolve2d": FLIPPED}
SAVES = (with_bodies("week3", BODIES | {"max_pool2d": FIRST}), with_bodies("week3", BODIES))


def watched(folder: Path) -> str:
    """Runs `watch` in a copy of the course, and saves the student's file twice.

    Args:
      folder: an empty one.

    Returns:
      What the terminal shows at the end, with its colours as escape sequences.
    """
    for name in COPIED:
        source = COURSE.root / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, folder / name)
    file = folder / "exercises" / "week3.py"
    file.write_text(SAVES[0], encoding="utf-8")
    terminal, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "watch", "week3"],
        **dict.fromkeys(("stdin", "stdout", "stderr"), inside),
        cwd=folder,
        env=os.environ | {"TERM": "xterm-256color"},
    )
    os.close(inside)
    try:
        _until_waiting(terminal)
        file.write_text(SAVES[1], encoding="utf-8")
        return _until_waiting(terminal)
    finally:
        process.terminate()
        process.wait()
        os.close(terminal)


def _until_waiting(terminal: int) -> str:
    """Reads until a run ends; returns the text since the screen was last cleared."""
    seen = ""
    while WAITING not in seen.rpartition(CLEAR)[2]:
        seen += os.read(terminal, 65536).decode("utf-8", "replace")
    return seen.rpartition(CLEAR)[2].replace("\r\n", "\n")


def draw(text: str) -> str:
    """Draws a terminal with a text as SVG, without fonts from another machine."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(text))
    without_fonts = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    return console.export_svg(title="python -m grader watch week3", code_format=without_fonts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes the picture.

    Args:
      arguments: the command line without the program's name; None means this process's.

    Returns:
      The exit status.
    """
    argparse.ArgumentParser(
        prog="python -m benchmarks.watch_picture", description=__doc__
    ).parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="flaxlings-picture-") as folder:
        PICTURE.write_text(draw(watched(Path(folder))), encoding="utf-8")
    print(f"Wrote {PICTURE}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
