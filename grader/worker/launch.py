"""Says how to start one worker in each tier."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, field

from grader.worker import other_user, tiers, visible, xla_flags
from grader.worker.bubblewrap import INSIDE, INSIDE_COMPILED, INSIDE_HOME, sandbox_command

SCRIPT = "inside/worker.py"
ONEDNN_SWITCH = "FLAXLINGS_ONEDNN"  # as in lib.nn.onednn.library, which would import jax


@dataclass
class Launch:
    """How to start one worker.

    Attributes:
      command: the program and its arguments, up to the script; the supervisor adds the rest.
      environment: the worker's complete environment.
      folder: where to start it, or None.
      remove: folders to remove once the worker is gone.
      user: the user that the worker runs as, if not the grader's.
    """

    command: list[str]
    environment: dict[str, str]
    folder: str | None = None
    remove: list[str] = field(default_factory=list)
    user: other_user.Reserved | None = None

    def end_processes(self) -> None:
        """Ends everything that runs as the worker's own user, if it has one."""
        if self.user is not None:
            self.user.end_processes()

    def remove_files(self) -> None:
        """Removes what the worker may have left, once all its processes have ended."""
        for folder in self.remove:
            shutil.rmtree(folder, ignore_errors=True)
        if self.user is not None:
            self.user.release()


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
        "XLA_FLAGS": xla_flags.quick_flags(),
    }
    if compiled is not None:
        environment["FLAXLINGS_COMPILED"] = compiled
    if os.environ.get(ONEDNN_SWITCH) == "0":
        environment[ONEDNN_SWITCH] = "0"
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
      compiled: a folder where this worker finds and leaves compiled code, for workers that serve
        the same student again; unused in the tier "user", which could not enter it.

    Raises:
      other_user.NoUser: if this machine cannot run the worker as another user.
    """
    # -P is for the reader: -I already keeps the script's folder and the environment out.
    python = [visible.interpreter(), "-I", "-P", "-B", "-u"]
    if tier == "sandbox":
        command = sandbox_command(device, compiled)
        environment = _environment(INSIDE_HOME, device, compiled and INSIDE_COMPILED)
        for name, value in environment.items():
            command += ["--setenv", name, value]
        command += ["--", *python, f"{INSIDE}/{SCRIPT}"]
        return Launch(command, environment)
    user = None
    if tier == "user":
        # Ask again: another machine than the one that chose the tier may judge the class.
        lack = tiers.user_lack()
        if lack is not None:
            raise other_user.NoUser(str(lack))
        user = other_user.reserve()
    folder = tempfile.mkdtemp(prefix="flaxlings-")
    code, home = os.path.join(folder, "code"), os.path.join(folder, "work")
    os.mkdir(code)
    os.mkdir(home, mode=0o700)
    command = [*python, os.path.join(code, SCRIPT)]
    environment = _environment(home, device, compiled if user is None else None)
    if user is None:
        for source, target in visible.code_files():
            os.symlink(source, os.path.join(code, target))
    else:
        for source, target in visible.code_files():
            # Another user may have no access to the course's folder.
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, os.path.join(code, target))
        for place, _, names in os.walk(code):  # whatever the umask is now and was at the checkout
            os.chmod(place, 0o755)
            for name in names:
                os.chmod(os.path.join(place, name), 0o644)
        os.chmod(folder, 0o711)
        os.chown(home, user.number, user.number)
        command = user.command(command)
    return Launch(command, environment, home, [folder], user)
