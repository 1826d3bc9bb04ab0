"""Week 7: wrong answers fail with the sentence that helps, right ones in other styles pass."""

import pytest

from grader.course import COURSE
from grader.rubric import read_rubric

# For each task wrong versions, each with what must be said of it.
WRONG: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "trainable_labels": (
        (
            """
            def trainable_labels(params, frozen):
                def label(keys, _):
                    path = "/".join(key.key for key in keys)
                    return "frozen" if path.startswith(tuple(frozen)) else "trainable"

                return jax.tree_util.tree_map_with_path(label, params)
            """,
            ("label of conv10/", "whole parts"),
        ),
        (
            """
            def trainable_labels(params, frozen):
                def label(keys, _):
                    names = [key.key for key in keys]
                    inside = any(each in names or each == "/".join(names) for each in frozen)
                    return "frozen" if inside else "trainable"

                return jax.tree_util.tree_map_with_path(label, params)
            """,
            ("label of head/backbone/", "begins at the top"),
        ),
        (
            """
            def trainable_labels(params, frozen):
                return {name: "frozen" if name in frozen else "trainable" for name in params}
            """,
            ("must look like params", "in the place of each array"),
        ),
        (
            """
            def trainable_labels(params, frozen):
                def label(keys, _):
                    path = "/".join(key.key for key in keys) + "/"
                    inside = any(path.startswith(each + "/") for each in frozen)
                    return "trainable" if inside else "frozen"

                return jax.tree_util.tree_map_with_path(label, params)
            """,
            ("two words are exchanged",),
        ),
    ),
    "freeze": (
        (
            """
            def freeze(optimizer, params, frozen):
                labels = trainable_labels(params, frozen)
                mask = jax.tree.map(lambda label: label == "frozen", labels)
                return optax.chain(optimizer, optax.masked(optax.set_to_zero(), mask))
            """,
            ("optax.partition", "have reached the optimizer"),
        ),
        (
            """
            def freeze(optimizer, params, frozen):
                labels = trainable_labels(params, frozen)
                both = {"frozen": optimizer, "trainable": optax.set_to_zero()}
                return optax.partition(both, labels)
            """,
            ("is not 0", "set_to_zero"),
        ),
        (
            """
            def freeze(optimizer, params, frozen):
                labels = trainable_labels(params, frozen)
                mask = jax.tree.map(lambda label: label == "trainable", labels)
                return optax.masked(optimizer, mask)
            """,
            ("which is frozen, is not 0",),
        ),
        (
            """
            def freeze(optimizer, params, frozen):
                return trainable_labels(params, frozen)
            """,
            ("must return an Optax optimizer",),
        ),
    ),
    "replace_head": (
        (
            """
            def replace_head(params, head, classes, key):
                kernel = params[head]["kernel"][:, :1].repeat(classes, axis=1)
                return {**params, head: {"kernel": kernel, "bias": jnp.zeros(classes)}}
            """,
            ("another key gave the same kernel",),
        ),
        (
            """
            def replace_head(params, head, classes, key):
                inputs = params[head]["kernel"].shape[0]
                kernel = jax.random.normal(key, (inputs, classes))
                return {**params, head: {"kernel": kernel, "bias": jnp.zeros(classes)}}
            """,
            ("mean 0 and deviation 1/√", "divide"),
        ),
        (
            """
            def replace_head(params, head, classes, key):
                inputs = params[head]["kernel"].shape[0]
                kernel = jax.random.normal(key, (classes, inputs)) / math.sqrt(inputs)
                return {**params, head: {"kernel": kernel, "bias": jnp.zeros(classes)}}
            """,
            ("axes are exchanged",),
        ),
        (
            """
            def replace_head(params, head, classes, key):
                shape = (params[head]["kernel"].shape[0], classes)
                kernel = nn.initializers.glorot_normal()(key, shape)
                return {**params, head: {"kernel": kernel, "bias": jnp.zeros(classes)}}
            """,
            ("mean 0 and deviation 1/√",),
        ),
        (
            """
            def replace_head(params, head, classes, key):
                inputs = params[head]["kernel"].shape[0]
                kernel = jax.random.normal(key, (inputs, classes)) / math.sqrt(inputs)
                return {head: {"kernel": kernel, "bias": jnp.zeros(classes)}}
            """,
            ("with the same layers",),
        ),
    ),
    "count_trainable": (
        (
            """
            def count_trainable(params, frozen):
                labels = jax.tree.leaves(trainable_labels(params, frozen))
                return labels.count("trainable")
            """,
            ("number of arrays",),
        ),
        (
            """
            def count_trainable(params, frozen):
                return sum(array.size for array in jax.tree.leaves(params))
            """,
            ("the frozen ones too",),
        ),
        (
            """
            def count_trainable(params, frozen):
                labels = jax.tree.leaves(trainable_labels(params, frozen))
                arrays = jax.tree.leaves(params)
                return sum(a.size for a, kind in zip(arrays, labels) if kind == "frozen")
            """,
            ("these are the frozen ones",),
        ),
    ),
    "unchanged": (
        (
            """
            def unchanged(before, after, frozen):
                same = jax.tree.map(lambda a, b: bool(jnp.allclose(a, b)), before, after)
                return all(jax.tree.leaves(same))
            """,
            ("nan",),
        ),
        (
            """
            def unchanged(before, after, frozen):
                flat, after = flatten(before), flatten(after)
                return all(
                    path in after and np.allclose(flat[path], after[path], equal_nan=True)
                    for path in flat
                    if any((path + "/").startswith(each + "/") for each in frozen)
                    and flat[path].shape == after.get(path, flat[path]).shape
                )


            def flatten(tree, path=""):
                if not isinstance(tree, dict):
                    return {path[1:]: np.asarray(tree)}
                return {
                    place: leaf
                    for name, inner in tree.items()
                    for place, leaf in flatten(inner, path + "/" + name).items()
                }
            """,
            ("in its last bit", "no tolerance"),
        ),
        (
            """
            def unchanged(before, after, frozen):
                return True
            """,
            ("has changed",),
        ),
        (
            """
            def unchanged(before, after, frozen):
                old = {path: np.asarray(leaf) for path, leaf in jax.tree.leaves_with_path(before)}
                new = {path: np.asarray(leaf) for path, leaf in jax.tree.leaves_with_path(after)}
                return all(old[path].tobytes() == new[path].tobytes() for path in old)
            """,
            ("only what is not frozen",),
        ),
    ),
    "train_transfer": (
        (
            """
            def train_transfer(backbone, images, labels, key):
                model = transfer_net()
                params = model.init(key, images[:1] / np.float32(255))["params"]
                params = {**params, "backbone": backbone}
                state = lib.create_state(
                    model, optax.rmsprop(0.001), images, key,
                    loss=lib.sigmoid_cross_entropy, variables={"params": params},
                )
                state, _ = lib.fit(state, images, labels, epochs=1, key=key, verbose=0)
                return state.params
            """,
            ("has changed", "freeze(optimizer, params, ['backbone'])"),
        ),
        (
            """
            def train_transfer(backbone, images, labels, key):
                model = transfer_net()
                params = model.init(key, images[:1] / np.float32(255))["params"]
                state = lib.create_state(
                    model, freeze(optax.rmsprop(0.001), params, ["backbone"]), images, key,
                    loss=lib.sigmoid_cross_entropy, variables={"params": params},
                )
                state, _ = lib.fit(state, images, labels, epochs=1, key=key, verbose=0)
                return state.params
            """,
            ("not the one that was given", "before lib.create_state"),
        ),
        (
            """
            def train_transfer(backbone, images, labels, key):
                params = transfer_net().init(key, images[:1] / np.float32(255))["params"]
                return {"backbone": backbone, "head": params["head"]}
            """,
            ("hardly better than guessing",),
        ),
        (
            """
            def train_transfer(backbone, images, labels, key):
                return lib.TransferHead(hidden=64).init(key, jnp.zeros((1, 5, 5, 128)))["params"]
            """,
            ("these are not the parameters of the model",),
        ),
    ),
}

# Tasks that need another one are wrong in a submission of their own, with the right versions of
# those that they need.
TOGETHER = (
    ("trainable_labels", "replace_head", "unchanged"),
    ("freeze", "count_trainable"),
    ("train_transfer",),
)

RIGHT: dict[str, dict[str, str]] = {
    "with paths of the tree": {
        "trainable_labels": """
        def trainable_labels(params, frozen):
            def label(keys, _):
                names = [key.key for key in keys]
                parts = [each.split("/") for each in frozen]
                return "frozen" if any(names[: len(p)] == p for p in parts) else "trainable"

            return jax.tree_util.tree_map_with_path(label, params)
        """,
        "freeze": """
        def freeze(optimizer, params, frozen):
            transforms = {"trainable": optimizer, "frozen": optax.set_to_zero()}
            return optax.multi_transform(transforms, lambda tree: trainable_labels(tree, frozen))
        """,
        "replace_head": """
        def replace_head(params, head, classes, key):
            inputs, _ = params[head]["kernel"].shape
            return params | {head: nn.Dense(classes).init(key, jnp.zeros((1, inputs)))["params"]}
        """,
        "count_trainable": """
        def count_trainable(params, frozen):
            sizes = jax.tree.map(
                lambda label, array: jnp.size(array) if label == "trainable" else 0,
                trainable_labels(params, frozen),
                params,
            )
            return jax.tree.reduce(lambda a, b: a + b, sizes, 0)
        """,
        "unchanged": """
        def unchanged(before, after, frozen):
            for path, old in jax.tree_util.tree_leaves_with_path(before):
                names = [key.key for key in path]
                if not any(names[: each.count("/") + 1] == each.split("/") for each in frozen):
                    continue
                new = after
                for name in names:
                    if name not in new:
                        return False
                    new = new[name]
                if new.shape != old.shape or new.dtype != old.dtype:
                    return False
                if np.any(np.asarray(old).view(np.uint32) != np.asarray(new).view(np.uint32)):
                    return False
            return True
        """,
        "train_transfer": """
        def train_transfer(backbone, images, labels, key):
            images, labels = np.vstack([images, images[:, :, ::-1]]), np.tile(labels, 2)
            model = lib.SmallBackbone()
            features = lib.features(model, {"params": backbone}, images)
            head = lib.TransferHead(hidden=64, dropout=0.2, outputs=1)
            state = lib.create_state(
                head, optax.adam(0.001), features, key, loss=lib.sigmoid_cross_entropy
            )
            state, _ = lib.fit(
                state, features, labels, epochs=30, batch_size=20, key=key, verbose=0
            )
            return {"params": {"backbone": backbone, "head": state.params}}
        """,
    },
    "with flat dicts": {
        "trainable_labels": """
        from flax.traverse_util import flatten_dict, unflatten_dict


        def trainable_labels(params, frozen):
            flat = flatten_dict(params, sep="/")
            for path in flat:
                inside = [each for each in frozen if path == each or path.startswith(each + "/")]
                flat[path] = "frozen" if inside else "trainable"
            return unflatten_dict(flat, sep="/")
        """,
        "freeze": """
        def freeze(optimizer, params, frozen):
            labels = trainable_labels(params, frozen)
            learns = jax.tree.map(lambda label: label == "trainable", labels)
            rests = jax.tree.map(lambda label: label == "frozen", labels)
            return optax.chain(
                optax.masked(optax.set_to_zero(), rests), optax.masked(optimizer, learns)
            )
        """,
        "replace_head": """
        def replace_head(params, head, classes, key):
            new = dict(params)
            shape = (len(params[head]["kernel"]), classes)
            deviation = shape[0] ** -0.5
            wide = 3**0.5 * deviation
            kernel = jax.random.uniform(key, shape, minval=-wide, maxval=wide)
            new[head] = {"bias": np.zeros(classes, np.float32), "kernel": np.asarray(kernel)}
            return new
        """,
        "count_trainable": """
        def count_trainable(params, frozen):
            flat = flatten_dict(params, sep="/")
            labels = flatten_dict(trainable_labels(params, frozen), sep="/")
            return int(sum(np.prod(flat[p].shape) for p in flat if labels[p] == "trainable"))
        """,
        "unchanged": """
        def unchanged(before, after, frozen):
            old, new = flatten_dict(before, sep="/"), flatten_dict(after, sep="/")
            rests = [p for p in old if any(f"{p}/".startswith(f"{each}/") for each in frozen)]

            def same(path):
                one, other = np.array(old[path]), np.array(new.get(path, np.nan))
                if one.dtype != other.dtype or one.shape != other.shape:
                    return False
                return bytes(one) == bytes(other)

            return np.all([same(path) for path in rests])
        """,
    },
}


def test_every_task_has_at_least_three_wrong_answers():
    tasks = [task.name for task in read_rubric(COURSE.checks / "week7.py")]
    assert list(WRONG) == tasks
    assert sorted(name for group in TOGETHER for name in group) == sorted(tasks)
    assert all(len(versions) >= 3 for versions in WRONG.values())


ROUNDS = [
    pytest.param(group, number, id=f"{group[0]}-{number}")
    for group in TOGETHER
    for number in range(max(len(WRONG[name]) for name in group))
]


@pytest.mark.parametrize(("group", "number"), ROUNDS)
def test_wrong_answers_are_told_why(group, number, all_fail):
    wrong = {name: WRONG[name][number] for name in group if number < len(WRONG[name])}
    all_fail("week7", wrong)


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_styles_pass(name, all_pass):
    all_pass("week7", RIGHT[name])


@pytest.mark.parametrize(
    "task, version, piece",
    [
        (
            "trainable_labels",
            """
            def trainable_labels(params, frozen):
                return lib.transfer.labels(params, frozen)
            """,
            "lib.transfer.labels",
        ),
        (
            "freeze",
            """
            def freeze(optimizer, params, frozen):
                return lib.freeze(optimizer, params, frozen)
            """,
            "lib.freeze",
        ),
        (
            "count_trainable",
            """
            def count_trainable(params, frozen):
                return lib.count_trainable(params, frozen)
            """,
            "lib.count_trainable",
        ),
    ],
)
def test_the_librarys_own_answer_is_refused(task, version, piece, all_fail):
    all_fail("week7", {task: (version, ("you write this one", piece))})
