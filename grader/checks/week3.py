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
    """Our reference: windows of the picture times the kernel, in float64."""
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
        hint = "uint8 wraps around at 256. Compute in float32."
    elif array is not None and array.shape == image.shape:
        hint = "This is as large as the picture, as with SAME. VALID leaves the border out."
    elif array is not None and array.shape == tuple(np.add(image.shape, kernel.shape) - 1):
        hint = "This is larger than the picture. With VALID, the kernel stays inside."
    elif array is not None and array.shape != right.shape:
        hint = (
            f"A kernel of {rows} × {columns} has {right.shape[0]} positions in {image.shape[0]} "
            f"rows and {right.shape[1]} in {image.shape[1]} columns: n - k + 1."
        )
    clipped = "You clipped the result to 0…255. Leave it unclipped."
    if right.max() <= 255:
        clipped = "You clipped negative results to 0. Leave them unclipped."
    mistakes = {
        "Off by one: the last window of each row and column is missing; n - k + 1 windows fit.": (
            right[:-1, :-1]
        ),
        "Off by one: the first window of each row and column is missing; n - k + 1 windows fit.": (
            right[1:, 1:]
        ),
        "The windows are side by side: move by one pixel each time.": right[::rows, ::columns],
        "You flipped the kernel. Apply it unflipped.": _convolve(wide, weights[::-1, ::-1]),
        clipped: np.clip(right, 0, 255),
        "The results have lost their sign. Leave negative ones negative.": np.abs(right),
        "You divided the result by the sum of the kernel.": right / (weights.sum() or 1),
        "This is the mean over the window. Add up without dividing.": right / kernel.size,
        "This adds up only the pixels: multiply each by its number in the kernel.": _convolve(
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
        "You computed in uint8, which wraps around at 256. Compute in float32.": right % 256,
        "You cut off the kernel's fractions. Compute in float32.": _convolve(
            wide, np.trunc(weights)
        ),
        "You cut off the fractions of the result. Compute in float32.": np.trunc(right),
        "You rounded the result. Compute in float32 and do not round.": np.rint(right),
    }
    if rows == columns:
        mistakes["The kernel's rows and columns are swapped."] = _convolve(wide, weights.T)
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
        "How large is the result? Count the positions where the kernel fits, along each axis.",
        "For each kernel pixel (i, j), take the part of the picture that begins at (i, j) and is "
        "as large as the result. Multiply it by that one number.",
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
    with judge.part(1, "a grey picture in uint8, with results below 0 and above 255"):
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
        "How many complete squares fit along each axis? Drop the rest.",
        "Reshape to four axes: (squares down, size, squares across, size).",
        "image[: h * size, : w * size].reshape(h, size, w, size).max(axis=(1, 3))",
    ),
)
def check_max_pool2d(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Keep the largest value of each square"""
    rng = secret.numpy("pictures")

    def judged(shape: tuple[int, int], size: int) -> None:
        # All below zero, so that a border or a start value of 0 shows.
        image = (-rng.uniform(1, 9, shape)).astype(np.float32)
        right = _pool(image, size)
        rows, columns = right.shape
        whole = image[: rows * size, : columns * size]
        windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))
        up = tuple(-(-n // size) for n in shape)
        border = tuple((0, n * size - m) for n, m in zip(up, shape, strict=True))
        filled = "Drop the rows and columns that do not fill a square. Do not pad them."
        array = as_array(got := student.max_pool2d(student.numpy(image), size))
        mistakes = {
            "This is the mean of each square. Take the largest value.": _pool(image, size, np.mean),
            "This is the sum of each square. Take the largest value.": _pool(image, size, np.sum),
            "This is the smallest value of each square.": _pool(image, size, np.min),
            "This is the first pixel of each square. Take the largest.": image[::size, ::size],
            "This is the first pixel of each complete square. Take the largest.": whole[
                ::size, ::size
            ],
            "The squares overlap: move by `size`, not by 1.": windows.max(axis=(2, 3)),
            "Your squares overlap: square i begins at row i · size, not at row i.": (
                windows[:rows, :columns].max(axis=(2, 3))
            ),
            filled: _pool(np.pad(image, border, constant_values=-np.inf), size),
            "The squares are 2 × 2; `size` says how large they must be.": _pool(image, 2),
            "The squares start from the end: drop the last rows and columns, not the first.": (
                _pool(image[-rows * size :, -columns * size :], size)
            ),
            "You cut the squares from the wrong rows or columns: reshape to "
            "(rows, size, columns, size).": whole.reshape(size, rows, size, columns).max((0, 2)),
            "The axes are in the wrong order: reshape to (h // size, size, w // size, size), and "
            "take the maximum over axes 1 and 3.": whole.reshape(rows, columns, size, size).max(
                (2, 3)
            ),
            "The axes of the maximum are wrong: 1 and 3 run inside a square.": whole.reshape(
                rows, size, columns, size
            ).max((0, 2)),
            "This is the maximum over the rows only: a square has columns too.": (
                whole.reshape(rows, size, columns * size).max(1)
            ),
            "This is the maximum over the columns only: a square has rows too.": (
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
        "Draw it for n = 5 and a kernel of 3: at which positions can the kernel begin?",
        "VALID, stride 1: n - kernel + 1. With a stride, every stride-th of these positions.",
        "(n - kernel) // stride + 1 for VALID, and n / stride rounded up for SAME.",
    ),
)
def check_conv_output_size(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Calculate the size of a convolution's output"""
    rng = secret.numpy("sizes")

    def judged(
        n: int, kernel: int, stride: int, padding: str, mistakes: dict[str, int], hint: str
    ) -> None:
        places = len(range(0, n - kernel + 1, stride))
        right = -(-n // stride) if padding == "SAME" else places
        known = {
            "This ignores the stride.": n if padding == "SAME" else n - kernel + 1,
            "This is the size for SAME.": -(-n // stride),
            "This is the size for VALID.": places,
            "This ignores the kernel: it is n // stride.": n // stride,
        }
        got = student.conv_output_size(n, kernel, stride=stride, padding=padding)
        known = {k: v for k, v in {**mistakes, **known}.items() if v != right}
        judge.same(got, right, hint=hint, mistakes=known)

    def valid(n: int, kernel: int, stride: int, mistakes: dict[str, int]) -> None:
        places = [str(place) for place in range(0, n - kernel + 1, stride)]
        listed = ", ".join(places if len(places) < 7 else [*places[:4], "…", places[-1]])
        hint = f"The kernel can begin at the positions {listed}: count them."
        judged(n, kernel, stride, "VALID", mistakes, hint)

    # Earlier inputs tell apart mistakes that give the same size for a later input.
    with judge.part(1, "VALID"):
        valid(28, 3, 1, {"Off by one: the first position counts too.": 25})
        for kernel in (4, 6, int(rng.integers(2, 8))):
            n = kernel + int(rng.integers(4, 40))
            even = "2 · (kernel // 2) is kernel - 1 only for an odd kernel: take n - kernel + 1."
            valid(n, kernel, 1, {even: n - 2 * (kernel // 2)})
        for stride in (2, 3, 4):
            kernel, steps = 3 * stride + int(rng.integers(1, stride)), int(rng.integers(5, 12))
            n = kernel + stride * steps
            early = "(n - kernel + 1) // stride loses a position: divide first, then add 1."
            valid(n, kernel, stride, {early: steps})
            beyond = "Round down: there is no position for the kernel beyond the last one."
            valid(n + stride - 1, kernel, stride, {beyond: steps + 2})
    with judge.part(1, "SAME"):
        for stride in (1, 2, 3):
            n = stride * int(rng.integers(6, 14))
            hint = f"{n} / {stride} is {n / stride:g}."
            full = "When stride divides n, nothing is left over to round up."
            judged(n, 3, stride, "SAME", {full: n // stride + 1}, hint)
            rounded = ", which is rounded up" if stride > 1 else ""
            hint = f"{n + 1} / {stride} is {(n + 1) / stride:.4g}{rounded}."
            mistakes = {"This is not rounded up.": (n + 1) // stride}
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
        "For the network, follow size and channels from layer to layer: size - 2, then // 2. After "
        "flattening there are size · size · channels inputs.",
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
                    "One bias in total is too few: one per filter.": weights + 1,
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
                    "One bias in total is too few: one per neuron.": inputs * outputs + 1,
                    "One bias per neuron, not per input.": inputs * outputs + inputs,
                    "A bias belongs to a neuron; the inputs have none.": (
                        (inputs + 1) * (outputs + 1) - 1
                    ),
                },
            )
    with judge.part(1, "a complete network"):
        for depth in (3, 2, 1):
            # With three poolings, such a size tells apart all ways to count the edges.
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
    """Returns the totals for a network when one thing is miscounted, by the sentence for it."""
    depth, right, channels = len(net.filters), net.total(), net.filters[-1]

    def edge(layer: Callable[[int], int] = lambda edge: (edge - 2) // 2) -> int:
        return functools.reduce(lambda edge, _: layer(edge), range(depth), net.edge)

    def flattened(inputs: int) -> int:
        return right + (inputs - edge() ** 2 * channels) * net.hidden

    pooled_first = edge(lambda edge: edge // 2 - 2)
    known = {
        "Pooling is missing: it halves the picture after each convolution.": net.total(
            unpooled=range(depth)
        ),
        "Pooling follows the last convolution too.": net.total(unpooled=(depth - 1,)),
        "A 3 × 3 VALID convolution makes the picture 2 smaller.": net.total(border=0),
        "A 3 × 3 VALID convolution makes the picture 2 smaller, not 3.": net.total(border=3),
        "Pooling comes after the convolution, not before it.": flattened(
            pooled_first**2 * channels
        ),
        "Pooling drops an odd edge, but here it keeps it: round halves down.": (
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
        "The dense layer gets the output of the last pooling, not the entire picture.": flattened(
            net.edge**2 * channels
        ),
        "The last dense layer is missing.": right - (net.hidden + 1) * net.outputs,
        "The dense layer between flattening and the last layer is missing.": net.total(dense=False),
    }
    return {sentence: total for sentence, total in known.items() if total != right}


CNN = ConvNet(edge=28, channels=1, filters=(64, 64), hidden=128, outputs=10)
OTHER_CNN = dataclasses.replace(CNN, filters=(32, 64))
CNN_TOTALS = {
    **common_totals(CNN),
    OTHER_CNN.total(border=0): "This is a different network, with 32 and 64 filters and SAME.",
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
    """Build a convolutional network for clothes"""
    import lib

    model = student.fashion_cnn()
    judge_total(judge, model, CNN, CNN_TOTALS)
    judge.architecture(
        model,
        lib.fashion_cnn(),
        (3, 28, 28, 1),  # no smaller: answers may write out the size after flattening
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
        "kept['intermediates'] has an entry per layer, and one '__call__' for the entire model.",
        "{name: layers[name]['__call__'][-1] for name in layers if name != '__call__'}",
    ),
)
def check_layer_activations(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Get the output of every layer"""
    import jax

    import lib

    rng = secret.numpy("nets")
    hidden = int(rng.integers(5, 9))
    # Dense nets: a fresh worker must compile every operation, and a convolution has many.
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
      got: what the student's function returned.
      expected: the output of each layer, by name.
      before: the output of each before its activation function.
      darker: the output of each for images divided by 255.
    """
    if type(got) is not dict:
        judge.fail(
            "layer_activations must return a dict from layer name to output.",
            got=got,
            expected=f"a dict with keys {', '.join(expected)}",
        )
    if "__call__" in got:
        judge.fail(
            "There is an entry '__call__', for the entire model. Leave it out.",
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
                f"The entry for {name} is still wrapped.",
                "['__call__'] is a tuple; its last element is the layer's output.",
                got=value,
                expected=f"shape {right.shape}, float",
            )
        others = {
            f"This is the output of {other}.": output
            for other, output in expected.items()
            if other != name
        }
        mistakes = {
            "This is the output before the activation function: take the last element of the "
            "tuple, [-1].": before[name],
            "You divided the images by 255, but they are already 0…1.": darker[name],
            "This is the output for the first image only; the batch has more.": right[:1],
            "This is the output for the first image, without the batch axis.": right[0],
            "This is the mean over the batch.": right.mean(0),
            **others,
        }
        judge.same(value, right, f"the output of {name}", atol=1e-4, mistakes=mistakes)


@task(
    points=2,
    functions=("activation_to_image",),
    hints=(
        "Follow the docstring from left to right, with one line of code for each step.",
        "Use jnp.clip(..., 0, 255) before you convert to uint8, or large values wrap around.",
        "Dividing by jnp.where(std > 0, std, 1) divides by 1 where there is no spread.",
    ),
)
def check_activation_to_image(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Turn an activation into a grey picture"""
    rng = secret.numpy("activations")

    def judged(activation: np.ndarray) -> None:
        wide = activation.astype(np.float64)
        got = student.activation_to_image(activation)
        array = as_array(got)
        if array is None or array.shape != activation.shape or array.dtype != np.uint8:
            fits = array is not None and array.shape == activation.shape
            judge.fail(
                "activation_to_image must return a grey picture.",
                "Use .astype(np.uint8) at the end." if fits else "",
                got=got,
                expected=f"shape {activation.shape}, uint8",
            )
        # With n - 1 instead of n, it is a standard deviation too.
        if any(_same_grey(array, np.clip(_grey(wide, ddof), 0, 255)) for ddof in (0, 1)):
            return
        right = np.clip(_grey(wide), 0, 255)
        place = np.unravel_index(np.abs(array - right).argmax(), right.shape)
        known = (name for name, grey in _wrong_greys(wide).items() if _same_grey(array, grey))
        cause = next(known, "")
        if wide.std() and not np.ptp(array):  # many mistakes end there
            cause = f"Every value is {array.flat[0]}."
        by_hand = (
            f"There the activation is {wide[place]:.6g}, its mean {wide.mean():.6g} and its "
            f"standard deviation {wide.std():.6g}. Follow the docstring with these numbers."
        )
        index = ", ".join(str(int(i)) for i in place)
        judge.fail(
            f"The grey values are wrong. {cause}".strip(),
            "" if cause else by_hand,
            got=f"at [{index}] {int(array[place])}",
            expected=f"at [{index}] {right[place]:.1f}",
        )

    # The float32 mean of 32 equal numbers is exact: the standard deviation is 0, not 1e-8.
    shape = ((4, 8), (8, 4))[int(rng.integers(2))]
    with judge.part(1.5, "activations with a spread"):
        activation = rng.gamma(1.0, 3.0, shape) + 5
        activation[0, 1] += 40  # far out: must be clipped
        judged(activation.astype(np.float32))
        judged((-0.01 * activation).astype(np.float32))
    with judge.part(0.5, "an activation without a spread"):
        # One of them has a small spread, which is not the same as none.
        little = 0.05 * rng.permutation(np.linspace(-1, 1, 32)).reshape(shape)
        flat = [np.zeros(shape), np.full(shape, 2.5), 2.5 + little]
        for turn in rng.permutation(3):
            judged(flat[turn].astype(np.float32))


def _grey(wide: np.ndarray, ddof: int = 0) -> np.ndarray:
    """Returns the grey values before they are clipped to 0…255."""
    std = wide.std(ddof=ddof)
    return (wide - wide.mean()) / (std if wide.std() else 1) * 64 + 128


def _same_grey(array: np.ndarray, other: np.ndarray) -> bool:
    """True if a picture shows these grey values, with fractions truncated or rounded."""
    return bool(np.abs(array.astype(np.float64) - other).max() <= 1.01)


def _wrong_greys(wide: np.ndarray) -> dict[str, np.ndarray]:
    """Returns the pictures that known mistakes make from an activation, by their sentences."""
    scaled, spread = _grey(wide), wide.std() or 1
    centred = wide - wide.mean()
    if not wide.std():
        black = (
            "It is all black. Where the standard deviation is 0, every value is the mean, which "
            "becomes 128. (0 / 0 is NaN, which becomes 0 in uint8.)"
        )
        return {black: np.zeros_like(wide), "It came back unchanged.": np.trunc(wide)}

    def each(axis: int) -> np.ndarray:
        std = wide.std(axis, keepdims=True)
        return (wide - wide.mean(axis, keepdims=True)) / std * 64 + 128

    known = {
        "You did not subtract the mean.": wide / spread * 64 + 128,
        "You divided by the variance; the standard deviation is its root.": (
            centred / wide.var() * 64 + 128
        ),
        "You did not multiply by 64.": centred / spread + 128,
        "You did not add the 128.": scaled - 128,
        "64 and 128 are swapped: multiply by 64, add 128.": centred / spread * 128 + 64,
        "You added the 128 before multiplying by 64.": (centred / spread + 128) * 64,
        "Mean and standard deviation are those of each column; use the entire picture.": each(0),
        "Mean and standard deviation are those of each row; use the entire picture.": each(1),
        "You stretched it from the smallest value to the largest; use the mean and the standard "
        "deviation.": (wide - wide.min()) / np.ptp(wide) * 255,
    }
    # The first activations have a larger standard deviation: answers that never divide fail there.
    undivided = "You did not divide by the standard deviation."
    if spread < 1:
        undivided = (
            "You divided by 1 where the standard deviation is less; skip the division only for 0."
        )
    known[undivided] = centred * 64 + 128
    cut = {sentence: np.clip(grey, 0, 255) for sentence, grey in known.items()}
    outside = "Values outside 0…255 have wrapped around: clip before uint8."
    return cut | {
        outside: np.trunc(scaled) % 256,
        "You clipped it to 0…255 before adding the 128: clip at the end.": (
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
    """Train a convolutional network that beats the dense one"""
    import lib

    hint = "Try more epochs, or a learning rate that falls to 0 (optax.linear_schedule)."
    model = lib.fashion_cnn()
    judge_training(student, secret, judge, "train_cnn", model, hint, renumber=True)
