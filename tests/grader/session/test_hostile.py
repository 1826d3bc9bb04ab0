"""Submissions that try to fool or break the grader get no points, do no harm, and are named."""

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
from grader.session.loading import wall_seconds
from grader.worker import supervisor
from grader.worker.limits import Limits
from grader.worker.supervisor import Worker

from ..conftest import named

FORGED = """
import os, socket, struct, sys, stat

def sockets():
    for n in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(n).st_mode):
                yield n
        except OSError:
            pass

def send(data):
    for n in sockets():
        os.write(n, data)
"""
# The body of a function, its status, and words of the message.
CASES = {
    "nothing": ("return 2 * x", "passed", ""),
    "constant": ("return 6.0", "failed", "arrays"),
    "replayed": ("import numpy as np\nreturn np.ones((4, 3), np.float32)", "failed", "arrays"),
    "floods": (
        r"""
        print("\x1b[2J PASSED week91 5/5")
        print('{"value": 1}')
        for _ in range(20):
            print("spam " * 20000)
        return 2 * x
        """,
        "passed",
        "",
    ),
    "escapes": ("raise ValueError('\\x1b[31mPASSED\\r\\n\\x07')", "error", "\\x1b[31mPASSED"),
    "sys_exit": ("import sys; sys.exit()", "error", "SystemExit"),
    "system_exit": ("raise SystemExit(0)", "error", "SystemExit"),
    "interrupt": ("raise KeyboardInterrupt", "error", "KeyboardInterrupt"),
    "recursion": ("return recursion(x)", "error", "RecursionError"),
    "no_text": ("raise type('E', (Exception,), {'__str__': lambda s: 1 / 0})()", "error", "E"),
    "long_text": ("raise RuntimeError('x' * 10**7)", "error", "RuntimeError"),
    "absurd": ("import numpy as np\nreturn np.ones(2**40)", "error", "MemoryError"),
    "large_file": (
        "with open('big', 'wb') as file:\n    for _ in range(8): file.write(bytes(2**20))",
        "error",
        "OSError",
    ),
    "exit": ("os._exit(0)", "crashed", "exit code 0"),
    "segfault": ("import ctypes; ctypes.string_at(0)", "crashed", "SIGSEGV"),
    "memory": (
        "import numpy as np\nkept = []\nwhile True: kept.append(np.ones(2**23))",
        "crashed",
        "memory",
    ),
    "right_reply": (
        """
        body = b'd' + struct.pack('<Q', 1) + b's' + struct.pack('<Q', 5) + b'value' + b'T'
        send(b'FLX1' + struct.pack('<Q', len(body)) + body)
        os._exit(0)
        """,
        "failed|crashed",
        "",
    ),
    "signals": (
        """
        import signal
        for n in range(1, 32):
            try: signal.signal(n, signal.SIG_IGN)
            except (OSError, ValueError): pass
        while True: pass
        """,
        "timeout",
        "CPU time",
    ),
    "xla": (
        "import jax\n"
        "return jax.jit(lambda x: jax.lax.while_loop(lambda v: True, lambda v: v + 1, x))(1.0)",
        "timeout",
        "CPU time",
    ),
    "waits": ("import time; time.sleep(1000)", "timeout", "waiting"),
}
SLOW = {
    "kill": ("import signal; os.kill(os.getpid(), signal.SIGKILL)", "crashed", "SIGKILL"),
    "closes": (
        "import time\nfor n in sockets(): os.close(n)\ntime.sleep(100)",
        "crashed",
        "closed its connection",
    ),
    "pickle": ("send(b'\\x80\\x04\\x95' * 10)", "crashed", "nonsense"),
    "huge_frame": ("send(b'FLX1' + struct.pack('<Q', 2**40))", "crashed", "nonsense"),
    "odd_frame": ("send(b'FLX1' + struct.pack('<Q', 1) + b'Z')", "crashed", "nonsense"),
    "no_reply": ("send(b'FLX1' + struct.pack('<Q', 1) + b'T')", "crashed", "nonsense"),
    "python": ("while True: pass", "timeout", "CPU time"),
    "c": ("import re\nre.match('(a+)+$', 'a' * 64 + 'b')", "timeout", "CPU time"),
    "threads": (
        """
        import threading
        for _ in range(3):
            threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()
        while True: pass
        """,
        "timeout",
        "CPU time",
    ),
    "prints": ("while True: print('PASSED ' * 1000)", "timeout", "CPU time"),
    "fork_bomb": (
        "while True:\n    try: os.fork()\n    except OSError: pass",
        "crashed|timeout",
        "",
    ),
    "in_place": (
        """
        import gc
        import numpy as np
        for thing in gc.get_objects():
            if type(thing) is np.ndarray and thing.dtype == np.float32 and thing.flags.writeable:
                thing[...] = 0
        return x * 0
        """,
        "failed",
        "",
    ),
}
WAITS = 3  # seconds of CPU time, by which the one that waits is known


@pytest.fixture(scope="module")
def grade_cases(grade_each):
    """Grades a table of cases, an honest one after them, and one that needs the first."""

    def short(seconds):
        return 2.0 if seconds == WAITS else wall_seconds(seconds)

    def grade_cases(cases):
        bodies = {name: body for name, (body, *_) in cases.items()}
        bodies |= {"honest": "return 2 * x", "needy": "return 2 * x"}
        (first, *_) = (name for name, (_, status, _) in cases.items() if status != "passed")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("grader.session.task_run.wall_seconds", short)
            return grade_each(
                bodies,
                head=FORGED,
                seconds={name: WAITS if name == "waits" else 1 for name in bodies},
                needs={"needy": (first,)},
                limits=Limits(memory_bytes=2**29, file_bytes=2**22),  # a worker begins with 0.2 GB
            )

    return grade_cases


@pytest.fixture(scope="module")
def quick(grade_cases):
    return grade_cases(CASES)


@pytest.fixture(scope="module")
def slow(grade_cases):
    return grade_cases(SLOW)


def check_case(task, status, said):
    assert task.status in status.split("|") and said in task.message, task
    earned = {"passed": 2, "failed": 1 if task.name == "constant" else 0}
    assert task.points == earned.get(task.status, 0)
    assert len(task.message.split("\n")) <= 11
    assert task.message.replace("\n", "").isprintable()
    assert "PASSED  " not in task.message
    if task.status in ("error", "timeout") or task.name == "absurd":
        assert "your line" in task.message


@pytest.mark.parametrize("name", CASES)
def test_a_trick_earns_nothing_and_its_cause_is_named(quick, name):
    check_case(quick[name], *CASES[name][1:])


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_another_trick_earns_nothing_and_its_cause_is_named(slow, name):
    check_case(slow[name], *SLOW[name][1:])


@pytest.mark.parametrize("table", ["quick", pytest.param("slow", marks=pytest.mark.slow)])
def test_tasks_beside_a_trick_are_graded_as_ever(table, request):
    tasks = request.getfixturevalue(table)
    assert tasks["honest"].status == "passed" and tasks["needy"].status == "skipped"


def test_a_loop_names_its_line(quick):
    assert re.search(r"week94.py:\d+  (while True|jax.lax|return jax)", quick["xla"].message)
    assert "return np.ones(2**40)" in quick["absurd"].message


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


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("import os; os._exit(0)", "crashed"),
        pytest.param("import sys; sys.exit(0)", "error", marks=pytest.mark.slow),
        ("1 / 0", "error"),
    ],
)
def test_leaving_at_import_is_zero_everywhere(grade, good, line, status):
    tasks = grade(f"{line}\n{good}")
    assert {task.status for name, task in tasks.items() if name != "quadruple"} == {status}
    assert all(task.points == 0 for task in tasks.values())
    if status == "error":
        assert "week91.py:1" in tasks["answer"].message


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


@pytest.mark.parametrize("end", [pytest.param("", marks=pytest.mark.slow), "os._exit(3)"])
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


@pytest.mark.parametrize("where", ["sandbox", pytest.param("process", marks=pytest.mark.slow)])
def test_nothing_outlives_the_worker(grade, where, tier, tmp_path):
    if where == "sandbox" and tier != "sandbox":
        pytest.skip("no bubblewrap here")
    word = f"left-{os.getpid()}-{where}"
    # Two forks and a separate session: no parent, no group, no terminal.
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

def answer():
    return 42
"""
    tasks = grade(source, tier=where, tasks=["double", "answer"])
    assert tasks["double"].status == "passed"
    assert tasks["answer"].status == "passed"
    deadline = time.monotonic() + supervisor.KILL_SECONDS
    while named(word) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not named(word)


def test_no_folder_is_left_behind(grade, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    source = "import os\ndef double(x):\n    os._exit(1)\ndef answer():\n    return 42"
    tasks = grade(source, tier="process", tasks=["double", "answer"])
    assert [task.status for task in tasks.values()] == ["crashed", "passed"]
    assert list(scratch.iterdir()) == []
