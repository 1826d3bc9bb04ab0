"""Submissions that try to fool or to break the grader: no point, no harm, the cause named."""

import os
import re
import subprocess
import sys
import time

import numpy as np
import pytest

from grader.judge.failure import Failure
from grader.judge.judge import Judge
from grader.judge.student import Refused, Student
from grader.secret import Secret
from grader.worker import supervisor
from grader.worker.limits import Limits
from grader.worker.supervisor import Worker

from ..conftest import named

# Written into the place of `double`; the other three tasks must not notice.
REST = """
def answer():
    return 42

def quadruple(x):
    return 4 * x

class Tally:
    def __init__(self, start):
        self.total = start

    def add(self, n):
        self.total = self.total + n
        return self.total
"""


def only_double_fails(tasks, status):
    assert tasks["double"].status == status, tasks["double"]
    assert tasks["double"].points == 0
    assert tasks["answer"].status == tasks["tally"].status == "passed"
    assert tasks["quadruple"].status == "skipped"
    for task in tasks.values():
        assert len(task.message.split("\n")) <= 11
    return tasks["double"].message


LIES = """
import numpy as np, jax.numpy as jnp, pickle

class Yes:
    def __eq__(self, other): return True
    def __bool__(self): return True
    def __sub__(self, other): return 0
    def __array__(self, *a, **k): return np.zeros((4, 3))
    def __float__(self): return 0.0
    shape, dtype = (4, 3), "float32"

class Same(np.ndarray):
    def __sub__(self, other): return 0 * np.asarray(other)

class Always(float):
    def __eq__(self, other): return True

def lying_object(x): return Yes()
def array_subclass(x): return np.array(2 * x).view(Same)
def object_array(x): return np.full((4, 3), object())
def generator(x): yield 2 * x
def float_subclass(x): return Always(6.0)
def nan(x): return x * jnp.nan
def infinite(x): return x * jnp.inf
def zeros(x): return x * 0
def ones(x): return x * 0 + 1
def empty(x): return np.zeros((0, 3), np.float32)
def one_number(x): return 2.0
def row(x): return 2 * x[:1]
def other_axes(x): return (2 * x).T
def integers(x): return jnp.int32(2 * x)
def truth(x): return True
def nothing(x): pass
def pickled(x): return pickle.dumps(2 * x)
def nested(x): return [2 * x]
def plain_lists(x): return [[float(v) for v in row] for row in 2 * x]
def too_large(x): return np.zeros(2**28, np.uint8)
def endless(x):
    a = []
    a.append(a)
    return a
def right(x): return 2 * x
"""


@pytest.fixture(scope="module")
def liar(tier):
    with Worker(tier) as worker:
        worker.request({"do": "load", "name": "w", "file": "w.py", "source": LIES.encode()}, 9, 60)
        yield Student(lambda message: worker.request(message, 20, 60), worker.close)


@pytest.mark.parametrize("name", re.findall(r"def ([a-z]\w*)\(x\)", LIES))
def test_values_that_lie_fail(liar, name):
    x = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    judge = Judge(liar, Secret.fresh().stream("w", "t"))
    if name == "right":
        judge.same(liar.call(name, x), 2 * x)
        return
    with pytest.raises((Failure, Refused)):
        judge.same(liar.call(name, x), 2 * x)


def test_a_constant_that_fits_one_case_earns_that_part_only(grade):
    tasks = grade("def double(x):\n    return 6.0", tasks=["double"])
    assert tasks["double"].status == "failed" and tasks["double"].points == 1.0
    assert "arrays" in tasks["double"].message


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("import os; os._exit(0)", "crashed", "exit code 0"),
        ("import sys; sys.exit()", "error", "SystemExit"),
        ("raise SystemExit(0)", "error", "SystemExit"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "crashed", "SIGKILL"),
        ("import ctypes; ctypes.string_at(0)", "crashed", "SIGSEGV"),
        ("raise KeyboardInterrupt", "error", "KeyboardInterrupt"),
        ("return double(x)", "error", "RecursionError"),
        ("raise type('E', (Exception,), {'__str__': lambda s: 1 / 0})()", "error", "E"),
        ("raise RuntimeError('x' * 10**7)", "error", "RuntimeError"),
    ],
)
def test_leaving_in_a_call_is_zero_with_its_cause(grade, body, status, said):
    message = only_double_fails(grade(f"def double(x):\n    {body}\n{REST}"), status)
    assert said in message


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("import os; os._exit(0)", "crashed"),
        ("import sys; sys.exit(0)", "error"),
        ("1 / 0", "error"),
    ],
)
def test_leaving_at_import_is_zero_everywhere(grade, good, line, status):
    tasks = grade(f"{line}\n{good}")
    assert {task.status for name, task in tasks.items() if name != "quadruple"} == {status}
    assert all(task.points == 0 for task in tasks.values())
    if status == "error":
        assert "week91.py:1" in tasks["answer"].message


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "import signal\n    for n in range(1, 32):\n"
        "        try: signal.signal(n, signal.SIG_IGN)\n"
        "        except (OSError, ValueError): pass\n    while True: pass",
        "import jax\n    return jax.jit(lambda x: jax.lax.while_loop("
        "lambda v: True, lambda v: v + 1, x))(1.0)",
        "import re\n    re.match('(a+)+$', 'a' * 64 + 'b')",
        "import threading\n    for _ in range(3):\n"
        "        threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()\n"
        "    while True: pass",
    ],
    ids=["python", "signals", "xla", "c", "threads"],
)
def test_endless_loops_end_within_two_seconds_of_the_limit(grade, body):
    started = time.monotonic()
    message = only_double_fails(grade(f"def double(x):\n    {body}\n{REST}"), "timeout")
    assert "CPU time" in message and "your line" in message
    assert time.monotonic() - started < 25


def test_a_loop_names_its_line(grade):
    tasks = grade(
        "def double(x):\n    y = 1\n    while True:\n        y = y * 1\n", tasks=["double"]
    )
    assert "week91.py:3" in tasks["double"].message or "week91.py:4" in tasks["double"].message


def test_waiting_is_stopped_by_the_clock(grade, monkeypatch):
    monkeypatch.setattr("grader.session.task_run.wall_seconds", lambda seconds: 2.0)
    source = f"import time\ndef double(x):\n    time.sleep(1000)\n{REST}"
    assert "waiting" in only_double_fails(grade(source), "timeout")


def test_a_flood_of_output_and_forged_lines_are_only_text(grade):
    source = f"""
def double(x):
    print("\\x1b[2J PASSED week91 5/5")
    print('{{"value": 1}}')
    for _ in range(100):
        print("spam " * 20000)
    return 2 * x
{REST}"""
    tasks = grade(source)
    assert tasks["double"].status == "passed"
    loop = f"def double(x):\n    while True:\n        print('PASSED ' * 1000)\n{REST}"
    message = only_double_fails(grade(loop), "timeout")
    assert "PASSED \u0020" not in message


def test_escape_codes_in_messages_are_shown_not_done(grade):
    source = f"def double(x):\n    raise ValueError('\\x1b[31mPASSED\\r\\n\\x07')\n{REST}"
    message = only_double_fails(grade(source), "error")
    assert "\x1b" not in message and "\x07" not in message and "\r" not in message
    assert "\\x1b[31mPASSED" in message


FORGED = """
import os, socket, struct, sys, stat
def sockets():
    for n in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(n).st_mode):
                yield n
        except OSError:
            pass
"""


@pytest.mark.parametrize(
    "data",
    [
        "b'\\x80\\x04\\x95' * 10",
        "b'FLX1' + struct.pack('<Q', 2**40)",
        "b'FLX1' + struct.pack('<Q', 1) + b'Z'",
        "b'FLX1' + struct.pack('<Q', 1) + b'T'",
    ],
)
def test_forged_replies_are_nonsense(grade, data):
    source = f"""{FORGED}
def double(x):
    for n in sockets():
        os.write(n, {data})
    return 2 * x
{REST}"""
    assert "nonsense" in only_double_fails(grade(source), "crashed")


def test_a_forged_right_looking_reply_is_only_a_value(grade):
    source = f"""{FORGED}
def double(x):
    for n in sockets():
        body = b'd' + struct.pack('<Q', 1) + b's' + struct.pack('<Q', 5) + b'value' + b'T'
        os.write(n, b'FLX1' + struct.pack('<Q', len(body)) + body)
        os._exit(0)
{REST}"""
    assert grade(source, tasks=["double"])["double"].points == 0


def test_closing_the_line_is_a_crash(grade):
    source = f"""{FORGED}
def double(x):
    import time
    for n in sockets():
        os.close(n)
    time.sleep(100)
{REST}"""
    assert "closed the line" in only_double_fails(grade(source), "crashed")


def test_changed_builtins_and_libraries_change_no_verdict(grade):
    source = """
import builtins, math, unittest, numpy, numpy.testing, jax, time, gc, inspect, sys
builtins.abs = lambda x: 0
builtins.all = lambda x: True
builtins.isinstance = lambda a, b: True
math.isclose = lambda *a, **k: True
numpy.allclose = numpy.array_equal = lambda *a, **k: True
numpy.testing.assert_allclose = lambda *a, **k: None
time.time = time.monotonic = lambda: 0.0
sys.modules["pytest"] = None

def double(x):
    return 3 * x

def answer():
    for frame in inspect.stack():
        for name, value in frame.frame.f_locals.items():
            if name in ("expected", "right"):
                return value
    for thing in gc.get_objects():
        if type(thing) is dict and "expected" in thing:
            return thing["expected"]
    return 41

def quadruple(x):
    return 4 * x

class Tally:
    def __init__(self, start):
        self.total = 0
    def add(self, n):
        return 7
"""
    tasks = grade(source)
    assert all(task.points == 0 and task.status != "passed" for task in tasks.values())


def test_inputs_changed_in_place_do_not_move_the_expectation(grade):
    source = """
import gc
import numpy as np
def double(x):
    for thing in gc.get_objects():
        if type(thing) is np.ndarray and thing.dtype == np.float32 and thing.flags.writeable:
            thing[...] = 0
    return x * 0
"""
    assert grade(source, tasks=["double"])["double"].points == 0


def test_replayed_answers_fail(grade):
    source = """
import numpy as np
def double(x):
    return np.array({}, np.float32)
"""
    first = grade("def double(x):\n    return [[float(v) for v in r] for r in 2 * x]", seed=5)
    assert first["double"].status == "failed"  # a list is no array: nothing learned but this
    constant = source.format([[1.0] * 3] * 4)
    assert grade(constant, tasks=["double"])["double"].points == 0


def test_memory_is_limited(grade):
    source = f"""
import numpy as np
def double(x):
    kept = []
    while True:
        kept.append(np.ones(2**23))
{REST}"""
    limits = Limits(memory_bytes=2**29)  # a worker has 0.2 GB before it begins
    assert "memory" in only_double_fails(grade(source, limits=limits), "crashed")


def test_one_absurd_allocation_is_an_error_with_its_line(grade):
    source = f"import numpy as np\ndef double(x):\n    return np.ones(2**40)\n{REST}"
    message = only_double_fails(grade(source), "error")
    assert "MemoryError" in message and "week91.py:3" in message


def test_a_fork_bomb_ends(grade):
    source = f"""
import os
def double(x):
    while True:
        try:
            os.fork()
        except OSError:
            pass
{REST}"""
    tasks = grade(source)
    assert tasks["double"].status in ("crashed", "timeout")
    assert tasks["answer"].status == tasks["tally"].status == "passed"


def test_large_files_are_refused(grade):
    source = f"""
def double(x):
    with open("big", "wb") as file:
        for _ in range(400):
            file.write(bytes(2**20))
{REST}"""
    tasks = grade(source)
    assert tasks["double"].points == 0
    assert tasks["answer"].status == tasks["tally"].status == "passed"


@pytest.mark.parametrize("end", ["", "os._exit(3)"])
def test_what_has_emptied_its_environment_ends_too(grade, end):
    if sys.platform != "linux":
        pytest.skip("only Linux hands orphans to the grader")
    word = f"left-{os.getpid()}-bare{end}"
    leave = "if os.fork(): os._exit(0)\\n"
    source = f"""
import os, subprocess, sys
def double(x):
    code = "import os, time\\n{leave}os.setsid()\\n{leave}time.sleep(1000)"
    subprocess.run([sys.executable, "-c", code, "{word}"], env={{}})
    {end}
    return 2 * x
"""
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    try:
        tasks = grade(source, tier="process", tasks=["double"])
        assert stranger.poll() is None  # a process of our own is left alone
    finally:
        stranger.kill()
        stranger.wait()
    assert tasks["double"].status == ("crashed" if end else "passed")
    assert not named(word)


@pytest.mark.parametrize("where", ["sandbox", "process"])
def test_nothing_outlives_the_worker(grade, where, tier, tmp_path):
    if where == "sandbox" and tier != "sandbox":
        pytest.skip("no bubblewrap here")
    word = f"left-{os.getpid()}-{where}"
    # Two forks and a session of its own: no parent, no group, no terminal.
    leave = "if os.fork(): os._exit(0)\\n"
    source = f"""
import atexit, os, subprocess, sys, threading, time
atexit.register(lambda: time.sleep(1000))
threading.Thread(target=lambda: time.sleep(1000), daemon=True).start()
threading.Thread(target=lambda: time.sleep(1000)).start()

def double(x):
    code = "import os, time\\n{leave}os.setsid()\\n{leave}time.sleep(1000)"
    subprocess.run([sys.executable, "-c", code, "{word}"])
    return 2 * x
{REST}"""
    tasks = grade(source, tier=where)
    assert tasks["double"].status == "passed"
    assert tasks["answer"].status == "passed"
    deadline = time.monotonic() + supervisor.KILL_SECONDS
    while named(word) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not named(word)


def test_no_folder_is_left_behind(grade, good, tmp_path_factory, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path_factory.mktemp("scratch")))
    import tempfile

    grade(good, tier="process")
    grade("import os\ndef double(x):\n    os._exit(1)", tier="process", tasks=["double"])
    assert os.listdir(tempfile.gettempdir()) == []
