"""The rubric of week 3: convolutions, pooling, and a network made of them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.checks.networks import (
    ConvNet,
    common_mistakes,
    common_totals,
    judge_total,
    random_params,
)
from grader.checks.training import judge_training
from grader.judge.architecture import ONCE
from grader.judge.judge import Judge
from grader.judge.student import Student
from grader.judge.values import as_array
from grader.rubric import task
from grader.secret import TaskSecret


def _convolve(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Our own: windows of the picture times the kernel, in float64."""
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(np.float64), kernel.shape)
    return np.einsum("ijkl,kl->ij", windows, kernel.astype(np.float64))


def _judge_convolution(
    judge: Judge, got: Any, image: np.ndarray, kernel: np.ndarray, atol: float
) -> None:
    wide, weights = image.astype(np.float64), kernel.astype(np.float64)
    right = _convolve(wide, weights)
    rows, columns = kernel.shape
    array = as_array(got)
    hint = ""
    if array is not None and array.dtype == np.uint8:
        hint = "What is kept in uint8 wraps around at 256. Compute in float32."
    elif array is not None and array.shape == image.shape:
        hint = "That is as large as the picture, as with SAME. VALID leaves the border out."
    elif array is not None and array.shape == tuple(np.add(image.shape, kernel.shape) - 1):
        hint = "That is larger than the picture. With VALID the kernel stays inside."
    elif array is not None and array.shape != right.shape:
        hint = (
            f"A kernel of {rows} × {columns} fits {right.shape[0]} times below each other into "
            f"{image.shape[0]} rows, and {right.shape[1]} times side by side into "
            f"{image.shape[1]} columns: n - k + 1."
        )
    clipped = "The result was clipped to 0…255. Leave it unclipped."
    if right.max() <= 255:
        clipped = "Negative results were clipped to 0. Leave them unclipped."
    mistakes = {
        "Off by one: the last window of each row and column is missing; n - k + 1 windows fit.": (
            right[:-1, :-1]
        ),
        "Off by one: the first window of each row and column is missing; n - k + 1 windows fit.": (
            right[1:, 1:]
        ),
        "The windows lie side by side; move on by one pixel each time.": right[::rows, ::columns],
        "The kernel was flipped. Lay it on without turning it.": _convolve(
            wide, weights[::-1, ::-1]
        ),
        clipped: np.clip(right, 0, 255),
        "The results have lost their sign. Leave negative ones negative.": np.abs(right),
        "The result was divided by the sum of the kernel.": right / (weights.sum() or 1),
        "This is the mean over the window. Add up without dividing.": right / kernel.size,
        "This adds up the pixels alone: multiply each by its number in the kernel.": _convolve(
            wide, np.ones_like(weights)
        ),
        "Only the last number of the kernel counts: add each product to the result so far.": (
            wide[rows - 1 :, columns - 1 :] * weights[-1, -1]
        ),
        "Only the first number of the kernel counts: return after both loops, not inside.": (
            wide[: 1 - rows, : 1 - columns] * weights[0, 0]
        ),
        "Only the first row of the kernel counts: return after both loops, not inside.": _convolve(
            wide[: 1 - rows], weights[:1]
        ),
        "It ran in uint8, which wraps around at 256. Compute in float32.": right % 256,
        "The kernel's fractions are cut off. Compute in float32.": _convolve(
            wide, np.trunc(weights)
        ),
        "The fractions of the result are cut off. Compute in float32.": np.trunc(right),
        "The result is rounded. Compute in float32, and leave it.": np.rint(right),
    }
    if rows == columns:
        mistakes["Rows and columns of the kernel are swapped."] = _convolve(wide, weights.T)
    judge.same(got, right.astype(np.float32), hint=hint, atol=atol, rtol=1e-4, mistakes=mistakes)


@task(
    points=3,
    functions=("convolve2d",),
    forbids=(
        "lib.conv2d",
        "lib.Conv",
        "lib.nn.layers.conv_*",
        "lib.nn.convolution.*",
        "lib.nn.cpu_convolution.*",
        "lib.nn.conv_pool.*",
        "lib.nn.winograd.*",
        "lib.nn.onednn.*",
        "jax.lax.conv",
        "jax.lax.conv_*",
        "jax.scipy.signal.*",
        "jax.numpy.convolve",
        "jax.numpy.correlate",
        "numpy.convolve",
        "numpy.polymul",
        "numpy.polynomial.*",
        "jax.numpy.polymul",
        "numpy.correlate",
        "scipy.signal.*",
        "scipy.ndimage.*",
        "flax.linen.Conv*",
    ),
    seconds=20,
    hints=(
        "How large is the result? Count the places where the kernel fits, along each axis.",
        "For each kernel pixel (i, j): a part of the picture, as large as the result, begins at "
        "(i, j); multiply it with that one number.",
        "result = result + image[i : i + height, j : j + width] * kernel[i, j], over all i and j.",
    ),
)
def check_convolve2d(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Slide a kernel over a picture"""
    rng = secret.numpy("pictures")
    height, width = (int(n) for n in rng.choice([8, 9, 11, 12], 2, replace=False))
    image = rng.uniform(-2, 2, (height, width)).astype(np.float32)
    with judge.part(1, "a 3 × 3 kernel"):
        kernel = rng.normal(size=(3, 3)).astype(np.float32)
        got = student.convolve2d(student.numpy(image), student.numpy(kernel))
        _judge_convolution(judge, got, image, kernel, 1e-4)
    with judge.part(1, "kernels that are not square"):
        kernel = rng.normal(size=(2, 3)).astype(np.float32)
        got = student.convolve2d(student.numpy(image), student.numpy(kernel))
        _judge_convolution(judge, got, image, kernel, 1e-4)
    with judge.part(1, "a grey picture in uint8, results below 0 and above 255"):
        grey = rng.integers(0, 256, (height, width)).astype(np.uint8)
        kernel = (np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) * 1.5).astype(np.float32)
        kernel = kernel + rng.normal(0, 0.2, (3, 3)).astype(np.float32)
        got = student.convolve2d(student.numpy(grey), student.numpy(kernel))
        _judge_convolution(judge, got, grey, kernel, 1e-2)


def _pool(image: np.ndarray, size: int, reduce: Any = np.max) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))
    return reduce(windows[::size, ::size], axis=(2, 3))


@task(
    points=2,
    functions=("max_pool2d",),
    forbids=(
        "lib.max_pool",
        "lib.MaxPool",
        "lib.nn.pooling.*",
        "flax.linen.max_pool",
        "flax.linen.pool",
        "jax.lax.reduce_window",
        "scipy.ndimage.*",
    ),
    seconds=20,
    hints=(
        "How many whole squares fit along each axis? Drop what is left over.",
        "Reshape to four axes: (squares down, size, squares across, size).",
        "image[: h * size, : w * size].reshape(h, size, w, size).max(axis=(1, 3))",
    ),
)
def check_max_pool2d(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """The largest value of each square"""
    rng = secret.numpy("pictures")

    def judged(shape: tuple[int, int], size: int) -> None:
        # All below zero: a border or a start value of 0 shows.
        image = (-rng.uniform(1, 9, shape)).astype(np.float32)
        right = _pool(image, size)
        rows, columns = right.shape
        whole = image[: rows * size, : columns * size]
        windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))
        up = tuple(-(-n // size) for n in shape)
        border = tuple((0, n * size - m) for n, m in zip(up, shape, strict=True))
        filled = "Rows and columns that do not fill a square are dropped, not filled up."
        array = as_array(got := student.max_pool2d(student.numpy(image), size))
        mistakes = {
            "This is the mean of each square. Take the largest value.": _pool(image, size, np.mean),
            "This is the sum of each square. Take the largest value.": _pool(image, size, np.sum),
            "This is the smallest value of each square.": _pool(image, size, np.min),
            "This is the first pixel of each square. Take the largest.": image[::size, ::size],
            "This is the first pixel of each whole square. Take the largest.": whole[
                ::size, ::size
            ],
            "The squares overlap: move on by `size`, not by 1.": windows.max(axis=(2, 3)),
            filled: _pool(np.pad(image, border, constant_values=-np.inf), size),
            "The squares are 2 × 2; `size` says how large they are.": _pool(image, 2),
            "The squares begin at the end: the last rows and columns are dropped, not the first.": (
                _pool(image[-rows * size :, -columns * size :], size)
            ),
            "The squares are cut from the wrong rows or columns: reshape to "
            "(rows, size, columns, size).": whole.reshape(size, rows, size, columns).max((0, 2)),
            "The axes of the maximum are wrong: 1 and 3 run inside a square.": whole.reshape(
                rows, size, columns, size
            ).max((0, 2)),
            "The largest value was looked for in the rows alone: a square has columns too.": (
                whole.reshape(rows, size, columns * size).max(1)
            ),
            "The largest value was looked for in the columns alone: a square has rows too.": (
                whole.reshape(rows * size, columns, size).max(2)
            ),
            "Negative pixels were lost: compare with the square's own values, not with 0.": (
                np.zeros_like(right)
            ),
        }
        filled_up = array is not None and array.shape == up != right.shape
        judge.same(got, right, hint=filled if filled_up else "", mistakes=mistakes)

    with judge.part(1, "sizes that fit"):
        judged((6, 10), 2)
    with judge.part(1, "rows and columns left over"):
        judged((8, 13), 3)


@task(
    points=2,
    functions=("conv_output_size",),
    hints=(
        "Draw it for n = 5 and a kernel of 3: at which places can the kernel begin?",
        "VALID, stride 1: n - kernel + 1. With a stride, every stride-th of these places.",
        "(n - kernel) // stride + 1 for VALID, and n / stride rounded up for SAME.",
    ),
)
def check_conv_output_size(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """How large a convolution's output is"""
    rng = secret.numpy("sizes")

    def judged(
        n: int, kernel: int, stride: int, padding: str, mistakes: dict[str, int], hint: str
    ) -> None:
        places = len(range(0, n - kernel + 1, stride))
        right = -(-n // stride) if padding == "SAME" else places
        known = {
            "The stride is left out.": n if padding == "SAME" else n - kernel + 1,
            "That is the size for SAME.": -(-n // stride),
            "That is the size for VALID.": places,
            "The kernel is left out: that is n // stride.": n // stride,
        }
        got = student.conv_output_size(n, kernel, stride=stride, padding=padding)
        known = {k: v for k, v in {**mistakes, **known}.items() if v != right}
        judge.same(got, right, hint=hint, mistakes=known)

    def valid(n: int, kernel: int, stride: int, mistakes: dict[str, int]) -> None:
        places = [str(place) for place in range(0, n - kernel + 1, stride)]
        listed = ", ".join(places if len(places) < 7 else [*places[:4], "…", places[-1]])
        hint = f"The kernel can begin at the places {listed}: count them."
        judged(n, kernel, stride, "VALID", mistakes, hint)

    # Earlier inputs separate mistakes that come to one size for a later input.
    with judge.part(1, "VALID"):
        valid(28, 3, 1, {"Off by one: the first place counts as well.": 25})
        for kernel in (4, 6, int(rng.integers(2, 8))):
            n = kernel + int(rng.integers(4, 40))
            even = "2 · (kernel // 2) is kernel - 1 for an odd kernel only: take n - kernel + 1."
            valid(n, kernel, 1, {even: n - 2 * (kernel // 2)})
        for stride in (2, 3, 4):
            kernel, steps = 3 * stride + int(rng.integers(1, stride)), int(rng.integers(5, 12))
            n = kernel + stride * steps
            early = "(n - kernel + 1) // stride loses a place: divide first, then add 1."
            valid(n, kernel, stride, {early: steps})
            beyond = "Round down: there is no place for the kernel beyond the last one."
            valid(n + stride - 1, kernel, stride, {beyond: steps + 2})
    with judge.part(1, "SAME"):
        for stride in (1, 2, 3):
            n = stride * int(rng.integers(6, 14))
            hint = f"{n} / {stride} is {n / stride:g}."
            full = "When stride divides n, nothing is left over to round up."
            judged(n, 3, stride, "SAME", {full: n // stride + 1}, hint)
            rounded = ", which is rounded up" if stride > 1 else ""
            hint = f"{n + 1} / {stride} is {(n + 1) / stride:.4g}{rounded}."
            mistakes = {"It was not rounded up.": (n + 1) // stride}
            if stride == 1:
                both = "An even kernel gets kernel - 1 zeros in all, not kernel // 2 on each side."
                mistakes = {both: n + 2}
            judged(n + 1, 4, stride, "SAME", mistakes, hint)


@task(
    points=3,
    functions=("conv_params", "dense_params", "cnn_params"),
    forbids=(
        "lib.count_params",
        "lib.summary",
        "lib.fashion_cnn",
        "lib.ConvClassifier",
        "lib.DenseClassifier",
        "lib.Conv",
        "lib.Dense",
        "flax.linen.Conv",
        "flax.linen.Dense",
        "flax.linen.tabulate",
        "jax.eval_shape",
    ),
    hints=(
        "How many numbers does one filter hold? How many filters are there?",
        "Each filter and each neuron has one bias as well.",
        "For the whole network follow size and channels from layer to layer: size - 2, then // 2; "
        "after flattening there are size · size · channels inputs.",
    ),
)
def check_count_parameters(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Count the parameters of layers and of a network"""
    rng = secret.numpy("layers")
    with judge.part(1, "a convolution"):
        for kernel in (3, int(rng.integers(4, 8))):
            channels, filters = int(rng.integers(8, 16)), int(rng.integers(20, 70))
            weights = kernel * kernel * channels * filters
            judge.same(
                student.conv_params(channels, filters, kernel),
                weights + filters,
                mistakes={
                    "The biases are missing: one per filter.": weights,
                    "One bias in all is too few: one per filter.": weights + 1,
                    "One bias per filter, not per channel of the input.": weights + channels,
                    "One bias per filter, not one for each of its channels.": (
                        weights + channels * filters
                    ),
                    "The window is square: kernel times kernel.": (kernel * channels + 1) * filters,
                    "A filter looks at all channels of its input.": (kernel * kernel + 1) * filters,
                    "This is one filter; there are out_channels of them.": (
                        kernel * kernel * channels + 1
                    ),
                },
            )
    with judge.part(1, "a dense layer"):
        for _ in range(2):
            inputs, outputs = int(rng.integers(300, 900)), int(rng.integers(3, 200))
            judge.same(
                student.dense_params(inputs, outputs),
                inputs * outputs + outputs,
                mistakes={
                    "The biases are missing: one per neuron.": inputs * outputs,
                    "One bias in all is too few: one per neuron.": inputs * outputs + 1,
                    "One bias per neuron, not per input.": inputs * outputs + inputs,
                    "A bias belongs to a neuron; the inputs have none.": (
                        (inputs + 1) * (outputs + 1) - 1
                    ),
                },
            )
    with judge.part(1, "a whole network"):
        for depth in (3, 2, 1):
            # Three poolings of such a size tell all ways to count the edges apart.
            size = 8 * int(rng.integers(7, 12))
            filters = tuple(int(n) for n in rng.choice(np.arange(12, 70), depth, replace=False))
            hidden, classes = int(rng.integers(40, 200)), int(rng.integers(2, 30))
            net = ConvNet(size, 1, filters, hidden, classes)
            judge.same(
                student.cnn_params(size, filters, hidden, classes),
                net.total(),
                mistakes=_wrong_totals(net),
            )


def _wrong_totals(net: ConvNet) -> dict[str, int]:
    """What the parameters of a network come to when one thing is counted in another way."""
    depth, right, channels = len(net.filters), net.total(), net.filters[-1]

    def edge(layer: Callable[[int], int] = lambda edge: (edge - 2) // 2) -> int:
        return functools.reduce(lambda edge, _: layer(edge), range(depth), net.edge)

    def flattened(inputs: int) -> int:
        return right + (inputs - edge() ** 2 * channels) * net.hidden

    pooled_first = edge(lambda edge: edge // 2 - 2)
    known = {
        "The pooling is missing: it halves the picture after each convolution.": net.total(
            unpooled=range(depth)
        ),
        "The last convolution is followed by a pooling too.": net.total(unpooled=(depth - 1,)),
        "A 3 × 3 VALID convolution makes the picture 2 smaller.": net.total(border=0),
        "A 3 × 3 VALID convolution makes the picture 2 smaller, not 3.": net.total(border=3),
        "The pooling comes after the convolution, not before it.": flattened(
            pooled_first**2 * channels
        ),
        "The pooling keeps an odd edge here; it drops it: round halves down.": (
            net.total(rounded_up=True)
        ),
        "Each convolution looks at all channels of the one before.": net.total(one_channel=True),
        "The biases are missing.": net.total(bias=0),
        "After flattening there are size · size · channels inputs, not size · channels.": (
            flattened(edge() * channels)
        ),
        "After flattening there are size · size · channels inputs, not size · size.": flattened(
            edge() ** 2
        ),
        "The dense layer gets what the last pooling leaves, not the whole picture.": flattened(
            net.edge**2 * channels
        ),
        "The last dense layer is missing.": right - (net.hidden + 1) * net.outputs,
        "The dense layer between flattening and the last one is missing.": net.total(dense=False),
    }
    return {sentence: total for sentence, total in known.items() if total != right}


CNN = ConvNet(edge=28, channels=1, filters=(64, 64), hidden=128, outputs=10)
OTHER_CNN = dataclasses.replace(CNN, filters=(32, 64))
CNN_TOTALS = {
    **common_totals(CNN),
    OTHER_CNN.total(border=0): "That is the other network, with 32 and 64 filters and SAME.",
    OTHER_CNN.total(): "The first convolution has 32 filters; it should have 64.",
}


@task(
    points=2,
    functions=("fashion_cnn",),
    forbids=("lib.fashion_cnn", "lib.ConvClassifier", "lib.same_cnn", "lib.one_conv_cnn"),
    seconds=20,
    hints=(
        "Seven layers; nn.Sequential([...]) runs them one after the other.",
        "Conv, MaxPool, Conv, MaxPool, Flatten, Dense, Dense. Which have a ReLU?",
        "lib.Conv(64, activation=nn.relu), lib.MaxPool(), the same again, lib.Flatten(), "
        "lib.Dense(128, activation=nn.relu), lib.Dense(10)",
    ),
)
def check_fashion_cnn(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Conv 64, pool, Conv 64, pool, Dense 128, Dense 10"""
    import lib

    model = student.fashion_cnn()
    judge_total(judge, model, CNN, CNN_TOTALS)
    judge.architecture(
        model,
        lib.fashion_cnn(),
        (3, 28, 28, 1),  # no smaller: the size after flattening may be written out
        CNN.input_shape,
        mistakes={
            **common_mistakes(CNN),
            "The ReLU after the first convolution is missing.": CNN.variant(linear=(0,)),
            "The ReLU after the second convolution is missing.": CNN.variant(linear=(1,)),
        },
    )


@task(
    points=2,
    functions=("layer_activations",),
    forbids=("lib.activations",),
    seconds=30,
    hints=(
        "model.apply with capture_intermediates=True returns two things; look at the second.",
        "kept['intermediates'] has an entry per layer, and one '__call__' for the whole model.",
        "{name: layers[name]['__call__'][-1] for name in layers if name != '__call__'}",
    ),
)
def check_layer_activations(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """The output of every layer"""
    import jax

    import lib

    rng = secret.numpy("nets")
    hidden = int(rng.integers(5, 9))
    # Dense nets: in a fresh worker every operation has to be compiled, and a convolution has many.
    nets = [
        ("DenseClassifier", {"hidden": hidden, "classes": 4}, (3, 4, 5, 1)),
        ("DeepLinear", {"features": (hidden, 4)}, (3, 20)),
    ]
    for name, options, shape in nets:
        ours = getattr(lib, name)(**options)
        theirs = student.piece(f"lib.{name}", **options)
        images = rng.uniform(0, 1, shape).astype(np.float32)
        params = random_params(ours, shape, rng)
        run = jax.jit(_layer_outputs, static_argnums=0, compiler_options=ONCE)
        outputs, darker = run(ours, params, images), run(ours, params, images / 255)
        names = [row.name for row in lib.summary(ours, shape).rows]
        _judge_layers(
            judge,
            student.layer_activations(theirs, params, images),
            {name: np.asarray(outputs[name][-1]) for name in names},
            {name: np.asarray(outputs[name][0]) for name in names},
            {name: np.asarray(darker[name][-1]) for name in names},
        )


def _layer_outputs(model: Any, params: Any, images: Any) -> dict[str, tuple[Any, ...]]:
    """All outputs of each layer, the last one after its activation function."""
    from flax import linen as nn

    outputs: dict[str, tuple[Any, ...]] = {}

    def note(call: Callable[..., Any], args: Any, options: Any, context: Any) -> Any:
        output = call(*args, **options)
        if len(context.module.path) == 1 and context.method_name == "__call__":
            (name,) = context.module.path
            outputs[name] = (*outputs.get(name, ()), output)
        return output

    with nn.intercept_methods(note):
        model.apply({"params": params}, images)
    return outputs


def _judge_layers(
    judge: Judge,
    got: Any,
    expected: dict[str, np.ndarray],
    before: dict[str, np.ndarray],
    darker: dict[str, np.ndarray],
) -> None:
    """Judges the outputs of layers.

    Args:
      judge: the fixture.
      got: what came back.
      expected: the output of each layer, by name.
      before: what each put out before its activation function.
      darker: what each puts out for images divided by 255.
    """
    if type(got) is not dict:
        judge.fail(
            "layer_activations must return a dict from layer name to output.",
            got=got,
            expected=f"a dict with keys {', '.join(expected)}",
        )
    if "__call__" in got:
        judge.fail(
            "There is an entry '__call__': that is the model as a whole. Leave it out.",
            "... for name in layers if name != '__call__'",
        )
    if set(got) != set(expected):
        judge.fail(
            "There must be one entry for each layer, under its name.",
            got=f"a dict with keys {', '.join(sorted(map(str, got)))}"[:200],
            expected=f"a dict with keys {', '.join(expected)}",
        )
    for name, right in expected.items():
        value = got[name]
        if type(value) in (tuple, list, dict):
            judge.fail(
                f"The entry of {name} is still wrapped.",
                "['__call__'] gives a tuple; its last element is the layer's output.",
                got=value,
                expected=f"shape {right.shape}, float",
            )
        others = {
            f"This is the output of {other}.": output
            for other, output in expected.items()
            if other != name
        }
        mistakes = {
            "This is the output before the activation function: take the last of the tuple, "
            "[-1].": before[name],
            "The images were divided by 255; they are 0…1 already.": darker[name],
            "This is the output for the first image alone; there is a batch of them.": right[:1],
            "This is the output for the first image, without the batch axis.": right[0],
            "This is the mean over the batch.": right.mean(0),
            **others,
        }
        judge.same(value, right, f"the output of {name}", atol=1e-4, mistakes=mistakes)


@task(
    points=2,
    functions=("activation_to_image",),
    hints=(
        "Follow the docstring from left to right, one line of code each.",
        "jnp.clip(..., 0, 255) before the change to uint8, or large values wrap around.",
        "jnp.where(deviation > 0, deviation, 1) divides by 1 where there is no spread.",
    ),
)
def check_activation_to_image(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """An activation as a grey picture"""
    rng = secret.numpy("activations")

    def judged(activation: np.ndarray) -> None:
        wide = activation.astype(np.float64)
        got = student.activation_to_image(activation)
        array = as_array(got)
        if array is None or array.shape != activation.shape or array.dtype != np.uint8:
            fits = array is not None and array.shape == activation.shape
            judge.fail(
                "activation_to_image must return a grey picture.",
                ".astype(np.uint8) at the end." if fits else "",
                got=got,
                expected=f"shape {activation.shape}, uint8",
            )
        # With n - 1 in place of n it is a standard deviation as well.
        if any(_same_grey(array, np.clip(_grey(wide, ddof), 0, 255)) for ddof in (0, 1)):
            return
        right = np.clip(_grey(wide), 0, 255)
        place = np.unravel_index(np.abs(array - right).argmax(), right.shape)
        known = (name for name, grey in _wrong_greys(wide).items() if _same_grey(array, grey))
        cause = next(known, "")
        if wide.std() and not np.ptp(array):  # many mistakes end there
            cause = f"All of it is {array.flat[0]}."
        by_hand = (
            f"There the activation is {wide[place]:.6g}, its mean {wide.mean():.6g} and its "
            f"standard deviation {wide.std():.6g}: follow the docstring by hand."
        )
        index = ", ".join(str(int(i)) for i in place)
        judge.fail(
            f"The grey values are others. {cause}".strip(),
            "" if cause else by_hand,
            got=f"at [{index}] {int(array[place])}",
            expected=f"at [{index}] {right[place]:.1f}",
        )

    # Of 32 equal numbers the mean in float32 is exact: the standard deviation is 0, not 1e-8.
    shape = ((4, 8), (8, 4))[int(rng.integers(2))]
    with judge.part(1.5, "activations with a spread"):
        activation = rng.gamma(1.0, 3.0, shape) + 5
        activation[0, 1] += 40  # far out: must be cut
        judged(activation.astype(np.float32))
        judged((-0.01 * activation).astype(np.float32))
    with judge.part(0.5, "an activation without any"):
        # One with little is among them, which is no grey area.
        little = 0.05 * rng.permutation(np.linspace(-1, 1, 32)).reshape(shape)
        flat = [np.zeros(shape), np.full(shape, 2.5), 2.5 + little]
        for turn in rng.permutation(3):
            judged(flat[turn].astype(np.float32))


def _grey(wide: np.ndarray, ddof: int = 0) -> np.ndarray:
    """Grey values before they are cut to 0…255."""
    deviation = wide.std(ddof=ddof)
    return (wide - wide.mean()) / (deviation if wide.std() else 1) * 64 + 128


def _same_grey(array: np.ndarray, other: np.ndarray) -> bool:
    """True if a picture shows these grey values; fractions may be cut or rounded."""
    return bool(np.abs(array.astype(np.float64) - other).max() <= 1.01)


def _wrong_greys(wide: np.ndarray) -> dict[str, np.ndarray]:
    """The pictures that known mistakes make of an activation, each with its sentence."""
    scaled, spread = _grey(wide), wide.std() or 1
    centred = wide - wide.mean()
    if not wide.std():
        black = (
            "All of it is black; where the deviation is 0, every value is the mean, which becomes "
            "128. (0 / 0 is NaN, which uint8 makes 0.)"
        )
        return {black: np.zeros_like(wide), "It came back unchanged.": np.trunc(wide)}

    def each(axis: int) -> np.ndarray:
        deviation = wide.std(axis, keepdims=True)
        return (wide - wide.mean(axis, keepdims=True)) / deviation * 64 + 128

    known = {
        "The mean was not subtracted.": wide / spread * 64 + 128,
        "It was divided by the variance; the deviation is its root.": centred / wide.var() * 64
        + 128,
        "It was not multiplied by 64.": centred / spread + 128,
        "The 128 was not added.": scaled - 128,
        "64 and 128 are exchanged: times 64, plus 128.": centred / spread * 128 + 64,
        "The 128 was added before multiplying by 64.": (centred / spread + 128) * 64,
        "Mean and deviation are those of each column; take those of the whole picture.": each(0),
        "Mean and deviation are those of each row; take those of the whole picture.": each(1),
        "It was stretched from the smallest value to the largest; the mean and the deviation are "
        "asked for.": (wide - wide.min()) / np.ptp(wide) * 255,
    }
    # The first activations have a larger deviation: who does not divide never gets to a smaller.
    undivided = "It was not divided by the deviation."
    if spread < 1:
        undivided = "It was divided by 1 where the deviation is less; leave it out for 0 alone."
    known[undivided] = centred * 64 + 128
    cut = {sentence: np.clip(grey, 0, 255) for sentence, grey in known.items()}
    outside = "Values outside 0…255 have wrapped around: clip before uint8."
    return cut | {
        outside: np.trunc(scaled) % 256,
        "It was cut to 0…255 before the 128 was added: clip at the end.": (
            np.trunc(np.clip(scaled - 128, 0, 255) + 128) % 256
        ),
    }


@task(
    points=4,
    functions=("train_cnn",),
    needs=("fashion_cnn",),
    forbids=("lib.load", "lib.draw", "lib.data.*"),
    seconds=300,
    training=True,
    hints=(
        "The same pieces as in week 2: create_state, an optimizer, fit.",
        "steps = 3 * math.ceil(len(images) / 32), for three epochs in batches of 32; then "
        "optax.adam(optax.linear_schedule(0.002, 0.0, steps)).",
        "state, _ = lib.fit(state, images, labels, epochs=3, key=...); return state.params. Use "
        "lib.Conv and lib.MaxPool in the model: they are many times faster than nn.Conv.",
    ),
)
def check_train_cnn(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """A convolutional network that beats the dense one"""
    import lib

    hint = "Try more epochs, or a learning rate that falls to 0 (optax.linear_schedule)."
    model = lib.fashion_cnn()
    judge_training(student, secret, judge, "train_cnn", model, hint, renumber=True)
