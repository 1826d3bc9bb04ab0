"""Convolution with oneDNN against float64, stock XLA and itself, and its effects on a process."""

import functools
import os
import subprocess
import sys
import threading
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import linen as nn
from hypothesis import given, settings
from hypothesis import strategies as st
from jax import lax

from lib.nn import onednn
from lib.nn.conv_pool import conv_pool_relu
from lib.nn.convolution import NHWC, conv2d
from lib.nn.onednn import computing, operations
from lib.nn.onednn.call import Buffer
from lib.nn.onednn.library import SWITCH, Lack, find

ROOT = Path(__file__).parents[3]
slow = pytest.mark.slow
pytestmark = pytest.mark.skipif(isinstance(find(), Lack), reason="oneDNN is not installed")

NO_PADS = ((0, 0), (0, 0))
# Compiled in little more than half the time.
QUICKLY = {"xla_backend_optimization_level": 0}


def draw(*shapes):
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


def error(got, right):
    right = np.asarray(right, np.float64)
    return np.linalg.norm(np.asarray(got, np.float64) - right) / max(np.linalg.norm(right), 1e-30)


# Without XLA: the computations alone, called like from a compiled program -----------------------


class Direct:
    """A call with NumPy's arrays; shares of the work are done one by one."""

    def __init__(self, arguments, results, strides=(1, 1), pads=NO_PADS, window=0):
        self.arguments, self.results = (
            [Buffer(a.ctypes.data, a.shape, a.itemsize) for a in arrays]
            for arrays in (arguments, results)
        )
        self.kept = arguments, results
        self.numbers = (*strides, *pads[0], *pads[1], window)

    def share(self, count, work):
        for number in reversed(range(count)):
            work(number)


def windows(x, kernel, strides, pads):
    """(batch, out height, out width, channels, kernel height, kernel width), in float64."""
    x = np.pad(x.astype(np.float64), ((0, 0), *pads, (0, 0)))
    every = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(1, 2))
    return every[:, :: strides[0], :: strides[1]]


def gradient_of_windows(dy, kernel, shape, strides, pads):
    """The pictures' gradient by the definition: each output's share returns to its inputs."""
    (top, bottom), (left, right) = pads
    dx = np.zeros((shape[0], shape[1] + top + bottom, shape[2] + left + right, shape[3]))
    for row, column in np.ndindex(dy.shape[1:3]):
        share = np.einsum("bf,ijcf->bijc", dy[:, row, column].astype(np.float64), kernel)
        i, j = row * strides[0], column * strides[1]
        dx[:, i : i + kernel.shape[0], j : j + kernel.shape[1]] += share
    return dx[:, top : top + shape[1], left : left + shape[2]]


@st.composite
def convolutions(draw, strided=True):
    """Shapes of pictures and kernel, strides, pads."""
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    pads = tuple(tuple(draw(st.integers(0, k - 1)) for _ in range(2)) for k in kernel)
    edges = [draw(st.integers(max(1, k - sum(p)), 13)) for k, p in zip(kernel, pads, strict=True)]
    channels, features = draw(st.integers(1, 35)), draw(st.integers(1, 35))
    batch = draw(st.sampled_from((1, 2, 3, 5, 7)))
    strides = draw(st.sampled_from(((1, 1), (2, 2), (2, 1), (3, 2)))) if strided else (1, 1)
    return (batch, *edges, channels), (*kernel, channels, features), strides, pads


@settings(max_examples=60, deadline=None, derandomize=True)
@given(convolutions(), st.sampled_from((7, 40, 10**6)))
def test_any_convolution_and_its_gradients_are_those_of_the_definition(shapes, summed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(computing, "SUMMED", summed)  # the smallest makes bands of a row or two
        check_convolution(shapes)


def check_convolution(shapes):
    shape, kernel_shape, strides, pads = shapes
    x, kernel = draw(shape, kernel_shape)
    every = windows(x, kernel_shape[:2], strides, pads)
    expected = np.einsum("bpqcij,ijcf->bpqf", every, kernel)
    y = np.full(expected.shape, np.nan, np.float32)
    computing.forward(Direct([x, kernel], [y], strides, pads))
    assert error(y, expected) <= 1e-6
    (dy,) = draw(y.shape)
    dx, sums = np.full_like(x, np.nan), np.full((min(2, len(x)), *kernel_shape), np.nan, np.float32)
    computing.picture_gradient(Direct([kernel, dy], [dx], strides, pads))
    computing.kernel_gradient(Direct([x, dy], [sums], strides, pads))
    assert error(dx, gradient_of_windows(dy, kernel, shape, strides, pads)) <= 1e-6
    assert error(sums.sum(axis=0), np.einsum("bpqcij,bpqf->ijcf", every, dy)) <= 1e-6


@settings(max_examples=60, deadline=None, derandomize=True)
@given(convolutions(strided=False), st.integers(1, 4), st.sampled_from((1, 5_000, 10**7)))
def test_any_pooled_convolution_and_its_gradients_too(shapes, window, part_bytes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(computing, "PART_BYTES", part_bytes)
        patch.setattr(computing, "SUMMED", part_bytes // 100 + 7)  # bands of a few rows
        check_pooled(shapes, window)


def check_pooled(shapes, window):
    shape, kernel_shape, strides, pads = shapes
    # Whole numbers: nothing is rounded, and there are many ties.
    x, kernel, bias = (np.round(a) for a in draw(shape, kernel_shape, kernel_shape[3:]))
    every = windows(x, kernel_shape[:2], strides, pads)
    whole = np.einsum("bpqcij,ijcf->bpqf", every, kernel) + bias
    batch, rows, columns = len(x), whole.shape[1] // window, whole.shape[2] // window
    if not rows * columns:
        return
    y = np.full((batch, rows, columns, kernel_shape[3]), np.nan, np.float32)
    places = np.full(y.shape, 255, np.uint8)
    computing.pooled(Direct([x, kernel, bias], [y, places], strides, pads, window))
    (dy,) = draw(y.shape)
    sums = np.full((min(2, batch), *kernel_shape), np.nan, np.float32)
    bias_sums, dx = np.full_like(sums[:, 0, 0, 0], np.nan), np.full_like(x, np.nan)
    arguments, results = [x, kernel, y, places, dy], [sums, bias_sums, dx]
    computing.pooled_gradient(Direct(arguments, results, strides, pads, window))
    blocks = whole[:, : rows * window, : columns * window]
    blocks = blocks.reshape(batch, rows, window, columns, window, -1).transpose(0, 1, 3, 5, 2, 4)
    blocks = np.maximum(blocks.reshape(*blocks.shape[:4], window * window), 0)
    np.testing.assert_array_equal(y, blocks.max(axis=-1))
    np.testing.assert_array_equal(places, blocks.argmax(axis=-1))  # the first of equals
    spread = (np.arange(window * window) == blocks.argmax(axis=-1)[..., None]) * 1.0
    spread = (spread * np.where(y > 0, dy, 0)[..., None]).reshape(*y.shape, window, window)
    d_whole = np.zeros_like(whole)
    d_whole[:, : rows * window, : columns * window] = spread.transpose(0, 1, 4, 2, 5, 3).reshape(
        batch, rows * window, columns * window, -1
    )
    assert error(bias_sums.sum(axis=0), d_whole.sum(axis=(0, 1, 2))) <= 1e-5
    assert error(sums.sum(axis=0), np.einsum("bpqcij,bpqf->ijcf", every, d_whole)) <= 1e-6
    assert error(dx, gradient_of_windows(d_whole, kernel, shape, strides, pads)) <= 1e-6


def test_primitives_and_scratch_memory_are_bounded(monkeypatch):
    monkeypatch.setattr(computing, "_free", [])
    monkeypatch.setattr(computing, "PRIMITIVES", 6)
    monkeypatch.setattr(computing, "KEPT_BYTES", 20_000)
    (kernel, bias) = draw((3, 3, 2, 4), (4,))
    for edge in [*range(5, 15), 60]:
        (x,) = draw((2, edge, edge, 2))
        y = np.zeros((2, (edge - 2) // 2, (edge - 2) // 2, 4), np.float32)
        computing.pooled(Direct([x, kernel, bias], [y, y.astype(np.uint8)], window=2))
    (bench,) = computing._free
    assert len(bench._primitives) == 6
    assert all(len(memory) <= 20_000 for _, memory in bench._scratch.values())


# With XLA ---------------------------------------------------------------------------------------


def stock(x, kernel, strides=(1, 1), pads=NO_PADS):
    return lax.conv_general_dilated(x, kernel, strides, pads, dimension_numbers=NHWC)


def stock_pooled(x, kernel, bias, pads=NO_PADS, window=2):
    y = stock(x, kernel, pads=pads) + bias
    return nn.max_pool(nn.relu(y), (window, window), (window, window))


def pooled(x, kernel, bias):
    return onednn.conv_pool_relu(x, kernel, bias, NO_PADS, 2)


def with_gradients(layer, *arrays):
    """The output, and the gradients of a loss that weighs every output differently."""
    y, pull = jax.vjp(layer, *arrays)
    return (y, *pull(jnp.sin(jnp.arange(y.size, dtype=y.dtype)).reshape(y.shape)))


def compiled(layer):
    return jax.jit(functools.partial(with_gradients, layer), compiler_options=QUICKLY)


def assert_as_exact_as_stock(layer, stock_layer, *arrays):
    """Each array's error is at most twice that of stock XLA."""
    got, theirs = compiled(layer)(*arrays), compiled(stock_layer)(*arrays)
    with jax.enable_x64(True):
        right = compiled(stock_layer)(*(a.astype(np.float64) for a in arrays))
        right = [np.asarray(a) for a in right]
    for one, other, exact in zip(got, theirs, right, strict=True):
        assert one.shape == exact.shape and one.dtype == jnp.float32
        assert error(one, exact) <= 2 * error(other, exact) + 1e-7


# Edge, channels and features of every layer of the course's nets.
LAYERS = [
    *((28, 1, 64), (28, 1, 32), (13, 64, 64), (14, 32, 64), (75, 3, 32), (36, 32, 64)),
    *((17, 64, 128), (7, 128, 128), (150, 3, 64), (74, 64, 64), (36, 64, 128)),
    *((300, 3, 16), (149, 16, 32), (73, 32, 64)),
]


@pytest.mark.parametrize("padding", ["VALID", "SAME"])
@pytest.mark.parametrize(
    "edge, channels, features",
    [pytest.param(*layer, marks=[slow] if layer[0] != 28 else []) for layer in LAYERS],
)
def test_errors_are_those_of_stock_xla(edge, channels, features, padding):
    if edge == 28 and (features == 64) != (padding == "VALID"):
        pytest.skip("no layer of the course")
    x, kernel, bias = draw((3, edge, edge, channels), (3, 3, channels, features), (features,))
    x, bias = np.maximum(x, 0), bias - channels**0.5
    pads = ((1, 1), (1, 1)) if padding == "SAME" else NO_PADS
    assert_as_exact_as_stock(
        lambda *a: onednn.conv_pool_relu(*a, pads, 2),
        lambda *a: stock_pooled(*a, pads),
        *(x, kernel, bias),
    )
    if edge == 36:
        assert_as_exact_as_stock(
            lambda x, k: conv2d(x, k, padding=padding),
            lambda x, k: stock(x, k, pads=pads),
            *(x, kernel),
        )


@pytest.mark.parametrize("where", ["picture", "kernel", "bias"])
def test_what_is_no_number_stays_none(where):
    run, run_stock = jax.jit(pooled), jax.jit(stock_pooled)
    for value in (np.nan, np.inf, -np.inf, 3e38):
        arrays = dict(picture=(3, 8, 8, 2), kernel=(3, 3, 2, 4), bias=(4,))
        arrays = dict(zip(arrays, draw(*arrays.values()), strict=True))
        arrays[where].flat[0] = value  # the corner, which one output alone sees
        got, expected = (np.asarray(f(*arrays.values())) for f in (run, run_stock))
        np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
        np.testing.assert_array_equal(np.isposinf(got), np.isposinf(expected))
        finite = np.isfinite(expected)
        np.testing.assert_allclose(got[finite], expected[finite], rtol=1e-4, atol=1e-5)


def test_the_same_bits_every_time_and_in_any_thread(monkeypatch):
    monkeypatch.setattr(computing, "PART_BYTES", 20_000)  # parts of two pictures or so
    run = compiled(pooled)
    inputs = [draw((n, 11, 12, 5), (3, 3, 5, 24), (24,)) for n in (13, 7)]
    expected = [[np.asarray(a) for a in run(*arrays)] for arrays in inputs]
    same = []

    def work(number):
        for _ in range(20):
            got = run(*inputs[number % 2])
            pairs = zip(got, expected[number % 2], strict=True)
            same.append(all(np.array_equal(*pair) for pair in pairs))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(same) == 80 and all(same)
    assert threading.active_count() == 1 or "execnet" in sys.modules


def test_under_scan_grad_and_vmap():
    x, kernel, bias = draw((3, 4, 9, 10, 2), (3, 3, 2, 8), (8,))
    gradient = jax.grad(lambda x: jnp.sum(jnp.sin(pooled(x, kernel, bias))))

    @jax.jit
    def run(x):
        one_by_one = jnp.stack([gradient(pictures) for pictures in x])
        scanned = lax.scan(lambda c, pictures: (c, gradient(pictures)), 0, x)[1]
        return one_by_one, scanned, jax.vmap(gradient)(x)

    expected, scanned, mapped = run(x)
    np.testing.assert_array_equal(scanned, expected)
    np.testing.assert_array_equal(mapped, expected)


def calls(function, *arrays):
    text = jax.jit(function).lower(*arrays).as_text()
    return [each.__name__ for each in operations.CALLS if f"onednn.{each.__name__}." in text]


def test_each_computation_has_its_form():
    tiny, small, large, grey, large_grey = draw(
        *((batch, edge, edge, 16) for batch, edge in ((20, 7), (2, 18), (2, 30))),
        *((2, edge, edge, 1) for edge in (28, 60)),
    )
    kernel, bias, of_grey = draw((3, 3, 16, 16), (16,), (3, 3, 1, 16))
    both = lambda x, k: jax.grad(lambda x, k: jnp.sin(conv2d(x, k)).sum(), (0, 1))(x, k)
    assert calls(both, large, kernel) == ["forward", "picture_gradient", "kernel_gradient"]
    assert calls(both, tiny, kernel) == ["forward", "picture_gradient"]
    assert calls(both, tiny[:19], kernel) == []  # too few to reorder the kernel for
    assert calls(both, small, kernel) == []  # by Winograd's algorithm
    assert calls(conv_pool_relu, grey, of_grey, bias) == []
    assert calls(conv_pool_relu, large_grey, of_grey, bias) == ["pooled"]
    assert calls(conv_pool_relu, large, kernel, bias) == ["pooled"]
    assert calls(conv_pool_relu, small, kernel, bias) == []
    assert calls(conv2d, large.astype(jnp.bfloat16), kernel.astype(jnp.bfloat16)) == []
    assert calls(conv2d, large[:1], kernel) == []  # a batch is divided among cores, not a picture
    assert calls(lambda x, k: conv2d(x, k, padding=((-1, 0), (0, 0))), large, kernel) == []


def test_the_gradient_of_the_pictures_is_computed_where_it_is_needed():
    x, kernel, bias = draw((2, 8, 8, 1), (3, 3, 1, 4), (4,))
    loss = lambda x, kernel: pooled(x, kernel, bias).sum()
    pictures = "tensor<2x8x8x1xf32>)"  # as a result of the call
    assert pictures in jax.jit(jax.grad(loss, (0, 1))).lower(x, kernel).as_text()
    assert pictures not in jax.jit(jax.grad(loss, 1)).lower(x, kernel).as_text()


@pytest.mark.parametrize("platform", ["cuda", "tpu"])
def test_accelerators_do_without(platform):
    arrays = draw((2, 30, 30, 16), (3, 3, 16, 16), (16,))
    lowered = jax.jit(conv_pool_relu).trace(*arrays).lower(lowering_platforms=(platform,))
    assert "onednn" not in lowered.as_text() and "stablehlo.convolution" in lowered.as_text()


# In a separate process --------------------------------------------------------------------------

BEGIN = """
import os, signal, sys, threading, time
import jax, jax.numpy as jnp, numpy as np
from lib.nn import onednn
from lib.nn.convolution import conv2d

rng = np.random.default_rng(0)
x, kernel = (rng.normal(size=s).astype(np.float32) for s in ((8, 40, 40, 16), (3, 3, 16, 32)))
once = jax.jit(conv2d)

@jax.jit
def many(x, kernel):
    turn = lambda c, _: (c + 1e-9 * conv2d(x * c, kernel).sum(), None)
    return jax.lax.scan(turn, jnp.float32(1), length=1000)[0]

def interrupt_after(seconds):
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
    threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT)).start()
"""


def run_alone(program, **environment):
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + program],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_program_in_flight_does_not_hold_the_end_up():
    run_alone("many(x, kernel)")


@slow
def test_ctrl_c_ends_a_training():
    program = """
many(x, kernel)
interrupt_after(1)
try:
    while True:
        many(x, kernel).block_until_ready()
except KeyboardInterrupt:
    print("interrupted")
"""
    assert run_alone(program) == ["interrupted"]


@slow
def test_ctrl_c_never_leaves_a_wrong_result():
    """XLA runs so small a program in the main thread, where Python raises what Ctrl-C asks for."""
    program = """
x = np.concatenate(4 * [x])
right = np.asarray(once(x, kernel))
for turn in range(20):
    try:
        interrupt_after(0.02 + 0.003 * turn)
        while True:
            assert np.array_equal(once(x, kernel), right)
    except (KeyboardInterrupt, ValueError, RuntimeError) as error:
        assert "KeyboardInterrupt" in repr(error), error
    time.sleep(0.01)
assert np.array_equal(once(x, kernel), right)
print("right")
"""
    assert run_alone(program) == ["right"]


TRAININGS = """
import optax, psutil, lib

def train(seed, epochs=2, callbacks=()):
    images = np.random.default_rng(seed).integers(0, 256, (64, 62, 62, 3), np.uint8)
    labels = np.arange(64) % 4
    model = lib.ConvClassifier((16, 32), 32, 4)
    state = lib.create_state(model, optax.adam(1e-3), images[:1], jax.random.key(seed))
    state, _ = lib.fit(state, images, labels, epochs=epochs, batch_size=16, verbose=0,
                       key=jax.random.key(seed), callbacks=callbacks)
    return [np.asarray(array) for array in jax.tree.leaves(state.params)]
"""


@slow
def test_two_trainings_at_once_are_as_each_alone():
    program = """
alone = [train(seed) for seed in range(2)]
both = [None, None]
def work(seed):
    both[seed] = train(seed)
threads = [threading.Thread(target=work, args=(seed,)) for seed in range(2)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(all(np.array_equal(a, b) for one, other in zip(alone, both) for a, b in zip(one, other)))
"""
    assert run_alone(TRAININGS + program) == ["True"]


@slow
def test_memory_does_not_grow_over_twenty_epochs():
    program = """
class Memory:
    def on_epoch_end(self, epoch, logs, state):
        memory.append(psutil.Process().memory_info().rss / 2**20)

memory = []
train(0, 20, [Memory()])
print(max(memory[10:]) - max(memory[:10]))
"""
    # In MiB: malloc may take some late; a buffer left by each call would be 100 and more.
    assert float(run_alone(TRAININGS + program)[0]) < 32


@slow
def test_forked_processes_and_their_parent_go_on():
    program = """
import multiprocessing, warnings
warnings.simplefilter("ignore")  # JAX warns of what would hang: its own threads are gone
right = np.asarray(once(x, kernel))
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(*pool.map(np.sum, [[1, 2], [3, 4]]))
print(np.array_equal(once(x, kernel), right))
"""
    assert run_alone(program) == ["3", "7", "True"]


@slow
def test_what_one_process_has_compiled_another_runs(tmp_path):
    program = """
import lib
lib.keep_compiled(os.environ["FOLDER"])
found = []
jax.monitoring.register_event_listener(lambda event, **_: found.append(event))
print(float(many(x, kernel)), "/jax/compilation_cache/cache_hits" in found)
"""
    first, second = (run_alone(program, FOLDER=str(tmp_path)) for _ in range(2))
    assert first[0] == second[0] and (first[1], second[1]) == ("False", "True")


@slow
def test_eight_devices_come_to_the_same():
    program = """
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from lib.nn.conv_pool import conv_pool_relu
assert not onednn.is_used()  # XLA divides its own forms among the devices
mesh = Mesh(np.array(jax.devices()), ("batch",))
divided = jax.device_put(x, NamedSharding(mesh, PartitionSpec("batch")))
bias = np.ones(32, np.float32)
def run(layer, x):
    return jax.jit(jax.grad(lambda k: jnp.sin(layer(x, k, bias)).sum()))(kernel)
ours = lambda *a: onednn.conv_pool_relu(*a, ((0, 0), (0, 0)), 2)
one = run(ours, x)
for other in (run(ours, divided), run(conv_pool_relu, divided)):
    np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-3)
print(len(jax.devices()))
"""
    flags = "--xla_force_host_platform_device_count=8"
    assert run_alone(program, XLA_FLAGS=flags) == ["8"]


@slow
def test_a_variable_switches_it_off():
    program = (
        'print(onednn.is_used(), onednn.lack()[1], "onednn" in once.lower(x, kernel).as_text())'
    )
    assert run_alone(program, **{SWITCH: "0"}) == ["False", "unset", SWITCH, "False"]
    assert run_alone(program) == ["True", "True"]
