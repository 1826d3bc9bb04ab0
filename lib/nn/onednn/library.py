"""oneDNN's shared library: finding it, saying why it is missing, and calling its functions."""

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
# The value 0 switches the library off.
SWITCH = "FLAXLINGS_ONEDNN"


class Lack(NamedTuple):
    """Why the library is not used.

    Attributes:
      reason: a clause to follow "oneDNN is not used: ".
      remedy: what to do about it, a command if there is one; empty if nothing can be done.
    """

    reason: str
    remedy: str = ""


class OneDnnError(RuntimeError):
    """The library refused a call."""


class Library:
    """The functions of the library.

    Attributes:
      briefly: for calls of a microsecond, which hold Python's lock.
      freely: for calls that compute, while other Python threads run.
      engine: the library's handle for this machine's processor.
    """

    def __init__(self, path: Path) -> None:
        """Loads the library.

        Raises:
          OSError: if it, or a library that it needs, cannot be loaded.
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
        # Also limits the library's own cache.
        self.briefly.dnnl_set_primitive_cache_capacity(256)

    def new(self, function: str, *arguments: Any) -> ctypes.c_void_p:
        """Calls a function that creates an object, and returns the object.

        Raises:
          OneDnnError: if it cannot be created.
        """
        made = ctypes.c_void_p()
        check(getattr(self.briefly, f"dnnl_{function}")(ctypes.byref(made), *arguments), function)
        return made


def check(status: int, function: str) -> None:
    """Raises OneDnnError unless a function's status is success."""
    if status:
        raise OneDnnError(f"oneDNN's {function} returned the status {status}")


@functools.cache
def find() -> Library | Lack:
    """Loads the library once; returns it, or the reason why it is not used."""
    if os.environ.get(SWITCH, "") == "0":
        return Lack(f"{SWITCH}=0 switches it off", f"unset {SWITCH}")
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return Lack("its library needs Linux on x86-64")
    install = f"{sys.executable} -m pip install {PACKAGE}"
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        return Lack(f"{PACKAGE} is not installed", install)
    paths = [Path(str(file.locate())) for file in files if file.name == FILE]
    if not paths or not paths[0].exists():
        where = paths[0] if paths else FILE
        return Lack(f"{PACKAGE} is installed, but {where} is missing", install)
    try:
        return Library(paths[0])
    except OSError as error:
        remedy = "apt-get install libgomp1" if "libgomp" in str(error) else install
        return Lack(f"its library does not load ({error})", remedy)
    except OneDnnError as error:
        return Lack(f"its library does not start ({error})", install)
