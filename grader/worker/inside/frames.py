"""Typed frames: the only thing that crosses between the grader and a worker.

A frame is a magic word, a length and one value. A value is None, bool, int, float, str, bytes,
list, tuple, dict with string keys, array, random key or handle, by exact type. Nothing is ever
unpickled or evaluated, so a hostile frame can be refused but cannot run.

Both sides import this file, the worker from a separate folder, so it needs only the standard
library and NumPy.
"""

from __future__ import annotations

import collections
import struct
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

MAGIC = b"FLX1"
HEADER = struct.Struct("<4sQ")
MAX_BYTES = 64 * 2**20  # one frame; the 60,000 MNIST images (45 MiB) fit
MAX_DEPTH = 32  # parameter trees are rarely deeper than 6
MAX_ITEMS = 1_000_000  # values in one frame: tiny values then take less than 100 MB of objects
MAX_INT_BYTES = 512  # an int of 4096 bits
MAX_AXES = 16

DTYPES = (
    "bool",
    *("int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64"),
    *("float16", "bfloat16", "float32", "float64"),
    *("complex64", "complex128"),
)


class FrameError(ValueError):
    """A value or a frame cannot cross the boundary; the text says why."""


@dataclass(frozen=True)
class HandleRef:
    """Names an object that stays in the worker.

    Attributes:
      number: the worker's number for the object.
      kind: what the worker calls it ("Dense", "a generator"); a claim, for messages only.
    """

    number: int
    kind: str = ""


@dataclass(frozen=True)
class KeyData:
    """A random key: the uint32 words of a `jax.random.key`."""

    data: np.ndarray


@dataclass(frozen=True)
class HostArray:
    """An array that should reach the student as a NumPy array; others become JAX arrays."""

    array: np.ndarray


def dtype_named(name: str) -> np.dtype:
    """Returns the dtype with one of the names in `DTYPES`.

    Raises:
      FrameError: for any other name.
    """
    if name not in DTYPES:
        raise FrameError(f"arrays of dtype {name[:40]!r} are not supported")
    if name == "bfloat16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(name)


def _plain_array(value: Any) -> np.ndarray | KeyData | None:
    """Returns a NumPy array or key for an array-like of an exact known type, or else None."""
    kind = type(value)
    if kind is np.ndarray:
        return value
    if isinstance(value, np.generic):
        return np.asarray(value)
    if kind.__module__.startswith(("jaxlib", "jax.")):
        import jax
        from jax.core import Tracer

        if isinstance(value, jax.Array) and not isinstance(value, Tracer):
            if jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
                return KeyData(np.asarray(jax.random.key_data(value)))
            return np.asarray(value)
    return None


class _Writer:
    """Collects the bytes of one value, within the limits."""

    def __init__(self, keep: Callable[[Any], HandleRef] | None, keys_as_data: bool) -> None:
        self.parts: list[bytes] = []
        self.size = 0
        self.items = 0
        self.keep = keep
        self.keys_as_data = keys_as_data

    def raw(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > MAX_BYTES:
            raise FrameError(f"a value of more than {MAX_BYTES >> 20} MiB is too large")
        self.parts.append(data)

    def sized(self, tag: bytes, data: bytes) -> None:
        self.raw(tag + struct.pack("<Q", len(data)))
        self.raw(data)

    def array(self, tag: bytes, array: np.ndarray) -> None:
        name = array.dtype.name
        if name not in DTYPES or array.ndim > MAX_AXES:
            raise FrameError(f"an array of dtype {name} with {array.ndim} axes is not supported")
        if self.size + array.nbytes > MAX_BYTES:
            raise FrameError(
                f"an array of shape {array.shape} {name} is {array.nbytes >> 20} MiB; "
                f"at most {MAX_BYTES >> 20} MiB are allowed"
            )
        data = np.ascontiguousarray(array)
        if data.dtype.byteorder == ">":
            data = data.astype(data.dtype.newbyteorder("<"))
        self.raw(tag + bytes([DTYPES.index(name), array.ndim]))
        self.raw(struct.pack(f"<{array.ndim}Q", *array.shape))
        self.raw(data.tobytes())

    def value(self, value: Any, depth: int) -> None:
        self.items += 1
        if self.items > MAX_ITEMS:
            raise FrameError(f"more than {MAX_ITEMS:,} values are too many")
        if depth > MAX_DEPTH:
            raise FrameError(f"a value nested more than {MAX_DEPTH} deep is not supported")
        kind = type(value)
        if value is None:
            self.raw(b"N")
        elif kind is bool:
            self.raw(b"T" if value else b"F")
        elif kind is int:
            size = value.bit_length() // 8 + 1
            if size > MAX_INT_BYTES:
                raise FrameError(f"an int of more than {MAX_INT_BYTES * 8} bits is too large")
            self.sized(b"i", value.to_bytes(size, "little", signed=True))
        elif kind is float:
            self.raw(b"f" + struct.pack("<d", value))
        elif kind is str:
            self.sized(b"s", value.encode("utf-8", "surrogatepass"))
        elif kind is bytes:
            self.sized(b"b", value)
        elif kind is list or kind is tuple:
            self.raw((b"l" if kind is list else b"t") + struct.pack("<Q", len(value)))
            for item in value:
                self.value(item, depth + 1)
        elif kind is HandleRef:
            self.raw(b"h" + struct.pack("<Q", value.number))
            self.sized(b"s", value.kind.encode("utf-8", "replace")[:200])
        elif kind is KeyData:
            self.array(b"a" if self.keys_as_data else b"k", value.data)
        elif kind is HostArray:
            self.array(b"A", value.array)
        elif _is_data_dict(value):
            self.raw(b"d" + struct.pack("<Q", len(value)))
            for key, item in value.items():
                self.sized(b"s", key.encode("utf-8", "surrogatepass"))
                self.value(item, depth + 1)
        else:
            self.other(value, depth)

    def other(self, value: Any, depth: int) -> None:
        array = _plain_array(value)
        if isinstance(array, KeyData):
            self.value(array, depth)
        elif array is not None and array.dtype.name in DTYPES:
            self.array(b"a", array)
        elif self.keep is not None:
            kept = self.keep(value)
            # `keep` may also turn an object, such as a figure, into data.
            self.value(kept, depth)
        else:
            raise FrameError(f"{type(value).__name__} is not plain data")


MAPPINGS = (dict, collections.OrderedDict, collections.defaultdict, types.MappingProxyType)


def _is_data_dict(value: Any) -> bool:
    """True for a dict or a known similar type, by exact type, whose keys are all exactly str."""
    kind = type(value)
    if kind not in MAPPINGS and not (
        kind.__name__ == "FrozenDict" and kind.__module__.startswith("flax.")
    ):
        return False
    return isinstance(value, Mapping) and all(type(key) is str for key in value)


def encode(
    value: Any,
    keep: Callable[[Any], Any] | None = None,
    keys_as_data: bool = False,
) -> bytes:
    """Turns a value into one frame.

    Args:
      value: plain data, by exact type; arrays from NumPy or JAX, or NumPy scalars.
      keep: takes each object that is not data, and returns a `HandleRef` (or data) for it.
      keys_as_data: send random keys as their uint32 words, as a worker does.

    Returns:
      The frame, header included.

    Raises:
      FrameError: for what cannot cross: wrong type, too large, too deep, too many values.
    """
    writer = _Writer(keep, keys_as_data)
    writer.value(value, 0)
    return HEADER.pack(MAGIC, writer.size) + b"".join(writer.parts)


class _Reader:
    """Reads one value from untrusted bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = memoryview(data)
        self.at = 0
        self.items = 0

    def take(self, size: int) -> memoryview:
        if size < 0 or size > len(self.data) - self.at:
            raise FrameError("the frame ends in the middle of a value")
        piece = self.data[self.at : self.at + size]
        self.at += size
        return piece

    def number(self) -> int:
        return struct.unpack("<Q", self.take(8))[0]

    def text(self) -> str:
        if bytes(self.take(1)) != b"s":
            raise FrameError("a name is missing in the frame")
        return str(self.take(self.number()), "utf-8", "surrogatepass")

    def array(self) -> np.ndarray:
        code, axes = self.take(2)
        if code >= len(DTYPES) or axes > MAX_AXES:
            raise FrameError("the frame holds an array of unknown type")
        dtype = dtype_named(DTYPES[code])
        shape = struct.unpack(f"<{axes}Q", self.take(8 * axes))
        count = 1
        for length in shape:
            count *= length
        # A copy, so that the array owns aligned memory and may be written to.
        return np.frombuffer(bytes(self.take(count * dtype.itemsize)), dtype).reshape(shape).copy()

    def value(self, depth: int) -> Any:
        self.items += 1
        if self.items > MAX_ITEMS or depth > MAX_DEPTH:
            raise FrameError("the frame holds too many values, or nests them too deeply")
        tag = bytes(self.take(1))
        if tag == b"N":
            return None
        if tag in b"TF":
            return tag == b"T"
        if tag == b"i":
            size = self.number()
            if size > MAX_INT_BYTES:
                raise FrameError("the frame holds an int that is too long")
            return int.from_bytes(self.take(size), "little", signed=True)
        if tag == b"f":
            return struct.unpack("<d", self.take(8))[0]
        if tag == b"s":
            self.at -= 1
            return self.text()
        if tag == b"b":
            return bytes(self.take(self.number()))
        if tag in b"lt":
            count = self.number()
            if count > MAX_ITEMS:
                raise FrameError("the frame holds too many values")
            items = [self.value(depth + 1) for _ in range(count)]
            return items if tag == b"l" else tuple(items)
        if tag == b"d":
            return self.mapping(depth)
        if tag == b"h":
            return HandleRef(self.number(), self.text())
        if tag == b"a":
            return self.array()
        if tag == b"A":
            return HostArray(self.array())
        if tag == b"k":
            return KeyData(self.array())
        raise FrameError("the frame holds a value of unknown type")

    def mapping(self, depth: int) -> dict[str, Any]:
        count = self.number()
        if count > MAX_ITEMS:
            raise FrameError("the frame holds too many values")
        result: dict[str, Any] = {}
        for _ in range(count):
            key = self.text()
            if key in result:
                raise FrameError("the frame holds a dict with the same key twice")
            result[key] = self.value(depth + 1)
        return result


def payload_size(header: bytes) -> int:
    """Returns how many bytes follow this header.

    Raises:
      FrameError: if it is not a header, or announces more than `MAX_BYTES`.
    """
    magic, size = HEADER.unpack(header)
    if magic != MAGIC:
        raise FrameError("this is not a frame")
    if size > MAX_BYTES:
        raise FrameError(f"the frame announces {size >> 20} MiB; the limit is {MAX_BYTES >> 20}")
    return size


def decode(payload: bytes) -> Any:
    """Reads the value of a frame, without its header.

    Returns:
      Plain data; arrays as writable `numpy.ndarray`.

    Raises:
      FrameError: for anything that `encode` would not have written.
    """
    reader = _Reader(payload)
    try:
        value = reader.value(0)
    except FrameError:
        raise
    except (ValueError, OverflowError, MemoryError, struct.error, UnicodeError) as error:
        raise FrameError(f"the frame is unreadable: {error}") from None
    if reader.at != len(payload):
        raise FrameError("the frame continues after its value")
    return value
