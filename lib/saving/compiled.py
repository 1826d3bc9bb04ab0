"""Saves compiled code on disk, so that a program that has run before starts faster.

JAX can do this alone; this module makes it safe. The saved files are machine code that will be run,
so the folder must belong to the user. If machines share a home directory, code for one processor
may crash on another, so each kind of processor has a separate folder.
"""

import hashlib
import os
import platform
import stat
from pathlib import Path

import jax
from jax.experimental.compilation_cache import compilation_cache

from lib.saving.cache import cache_folder


def keep_compiled(folder: str | Path | None = None) -> Path:
    """Saves the code that JAX compiles from now on, and reuses saved code.

    Call it at the start of a program. Results have the same bits with and without it. Code is saved
    by program, versions and options; delete the folder to remove it.

    Args:
      folder: the folder, instead of any earlier one; None means `compiled` in this course's cache
        (`$XDG_CACHE_HOME/flaxlings` or `~/.cache/flaxlings`). It is created if it does not exist.

    Returns:
      The folder for this kind of processor, in `folder`.

    Raises:
      PermissionError: if the folder belongs to another user, or others may write to it.
      OSError: if it cannot be created.
    """
    base = cache_folder() / "compiled" if folder is None else Path(folder).expanduser()
    base.mkdir(parents=True, exist_ok=True, mode=0o700)
    own = base / _processor()
    own.mkdir(exist_ok=True, mode=0o700)
    for each in (base, own):
        _check_private(each)
    compilation_cache.reset_cache()  # otherwise JAX continues to use an earlier cache
    jax.config.update("jax_compilation_cache_dir", str(own))
    # By default JAX does not save what compiles within a second, which is most of a training.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    return own


def _check_private(folder: Path) -> None:
    about = folder.stat()
    if hasattr(os, "getuid") and about.st_uid != os.getuid():
        raise PermissionError(
            f"{folder} belongs to another user, whose compiled code would run under your name: "
            "choose another folder."
        )
    if os.name == "posix" and about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(
            f"Others may write to {folder}, and their compiled code would run under your name: "
            f"remove that permission (chmod go-w {folder}) or choose another folder."
        )


def _processor() -> str:
    """A name for this kind of processor: its architecture and a hash of its features."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = [f"flags {platform.processor()}"]
    # x86 calls them flags, ARM features.
    abilities = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return f"{platform.machine()}-{hashlib.sha256(abilities.encode()).hexdigest()[:12]}"
