"""How much of the machine a worker sees: a bubblewrap sandbox, or a plain process with limits.

| attack                                        | sandbox | process                  |
| --------------------------------------------- | ------- | ------------------------ |
| reads solutions, checks, home                 | stopped | not stopped              |
| opens the network                             | stopped | not stopped              |
| writes outside its own folder                 | stopped | not stopped              |
| changes grader, rubric, `lib`, solutions      | stopped | noticed, nothing counts  |
| processes that outlive the task               | stopped | ended (macOS: mostly)    |
| endless loop, memory, output, core dumps      | stopped | stopped                  |
| forges the verdict by what it answers         | stopped | stopped                  |
| attacks the grader's process or its libraries | stopped | not stopped              |
| uses a forbidden piece of a library           | made difficult, in both            |

Endless loops and forged answers are stopped in both because verdict, labels and expected values
never are in the worker's process at all, and the limits are watched from outside. As a plain
process student code has the rights of whoever grades: for one's own work, not for marks.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from grader.course import COURSE

TIERS = ("auto", "sandbox", "user", "process")
SCRATCH_BYTES = 512 * 2**20  # what a sandboxed worker may write in all
INSIDE = "/flaxlings"  # where the code is in the sandbox
INSIDE_HOME = "/tmp/work"


class IsolationError(Exception):
    """A tier that was asked for is not to be had here; the text says why and what to do."""


@dataclass
class Launch:
    """How to start one worker.

    Attributes:
      command: the program and its arguments, up to the script; the supervisor adds the rest.
      environment: the whole environment of the worker.
      folder: where to start it, or None.
      remove: folders to remove when the worker is gone.
    """

    command: list[str]
    environment: dict[str, str]
    folder: str | None = None
    remove: list[str] = field(default_factory=list)


def choose(tier: str) -> str:
    """Returns the tier to use for the one that was asked for.

    Args:
      tier: one of `TIERS`; "auto" takes the sandbox where it works.

    Raises:
      IsolationError: if that tier cannot be had here.
    """
    if tier == "user":
        raise IsolationError(
            "--isolation user is not available yet. Use --isolation sandbox (bubblewrap) or "
            "--isolation process."
        )
    if tier == "process":
        return "process"
    reason = why_no_sandbox()
    if tier == "sandbox" and reason:
        raise IsolationError(f"--isolation sandbox does not work here: {reason}")
    return "process" if reason else "sandbox"


@functools.cache
def why_no_sandbox() -> str:
    """Tries bubblewrap once; returns "" if it works, else one sentence with the way to mend it."""
    if sys.platform != "linux":
        return "the sandbox needs Linux; on this system student code runs as a plain process."
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return "bubblewrap is not installed. Install it, for example: sudo apt install bubblewrap"
    command = [bwrap, *_base(), "--ro-bind", "/usr", "/usr", *_links(), "/usr/bin/env", "true"]
    try:
        result = subprocess.run(command, capture_output=True, timeout=10, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not start ({error})."
    if result.returncode == 0:
        return ""
    said = result.stderr.decode("utf-8", "replace").strip()[-200:]
    return (
        f"bubblewrap is installed but may not make namespaces here ({said}). Allow them: "
        "sudo sysctl kernel.unprivileged_userns_clone=1 "
        "kernel.apparmor_restrict_unprivileged_userns=0, or in a container "
        "--security-opt seccomp=unconfined --security-opt systempaths=unconfined"
    )


@functools.cache
def _can_limit_size() -> bool:
    """True if this bubblewrap knows --size (0.7 and later)."""
    try:
        text = subprocess.run(["bwrap", "--help"], capture_output=True, timeout=10).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    return b"--size" in text


def _base() -> list[str]:
    size = ["--size", str(SCRATCH_BYTES)] if _can_limit_size() else []
    return [
        *("--unshare-all", "--die-with-parent", "--new-session", "--clearenv"),
        *("--hostname", "flaxlings", "--proc", "/proc", "--dev", "/dev"),
        *(*size, "--tmpfs", "/tmp", *size, "--tmpfs", "/dev/shm"),
    ]


def _links() -> list[str]:
    """Arguments for /lib, /lib64, /bin, /sbin: links where the system has links, else mounts."""
    arguments = []
    for name in ("/lib", "/lib32", "/lib64", "/bin", "/sbin"):
        if os.path.islink(name):
            arguments += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            arguments += ["--ro-bind", name, name]
    return arguments


def _interpreter_folders() -> list[str]:
    """Returns the parts of the interpreter's prefixes that Python needs, and no others.

    Never a whole prefix: with the environment made in the course folder it could hold the
    solutions.
    """
    found = []
    for prefix in dict.fromkeys((sys.prefix, sys.exec_prefix, sys.base_prefix)):
        for part in ("bin", "lib", "lib64", "pyvenv.cfg"):
            path = os.path.join(prefix, part)
            if os.path.exists(path):
                found.append(path)
    real = os.path.realpath(sys.executable)
    found.append(os.path.dirname(real))
    return found + library_paths()


def library_paths() -> list[str]:
    """Returns the folders of installed packages, for a worker that ignores the user's own."""
    return [
        path
        for path in sys.path
        if os.path.isabs(path)
        and os.path.isdir(path)
        and os.path.basename(path) in ("site-packages", "dist-packages")
    ]


def _under(path: str, folders: list[str]) -> bool:
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def _sandbox_command(device: str) -> list[str]:
    bwrap = shutil.which("bwrap") or "bwrap"
    mounts = ["/usr"]
    arguments = [bwrap, *_base(), "--ro-bind", "/usr", "/usr", *_links()]
    for name in ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime"):
        if os.path.exists(name):
            arguments += ["--ro-bind", name, name]
    if os.path.isdir("/etc/alternatives"):
        arguments += ["--ro-bind", "/etc/alternatives", "/etc/alternatives"]
    for path in _interpreter_folders():
        if not _under(path, mounts):
            arguments += ["--ro-bind", path, path]
            mounts.append(path)
    # Should the course itself be among these (installed into the environment), hide all but lib.
    real_mounts = [os.path.realpath(path) for path in mounts]
    for name in ("solutions", "exercises", "grader", "tests", "benchmarks"):
        folder = COURSE.root / name
        if folder.is_dir() and _under(os.path.realpath(folder), real_mounts):
            arguments += ["--tmpfs", str(folder)]
    if device != "cpu":
        arguments += ["--ro-bind", "/sys", "/sys"]
        for path in sorted(Path("/dev").glob("nvidia*")) + sorted(Path("/dev").glob("accel*")):
            arguments += ["--dev-bind", str(path), str(path)]
    for source, target in code_files():
        arguments += ["--ro-bind", str(source), f"{INSIDE}/{target}"]
    arguments += ["--dir", INSIDE_HOME, "--chdir", INSIDE_HOME]
    # What bubblewrap itself made to hold these mounts is memory without a limit.
    arguments += ["--remount-ro", "/dev", "--remount-ro", "/"]
    return arguments


def code_files() -> list[tuple[Path, str]]:
    """Returns what a worker gets of the course: (path, name beside the worker)."""
    here = Path(__file__).parent
    files = [
        (here / "worker.py", "worker.py"),
        (here / "frames.py", "frames.py"),
        (COURSE.root / "lib", "lib"),
    ]
    fonts = font_cache()
    return [*files, (fonts, fonts.name)] if fonts else files


def _environment(home: str, device: str) -> dict[str, str]:
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": "/tmp" if home == INSIDE_HOME else home,
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "JAX_PLATFORMS": {"cpu": "cpu", "gpu": "cuda", "tpu": "tpu"}[device],
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
    if device != "cpu":
        environment["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
        if "LD_LIBRARY_PATH" in os.environ:
            environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    return environment


def launch(tier: str, device: str = "cpu") -> Launch:
    """Returns how to start a worker in a tier.

    Args:
      tier: "sandbox" or "process".
      device: "cpu", "gpu" or "tpu".
    """
    # -P is for the reader: -I already keeps the script's folder and the environment out.
    python = [sys.executable, "-I", "-P", "-B", "-u"]
    if tier == "sandbox":
        command = _sandbox_command(device)
        environment = _environment(INSIDE_HOME, device)
        for name, value in environment.items():
            command += ["--setenv", name, value]
        command += ["--", *python, f"{INSIDE}/worker.py"]
        return Launch(command, environment)
    folder = tempfile.mkdtemp(prefix="flaxlings-")
    code, home = os.path.join(folder, "code"), os.path.join(folder, "work")
    os.mkdir(code)
    os.mkdir(home)
    for source, target in code_files():
        os.symlink(source, os.path.join(code, target))
    return Launch(
        [*python, os.path.join(code, "worker.py")], _environment(home, device), home, [folder]
    )


def font_cache() -> Path | None:
    """Returns matplotlib's list of this machine's fonts, if it has made one."""
    places = [
        os.environ.get("MPLCONFIGDIR", ""),
        os.path.expanduser("~/.cache/matplotlib"),
        os.path.expanduser("~/.matplotlib"),
    ]
    for place in filter(None, places):
        for path in sorted(Path(place).glob("fontlist-v*.json"), reverse=True):
            return path
    return None
