"""Week 6: wrong answers fail with the sentence that helps, right ones in other styles pass."""

import pytest

from grader.course import COURSE
from grader.rubric import read_rubric

SAMPLE_HEAD = """
def sample(image, matrix, fill_mode):
    height, width, _ = image.shape
    i, j = jnp.indices((height, width))
"""

# For each task wrong versions, each with what must be said of it.
WRONG: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "flip": (
        ("def flip(images):\n    return images[:, ::-1]", ("top and bottom",)),
        ("def flip(images):\n    return images[::-1]", ("order of the pictures",)),
        ("def flip(images):\n    return images[..., ::-1]", ("colours have changed places",)),
        ("def flip(images):\n    return images / 255", ("flip",)),
    ),
    "rotation_about_centre": (
        (
            """
            def rotation_about_centre(degrees, height, width):
                a = jnp.deg2rad(degrees)
                return jnp.array(
                    [[jnp.cos(a), jnp.sin(a), 0], [-jnp.sin(a), jnp.cos(a), 0], [0, 0, 1]]
                )
            """,
            ("about the corner",),
        ),
        (
            """
            def rotation_about_centre(degrees, height, width):
                s, c, y, x = jnp.sin(degrees), jnp.cos(degrees), (height - 1) / 2, (width - 1) / 2
                return jnp.array(
                    [[c, s, y - c * y - s * x], [-s, c, x + s * y - c * x], [0, 0, 1]]
                )
            """,
            ("radians",),
        ),
        (
            """
            def rotation_about_centre(degrees, height, width):
                a = jnp.deg2rad(degrees)
                s, c, y, x = jnp.sin(a), jnp.cos(a), height / 2, width / 2
                return jnp.array(
                    [[c, s, y - c * y - s * x], [-s, c, x + s * y - c * x], [0, 0, 1]]
                )
            """,
            ("(n − 1) / 2",),
        ),
        (
            """
            def rotation_about_centre(degrees, height, width):
                a = jnp.deg2rad(-degrees)
                s, c, y, x = jnp.sin(a), jnp.cos(a), (height - 1) / 2, (width - 1) / 2
                return jnp.array(
                    [[c, s, y - c * y - s * x], [-s, c, x + s * y - c * x], [0, 0, 1]]
                )
            """,
            ("the other way, clockwise",),
        ),
    ),
    "compose": (
        (
            """
            def compose(*matrices):
                result = jnp.eye(3)
                for matrix in matrices:
                    result = matrix @ result
                return result
            """,
            ("the wrong way round",),
        ),
        (
            """
            def compose(*matrices):
                result = jnp.ones((3, 3))
                for matrix in matrices:
                    result = result * matrix
                return result
            """,
            ("multiplied with @",),
        ),
        ("def compose(*matrices):\n    return sum(matrices)", ("sum of the matrices",)),
        ("def compose(first, second):\n    return first @ second", ("compose",)),
    ),
    "sample": (
        (
            SAMPLE_HEAD
            + """
    row = jnp.round(matrix[0, 0] * i + matrix[0, 1] * j + matrix[0, 2]).astype(int)
    column = jnp.round(matrix[1, 0] * i + matrix[1, 1] * j + matrix[1, 2]).astype(int)
    return image[jnp.clip(row, 0, height - 1), jnp.clip(column, 0, width - 1)]
""",
            ("blend the four",),
        ),
        (
            """
            def sample(image, matrix, fill_mode):
                return _other_sample(image, matrix, "nearest")


            def _other_sample(image, matrix, fill_mode):
                height, width, _ = image.shape
                i, j = jnp.indices((height, width))
                row = matrix[0, 0] * i + matrix[0, 1] * j + matrix[0, 2]
                column = matrix[1, 0] * i + matrix[1, 1] * j + matrix[1, 2]
                top, left = jnp.floor(row).astype(int), jnp.floor(column).astype(int)
                down, right = (row - top)[..., None], (column - left)[..., None]
                at = lambda i, j: image[jnp.clip(i, 0, height - 1), jnp.clip(j, 0, width - 1)]
                above = (1 - right) * at(top, left) + right * at(top, left + 1)
                below = (1 - right) * at(top + 1, left) + right * at(top + 1, left + 1)
                return (1 - down) * above + down * below
            """,
            ("looks like 'nearest', but 'constant'",),
        ),
        (
            """
            def sample(image, matrix, fill_mode):
                return lib.affine_transform(image[None], matrix, fill_mode)[0]
            """,
            ("affine_transform",),
        ),
    ),
    "draw_augmentation": (
        (
            """
            def draw_augmentation(key, count, rotation, shift, zoom):
                u = lambda low, high: jax.random.uniform(key, (count,), minval=low, maxval=high)
                return {
                    "rotation": u(-rotation, rotation),
                    "row_shift": u(-shift, shift),
                    "column_shift": u(-shift, shift),
                    "row_zoom": u(1 - zoom, 1 + zoom),
                    "column_zoom": u(1 - zoom, 1 + zoom),
                    "flip": u(0, 1) < 0.5,
                }
            """,
            ("go together", "split"),
        ),
        (
            """
            def draw_augmentation(key, count, rotation, shift, zoom):
                keys = jax.random.split(key, 6)
                u = lambda k, low, high: jax.random.uniform(
                    keys[k], (count,), minval=low, maxval=high
                )
                return {
                    "rotation": u(0, 0.0, rotation),
                    "row_shift": u(1, -shift, shift),
                    "column_shift": u(2, -shift, shift),
                    "row_zoom": u(3, 1 - zoom, 1 + zoom),
                    "column_zoom": u(4, 1 - zoom, 1 + zoom),
                    "flip": u(5, 0, 1) < 0.5,
                }
            """,
            ("'rotation'", "equally likely"),
        ),
        (
            """
            def draw_augmentation(key, count, rotation, shift, zoom):
                numbers = np.random.default_rng()
                u = lambda low, high: numbers.uniform(low, high, count)
                return {
                    "rotation": u(-rotation, rotation),
                    "row_shift": u(-shift, shift),
                    "column_shift": u(-shift, shift),
                    "row_zoom": u(1 - zoom, 1 + zoom),
                    "column_zoom": u(1 - zoom, 1 + zoom),
                    "flip": u(0, 1) < 0.5,
                }
            """,
            ("the same key gave other numbers",),
        ),
        (
            """
            def draw_augmentation(key, count, rotation, shift, zoom):
                keys = jax.random.split(key, 6)
                u = lambda k, low, high: jax.random.uniform(keys[k], (), minval=low, maxval=high)
                return {
                    "rotation": u(0, -rotation, rotation),
                    "row_shift": u(1, -shift, shift),
                    "column_shift": u(2, -shift, shift),
                    "row_zoom": u(3, 1 - zoom, 1 + zoom),
                    "column_zoom": u(4, 1 - zoom, 1 + zoom),
                    "flip": u(5, 0, 1) < 0.5,
                }
            """,
            ("another form", "its own number"),
        ),
    ),
    "dropout": (
        (
            """
            def dropout(x, rate, key, train):
                return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x, 0) if train else x
            """,
            ("not scaled",),
        ),
        (
            """
            def dropout(x, rate, key, train):
                kept = jax.random.bernoulli(key, rate, x.shape)
                return jnp.where(kept, x / (1 - rate), 0) if train else x
            """,
            ("the wrong way round",),
        ),
        (
            """
            def dropout(x, rate, key, train):
                kept = jax.random.bernoulli(key, 1 - rate, x.shape)
                return jnp.where(kept, x / (1 - rate), 0)
            """,
            ("train=False",),
        ),
        (
            """
            def dropout(x, rate, key, train):
                kept = jax.random.bernoulli(jax.random.key(0), 1 - rate, x.shape)
                return jnp.where(kept, x / (1 - rate), 0) if train else x
            """,
            ("another key dropped the same",),
        ),
        (
            """
            def dropout(x, rate, key, train):
                kept = jax.random.bernoulli(key, 1 - rate, x.shape[:2])
                return jnp.where(kept, x / (1 - rate), 0) if train else x
            """,
            ("shapes",),
        ),
    ),
    "train_augmented": (
        (
            """
            def train_augmented(images, labels, key):
                return lib.cats_and_dogs().init(key, images[:1] / np.float32(255))["params"]
            """,
            ("too low", "guessing"),
        ),
        (
            """
            def train_augmented(images, labels, key):
                return lib.flowers_baseline().init(key, images[:1] / np.float32(255))["params"]
            """,
            ("not the parameters of the model",),
        ),
        (
            """
            def train_augmented(images, labels, key):
                return lib.load("cats_and_dogs", train_size=1_000).train
            """,
            ("lib.load",),
        ),
    ),
}


@pytest.mark.parametrize("number", range(5))
def test_wrong_answers_fail_and_are_told_why(number, all_fail):
    chosen = {task: each[number] for task, each in WRONG.items() if number < len(each)}
    all_fail("week6", chosen)


def test_every_task_has_three_wrong_versions():
    tasks = {task.name for task in read_rubric(COURSE.checks / "week6.py")}
    assert tasks == set(WRONG)
    assert all(len(each) >= 3 for each in WRONG.values())


RIGHT = (
    {
        "flip": "def flip(images):\n    return np.flip(np.asarray(images), axis=2)",
        "rotation_about_centre": """
        def rotation_about_centre(degrees, height, width):
            def move(y, x):
                return np.array([[1, 0, y], [0, 1, x], [0, 0, 1]])

            a = math.radians(degrees)
            turn = np.array(
                [[math.cos(a), math.sin(a), 0], [-math.sin(a), math.cos(a), 0], [0, 0, 1]]
            )
            y, x = (height - 1) / 2, (width - 1) / 2
            return move(y, x) @ turn @ move(-y, -x)
        """,
        "compose": """
        def compose(*matrices):
            first, *others = matrices
            return first @ compose(*others) if others else first
        """,
        "sample": """
        def sample(image, matrix, fill_mode):
            mode = {"nearest": "edge", "constant": "constant", "reflect": "symmetric"}
            height, width, _ = image.shape
            a, b = 4 * height, 4 * width
            wide = np.pad(np.asarray(image), ((a, a), (b, b), (0, 0)), mode.get(fill_mode, "wrap"))
            new = np.zeros(image.shape, np.float32)
            for i in range(height):
                for j in range(width):
                    y, x, _ = np.asarray(matrix, np.float64) @ (i, j, 1)
                    t, l = math.floor(y), math.floor(x)
                    v, u = y - t, x - l
                    four = wide[t + a : t + a + 2, l + b : l + b + 2]
                    weights = np.outer((1 - v, v), (1 - u, u))
                    new[i, j] = (four * weights[..., None]).sum((0, 1))
            return new
        """,
        "draw_augmentation": """
        def draw_augmentation(key, count, rotation, shift, zoom):
            least = np.array([-rotation, -shift, -shift, 1 - zoom, 1 - zoom, 0])
            most = np.array([rotation, shift, shift, 1 + zoom, 1 + zoom, 1])
            all = least + (most - least) * jax.random.uniform(key, (count, 6))
            names = ["rotation", "row_shift", "column_shift", "row_zoom", "column_zoom"]
            return dict(zip(names, all.T)) | {"flip": all[:, 5] > 0.5}
        """,
        "dropout": """
        def dropout(x, rate, key, train):
            if train:
                return x * (jax.random.uniform(key, x.shape) >= rate) / (1 - rate)
            return x
        """,
    },
    {
        "flip": "def flip(images):\n    return jnp.fliplr(images.transpose(1, 2, 0, 3)).transpose("
        "2, 0, 1, 3)",
        "rotation_about_centre": """
        def rotation_about_centre(degrees, height, width):
            a = np.deg2rad(degrees)
            turn = np.eye(3)
            turn[:2, :2] = [[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]
            middle = np.array([(height - 1) / 2, (width - 1) / 2])
            turn[:2, 2] = middle - turn[:2, :2] @ middle
            return turn
        """,
        "compose": "def compose(*matrices):\n    return np.linalg.multi_dot([np.eye(3), np.eye(3), "
        "*map(np.asarray, matrices)])",
        "sample": """
        def sample(image, matrix, fill_mode):
            height, width, _ = image.shape

            def at(i, j):
                if fill_mode == "constant":
                    there = (0 <= i) & (i < height) & (0 <= j) & (j < width)
                    return jnp.where(there, image[i % height, j % width], 0)
                for_each = {
                    "nearest": lambda k, n: jnp.minimum(jnp.maximum(k, 0), n - 1),
                    "wrap": lambda k, n: k % n,
                    "reflect": lambda k, n: n - 1 - jnp.abs(n - 1 - k % (2 * n)) + (
                        (k % (2 * n)) >= n
                    ),
                }[fill_mode]
                return image[for_each(i, height), for_each(j, width)]

            def one(i, j):
                y, x, _ = matrix @ jnp.array([i, j, 1.0])
                t, l = jnp.floor(y).astype(int), jnp.floor(x).astype(int)
                return sum(
                    jnp.abs(1 - p - (y - t)) * jnp.abs(1 - q - (x - l)) * at(t + p, l + q)
                    for p in (0, 1)
                    for q in (0, 1)
                )

            across = jax.vmap(one, (None, 0))
            return jax.jit(jax.vmap(across, (0, None)))(jnp.arange(height), jnp.arange(width))
        """,
        "draw_augmentation": """
        def draw_augmentation(key, count, rotation, shift, zoom):
            result = {}
            for name, middle, most in (
                ("rotation", 0, rotation),
                ("row_shift", 0, shift),
                ("column_shift", 0, shift),
                ("row_zoom", 1, zoom),
                ("column_zoom", 1, zoom),
            ):
                key, mine = jax.random.split(key)
                result[name] = middle + most * jax.random.uniform(mine, (count,), minval=-1)
            result["flip"] = jax.random.randint(key, (count,), 0, 2).astype(bool)
            return result
        """,
        "dropout": """
        def dropout(x, rate, key, train):
            rate = rate if train else 0.0
            chance = jax.random.uniform(key, x.shape)
            return jnp.where(chance < rate, 0.0, x) / (1 - rate)
        """,
    },
)


@pytest.mark.parametrize("number", range(2))
def test_right_answers_in_another_style_pass(number, all_pass):
    all_pass("week6", RIGHT[number])
