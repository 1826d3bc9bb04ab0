"""Measures every convolution of the course, forward and both gradients, beside stock XLA's.

Each one repeats in a compiled loop, as in an epoch of training, with 3×3 kernels and no padding.
The figure is operations per second (a multiplication and an addition count as two) over those of a
large matrix product in the same run. "XLA" means this library's forms without oneDNN, the only ones
on a machine without oneDNN. The last column is a training step through a convolution with bias,
ReLU and pooling.
"""

import argparse
import contextlib
import functools
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn
from jax import lax

from benchmarks import machine, measurements
from benchmarks.runners import matmul
from lib.nn import onednn
from lib.nn.conv_pool import conv_pool_relu
from lib.nn.convolution import NHWC, conv2d

# Edge of the images, channels, features.
LAYERS = (
    *((28, 1, 64), (13, 64, 64)),
    *((75, 3, 32), (36, 32, 64), (17, 64, 128), (7, 128, 128)),
    *((150, 3, 32), (74, 32, 64), (36, 64, 128)),
    *((300, 3, 16), (149, 16, 32), (73, 32, 64), (35, 64, 64)),
)
PARTS = ("forward", "picture's gradient", "kernel's gradient")
POOLED = "pooled, there and back"
STEPS = 4  # iterations of the compiled loop
REPEATS = 5


def stock(x: jax.Array, kernel: jax.Array) -> jax.Array:
    """Convolves with stock XLA."""
    return lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=NHWC)


def stock_pooled(x: jax.Array, kernel: jax.Array) -> jax.Array:
    """Convolves, applies ReLU and pools with stock XLA."""
    return nn.max_pool(nn.relu(stock(x, kernel)), (2, 2), (2, 2))


def pooled(x: jax.Array, kernel: jax.Array) -> jax.Array:
    """Convolves with bias, pools and applies ReLU with this library."""
    return conv_pool_relu(x, kernel, jnp.zeros(kernel.shape[3]))


@contextlib.contextmanager
def without_onednn() -> Iterator[None]:
    """Functions traced inside this context use this library's other forms."""
    is_used, onednn.is_used = onednn.is_used, lambda: False
    try:
        yield
    finally:
        onednn.is_used = is_used


def one_of(part: str, convolve: Callable[[jax.Array, jax.Array], jax.Array]) -> Callable[..., Any]:
    """Returns a function of images, kernel and the output's gradient that computes one part."""

    def run(x, kernel, dy):
        if part == "forward":
            return convolve(x, kernel)
        if part == POOLED:
            y, pull = (
                jax.vjp(convolve, x, kernel)
                if x.shape[3] > 3
                else jax.vjp(functools.partial(convolve, x), kernel)
            )
            return sum(gradient.sum() for gradient in pull(y))
        by_picture = part == "picture's gradient"
        where = x if by_picture else kernel
        _, pull = jax.vjp(
            (lambda x: convolve(x, kernel)) if by_picture else lambda k: convolve(x, k), where
        )
        return pull(dy)[0]

    return run


def loop_of(compute: Callable[..., jax.Array]) -> Any:
    """Compiles `STEPS` iterations of a computation; returns a function of the tuple of its arrays.

    The result of an iteration changes one number of each array of the next, and a barrier keeps
    that result together. The compiler can neither share computations between iterations nor leave
    any out.
    """

    def turn(arrays, _):
        result = lax.optimization_barrier(compute(*arrays))
        little = 1e-12 * result.ravel()[0]
        return tuple(array.at[(0,) * array.ndim].add(little) for array in arrays), None

    return jax.jit(lambda arrays: lax.scan(turn, arrays, None, length=STEPS)[0])


def seconds(compute: Callable[..., jax.Array], arrays: Sequence[jax.Array]) -> float:
    """Times one iteration: the median over `REPEATS` runs of a compiled loop."""
    loop = loop_of(compute)
    times = []
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        jax.block_until_ready(loop(tuple(arrays)))
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:]) / STEPS


def rate(
    part: str, convolve: Callable[..., jax.Array], layer: tuple[int, int, int], batch: int
) -> float:
    """Measures operations per second of one part of a layer."""
    edge, channels, features = layer
    numbers = np.random.default_rng(0)
    shapes = (batch, edge, edge, channels), (3, 3, channels, features)
    shapes += ((batch, edge - 2, edge - 2, features),)
    arrays = [jnp.asarray(numbers.standard_normal(shape, np.float32)) for shape in shapes]
    took = seconds(one_of(part, convolve), arrays)
    operations = 2 * 9 * channels * features * (edge - 2) ** 2 * batch
    if part == POOLED:
        operations *= 3 if channels > 3 else 2
    return operations / took


def peak_rate() -> float:
    """Measures operations per second of a large matrix product."""
    multiply, times = matmul.trainer(), []
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        multiply()
        times.append(time.perf_counter() - began)
    return matmul.operations() / statistics.median(times[1:])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints a table.

    Args:
      arguments: the command line without the program's name; None means this process's.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.convolution", description=__doc__)
    parser.add_argument("--batch", type=int, default=32, help="images in a batch (default 32)")
    parser.add_argument("--edge", type=int, nargs="+", help="only images with these edges")
    parser.add_argument(
        "--quick", action="store_true", help="leave out stock XLA, which takes most of the time"
    )
    options = parser.parse_args(arguments)
    peak = peak_rate()
    rows = []
    for layer in LAYERS:
        if options.edge and layer[0] not in options.edge:
            continue
        cells = [f"{layer[0]}², {layer[1]} → {layer[2]}"]
        for part in (*PARTS, POOLED):
            if part == "picture's gradient" and layer[1] <= 3:
                cells.append("–")  # training does not need that of the first layer
                continue
            ways = (pooled, stock_pooled) if part == POOLED else (conv2d, stock)
            ours = rate(part, ways[0], layer, options.batch)
            with without_onednn():
                by_xla = rate(part, ways[0], layer, options.batch)
            cell = f"{ours / peak:.0%}, XLA {by_xla / peak:.0%}"
            if not options.quick:
                cell += f", stock {rate(part, ways[1], layer, options.batch) / peak:.0%}"
            cells.append(cell)
        rows.append(cells)
        print(" | ".join(cells), file=sys.stderr, flush=True)
    print(measurements.markdown_table(["images, channels", *PARTS, POOLED], rows))
    print(f"\nShares of a matrix product's {peak / 1e9:.0f} GFLOP/s. {machine.sentence()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
