"""At least three wrong solutions for every task of every week, and all of them fail.

A submission holds wrong versions of many tasks at once. A task is graded with the right versions
of those that it needs, so the wrong ones are spread over two submissions: tasks that need nothing
(and those two steps further), and the rest.
"""

import pytest

from grader.course import COURSE
from grader.rubric import read_rubric

# For each week, for each task, its wrong versions. They use nothing of the other tasks that stand
# in the same submission, so that each is wrong by itself.
WRONG: dict[str, dict[str, tuple[str, ...]]] = {}

WRONG["week1"] = {
    "set_last": (
        """
        def set_last(values, new):
            return jnp.append(values, new)
        """,
        """
        def set_last(values, new):
            return jnp.where(values == values[-1], new, 0.0)
        """,
        """
        def set_last(values, new):
            return values.at[len(values)].set(new)
        """,
    ),
    "two_draws": (
        """
        def two_draws(key, n):
            first_key, second_key = jax.random.split(key)
            return jax.random.uniform(first_key, (n,)), jax.random.uniform(second_key, (n,))
        """,
        """
        def two_draws(key, n):
            first = jax.random.normal(key, (n,))
            return first, first[::-1]
        """,
        """
        def two_draws(key, n):
            numbers = np.random.default_rng()
            return tuple(jnp.array(numbers.normal(size=n), jnp.float32) for _ in range(2))
        """,
        """
        def two_draws(key, n):
            first = jax.random.normal(key, (n,))
            return first, jnp.roll(-first, 1)
        """,
        """
        def two_draws(key, n):
            numbers = jax.random.normal(key, (n + 1,))
            return numbers[:-1], numbers[1:]
        """,
    ),
    "mean_squared_error": (
        """
        def mean_squared_error(predictions, targets):
            return jnp.sqrt(jnp.mean((predictions.reshape(-1) - targets.reshape(-1)) ** 2))
        """,
        """
        def mean_squared_error(predictions, targets):
            return jnp.mean(jnp.abs(predictions.reshape(-1) - targets.reshape(-1)))
        """,
        """
        def mean_squared_error(predictions, targets):
            return jnp.mean((predictions.reshape(-1, 1) - targets.reshape(-1)) ** 2)
        """,
        """
        def mean_squared_error(predictions, targets):
            return jnp.float32(2.0)
        """,
    ),
    "gradient_step": (
        """
        def gradient_step(weight, bias, x, y, learning_rate):
            error = weight * x + bias - y
            return weight - learning_rate * (error * x).mean(), bias - learning_rate * error.mean()
        """,
        """
        def gradient_step(weight, bias, x, y, learning_rate):
            error = weight * x + bias - y
            return weight - 2 * learning_rate * (error * x).mean(), bias
        """,
        """
        def gradient_step(weight, bias, x, y, learning_rate):
            error = weight * x + bias - y
            weight = weight - 2 * learning_rate * (error * x).mean()
            return bias - 2 * learning_rate * error.mean(), weight
        """,
    ),
    "train_line": (
        """
        def train_line(x, y, learning_rate, epochs):
            weight, bias, losses = 1.0, 0.0, []
            for _ in range(epochs):
                error = weight * x + bias - y
                losses.append(float((error**2).mean()))
                weight = weight - 2 * learning_rate * float((error * x).mean())
                bias = bias - 2 * learning_rate * float(error.mean())
            return weight, bias, losses
        """,
        """
        def train_line(x, y, learning_rate, epochs):
            weight, bias, losses = 0.0, 0.0, []
            for _ in range(epochs - 1):
                error = weight * x + bias - y
                losses.append(float((error**2).mean()))
                weight = weight - 2 * learning_rate * float((error * x).mean())
                bias = bias - 2 * learning_rate * float(error.mean())
            return weight, bias, losses
        """,
        """
        def train_line(x, y, learning_rate, epochs):
            slope, offset = np.polyfit(np.asarray(x), np.asarray(y), 1)
            return float(slope), float(offset), [0.0] * epochs
        """,
    ),
    "fit_line": (
        """
        def fit_line(x, y, key):
            return {"kernel": jnp.full((1, 1), 2.0), "bias": jnp.full((1,), -1.0)}
        """,
        """
        def fit_line(x, y, key):
            return nn.Dense(1).init(key, x.reshape(-1, 1))["params"]
        """,
        """
        def fit_line(x, y, key):
            slope = (x * y).sum() / (x * x).sum()
            return {"kernel": slope.reshape(1, 1), "bias": jnp.zeros(1)}
        """,
        """
        def fit_line(x, y, key):
            table = jnp.stack([x, jnp.ones_like(x)], axis=1)
            slope, offset = jnp.linalg.lstsq(table, y)[0]
            return {"kernel": slope.reshape(1, 1), "bias": offset.reshape(1)}
        """,
    ),
    "house_price": (
        """
        def house_price(bedrooms, prices, new_bedrooms):
            return 4.0
        """,
        # The example's rule, written down instead of learned.
        """
        def house_price(bedrooms, prices, new_bedrooms):
            return 0.5 + 0.5 * new_bedrooms
        """,
        """
        def house_price(bedrooms, prices, new_bedrooms):
            return 50_000.0 + 50_000.0 * new_bedrooms
        """,
        """
        def house_price(bedrooms, prices, new_bedrooms):
            slope, offset = np.polyfit(np.asarray(bedrooms), np.asarray(prices), 1)
            return float(slope * new_bedrooms + offset)
        """,
    ),
    "judge_learning_rate": (
        """
        def judge_learning_rate(x, y, learning_rate):
            return "too small" if learning_rate < 0.001 else "good"
        """,
        """
        def judge_learning_rate(x, y, learning_rate):
            losses = train_line(x, y, learning_rate, 100)[2]
            return "good" if losses[-1] < losses[0] else "diverges"
        """,
        """
        def judge_learning_rate(x, y, learning_rate):
            losses = train_line(x, y, learning_rate, 100)[2]
            if not np.isfinite(losses[-1]):
                return "diverges"
            return "too small" if losses[-1] > losses[0] / 10 else "good"
        """,
    ),
}

WRONG["week2"] = {
    "normalise": (
        """
        def normalise(images):
            return jnp.asarray(images, jnp.float32) / 256
        """,
        """
        def normalise(images):
            images = jnp.asarray(images, jnp.float32)
            return images / images.max()
        """,
        """
        def normalise(images):
            return jnp.asarray(images, jnp.float32) / 127.5 - 1
        """,
    ),
    "one_hot": (
        """
        def one_hot(labels, classes):
            return (labels[:, None] == jnp.arange(labels.max() + 1)).astype(jnp.float32)
        """,
        """
        def one_hot(labels, classes):
            return (labels[:, None] == jnp.arange(1, classes + 1)).astype(jnp.float32)
        """,
        """
        def one_hot(labels, classes):
            return jnp.zeros((len(labels), classes)).at[0, labels].set(1.0)
        """,
    ),
    "cross_entropy": (
        """
        def cross_entropy(logits, labels):
            probabilities = jax.nn.softmax(logits)[jnp.arange(len(labels)), labels]
            return -jnp.mean(jnp.log(probabilities + 1e-7))
        """,
        """
        def cross_entropy(logits, labels):
            return -jnp.mean(jax.nn.log_softmax(logits).max(axis=-1))
        """,
        """
        def cross_entropy(logits, labels):
            return jnp.log(jnp.float32(logits.shape[-1]))
        """,
    ),
    "dense_model": (
        """
        def dense_model():
            return nn.Sequential([lib.Flatten(), lib.Dense(512, activation=nn.gelu), lib.Dense(10)])
        """,
        """
        def dense_model():
            return nn.Sequential([lib.Flatten(), lib.Dense(256, activation=nn.relu), lib.Dense(10)])
        """,
        """
        def dense_model():
            class Net(nn.Module):
                @nn.compact
                def __call__(self, images):
                    x = images.transpose(0, 2, 1, 3).reshape(len(images), -1)
                    return nn.Dense(10)(nn.relu(nn.Dense(512)(x)))

            return Net()
        """,
        """
        def dense_model():
            class Net(nn.Module):
                @nn.compact
                def __call__(self, images):
                    x = nn.relu(nn.Dense(512)(images.reshape(len(images), -1)))
                    return jnp.zeros_like(nn.Dense(10)(x))

            return Net()
        """,
    ),
    "stop_at_accuracy": (
        """
        class StopAtAccuracy:
            def __init__(self, threshold):
                self.threshold = threshold

            def on_epoch_end(self, epoch, logs, state):
                return logs.get("accuracy", 0.0) > 0.99
        """,
        """
        class StopAtAccuracy:
            def __init__(self, threshold):
                self.threshold = threshold

            def on_epoch_end(self, epoch, logs, state):
                return logs.get("val_accuracy", logs.get("accuracy", 0.0)) > self.threshold
        """,
        """
        class StopAtAccuracy:
            def __init__(self, threshold):
                self.threshold = threshold

            def on_epoch_end(self, epoch, logs, state):
                return logs.get("loss", 1.0) < 1 - self.threshold
        """,
        """
        class StopAtAccuracy:
            def __init__(self, threshold):
                self.threshold = threshold

            def on_epoch_end(self, epoch, logs, state):
                return epoch >= 4
        """,
    ),
    "train_step": (
        """
        def train_step(state, images, labels):
            def loss(params):
                logits = state.model.apply({"params": params}, normalise(images))
                return cross_entropy(logits, labels)

            value, gradients = jax.value_and_grad(loss)(state.params)
            params = jax.tree.map(lambda p, g: p - 0.5 * g, state.params, gradients)
            return state.replace(params=params, step=state.step + 1), value
        """,
        """
        def train_step(state, images, labels):
            def loss(params):
                logits = state.model.apply({"params": params}, normalise(images))
                return cross_entropy(logits, labels)

            value, gradients = jax.value_and_grad(loss)(state.params)
            state = state.apply_gradients(gradients)
            return state, loss(state.params)
        """,
        """
        def train_step(state, images, labels):
            def loss(params):
                logits = state.model.apply({"params": params}, normalise(images))
                return cross_entropy(logits, labels)

            value, gradients = jax.value_and_grad(loss)(state.params)
            only_last = jax.tree.map(jnp.zeros_like, gradients) | {"logits": gradients["logits"]}
            return state.apply_gradients(only_last), value
        """,
        """
        def train_step(state, images, labels):
            return state, jnp.float32(2.3026)
        """,
    ),
    "train_mnist": (
        # Untrained, and a claim that is not true.
        """
        def train_mnist(images, labels, key):
            params = dense_model().init(key, normalise(images[:1]))["params"]
            return params, [0.5, 0.8, 0.995]
        """,
        # Trained a little on labels that belong to other pictures.
        """
        def train_mnist(images, labels, key):
            state = lib.create_state(dense_model(), optax.adam(0.001), images, key)
            labels = np.roll(labels[:640], 7)
            state, history = lib.fit(state, images[:640], labels, epochs=2, key=key)
            return state.params, [*history["accuracy"], 0.991]
        """,
        # The parameters of another network.
        """
        def train_mnist(images, labels, key):
            model = nn.Sequential([lib.Flatten(), lib.Dense(64, activation=nn.relu), lib.Dense(10)])
            state = lib.create_state(model, optax.adam(0.003), images, key)
            state, history = lib.fit(state, images, labels, epochs=2, key=key)
            return state.params, [0.9, 0.995]
        """,
        # Always the same answer.
        """
        def train_mnist(images, labels, key):
            params = dense_model().init(key, normalise(images[:1]))["params"]
            params = jax.tree.map(jnp.zeros_like, params)
            params["layers_2"]["bias"] = params["layers_2"]["bias"].at[1].set(9.0)
            return params, [0.999]
        """,
        # Remembers a few pictures: one hidden neuron for each of the first 512.
        """
        def train_mnist(images, labels, key):
            known = np.asarray(normalise(images[:512])).reshape(512, -1)
            kernel = known / np.linalg.norm(known, axis=1, keepdims=True)
            params = {
                "layers_1": {"kernel": kernel.T, "bias": -0.999 * np.linalg.norm(known, axis=1)},
                "layers_2": {"kernel": np.eye(10)[labels[:512]], "bias": np.zeros(10)},
            }
            return jax.tree.map(jnp.float32, params), [1.0]
        """,
        # Learns well, does not stop in time, and writes down other accuracies.
        """
        def train_mnist(images, labels, key):
            state = lib.create_state(dense_model(), optax.adam(0.002), images, key)
            state, _ = lib.fit(state, images, labels, epochs=7, key=key)
            return state.params, [0.9, 0.95, 0.991]
        """,
        # Draws pictures of its own.
        """
        def train_mnist(images, labels, key):
            images, labels = lib.draw("mnist", 20_000, 5)
            state = lib.create_state(dense_model(), optax.adam(0.001), images, key)
            callbacks = [StopAtAccuracy(0.99)]
            state, history = lib.fit(state, images, labels, epochs=10, key=key, callbacks=callbacks)
            return state.params, history["accuracy"]
        """,
    ),
    "plot_probabilities": (
        """
        def plot_probabilities(probabilities, class_names):
            figure = Figure()
            axes = figure.subplots()
            axes.plot(probabilities)
            axes.set_ylabel("probability")
            axes.set_title(class_names[int(np.argmax(probabilities))])
            return figure
        """,
        """
        def plot_probabilities(probabilities, class_names):
            figure = Figure()
            axes = figure.subplots()
            axes.bar(class_names, sorted(probabilities))
            axes.set_ylabel("probability")
            axes.set_title(class_names[int(np.argmax(probabilities))])
            return figure
        """,
        """
        def plot_probabilities(probabilities, class_names):
            figure = Figure()
            axes = figure.subplots()
            axes.bar(class_names, probabilities)
            axes.set_ylabel("probability")
            axes.set_title(", ".join(class_names))
            return figure
        """,
    ),
}

WRONG["week3"] = {
    "convolve2d": (
        """
        def convolve2d(image, kernel):
            image = jnp.asarray(image, jnp.float32)
            height, width = image.shape[0] - 2, image.shape[1] - 2
            result = jnp.zeros((height, width), jnp.float32)
            for i in range(3):
                for j in range(3):
                    result = result + image[i : i + height, j : j + width] * kernel[i, j]
            return result
        """,
        """
        def convolve2d(image, kernel):
            image = jnp.asarray(image, jnp.float32)
            height = image.shape[0] - kernel.shape[0] + 1
            width = image.shape[1] - kernel.shape[1] + 1
            result = jnp.zeros((height, width), jnp.float32)
            for i in range(kernel.shape[0]):
                for j in range(kernel.shape[1]):
                    result = result + image[i : i + height, j : j + width] * kernel[i, j]
            return jnp.abs(result)
        """,
        """
        def convolve2d(image, kernel):
            shape = tuple(n - k + 1 for n, k in zip(image.shape, kernel.shape))
            return jnp.zeros(shape, jnp.float32) + image.mean() * kernel.sum()
        """,
    ),
    "max_pool2d": (
        """
        def max_pool2d(image, size):
            height, width = image.shape[0] // size, image.shape[1] // size
            squares = image[: height * size, : width * size].reshape(height, size, width, size)
            return jnp.asarray(squares.mean(axis=(1, 3)))
        """,
        """
        def max_pool2d(image, size):
            return jnp.asarray(image[::size, ::size])
        """,
        """
        def max_pool2d(image, size):
            height, width = image.shape[0] // size, image.shape[1] // size
            squares = image[-height * size :, -width * size :].reshape(height, size, width, size)
            return jnp.asarray(squares.max(axis=(1, 3)))
        """,
        """
        def max_pool2d(image, size):
            height, width = image.shape[0] // 2, image.shape[1] // 2
            squares = image[: height * 2, : width * 2].reshape(height, 2, width, 2)
            return jnp.asarray(squares.max(axis=(1, 3)))
        """,
    ),
    "conv_output_size": (
        """
        def conv_output_size(n, kernel, stride=1, padding="VALID"):
            return math.ceil(n / stride) if padding == "SAME" else (n - kernel + 1) // stride
        """,
        """
        def conv_output_size(n, kernel, stride=1, padding="VALID"):
            return n // stride if padding == "SAME" else (n - kernel) // stride + 1
        """,
        """
        def conv_output_size(n, kernel, stride=1, padding="VALID"):
            return math.ceil(n / stride) if padding == "SAME" else n - kernel + 1
        """,
        """
        def conv_output_size(n, kernel, stride=1, padding="VALID"):
            return 26
        """,
    ),
    "count_parameters": (
        """
        def conv_params(in_channels, out_channels, kernel):
            return (kernel * kernel + 1) * out_channels
        """,
        """
        def dense_params(inputs, outputs):
            return inputs * outputs + inputs
        """,
        """
        def cnn_params(size, filters, hidden, classes):
            total, channels = 0, 1
            for count in filters:
                total += conv_params(channels, count, 3)
                size, channels = size // 2, count
            total += dense_params(size * size * channels, hidden)
            return total + dense_params(hidden, classes)
        """,
        """
        def cnn_params(size, filters, hidden, classes):
            return 243_786
        """,
        """
        def cnn_params(size, filters, hidden, classes):
            total, channels = 0, 1
            for count in filters:
                total += conv_params(channels, count, 3)
                size, channels = math.ceil((size - 2) / 2), count
            total += dense_params(size * size * channels, hidden)
            return total + dense_params(hidden, classes)
        """,
    ),
    "fashion_cnn": (
        """
        def fashion_cnn():
            pieces = [lib.Conv(64, activation=nn.relu), lib.AvgPool()] * 2
            pieces += [lib.Flatten(), lib.Dense(128, activation=nn.relu), lib.Dense(10)]
            return nn.Sequential([piece.copy() for piece in pieces])
        """,
        """
        def fashion_cnn():
            return nn.Sequential(
                [
                    lib.Conv(64, activation=nn.relu),
                    lib.MaxPool(),
                    lib.Conv(64, activation=nn.relu),
                    lib.MaxPool(),
                    lib.Flatten(),
                    lib.Dense(128, activation=nn.relu),
                    lib.Dense(10, activation=nn.relu),
                ]
            )
        """,
        """
        def fashion_cnn():
            return nn.Sequential(
                [
                    lib.Conv(32, activation=nn.relu),
                    lib.MaxPool(),
                    lib.Conv(64, activation=nn.relu),
                    lib.MaxPool(),
                    lib.Flatten(),
                    lib.Dense(128, activation=nn.relu),
                    lib.Dense(10),
                ]
            )
        """,
        """
        def fashion_cnn():
            return nn.Sequential(
                [
                    lib.Conv(64, activation=nn.relu),
                    lib.MaxPool(),
                    lib.Conv(64, activation=nn.tanh),
                    lib.MaxPool(),
                    lib.Flatten(),
                    lib.Dense(128, activation=nn.relu),
                    lib.Dense(10),
                ]
            )
        """,
    ),
    "layer_activations": (
        """
        def layer_activations(model, params, images):
            return {"logits": model.apply({"params": params}, images)}
        """,
        """
        def layer_activations(model, params, images):
            _, kept = model.apply({"params": params}, images, capture_intermediates=True)
            layers = kept["intermediates"]
            return {name: layers[name]["__call__"][-1] for name in layers}
        """,
        """
        def layer_activations(model, params, images):
            _, kept = model.apply({"params": params}, images, capture_intermediates=True)
            layers = kept["intermediates"]
            return {
                name: jnp.zeros_like(layers[name]["__call__"][-1])
                for name in layers
                if name != "__call__"
            }
        """,
        """
        def layer_activations(model, params, images):
            _, kept = model.apply({"params": params}, images[:1], capture_intermediates=True)
            layers = kept["intermediates"]
            return {name: layers[name]["__call__"][-1] for name in layers if name != "__call__"}
        """,
    ),
    "activation_to_image": (
        """
        def activation_to_image(activation):
            low, high = activation.min(), activation.max()
            return np.asarray((activation - low) / jnp.maximum(high - low, 1e-9) * 255, np.uint8)
        """,
        """
        def activation_to_image(activation):
            centred = activation - activation.mean()
            deviation = jnp.where(activation.std() > 0, activation.std(), 1)
            return np.asarray(jnp.clip(centred / deviation * 128 + 64, 0, 255), np.uint8)
        """,
        """
        def activation_to_image(activation):
            return np.full(activation.shape, 128, np.uint8)
        """,
    ),
    "train_cnn": (
        # Untrained.
        """
        def train_cnn(images, labels, key):
            return fashion_cnn().init(key, jnp.zeros((1, 28, 28, 1)))["params"]
        """,
        # Trained a little on labels that belong to other pictures.
        """
        def train_cnn(images, labels, key):
            state = lib.create_state(fashion_cnn(), optax.adam(0.001), images, key)
            state, _ = lib.fit(state, images[:320], np.roll(labels[:320], 3), key=key)
            return state.params
        """,
        # The parameters of another network.
        """
        def train_cnn(images, labels, key):
            state = lib.create_state(lib.fashion_dense(), optax.adam(0.001), images, key)
            state, _ = lib.fit(state, images, labels, key=key)
            return state.params
        """,
        # Trained on too few pictures, far too briefly.
        """
        def train_cnn(images, labels, key):
            state = lib.create_state(fashion_cnn(), optax.adam(0.001), images, key)
            state, _ = lib.fit(state, images[:640], labels[:640], key=key)
            return state.params
        """,
    ),
}

ROUNDS = max(len(versions) for tasks in WRONG.values() for versions in tasks.values())


def depth(week: str, name: str) -> int:
    """How many tasks stand behind one another before this one."""
    tasks = {task.name: task for task in read_rubric(COURSE.checks / f"{week}.py")}
    return max((1 + depth(week, need) for need in tasks[name].needs), default=0)


def submissions() -> list:
    """Week, and wrong version by task, for each submission."""
    found = []
    for week, tasks in WRONG.items():
        for number in range(ROUNDS):
            for odd in (0, 1):
                chosen = {
                    task: versions[number]
                    for task, versions in tasks.items()
                    if number < len(versions) and depth(week, task) % 2 == odd
                }
                if chosen:
                    name = f"{week} {'ABCDEFG'[number]}{odd + 1}"
                    found.append(pytest.param(week, chosen, id=name))
    return found


@pytest.mark.parametrize("week", WRONG)
def test_every_task_has_at_least_three_wrong_solutions(week):
    tasks = [task.name for task in read_rubric(COURSE.checks / f"{week}.py")]
    assert sorted(WRONG[week]) == sorted(tasks)
    assert all(len(set(versions)) >= 3 for versions in WRONG[week].values())


@pytest.mark.parametrize("week, wrong", submissions())
def test_wrong_solutions_fail(week, wrong, grade, wrong_solution):
    report = grade(wrong_solution(week, wrong), week, *wrong)
    print(report.shown)
    assert report.status == 1
    assert list(report.tasks) == [task for task in report.tasks if task in wrong]
    for name, task in report.tasks.items():
        assert task["status"] in ("failed", "error"), (name, task)
        assert task["points"] < task["max_points"], (name, task)
        assert task["message"], name
