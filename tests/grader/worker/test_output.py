"""A flood of output costs the grader no memory to speak of, and its end can still be read."""

import subprocess
import sys
from pathlib import Path

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
# The most that this process has ever held, before and after.
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
