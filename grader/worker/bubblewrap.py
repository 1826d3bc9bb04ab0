"""The sandbox: a worker in bubblewrap, with no network, no home and read-only code."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from grader.course import COURSE
from grader.worker import remedies, visible
from grader.worker.remedies import Lack
from grader.worker.visible import interpreter_folders, is_under

SCRATCH_BYTES = 512 * 2**20  # what a sandboxed worker may write in total
INSIDE = "/flaxlings"  # where the code is in the sandbox
INSIDE_HOME = "/tmp/work"
INSIDE_COMPILED = "/tmp/compiled"


@functools.cache
def sandbox_lack() -> Lack | None:
    """Tries bubblewrap once; returns what this machine lacks for that, or None if it works."""
    if sys.platform != "linux":
        return Lack("the sandbox needs Linux.")
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return Lack("bubblewrap is not installed.", remedies.install("bubblewrap"))
    command = [bwrap, *_base(), "--ro-bind", "/usr", "/usr", *_links(), "--remount-ro", "/proc"]
    try:
        result = subprocess.run(
            [*command, "/usr/bin/env", "true"],
            capture_output=True,
            timeout=10,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Lack(f"bubblewrap does not start ({error}).")
    if result.returncode == 0:
        return None
    return remedies.no_namespaces(result.stderr.decode("utf-8", "replace").strip()[-200:])


@functools.cache
def _can_limit_size() -> bool:
    """True if this bubblewrap has --size (0.7 and later)."""
    try:
        text = subprocess.run(["bwrap", "--help"], capture_output=True, timeout=10).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    return b"--size" in text


def _base() -> list[str]:
    size = ["--size", str(SCRATCH_BYTES)] if _can_limit_size() else []
    return [
        *("--unshare-all", "--die-with-parent", "--new-session", "--clearenv"),
        # Started by root, bubblewrap keeps all capabilities, which would allow the worker to make
        # read-only mounts writable again.
        *("--cap-drop", "ALL", "--hostname", "flaxlings", "--proc", "/proc", "--dev", "/dev"),
        *(*size, "--tmpfs", "/tmp", *size, "--tmpfs", "/dev/shm"),
    ]


def _links() -> list[str]:
    """Returns arguments for /lib, /lib64, /bin, /sbin: links if the system has links, or mounts."""
    arguments = []
    for name in ("/lib", "/lib32", "/lib64", "/bin", "/sbin"):
        if os.path.islink(name):
            arguments += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            arguments += ["--ro-bind", name, name]
    return arguments


def sandbox_command(device: str, compiled: str | None = None) -> list[str]:
    """Returns bubblewrap and its arguments, up to the program to run."""
    bwrap = shutil.which("bwrap") or "bwrap"
    mounts = ["/usr"]
    arguments = [bwrap, *_base(), "--ro-bind", "/usr", "/usr", *_links()]
    for name in ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime"):
        if os.path.exists(name):
            arguments += ["--ro-bind", name, name]
    if os.path.isdir("/etc/alternatives"):
        arguments += ["--ro-bind", "/etc/alternatives", "/etc/alternatives"]
    for path in interpreter_folders():
        if not is_under(path, mounts):
            arguments += ["--ro-bind", path, path]
            mounts.append(path)
    # If the course itself is among these (installed into the environment), hide all but lib.
    real_mounts = [os.path.realpath(path) for path in mounts]
    for name in ("solutions", "exercises", "grader", "tests", "benchmarks", ".git", ".flaxlings"):
        folder = COURSE.root / name
        if folder.is_dir() and is_under(os.path.realpath(folder), real_mounts):
            arguments += ["--tmpfs", str(folder)]
    if device != "cpu":
        arguments += ["--ro-bind", "/sys", "/sys"]
        for path in sorted(Path("/dev").glob("nvidia*")) + sorted(Path("/dev").glob("accel*")):
            arguments += ["--dev-bind", str(path), str(path)]
    for source, target in visible.code_files():
        arguments += ["--ro-bind", str(source), f"{INSIDE}/{target}"]
    if compiled is not None:
        arguments += ["--bind", compiled, INSIDE_COMPILED]
    arguments += ["--dir", INSIDE_HOME, "--chdir", INSIDE_HOME]
    # The folders that bubblewrap made to hold these mounts are memory without a limit. In /proc,
    # root's user id would be enough to change the settings of the machine's kernel.
    arguments += ["--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/"]
    return arguments
