"""Week 4: wrong answers fail with the sentence that helps, right ones in other styles pass."""

import pytest

from grader.course import COURSE
from grader.rubric import read_rubric

# For each task wrong versions, each with what must be said of it.
WRONG: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "convolve_rgb": (
        (
            """
            def convolve_rgb(image, kernels):
                image = jnp.asarray(image, jnp.float32)
                rows, columns, channels, filters = kernels.shape
                height, width = image.shape[0] - rows + 1, image.shape[1] - columns + 1
                result = jnp.zeros((height, width, channels))
                for i in range(rows):
                    for j in range(columns):
                        part = image[i : i + height, j : j + width]
                        result = result + part * kernels[i, j, :, 0]
                return result
            """,
            ("one output for each channel", "add the channels up"),
        ),
        (
            """
            def convolve_rgb(image, kernels):
                image = jnp.asarray(image, jnp.float32)
                rows, columns, channels, filters = kernels.shape
                height, width = image.shape[0] - rows + 1, image.shape[1] - columns + 1
                result = jnp.zeros((height, width, filters))
                for i in range(rows):
                    for j in range(columns):
                        part = image[i : i + height, j : j + width, 0:1]
                        result = result + part @ kernels[i, j, :1]
                return result
            """,
            ("only the first channel",),
        ),
        (
            """
            def convolve_rgb(image, kernels):
                image = jnp.asarray(image, jnp.float32)
                rows, columns, channels, filters = kernels.shape
                height, width = image.shape[0] - rows + 1, image.shape[1] - columns + 1
                result = jnp.zeros((height, width, filters))
                for i in range(rows):
                    for j in range(columns):
                        part = image[i : i + height, j : j + width]
                        result = result + part @ kernels[-1 - i, -1 - j]
                return result
            """,
            ("flipped",),
        ),
        (
            """
            def convolve_rgb(image, kernels):
                image = jnp.asarray(image, jnp.float32)
                rows, columns, channels, filters = kernels.shape
                height, width = image.shape[0] - rows + 1, image.shape[1] - columns + 1
                result = jnp.zeros((height, width, filters))
                for i in range(rows):
                    for j in range(columns):
                        part = image[i : i + height, j : j + width]
                        result = result + part @ kernels[i, j]
                return jnp.clip(result, 0, 255)
            """,
            ("clipped", "leave it as it is"),
        ),
    ),
    "labels_from_folders": (
        (
            """
            def labels_from_folders(paths):
                folders = [path.split("/")[-2] for path in paths]
                class_names = list(dict.fromkeys(folders))
                return np.array([class_names.index(name) for name in folders]), class_names
            """,
            ("in the order in which they occur", "sort them"),
        ),
        (
            """
            def labels_from_folders(paths):
                folders = [path.split("/")[1] for path in paths]
                class_names = sorted(set(folders))
                return np.array([class_names.index(name) for name in folders]), class_names
            """,
            ("count the parts from the end",),
        ),
        (
            """
            def labels_from_folders(paths):
                folders = [path.split("/")[-2] for path in paths]
                class_names = sorted(set(folders))
                return np.array([class_names.index(name) + 1 for name in folders]), class_names
            """,
            ("first class is 0",),
        ),
        (
            """
            def labels_from_folders(paths):
                folders = [path.split("/")[-2] for path in paths]
                return sorted(set(folders)), np.unique(folders, return_inverse=True)[1]
            """,
            ("these are not the class names",),
        ),
    ),
    "load_pictures": (
        (
            """
            def load_pictures(folder, edge):
                images, labels = [], []
                for label, class_folder in enumerate(sorted(Path(folder).iterdir())):
                    for path in sorted(class_folder.iterdir()):
                        rgb = Image.open(path).convert("RGB")
                        small = rgb.resize((edge, edge), Image.Resampling.BILINEAR)
                        images.append(np.asarray(small))
                        labels.append(label)
                return np.stack(images), np.array(labels), []
            """,
            ("UnidentifiedImageError", "no whole picture", "try"),
        ),
        (
            """
            def load_pictures(folder, edge):
                images, labels, left_out = [], [], []
                for label, class_folder in enumerate(sorted(Path(folder).iterdir())):
                    for path in sorted(class_folder.iterdir()):
                        try:
                            rgb = Image.open(path).convert("RGB").resize((edge, edge))
                        except OSError:
                            left_out.append(f"{class_folder.name}/{path.name}")
                            continue
                        images.append(np.asarray(rgb))
                        labels.append(label)
                return np.stack(images), np.array(labels), sorted(left_out)
            """,
            ("BICUBIC", "BILINEAR is asked for"),
        ),
        (
            """
            def load_pictures(folder, edge):
                images, labels, left_out = [], [], []
                for label, class_folder in enumerate(sorted(Path(folder).iterdir())):
                    for path in sorted(class_folder.iterdir()):
                        try:
                            opened = Image.open(path)
                            small = opened.resize((edge, edge), Image.Resampling.BILINEAR)
                        except OSError:
                            left_out.append(f"{class_folder.name}/{path.name}")
                            continue
                        images.append(np.asarray(small.convert("RGB")))
                        labels.append(label)
                return np.stack(images), np.array(labels), sorted(left_out)
            """,
            ("resized before convert", "palettes"),
        ),
        (
            """
            def load_pictures(folder, edge):
                images, labels, left_out = [], [], []
                for label, class_folder in enumerate(sorted(Path(folder).iterdir())):
                    for path in sorted(class_folder.iterdir()):
                        try:
                            rgb = Image.open(path).convert("RGB")
                        except OSError:
                            left_out.append(path.name)
                            continue
                        small = rgb.resize((edge, edge), Image.Resampling.BILINEAR)
                        images.append(np.asarray(small))
                        labels.append(label)
                return np.stack(images), np.array(labels), sorted(left_out)
            """,
            ("these are the right files", "names should look like"),
        ),
        (
            """
            def load_pictures(folder, edge):
                images, labels, left_out = [], [], []
                for label, class_folder in enumerate(sorted(Path(folder).iterdir())):
                    for path in sorted(class_folder.iterdir()):
                        try:
                            rgb = Image.open(path).convert("RGB")
                        except OSError:
                            left_out.append(f"{class_folder.name}/{path.name}")
                            continue
                        small = rgb.resize((edge, edge), Image.Resampling.BILINEAR)
                        images.append(np.asarray(small) / 255)
                        labels.append(label)
                return np.stack(images), np.array(labels), sorted(left_out)
            """,
            ("must stay uint8",),
        ),
        (
            """
            def load_pictures(folder, edge):
                images, labels, left_out = [], [], []
                for label, class_folder in enumerate(sorted(Path(folder).iterdir())):
                    for path in sorted(class_folder.iterdir(), reverse=True):
                        try:
                            rgb = Image.open(path).convert("RGB")
                        except OSError:
                            left_out.append(f"{class_folder.name}/{path.name}")
                            continue
                        small = rgb.resize((edge, edge), Image.Resampling.BILINEAR)
                        images.append(np.asarray(small))
                        labels.append(label)
                return np.stack(images), np.array(labels), sorted(left_out)
            """,
            ("in another order", "sorted"),
        ),
    ),
    "steps_per_epoch": (
        (
            """
            def steps_per_epoch(examples, batch_size):
                return examples // batch_size
            """,
            ("last batch", "missing"),
        ),
        (
            """
            def steps_per_epoch(examples, batch_size):
                return examples // batch_size + 1
            """,
            ("when the last batch is full",),
        ),
        (
            """
            def steps_per_epoch(examples, batch_size):
                return examples / batch_size
            """,
            ("integer",),
        ),
        (
            """
            def steps_per_epoch(examples, batch_size):
                return round(examples / batch_size)
            """,
            ("last batch", "missing"),
        ),
    ),
    "horse_or_human_net": (
        (
            """
            def horse_or_human_net():
                layers = []
                for filters in (16, 32, 64):
                    layers += [lib.Conv(filters, activation=nn.relu), lib.MaxPool()]
                layers += [lib.Flatten(), lib.Dense(512, activation=nn.relu), lib.Dense(2)]
                return nn.Sequential(layers)
            """,
            ("two outputs", "one is asked for", "40,165,409"),
        ),
        (
            """
            def horse_or_human_net():
                layers = []
                for filters in (16, 32, 64):
                    layers += [lib.Conv(filters, activation=nn.relu), lib.MaxPool()]
                layers += [lib.Flatten(), lib.Dense(512, activation=nn.relu)]
                return nn.Sequential([*layers, lib.Dense(1), nn.sigmoid])
            """,
            ("ends with a sigmoid", "logits"),
        ),
        (
            """
            def horse_or_human_net():
                layers = []
                for filters in (16, 32, 64):
                    layers += [lib.Conv(filters, activation=nn.relu), lib.MaxPool()]
                layers += [lambda x: x.reshape(-1, 78_400), lib.Dense(512, activation=nn.relu)]
                return nn.Sequential([*layers, lib.Dense(1)])
            """,
            ("300 × 300, but not of 32 × 32", "lib.Flatten()"),
        ),
        (
            """
            def horse_or_human_net():
                layers = []
                for filters in (16, 32, 64):
                    layers += [lib.Conv(filters, padding="SAME", activation=nn.relu), lib.MaxPool()]
                layers += [lib.Flatten(), lib.Dense(512, activation=nn.relu), lib.Dense(1)]
                return nn.Sequential(layers)
            """,
            ("SAME", "VALID is asked for"),
        ),
        (
            """
            def horse_or_human_net():
                layers = []
                for filters in (16, 32, 64):
                    layers += [lib.Conv(filters), lib.MaxPool()]
                layers += [lib.Flatten(), lib.Dense(512, activation=nn.relu), lib.Dense(1)]
                return nn.Sequential(layers)
            """,
            ("ReLU after the convolutions is missing",),
        ),
    ),
    "sigmoid_cross_entropy": (
        (
            """
            def sigmoid_cross_entropy(logits, labels):
                p = jax.nn.sigmoid(logits)
                return -jnp.mean(labels * jnp.log(p) + (1 - labels) * jnp.log(1 - p))
            """,
            ("(n, n)", "reshape"),
        ),
        (
            """
            def sigmoid_cross_entropy(logits, labels):
                p = jax.nn.sigmoid(logits.reshape(-1))
                return -jnp.mean(labels * jnp.log(p) + (1 - labels) * jnp.log(1 - p))
            """,
            ("large logits", "log_sigmoid"),
        ),
        (
            """
            def sigmoid_cross_entropy(logits, labels):
                return -jnp.mean(labels * jax.nn.log_sigmoid(logits.reshape(-1)))
            """,
            ("only the examples with label 1",),
        ),
        (
            """
            def sigmoid_cross_entropy(logits, labels):
                p = jax.nn.sigmoid(logits.reshape(-1))
                return -jnp.mean(jax.nn.log_sigmoid(jnp.where(labels == 1, p, -p)))
            """,
            ("sigmoid was taken twice",),
        ),
        (
            """
            def sigmoid_cross_entropy(logits, labels):
                x = logits.reshape(-1)
                return -jnp.sum(jax.nn.log_sigmoid(jnp.where(labels == 1, x, -x)))
            """,
            ("sum", "mean"),
        ),
        (
            """
            def sigmoid_cross_entropy(logits, labels):
                x = logits.reshape(-1)
                return -jax.nn.log_sigmoid(jnp.where(labels == 1, x, -x))
            """,
            ("mean over the examples is missing",),
        ),
    ),
    "train_happy_or_sad": (
        (
            """
            def train_happy_or_sad(images, labels, key):
                model = lib.happy_or_sad()
                state = lib.create_state(
                    model, optax.rmsprop(0.001), images, key, loss=lib.sigmoid_cross_entropy
                )
                return state.params, [0.7, 1.0]
            """,
            ("faces it has learned from", "StopWhen"),
        ),
        (
            """
            def train_happy_or_sad(images, labels, key):
                model = lib.happy_or_sad()
                state = lib.create_state(
                    model, optax.rmsprop(0.001), images, key, loss=lib.sigmoid_cross_entropy
                )
                state, history = lib.fit(state, images, labels, epochs=25, batch_size=10, key=key)
                return state.params, history["accuracy"]
            """,
            ("went on after an epoch above 0.999", "StopWhen"),
        ),
        (
            """
            def train_happy_or_sad(images, labels, key):
                model = lib.happy_or_sad()
                state = lib.create_state(
                    model, optax.rmsprop(0.001), images, key, loss=lib.sigmoid_cross_entropy
                )
                state, history = lib.fit(state, images, labels, epochs=1, batch_size=10, key=key)
                return state.params, history["accuracy"]
            """,
            ("faces it has learned from", "StopWhen"),
        ),
        (
            """
            def train_happy_or_sad(images, labels, key):
                model = lib.happy_or_sad()
                state = lib.create_state(
                    model, optax.rmsprop(0.001), images, key, loss=lib.sigmoid_cross_entropy
                )
                stop = lib.StopWhen("loss", below=0.4)
                state, history = lib.fit(
                    state, images, labels, epochs=40, batch_size=10, key=key, callbacks=[stop]
                )
                return state.params
            """,
            ("must return the params and the accuracies",),
        ),
    ),
    "classify_picture": (
        (
            """
            def classify_picture(model, params, picture, class_names):
                logits = model.apply({"params": params}, jnp.asarray(picture, jnp.float32)[None])
                probability = float(jax.nn.sigmoid(logits)[0, 0])
                return class_names[int(probability > 0.5)], probability
            """,
            ("not divided by 255",),
        ),
        (
            """
            def classify_picture(model, params, picture, class_names):
                logits = model.apply({"params": params}, picture[None] / np.float32(255))
                return class_names[int(logits[0, 0] > 0.5)], float(logits[0, 0])
            """,
            ("this is the logit", "sigmoid"),
        ),
        (
            """
            def classify_picture(model, params, picture, class_names):
                logits = model.apply({"params": params}, picture[None] / np.float32(255))
                probability = float(jax.nn.sigmoid(logits)[0, 0])
                return class_names[int(probability < 0.5)], probability
            """,
            ("above 0.5 it is",),
        ),
        (
            """
            def classify_picture(model, params, picture, class_names):
                logits = model.apply({"params": params}, picture[None] / np.float32(255))
                probability = float(jax.nn.sigmoid(logits)[0, 0])
                number = int(probability > 0.5)
                return class_names[number], probability if number else 1 - probability
            """,
            ("probability of class 0",),
        ),
        (
            """
            def classify_picture(model, params, picture, class_names):
                logits = model.apply({"params": params}, picture[None] / np.float32(255))
                probability = jax.nn.softmax(logits)
                return class_names[int(jnp.argmax(logits))], probability[0, 0]
            """,
            ("softmax over a single number", "sigmoid"),
        ),
        (
            """
            def classify_picture(model, params, picture, class_names):
                logits = model.apply({"params": params}, picture / np.float32(255))
                probability = float(jax.nn.sigmoid(logits)[0, 0])
                return class_names[int(probability > 0.5)], probability
            """,
            (),
        ),
    ),
}

RIGHT: dict[str, dict[str, str]] = {
    "windows, NumPy, the standard library": {
        "convolve_rgb": """
        def convolve_rgb(image, kernels):
            view = np.lib.stride_tricks.sliding_window_view(
                np.asarray(image, np.float32), kernels.shape[:2], (0, 1)
            )
            return np.einsum("hwcij,ijcf->hwf", view, kernels)
        """,
        "labels_from_folders": """
        def labels_from_folders(paths):
            folders = [Path(path).parent.name for path in paths]
            names, labels = np.unique(folders, return_inverse=True)
            return labels, [str(name) for name in names]
        """,
        "load_pictures": """
        def load_pictures(folder, edge):
            import os

            rows, labels, bad = [], [], []
            for number, name in enumerate(sorted(os.listdir(folder))):
                for file in sorted(os.listdir(os.path.join(folder, name))):
                    try:
                        image = Image.open(os.path.join(folder, name, file)).convert("RGB")
                        rows.append(np.array(image.resize((edge, edge), Image.BILINEAR)))
                        labels.append(number)
                    except Exception:
                        bad.append(name + "/" + file)
            return np.array(rows), labels, bad
        """,
        "steps_per_epoch": """
        def steps_per_epoch(examples, batch_size):
            return -(-examples // batch_size)
        """,
        "horse_or_human_net": """
        class Net(nn.Module):
            @nn.compact
            def __call__(self, x):
                for filters in (16, 32, 64):
                    x = nn.relu(nn.Conv(filters, (3, 3), padding="VALID")(x))
                    x = nn.max_pool(x, (2, 2), strides=(2, 2))
                x = nn.relu(nn.Dense(512)(x.reshape(x.shape[0], -1)))
                return nn.Dense(1)(x)

        def horse_or_human_net():
            return Net()
        """,
        "sigmoid_cross_entropy": """
        def sigmoid_cross_entropy(logits, labels):
            x = logits[:, 0]
            return jnp.mean(jnp.maximum(x, 0) - x * labels + jnp.log1p(jnp.exp(-jnp.abs(x))))
        """,
        "classify_picture": """
        def classify_picture(model, params, picture, class_names):
            image = np.expand_dims(picture / 255, 0).astype(np.float32)
            chance = jax.nn.sigmoid(model.apply({"params": params}, image)).item()
            return (class_names[1] if chance > 0.5 else class_names[0]), chance
        """,
    },
    "channel by channel, Adam": {
        "convolve_rgb": """
        def convolve_rgb(image, kernels):
            rows, columns, channels, filters = kernels.shape
            height, width = image.shape[0] - rows + 1, image.shape[1] - columns + 1
            pictures = []
            for f in range(filters):
                total = np.zeros((height, width))
                for c in range(channels):
                    for i in range(rows):
                        for j in range(columns):
                            part = image[i : i + height, j : j + width, c].astype(float)
                            total += part * kernels[i, j, c, f]
                pictures.append(total)
            return jnp.stack(pictures, axis=-1)
        """,
        "labels_from_folders": """
        def labels_from_folders(paths):
            numbers = {name: k for k, name in enumerate(sorted({p.split("/")[-2] for p in paths}))}
            return [numbers[p.split("/")[-2]] for p in paths], list(numbers)
        """,
        "load_pictures": """
        def load_pictures(folder, edge):
            paths = sorted(Path(folder).glob("*/*"))
            names = sorted({path.parent.name for path in paths})
            images, labels, left_out = [], [], []
            for path in paths:
                try:
                    image = np.asarray(Image.open(path).convert("RGB"), np.float32)
                except (OSError, SyntaxError):
                    left_out.append(path.relative_to(folder).as_posix())
                    continue
                small = jax.image.resize(image, (edge, edge, 3), "bilinear")
                images.append(np.asarray(jnp.round(small)).astype(np.uint8))
                labels.append(names.index(path.parent.name))
            return jnp.stack(images), jnp.array(labels), left_out
        """,
        "steps_per_epoch": """
        def steps_per_epoch(examples, batch_size):
            return len(range(0, examples, batch_size))
        """,
        "horse_or_human_net": """
        def pool(x):
            return nn.max_pool(x, (2, 2), strides=(2, 2))

        def horse_or_human_net():
            layers = []
            for filters in (16, 32, 64):
                layers += [nn.Conv(filters, (3, 3), padding="VALID"), pool, nn.relu]
            layers += [lambda x: x.reshape((len(x), -1)), nn.Dense(512), nn.relu, nn.Dense(1)]
            return nn.Sequential(layers)
        """,
        "sigmoid_cross_entropy": """
        def sigmoid_cross_entropy(logits, labels):
            pair = jnp.stack([jnp.zeros(len(labels)), logits.reshape(-1)], axis=1)
            each = jax.nn.log_softmax(pair)
            return -jnp.take_along_axis(each, labels[:, None], axis=1).mean()
        """,
        "train_happy_or_sad": """
        def train_happy_or_sad(images, labels, key):
            model, accuracies = lib.happy_or_sad(), []
            state = lib.create_state(
                model, optax.adam(0.001), images, key, loss=lib.sigmoid_cross_entropy
            )
            for epoch in range(40):
                turn = jax.random.fold_in(key, epoch)
                state, history = lib.fit(
                    state, images, labels, epochs=1, batch_size=8, key=turn, verbose=0
                )
                accuracies.append(history["accuracy"][0])
                if accuracies[-1] > 0.999:
                    break
            return {"params": state.params}, np.array(accuracies)
        """,
        "classify_picture": """
        def classify_picture(model, params, picture, class_names):
            batch = jnp.stack([jnp.asarray(picture) / 255.0])
            logit = model.apply({"params": params}, batch).squeeze()
            return [class_names[1 if logit > 0 else 0], 1 / (1 + jnp.exp(-logit))]
        """,
    },
}
ROUNDS = max(len(versions) for versions in WRONG.values())


def test_every_task_has_at_least_three_wrong_answers():
    tasks = [task.name for task in read_rubric(COURSE.checks / "week4.py")]
    assert list(WRONG) == tasks
    assert all(len(versions) >= 3 for versions in WRONG.values())
    assert {name for versions in RIGHT.values() for name in versions} == set(tasks)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_wrong_answers_are_told_why(number, all_fail):
    all_fail("week4", {n: v[number] for n, v in WRONG.items() if number < len(v)})


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name, all_pass):
    all_pass("week4", RIGHT[name])


UNLUCKY = {
    "every unit is dead": "return jax.tree.map(jnp.zeros_like, state.params), [0.5] * 40",
    # Three tenths are taken for class 1 where half of them are.
    "the last step is a leap": """
            logits = lib.predict(state, images)
            logit = {"bias": -jnp.quantile(logits, 0.7)[None]}
            logit["bias"] += state.params["logits"]["bias"]
            return state.params | {"logits": state.params["logits"] | logit}, accuracies
    """,
}


@pytest.mark.parametrize("start", UNLUCKY)
def test_an_unlucky_start_is_no_mistake(start, all_pass):
    version = """
    starts = []

    def train_happy_or_sad(images, labels, key):
        starts.append(key)
        state = lib.create_state(
            lib.happy_or_sad(), optax.rmsprop(0.001), images, key, loss=lib.sigmoid_cross_entropy
        )
        stop = lib.StopWhen("accuracy", above=0.999)
        state, history = lib.fit(
            state, images, labels, epochs=40, batch_size=10, key=key, callbacks=[stop]
        )
        accuracies = history["accuracy"]
        if len(starts) == 1:
            UNLUCKY
        return state.params, accuracies
    """
    all_pass("week4", {"train_happy_or_sad": version.replace("UNLUCKY", UNLUCKY[start].strip())})


@pytest.mark.parametrize(
    "task, version, piece",
    [
        (
            "load_pictures",
            """
            def load_pictures(folder, edge):
                found = lib.load_folder(folder, edge)
                return *found.train, [skipped.path for skipped in found.skipped]
            """,
            "lib.load_folder",
        ),
        (
            "horse_or_human_net",
            """
            def horse_or_human_net():
                return lib.ConvClassifier((16, 32, 64), hidden=512, classes=1)
            """,
            "lib.ConvClassifier",
        ),
        (
            "sigmoid_cross_entropy",
            """
            def sigmoid_cross_entropy(logits, labels):
                return optax.sigmoid_binary_cross_entropy(logits[:, 0], labels).mean()
            """,
            "optax.sigmoid_binary_cross_entropy",
        ),
    ],
)
def test_the_library_s_own_answer_is_refused(task, version, piece, all_fail):
    all_fail("week4", {task: (version, ("you write this one", piece))})
