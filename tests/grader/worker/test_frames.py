"""What crosses the boundary, and what does not."""

import struct

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

from grader.worker.inside import frames
from grader.worker.inside.frames import FrameError, HandleRef, HostArray, KeyData, decode, encode


def through(value, **options):
    return decode(encode(value, **options)[frames.HEADER.size :])


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        -1,
        2**127,
        -(2**300),
        1.5,
        float("inf"),
        "",
        "Grüße \ud800 \x1b[0m",
        b"\x00\xff",
        [],
        (),
        {},
        [1, (2, [3.0, None]), {"a": ("b",)}],
        {"ü": {"": [True]}},
    ],
)
def test_plain_values_come_through_with_their_exact_type(value):
    got = through(value)
    assert got == value and type(got) is type(value)


def test_list_and_tuple_stay_apart():
    assert through([(1,), [1]]) == [(1,), [1]]
    assert type(through((1,))) is tuple


def test_nan_comes_through():
    assert np.isnan(through(float("nan")))


@pytest.mark.parametrize("name", frames.DTYPES)
def test_every_dtype_keeps_its_bits(name):
    dtype = ml_dtypes.bfloat16 if name == "bfloat16" else np.dtype(name)
    array = np.arange(6).reshape(2, 3).astype(dtype)
    got = through(array)
    assert got.dtype == array.dtype and got.shape == (2, 3)
    assert got.tobytes() == array.tobytes()
    assert got.flags.writeable and got.flags.owndata


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (1,) * 16])
def test_shapes(shape):
    assert through(np.zeros(shape, np.int16)).shape == shape


def test_layout_and_byte_order_do_not_matter():
    array = np.arange(12, dtype=">f8").reshape(3, 4)[:, ::2].T
    np.testing.assert_array_equal(through(array), array)


def test_jax_arrays_and_scalars_are_arrays():
    assert through(jnp.arange(3)).tolist() == [0, 1, 2]
    for scalar in (jnp.float32(2.5), np.float32(2.5), np.float64(2.5)):
        got = through(scalar)
        assert isinstance(got, np.ndarray) and got.shape == () and got == 2.5


def test_keys_cross_as_keys_one_way_and_as_words_the_other():
    key = jax.random.key(7)
    words = np.asarray(jax.random.key_data(key))
    there = through(key)
    assert isinstance(there, KeyData)
    np.testing.assert_array_equal(there.data, words)
    np.testing.assert_array_equal(through(key, keys_as_data=True), words)


def test_handles_and_host_arrays():
    assert through([HandleRef(3, "Dense")]) == [HandleRef(3, "Dense")]
    assert isinstance(through(HostArray(np.ones(2))), HostArray)


class Lying(float):
    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class Matrix(np.ndarray):
    pass


@pytest.mark.parametrize(
    "value",
    [
        Lying(1.0),
        object(),
        {1, 2},
        (n for n in range(3)),
        lambda: 1,
        {1: 2},
        np.array([object()]),
        np.array(["text"]),
        np.zeros(2).view(Matrix),
        np.zeros(2, [("a", "i4")]),
        type("Sub", (list,), {})([1]),
        type("Text", (str,), {})("x"),
        type("Table", (dict,), {})(a=1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_plain_data_does_not_cross(value):
    with pytest.raises(FrameError):
        encode(value)
    # In a worker it becomes a handle instead.
    kept = []
    encode([value], keep=lambda item: kept.append(item) or HandleRef(1))
    assert kept[0] is value


def test_a_tracer_does_not_cross():
    def leak(x):
        with pytest.raises(FrameError):
            encode(x)
        return x

    jax.jit(leak)(1.0)


def test_caps_on_size_depth_and_items():
    with pytest.raises(FrameError, match="64 MiB"):
        encode(np.zeros(65 * 2**20, np.uint8))
    with pytest.raises(FrameError, match="MiB"):
        encode([b"x" * 2**25, b"x" * 2**25, b"y"])
    deep = []
    for _ in range(40):
        deep = [deep]
    with pytest.raises(FrameError, match="deep"):
        encode(deep)
    itself = []
    itself.append(itself)
    with pytest.raises(FrameError, match="deep"):
        encode(itself)
    with pytest.raises(FrameError, match="values"):
        encode([None] * (frames.MAX_ITEMS + 1))
    with pytest.raises(FrameError, match="bits"):
        encode(1 << 5000)


def number(n):
    return struct.pack("<Q", n)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"Z",
        b"\x80\x04\x95",  # the beginning of a pickle
        b"s" + number(5) + b"abc",
        b"s" + number(2**63),
        b"s" + number(1) + b"\xff",
        b"l" + number(2**40),
        b"l" * 100,
        (b"l" + number(1)) * 40 + b"N",
        b"i" + number(10**6) + b"\0" * 10,
        b"d" + number(2) + 2 * (b"s" + number(1) + b"a" + b"N"),
        b"d" + number(1) + b"N" + b"N",
        b"a" + bytes([99, 0]),
        b"a" + bytes([0, 200]),
        b"a" + bytes([0, 1]) + number(2**62),
        b"a" + bytes([12, 2]) + number(2**33) + number(2**33),
        b"a" + bytes([0, 2]) + number(0) + number(2**63),
        b"NN",
        b"h" + number(1) + b"N",
    ],
)
def test_hostile_payloads_are_refused(payload):
    with pytest.raises(FrameError):
        decode(payload)


def test_every_truncation_and_flip_is_refused_or_harmless():
    payload = encode({"a": [1, 2.5, "x", np.arange(3)], "b": (None, b"zz")})[frames.HEADER.size :]
    for end in range(len(payload)):
        with pytest.raises(FrameError):
            decode(payload[:end])
    rng = np.random.default_rng(0)
    for _ in range(3000):
        bad = bytearray(payload)
        for at in rng.integers(len(payload), size=rng.integers(1, 4)):
            bad[at] = rng.integers(256)
        try:
            decode(bytes(bad))
        except FrameError:
            pass


def test_headers():
    size = len(encode(1)) - frames.HEADER.size
    assert frames.payload_size(encode(1)[: frames.HEADER.size]) == size
    for header in (b"HTTP" + bytes(8), frames.HEADER.pack(b"FLX1", 2**40)):
        with pytest.raises(FrameError):
            frames.payload_size(header)
