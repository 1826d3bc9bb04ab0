"""Arrays as safetensors, the common format for exchanging weights between tools.

A file contains the name, type, shape and position of each array, and no program. Other facts that
this library needs, such as the class names, are in the metadata, which other tools ignore.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import BinaryIO

import jax.numpy as jnp
import numpy as np

SUFFIX = ".safetensors"
TYPES = {
    "F64": np.dtype(np.float64),
    "F32": np.dtype(np.float32),
    "F16": np.dtype(np.float16),
    "BF16": jnp.dtype(jnp.bfloat16),
    "F8_E4M3": jnp.dtype(jnp.float8_e4m3fn),
    "F8_E5M2": jnp.dtype(jnp.float8_e5m2),
    "C64": np.dtype(np.complex64),
    "I64": np.dtype(np.int64),
    "I32": np.dtype(np.int32),
    "I16": np.dtype(np.int16),
    "I8": np.dtype(np.int8),
    "U64": np.dtype(np.uint64),
    "U32": np.dtype(np.uint32),
    "U16": np.dtype(np.uint16),
    "U8": np.dtype(np.uint8),
    "BOOL": np.dtype(bool),
}
"""The types of the format that NumPy and JAX support."""
_ABOUT = "flaxlings"
_CHECKSUM = "flaxlings_crc32"


def packed(arrays: Mapping[str, np.ndarray], about: str) -> bytes:
    """The bytes of a file.

    Args:
      arrays: by name, each with one of the `TYPES`.
      about: a text for the metadata.

    Raises:
      ValueError: if the format does not have the type of an array.
    """
    from safetensors.numpy import save

    for name, array in arrays.items():
        if array.dtype not in TYPES.values():
            raise ValueError(
                f"safetensors has no type for {name}, {array.dtype}: save it in an .npz file "
                "instead."
            )
    told = {"format": "flax", _ABOUT: about, _CHECKSUM: _checksum(arrays, about)}
    return save(dict(arrays), metadata=told)


def _checksum(arrays: Mapping[str, np.ndarray], about: str) -> str:
    """A CRC-32 of the text and of every array's name, shape and bytes; the format has none."""
    crc = zlib.crc32(about.encode())
    for name in sorted(arrays):
        crc = zlib.crc32(f"{name} {arrays[name].shape}".encode(), crc)
        crc = zlib.crc32(arrays[name].tobytes(), crc)
    return f"{crc:08x}"


def is_packed(file: BinaryIO) -> bool:
    """Whether an open file looks like safetensors: a length, then JSON."""
    start = file.read(9)
    file.seek(0)
    return start[8:] == b"{"


def unpacked(data: bytes) -> tuple[dict[str, np.ndarray], str | None]:
    """The arrays of a file, and its `about`; None if another tool wrote the file.

    Raises:
      ValueError: if an array has an unknown type, or a file of `packed` was changed.
      safetensors.SafetensorError: if the file is damaged.
    """
    from safetensors import deserialize

    found = {}
    for name, each in deserialize(data):
        if each["dtype"] not in TYPES:
            raise ValueError(f"{name} has the unknown type {each['dtype']}")
        found[name] = np.frombuffer(each["data"], TYPES[each["dtype"]]).reshape(each["shape"])
    length = int.from_bytes(data[:8], "little")
    told = json.loads(data[8 : 8 + length]).get("__metadata__", {})
    about, checksum = told.get(_ABOUT), told.get(_CHECKSUM)  # older files have no checksum
    if checksum is not None and (about is None or checksum != _checksum(found, about)):
        raise ValueError("its checksum does not match")
    return found, about
