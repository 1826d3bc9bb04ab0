"""XLA's foreign function interface: a compiled program calls Python, which shares out the work.

The structures are those of `xla/ffi/api/c_api.h`, which is part of jaxlib. XLA calls a handler in
one of XLA's threads, or, for a program of a few operations, in the thread that runs it.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import itertools
import math
import os
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

API_VERSION = (0, 1)  # has everything used here; XLA accepts it until an incompatible change
METADATA, EXECUTE, INTERNAL = 1, 3, 13  # an extension, a stage, the code of an error
CREATE_ERROR, SCHEDULE = 0, 11  # indices in the table of XLA's functions
_BYTES = {11: 4, 6: 1}  # sizes of the dtypes used here, float32 and uint8

_Address = ctypes.c_void_p


class _Version(ctypes.Structure):
    _fields_ = (
        ("struct_size", ctypes.c_size_t),
        ("extension", _Address),
        ("major", ctypes.c_int),
        ("minor", ctypes.c_int),
    )


class _Api(ctypes.Structure):
    _fields_ = (
        ("struct_size", ctypes.c_size_t),
        ("extension", _Address),
        ("version", _Version),
        ("internal", _Address),
        ("functions", _Address * (SCHEDULE + 1)),
    )


class _Metadata(ctypes.Structure):
    _fields_ = (("struct_size", ctypes.c_size_t), ("version", _Version))


class _Extension(ctypes.Structure):
    _fields_ = (
        ("struct_size", ctypes.c_size_t),
        ("type", ctypes.c_int),
        ("next", _Address),
        ("metadata", ctypes.POINTER(_Metadata)),
    )


class _Buffer(ctypes.Structure):
    _fields_ = (
        ("struct_size", ctypes.c_size_t),
        ("extension", _Address),
        ("dtype", ctypes.c_int),
        ("data", _Address),
        ("rank", ctypes.c_int64),
        ("dims", ctypes.POINTER(ctypes.c_int64)),
    )


class _Buffers(ctypes.Structure):
    _fields_ = (
        ("struct_size", ctypes.c_size_t),
        ("extension", _Address),
        ("size", ctypes.c_int64),
        ("types", _Address),
        ("buffers", ctypes.POINTER(ctypes.POINTER(_Buffer))),
    )


class _Array(ctypes.Structure):
    _fields_ = (
        ("dtype", ctypes.c_int),
        ("size", ctypes.c_size_t),
        ("data", ctypes.POINTER(ctypes.c_int64)),
    )


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("struct_size", ctypes.c_size_t),
        ("extension", _Address),
        ("size", ctypes.c_int64),
        ("types", _Address),
        ("names", _Address),
        ("values", ctypes.POINTER(ctypes.POINTER(_Array))),
    )


class _Frame(ctypes.Structure):
    _fields_ = (
        ("struct_size", ctypes.c_size_t),
        ("extension", ctypes.POINTER(_Extension)),
        ("api", ctypes.POINTER(_Api)),
        ("context", _Address),
        ("stage", ctypes.c_int),
        ("arguments", _Buffers),
        ("results", _Buffers),
        ("attributes", _Attributes),
    )


class _Error(ctypes.Structure):
    _fields_ = (
        ("struct_size", ctypes.c_size_t),
        ("extension", _Address),
        ("message", ctypes.c_char_p),
        ("code", ctypes.c_int),
    )


class _Task(ctypes.Structure):
    _fields_ = (
        ("struct_size", ctypes.c_size_t),
        ("extension", _Address),
        ("context", _Address),
        ("task", _Address),
        ("data", _Address),
    )


class Buffer(NamedTuple):
    """An array of a call, contiguous, with the last axis innermost.

    Attributes:
      address: the address of its first number.
      shape: its shape.
      itemsize: bytes of a number.
    """

    address: int
    shape: tuple[int, ...]
    itemsize: int

    def at(self, place: int) -> int:
        """The address of an index along the first axis."""
        return self.address + place * self.itemsize * math.prod(self.shape[1:])


class Call:
    """One call of a compiled program.

    Attributes:
      arguments: arrays to read.
      results: arrays to write.
      numbers: the program's other arguments, whole numbers.
    """

    def __init__(self, frame: _Frame) -> None:
        self.arguments = _buffers(frame.arguments)
        self.results = _buffers(frame.results)
        array = frame.attributes.values[0].contents
        self.numbers = tuple(array.data[: array.size])
        self._frame = frame

    def share(self, count: int, work: Callable[[int], None]) -> None:
        """Calls `work` with every number below `count`, in this thread and in idle threads of XLA.

        Raises:
          BaseException: the first error of `work`, when all threads have stopped.
        """
        team = _Team(count, work)
        try:
            for seat in range(count - 1):
                self._schedule(functools.partial(team.help, seat))
            team.work_on()
        finally:
            team.close()
        if team.errors:
            raise team.errors[0]

    def _schedule(self, help: Callable[[], None]) -> None:
        number = next(_numbers)
        _helpers[number] = help
        task = _Task(ctypes.sizeof(_Task), None, self._frame.context, _TASK_ADDRESS, number)
        if _function(self._frame.api, SCHEDULE)(ctypes.byref(task)):
            del _helpers[number]  # XLA has no threads to spare: this one does all the work


def _buffers(several: _Buffers) -> list[Buffer]:
    each = (several.buffers[place].contents for place in range(several.size))
    return [
        Buffer(buffer.data, tuple(buffer.dims[: buffer.rank]), _BYTES[buffer.dtype])
        for buffer in each
    ]


@functools.lru_cache(maxsize=16)
def _function_at(address: int) -> Callable[..., int | None]:
    return ctypes.CFUNCTYPE(_Address, _Address)(address)


def _function(api: Any, place: int) -> Callable[..., int | None]:
    return _function_at(api.contents.functions[place])


class _Team:
    """Threads that take numbers from the same list until it is empty.

    Each seat goes to the first thread that asks for it: a helper or, at the end, the caller. The
    caller waits for working helpers, but never for one that has not begun. Nothing can hang if
    XLA's threads are busy with other work, or gone as in a forked process.
    """

    def __init__(self, count: int, work: Callable[[int], None]) -> None:
        self.errors: list[BaseException] = []
        self._left, self._work = iter(range(count)), work
        self._owners: dict[int, str] = {}
        self._ended: set[int] = set()
        self._ends = [threading.Lock() for _ in range(count - 1)]
        for end in self._ends:
            end.acquire()

    def work_on(self) -> None:
        try:
            for number in self._left:
                self._work(number)
        except BaseException as error:  # raised again in the thread of the call
            self.errors.append(error)

    def help(self, seat: int) -> None:
        if self._owners.setdefault(seat, "helper") == "helper":
            self.work_on()
            self._ended.add(seat)
            self._ends[seat].release()

    def close(self) -> None:
        for seat in range(len(self._ends)):
            # Helpers write to the results, so this repeats until they have ended, even if it is
            # interrupted anywhere: each step can be repeated safely.
            while not self._is_over(seat):
                pass

    def _is_over(self, seat: int) -> bool:
        try:
            if self._owners.setdefault(seat, "caller") == "helper" and seat not in self._ended:
                self._ends[seat].acquire(timeout=0.1)
            return self._owners[seat] == "caller" or seat in self._ended
        except BaseException as error:
            self.errors.append(error)
            return False


_numbers = itertools.count(1)
_helpers: dict[int, Callable[[], None]] = {}  # by number: the helpers that have not finished


def _run_task(number: int) -> None:
    help = _helpers.get(number)
    if help is not None:
        help()
        del _helpers[number]


def _address_of(function: Any) -> int:
    address = ctypes.cast(function, _Address).value
    assert address is not None
    return address


_TASK = ctypes.CFUNCTYPE(None, _Address)(_run_task)
_TASK_ADDRESS = _address_of(_TASK)


# The outcomes of calls, the latest last: None, or the address of an error. The first entries are
# errors created in advance, for a handler that raises before its first line, for example after
# Ctrl-C. ctypes would then return whatever number it finds, and XLA would take it for success or
# for the address of an error. So a handler puts its outcome into this list, and C pops it.
_outcomes: list[int | None] = []
_take_outcome = functools.partial(next, iter(_outcomes.pop, object()))
_handlers: list[Any] = []  # keeps the functions alive that XLA calls


def _new_error(api: Any, text: str) -> int | None:
    args = _Error(ctypes.sizeof(_Error), None, text.encode(), INTERNAL)
    return _function(api, CREATE_ERROR)(ctypes.byref(args))


class _State:
    used = False  # there may be programs with calls
    ending = False


_state = _State()


def _answer(compute: Callable[[Call], None], address: int) -> None:
    outcomes = _outcomes
    frame = _Frame.from_address(address)
    outcome = None
    while len(outcomes) < 4:
        outcomes.insert(0, _new_error(frame.api, "KeyboardInterrupt: as it began"))
    try:
        if frame.extension and frame.extension.contents.type == METADATA:
            version = frame.extension.contents.metadata.contents.version
            version.major, version.minor = API_VERSION
        elif _state.ending:
            raise RuntimeError("Python is about to end")
        elif frame.stage == EXECUTE:
            compute(Call(frame))
    except BaseException as error:
        outcome = _new_error(frame.api, f"{type(error).__name__}: {error}")
    # Not with `append`: another thread may run between a function call and the next line.
    outcomes += [outcome]


def call(name: str, results: Any, *arrays: jax.Array, numbers: np.ndarray) -> Any:
    """Calls a registered function in a compiled program.

    Args:
      name: the name of the function.
      results: shapes and dtypes of its results, in the form for `jax.ffi.ffi_call`.
      arrays: its inputs.
      numbers: its other arguments, (n,), int64.

    Returns:
      Its results.
    """
    _state.used = True
    run = jax.ffi.ffi_call(name, results, vmap_method="sequential")
    return run(*arrays, numbers=numbers)


def register(name: str, compute: Callable[[Call], None]) -> None:
    """Registers a function with XLA on CPU; loads nothing and starts no device.

    Args:
      name: the name in compiled programs, including those that other processes have saved: a
        function with another meaning needs another name.
      compute: handles a call.
    """
    answer = ctypes.CFUNCTYPE(None, _Address)(functools.partial(_answer, compute))
    outcome = ctypes.PYFUNCTYPE(ctypes.c_int, _Address)(_address_of(answer))
    outcome.restype = _take_outcome
    handler = ctypes.CFUNCTYPE(_Address, _Address)(outcome)
    _handlers.extend((answer, handler))
    jax.ffi.register_ffi_target(name, jax.ffi.pycapsule(handler), platform="cpu")


# A forked process has none of XLA's threads, so these helpers would never run.
os.register_at_fork(after_in_child=_helpers.clear)


@atexit.register
def _finish() -> None:
    """Ends running programs: a thread that calls Python after its end hangs the entire process.

    XLA starts a thread's programs in order, so one more program ends after all others. The others
    end early, with an error at their next call that no one sees.
    """
    if not _state.used:
        return
    _state.ending = True
    with contextlib.suppress(Exception):
        jax.block_until_ready(jnp.zeros(()) + 1)
    for array in jax.live_arrays():
        with contextlib.suppress(Exception):
            array.block_until_ready()
    while _helpers:
        time.sleep(0.001)
