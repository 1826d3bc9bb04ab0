"""Right answers in other styles than the solution's pass: what counts is what they compute.

Many stand in one submission, so that few runs judge them all. Tasks that need others are judged
with the versions of those in the same submission.
"""

import textwrap

import pytest

# For each submission: its week, and right versions of some of its tasks.
RIGHT: dict[str, tuple[str, dict[str, str]]] = {}

RIGHT["week 1 with NumPy and loops"] = (
    "week1",
    {
        "set_last": """
        def set_last(values, new):
            other = np.array(values)
            other[-1] = new
            return other
        """,
        "two_draws": """
        def two_draws(key, n):
            return jax.random.normal(key, (2, n))
        """,
        "mean_squared_error": """
        def mean_squared_error(predictions, targets):
            total, n = 0.0, len(targets)
            for one, other in zip(jnp.ravel(predictions), jnp.ravel(targets)):
                total += (one - other) ** 2
            return total / n
        """,
        "gradient_step": """
        def gradient_step(weight, bias, x, y, learning_rate):
            line = jnp.array([weight, bias])
            slopes = jax.grad(lambda line: mean_squared_error(line[0] * x + line[1], y))(line)
            return line - learning_rate * slopes
        """,
        "train_line": """
        def train_line(x, y, learning_rate, epochs):
            x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
            weight, bias, losses = 0.0, 0.0, []
            for _ in range(epochs):
                error = weight * x + bias - y
                losses.append(np.mean(error**2))
                weight -= learning_rate * 2 * np.mean(error * x)
                bias -= learning_rate * 2 * np.mean(error)
            return weight, bias, np.array(losses)
        """,
        "fit_line": """
        def fit_line(x, y, key):
            model = nn.Dense(features=1)
            variables = model.init(key, x[:, None])
            optimizer = optax.sgd(0.02, momentum=0.9)
            memory = optimizer.init(variables)

            @jax.jit
            def step(variables, memory):
                def loss(variables):
                    return ((model.apply(variables, x[:, None])[:, 0] - y) ** 2).mean()

                _, slopes = jax.value_and_grad(loss)(variables)
                updates, memory = optimizer.update(slopes, memory)
                return optax.apply_updates(variables, updates), memory

            for _ in range(1000):
                variables, memory = step(variables, memory)
            return variables
        """,
        "house_price": """
        def house_price(bedrooms, prices, new_bedrooms):
            params = fit_line(bedrooms, prices, jax.random.key(1))["params"]
            return nn.Dense(1).apply({"params": params}, jnp.array([[new_bedrooms]]))[0, 0]
        """,
        "judge_learning_rate": """
        def judge_learning_rate(x, y, learning_rate):
            *_, losses = train_line(x, y, learning_rate, 100)
            ratio = losses[-1] / losses[0]
            if not ratio <= 1:
                return "diverges"
            return "good" if ratio <= 0.1 else "too small"
        """,
    },
)

RIGHT["week 1 with vmap, scan and float64"] = (
    "week1",
    {
        "set_last": """
        def set_last(values, new):
            return jnp.where(jnp.arange(values.size) == values.size - 1, new, values)
        """,
        "two_draws": """
        def two_draws(key, n):
            keys = jax.random.split(key)
            first, second = jax.vmap(lambda key: jax.random.normal(key, (n,)))(keys)
            return [first, second]
        """,
        "mean_squared_error": """
        def mean_squared_error(predictions, targets):
            square = jax.vmap(lambda one, other: (one - other) ** 2)
            return square(predictions.flatten(), targets.flatten()).mean()
        """,
        "gradient_step": """
        def gradient_step(weight, bias, x, y, learning_rate):
            error = np.float64(weight) * np.asarray(x) + np.float64(bias) - np.asarray(y)
            slopes = 2 * np.mean(error * np.asarray(x)), 2 * np.mean(error)
            return [weight - learning_rate * slopes[0], bias - learning_rate * slopes[1]]
        """,
        "train_line": """
        def train_line(x, y, learning_rate, epochs):
            def mse(line):
                return jnp.mean((line[0] * x + line[1] - y) ** 2)

            def step(line, _):
                loss, slope = jax.value_and_grad(mse)(line)
                return line - learning_rate * slope, loss

            (weight, bias), losses = jax.lax.scan(step, jnp.zeros(2), length=epochs)
            return weight, bias, list(losses)
        """,
        "fit_line": """
        class Line(nn.Module):
            @nn.compact
            def __call__(self, x):
                return nn.Dense(1)(x)

        def fit_line(x, y, key):
            x, y = x.reshape((-1, 1)), y.reshape((-1, 1))
            params = Line().init(key, x)["params"]
            optimizer = optax.chain(optax.clip_by_global_norm(5.0), optax.rmsprop(0.01))
            opt_state = optimizer.init(params)

            def step(carry, _):
                params, opt_state = carry
                slopes = jax.grad(
                    lambda params: optax.l2_loss(Line().apply({"params": params}, x), y).sum()
                )(params)
                updates, opt_state = optimizer.update(slopes, opt_state, params)
                return (optax.apply_updates(params, updates), opt_state), None

            (params, _), _ = jax.lax.scan(step, (params, opt_state), length=2000)
            return params["Dense_0"]
        """,
        "house_price": """
        def house_price(bedrooms, prices, new_bedrooms):
            weight = bias = jnp.float32(0)
            for _ in range(1500):
                weight, bias = jax.jit(gradient)(weight, bias, bedrooms, prices)
            return jnp.dot(weight, new_bedrooms) + bias

        def gradient(weight, bias, x, y):
            error = weight * x + bias - y
            return weight - 0.05 * jnp.mean(error * x), bias - 0.05 * error.mean()
        """,
    },
)

RIGHT["week 2 with NumPy and loops"] = (
    "week2",
    {
        "normalise": """
        def normalise(images):
            return images / 255.0
        """,
        "one_hot": """
        def one_hot(labels, classes):
            rows = np.zeros((len(labels), classes))
            for row, label in enumerate(labels):
                rows[row, int(label)] = 1
            return rows
        """,
        "cross_entropy": """
        def cross_entropy(logits, labels):
            losses = []
            for row, label in zip(np.asarray(logits, np.float64), np.asarray(labels)):
                largest = row.max()
                losses.append(np.log(np.sum(np.exp(row - largest))) + largest - row[label])
            return float(np.mean(losses))
        """,
        "dense_model": """
        class Net(nn.Module):
            def setup(self):
                self.last = nn.Dense(10)
                self.first = nn.Dense(512)

            def __call__(self, x):
                return self.last(jnp.maximum(self.first(x.reshape((-1, 784))), 0))

        def dense_model():
            return Net()
        """,
        "stop_at_accuracy": """
        class StopAtAccuracy:
            def __init__(self, threshold):
                self.limit = threshold

            def on_epoch_end(self, epoch, logs, state):
                if "accuracy" in logs and logs["accuracy"] > self.limit:
                    print(f"stopped after epoch {epoch}")
                    return True
        """,
        "plot_probabilities": """
        def plot_probabilities(probabilities, class_names):
            import matplotlib.pyplot as plt

            figure, axes = plt.subplots()
            axes.bar(range(len(class_names)), probabilities, color="green")
            axes.set_xticks(range(len(class_names)), class_names)
            axes.set(ylabel="Probability of the class")
            figure.suptitle(f"This is a {class_names[probabilities.argmax()]}")
            return figure
        """,
    },
)

RIGHT["week 2 with Flax and Optax by name"] = (
    "week2",
    {
        "cross_entropy": """
        def cross_entropy(logits, labels):
            each = jax.vmap(lambda row, label: -jax.nn.log_softmax(row)[label])
            return each(logits, labels).mean()
        """,
        "dense_model": """
        def dense_model():
            return nn.Sequential(
                [
                    lambda x: x.reshape((-1, 28 * 28)),
                    nn.Dense(512, name="hidden"),
                    nn.relu,
                    nn.Dense(10, name="out"),
                ]
            )
        """,
        "train_step": """
        def train_step(state, images, labels):
            def loss(params):
                logits = state.model.apply({"params": params}, images / 255)
                return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()

            value, slopes = jax.value_and_grad(loss)(state.params)
            updates, memory = state.optimizer.update(slopes, state.opt_state, state.params)
            params = optax.apply_updates(state.params, updates)
            return state.replace(step=state.step + 1, params=params, opt_state=memory), value
        """,
        "train_mnist": """
        def train_mnist(images, labels, key):
            # A tenth is kept to look at; momentum in the place of Adam; batches of another size.
            tenth = len(images) // 10
            first, second = jax.random.split(key)
            optimizer = optax.sgd(0.1, momentum=0.9)
            state = lib.create_state(dense_model(), optimizer, images[:1], first)
            state, history = lib.fit(
                state,
                images[tenth:],
                labels[tenth:],
                epochs=10,
                batch_size=50,
                key=second,
                validation=(images[:tenth], labels[:tenth]),
                callbacks=[StopAtAccuracy(0.99)],
            )
            return {"params": state.params}, np.array(history["accuracy"])
        """,
    },
)

RIGHT["week 3 with NumPy and loops"] = (
    "week3",
    {
        "convolve2d": """
        def convolve2d(image, kernel):
            windows = np.lib.stride_tricks.sliding_window_view(np.float64(image), kernel.shape)
            return np.einsum("ijkl,kl->ij", windows, kernel)
        """,
        "max_pool2d": """
        def max_pool2d(image, size):
            height, width = image.shape[0] // size, image.shape[1] // size
            result = np.full((height, width), -np.inf, np.float32)
            for i in range(height * size):
                for j in range(width * size):
                    result[i // size, j // size] = max(result[i // size, j // size], image[i, j])
            return result
        """,
        "conv_output_size": """
        def conv_output_size(n, kernel, stride=1, padding="VALID"):
            last = n if padding == "SAME" else n - kernel + 1
            return len(range(0, last, stride))
        """,
        "fashion_cnn": """
        class Net(nn.Module):
            def setup(self):
                self.second = nn.Conv(64, (3, 3), padding=0)
                self.first = nn.Conv(64, (3, 3), padding="VALID")
                self.wide = nn.Dense(128)
                self.out = nn.Dense(10)

            def __call__(self, x):
                x = nn.max_pool(nn.relu(self.first(x)), (2, 2), strides=(2, 2))
                x = nn.max_pool(nn.relu(self.second(x)), (2, 2), strides=(2, 2))
                return self.out(nn.relu(self.wide(x.reshape((-1, 1600)))))

        def fashion_cnn():
            return Net()
        """,
        "layer_activations": """
        def layer_activations(model, params, images):
            filtered = lambda module, method: method == "__call__"
            _, state = model.apply(
                {"params": params}, images, capture_intermediates=filtered, mutable=True
            )
            found = {}
            for name, calls in state["intermediates"].items():
                if not isinstance(calls, tuple):
                    found[name] = np.asarray(calls["__call__"][-1], np.float64)
            return found
        """,
        "activation_to_image": """
        def activation_to_image(activation):
            values = np.array(activation, np.float64)
            values -= values.mean()
            if values.std() > 0:
                values /= values.std()
            return np.rint(values * 64 + 128).clip(0, 255).astype("uint8")
        """,
    },
)

RIGHT["week 3 with plain Flax in a row"] = (
    "week3",
    {
        "convolve2d": """
        def convolve2d(image, kernel):
            rows, columns = kernel.shape
            image = jnp.float32(image)

            def at(i, j):
                return jnp.sum(jax.lax.dynamic_slice(image, (i, j), (rows, columns)) * kernel)

            down, across = image.shape[0] - rows + 1, image.shape[1] - columns + 1
            each = jax.vmap(jax.vmap(at, in_axes=(None, 0)), in_axes=(0, None))
            return each(jnp.arange(down), jnp.arange(across))
        """,
        "fashion_cnn": """
        def pool(x):
            return nn.max_pool(x, window_shape=(2, 2), strides=(2, 2))

        def fashion_cnn():
            return nn.Sequential(
                [
                    nn.Conv(features=64, kernel_size=(3, 3), padding="VALID"),
                    pool,
                    nn.relu,
                    nn.Conv(features=64, kernel_size=(3, 3), padding="VALID"),
                    nn.relu,
                    pool,
                    lambda x: x.reshape((x.shape[0], -1)),
                    nn.Dense(128),
                    jax.nn.relu,
                    nn.Dense(10),
                ]
            )
        """,
    },
)


@pytest.mark.parametrize("name", RIGHT)
def test_right_in_another_way(name, grade, solution):
    week, versions = RIGHT[name]
    # A later definition takes the place of an earlier one.
    source = "\n\n".join([solution(week), *map(textwrap.dedent, versions.values())])
    report = grade(source, week, *versions)
    print(report.shown)
    assert [task for task in report.tasks.values() if task["status"] != "passed"] == []
    assert list(report.tasks) == [task for task in report.tasks if task in versions]
    assert report.status == 0
