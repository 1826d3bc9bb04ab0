"""The project: networks of any kind pass; other forms, guesses and quick work do not."""

import pytest

from grader.targets import target

TRAIN = "def train_flowers(images, labels, key):\n    {}\n"
PREDICT = "def predict_flowers(trained, images):\n    {}\n"
UNTRAINED = TRAIN.format("return 7")

# What is wrong, the two functions, what is said, and the points.
WRONG = {
    "logits": (
        UNTRAINED,
        PREDICT.format("return jnp.zeros((len(images), 5))"),
        "give the class with the largest one",
        0,
    ),
    "one answer for all": (
        UNTRAINED,
        PREDICT.format("return np.argmax(np.ones((len(images), 5)))"),
        "one class number for each picture",
        0,
    ),
    "classes from 1": (
        UNTRAINED,
        PREDICT.format("return np.arange(len(images)) % 5 + 1"),
        "from 0 to 4",
        0,
    ),
    "floats": (
        UNTRAINED,
        PREDICT.format("return np.zeros(len(images))"),
        "whole numbers from 0 to 4",
        0,
    ),
    "a list of floats": (
        UNTRAINED,
        PREDICT.format("return [0.0] * len(images)"),
        "whole numbers from 0 to 4",
        0,
    ),
    "a list of NumPy's integers, the same for all": (
        UNTRAINED,
        PREDICT.format("return list(np.full(len(images), 2))"),
        "every answer is roses",
        1,
    ),
    "nothing is returned": (
        TRAIN.format("state = 7"),
        PREDICT.format("return np.zeros(len(images), int)"),
        "returned none",
        0,
    ),
    "the same for all": (
        UNTRAINED,
        PREDICT.format("return np.full(len(images), 2)"),
        "every answer is roses",
        1,
    ),
    "guesses": (
        UNTRAINED,
        PREDICT.format("return np.random.default_rng(0).integers(0, 5, len(images))"),
        "that is guessing",
        1,
    ),
    "the wrong model": (
        TRAIN.format(
            "return lib.flowers_baseline().init(key, jnp.zeros((1, 32, 32, 3)))['params']"
        ),
        PREDICT.format(
            "return lib.flowers_baseline().apply({'params': trained}, images / 255).argmax(-1)"
        ),
        "belong to inputs of another shape",
        0,
    ),
    "more pictures": (
        TRAIN.format("return lib.load('flowers')"),
        PREDICT.format("return np.full(len(images), 2)"),
        "lib.load",
        0,
    ),
}


def submitted(solution, *versions: str) -> str:
    return "\n\n".join([solution("project"), "import jax.numpy as jnp", *versions])


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answers_fail_with_a_sentence(name, grade, solution):
    train, predict, words, points = WRONG[name]
    task = grade(submitted(solution, train, predict), "project").tasks["flowers"]
    told = f"{task['message']}\n{task['hint']}"
    assert task["status"] in ("failed", "error")
    assert words in told.lower(), told
    assert task["points"] == points
    assert "project.py:" in told and len(told.split("\n")) <= 12, told


def test_the_baseline_gets_its_own_points_and_no_more(grade, solution):
    train = """
def train_flowers(images, labels, key):
    steps = 14 * -(-len(images) // 16)
    optimizer = optax.adam(optax.linear_schedule(0.002, 0.0, steps))
    state = lib.create_state(lib.flowers_baseline(), optimizer, images, key)
    return lib.fit(state, images, labels, epochs=14, batch_size=16, key=key)[0]
"""
    task = grade(submitted(solution, train), "project").tasks["flowers"]
    assert (task["status"], task["points"]) == ("failed", 4), task
    assert f"{target('flowers', 'embedded').accuracy} or more" in task["message"]
    assert "augment" in task["hint"]


def test_the_solution_passes(grade, solution):
    report = grade(solution("project"), "project")
    assert report.status == 0, report.tasks["flowers"]


RIGHT = {
    "parameters of a net, and a loop of its own": """
class Plain(nn.Module):
    @nn.compact
    def __call__(self, x):
        for channels in (16, 32, 64):
            x = lib.MaxPool()(lib.Conv(channels, activation=nn.relu)(x))
        return nn.Dense(5)(nn.relu(nn.Dense(64)(x.reshape(len(x), -1))))


def train_flowers(images, labels, key):
    augment = lib.Augment(rotation=15, width_shift=0.1, height_shift=0.1, zoom=0.1,
                          horizontal_flip=True)
    model, steps, batch = Plain(), 1500, 16
    params = model.init(key, jnp.zeros((1, *images.shape[1:])))
    optimizer = optax.adamw(optax.cosine_decay_schedule(0.002, steps), weight_decay=0.01)
    images, labels = jnp.asarray(images, jnp.float32) / 255, jnp.asarray(labels)

    @jax.jit
    def step(params, memory, key):
        pick_key, augment_key = jax.random.split(key)
        rows = jax.random.randint(pick_key, (batch,), 0, len(images))
        pictures = augment(augment_key, images[rows])

        def loss(params):
            logits = model.apply(params, pictures)
            return optax.softmax_cross_entropy_with_integer_labels(logits, labels[rows]).mean()

        updates, memory = optimizer.update(jax.grad(loss)(params), memory, params)
        return optax.apply_updates(params, updates), memory

    memory = optimizer.init(params)
    for number in range(steps):
        params, memory = step(params, memory, jax.random.fold_in(key, number))
    return params


def predict_flowers(trained, images):
    logits = jax.jit(Plain().apply)(trained, jnp.asarray(images, jnp.float32) / 255)
    return [int(answer) for answer in logits.argmax(axis=1)]
""",
    "two networks that vote, in a dict": """
def train_flowers(images, labels, key):
    states = {}
    for number, channels in enumerate(((12, 24, 48), (16, 32, 32))):
        model = lib.ConvClassifier(channels, hidden=64, classes=5)
        steps = 60 * -(-len(images) // 16)
        state = lib.create_state(
            model, optax.adam(optax.linear_schedule(0.002, 0.0, steps)), images,
            jax.random.fold_in(key, number),
            augment=lib.Augment(rotation=20, zoom=0.1, width_shift=0.1, horizontal_flip=True),
        )
        states[number] = lib.fit(state, images, labels, epochs=60, batch_size=16, key=key)[0]
    return states


def predict_flowers(trained, images):
    return sum(lib.probabilities(lib.predict(s, images)) for s in trained.values()).argmax(axis=1)
""",
}


@pytest.mark.parametrize("name", RIGHT)
def test_networks_of_other_kinds_pass(name, grade, solution):
    report = grade(submitted(solution, RIGHT[name]), "project")
    assert report.status == 0, report.tasks["flowers"]
