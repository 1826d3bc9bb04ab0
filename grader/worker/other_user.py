"""Runs a worker as a separate user: for root in a container that cannot make namespaces.

Every worker gets an unused user id. File permissions then decide what it may read, the kernel
decides which processes it may signal, and one call ends everything it has started.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from grader.worker import remedies
from grader.worker.inside import syscall_filter
from grader.worker.remedies import Lack

# Some of the ids that systemd reserves for users that live as long as a service; containers with
# their own user namespace have these ids, too.
USERS = range(61184, 61184 + 1024)
LOCKS = Path("/run/flaxlings-users")
OPEN_TO_ALL = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock")

# Waits for the worker and ends what it has left, even if the grader itself is killed.
GUARD = """\
trap : TERM
user=$1; shift
"$@" & wait $!; code=$?
setpriv --reuid="$user" --regid="$user" --clear-groups sh -c 'kill -KILL -1'
exit $code
"""
# Runs as another user: reports which files and folders that user can enter, which folders it can
# list, and which of those that it needs it cannot read.
LOOK = """\
import json, os, sys
closed, unlisted, needed = json.loads(sys.argv[1])
print(json.dumps([
    [p for p in closed if os.access(p, os.R_OK) or os.access(p, os.X_OK)]
    + [p for p in unlisted if os.access(p, os.R_OK)],
    [p for p in needed if not os.access(p, os.R_OK)]]))
"""


class NoUser(Exception):
    """There is no user to run a worker; the text says why."""


@dataclass
class Reserved:
    """A user id that belongs to one worker until `release`.

    Attributes:
      number: the id of the user and of its group.
      lock: a file that is open and locked as long as the id is taken.
    """

    number: int
    lock: IO[bytes]

    def command(self, inner: Sequence[str]) -> list[str]:
        """Returns the command that runs another one as this user and ends with this process."""
        guard = ["setpriv", "--pdeathsig=TERM", "sh", "-c", GUARD, "flaxlings-guard"]
        return [*guard, str(self.number), *_become(self.number), *inner]

    def end_processes(self) -> None:
        """Ends every process of this user at once, so that none can fork in the meantime."""
        subprocess.run(
            [*_become(self.number), "sh", "-c", "kill -KILL -1"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )

    def release(self) -> None:
        """Removes what the user has left, and frees the id."""
        if self.lock.closed:
            return
        self.remove_files()
        self.lock.close()

    def remove_files(self) -> None:
        """Removes the user's files in folders open to everyone, and its workers' folders."""
        temporary = tempfile.gettempdir()
        for work in Path(temporary).glob("flaxlings-*/work"):
            with contextlib.suppress(OSError):
                if work.lstat().st_uid == self.number:
                    shutil.rmtree(work.parent, ignore_errors=True)
        for place in {*OPEN_TO_ALL, temporary}:
            _remove_files(place, self.number)


def _become(number: int) -> list[str]:
    return [
        *("setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups"),
        *("--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "--pdeathsig=KILL", "--"),
    ]


def _remove_files(place: str, number: int) -> None:
    """Removes the entries of a folder that belong to a user, with everything in them."""
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if entry.stat(follow_symlinks=False).st_uid != number:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    os.unlink(entry.path)


def reserve() -> Reserved:
    """Takes a user id that no account, no process and no other worker has.

    Raises:
      NoUser: if there is none, or no place to note it.
    """
    try:
        LOCKS.mkdir(mode=0o700, exist_ok=True)
        status = LOCKS.lstat()
        if status.st_uid != os.getuid() or not stat.S_ISDIR(status.st_mode):
            raise NoUser(f"{LOCKS} belongs to another user. Remove it.")
        os.chmod(LOCKS, 0o700)
    except OSError as error:
        raise NoUser(f"{LOCKS} cannot be created: {error.strerror}.") from None
    busy = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            busy.update(process.uids())
    for number in USERS:
        if number in busy or _has_account(number):
            continue
        lock = open(LOCKS / str(number), "wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        user = Reserved(number, lock)
        user.remove_files()  # from an earlier worker whose grader was killed
        return user
    raise NoUser(f"all user ids from {USERS[0]} to {USERS[-1]} are taken.")


def _has_account(number: int) -> bool:
    try:
        pwd.getpwuid(number)
    except KeyError:
        return False
    return True


def lack(closed: Sequence[str], unlisted: Sequence[str], needed: Sequence[str]) -> Lack | None:
    """Tries it; returns what this machine lacks for workers of another user, or None if it works.

    Args:
      closed: files and folders that such a user must not be able to enter or read.
      unlisted: folders that it must not be able to list.
      needed: files and folders that it must be able to read, for Python to run.
    """
    if sys.platform != "linux":
        return Lack("another user for student code needs Linux.")
    if os.geteuid() != 0:
        return Lack("only root can give student code a separate user, as in a container.")
    if shutil.which("setpriv") is None:
        return Lack("setpriv is not installed.", remedies.install("util-linux"))
    if syscall_filter.library() is None:
        return Lack("libseccomp is not installed.", remedies.install("libseccomp2"))
    try:
        user = reserve()
    except NoUser as error:
        return Lack(str(error))
    try:
        paths = json.dumps([list(closed), list(unlisted), [*needed, tempfile.gettempdir()]])
        result = subprocess.run(
            [*_become(user.number), sys.executable, "-I", "-S", "-c", LOOK, paths],
            capture_output=True,
            timeout=20,
            stdin=subprocess.DEVNULL,
            cwd="/",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Lack(f"a process of another user does not start ({error}).")
    finally:
        user.release()
    elsewhere = "make the environment in a place that is open to everyone, such as /opt, with a "
    elsewhere += "Python that is, too"
    if result.returncode != 0:
        said = result.stderr.decode("utf-8", "replace").strip()[-200:]
        return Lack(f"Python does not start as another user ({said}).", elsewhere)
    readable, missing = json.loads(result.stdout)
    if (place := tempfile.gettempdir()) in missing:
        reason = f"another user cannot enter {place}, where workers have their files."
        return Lack(reason, "export TMPDIR=/tmp")
    if missing:
        paths = ", ".join(dict.fromkeys(missing))
        return Lack(f"another user cannot read what Python needs: {paths}.", elsewhere)
    if readable:
        return Lack(
            f"every user of this machine can read {', '.join(readable)}.",
            shlex.join(["chmod", "go=", *readable]),
        )
    return None
