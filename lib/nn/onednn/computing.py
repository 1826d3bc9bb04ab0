"""The computations behind a compiled program's calls: a batch divided among threads and into parts.

A part has as many pictures as stay in the cache between a convolution and its pooling. Threads take
parts in any order. Where results are summed (the gradients of kernel and bias), each share of the
batch has a separate sum, so that results do not depend on the speed of the threads.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lib.nn.onednn import primitives
from lib.nn.onednn.call import Buffer, Call
from lib.nn.onednn.library import Lack, Library, OneDnnError, find
from lib.nn.onednn.primitives import (
    BIAS,
    D_KERNEL,
    D_SOURCE,
    D_TARGET,
    KERNEL,
    SCRATCH,
    SOURCE,
    TARGET,
    WORKSPACE,
    Convolution,
    Primitive,
)

# The size of a part's output. For large pictures, all sizes from 0.5 to 6 MB are within 5 % of each
# other (two cores, each with 1 MB of level 2 cache); for small pictures, smaller parts would mean
# many calls for little work.
PART_BYTES = 4_000_000
# The kernel's gradient is summed over at most this many outputs at once. Rounding errors add up,
# and summing in parts first reduces them.
SUMMED = 12_000
# The number of primitives that a bench keeps; a network of four convolutions needs about 30.
PRIMITIVES = 96
# Scratch memory up to this size is kept for the next call.
KEPT_BYTES = 32_000_000
ALIGNMENT = 64
LARGEST = float(np.finfo(np.float32).max)


class Bench:
    """The tools of one thread: its primitives, its stream and its scratch memory."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.stream = library.new("stream_create", library.engine, 1)
        self._primitives: OrderedDict[Any, list[Primitive]] = OrderedDict()
        self._scratch: dict[str, tuple[int, np.ndarray]] = {}  # by name, its address first

    def primitive(self, make: Callable[..., list[Primitive]], *shape: Any) -> list[Primitive]:
        """Returns the primitive for some shapes and its companions, created once."""
        key = make, *shape
        if key in self._primitives:
            self._primitives.move_to_end(key)
        else:
            while len(self._primitives) >= PRIMITIVES:
                for old in self._primitives.popitem(last=False)[1]:
                    old.destroy()
            self._primitives[key] = make(self.library, *shape)
        return self._primitives[key]

    def scratch(self, name: str, nbytes: int) -> int:
        """Returns the address of `nbytes` of memory; overwrites earlier memory of that name."""
        address, memory = self._scratch.get(name, (0, ()))
        if len(memory) < nbytes + ALIGNMENT:
            memory = np.empty(nbytes + ALIGNMENT, np.uint8)
            address = memory.ctypes.data + -memory.ctypes.data % ALIGNMENT
            self._scratch[name] = address, memory
        return address

    def run(self, primitive: Primitive, addresses: dict[int, int]) -> None:
        """Computes, with scratch memory if the primitive needs it."""
        if primitive.scratch_bytes:
            addresses[SCRATCH] = self.scratch("own", primitive.scratch_bytes)
        primitive.run(self.stream, addresses)

    def tidy(self) -> None:
        """Frees large scratch memory."""
        for name, (_, memory) in list(self._scratch.items()):
            if len(memory) > KEPT_BYTES:
                del self._scratch[name]


_free: list[Bench] = []


@contextlib.contextmanager
def _bench() -> Iterator[Bench]:
    """Lends a bench to this thread; there is one for each thread that ever worked at once."""
    library = _library()
    try:
        bench = _free.pop()
    except IndexError:
        bench = Bench(library)
    # A new primitive takes the current number of threads. It is always one here, whatever OpenMP
    # would use, so that OpenMP starts no threads, which would not survive a fork.
    threads = library.briefly.omp_get_max_threads()
    library.briefly.omp_set_num_threads(1)
    try:
        yield bench
    finally:
        library.briefly.omp_set_num_threads(threads)
        bench.tidy()
        _free.append(bench)


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0))


def _library() -> Library:
    library = find()
    if isinstance(library, Lack):
        raise OneDnnError(
            f"this program was compiled to use oneDNN, which is not available: {library.reason}"
        )
    return library


def _convolution(
    pictures: tuple[int, ...], kernel: tuple[int, ...], numbers: tuple[int, ...]
) -> Convolution:
    batch, height, width, channels = pictures
    rows, columns, _, features = kernel
    strides, pads = (numbers[0], numbers[1]), (numbers[2], numbers[3], numbers[4], numbers[5])
    return Convolution(batch, height, width, channels, (rows, columns), features, strides, pads)


def _parts(shape: Convolution) -> int:
    """The number of parts of a batch, so that each part stays in the cache."""
    _, height, width, features = shape.output
    outputs = height * width
    most = max(1, min(PART_BYTES // (4 * outputs * features), SUMMED // outputs))
    return -(-shape.batch // most)


def _divided(first: int, last: int, count: int) -> list[tuple[int, int]]:
    """Divides pictures into `count` ranges (first, last), as equal as possible."""
    edges = [first + (last - first) * number // count for number in range(count + 1)]
    return list(zip(edges, edges[1:], strict=False))


def _bands(shape: Convolution) -> Iterator[tuple[int, int, Convolution]]:
    """Cuts a large picture into horizontal bands.

    Yields:
      The offsets of a band in the picture and in the output, in bytes; and its shapes.
    """
    batch, height, width, features = shape.output
    if batch > 1 or height * width <= SUMMED:
        yield 0, 0, shape
        return
    count = -(-height * width // SUMMED)
    stride, (top, _, left, right) = shape.strides[0], shape.pads
    for first, last in _divided(0, height, min(count, height)):
        begin, end = first * stride - top, (last - 1) * stride + shape.kernel[0] - top
        pads = max(0, -begin), max(0, end - shape.height), left, right
        begin, end = max(0, begin), min(end, shape.height)
        band = shape._replace(height=end - begin, pads=pads)
        yield 4 * begin * shape.width * shape.channels, 4 * first * width * features, band


def _add_kernel_gradient(bench: Bench, shape: Convolution, x: int, dy: int, total: int) -> None:
    """Adds the gradient of a part's kernel to a sum."""
    for x_begin, dy_begin, band in _bands(shape):
        back, adding = bench.primitive(primitives.kernel_gradient, band)
        own = bench.scratch("kernel", back.kernel_bytes)
        bench.run(back, {SOURCE: x + x_begin, D_TARGET: dy + dy_begin, D_KERNEL: own})
        bench.run(adding, {SOURCE: own, TARGET: total})


def _numbers(address: int, *shape: int) -> np.ndarray:
    """The numbers at an address, as an array."""
    memory: Any = (ctypes.c_float * math.prod(shape)).from_address(address)
    return np.frombuffer(memory, np.float32).reshape(shape)


def _laid_out(bench: Bench, primitive: Primitive, reorder: Primitive, kernel: Buffer) -> int:
    """Returns the address of the kernel in the layout of a primitive."""
    address = bench.scratch("kernel", primitive.kernel_bytes)
    bench.run(reorder, {SOURCE: kernel.address, TARGET: address})
    return address


def _share_parts(
    call: Call, shape: Convolution, work: Callable[[Bench, int, Convolution], None]
) -> None:
    """Calls work(bench, first picture, shape of the part) for all parts of a batch."""
    # Every core gets a part, even of few pictures.
    parts = _divided(0, shape.batch, min(shape.batch, max(_parts(shape), cores())))

    def one(number: int) -> None:
        first, last = parts[number]
        with _bench() as bench:
            work(bench, first, shape._replace(batch=last - first))

    call.share(len(parts), one)


def forward(call: Call) -> None:
    """A convolution: (pictures, kernel) to output."""
    (x, kernel), (y,) = call.arguments, call.results

    def work(bench: Bench, first: int, part: Convolution) -> None:
        convolve, reorder = bench.primitive(primitives.forward, part, False, False)
        own = _laid_out(bench, convolve, reorder, kernel)
        bench.run(convolve, {SOURCE: x.at(first), KERNEL: own, TARGET: y.at(first)})

    _share_parts(call, _convolution(x.shape, kernel.shape, call.numbers), work)


def picture_gradient(call: Call) -> None:
    """The gradient of a convolution's pictures, from (kernel, output's gradient)."""
    (kernel, dy), (dx,) = call.arguments, call.results

    def work(bench: Bench, first: int, part: Convolution) -> None:
        back, reorder = bench.primitive(primitives.picture_gradient, part)
        own = _laid_out(bench, back, reorder, kernel)
        bench.run(back, {D_TARGET: dy.at(first), KERNEL: own, D_SOURCE: dx.at(first)})

    _share_parts(call, _convolution(dx.shape, kernel.shape, call.numbers), work)


def kernel_gradient(call: Call) -> None:
    """The gradient of a convolution's kernel, one sum per share: (pictures, output's gradient)."""
    (x, dy), (sums,) = call.arguments, call.results
    shape = _convolution(x.shape, sums.shape[1:], call.numbers)
    shares = _divided(0, shape.batch, sums.shape[0])

    def work(number: int) -> None:
        first, last = shares[number]
        total = sums.at(number)
        _numbers(total, math.prod(sums.shape[1:]))[:] = 0
        parts = _divided(first, last, _parts(shape._replace(batch=last - first)))
        with _bench() as bench:
            for first, last in parts:
                part = shape._replace(batch=last - first)
                _add_kernel_gradient(bench, part, x.at(first), dy.at(first), total)

    call.share(len(shares), work)


def pooled(call: Call) -> None:
    """Convolution, bias, pooling and ReLU: (pictures, kernel, bias) to output and positions."""
    (x, kernel, bias), (y, places) = call.arguments, call.results
    window = call.numbers[6]
    size = math.prod(kernel.shape)
    weight = _magnitude(_numbers(kernel.address, size)) * size // kernel.shape[3]
    offset = _magnitude(_numbers(bias.address, *bias.shape))

    def work(bench: Bench, first: int, part: Convolution) -> None:
        picture = _numbers(x.at(first), math.prod(part.pictures))
        # The library's ReLU and pooling turn NaN into a number.
        finite = weight * _magnitude(picture) + offset < LARGEST
        convolve, reorder = bench.primitive(primitives.forward, part, True, finite)
        own = _laid_out(bench, convolve, reorder, kernel)
        output = bench.scratch("output", 4 * math.prod(part.output))
        addresses = {SOURCE: x.at(first), KERNEL: own, BIAS: bias.address, TARGET: output}
        bench.run(convolve, addresses)
        (pool,) = bench.primitive(primitives.max_pooling, part.output, window)
        bench.run(pool, {SOURCE: output, TARGET: y.at(first), WORKSPACE: places.at(first)})
        if not finite:
            _pool_anything(output, part.output, window, y.at(first))

    _share_parts(call, _convolution(x.shape, kernel.shape, call.numbers), work)


def _magnitude(numbers: np.ndarray) -> float:
    """The largest absolute value; NaN if one of them is NaN."""
    return float(np.maximum(numbers.max(), -numbers.min()))


def _pool_anything(source: int, shape: tuple[int, ...], window: int, target: int) -> None:
    """Pooling and ReLU that preserve NaN."""
    batch, height, width, features = shape
    rows, columns = height // window, width // window
    x = _numbers(source, *shape)[:, : rows * window, : columns * window]
    blocks = x.reshape(batch, rows, window, columns, window, features)
    y = _numbers(target, batch, rows, columns, features)
    np.maximum(blocks.max(axis=(2, 4)), 0, out=y)


def pooled_gradient(call: Call) -> None:
    """The gradients of `pooled`; for kernel and bias, one sum per share.

    Arguments are pictures, kernel, output, positions and the output's gradient. The last result is
    the pictures' gradient, if it is requested.
    """
    (x, kernel, y, places, dy), (sums, bias_sums, *dx) = call.arguments, call.results
    window = call.numbers[6]
    shape = _convolution(x.shape, kernel.shape, call.numbers)
    shares, size = _divided(0, shape.batch, sums.shape[0]), math.prod(kernel.shape)

    def work(number: int) -> None:
        total, bias_total = sums.at(number), _numbers(bias_sums.at(number), shape.features)
        _numbers(total, size)[:] = 0
        bias_total[:] = 0
        start, stop = shares[number]
        count = _parts(shape._replace(batch=stop - start))
        with _bench() as bench:
            for first, last in _divided(start, stop, count):
                of_part(bench, first, shape._replace(batch=last - first), total, bias_total)

    def of_part(
        bench: Bench, first: int, part: Convolution, total: int, bias_total: np.ndarray
    ) -> None:
        pooled_shape = (part.batch, *y.shape[1:])
        masked = bench.scratch("masked", 4 * math.prod(pooled_shape))
        (mask,) = bench.primitive(primitives.relu_gradient, pooled_shape)
        bench.run(mask, {TARGET: y.at(first), D_TARGET: dy.at(first), D_SOURCE: masked})
        output = bench.scratch("output", 4 * math.prod(part.output))
        (unpool,) = bench.primitive(primitives.max_pooling_gradient, part.output, window)
        bench.run(unpool, {D_TARGET: masked, WORKSPACE: places.at(first), D_SOURCE: output})
        # Sums rows first: in a single sum, rounding errors would add up.
        rows = _numbers(masked, part.batch * y.shape[1], y.shape[2], part.features).sum(axis=1)
        bias_total += rows.sum(axis=0)
        _add_kernel_gradient(bench, part, x.at(first), output, total)
        if dx:
            back, reorder = bench.primitive(primitives.picture_gradient, part)
            own = _laid_out(bench, back, reorder, kernel)
            bench.run(back, {D_TARGET: output, KERNEL: own, D_SOURCE: dx[0].at(first)})

    call.share(len(shares), work)
