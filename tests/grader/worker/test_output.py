"""A flood of output costs the grader hardly any memory, and its end stays readable."""

import subprocess
import sys
from pathlib import Path

import pytest

from grader.results.model import MAX_OUTPUT
from grader.worker.output import LEFT_OUT, TAIL_LINES, Tail

ROOT = Path(__file__).parents[3]
FLOOD = """
import os

def flood(kind, size):
    piece = {
        "lines": b"PASSED 7 of 7 \\x1b[2J" * 4 + b"\\n",
        "one line": b"never a line's end ",
        "no lines": b"\\n",
        "returns": b"\\r 99%",
        "no text": bytes(range(128, 256)),
    }[kind]
    data = piece * (2**20 // len(piece))
    for _ in range(size // len(data)):
        left = memoryview(data)
        while left:
            left = left[os.write(1, left):]
    os.write(2, b"\\nthe end\\n")
    return kind
"""
# The peak memory of this process, before and after.
GRADER = """
import resource, sys
from grader.worker.supervisor import Worker

def call(*args):
    message = {"do": "call", "name": "flood", "args": args, "kwargs": {}}
    reply = worker.request(message, 120, 300)
    assert reply == {"value": args[0]}, reply

worker = Worker(sys.argv[1])
worker.request({"do": "load", "name": "f", "file": "f.py", "source": sys.argv[2].encode()}, 30, 60)
kinds = ("lines", "one line", "no lines", "returns", "no text")
call("lines", 2**21)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for kind in kinds:
    call(kind, 2**28 // len(kinds))
    assert worker.output.last == "the end", worker.output.lines
    assert all(len(line) <= 400 and line.isprintable() for line in worker.output.lines)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
worker.close()
print((after - before) * (1 if sys.platform == "darwin" else 1024))
"""


def test_a_quarter_of_a_gigabyte_costs_less_than_40_megabytes(tier):
    done = subprocess.run(
        [sys.executable, "-c", GRADER, tier, FLOOD], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 40e6


def tail(*pieces):
    made = Tail()
    for piece in pieces:
        made.feed(piece)
    return made


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        (b"", ""),
        (b"\n \n", ""),
        (b"[[1 2]\n [3 4]]\n", "[[1 2]\n [3 4]]"),
        (b"a\tb\n", "a       b"),
        (b"no end", "no end"),
        (b"0%\r50%\r100%\r\nnext\r\n", "100%\nnext"),
        (b"0%\r50%\r   \r", "50%"),
        (b"\x1b[2J\x1b[31mred\x07\n", r"\x1b[2J\x1b[31mred\x07"),
        ("right\u202eleft\n".encode(), r"right\u202eleft"),
        (b"half \xe2\x9c\n", "half \ufffd"),
    ],
)
def test_text_is_what_a_terminal_would_show_and_orders_nothing(printed, text):
    assert tail(printed).text == text
    assert tail(*(bytes([byte]) for byte in printed)).text == text, "however it comes in"


@pytest.mark.parametrize("size", [1, 7, 10**6])
def test_of_many_lines_the_last_are_kept_and_the_rest_is_named(size):
    printed = b"".join(b"line %d\n" % number for number in range(50))
    made = tail(*(printed[at : at + size] for at in range(0, len(printed), size)))
    first, *rest = made.text.split("\n")
    assert first == LEFT_OUT and rest == [f"line {n}" for n in range(50 - TAIL_LINES, 50)]
    exactly = tail(b"line\n" * TAIL_LINES)
    assert exactly.text == "\n".join(["line"] * TAIL_LINES)


def test_text_has_a_most():
    made = tail(b"x" * 390 + b"\n", *[b"y" * 10_000 + b"\n"] * TAIL_LINES)
    assert MAX_OUTPUT - 400 < len(made.text) <= MAX_OUTPUT and made.text.startswith(LEFT_OUT)
