"""oneDNN's shared library: where it is, why it is missing, and how its functions are called."""

from __future__ import annotations

import ctypes
import functools
import importlib.metadata
import os
import platform
import sys
from pathlib import Path
from typing import Any, NamedTuple

PACKAGE = "onednn-cpu-gomp"
FILE = "libdnnl.so.3"
# Set to 0, it switches the library off.
SWITCH = "FLAXLINGS_ONEDNN"


class Lack(NamedTuple):
    """Why the library is not used.

    Attributes:
      reason: a clause that follows "oneDNN is not used: ".
      mend: what to do about it, a command where there is one; empty if nothing can be done.
    """

    reason: str
    mend: str = ""


class OneDnnError(RuntimeError):
    """The library refused what it was asked for."""


class Library:
    """The functions of the library.

    Attributes:
      briefly: for calls of a microsecond, which keep Python's lock.
      freely: for calls that compute, while other Python threads run.
      engine: this machine's processor, as the library calls it.
    """

    def __init__(self, path: Path) -> None:
        """Loads the library.

        Raises:
          OSError: if it cannot be loaded, or something that it needs.
        """
        self.briefly, self.freely = ctypes.PyDLL(str(path)), ctypes.CDLL(str(path))
        address = ctypes.c_void_p
        self.briefly.dnnl_memory_set_data_handle.argtypes = [address, address]
        self.briefly.dnnl_memory_desc_get_size.argtypes = [address]
        self.briefly.dnnl_memory_desc_get_size.restype = ctypes.c_size_t
        self.briefly.dnnl_primitive_desc_query_md.argtypes = [address, ctypes.c_int, ctypes.c_int]
        self.briefly.dnnl_primitive_desc_query_md.restype = address
        self.freely.dnnl_primitive_execute.argtypes = [address, address, ctypes.c_int, address]
        self.engine = self.new("engine_create", 1, ctypes.c_size_t(0))
        # What this library keeps of its own accord is bounded too.
        self.briefly.dnnl_set_primitive_cache_capacity(256)

    def new(self, function: str, *arguments: Any) -> ctypes.c_void_p:
        """Calls a function that makes something, and returns what it made.

        Raises:
          OneDnnError: if it cannot be made.
        """
        made = ctypes.c_void_p()
        check(getattr(self.briefly, f"dnnl_{function}")(ctypes.byref(made), *arguments), function)
        return made


def check(status: int, function: str) -> None:
    """Raises OneDnnError unless a function's status is that of success."""
    if status:
        raise OneDnnError(f"oneDNN's {function} answered with status {status}")


@functools.cache
def find() -> Library | Lack:
    """Loads the library once; returns it, or why it is not used."""
    if os.environ.get(SWITCH, "") == "0":
        return Lack(f"{SWITCH}=0 switches it off", f"unset {SWITCH}")
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return Lack("its library is made for Linux on x86-64")
    install = f"{sys.executable} -m pip install {PACKAGE}"
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        return Lack(f"{PACKAGE} is not installed", install)
    paths = [Path(str(file.locate())) for file in files if file.name == FILE]
    if not paths or not paths[0].exists():
        where = paths[0] if paths else FILE
        return Lack(f"{PACKAGE} is installed, but {where} is not to be seen", install)
    try:
        return Library(paths[0])
    except OSError as error:
        mend = "apt-get install libgomp1" if "libgomp" in str(error) else install
        return Lack(f"its library does not load ({error})", mend)
    except OneDnnError as error:
        return Lack(f"its library does not start ({error})", install)
