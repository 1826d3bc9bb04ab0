"""What students get wrong most often: each mistake gets a short message that teaches.

Each test puts one mistake into the right solution of a week, grades that task through the command
line, and looks at the message: what it says, how long it is, which line it names, and that nothing
of the grader's own shows in it.
"""

import dataclasses
import json
import re
import textwrap
from collections.abc import Container

import pytest

from grader.source.notebook import to_notebook

MARK = "# <-"  # stands at the end of the line that the message must name
GRADERS_OWN = (
    "grader/",
    "worker.py",
    "site-packages",
    "Traceback",
    "checks/",
    "session.py",
    "/tmp",
    "pytest",
)


@dataclasses.dataclass(frozen=True)
class Mistake:
    """One mistake: the task it is made in, the wrong version, and what the message must say.

    Attributes:
      name: what goes wrong; the test's id.
      week: "week1" …
      task: the task that is graded.
      wrong: the wrong version of one function or class of the solution.
      words: what message and hint must say, in any case of letters.
      status: the verdict.
      points: for the parts that hold all the same.
    """

    name: str
    week: str
    task: str
    wrong: str
    words: tuple[str, ...]
    status: str = "failed"
    points: float = 0.0


WRONG_FORM = [
    Mistake(
        "misspelt function",
        "week1",
        "set_last",
        """
        def set_lst(values, new):  # <-
            return values.at[-1].set(new)
        """,
        ("no set_last in week1.py", "is it set_lst"),
    ),
    Mistake(
        "renamed argument",
        "week1",
        "train_line",
        """
        def train_line(x, y, rate, epochs):  # <-
            return 0.0, 0.0, [0.0] * epochs
        """,
        ("(x, y, learning_rate, epochs)", "(x, y, rate, epochs)", "keep the names"),
    ),
    Mistake(
        "missing argument",
        "week1",
        "mean_squared_error",
        """
        def mean_squared_error(predictions):  # <-
            return jnp.mean(predictions**2)
        """,
        ("should take (predictions, targets)",),
    ),
    Mistake(
        "arguments in another order",
        "week3",
        "max_pool2d",
        """
        def max_pool2d(size, image):  # <-
            return image.max()
        """,
        ("should take (image, size)", "order"),
    ),
    Mistake(
        "stub left",
        "week3",
        "conv_output_size",
        """
        def conv_output_size(n, kernel, stride=1, padding="VALID"):
            raise NotImplementedError("Write conv_output_size.")
        """,
        ("still the stub",),
        "todo",
    ),
    Mistake(
        "stub pasted below the answer",
        "week1",
        "set_last",
        """
        def set_last(values, new):
            return values.at[-1].set(new)


        def set_last(values, new):  # <-
            raise NotImplementedError("Write set_last.")
        """,
        ("twice", "delete the stub"),
    ),
    Mistake(
        "function where a class is asked for",
        "week2",
        "stop_at_accuracy",
        """
        def StopAtAccuracy(epoch, logs):  # <-
            return logs["accuracy"] > 0.99
        """,
        ("should be a class",),
    ),
    Mistake(
        "method missing",
        "week2",
        "stop_at_accuracy",
        """
        class StopAtAccuracy:  # <-
            def __init__(self, threshold):
                self.threshold = threshold

            def on_epoch_ends(self, epoch, logs, state):
                return logs.get("accuracy", 0.0) > self.threshold
        """,
        ("no method on_epoch_end",),
    ),
    Mistake(
        "self forgotten",
        "week2",
        "stop_at_accuracy",
        """
        class StopAtAccuracy:
            def __init__(self, threshold):
                self.threshold = threshold

            def on_epoch_end(epoch, logs, state):  # <-
                return logs.get("accuracy", 0.0) > 0.9
        """,
        ("self", "first"),
    ),
    Mistake(
        "forbidden piece of lib",
        "week3",
        "convolve2d",
        """
        def convolve2d(image, kernel):
            batch = jnp.asarray(image, jnp.float32)[None, :, :, None]
            return lib.conv2d(batch, kernel[:, :, None, None])[0, :, :, 0]  # <-
        """,
        ("you write this one", "lib.conv2d"),
    ),
    Mistake(
        "ready-made loss where it is to be written",
        "week2",
        "cross_entropy",
        """
        def cross_entropy(logits, labels):
            losses = optax.softmax_cross_entropy_with_integer_labels(logits, labels)  # <-
            return losses.mean()
        """,
        ("you write this one", "optax.softmax_cross_entropy_with_integer_labels"),
    ),
]

NOTHING_RETURNED = [
    Mistake(
        "return forgotten",
        "week1",
        "mean_squared_error",
        """
        def mean_squared_error(predictions, targets):  # <-
            error = jnp.mean(jnp.square(predictions.reshape(-1) - targets.reshape(-1)))
        """,
        ("none", "return"),
    ),
    Mistake(
        "print instead of return",
        "week3",
        "conv_output_size",
        """
        def conv_output_size(n, kernel, stride=1, padding="VALID"):
            size = -(-n // stride) if padding == "SAME" else (n - kernel) // stride + 1
            print(size)  # <-
        """,
        ("none", "print", "return"),
    ),
    Mistake(
        "one of two results missing",
        "week1",
        "two_draws",
        """
        def two_draws(key, n):
            return jax.random.normal(key, (n,))  # <-
        """,
        ("two arrays", "return first, second"),
    ),
    Mistake(
        "return inside the loop",
        "week1",
        "train_line",
        """
        def train_line(x, y, learning_rate, epochs):
            weight, bias, losses = jnp.float32(0), jnp.float32(0), []
            for _ in range(epochs):
                losses.append(float(mean_squared_error(weight * x + bias, y)))
                weight, bias = gradient_step(weight, bias, x, y, learning_rate)
                return float(weight), float(bias), losses  # <-
        """,
        ("return", "loop"),
    ),
    Mistake(
        "list instead of array",
        "week3",
        "max_pool2d",
        """
        def max_pool2d(image, size):
            height, width = image.shape[0] // size, image.shape[1] // size
            return [  # <-
                [
                    float(image[i * size : (i + 1) * size, j * size : (j + 1) * size].max())
                    for j in range(width)
                ]
                for i in range(height)
            ]
        """,
        ("a list is not an array", "jnp.array"),
    ),
    Mistake(
        "axes returned instead of the figure",
        "week2",
        "plot_probabilities",
        """
        def plot_probabilities(probabilities, class_names):
            axes = Figure().subplots()
            axes.bar(class_names, probabilities)
            return axes  # <-
        """,
        ("return the figure", "axes"),
    ),
    Mistake(
        "class of the model instead of a model",
        "week2",
        "dense_model",
        """
        def dense_model():
            class Net(nn.Module):
                @nn.compact
                def __call__(self, images):
                    x = nn.relu(nn.Dense(512)(images.reshape(len(images), -1)))
                    return nn.Dense(10)(x)

            return Net  # <-
        """,
        ("class", "()"),
        "error",
    ),
]

SHAPES_AND_DTYPES = [
    Mistake(
        "wrong shape: a column",
        "week1",
        "set_last",
        """
        def set_last(values, new):
            return values.at[-1].set(new).reshape(-1, 1)  # <-
        """,
        ("(6, 1) is not (6,)", "axis of length 1 too many"),
    ),
    Mistake(
        "wrong shape: one number instead of n",
        "week2",
        "one_hot",
        """
        def one_hot(labels, classes):
            return (labels == jnp.arange(classes)[:, None]).sum(axis=0).astype(jnp.float32)  # <-
        """,
        ("shape (5,)", "shape (5, 7)"),
    ),
    Mistake(
        "axes transposed: pooling",
        "week3",
        "max_pool2d",
        """
        def max_pool2d(image, size):
            height, width = image.shape[0] // size, image.shape[1] // size
            squares = image[: height * size, : width * size].reshape(height, size, width, size)
            return squares.max(axis=(1, 3)).T  # <-
        """,
        ("axes", "transposed"),
    ),
    Mistake(
        "axes transposed: one-hot rows",
        "week2",
        "one_hot",
        """
        def one_hot(labels, classes):
            return (labels[None, :] == jnp.arange(classes)[:, None]).astype(jnp.float32)  # <-
        """,
        ("first axis", "each label is a row"),
    ),
    Mistake(
        "integers where floats belong: whole division",
        "week2",
        "normalise",
        """
        def normalise(images):
            return jnp.asarray(images) // 255  # <-
        """,
        ("integer", "float", "//"),
    ),
    Mistake(
        "True and False where floats belong",
        "week2",
        "one_hot",
        """
        def one_hot(labels, classes):
            return labels[:, None] == jnp.arange(classes)  # <-
        """,
        ("bool", "float", "astype"),
    ),
    Mistake(
        "a float where an int belongs",
        "week3",
        "conv_output_size",
        """
        def conv_output_size(n, kernel, stride=1, padding="VALID"):
            if padding == "SAME":
                return math.ceil(n / stride)
            return (n - kernel) / stride + 1  # <-
        """,
        ("float", "integer", "//"),
        points=1.0,
    ),
    Mistake(
        "uint8 overflow: computed in the picture's dtype",
        "week3",
        "convolve2d",
        """
        def convolve2d(image, kernel):
            height = image.shape[0] - kernel.shape[0] + 1
            width = image.shape[1] - kernel.shape[1] + 1
            result = np.zeros((height, width), image.dtype)
            for i in range(kernel.shape[0]):
                for j in range(kernel.shape[1]):
                    part = image[i : i + height, j : j + width] * kernel[i, j]
                    result = result + part.astype(image.dtype)
            return result  # <-
        """,
        ("uint8", "float32"),
        points=2.0,
    ),
    Mistake(
        "uint8 overflow: not clipped before",
        "week3",
        "activation_to_image",
        """
        def activation_to_image(activation):
            centred = activation - activation.mean()
            deviation = activation.std()
            scaled = centred / jnp.where(deviation > 0, deviation, 1) * 64 + 128
            return np.asarray(scaled).astype(np.int32).astype(np.uint8)  # <-
        """,
        ("wrapped around", "clip before uint8"),
        points=0.5,
    ),
    Mistake(
        "(n,) against (n, 1) in the loss",
        "week1",
        "mean_squared_error",
        """
        def mean_squared_error(predictions, targets):
            return jnp.mean((predictions - targets) ** 2)  # <-
        """,
        ("every prediction met every target", "(n, n)", "same shape"),
        points=1.0,
    ),
    Mistake(
        "(n,) against (n, 1) in training",
        "week1",
        "fit_line",
        """
        def fit_line(x, y, key):
            inputs, model, optimizer = x.reshape(-1, 1), nn.Dense(1), optax.adam(0.1)
            params = model.init(key, inputs)["params"]
            opt_state = optimizer.init(params)

            def loss(params):
                return jnp.mean((model.apply({"params": params}, inputs) - y) ** 2)

            @jax.jit
            def step(params, opt_state):
                updates, opt_state = optimizer.update(jax.grad(loss)(params), opt_state)
                return optax.apply_updates(params, updates), opt_state

            for _ in range(500):
                params, opt_state = step(params, opt_state)
            return params  # <-
        """,
        ("flat", "(n, n)", "one shape"),
    ),
]

CONVOLUTIONS = [
    Mistake(
        "off by one: the last window is missing",
        "week3",
        "convolve2d",
        """
        def convolve2d(image, kernel):
            image = jnp.asarray(image, jnp.float32)
            height = image.shape[0] - kernel.shape[0]
            width = image.shape[1] - kernel.shape[1]
            result = jnp.zeros((height, width), jnp.float32)
            for i in range(kernel.shape[0]):
                for j in range(kernel.shape[1]):
                    result = result + image[i : i + height, j : j + width] * kernel[i, j]
            return result  # <-
        """,
        ("off by one", "n - k + 1"),
    ),
    Mistake(
        "off by one in the size",
        "week3",
        "conv_output_size",
        """
        def conv_output_size(n, kernel, stride=1, padding="VALID"):
            if padding == "SAME":
                return math.ceil(n / stride)
            return (n - kernel) // stride  # <-
        """,
        ("off by one", "first place"),
        points=1.0,
    ),
    Mistake(
        "SAME instead of VALID: a padded convolution",
        "week3",
        "convolve2d",
        """
        def convolve2d(image, kernel):
            height, width = image.shape
            down, across = kernel.shape
            padded = jnp.pad(
                jnp.asarray(image, jnp.float32),
                ((down // 2, down - 1 - down // 2), (across // 2, across - 1 - across // 2)),
            )
            result = jnp.zeros((height, width), jnp.float32)
            for i in range(down):
                for j in range(across):
                    result = result + padded[i : i + height, j : j + width] * kernel[i, j]
            return result  # <-
        """,
        ("SAME", "VALID leaves the border out"),
    ),
    Mistake(
        "SAME instead of VALID: the network",
        "week3",
        "fashion_cnn",
        """
        def fashion_cnn():
            return nn.Sequential(  # <-
                [
                    lib.Conv(64, padding="SAME", activation=nn.relu),
                    lib.MaxPool(),
                    lib.Conv(64, padding="SAME", activation=nn.relu),
                    lib.MaxPool(),
                    lib.Flatten(),
                    lib.Dense(128, activation=nn.relu),
                    lib.Dense(10),
                ]
            )
        """,
        ("440,394", "243,786", "SAME", "VALID"),
    ),
    Mistake(
        "padding ignored",
        "week3",
        "conv_output_size",
        """
        def conv_output_size(n, kernel, stride=1, padding="VALID"):
            return (n - kernel) // stride + 1  # <-
        """,
        ("VALID", "SAME"),
        points=1.0,
    ),
    Mistake(
        "kernel flipped",
        "week3",
        "convolve2d",
        """
        def convolve2d(image, kernel):
            image = jnp.asarray(image, jnp.float32)
            height = image.shape[0] - kernel.shape[0] + 1
            width = image.shape[1] - kernel.shape[1] + 1
            result = jnp.zeros((height, width), jnp.float32)
            for i in range(kernel.shape[0]):
                for j in range(kernel.shape[1]):
                    part = image[i : i + height, j : j + width]
                    result = result + part * kernel[-1 - i, -1 - j]
            return result  # <-
        """,
        ("flipped",),
    ),
    Mistake(
        "result clipped",
        "week3",
        "convolve2d",
        """
        def convolve2d(image, kernel):
            image = jnp.asarray(image, jnp.float32)
            height = image.shape[0] - kernel.shape[0] + 1
            width = image.shape[1] - kernel.shape[1] + 1
            result = jnp.zeros((height, width), jnp.float32)
            for i in range(kernel.shape[0]):
                for j in range(kernel.shape[1]):
                    result = result + image[i : i + height, j : j + width] * kernel[i, j]
            return jnp.clip(result, 0, 255)  # <-
        """,
        ("clipped",),
    ),
    Mistake(
        "max along the wrong axes",
        "week3",
        "max_pool2d",
        """
        def max_pool2d(image, size):
            height, width = image.shape[0] // size, image.shape[1] // size
            squares = image[: height * size, : width * size].reshape(size, height, size, width)
            return squares.max(axis=(0, 2))  # <-
        """,
        ("wrong rows or columns", "reshape"),
    ),
    Mistake(
        "bias forgotten: parameters of a layer",
        "week3",
        "count_parameters",
        """
        def conv_params(in_channels, out_channels, kernel):
            return kernel * kernel * in_channels * out_channels  # <-
        """,
        ("bias", "one per filter"),
        points=1.0,
    ),
    Mistake(
        "bias forgotten: layers of a network",
        "week3",
        "fashion_cnn",
        """
        def fashion_cnn():
            class Net(nn.Module):
                @nn.compact
                def __call__(self, images):
                    x = images
                    for _ in range(2):
                        x = nn.relu(nn.Conv(64, (3, 3), padding="VALID", use_bias=False)(x))
                        x = nn.max_pool(x, (2, 2), strides=(2, 2))
                    x = x.reshape(len(images), -1)
                    x = nn.relu(nn.Dense(128, use_bias=False)(x))
                    return nn.Dense(10, use_bias=False)(x)

            return Net()  # <-
        """,
        ("243,520", "biases are missing"),
    ),
    Mistake(
        "activation function forgotten",
        "week3",
        "fashion_cnn",
        """
        def fashion_cnn():
            return nn.Sequential(  # <-
                [
                    lib.Conv(64),
                    lib.MaxPool(),
                    lib.Conv(64),
                    lib.MaxPool(),
                    lib.Flatten(),
                    lib.Dense(128, activation=nn.relu),
                    lib.Dense(10),
                ]
            )
        """,
        ("relu after both convolutions is missing",),
    ),
    Mistake(
        "Flatten forgotten",
        "week2",
        "dense_model",
        """
        def dense_model():
            return nn.Sequential([lib.Dense(512, activation=nn.relu), lib.Dense(10)])  # <-
        """,
        ("flatten",),
    ),
    Mistake(
        "layer's output before its activation function",
        "week3",
        "layer_activations",
        """
        def layer_activations(model, params, images):
            _, kept = model.apply({"params": params}, images, capture_intermediates=True)
            layers = kept["intermediates"]
            return {  # <-
                name: layers[name]["__call__"] for name in layers if name != "__call__"
            }
        """,
        ("wrapped", "last element"),
    ),
]

LOSSES_AND_STEPS = [
    Mistake(
        "softmax twice: the model ends with one",
        "week2",
        "dense_model",
        """
        def dense_model():
            return nn.Sequential(  # <-
                [lib.Flatten(), lib.Dense(512, activation=nn.relu), lib.Dense(10), jax.nn.softmax]
            )
        """,
        ("ends with a softmax", "logits"),
    ),
    Mistake(
        "softmax twice: cross-entropy of probabilities",
        "week2",
        "cross_entropy",
        """
        def cross_entropy(logits, labels):
            probabilities = jax.nn.softmax(logits)
            log_probabilities = jax.nn.log_softmax(probabilities)
            return -jnp.mean((one_hot(labels, logits.shape[-1]) * log_probabilities).sum(-1))  # <-
        """,
        ("softmax was taken twice",),
    ),
    Mistake(
        "softmax twice: in the training step",
        "week2",
        "train_step",
        """
        def train_step(state, images, labels):
            def loss(params):
                logits = state.model.apply({"params": params}, normalise(images))
                return cross_entropy(jax.nn.softmax(logits), labels)

            value, gradients = jax.value_and_grad(loss)(state.params)
            return state.apply_gradients(gradients), value  # <-
        """,
        ("softmax was taken twice", "logits"),
    ),
    Mistake(
        "softmax along the wrong axis",
        "week2",
        "cross_entropy",
        """
        def cross_entropy(logits, labels):
            log_probabilities = jax.nn.log_softmax(logits, axis=0)
            return -jnp.mean((one_hot(labels, logits.shape[-1]) * log_probabilities).sum(-1))  # <-
        """,
        ("wrong axis", "each row"),
    ),
    Mistake(
        "argmax along the wrong axis",
        "week2",
        "plot_probabilities",
        """
        def plot_probabilities(probabilities, class_names):
            figure = Figure()
            axes = figure.subplots()
            axes.bar(class_names, probabilities)
            axes.set_ylabel("probability")
            best = np.argmax(probabilities[None, :], axis=0)[0]
            axes.set_title(class_names[best])
            return figure  # <-
        """,
        ("title", "argmax", "axis"),
        points=1.0,
    ),
    Mistake(
        "exp of large logits",
        "week2",
        "cross_entropy",
        """
        def cross_entropy(logits, labels):
            exponentials = jnp.exp(logits)
            probabilities = exponentials / exponentials.sum(axis=-1, keepdims=True)
            return -jnp.mean(jnp.log(probabilities[jnp.arange(len(labels)), labels]))  # <-
        """,
        ("large logits", "subtract", "largest"),
        points=2.0,
    ),
    Mistake(
        "no normalisation",
        "week2",
        "train_step",
        """
        def train_step(state, images, labels):
            def loss(params):
                logits = state.model.apply({"params": params}, jnp.asarray(images, jnp.float32))
                return cross_entropy(logits, labels)

            value, gradients = jax.value_and_grad(loss)(state.params)
            return state.apply_gradients(gradients), value  # <-
        """,
        ("not normalised", "255"),
    ),
    Mistake(
        "one-hot against integer labels: the optax loss for rows",
        "week2",
        "train_step",
        """
        def train_step(state, images, labels):
            def loss(params):
                logits = state.model.apply({"params": params}, normalise(images))
                return optax.softmax_cross_entropy(logits, labels).mean()  # <-

            value, gradients = jax.value_and_grad(loss)(state.params)
            return state.apply_gradients(gradients), value
        """,
        ("one-hot", "integer"),
        "error",
    ),
    Mistake(
        "one-hot against integer labels: rows into the loss of lib",
        "week2",
        "train_step",
        """
        def train_step(state, images, labels):
            def loss(params):
                logits = state.model.apply({"params": params}, normalise(images))
                return lib.softmax_cross_entropy(logits, one_hot(labels, 10)).mean()  # <-

            value, gradients = jax.value_and_grad(loss)(state.params)
            return state.apply_gradients(gradients), value
        """,
        ("one-hot", "integer labels (n,)"),
        "error",
    ),
    Mistake(
        "loss summed: by hand",
        "week2",
        "cross_entropy",
        """
        def cross_entropy(logits, labels):
            log_probabilities = jax.nn.log_softmax(logits)
            return -(one_hot(labels, logits.shape[-1]) * log_probabilities).sum()  # <-
        """,
        ("sum", "mean"),
    ),
    Mistake(
        "loss summed: in the training step",
        "week2",
        "train_step",
        """
        def train_step(state, images, labels):
            def loss(params):
                logits = state.model.apply({"params": params}, normalise(images))
                return lib.softmax_cross_entropy(logits, labels).sum()

            value, gradients = jax.value_and_grad(loss)(state.params)
            return state.apply_gradients(gradients), value  # <-
        """,
        ("summed", "mean"),
    ),
    Mistake(
        "loss not averaged: one number for each example",
        "week2",
        "train_step",
        """
        def train_step(state, images, labels):
            def loss(params):
                logits = state.model.apply({"params": params}, normalise(images))
                return lib.softmax_cross_entropy(logits, labels)

            value, gradients = jax.value_and_grad(loss)(state.params)  # <-
            return state.apply_gradients(gradients), value
        """,
        ("one number", "mean"),
        "error",
    ),
    Mistake(
        "gradient ascent: the line",
        "week1",
        "gradient_step",
        """
        def gradient_step(weight, bias, x, y, learning_rate):
            loss = lambda weight, bias: mean_squared_error(weight * x + bias, y)
            slopes = jax.grad(loss, argnums=(0, 1))(weight, bias)
            return weight + learning_rate * slopes[0], bias + learning_rate * slopes[1]  # <-
        """,
        ("uphill", "subtract"),
    ),
    Mistake(
        "gradient ascent: the network",
        "week2",
        "train_step",
        """
        def train_step(state, images, labels):
            def loss(params):
                logits = state.model.apply({"params": params}, normalise(images))
                return cross_entropy(logits, labels)

            value, gradients = jax.value_and_grad(loss)(state.params)
            return state.apply_gradients(jax.tree.map(jnp.negative, gradients)), value  # <-
        """,
        ("uphill",),
    ),
    Mistake(
        "new state thrown away",
        "week2",
        "train_step",
        """
        def train_step(state, images, labels):
            def loss(params):
                logits = state.model.apply({"params": params}, normalise(images))
                return cross_entropy(logits, labels)

            value, gradients = jax.value_and_grad(loss)(state.params)
            state.apply_gradients(gradients)
            return state, value  # <-
        """,
        ("not changed", "apply_gradients gives back"),
    ),
    Mistake(
        "bias from the new weight",
        "week1",
        "gradient_step",
        """
        def gradient_step(weight, bias, x, y, learning_rate):
            loss = lambda weight, bias: mean_squared_error(weight * x + bias, y)
            weight = weight - learning_rate * jax.grad(loss, 0)(weight, bias)
            bias = bias - learning_rate * jax.grad(loss, 1)(weight, bias)
            return weight, bias  # <-
        """,
        ("old values",),
    ),
]

TRAININGS = [
    Mistake(
        "learning rate too large: the line",
        "week1",
        "fit_line",
        """
        def fit_line(x, y, key):
            inputs, model, optimizer = x.reshape(-1, 1), nn.Dense(1), optax.sgd(5.0)
            params = model.init(key, inputs)["params"]
            opt_state = optimizer.init(params)

            def loss(params):
                return mean_squared_error(model.apply({"params": params}, inputs), y)

            @jax.jit
            def step(params, opt_state):
                updates, opt_state = optimizer.update(jax.grad(loss)(params), opt_state)
                return optax.apply_updates(params, updates), opt_state

            for _ in range(300):
                params, opt_state = step(params, opt_state)
            return params  # <-
        """,
        ("diverged", "learning rate is too large"),
    ),
    Mistake(
        "learning rate too large: the network",
        "week3",
        "train_cnn",
        """
        def train_cnn(images, labels, key):
            state = lib.create_state(fashion_cnn(), optax.sgd(1e9), images, key)
            state, _ = lib.fit(state, images[:256], labels[:256], epochs=2, key=key)  # <-
            return state.params
        """,
        ("TrainingDiverged", "learning rate"),
        "error",
    ),
    Mistake(
        "learning rate too large: nan compared",
        "week1",
        "judge_learning_rate",
        """
        def judge_learning_rate(x, y, learning_rate):
            losses = train_line(x, y, learning_rate, 100)[2]
            if losses[-1] > losses[0]:
                return "diverges"
            return "too small" if losses[-1] > losses[0] / 10 else "good"  # <-
        """,
        ("nan", "isfinite"),
    ),
    Mistake(
        "losses noted after the step",
        "week1",
        "train_line",
        """
        def train_line(x, y, learning_rate, epochs):
            weight, bias, losses = jnp.float32(0), jnp.float32(0), []
            for _ in range(epochs):
                weight, bias = gradient_step(weight, bias, x, y, learning_rate)
                losses.append(float(mean_squared_error(weight * x + bias, y)))
            return float(weight), float(bias), losses  # <-
        """,
        ("after each step", "before its step"),
        points=1.5,
    ),
    Mistake(
        "callback that never stops",
        "week2",
        "stop_at_accuracy",
        """
        class StopAtAccuracy:
            def __init__(self, threshold):
                self.threshold = threshold

            def on_epoch_end(self, epoch, logs, state):  # <-
                logs.get("accuracy", 0.0) > self.threshold
        """,
        ("did not stop", "return"),
    ),
    Mistake(
        "callback that always stops",
        "week2",
        "stop_at_accuracy",
        """
        class StopAtAccuracy:
            def __init__(self, threshold):
                self.threshold = threshold

            def on_epoch_end(self, epoch, logs, state):
                return True  # <-
        """,
        ("stopped at an accuracy below the threshold",),
    ),
    Mistake(
        "callback that crashes where a metric is missing",
        "week2",
        "stop_at_accuracy",
        """
        class StopAtAccuracy:
            def __init__(self, threshold):
                self.threshold = threshold

            def on_epoch_end(self, epoch, logs, state):
                return logs["accuracy"] > self.threshold  # <-
        """,
        ("KeyError", "accuracy", ".get("),
        "error",
        points=0.5,
    ),
    Mistake(
        "callback made and not used",
        "week2",
        "train_mnist",
        """
        def train_mnist(images, labels, key):
            callback = StopAtAccuracy(0.99)
            state = lib.create_state(dense_model(), optax.adam(0.001), images, key)
            state, history = lib.fit(state, images, labels, epochs=10, key=key)
            return state.params, history["accuracy"]  # <-
        """,
        ("went on", "callbacks=["),
        points=2.0,
    ),
    Mistake(
        "parameters from before the training",
        "week3",
        "train_cnn",
        """
        def train_cnn(images, labels, key):
            state = lib.create_state(fashion_cnn(), optax.adam(0.001), images, key)
            lib.fit(state, images[:256], labels[:256], key=key)
            return state.params  # <-
        """,
        ("never seen", "guessing", "after training"),
    ),
    Mistake(
        "state returned instead of its parameters",
        "week3",
        "train_cnn",
        """
        def train_cnn(images, labels, key):
            state = lib.create_state(fashion_cnn(), optax.adam(0.001), images, key)
            return state  # <-
        """,
        ("TrainState", "state.params"),
    ),
]

JAX_SURPRISES = [
    Mistake(
        "key used twice",
        "week1",
        "two_draws",
        """
        def two_draws(key, n):
            return jax.random.normal(key, (n,)), jax.random.normal(key, (n,))  # <-
        """,
        ("one key was used twice", "split"),
    ),
    Mistake(
        "key ignored",
        "week1",
        "two_draws",
        """
        def two_draws(key, n):
            first, second = jax.random.split(jax.random.key(0))
            return jax.random.normal(first, (n,)), jax.random.normal(second, (n,))  # <-
        """,
        ("another key", "same numbers", "passed in"),
    ),
    Mistake(
        "assignment into a JAX array",
        "week1",
        "set_last",
        """
        def set_last(values, new):
            values[-1] = new  # <-
            return values
        """,
        ("TypeError", "do not change", ".at[", ".set("),
        "error",
    ),
    Mistake(
        "result of .at[].set() thrown away",
        "week1",
        "set_last",
        """
        def set_last(values, new):
            values.at[-1].set(new)
            return values  # <-
        """,
        ("nothing has changed", "keep it"),
    ),
    Mistake(
        "if on a traced value",
        "week2",
        "cross_entropy",
        """
        def cross_entropy(logits, labels):
            @jax.jit
            def mean(logits):
                if logits.max() > 100:  # <-
                    logits = logits - logits.max(axis=-1, keepdims=True)
                log_probabilities = jax.nn.log_softmax(logits)
                return -jnp.mean((one_hot(labels, logits.shape[-1]) * log_probabilities).sum(-1))

            return mean(logits)
        """,
        ("TracerBoolConversionError", "jit", "jnp.where"),
        "error",
    ),
    Mistake(
        "NumPy on a traced value",
        "week1",
        "gradient_step",
        """
        def gradient_step(weight, bias, x, y, learning_rate):
            def loss(weight, bias):
                return np.mean(np.square(np.asarray(weight * x + bias) - y))  # <-

            slopes = jax.grad(loss, argnums=(0, 1))(weight, bias)
            return weight - learning_rate * slopes[0], bias - learning_rate * slopes[1]
        """,
        ("TracerArrayConversionError", "numpy", "jnp"),
        "error",
    ),
    Mistake(
        "float() of a traced value",
        "week1",
        "gradient_step",
        """
        def gradient_step(weight, bias, x, y, learning_rate):
            def loss(weight, bias):
                return float(mean_squared_error(weight * x + bias, y))  # <-

            slopes = jax.grad(loss, argnums=(0, 1))(weight, bias)
            return weight - learning_rate * slopes[0], bias - learning_rate * slopes[1]
        """,
        ("ConcretizationTypeError", "float()"),
        "error",
    ),
    Mistake(
        "traced value kept outside",
        "week1",
        "gradient_step",
        """
        def gradient_step(weight, bias, x, y, learning_rate):
            kept = []

            def loss(weight, bias):
                kept.append(mean_squared_error(weight * x + bias, y))
                return kept[-1]

            slopes = jax.grad(jax.jit(loss), argnums=(0, 1))(weight, bias)
            print("loss", kept[0] + 1)  # <-
            return weight - learning_rate * slopes[0], bias - learning_rate * slopes[1]
        """,
        ("UnexpectedTracerError", "kept"),
        "error",
    ),
    Mistake(
        "shapes that do not fit together",
        "week1",
        "mean_squared_error",
        """
        def mean_squared_error(predictions, targets):
            return jnp.mean((predictions[:-1] - targets) ** 2)  # <-
        """,
        ("shapes", ".shape"),
        "error",
    ),
]

PLAIN_PYTHON = [
    Mistake(
        "name that does not exist",
        "week1",
        "mean_squared_error",
        """
        def mean_squared_error(predictions, targets):
            error = predictions.reshape(-1) - targets.reshape(-1)
            return jnp.mean(jnp.square(eror))  # <-
        """,
        ("NameError", "eror"),
        "error",
    ),
    Mistake(
        "infinite recursion",
        "week3",
        "conv_output_size",
        """
        def conv_output_size(n, kernel, stride=1, padding="VALID"):
            return conv_output_size(n - 1, kernel, stride, padding) + 1  # <-
        """,
        ("RecursionError", "calls itself without end"),
        "error",
    ),
    Mistake(
        "missing package, imported in a function",
        "week1",
        "house_price",
        """
        def house_price(bedrooms, prices, new_bedrooms):
            import price_helpers  # <-

            return price_helpers.price(new_bedrooms)
        """,
        ("ModuleNotFoundError", "price_helpers", "jax, flax, optax, numpy"),
        "error",
    ),
    Mistake(
        "endless loop",
        "week1",
        "set_last",
        """
        def set_last(values, new):
            while values[-1] != -1:  # <-
                pass
            return values
        """,
        ("10 s of CPU time", "loop never end"),
        "timeout",
    ),
    Mistake(
        "loop over single numbers, far too slow",
        "week3",
        "conv_output_size",
        """
        def conv_output_size(n, kernel, stride=1, padding="VALID"):
            places = 0
            for place in range(10**9):
                places += place % stride == 0 and place + kernel <= n
            return places
        """,
        ("10 s of CPU time", "loop", "python"),
        "timeout",
    ),
    Mistake(
        "half the precision",
        "week2",
        "normalise",
        """
        def normalise(images):
            return jnp.asarray(images, jnp.float16) / 255  # <-
        """,
        ("float16", "three digits", "use float32"),
    ),
    Mistake(
        "the example's rule written down",
        "week1",
        "house_price",
        """
        def house_price(bedrooms, prices, new_bedrooms):
            return 0.5 + 0.5 * new_bedrooms  # <-
        """,
        ("rule of the docstring's example", "learn it from"),
    ),
    Mistake(
        "price printed",
        "week1",
        "house_price",
        """
        def house_price(bedrooms, prices, new_bedrooms):
            weight, bias, _ = train_line(bedrooms, prices, 0.05, 1000)
            print(weight * new_bedrooms + bias)  # <-
        """,
        ("None (is a return missing?)", "print only shows"),
    ),
    Mistake(
        "the line by a solver",
        "week1",
        "fit_line",
        """
        def fit_line(x, y, key):
            slope, offset = np.polyfit(x, y, 1)  # <-
            return {"kernel": np.full((1, 1), slope), "bias": np.full(1, offset)}
        """,
        ("you write this one", "numpy.polyfit"),
    ),
    Mistake(
        "fewer epochs than asked for",
        "week2",
        "train_mnist",
        """
        def train_mnist(images, labels, key):
            state = lib.create_state(dense_model(), optax.adam(0.001), images, key)
            found = []
            while not found or (found[-1] <= 0.99 and len(found) < 8):
                key, fit_key = jax.random.split(key)
                state, history = lib.fit(state, images, labels, key=fit_key)
                found += history["accuracy"]
            return state.params, found  # <-
        """,
        ("twice, with two different labels", "all ten epochs"),
        points=2.0,
    ),
    Mistake(
        "exit() called",
        "week1",
        "house_price",
        """
        def house_price(bedrooms, prices, new_bedrooms):
            weight, bias, _ = train_line(bedrooms, prices, 0.05, 10)
            exit()  # <-
        """,
        ("ended the program", "exit()"),
        "error",
    ),
]

MISTAKES = [
    *WRONG_FORM,
    *NOTHING_RETURNED,
    *SHAPES_AND_DTYPES,
    *CONVOLUTIONS,
    *LOSSES_AND_STEPS,
    *TRAININGS,
    *JAX_SURPRISES,
    *PLAIN_PYTHON,
]


def teaches(report, task: str, words: tuple[str, ...], lines: Container[int], name: str) -> None:
    """Asserts what holds for every message: `lines` are those of which it must name one."""
    found = report.tasks[task]
    text = "\n".join(filter(None, (found["message"], found["hint"])))
    print(text)
    assert 1 <= len(text.split("\n")) <= 12, text
    for own in GRADERS_OWN:
        assert own not in text, text
    # The student's own line does not count as teaching.
    taught = re.sub(r"^(your line|called from) .*$", "", text, flags=re.M).lower()
    missing = [word for word in words if word.lower() not in taught]
    assert not missing, f"{missing} not in:\n{text}"
    if lines:
        places = re.findall(rf"{re.escape(name)}:(\d+)\b", text)
        assert any(int(number) in lines for number in places), f"{lines} not named:\n{text}"
    if found["status"] != "todo":
        # The person at the terminal reads the same.
        for part in found["message"].split("\n"):
            assert part in report.shown
        assert found["hint"] in report.shown
    assert report.status == 1


def unmarked(source: str) -> tuple[str, int | None]:
    """Takes the mark off the line that must be named; returns the source and the line's number."""
    lines = source.split("\n")
    marked = [number for number, line in enumerate(lines, 1) if line.endswith(MARK)]
    assert len(marked) <= 1
    return "\n".join(line.removesuffix(MARK).rstrip() for line in lines), next(iter(marked), None)


def line_of(source: str, text: str) -> int:
    return source[: source.index(text)].count("\n") + 1


def place(source: str, wrong: str) -> tuple[int, int]:
    """First line of a wrong version in the source, and the line after it."""
    lines = textwrap.dedent(wrong).strip("\n").split("\n")
    first = source.split("\n").index(lines[0]) + 1
    return first, first + len(lines)


def test_there_are_at_least_thirty_of_them():
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES) >= 30


@pytest.mark.parametrize("mistake", MISTAKES, ids=[mistake.name for mistake in MISTAKES])
def test_mistake_gets_a_message_that_teaches(mistake, grade, swap):
    source, line = unmarked(swap(mistake.week, mistake.task, mistake.wrong))
    report = grade(source, mistake.week, mistake.task)
    lines = [line] if line else range(*place(source, mistake.wrong))
    lines = [] if mistake.status == "todo" else lines
    teaches(report, mistake.task, mistake.words, lines, f"{mistake.week}.py")
    assert report.tasks[mistake.task]["status"] == mistake.status
    assert report.tasks[mistake.task]["points"] == mistake.points


# Mistakes of the whole file ----------------------------------------------------------------------


def whole_file(report, words, line=None, name="week1.py", status="error"):
    """Asserts what holds where nothing in the file can be graded."""
    for task, found in report.tasks.items():
        teaches(report, task, words, [line] if line else [], name)
        assert found["status"] == status
        assert found["points"] == 0


def test_syntax_error(grade, swap):
    source = swap("week1", "set_last", "def set_last(values, new):\n    return values")
    source = source.replace("def set_last(values, new):", "def set_last(values, new)")
    line = line_of(source, "def set_last(values, new)")
    whole_file(grade(source, "week1"), ("cannot read this line", "expected ':'"), line)


def test_bracket_never_closed(grade, solution):
    text = "return jnp.mean(jnp.square(predictions.reshape(-1) - targets.reshape(-1))"
    source = solution("week1").replace(text + ")", text)
    whole_file(grade(source, "week1"), ("'(' was never closed",), line_of(source, text))


def test_indentation_error(grade, solution):
    source = solution("week1").replace("    return values.at[-1]", "   return values.at[-1]", 1)
    source = source.replace("   return values.at[-1]", "    last = -1\n   return values.at[-1]", 1)
    line = line_of(source, "   return values.at[-1]")
    whole_file(grade(source, "week1"), ("indent",), line)


def test_tabs_and_spaces_mixed(grade, solution):
    text = "    return values.at[-1].set(new)"
    source = solution("week1").replace(text, "    last = -1\n\treturn values.at[last].set(new)")
    line = line_of(source, "\treturn values.at[last]")
    whole_file(grade(source, "week1"), ("tabs", "spaces"), line)


def test_function_deleted(grade, swap):
    report = grade(swap("week1", "set_last", "def other():\n    pass"), "week1", "set_last")
    teaches(report, "set_last", ("no set_last in week1.py", "def set_last("), [], "week1.py")
    assert report.tasks["set_last"]["status"] == "failed"


def test_file_of_another_week(grade, solution):
    report = grade(solution("week2"), "week3", "convolve2d")
    teaches(report, "convolve2d", ("no convolve2d in week3.py",), [], "week3.py")


def test_empty_file(grade):
    whole_file(grade("\n", "week1"), ("week1.py is empty", "reset week1"))


def test_file_saved_as_latin_1(grade, solution):
    source = "# Lösungen\n" + solution("week1")
    whole_file(grade(source.encode("latin-1", "replace"), "week1"), ("not saved as utf-8",), 1)


def test_file_saved_as_utf_16(grade, solution):
    words = ("saved as utf-16", "save it as utf-8")
    whole_file(grade(solution("week1").encode("utf-16"), "week1"), words)


def test_package_that_is_not_there(grade, solution):
    source = solution("week1").replace("import optax\n", "import optax\nimport tensorflow_addons\n")
    report = grade(source, "week1", "set_last", "two_draws")
    words = ("ModuleNotFoundError", "tensorflow_addons", "jax, flax, optax, numpy")
    whole_file(report, words, line_of(source, "import tensorflow_addons"))


def test_exception_at_import(grade, solution):
    source = solution("week1") + "\nprint(set_last([1.0, 2.0], 9.0))\n"
    report = grade(source, "week1", "set_last", "two_draws")
    line = line_of(source, "return values.at[-1]")
    words = ("AttributeError", "'list' object has no attribute 'at'", "__main__")
    whole_file(report, words, line)
    called_from = f"week1.py:{line_of(source, 'print(set_last([1.0, 2.0]')}"
    assert called_from in report.tasks["set_last"]["message"]


def test_notebook_with_a_broken_end(grade, solution):
    notebook = to_notebook(solution("week1"))[:-200]
    report = grade(notebook, "week1", name="week1.ipynb")
    whole_file(report, ("week1.ipynb", "notebook", "save it again"), name="week1.ipynb")


def test_mistake_in_a_notebook_names_cell_and_line(grade, swap):
    source = swap("week1", "set_last", "def set_last(values, new):\n    values[-1] = new")
    report = grade(to_notebook(source), "week1", "set_last", name="week1.ipynb")
    found = report.tasks["set_last"]
    teaches(report, "set_last", ("do not change", ".set("), [], "week1.ipynb")
    cells = json.loads(to_notebook(source))["cells"]
    cell = next(n for n, c in enumerate(cells, 1) if "    values[-1] = new\n" in c["source"])
    line = cells[cell - 1]["source"].index("    values[-1] = new\n") + 1
    assert f"week1.ipynb, cell {cell}, line {line}" in found["message"]


# What looks like a mistake and is none -----------------------------------------------------------

HARMLESS = {
    "printing inside jit": (
        "week1",
        "mean_squared_error",
        """
        @jax.jit
        def mean_squared_error(predictions, targets):
            error = predictions.reshape(-1) - targets.reshape(-1)
            print("the error is", error)
            jax.debug.print("and its values are {}", error)
            return jnp.mean(jnp.square(error))
        """,
    ),
    "NumPy's float64 where float32 is asked for": (
        "week2",
        "normalise",
        """
        def normalise(images):
            return np.asarray(images) / 255.0
        """,
    ),
    "loops over the pixels of a small picture": (
        "week3",
        "max_pool2d",
        """
        def max_pool2d(image, size):
            height, width = image.shape[0] // size, image.shape[1] // size
            result = np.zeros((height, width), np.float32)
            for i in range(height):
                for j in range(width):
                    down, across = i * size, j * size
                    result[i, j] = image[down : down + size, across : across + size].max()
            return result
        """,
    ),
    "an argument more, with a default": (
        "week1",
        "set_last",
        """
        def set_last(values, new, loud=False):
            return values.at[-1].set(new)
        """,
    ),
    "layers of plain Flax": (
        "week2",
        "dense_model",
        """
        def dense_model():
            class Net(nn.Module):
                @nn.compact
                def __call__(self, images):
                    x = nn.relu(nn.Dense(512)(images.reshape(len(images), -1)))
                    return nn.Dense(10)(x)

            return Net()
        """,
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless(name, grade, swap):
    week, task, other = HARMLESS[name]
    report = grade(swap(week, task, other), week, task)
    assert report.tasks[task]["status"] == "passed", report.tasks[task]
    assert report.status == 0


def test_notebook_with_magics_passes(grade, solution):
    notebook = json.loads(to_notebook(solution("week1")))
    notebook["cells"][1]["source"].insert(0, "%matplotlib inline\n")
    notebook["cells"][1]["source"].append("\n!pip install flax")
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1}
    notebook["cells"].append({**cell, "source": ["%%time\n", "1 +"]})
    report = grade(json.dumps(notebook), "week1", "set_last", "two_draws", name="week1.ipynb")
    assert report.status == 0


@pytest.mark.parametrize("change", ["CRLF", "BOM", "declared latin-1"])
def test_other_ways_to_save_a_text_pass(change, grade, solution):
    source = textwrap.dedent(solution("week1"))
    data = {
        "CRLF": source.replace("\n", "\r\n").encode(),
        "BOM": b"\xef\xbb\xbf" + source.encode(),
        "declared latin-1": ("# coding: latin-1\n" + source).encode("latin-1", "replace"),
    }[change]
    assert grade(data, "week1", "set_last").status == 0
