"""What the student's code prints is stored with the verdict, but is not part of it."""

import pytest

from grader.worker.output import LEFT_OUT

PRINTS = r"""
# %%
import os
import sys

say = print
say("importing", "\x1b[2J ✓ Twice a number.  double  2/2\n::error::forged")

# %%
def double(x):
    say("type", type(x).__name__)
    say('{"status": "failed"}', file=sys.stderr)
    return 2 * x

# %%
def answer():
    say("no end of the line", end="")
    os._exit(3)

# %%
def quadruple(x):
    for number in range(1000):
        say("line", number)
    return 5 * x

# %%
class Tally:
    def __init__(self, start):
        say("still", "here")
        any(iter(int, 1))  # without end, on one line

    def add(self, n):
        return n

# %%
say("the last")
raise ValueError("here")
"""
STATUSES = ["passed", "crashed", "failed", "timeout"]


@pytest.fixture
def loud(grade):
    return grade(PRINTS, seed=5)


def test_output_is_kept_beside_a_verdict_that_does_not_depend_on_it(loud, grade):
    printed = {name: task.output.split("\n") for name, task in loud.items()}
    assert printed["double"] == [
        *("type ArrayImpl", '{"status": "failed"}'),
        *("type float", '{"status": "failed"}'),
    ]
    assert printed["answer"] == ["no end of the line"]
    assert printed["quadruple"][0] == LEFT_OUT and printed["quadruple"][-1] == "line 999"
    assert len(printed["quadruple"]) == 21
    assert printed["tally"] == ["still here"]
    assert grade.last.output.split("\n") == [
        r"importing \x1b[2J ✓ Twice a number.  double  2/2",
        "::error::forged",
        "the last",
    ]

    def verdicts(tasks):
        return [(task.status, task.points, task.message, task.hint) for task in tasks.values()]

    assert [task.status for task in loud.values()] == STATUSES
    silent = grade(PRINTS.replace("say = print", "say = lambda *words, **more: None"), seed=5)
    assert verdicts(silent) == verdicts(loud)
    assert not any(task.output for task in silent.values()) and grade.last.output == ""
