"""Week 8: right answers in other styles pass; wrong ones fail with a sentence that says why."""

import re

import pytest

from grader.course import COURSE
from grader.rubric import read_rubric

NET = """
def rock_paper_scissors_net():
    class Net(nn.Module):
        @nn.compact
        def __call__(self, images, train=False):
            x = images
            for channels in (64, 64, 128, 128):
                x = nn.relu(nn.Conv(channels, (3, 3), padding="VALID")(x))
                x = nn.max_pool(x, (2, 2), (2, 2))
            x = x.reshape(len(x), -1)
            x = nn.Dropout(0.5)(x, deterministic=not train)
            x = nn.relu(nn.Dense(512)(x))
            return nn.Dense(3)(x)

    return Net()
"""

# For each task, wrong versions of one of its functions, what is said, and points all the same.
WRONG = {
    "parse_csv": [
        (
            """
            def parse_csv(text):
                rows = [line.split(",") for line in text.splitlines()[1:] if line]
                images = np.array([row[1:] for row in rows if len(row) == 785]).astype(np.uint8)
                labels = np.array([row[0] for row in rows if len(row) == 785], np.int32)
                return images.reshape(-1, 28, 28, 1), labels, []
            """,
            "must not stay unsaid",
            1,
        ),
        (
            """
            def parse_csv(text):
                images, labels, bad = [], [], []
                for number, line in enumerate(text.splitlines()[1:], start=1):
                    cells = line.split(",")
                    if not line:
                        continue
                    if len(cells) != 785:
                        bad.append((number, "columns"))
                        continue
                    labels.append(int(cells[0]))
                    images.append([int(cell) for cell in cells[1:]])
                return np.array(images, np.uint8).reshape(-1, 28, 28, 1), np.array(labels), bad
            """,
            "the header is line 1",
            1,
        ),
        (
            """
            def parse_csv(text):
                lines = text.splitlines()[1:]
                table = np.array([line.split(",") for line in lines], np.float32)
                return table[:, 1:].reshape(-1, 28, 28, 1), table[:, 0].astype(np.int32), []
            """,
            "should be uint8",
            0,
        ),
        (
            """
            def parse_csv(text):
                images, labels, bad = [], [], []
                for number, line in enumerate(text.splitlines(), start=1):
                    cells = line.split(",")
                    if number == 1 or not line:
                        continue
                    if len(cells) != 785:
                        bad.append((number, "columns"))
                    elif not all(cell.isdigit() for cell in cells):
                        bad.append((number, "number"))
                    elif int(cells[0]) > 25 or max(map(int, cells[1:])) > 255:
                        bad.append((number, "range"))
                    else:
                        labels.append(int(cells[0]))
                        images.append([int(cell) for cell in cells[1:]])
                return np.array(images, np.uint8).reshape(-1, 28, 28, 1), np.array(labels), bad
            """,
            "line 6 is bad for another reason",
            2,
        ),
    ],
    "one_hot": [
        (
            """
            def one_hot(labels, classes):
                return jnp.eye(classes, dtype=jnp.int32)[labels]
            """,
            "the numbers are integer, they should be float",
            0,
        ),
        (
            """
            def one_hot(labels, classes):
                return jnp.eye(int(labels.max()) + 1)[labels]
            """,
            "as many columns as `classes` says",
            0,
        ),
        (
            """
            def one_hot(labels, classes):
                return jax.nn.one_hot(labels, classes)
            """,
            "you write this one: jax.nn.one_hot",
            0,
        ),
    ],
    "rock_paper_scissors_net": [
        (NET.replace("0.5)(x, deterministic=not train)", "0.3)(x, deterministic=not train)"),
         "should be doubled", 1),
        (NET.replace("nn.Dropout(0.5)(x, deterministic=not train)", "x"),
         "nothing is dropped", 1),
        (NET.replace(", train=False", "").replace("=not train", "=True"),
         "has no argument `train`", 1),
        (NET.replace("x = nn.Dropout(0.5)(x, deterministic=not train)\n", "\n").replace(
            "return", "x = nn.Dropout(0.5)(x, deterministic=not train)\n            return", 1),
         "dropout stands after the dense layer", 1),
        (NET.replace("not train", "False"), "without `train` the model drops", 1),
        (NET.replace("128, 128", "128, 64"), "it should have 3,473,475", 1),
        (NET.replace("nn.relu(nn.Conv", "(nn.Conv"), "no convolution has a relu", 1),
    ],
    "confusion_matrix": [
        (
            """
            def confusion_matrix(labels, predicted, classes):
                return jnp.zeros((classes, classes), jnp.int32).at[predicted, labels].add(1)
            """,
            "turned over",
            0,
        ),
        (
            """
            def confusion_matrix(labels, predicted, classes):
                return jnp.zeros((classes, classes), jnp.int32).at[labels, predicted].set(1)
            """,
            "counts several times",
            0,
        ),
        (
            """
            def confusion_matrix(labels, predicted, classes):
                names = np.unique(np.concatenate([labels, predicted]))
                return np.array([[np.sum((labels == i) & (predicted == j)) for j in names]
                                 for i in names])
            """,
            "has its row and its column",
            1,
        ),
        (
            """
            def confusion_matrix(labels, predicted, classes):
                table = jnp.zeros((classes, classes)).at[labels, predicted].add(1)
                return table / table.sum(axis=1, keepdims=True)
            """,
            "fractions of each row",
            0,
        ),
    ],
    "precision_recall": [
        (
            """
            def precision_recall(confusion):
                right = jnp.diag(confusion)
                return right / confusion.sum(axis=1), right / confusion.sum(axis=0)
            """,
            "swapped",
            0,
        ),
        (
            """
            def precision_recall(confusion):
                right = jnp.diag(confusion)
                return right / confusion.sum(axis=0), right / confusion.sum(axis=1)
            """,
            "has 0, not nan",
            1,
        ),
        (
            """
            def precision_recall(confusion):
                right = jnp.diag(confusion) / confusion.sum()
                return right, right
            """,
            "all examples of all classes",
            0,
        ),
        (
            """
            def precision_recall(confusion):
                return jnp.diag(confusion) / confusion.sum(axis=0)
            """,
            "must return two arrays",
            0,
        ),
    ],
    "keep_model": [
        (
            """
            def load_model(path):
                return KEPT[path]


            KEPT = {}


            def save_model(path, params):
                KEPT[path] = params
                open(path, "w").close()
            """,
            "in a fresh process",
            1,
        ),
        (
            """
            def save_model(path, params):
                flat = {k: v.astype(np.float16) for k, v in flatten_dict(params, sep="/").items()}
                np.savez(path, **flat)
            """,
            "is of another form",
            0,
        ),
        (
            """
            def load_model(path):
                with np.load(path) as file:
                    return dict(file)
            """,
            "the names hold slashes now",
            0,
        ),
        (
            """
            def save_model(path, params):
                np.savez(path + ".npz", **flatten_dict(params, sep="/"))
            """,
            "there is no such file",
            0,
        ),
        (
            """
            def save_model(path, params):
                np.savez(path, **{name.split("/")[-1]: leaf
                                  for name, leaf in flatten_dict(params, sep="/").items()})
            """,
            "other names",
            0,
        ),
        (
            """
            def save_model(path, params):
                lib.save_params(path, params)
            """,
            "you write this one: lib.save_params",
            0,
        ),
    ],
    "train_letters": [
        (
            """
            def train_letters(images, labels, key):
                return lib.sign_letters().init(key, jnp.zeros((1, 28, 28, 1)))["params"]
            """,
            "hardly better than guessing",
            0,
        ),
        (
            """
            def train_letters(images, labels, key):
                return lib.sign_letters(24).init(key, jnp.zeros((1, 28, 28, 1)))["params"]
            """,
            "not the parameters of the model",
            0,
        ),
        (
            """
            def train_letters(images, labels, key):
                state = lib.create_state(lib.sign_letters(), optax.adam(0.001), images, key)
                wrong = jnp.roll(jnp.asarray(labels), 1)
                state, _ = lib.fit(state, images[:500], wrong[:500], key=key)
                return state.params
            """,
            "hardly better than guessing",
            0,
        ),
    ],
}  # fmt: skip
ROUNDS = max(map(len, WRONG.values()))
NOT_FOR_STUDENTS = re.compile(r"grader/|worker\.py|site-packages|Traceback|session\.py|/tmp|pytest")


def test_every_task_has_at_least_three_wrong_versions():
    rubric = read_rubric(COURSE.checks / "week8.py")
    assert {task.name for task in rubric} == set(WRONG)
    assert min(map(len, WRONG.values())) >= 3


@pytest.mark.parametrize("number", range(ROUNDS))
def test_wrong_versions_fail_with_a_sentence(number, grade, wrong_solution):
    versions = {task: found[number] for task, found in WRONG.items() if number < len(found)}
    source = wrong_solution("week8", {task: version[0] for task, version in versions.items()})
    tasks = grade(source, "week8", *versions).tasks
    for name, (_, words, points) in versions.items():
        told = f"{tasks[name]['message']}\n{tasks[name]['hint']}"
        assert tasks[name]["status"] in ("failed", "error"), name
        assert words in told.lower(), f"{name}: {told}"
        assert tasks[name]["points"] == points, f"{name}: {told}"
        assert "week8.py:" in told and len(told.split("\n")) <= 12, told
        assert not NOT_FOR_STUDENTS.search(told), told


RIGHT = [
    {
        "parse_csv": """
        def parse_csv(text):
            import csv
            import io

            rows, bad = [], []
            reader = csv.reader(io.StringIO(text))
            next(reader)
            for row in reader:
                if not row:
                    continue
                reason = None
                try:
                    if len(row) != 785:
                        reason = "columns"
                    elif not (0 <= min(row := [int(cell) for cell in row])
                              and max(row) <= 255 and row[0] <= 25):
                        reason = "range"
                except ValueError:
                    reason = "number"
                if reason:
                    bad.append([reader.line_num, reason])
                else:
                    rows.append(row)
            table = np.array(rows, np.uint8).reshape(len(rows), 785)
            return [jnp.asarray(table[:, 1:].reshape(-1, 28, 28, 1)), table[:, 0], tuple(bad)]
        """,
        "one_hot": """
        def one_hot(labels, classes):
            return jnp.zeros((len(labels), classes)).at[jnp.arange(len(labels)), labels].set(1)
        """,
        "rock_paper_scissors_net": NET,
        "confusion_matrix": """
        def confusion_matrix(labels, predicted, classes):
            places = np.asarray(labels) * classes + np.asarray(predicted)
            return np.bincount(places, minlength=classes**2).reshape(classes, classes)
        """,
        "precision_recall": """
        def precision_recall(confusion):
            right = jnp.diag(confusion)
            return jnp.stack([jnp.nan_to_num(right / confusion.sum(axis=axis)) for axis in (0, 1)])
        """,
        "save_model": """
        def save_model(path, params):
            from flax import serialization

            with open(path, "wb") as file:
                file.write(serialization.to_bytes(params))
        """,
        "load_model": """
        def load_model(path):
            from flax import serialization

            with open(path, "rb") as file:
                return serialization.msgpack_restore(file.read())
        """,
    },
    {
        "parse_csv": """
        def parse_csv(text):
            def problem(cells):
                if len(cells) != 785:
                    return "columns"
                if not all(cell.strip().lstrip("-").isdigit() for cell in cells):
                    return "number"
                label, *pixels = map(int, cells)
                fine = 0 <= label <= 25 and all(0 <= pixel <= 255 for pixel in pixels)
                return "" if fine else "range"

            lines = {n: line.split(",") for n, line in enumerate(text.split("\\n"), 1) if line}
            del lines[1]
            bad = [(np.int64(n), problem(cells)) for n, cells in lines.items() if problem(cells)]
            good = [list(map(int, cells)) for cells in lines.values() if not problem(cells)]
            images = np.array([row[1:] for row in good]).astype(np.uint8)
            return images.reshape(-1, 28, 28, 1), np.array([row[0] for row in good]), bad
        """,
        "one_hot": """
        def one_hot(labels, classes):
            return (labels[:, None] == jnp.arange(classes)) * 1.0
        """,
        "rock_paper_scissors_net": """
        def rock_paper_scissors_net():
            return Hands()


        class Hands(nn.Module):
            rate: float = 0.5

            def setup(self):
                self.convolutions = [lib.Conv(n, activation=nn.relu) for n in (64, 64, 128, 128)]
                self.dense, self.out = lib.Dense(512, activation=nn.relu), nn.Dense(3)
                self.dropout = nn.Dropout(self.rate)

            def __call__(self, images, train: bool = False):
                for convolution in self.convolutions:
                    images = lib.max_pool(convolution(images))
                images = self.dropout(images, deterministic=not train)
                return self.out(self.dense(images.reshape((images.shape[0], -1))))
        """,
        "confusion_matrix": """
        def confusion_matrix(labels, predicted, classes):
            table = np.zeros((classes, classes), int)
            for label, answer in zip(labels, predicted):
                table[label, answer] += 1
            return table
        """,
        "precision_recall": """
        def precision_recall(confusion):
            confusion = np.asarray(confusion)
            pairs = []
            for sums in (confusion.sum(axis=0), confusion.sum(axis=1)):
                shares = [confusion[k, k] / sums[k] if sums[k] else 0.0 for k in range(len(sums))]
                pairs.append(np.array(shares))
            return pairs
        """,
        "save_model": """
        def save_model(path, params):
            import json

            flat = flatten_dict(params, sep="/")
            named = {k: [np.shape(v), np.asarray(v).tobytes().hex()] for k, v in flat.items()}
            with open(path, "w") as file:
                json.dump(named, file)
        """,
        "load_model": """
        def load_model(path):
            import json

            with open(path) as file:
                named = json.load(file)
            flat = {k: np.frombuffer(bytes.fromhex(text), np.float32).reshape(shape)
                    for k, (shape, text) in named.items()}
            return unflatten_dict(flat, sep="/")
        """,
    },
]


@pytest.mark.parametrize("number", range(len(RIGHT)))
def test_right_answers_in_other_styles_pass(number, grade, wrong_solution):
    tasks = [task.name for task in read_rubric(COURSE.checks / "week8.py") if not task.training]
    report = grade(wrong_solution("week8", RIGHT[number]), "week8", *tasks)
    assert not [task for task in report.tasks.values() if task["status"] != "passed"]
    assert report.status == 0


def test_another_optimizer_trains_letters_as_well(grade, wrong_solution):
    other = """
    def train_letters(images, labels, key):
        state = lib.create_state(lib.sign_letters(), optax.adam(0.001), images, key)
        return lib.fit(state, images, labels, epochs=6, batch_size=64, key=key)[0].params
    """
    assert (
        grade(wrong_solution("week8", {"train_letters": other}), "week8", "train_letters").status
        == 0
    )


def test_the_solution_passes(grade, solution):
    report = grade(solution("week8"), "week8")
    assert not [task for task in report.tasks.values() if task["status"] != "passed"]
    assert report.status == 0
