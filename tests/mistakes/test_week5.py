"""Week 5: wrong answers fail with the sentence that helps, right ones in other styles pass."""

import pytest

from grader.course import COURSE
from grader.rubric import read_rubric

# For each task wrong versions, each with what must be said of it.
WRONG: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "split_data": (
        (
            """
            def split_data(source, train, test, fraction, seed):
                names = sorted(path.name for path in Path(source).iterdir())
                random.Random(seed).shuffle(names)
                count = int(fraction * len(names))
                for folder, part in ((train, names[:count]), (test, names[count:])):
                    Path(folder).mkdir(parents=True, exist_ok=True)
                    for name in part:
                        shutil.copyfile(Path(source) / name, Path(folder) / name)
                return []
            """,
            ("is broken, and was copied all the same", "load()"),
        ),
        (
            """
            def split_data(source, train, test, fraction, seed):
                good, left_out = [], []
                for path in sorted(Path(source).iterdir()):
                    try:
                        Image.open(path).load()
                        good.append(path)
                    except OSError:
                        left_out.append(path.name)
                count = int(fraction * len(good))
                for folder, part in ((train, good[:count]), (test, good[count:])):
                    Path(folder).mkdir(parents=True, exist_ok=True)
                    for path in part:
                        shutil.copyfile(path, Path(folder) / path.name)
                return left_out
            """,
            ("simply so many files in a row", "shuffle"),
        ),
        (
            """
            def split_data(source, train, test, fraction, seed):
                good, left_out = [], []
                for path in sorted(Path(source).iterdir()):
                    try:
                        Image.open(path).load()
                        good.append(path)
                    except OSError:
                        left_out.append(path.name)
                random.shuffle(good)
                count = int(fraction * len(good))
                for folder, part in ((train, good[:count]), (test, good[count:])):
                    Path(folder).mkdir(parents=True, exist_ok=True)
                    for path in part:
                        shutil.copyfile(path, Path(folder) / path.name)
                return left_out
            """,
            ("the same seed gave another split",),
        ),
        (
            """
            def split_data(source, train, test, fraction, seed):
                good, left_out = [], []
                for path in sorted(Path(source).iterdir()):
                    try:
                        Image.open(path).load()
                        good.append(path)
                    except OSError:
                        left_out.append(path.name)
                turn = seed % 7 + 1
                good = good[turn:] + good[:turn]
                count = int(fraction * len(good))
                for folder, part in ((train, good[:count]), (test, good[count:])):
                    Path(folder).mkdir(parents=True, exist_ok=True)
                    for path in part:
                        shutil.copyfile(path, Path(folder) / path.name)
                return left_out
            """,
            ("simply so many files in a row", "shuffle"),
        ),
        (
            """
            def split_data(source, train, test, fraction, seed):
                good, left_out = [], []
                for path in sorted(Path(source).iterdir()):
                    try:
                        Image.open(path).load()
                        good.append(path)
                    except OSError:
                        left_out.append(path.name)
                random.Random(seed).shuffle(good)
                count = int(fraction * len(good))
                for folder, part in ((train, good[:count]), (test, good[count:])):
                    Path(folder).mkdir(parents=True, exist_ok=True)
                    for path in part:
                        shutil.move(path, Path(folder) / path.name)
                return left_out
            """,
            ("source folder is not what it was", "copy, do not move"),
        ),
        (
            """
            def split_data(source, train, test, fraction, seed):
                good, left_out = [], []
                for path in sorted(Path(source).iterdir()):
                    try:
                        Image.open(path).load()
                        good.append(path)
                    except OSError:
                        left_out.append(path.name)
                random.Random(seed).shuffle(good)
                count = int(fraction * len(good))
                for folder, part in ((test, good[:count]), (train, good[count:])):
                    Path(folder).mkdir(parents=True, exist_ok=True)
                    for path in part:
                        shutil.copyfile(path, Path(folder) / path.name)
                return left_out
            """,
            ("train and test are swapped",),
        ),
        (
            """
            def split_data(source, train, test, fraction, seed):
                good, left_out = [], []
                for path in sorted(Path(source).iterdir()):
                    try:
                        with Image.open(path) as picture:
                            picture.verify()
                        good.append(path)
                    except (OSError, SyntaxError):
                        left_out.append(path.name)
                random.Random(seed).shuffle(good)
                count = int(fraction * len(good))
                for folder, part in ((train, good[:count]), (test, good[count:])):
                    Path(folder).mkdir(parents=True, exist_ok=True)
                    for path in part:
                        shutil.copyfile(path, Path(folder) / path.name)
                return left_out
            """,
            ("is broken, and was copied all the same", "verify()"),
        ),
        (
            """
            def split_data(source, train, test, fraction, seed):
                good, left_out = [], []
                for path in sorted(Path(source).iterdir()):
                    try:
                        Image.open(path).load()
                        good.append(path)
                    except OSError:
                        left_out.append(path.name)
                chosen = random.Random(seed).sample(good, int(fraction * len(good)))
                for folder, part in ((train, chosen), (test, good)):
                    Path(folder).mkdir(parents=True, exist_ok=True)
                    for path in part:
                        shutil.copyfile(path, Path(folder) / path.name)
                return left_out
            """,
            ("is in both folders",),
        ),
    ),
    "cats_and_dogs_net": (
        (
            """
            def cats_and_dogs_net():
                layers = []
                for filters in (32, 64, 128, 128):
                    layers += [lib.Conv(filters, activation=nn.relu), lib.MaxPool()]
                layers += [lib.Flatten(), lib.Dense(512, activation=nn.relu)]
                return nn.Sequential([*layers, lib.Dense(1)])
            """,
            ("one output", "two are asked for", "3,453,634"),
        ),
        (
            """
            def cats_and_dogs_net():
                layers = []
                for filters in (32, 64, 128, 128):
                    layers += [lib.Conv(filters, activation=nn.relu), lib.MaxPool()]
                layers += [lib.Flatten(), lib.Dense(512, activation=nn.relu)]
                return nn.Sequential([*layers, lib.Dense(2), nn.softmax])
            """,
            ("ends with a softmax", "logits"),
        ),
        (
            """
            def cats_and_dogs_net():
                layers = []
                for filters in (32, 64, 128):
                    layers += [lib.Conv(filters, activation=nn.relu), lib.MaxPool()]
                layers += [lib.Flatten(), lib.Dense(512, activation=nn.relu)]
                return nn.Sequential([*layers, lib.Dense(2)])
            """,
            ("last convolution and its pooling are missing",),
        ),
        (
            """
            def cats_and_dogs_net():
                layers = []
                for filters in (32, 64, 128, 128):
                    layers += [lib.Conv(filters, activation=nn.relu), lib.AvgPool()]
                layers += [lib.Flatten(), lib.Dense(512, activation=nn.relu)]
                return nn.Sequential([*layers, lib.Dense(2)])
            """,
            ("takes the mean", "max-pooling"),
        ),
    ),
    "plot_history": (
        (
            """
            def plot_history(history):
                figure = Figure()
                axes = figure.subplots()
                for name in history:
                    axes.plot(range(1, len(history[name]) + 1), history[name], label=name)
                axes.legend()
                return figure
            """,
            ("two axes", "subplots(1, 2)"),
        ),
        (
            """
            def plot_history(history):
                figure = Figure()
                for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy")):
                    axes.plot(history[name], label="training")
                    axes.plot(history["val_" + name], label="validation")
                    axes.set_xlabel("epoch")
                    axes.set_ylabel(name)
                    axes.legend()
                return figure
            """,
            ("counted from 0", "range(1"),
        ),
        (
            """
            def plot_history(history):
                figure = Figure()
                for axes, names in zip(
                    figure.subplots(1, 2), (("loss", "accuracy"), ("val_loss", "val_accuracy"))
                ):
                    for name in names:
                        axes.plot(range(1, len(history[name]) + 1), history[name], label=name)
                    axes.legend()
                return figure
            """,
            ("no line with the values of 'val_loss'",),
        ),
        (
            """
            def plot_history(history):
                figure = Figure()
                for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy")):
                    epochs = range(1, len(history[name]) + 1)
                    axes.plot(epochs, history[name], label="validation")
                    axes.plot(epochs, history["val_" + name], label="training")
                    axes.set_xlabel("epoch")
                    axes.set_ylabel(name)
                    axes.legend()
                return figure
            """,
            ("in the legend of loss", "should be called 'training'"),
        ),
        (
            """
            def plot_history(history):
                figure = Figure()
                for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy")):
                    epochs = range(1, len(history[name]) + 1)
                    axes.plot(epochs, history[name], label="training")
                    axes.plot(epochs, history["val_" + name], label="validation")
                    axes.set_xlabel("epoch")
                    axes.set_ylabel(name)
                return figure
            """,
            ("legend", "axes.legend()"),
        ),
        (
            """
            def plot_history(history):
                figure = Figure()
                for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy")):
                    epochs = range(1, len(history[name]) + 1)
                    axes.plot(epochs, history[name], label="training")
                    axes.plot(epochs, history["val_" + name], label="validation")
                    axes.legend()
            """,
            ("must return a figure", "return"),
        ),
    ),
    "early_stopping": (
        (
            """
            class EarlyStopping:
                def __init__(self, patience):
                    self.patience, self.lowest, self.waited = patience, float("inf"), 0
                    self.best_params = None

                def on_epoch_end(self, epoch, logs, state):
                    if "val_loss" not in logs:
                        return False
                    if logs["val_loss"] < self.lowest:
                        self.lowest, self.waited = logs["val_loss"], 0
                        self.best_params = jax.tree.map(jnp.copy, state.params)
                        return False
                    self.waited += 1
                    return self.waited > self.patience

                def on_train_end(self, state):
                    return state
            """,
            ("these are the last ones", "best_params"),
        ),
        (
            """
            class EarlyStopping:
                def __init__(self, patience):
                    self.patience, self.lowest, self.waited = patience, float("inf"), 0
                    self.best_params = None

                def on_epoch_end(self, epoch, logs, state):
                    if "val_loss" not in logs:
                        return False
                    if logs["val_loss"] < self.lowest:
                        self.lowest, self.waited = logs["val_loss"], 0
                        self.best_params = state.params
                        return False
                    self.waited += 1
                    return self.waited > self.patience

                def on_train_end(self, state):
                    if self.best_params is None:
                        return state
                    return state.replace(params=self.best_params)
            """,
            ("keep a copy", "jnp.copy"),
        ),
        (
            """
            class EarlyStopping:
                def __init__(self, patience):
                    self.patience, self.lowest, self.waited = patience, float("inf"), 0
                    self.best_params = None

                def on_epoch_end(self, epoch, logs, state):
                    if "val_loss" not in logs:
                        return False
                    if logs["val_loss"] < self.lowest:
                        self.lowest, self.waited = logs["val_loss"], 0
                        self.best_params = jax.tree.map(jnp.copy, state.params)
                        return False
                    self.waited += 1
                    return self.waited >= self.patience

                def on_train_end(self, state):
                    if self.best_params is None:
                        return state
                    return state.replace(params=self.best_params)
            """,
            ("patience puts up with", "> patience, not >= patience"),
        ),
        (
            """
            class EarlyStopping:
                def __init__(self, patience):
                    self.patience, self.before, self.waited = patience, float("inf"), 0
                    self.best_params = None

                def on_epoch_end(self, epoch, logs, state):
                    if "val_loss" not in logs:
                        return False
                    if logs["val_loss"] < self.before:
                        self.waited = 0
                        self.best_params = jax.tree.map(jnp.copy, state.params)
                    else:
                        self.waited += 1
                    self.before = logs["val_loss"]
                    return self.waited > self.patience

                def on_train_end(self, state):
                    if self.best_params is None:
                        return state
                    return state.replace(params=self.best_params)
            """,
            ("went on", "since the lowest"),
        ),
        (
            """
            class EarlyStopping:
                def __init__(self, patience):
                    self.patience, self.lowest, self.waited = patience, float("inf"), 0
                    self.best_params = None

                def on_epoch_end(self, epoch, logs, state):
                    if "val_loss" not in logs:
                        return False
                    if logs["val_loss"] < self.lowest:
                        self.lowest = logs["val_loss"]
                        self.best_params = jax.tree.map(jnp.copy, state.params)
                        return False
                    self.waited += 1
                    return self.waited > self.patience

                def on_train_end(self, state):
                    if self.best_params is None:
                        return state
                    return state.replace(params=self.best_params)
            """,
            ("patience puts up with 1", "again at each new lowest"),
        ),
        (
            """
            class EarlyStopping:
                def __init__(self, patience):
                    self.patience, self.lowest, self.waited = patience, float("inf"), 0
                    self.best_params = None

                def on_epoch_end(self, epoch, logs, state):
                    if logs["loss"] < self.lowest:
                        self.lowest, self.waited = logs["loss"], 0
                        self.best_params = jax.tree.map(jnp.copy, state.params)
                        return False
                    self.waited += 1
                    return self.waited > self.patience

                def on_train_end(self, state):
                    return self.best_params
            """,
            ("went on", "since the lowest"),
        ),
    ),
    "overfitting_epoch": (
        (
            """
            def overfitting_epoch(history):
                best = int(np.argmin(history["val_loss"]))
                return None if best == len(history["val_loss"]) - 1 else best
            """,
            ("counted from 0",),
        ),
        (
            """
            def overfitting_epoch(history):
                return int(np.argmin(history["val_loss"])) + 1
            """,
            ("lowest in the last epoch", "None"),
        ),
        (
            """
            def overfitting_epoch(history):
                losses = history["val_loss"]
                for epoch in range(1, len(losses)):
                    if losses[epoch] > losses[epoch - 1]:
                        return epoch
                return None
            """,
            ("rises for the first time",),
        ),
        (
            """
            def overfitting_epoch(history):
                best = int(np.argmax(history["val_accuracy"])) + 1
                return None if best == len(history["val_loss"]) else best
            """,
            (),
        ),
        (
            """
            def overfitting_epoch(history):
                losses = history["val_loss"]
                best = max(k for k, loss in enumerate(losses, 1) if loss == min(losses))
                return None if best == len(losses) else best
            """,
            ("the earliest",),
        ),
    ),
}

RIGHT: dict[str, dict[str, str]] = {
    "NumPy, pyplot, a list of all": {
        "split_data": """
        def split_data(source, train, test, fraction, seed):
            import os

            bad, good = [], []
            for name in sorted(os.listdir(source)):
                try:
                    np.asarray(Image.open(os.path.join(source, name)))
                    good.append(name)
                except Exception:
                    bad.append(name)
            order = np.random.default_rng(seed).permutation(len(good))
            count = int(len(good) * fraction)
            os.makedirs(train, exist_ok=True)
            os.makedirs(test, exist_ok=True)
            for place, number in enumerate(order):
                folder = train if place < count else test
                shutil.copy(os.path.join(source, good[number]), folder)
            return bad
        """,
        "cats_and_dogs_net": """
        class Net(nn.Module):
            def setup(self):
                self.convs = [
                    nn.Conv(n, (3, 3), padding="VALID") for n in (32, 64, 128, 128)
                ]
                self.wide, self.out = nn.Dense(512), nn.Dense(2)

            def __call__(self, x):
                for conv in self.convs:
                    x = nn.max_pool(nn.relu(conv(x)), (2, 2), strides=(2, 2))
                return self.out(nn.relu(self.wide(x.reshape(len(x), -1))))

        def cats_and_dogs_net():
            return Net()
        """,
        "plot_history": """
        def plot_history(history):
            import matplotlib.pyplot as plt

            figure, (left, right) = plt.subplots(1, 2)
            epochs = np.arange(len(history["loss"])) + 1
            left.plot(epochs, history["val_loss"], "r--", label="Validation loss")
            left.plot(epochs, history["loss"], "b", label="Training loss")
            left.set(xlabel="Epoch", ylabel="Loss", title="loss")
            right.plot(epochs, history["accuracy"], label="training")
            right.plot(epochs, history["val_accuracy"], label="validation")
            right.set(xlabel="epochs", ylabel="accuracy")
            left.legend()
            right.legend()
            return figure
        """,
        "early_stopping": """
        class EarlyStopping:
            def __init__(self, patience):
                self.patience, self.seen = patience, []
                self.kept = None

            def on_epoch_end(self, epoch, logs, state):
                if "val_loss" not in logs:
                    return None
                self.seen.append(logs["val_loss"])
                best = int(np.argmin(self.seen))
                if best == len(self.seen) - 1:
                    self.kept = jax.tree.map(np.array, state.params)
                return len(self.seen) - 1 - best > self.patience

            def on_train_end(self, state):
                return state if self.kept is None else state.replace(params=self.kept)
        """,
        "overfitting_epoch": """
        def overfitting_epoch(history):
            losses = np.array(history["val_loss"])
            epoch = losses.argmin() + 1
            if epoch < len(losses):
                return epoch
        """,
    },
    "the standard library": {
        "split_data": """
        def split_data(source, train, test, fraction, seed):
            random.seed(seed)
            left_out, good = [], {}
            for path in Path(source).glob("*"):
                content = path.read_bytes()
                try:
                    Image.open(path).convert("RGB")
                    good[path.name] = content
                except (OSError, SyntaxError):
                    left_out.append(path.name)
            chosen = set(random.sample(sorted(good), int(fraction * len(good))))
            for name, content in good.items():
                folder = Path(train if name in chosen else test)
                folder.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(content)
            return sorted(left_out)
        """,
        "cats_and_dogs_net": """
        def cats_and_dogs_net():
            def pool(x):
                return nn.max_pool(x, (2, 2), (2, 2))

            convolutions = []
            for filters in (32, 64, 128, 128):
                convolutions += [nn.Conv(filters, (3, 3), padding="VALID"), pool, nn.relu]
            return nn.Sequential(
                [
                    *convolutions,
                    lambda x: x.reshape((x.shape[0], -1)),
                    nn.Dense(512),
                    nn.relu,
                    nn.Dense(2),
                ]
            )
        """,
        "plot_history": """
        def plot_history(history):
            figure = Figure()
            axes = figure.subplots(2, 1)
            for axis, name in zip(axes, ["loss", "accuracy"]):
                epochs = np.arange(1.0, len(history[name]) + 1)
                axis.plot(epochs, np.array(history[name]))
                axis.plot(epochs, np.array(history["val_" + name]))
                axis.set_xlabel("epoch")
                axis.set_ylabel(name)
                axis.legend(["training", "validation"])
            return figure
        """,
        "early_stopping": """
        import copy

        class EarlyStopping:
            def __init__(self, patience):
                self.patience = patience
                self.best = None
                self.best_epoch = 0

            def on_epoch_end(self, epoch, logs, state):
                loss = logs.get("val_loss")
                if loss is None:
                    return False
                if self.best is None or loss < self.best[0]:
                    self.best, self.best_epoch = (loss, copy.deepcopy(state.params)), epoch
                return bool(epoch - self.best_epoch > self.patience)

            def on_train_end(self, state):
                return state.replace(params=self.best[1]) if self.best else state
        """,
        "overfitting_epoch": """
        def overfitting_epoch(history):
            losses = history["val_loss"]
            epoch = losses.index(min(losses)) + 1
            return epoch if epoch != len(losses) else None
        """,
    },
}
ROUNDS = max(len(versions) for versions in WRONG.values())


def test_every_task_has_at_least_three_wrong_answers():
    tasks = [task.name for task in read_rubric(COURSE.checks / "week5.py")]
    assert list(WRONG) == tasks
    assert all(len(versions) >= 3 for versions in WRONG.values())
    assert all(set(versions) == set(tasks) for versions in RIGHT.values())


@pytest.mark.parametrize("number", range(ROUNDS))
def test_wrong_answers_are_told_why(number, all_fail):
    all_fail("week5", {n: v[number] for n, v in WRONG.items() if number < len(v)})


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name, all_pass):
    all_pass("week5", RIGHT[name])


@pytest.mark.parametrize(
    "task, version, piece",
    [
        (
            "plot_history",
            """
            def plot_history(history):
                return lib.plots.history_curves(history)
            """,
            "lib.plots.history_curves",
        ),
        (
            "early_stopping",
            """
            class EarlyStopping(lib.EarlyStopping):
                def __init__(self, patience):
                    super().__init__("val_loss", patience)
            """,
            "lib.EarlyStopping",
        ),
        (
            "cats_and_dogs_net",
            """
            def cats_and_dogs_net():
                return lib.cats_and_dogs()
            """,
            "lib.cats_and_dogs",
        ),
    ],
)
def test_the_library_s_own_answer_is_refused(task, version, piece, all_fail):
    all_fail("week5", {task: (version, ("you write this one", piece))})
