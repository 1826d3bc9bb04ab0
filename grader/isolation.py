"""How much of the machine a worker sees: a sandbox, another user's eyes, or those of the grader.

| attack                                        | sandbox | user         | process                 |
| --------------------------------------------- | ------- | ------------ | ----------------------- |
| forges the verdict by what it answers         | stopped | stopped      | stopped                 |
| endless loop, memory, output, core dumps      | stopped | stopped      | stopped                 |
| processes that outlive the task               | stopped | stopped      | ended (macOS: mostly)   |
| reads solutions, checks, home, submissions    | stopped | stopped      | not stopped             |
| changes grader, rubric, `lib`, solutions      | stopped | stopped      | noticed, nothing counts |
| attacks the grader's process or its libraries | stopped | stopped      | not stopped             |
| signals other processes                       | stopped | stopped      | not stopped             |
| opens the network                             | stopped | stopped      | stopped by libseccomp   |
| leaves files outside its own folder           | stopped | removed      | not stopped             |
| fills the disk                                | stopped | file by file | file by file            |
| sees what else runs on the machine            | stopped | not stopped  | not stopped             |
| uses a forbidden piece of a library           | made difficult, in all                           |

Endless loops and forged answers are stopped in all because verdict, labels and expected values
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
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader import compiling, mending, other_user
from grader.course import COURSE
from grader.mending import Lack

TIERS = ("auto", "sandbox", "user", "process")
SCRATCH_BYTES = 512 * 2**20  # what a sandboxed worker may write in all
INSIDE = "/flaxlings"  # where the code is in the sandbox
INSIDE_HOME = "/tmp/work"
INSIDE_COMPILED = "/tmp/compiled"


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
      user: who the worker runs as, if not as the grader.
    """

    command: list[str]
    environment: dict[str, str]
    folder: str | None = None
    remove: list[str] = field(default_factory=list)
    user: other_user.Reserved | None = None

    def end_processes(self) -> None:
        """Ends what runs as the worker's own user, if it has one."""
        if self.user is not None:
            self.user.end_processes()

    def remove_files(self) -> None:
        """Removes what the worker may have left, when all its processes have ended."""
        for folder in self.remove:
            shutil.rmtree(folder, ignore_errors=True)
        if self.user is not None:
            self.user.release()


def choose(tier: str, private: Sequence[Path] = ()) -> str:
    """Returns the tier to use for the one that was asked for.

    Args:
      tier: one of `TIERS`; "auto" takes the best that works.
      private: folders beside the course's own that no student code may read; the sandbox hides
        all of them anyhow.

    Raises:
      IsolationError: if that tier cannot be had here.
    """
    if tier == "process":
        return "process"
    lacks = {
        "sandbox": lambda: sandbox_lack() or shown(private),
        "user": lambda: user_lack(tuple(str(path) for path in private)),
    }
    for name, lack in lacks.items():
        if tier in ("auto", name):
            found = lack()
            if found is None:
                return name
            if tier == name:
                raise IsolationError(f"--isolation {name} does not work here: {found}")
    return "process"


def data_folders(data: str) -> list[Path]:
    """Returns the folders with the labels of a source of images, which no student code may read.

    Args:
      data: "embedded", "tfds" or a folder.
    """
    if data == "embedded":
        return []
    if data == "tfds":
        from lib.data.published.tfds import default_folder

        return [default_folder()]
    return [Path(data)]


def shown(private: Sequence[Path]) -> Lack | None:
    """Returns a lack if one of these folders lies in one that the sandbox has to show."""
    seen = [os.path.realpath(path) for path in ("/usr", *_interpreter_folders())]
    for path in private:
        if _under(os.path.realpath(path), seen):
            return Lack(f"{path} lies in a folder that Python needs, and could be read.", "move it")
    return None


@functools.cache
def user_lack(private: tuple[str, ...] = ()) -> Lack | None:
    """Tries another user once; returns what this machine lacks for it, or None if it works.

    Args:
      private: as for `choose`.
    """
    own = [str(COURSE.root / name) for name in ("solutions", "grader", "tests", ".git")]
    home = os.path.expanduser("~")
    homes = [home] if home != "/" else []
    return other_user.lack([*own, *private], homes, _interpreter_folders())


@functools.cache
def sandbox_lack() -> Lack | None:
    """Tries bubblewrap once; returns what this machine lacks for it, or None if it works."""
    if sys.platform != "linux":
        return Lack("the sandbox needs Linux.")
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return Lack("bubblewrap is not installed.", mending.install("bubblewrap"))
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
    return mending.no_namespaces(result.stderr.decode("utf-8", "replace").strip()[-200:])


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
        # Started by root, bubblewrap leaves all capabilities, and with them what is mounted
        # read-only could be made writable again.
        *("--cap-drop", "ALL", "--hostname", "flaxlings", "--proc", "/proc", "--dev", "/dev"),
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


def _sandbox_command(device: str, compiled: str | None = None) -> list[str]:
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
    for name in ("solutions", "exercises", "grader", "tests", "benchmarks", ".git", ".flaxlings"):
        folder = COURSE.root / name
        if folder.is_dir() and _under(os.path.realpath(folder), real_mounts):
            arguments += ["--tmpfs", str(folder)]
    if device != "cpu":
        arguments += ["--ro-bind", "/sys", "/sys"]
        for path in sorted(Path("/dev").glob("nvidia*")) + sorted(Path("/dev").glob("accel*")):
            arguments += ["--dev-bind", str(path), str(path)]
    for source, target in code_files():
        arguments += ["--ro-bind", str(source), f"{INSIDE}/{target}"]
    if compiled is not None:
        arguments += ["--bind", compiled, INSIDE_COMPILED]
    arguments += ["--dir", INSIDE_HOME, "--chdir", INSIDE_HOME]
    # What bubblewrap itself made to hold these mounts is memory without a limit. In /proc, root's
    # user id alone would let it change the settings of the whole machine's kernel.
    arguments += ["--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/"]
    return arguments


def code_files() -> list[tuple[Path, str]]:
    """Returns what a worker gets of the course: (path, name beside the worker)."""
    here = Path(__file__).parent
    files = [
        (here / "worker.py", "worker.py"),
        (here / "frames.py", "frames.py"),
        (here / "syscall_filter.py", "syscall_filter.py"),
        (COURSE.root / "lib", "lib"),
    ]
    fonts = font_cache()
    return [*files, (fonts, fonts.name)] if fonts else files


def _environment(home: str, device: str, compiled: str | None = None) -> dict[str, str]:
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
        "XLA_FLAGS": compiling.quick_flags(),
    }
    if compiled is not None:
        environment["FLAXLINGS_COMPILED"] = compiled
    if device != "cpu":
        environment["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
        if "LD_LIBRARY_PATH" in os.environ:
            environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    return environment


def launch(tier: str, device: str = "cpu", compiled: str | None = None) -> Launch:
    """Returns how to start a worker in a tier.

    Args:
      tier: "sandbox", "user" or "process".
      device: "cpu", "gpu" or "tpu".
      compiled: a folder where this worker finds and leaves compiled code, for those that serve the
        same student again; not used in the tier "user", who could not enter it.

    Raises:
      other_user.NoUser: if this machine cannot run the worker as another user.
    """
    # -P is for the reader: -I already keeps the script's folder and the environment out.
    python = [sys.executable, "-I", "-P", "-B", "-u"]
    if tier == "sandbox":
        command = _sandbox_command(device, compiled)
        environment = _environment(INSIDE_HOME, device, compiled and INSIDE_COMPILED)
        for name, value in environment.items():
            command += ["--setenv", name, value]
        command += ["--", *python, f"{INSIDE}/worker.py"]
        return Launch(command, environment)
    user = None
    if tier == "user":
        # Asked again here: a class may be judged on another machine than the one that chose.
        lack = user_lack()
        if lack is not None:
            raise other_user.NoUser(str(lack))
        user = other_user.reserve()
    folder = tempfile.mkdtemp(prefix="flaxlings-")
    code, home = os.path.join(folder, "code"), os.path.join(folder, "work")
    os.mkdir(code)
    os.mkdir(home, mode=0o700)
    command = [*python, os.path.join(code, "worker.py")]
    environment = _environment(home, device, compiled if user is None else None)
    if user is None:
        for source, target in code_files():
            os.symlink(source, os.path.join(code, target))
    else:
        for source, target in code_files():
            # Where the course is, another user may have no way to.
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, os.path.join(code, target))
        for place, _, names in os.walk(code):  # whatever the umask is here and was at the checkout
            os.chmod(place, 0o755)
            for name in names:
                os.chmod(os.path.join(place, name), 0o644)
        os.chmod(folder, 0o711)
        os.chown(home, user.number, user.number)
        command = user.command(command)
    return Launch(command, environment, home, [folder], user)


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
