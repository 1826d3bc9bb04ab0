"""Random numbers whose bits are the same on every machine and in every NumPy version.

Only the raw output of PCG64 is used, because NumPy promises never to change it. There is no such
promise for NumPy's distributions.
"""

from __future__ import annotations

import numpy as np


class RngBits:
    """A stream of random integers.

    Args:
      seed: a non-negative integer of any size.
      path: integers that name the stream; different paths give independent streams.
    """

    def __init__(self, seed: int, *path: int):
        self._bits = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=path))

    def bytes(self, shape: tuple[int, ...]) -> np.ndarray:
        """Uniform random bytes, uint8, of the given shape."""
        return self._raw(shape, "<u1")

    def between(self, low: int, high: int, shape: tuple[int, ...]) -> np.ndarray:
        """Random integers from low to high, both included, at most 65,536 apart; int32."""
        draws = self._raw(shape, "<u2").astype(np.uint32)
        return ((draws * np.uint32(high - low + 1)) >> 16).astype(np.int32) + low

    def around(self, center: int, spread: int, shape: tuple[int, ...]) -> np.ndarray:
        """Random integers within `spread` of a centre, more of them near it; int32."""
        first = self.between(-spread, spread, shape)
        second = self.between(-spread, spread, shape)
        return center + ((first + second) >> 1)

    def order(self, count: int) -> np.ndarray:
        """A random order of 0 … count − 1, int64."""
        return np.argsort(self._bits.random_raw(count), kind="stable")

    def _raw(self, shape: tuple[int, ...], dtype: str) -> np.ndarray:
        size = 1
        for extent in shape:
            size *= extent
        per_word = 8 // np.dtype(dtype).itemsize
        words = self._bits.random_raw(-(-size // per_word))
        return words.astype("<u8", copy=False).view(dtype)[:size].reshape(shape)
