"""The memory benchmark adds up a process and all its descendants."""

import sys

import pytest

from benchmarks import memory
from benchmarks.memory import Peak

HOLD = "import sys, time; block = b'x' * (int(sys.argv[1]) << 20); time.sleep(0.6)"
PARENT = """
import subprocess, sys, time
block = b'x' * (60 << 20)
subprocess.run([sys.executable, '-c', sys.argv[1], '80'], check=True)
raise SystemExit(3)
"""


def test_a_process_and_its_child_count_together():
    peak = memory.watched([sys.executable, "-c", PARENT, HOLD])
    assert 140 < peak.together < 220
    assert 80 < peak.alone < 130
    assert peak.processes == 2
    assert peak.status == 3 and peak.seconds > 0.6


def test_memory_that_is_given_back_before_the_next_reading_shows_in_the_high_water_mark():
    brief = "import time; block = b'x' * (200 << 20); del block; time.sleep(1)"
    peak = memory.watched([sys.executable, "-c", brief], interval=0.5)
    if sys.platform != "linux":
        pytest.skip("only Linux reports the most memory that a process had")
    assert peak.alone > 200


def test_too_much_memory_and_a_grader_that_fails_are_told():
    assert memory.broken("week1", Peak(together=900, alone=700)) == []
    assert memory.broken("week1", Peak(together=3000, alone=700)) == [
        "week1: grading needs 3,000 MiB; the limit is 2,560."
    ]
    assert memory.broken("week1", Peak(together=100, alone=2600))
    assert "ended with exit status 2" in memory.broken("week1", Peak(status=2))[0]
