"""Compiled code kept on disk, so that a program that has run before starts faster.

JAX can do this by itself; here is what makes it safe. What is kept is machine code that will be
run, so the folder must be the user's own. And code made for one processor may stop the program on
another, where a home folder is shared, so each kind of processor has a folder of its own.
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
    """Keeps what JAX compiles from now on, and takes what was kept earlier.

    Call it first thing in a program. Results are the same bits with and without it. Code is kept
    by program, versions and options; delete the folder to get rid of it.

    Args:
      folder: where to, instead of any folder before; None means `compiled` in this course's cache
        (`$XDG_CACHE_HOME/flaxlings` or `~/.cache/flaxlings`). It is made if it is missing.

    Returns:
      The folder of this kind of processor, in `folder`.

    Raises:
      PermissionError: if the folder belongs to somebody else, or others may write into it.
      OSError: if it cannot be made.
    """
    base = cache_folder() / "compiled" if folder is None else Path(folder).expanduser()
    base.mkdir(parents=True, exist_ok=True, mode=0o700)
    own = base / _processor()
    own.mkdir(exist_ok=True, mode=0o700)
    for each in (base, own):
        _check_private(each)
    compilation_cache.reset_cache()  # one that is in use already would go on being used
    jax.config.update("jax_compilation_cache_dir", str(own))
    # By default JAX leaves out what compiles within a second, which is most of a training.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    return own


def _check_private(folder: Path) -> None:
    about = folder.stat()
    if hasattr(os, "getuid") and about.st_uid != os.getuid():
        raise PermissionError(
            f"{folder} belongs to another user, and compiled code in it would be run as you: "
            "choose another folder."
        )
    if os.name == "posix" and about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(
            f"Others may write into {folder}, and compiled code in it would be run as you: "
            f"take that right away (chmod go-w {folder}) or choose another folder."
        )


def _processor() -> str:
    """A name for this kind of processor: its architecture and a hash of what it can do."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = [f"flags {platform.processor()}"]
    # x86 calls them flags, ARM features.
    abilities = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    return f"{platform.machine()}-{hashlib.sha256(abilities.encode()).hexdigest()[:12]}"
