"""What a worker can see and do in each tier."""

import errno
import os
import sys
from pathlib import Path

import pytest

from grader.course import COURSE
from grader.worker import bubblewrap, limits, tiers, visible
from grader.worker.inside import syscall_filter
from grader.worker.inside.frames import HandleRef
from grader.worker.limits import Limits
from grader.worker.remedies import Lack
from grader.worker.supervisor import Worker

PROBE = """
import os, socket, sys, subprocess

def listing(path): return sorted(os.listdir(path))
def exists(path): return os.path.exists(path)
def environment(): return dict(os.environ)
def arguments(): return open("/proc/self/cmdline").read().split("\\0"), sys.argv
def user(): return os.getuid()
def pids(): return [int(n) for n in os.listdir("/proc") if n.isdigit()]
def path(): return list(sys.path)

def write(path):
    try:
        with open(path, "w") as file:
            file.write("x")
        return "written"
    except OSError as error:
        return type(error).__name__

def connect(host, port):
    try:
        socket.create_connection((host, port), 2).close()
        return "connected"
    except OSError as error:
        return type(error).__name__

def modules(): return sorted(sys.modules)
def try_import(name):
    try:
        __import__(name)
        return "imported"
    except ImportError:
        return "missing"

def find(word, top):
    return [os.path.join(f, n) for f, _, names in os.walk(top) for n in names if word in n]

def status():
    return dict(line.split(":\\t") for line in open("/proc/self/status") if ":\\t" in line)
def run(*words): return subprocess.run(words, capture_output=True, text=True).returncode

def append(path):
    try:
        with open(path, "r+") as file:
            held = file.read()
            file.seek(0)
            file.write(held)
        return "written"
    except OSError as error:
        return type(error).__name__

def syscall(number, *args):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(number, *args)
    return "done" if result >= 0 else os.strerror(ctypes.get_errno())

def fill():
    written = 0
    try:
        for number in range(16):
            with open(f"/tmp/fill{number}", "wb") as file:
                for _ in range(100):
                    written += file.write(bytes(2**20))
    except OSError as error:
        return written, type(error).__name__
    return written, ""
"""


def probe(tier):
    worker = Worker(tier)

    def call(name, *args):
        message = {"do": "call", "name": name, "args": args, "kwargs": {}}
        reply = worker.request(message, 60, 120)
        assert "value" in reply, reply
        return reply["value"]

    message = {"do": "load", "name": "p", "file": "p.py", "source": PROBE.encode()}
    assert worker.request(message, 30, 60) == {"value": None}
    return worker, call


@pytest.fixture(scope="module")
def sandbox():
    if bubblewrap.sandbox_lack():
        pytest.skip(f"no sandbox here: {bubblewrap.sandbox_lack()}")
    worker, call = probe("sandbox")
    yield call
    worker.close()


@pytest.fixture(scope="module")
def process():
    worker, call = probe("process")
    yield call
    worker.close()


def test_the_sandbox_holds_no_solution_no_check_and_no_home(sandbox):
    root = str(COURSE.root)
    for name in ("solutions", "exercises", "grader", "tests", "README.md", ".git"):
        assert not sandbox("exists", f"{root}/{name}"), name
    assert sandbox("listing", "/flaxlings") == sorted(name for _, name in visible.code_files())
    assert not [name for name in sandbox("find", "solutions", "/flaxlings")]
    home = os.path.expanduser("~")
    if sandbox("exists", home):
        # Only the path to an interpreter that is installed in the home folder.
        listed = set(sandbox("listing", home))
        assert all(
            any(path.startswith(f"{home}/{name}") for path in visible.interpreter_folders())
            for name in listed
        )
    for name in ("grader", "solutions", "exercises"):
        assert sandbox("try_import", name) == "missing"
    assert sandbox("try_import", "lib") == "imported"


def test_the_sandbox_has_no_network(sandbox):
    import socket

    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    assert sandbox("connect", "127.0.0.1", port) != "connected"
    assert sandbox("connect", "192.0.2.1", 80) != "connected"
    server.close()


def test_the_sandbox_can_write_in_its_own_folders_only(sandbox):
    assert sandbox("write", "here.txt") == "written"
    assert sandbox("write", "/tmp/here.txt") == "written"
    for path in (
        "/flaxlings/lib/__init__.py",
        "/flaxlings/inside/worker.py",
        "/usr/x",
        "/etc/x",
        "/x",
        "/dev/x",
    ):
        assert sandbox("write", path) != "written"
    import jax

    assert sandbox("write", jax.__file__) != "written"


def test_root_in_the_sandbox_has_no_rights_of_root(sandbox):
    """Root's bubblewrap keeps root's rights by default."""
    status = sandbox("status")
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert int(status["NoNewPrivs"]) == 1
    assert sandbox("run", "mount", "-o", "remount,bind,rw", "/flaxlings/lib") != 0
    assert sandbox("run", "unshare", "--user", "--map-root-user", "true") != 0
    for path in ("kernel/core_pattern", "kernel/hostname", "vm/drop_caches", "kernel/sysrq"):
        assert sandbox("append", f"/proc/sys/{path}") != "written", path
    assert sandbox("append", "/proc/sysrq-trigger") != "written"
    assert sandbox("append", "/flaxlings/lib/__init__.py") != "written"


def test_calls_that_no_exercise_needs_are_refused(sandbox, process):
    if syscall_filter.library() is None:
        pytest.skip("libseccomp is not installed")
    import ctypes

    resolve = ctypes.CDLL(syscall_filter.LIBRARY).seccomp_syscall_resolve_name
    for call in (sandbox, process):
        for name in ("ptrace", "unshare", "mount", "bpf", "keyctl", "shmget", "sched_setaffinity"):
            said = call("syscall", resolve(name.encode()), 0, 0, 0, 0)
            assert said == os.strerror(errno.EPERM), name
        # fork in a new user namespace; the number of its end signal is next to the flag
        said = call("syscall", resolve(b"clone"), 0x10000000 | 17, 0, 0, 0, 0)
        assert said == os.strerror(errno.EPERM)
        assert call("connect", "127.0.0.1", 9) == "PermissionError"


def test_the_sandbox_has_processes_of_its_own_only(sandbox):
    assert len(sandbox("pids")) <= 3


def test_the_environment_is_clean(sandbox, process, monkeypatch):
    monkeypatch.setenv("FLAXLINGS_TEST_TOKEN", "hush")
    for tier in ("sandbox", "process"):
        if tier == "sandbox" and bubblewrap.sandbox_lack():
            continue
        worker, call = probe(tier)
        environment = call("environment")
        command, argv = call("arguments")
        worker.close()
        assert "FLAXLINGS_TEST_TOKEN" not in environment
        assert environment["JAX_PLATFORMS"] == "cpu"
        assert environment["HOME"] != os.path.expanduser("~")
        assert "hush" not in " ".join([*command, *argv])


def test_the_disk_of_the_sandbox_is_limited(sandbox):
    if not bubblewrap._can_limit_size():
        pytest.skip("this bubblewrap does not limit the size of a tmpfs")
    written, error = sandbox("fill")
    assert error == "OSError" and written <= bubblewrap.SCRATCH_BYTES


def test_the_process_tier_starts_in_an_empty_folder_of_its_own(process):
    assert process("listing", ".") in (["p.py"], [".matplotlib", "p.py"])
    path = process("path")
    assert str(COURSE.root) not in path and "" not in path and os.getcwd() not in path
    assert process("try_import", "lib") == "imported"


@pytest.mark.parametrize("tier", ["sandbox", "process"])
def test_files_and_pieces_travel(tier, request):
    request.getfixturevalue(tier)
    worker, _ = probe(tier)
    try:
        files = {"in/a.txt": b"\x00\xff", "in/sub/ü b.txt": b""}
        worker.request({"do": "put_files", "files": files}, 30, 60)
        got = worker.request({"do": "get_files", "folder": "in"}, 30, 60)["value"]
        assert got == {"a.txt": b"\x00\xff", "sub/ü b.txt": b""}
        message = {"do": "piece", "name": "optax.sgd", "args": (0.1,), "kwargs": {}}
        assert isinstance(worker.request(message, 30, 60)["value"], HandleRef)
        for name in ("os.system", "lib.__dict__", "optax._src.base", "builtins.eval"):
            reply = worker.request({"do": "piece", "name": name, "args": (), "kwargs": {}}, 30, 60)
            assert "raised" in reply
    finally:
        worker.close()


def test_a_worker_ends_when_told_and_leaves_no_folder():
    worker = Worker("process", limits=Limits())
    folder = worker._launch.remove[0]
    worker.wait_ready()
    worker.close()
    worker.close()
    assert worker.process.returncode is not None and not os.path.exists(folder)


def test_choosing_a_tier(monkeypatch, tmp_path):
    assert tiers.choose("process") == "process"
    monkeypatch.setattr(bubblewrap, "sandbox_lack", lambda: None)
    assert tiers.choose("auto") == tiers.choose("sandbox") == "sandbox"
    monkeypatch.setattr(
        bubblewrap, "sandbox_lack", lambda: Lack("bubblewrap is not installed.", "install it")
    )
    monkeypatch.setattr(tiers, "user_lack", lambda private: None)
    assert tiers.choose("auto") == tiers.choose("user") == "user"
    monkeypatch.setattr(tiers, "user_lack", lambda private: Lack(f"open: {private[0]}"))
    assert tiers.choose("auto", [tmp_path]) == "process"
    with pytest.raises(tiers.IsolationError, match="not installed"):
        tiers.choose("sandbox")
    with pytest.raises(tiers.IsolationError, match=str(tmp_path)):
        tiers.choose("user", [tmp_path])


def test_a_course_inside_the_interpreters_folders_is_masked(monkeypatch, tmp_path):
    """As after `pip install .` into the environment: solutions next to lib in site-packages."""
    if bubblewrap.sandbox_lack():
        pytest.skip("no sandbox here")
    site = tmp_path / "site-packages"
    for name in ("solutions", "lib"):
        (site / name).mkdir(parents=True)
        (site / name / "week1.py").write_text("x = 1")
    from grader.course import Course

    monkeypatch.setattr(bubblewrap, "COURSE", Course(site, COURSE.checks))
    monkeypatch.setattr("sys.path", [*os.sys.path, str(site)])
    command = bubblewrap.sandbox_command("cpu")
    at = command.index("--tmpfs", command.index(str(site)))
    assert command[at + 1] == str(site / "solutions")


@pytest.mark.parametrize("way", ["up and down", "linked"])
def test_an_environment_may_be_reached_by_any_path(monkeypatch, tmp_path, way):
    """As with `../.venv/bin/python -m grader …`: the sandbox lacks the folder that `..` leaves."""
    if bubblewrap.sandbox_lack():
        pytest.skip("no sandbox here")
    folder, name = os.path.split(sys.executable)
    (tmp_path / "bin").symlink_to(folder)
    relative = os.path.relpath(folder, tmp_path) if way == "up and down" else "bin"
    monkeypatch.setattr(sys, "executable", os.path.join(tmp_path, relative, name))
    assert os.path.samefile(sys.executable, os.path.join(folder, name))
    worker, call = probe("sandbox")
    assert call("try_import", "lib") == "imported"
    worker.close()


def test_submissions_and_marks_may_not_lie_where_the_sandbox_looks(monkeypatch, tmp_path):
    monkeypatch.setattr(bubblewrap, "sandbox_lack", lambda: None)
    assert tiers.choose("sandbox", [tmp_path]) == "sandbox"
    with pytest.raises(tiers.IsolationError, match="/usr/marks is in a folder"):
        tiers.choose("sandbox", [tmp_path, Path("/usr/marks")])


@pytest.mark.parametrize(
    ("tier", "user", "release", "apart"),
    [
        ("user", 0, "4.4.0", True),
        ("process", 1000, "6.8.0-generic", False),
        ("sandbox", 0, "6.8.0-generic", False),
        ("sandbox", 1000, "6.8.0-generic", True),
        ("sandbox", 1000, "5.14", True),
        ("sandbox", 1000, "5.4.0", False),
    ],
)
def test_threads_are_limited_where_others_are_not_counted(monkeypatch, tier, user, release, apart):
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.setattr("platform.release", lambda: release)
    assert limits.counted_apart(tier) is apart
