"""What each tier stops: the table at the top of `grader/worker/tiers.py`, cell by cell."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import psutil
import pytest

from grader.worker import bubblewrap, other_user, tiers, visible
from grader.worker.inside import syscall_filter
from grader.worker.limits import MAX_THREADS, Limits
from grader.worker.supervisor import KILL_SECONDS, Worker, WorkerGone

from ..conftest import named

ROOT = Path(__file__).parents[3]
PYTHON = sys.executable
PATCHED = ("executable", "prefix", "base_prefix", "exec_prefix")
TIERS = ("sandbox", "user", "process")
ATTACKS = """
import os, resource, signal, socket, subprocess, sys

def outcome(attack, *args):
    try:
        return attack(*args)
    except (OSError, ProcessLookupError) as error:
        return type(error).__name__

def read(path): return outcome(lambda: open(path).read())
def append(path): return outcome(lambda: open(path, "a").write("\\nbreak\\n"))
def create(path): return outcome(lambda: open(path, "w").write("left"))
def hit(pid): return outcome(os.kill, pid, 0)
def environment(pid): return outcome(lambda: open(f"/proc/{pid}/environ", "rb").read())
def sees(pid): return os.path.exists(f"/proc/{pid}/cmdline")
def connect(port): return outcome(lambda: socket.create_connection(("127.0.0.1", port), 2).close())

def enlarge(size):
    def attack():
        with open("large", "wb") as file:
            file.truncate(size)
    return outcome(attack)

def leave(word):
    # Three times: each out of its tree, its session, its group and its environment.
    leave = "if os.fork(): os._exit(0)\\n"
    code = f"import os, time\\n{leave}os.setsid()\\n{leave}time.sleep(1000)"
    for _ in range(3):
        subprocess.run([sys.executable, "-c", code, word], env={})

def bomb():
    while True:
        try:
            os.fork()
        except OSError:
            pass

def grow():
    kept = []
    while True:
        kept.append(b"x" * 2**26)

def stop(): os.kill(os.getpid(), signal.SIGSTOP)
def limit(name): return resource.getrlimit(getattr(resource, name))

def loop():
    import jax
    # A child computes as well, and pays no heed to signals.
    if os.fork() == 0:
        for number in range(1, 32):
            if number not in (9, 19):
                signal.signal(number, signal.SIG_IGN)
        while True:
            pass
    return jax.jit(lambda x: jax.lax.while_loop(lambda v: True, lambda v: v + 1, x))(1.0)
"""


def table() -> dict[str, dict[str, str]]:
    """Returns the table of the docstring: attack to tier to cell."""
    lines = [line for line in (tiers.__doc__ or "").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    head, _, *rows = [row for row in cells if len(row) == len(cells[0])]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


@pytest.fixture(scope="module", params=TIERS)
def tier(request):
    """Returns each tier; if it needs another interpreter, the grader takes that for its own."""
    name = request.param
    with pytest.MonkeyPatch.context() as patch:
        if name == "sandbox" and bubblewrap.sandbox_lack():
            pytest.skip(f"no sandbox here: {bubblewrap.sandbox_lack()}")
        if name == "user":
            python, prefix = request.getfixturevalue("open_python")
            patch.setattr(sys, "executable", python)
            patch.setattr(sys, "base_prefix", prefix)
            if python.startswith(prefix):
                patch.setattr(sys, "prefix", prefix)
                patch.setattr(sys, "exec_prefix", prefix)
            reason = other_user.lack([], [], visible.interpreter_folders())
            if reason:
                pytest.skip(f"no other user here: {reason}")
            # The tested checkout may well be open to everyone.
            patch.setattr(tiers, "user_lack", lambda private=(): None)
        yield name


class Attacker:
    """Returns a worker that has loaded the attacks."""

    def __init__(self, tier, limits=None):
        self.worker = Worker(tier, limits=limits)
        message = {"do": "load", "name": "a", "file": "a.py", "source": ATTACKS.encode()}
        assert self.worker.request(message, 30, 60) == {"value": None}

    def __call__(self, name, *args, cpu_seconds=30, wall_seconds=60):
        self.worker.start_clock()
        message = {"do": "call", "name": name, "args": args, "kwargs": {}}
        reply = self.worker.request(message, cpu_seconds, wall_seconds)
        assert "value" in reply, reply
        return reply["value"]


@pytest.fixture(scope="module")
def attacker(tier):
    made = Attacker(tier)
    yield made
    made.worker.close()


@pytest.fixture
def stopped(tier, request):
    """Returns whether this tier stops an attack, according to the table."""
    rows = table()

    def stopped(attack):
        (row,) = (row for name, row in rows.items() if name.startswith(attack))
        return not row[tier].startswith("not stopped")

    return stopped


@pytest.fixture
def private():
    """Makes a closed folder with a solution, in a place that everyone can enter."""
    folder = Path(tempfile.mkdtemp(prefix="private-"))
    (folder / "week1.py").write_text("the answer")
    (folder / "week1.py").chmod(0o644)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def public():
    """Makes a file that everyone may read, like a library's."""
    folder = Path(tempfile.mkdtemp(prefix="public-"))
    folder.chmod(0o755)
    (folder / "library.py").write_text("x = 1\n")
    (folder / "library.py").chmod(0o644)
    yield folder / "library.py"
    shutil.rmtree(folder)


def test_solutions_checks_and_submissions_are_read(attacker, stopped, private):
    said = attacker("read", str(private / "week1.py"))
    assert (said == "the answer") is not stopped("reads solutions")
    listed = attacker("read", os.path.expanduser("~/.profile"))
    if os.path.exists(os.path.expanduser("~/.profile")) and stopped("reads solutions"):
        assert listed in ("FileNotFoundError", "PermissionError")


@pytest.mark.parametrize("attack", ["changes grader", "attacks the grader's process or its libr"])
def test_files_of_the_grader_are_changed(attacker, stopped, public, attack, tier):
    attacker("append", str(public))
    changed = "break" in public.read_text()
    # In the process tier, code can also change the grader's files; the week then does not count.
    assert changed is (tier == "process")
    if attack.startswith("attacks"):
        assert changed is not stopped(attack)


def test_the_process_of_the_grader_is_reached(attacker, stopped):
    assert (attacker("hit", os.getpid()) is None) is not stopped("signals other")
    said = attacker("environment", os.getpid())
    assert (type(said) is bytes) is not stopped("attacks the grader's process")


def test_other_processes_are_seen(attacker, stopped):
    assert attacker("sees", os.getpid()) is not stopped("sees what else runs")


def test_the_network_is_opened(attacker, stopped, tier):
    with socket.create_server(("127.0.0.1", 0)) as server:
        said = attacker("connect", server.getsockname()[1])
    assert stopped("opens the network")
    if tier != "process" or syscall_filter.library() is not None:
        assert said in ("PermissionError", "ConnectionRefusedError", "OSError")


@pytest.mark.slow
def test_files_are_left(tier, stopped):
    places = [tempfile.gettempdir(), "/var/tmp", "/dev/shm"]
    paths = [Path(place) / f"left-{uuid.uuid4().hex}" for place in places]
    attacker = Attacker(tier)
    for path in paths:
        attacker("create", str(path))
    attacker.worker.close()
    found = [path for path in paths if path.exists()]
    for path in found:
        path.unlink()
    assert bool(found) is not stopped("leaves files")
    assert not any(os.path.exists(folder) for folder in attacker.worker._launch.remove)


def test_what_a_killed_grader_left_is_gone_for_the_next_of_that_user():
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can work as other users")
    killed = other_user.reserve()
    folder = Path(tempfile.mkdtemp(prefix="flaxlings-"))
    (folder / "work").mkdir()
    os.chown(folder / "work", killed.number, killed.number)
    killed.lock.close()
    user = other_user.reserve()
    user.release()
    assert user.number == killed.number and not folder.exists()


def test_a_file_has_a_size_and_a_core_none(attacker, stopped, tier):
    assert stopped("fills the disk") and stopped("endless loop")
    assert attacker("enlarge", Limits().file_bytes + 1) == "OSError"
    assert attacker("limit", "RLIMIT_CORE") == (0, 0)
    if tier == "user":
        assert attacker("limit", "RLIMIT_NPROC") == (MAX_THREADS, MAX_THREADS)


@pytest.mark.slow
def test_processes_are_left(tier, stopped):
    if tier == "process" and sys.platform != "linux":
        pytest.skip("only Linux hands orphans to the grader")
    assert stopped("processes that outlive")
    word = f"left-{uuid.uuid4().hex}"
    attacker = Attacker(tier)
    attacker("leave", word)
    if tier != "sandbox":
        assert named(word)
    attacker.worker.close()
    psutil.wait_procs(named(word), timeout=KILL_SECONDS)  # a killed process may still be ending
    assert not named(word)


def family_of(worker):
    """Returns the worker's processes, with the machine's numbers in every tier."""
    return [psutil.Process(worker.process.pid), *worker._psutil.children(recursive=True)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("attack", "limits", "said"),
    [
        ("loop", {"cpu_seconds": 1}, "CPU time"),
        ("stop", {"wall_seconds": 1}, "still waiting"),
        ("grow", {}, "GiB of memory"),
        ("bomb", {}, "processes|CPU time|memory"),
    ],
)
def test_what_uses_too_much_is_ended_with_all_it_started(tier, stopped, attack, limits, said):
    """Nothing is left, even of a compiled loop, whatever signals it ignores."""
    assert stopped("endless loop") and stopped("forges the verdict")
    attacker = Attacker(tier, Limits(memory_bytes=2**30))
    family = set(family_of(attacker.worker))

    def check_use(*args):
        family.update(family_of(attacker.worker))
        with contextlib.suppress(psutil.Error):
            family.update(psutil.Process().children(recursive=True))
        real_check(*args)

    before = set(psutil.Process().children(recursive=True)) - family
    real_check, attacker.worker._check_use = attacker.worker._check_use, check_use
    with pytest.raises(WorkerGone) as gone:
        attacker(attack, **limits)
    left = []
    for process in family - before:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                left.append(process)
    assert not left
    assert any(word in gone.value.text for word in said.split("|")), gone.value.text


GRADER = """
import json, signal, sys
for name, value in json.loads(sys.argv[1]).items():
    setattr(sys, name, value)
from grader.worker import tiers
from grader.worker.supervisor import Worker
tiers.user_lack = lambda private=(): None
worker = Worker(sys.argv[2])
worker.request({"do": "load", "name": "a", "file": "a.py", "source": sys.argv[3].encode()}, 30, 60)
call = {"do": "call", "name": "leave", "args": (sys.argv[4],), "kwargs": {}}
assert worker.request(call, 30, 60) == {"value": None}
print(worker.process.pid, flush=True)
signal.pause()
"""


@pytest.mark.slow
def test_nothing_outlives_a_grader_that_is_killed(tier):
    word = f"left-{uuid.uuid4().hex}"
    names = json.dumps({name: getattr(sys, name) for name in PATCHED})
    grader = subprocess.Popen(
        [PYTHON, "-c", GRADER, names, tier, ATTACKS, word],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with grader:
        assert grader.stdout is not None
        worker = psutil.Process(int(grader.stdout.readline()))
        family = [worker, *worker.children(recursive=True)]
        assert len(named(word)) >= 3
        grader.kill()
    if tier == "process":  # no process is left to end what the worker has started
        _, alive = psutil.wait_procs([worker], timeout=KILL_SECONDS)
        for process in (left := named(word)):
            process.kill()
        psutil.wait_procs(left, timeout=KILL_SECONDS)
    else:
        _, alive = psutil.wait_procs(family, timeout=KILL_SECONDS)
    assert not alive and not named(word)
