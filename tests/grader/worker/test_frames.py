"""What crosses the boundary, and what does not."""

import struct
import tracemalloc

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.worker.inside import frames
from grader.worker.inside.frames import FrameError, HandleRef, HostArray, KeyData, decode, encode


def through(value, **options):
    return decode(encode(value, **options)[frames.HEADER.size :])


def arrays():
    shapes = hnp.array_shapes(min_dims=0, max_dims=frames.MAX_AXES, min_side=0, max_side=2)
    types = st.sampled_from(frames.DTYPES).map(frames.dtype_named)
    return st.builds(np.zeros, shapes, types).map(scattered)


def scattered(array):
    """Fills an array with bits of every kind that its type can have."""
    bits = np.random.default_rng(array.nbytes).bytes(array.nbytes)
    if array.dtype == bool:
        bits = bytes(byte % 2 for byte in bits)
    return np.frombuffer(bits, array.dtype).reshape(array.shape)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**300), 2**300)
    | st.floats()
    | st.text(st.characters())
    | st.binary()
    | arrays(),
    lambda each: (
        st.lists(each) | st.lists(each).map(tuple) | st.dictionaries(st.text(st.characters()), each)
    ),
    max_leaves=8,
)
few = settings(max_examples=50, deadline=None)


def same(got, value):
    """True if types and bits are equal, including everything inside the values."""
    if type(got) is not type(value):
        return False
    if type(value) in (list, tuple):
        return len(got) == len(value) and all(map(same, got, value))
    if type(value) is dict:
        return list(got) == list(value) and same(list(got.values()), list(value.values()))
    if isinstance(value, np.ndarray):
        return (got.dtype, got.shape, got.tobytes()) == (value.dtype, value.shape, value.tobytes())
    if type(value) is float:
        return struct.pack("<d", got) == struct.pack("<d", value)
    return got == value


@few
@given(VALUES)
@example("Grüße \ud800 \x1b[0m")
@example(np.zeros((1,) * frames.MAX_AXES, np.int16))
def test_values_come_through_with_their_exact_types_and_bits(value):
    assert same(through(value), value)


def test_arrays_own_their_memory_and_may_be_written_to():
    got = through(np.arange(6))
    assert got.flags.writeable and got.flags.owndata


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


@st.composite
def damaged(draw):
    """Returns a payload with some changed bytes, or without its end."""
    payload = bytearray(encode(draw(VALUES))[frames.HEADER.size :])
    for _ in range(draw(st.integers(0, 3))):
        payload[draw(st.integers(0, len(payload) - 1))] = draw(st.integers(0, 255))
    return bytes(payload[: draw(st.integers(0, len(payload)))])


@few
@given(st.binary(max_size=100) | damaged())
def test_any_bytes_are_a_value_or_refused_and_cost_little_memory(payload):
    tracemalloc.start()
    try:
        value = decode(payload)
        assert same(through(value), value)
    except FrameError:
        pass
    finally:
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert most < 100 * len(payload) + 2**20


def test_headers():
    size = len(encode(1)) - frames.HEADER.size
    assert frames.payload_size(encode(1)[: frames.HEADER.size]) == size
    for header in (b"HTTP" + bytes(8), frames.HEADER.pack(b"FLX1", 2**40)):
        with pytest.raises(FrameError):
            frames.payload_size(header)
