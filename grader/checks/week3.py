"""The rubric of week 3: convolutions, pooling, and a network made of them."""

from __future__ import annotations

import dataclasses
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
    expected = _convolve(image, kernel).astype(np.float32)
    array = as_array(got)
    if array is not None and array.shape != expected.shape:
        hint = "How many places are there where the kernel fits? Begin counting at the first one."
        if array.shape == image.shape:
            hint = "That is as large as the picture (SAME). VALID leaves the border out."
        elif array.shape == tuple(size - 1 for size in expected.shape):
            hint = "Off by one: the last window is missing. n - k + 1 windows fit, not n - k."
        elif array.shape == tuple(np.add(image.shape, kernel.shape) - 1):
            hint = "That is larger than the picture. VALID: the kernel stays inside."
        judge.fail(
            f"A picture {image.shape} and a kernel {kernel.shape} give another size.",
            hint,
            got=got,
            expected=f"shape {expected.shape}, float",
        )
    wide, turned = image.astype(np.float64), kernel[::-1, ::-1]
    mistakes = {
        "The kernel was flipped. Lay it on as it is.": _convolve(wide, turned),
        "The result was clipped to 0…255. Leave it as it is.": np.clip(expected, 0, 255),
        "Negative results were cut off. Leave them as they are.": np.maximum(expected, 0),
        "The result was divided by the sum of the kernel.": expected
        / (kernel.sum() if kernel.sum() else 1),
        "It ran in uint8, which wraps around at 256. Compute in float32.": expected % 256,
        "The fraction is cut off. Compute in float32.": np.trunc(expected),
    }
    if kernel.shape[0] == kernel.shape[1]:
        mistakes["Rows and columns of the kernel are swapped."] = _convolve(wide, kernel.T)
    judge.same(got, expected, atol=atol, rtol=1e-4, mistakes=mistakes)


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
        "numpy.correlate",
        "scipy.signal.*",
        "scipy.ndimage.*",
        "flax.linen.Conv",
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
    height, width = image.shape[0] // size, image.shape[1] // size
    squares = image[: height * size, : width * size].reshape(height, size, width, size)
    return reduce(squares, axis=(1, 3))


@task(
    points=2,
    functions=("max_pool2d",),
    forbids=(
        "lib.max_pool",
        "lib.MaxPool",
        "flax.linen.max_pool",
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
        expected = _pool(image, size)
        got = student.max_pool2d(student.numpy(image), size)
        array = as_array(got)
        hint = ""
        if array is not None and array.shape == tuple(-(-n // size) for n in shape) != (
            expected.shape
        ):
            hint = "Rows and columns that do not fill a square are dropped, not filled up."
        elif array is not None and array.shape == tuple(n - size + 1 for n in shape):
            hint = "The squares overlap: move on by `size`, not by 1."
        judge.same(
            got,
            expected,
            hint=hint,
            mistakes={
                "This is the mean of each square. Take the largest value.": _pool(
                    image, size, np.mean
                ),
                "This is the smallest value of each square.": _pool(image, size, np.min),
                "This is the first pixel of each square.": image[::size, ::size][
                    : expected.shape[0], : expected.shape[1]
                ],
                "The squares are cut from the wrong rows or columns: check the reshape.": (
                    image[: expected.shape[0] * size, : expected.shape[1] * size]
                    .reshape(size, expected.shape[0], size, expected.shape[1])
                    .max(axis=(0, 2))
                ),
                "Negative pixels were lost: compare with the square's own values, not with 0.": (
                    np.zeros_like(expected)
                ),
            },
        )

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

    def judged(n: int, kernel: int, stride: int, padding: str) -> None:
        valid = (n - kernel) // stride + 1
        right = -(-n // stride) if padding == "SAME" else valid
        got = student.conv_output_size(n, kernel, stride=stride, padding=padding)
        mistakes = {
            "Off by one: the first place counts as well.": right - 1,
            "Off by one: one place too many.": right + 1,
            "That is the size for SAME.": -(-n // stride),
            "That is the size for VALID.": valid,
            "Rounded the wrong way.": n // stride
            if padding == "SAME"
            else -(-(n - kernel + 1) // stride),
        }
        judge.same(got, right, mistakes={k: v for k, v in mistakes.items() if v != right})

    with judge.part(1, "VALID"):
        judged(28, 3, 1, "VALID")
        for _ in range(3):
            kernel = int(rng.integers(2, 8))
            judged(kernel + int(rng.integers(0, 40)), kernel, 1, "VALID")
        for stride in (2, 3, 4):
            kernel = int(rng.integers(2, 6))
            n = kernel + stride * int(rng.integers(3, 9))
            judged(n, kernel, stride, "VALID")
            judged(n + stride - 1, kernel, stride, "VALID")
    with judge.part(1, "SAME"):
        for stride in (1, 2, 3):
            n = stride * int(rng.integers(4, 12))
            judged(n, 3, stride, "SAME")
            judged(n + 1, int(rng.integers(2, 5)), stride, "SAME")


@task(
    points=3,
    functions=("conv_params", "dense_params", "cnn_params"),
    forbids=("lib.count_params", "lib.summary"),
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
        for _ in range(3):
            channels, filters, kernel = (int(rng.integers(a, b)) for a, b in COUNTS)
            weights = kernel * kernel * channels * filters
            judge.same(
                student.conv_params(channels, filters, kernel),
                weights + filters,
                mistakes={
                    "The biases are missing: one per filter.": weights,
                    "One bias in all is too few: one per filter.": weights + 1,
                    "The window is square: kernel times kernel.": (kernel * channels + 1) * filters,
                    "A filter looks at all channels of its input.": (kernel * kernel + 1) * filters,
                },
            )
    with judge.part(1, "a dense layer"):
        for _ in range(2):
            inputs, outputs = (int(n) for n in rng.integers(3, 900, 2))
            judge.same(
                student.dense_params(inputs, outputs),
                inputs * outputs + outputs,
                mistakes={
                    "The biases are missing: one per neuron.": inputs * outputs,
                    "One bias per neuron, not per input.": inputs * outputs + inputs,
                },
            )
    with judge.part(1, "a whole network"):
        for depth in (2, 1, 3):
            # An odd picture for the net with one convolution: its pooling has an edge to drop.
            size = 2 * int(rng.integers(20, 45)) + (1 if depth == 1 else 0)
            filters = tuple(int(n) for n in rng.integers(3, 70, depth))
            hidden, classes = int(rng.integers(20, 200)), int(rng.integers(2, 30))
            net = ConvNet(size, 1, filters, hidden, classes)
            judge.same(
                student.cnn_params(size, filters, hidden, classes),
                net.total(),
                mistakes={
                    "The pictures were not made smaller by the pooling.": net.total(
                        unpooled=range(depth)
                    ),
                    "A 3 × 3 VALID convolution makes the picture 2 smaller.": net.total(border=0),
                    "Each convolution looks at all channels of the one before.": net.total(
                        one_channel=True
                    ),
                    "The pooling drops an odd edge: halves are rounded down.": net.total(
                        rounded_up=True
                    ),
                },
            )


COUNTS = ((2, 9), (3, 70), (2, 8))


CNN = ConvNet(edge=28, channels=1, filters=(64, 64), hidden=128, outputs=10)
OTHER_CNN = dataclasses.replace(CNN, filters=(32, 64))
CNN_TOTALS = {
    **common_totals(CNN),
    CNN.total(unpooled=(1,)): "The second pooling layer is missing.",
    OTHER_CNN.total(border=0): "That is the other network, with 32 and 64 filters and SAME.",
    OTHER_CNN.total(): "Has the first convolution 32 filters? It should have 64.",
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
            "The ReLU after both convolutions is missing.": CNN.variant(linear=(0, 1)),
            "No layer has a ReLU.": CNN.variant(linear=(0, 1), dense="none"),
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
        run = jax.jit(
            lib.activations,
            static_argnums=0,
            compiler_options=ONCE,
        )
        outputs = run(ours, params, images)
        names = [row.name for row in lib.summary(ours, shape).rows]
        expected = {name: np.asarray(outputs[name]) for name in names}
        _judge_layers(judge, student.layer_activations(theirs, params, images), expected)


def _judge_layers(judge: Judge, got: Any, expected: dict[str, np.ndarray]) -> None:
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
        array = as_array(value)
        if array is not None and array.shape == right.shape and np.any(right != array):
            if np.allclose(np.maximum(array, 0), right, atol=1e-4):
                judge.fail(
                    f"The output of {name} is the one before its activation function.",
                    "Take the last element of the tuple, [-1].",
                )
        judge.same(value, right, f"the output of {name}", atol=1e-4)


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
        centred = wide - wide.mean()
        scaled = centred / (wide.std() or 1) * 64 + 128
        expected = np.clip(scaled, 0, 255)
        got = student.activation_to_image(activation)
        array = as_array(got)
        if array is None or array.shape != activation.shape or array.dtype != np.uint8:
            judge.fail(
                "activation_to_image must return a grey picture.",
                ".astype(np.uint8) at the end." if array is not None else "",
                got=got,
                expected=f"shape {activation.shape}, uint8",
            )
        if np.abs(array.astype(np.float64) - expected).max() <= 1.01:
            return
        wrong = {
            "Values outside 0…255 have wrapped around: clip before uint8.": scaled % 256,
            "The mean was not subtracted.": np.clip(wide / (wide.std() or 1) * 64 + 128, 0, 255),
            "It was not divided by the deviation.": np.clip(centred * 64 + 128, 0, 255),
            "The 128 was not added.": np.clip(scaled - 128, 0, 255),
            "Divided by the variance; the deviation is its root.": np.clip(
                centred / (wide.var() or 1) * 64 + 128, 0, 255
            ),
            "Centred by the smallest value, scaled by the largest: not what is asked for.": (
                (wide - wide.min()) / (np.ptp(wide) or 1) * 255
            ),
        }
        for sentence, other in wrong.items():
            if np.abs(array.astype(np.float64) - np.floor(other)).max() <= 1.01:
                judge.fail(sentence)
        worst = np.unravel_index(
            np.abs(array.astype(np.float64) - expected).argmax(), expected.shape
        )
        place = ", ".join(str(int(i)) for i in worst)
        judge.fail(
            "The grey values are others.",
            "Mean off, divide by the deviation, times 64, plus 128, clip, uint8.",
            got=f"at [{place}] {int(array[worst])}",
            expected=f"at [{place}] {expected[worst]:.1f}",
        )

    # Of 32 equal numbers the mean in float32 is exact: the standard deviation is 0, not 1e-8.
    shape = ((4, 8), (8, 4))[int(rng.integers(2))]
    with judge.part(1.5, "activations with a spread"):
        activation = rng.gamma(1.0, 3.0, shape) + 5
        activation[0, 1] += 40  # far out: must be cut
        judged(activation.astype(np.float32))
        judged((-0.01 * activation).astype(np.float32))
    with judge.part(0.5, "an activation without any"):
        judged(np.zeros(shape, np.float32))
        judged(np.full(shape, 2.5, np.float32))


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

    hint = "Let the learning rate fall to 0 (optax.linear_schedule), or give it more epochs."
    judge_training(student, secret, judge, "train_cnn", lib.fashion_cnn(), hint)
