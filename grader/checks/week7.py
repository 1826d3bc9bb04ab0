"""The rubric of week 7: a trained part stays as it is, bit for bit, and a new head learns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from grader.checks.training import Training
from grader.judge.judge import Judge
from grader.judge.student import Handle, Student
from grader.judge.values import as_array, show
from grader.rubric import task
from grader.secret import TaskSecret

Tree = dict[str, Any]


def _leaves(tree: Any, path: str = "") -> dict[str, Any]:
    """Path to leaf; an empty dict has none."""
    if not isinstance(tree, Mapping):
        return {path: tree}
    return {
        place: leaf
        for name, value in tree.items()
        for place, leaf in _leaves(value, f"{path}/{name}" if path else str(name)).items()
    }


def _is_frozen(path: str, frozen: Sequence[str]) -> bool:
    return any(f"{path}/".startswith(f"{each}/") for each in frozen)


def _trees(rng: np.random.Generator) -> list[tuple[Tree, list[str], str]]:
    """Parameters of several depths, what is frozen in them, and what that case is about."""

    def layer(*shape: int) -> Tree:
        kernel = rng.normal(size=shape).astype(np.float32)
        return {"kernel": kernel, "bias": rng.normal(size=shape[-1]).astype(np.float32)}

    few = [int(n) for n in rng.integers(2, 6, 4)]
    flat = {
        "conv1": layer(3, 3, few[0], few[1]),
        "conv10": layer(3, 3, few[1], few[2]),
        "my_conv1": layer(few[2], few[3]),
    }
    deep = {
        "backbone": {"conv1": layer(2, few[1]), "block": {"conv1": layer(few[1], few[2])}},
        "head": {"dense": layer(few[2], few[3]), "backbone": layer(few[3], 2)},
    }
    return [
        (flat, ["conv1"], "one layer of a flat tree"),
        (deep, ["backbone"], "a whole part with layers inside layers"),
        (
            deep,
            ["backbone/block/conv1/kernel", "head/dense"],
            "several paths, one of a single array",
        ),
        (flat, [], "nothing frozen"),
    ]


@task(
    points=2,
    functions=("trainable_labels",),
    forbids=("lib.freeze", "lib.trainable", "lib.transfer.labels"),
    hints=(
        "A dict whose values may be dicts again: a function that calls itself goes through it.",
        "Carry the path along: path + '/' + name. What is below 'conv1' begins with 'conv1/'.",
        "'frozen' if any((path + '/').startswith(each + '/') for each in frozen) else 'trainable'; "
        "the slashes keep conv10 apart from conv1.",
    ),
)
def check_trainable_labels(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Which parameters learn, by path"""
    for params, frozen, about in _trees(secret.numpy("trees")):
        got = student.trainable_labels(params, frozen)
        if type(got) is not dict:
            judge.fail(
                "trainable_labels must return dicts in dicts, like params.",
                got=got,
                expected="a dict with keys " + ", ".join(params),
            )
        right = {
            path: "frozen" if _is_frozen(path, frozen) else "trainable" for path in _leaves(params)
        }
        _judge_labels(judge, _leaves(got), right, frozen, about)


def _judge_labels(
    judge: Judge, got: dict[str, Any], right: dict[str, str], frozen: Sequence[str], about: str
) -> None:
    missing = sorted(right.keys() - got.keys())
    if missing or got.keys() - right.keys():
        other = missing or sorted(got.keys() - right.keys())
        judge.fail(
            f"The tree of labels must look like params ({about}).",
            "A label in the place of each array, and the dicts around them as they are.",
            got=f"{'nothing' if missing else 'something'} at {other[0]}",
            expected=f"labels at {', '.join(right)}"[:200],
        )
    wrong = [path for path in right if not isinstance(got[path], str) or got[path] != right[path]]
    if not wrong:
        return
    path = wrong[0]
    hint = ""
    if all(got[p] == {"frozen": "trainable", "trainable": "frozen"}[right[p]] for p in right):
        hint = "The two words are exchanged."
    elif not isinstance(got[path], str):
        hint = 'A label is a string, "frozen" or "trainable".'
    elif right[path] == "trainable" and any(path.startswith(each) for each in frozen):
        hint = (
            f"{path} begins with the letters of {frozen[0]!r}, but it is not in it: compare whole "
            "parts, with the '/' behind them."
        )
    elif right[path] == "trainable" and any(f"/{each}/" in f"/{path}/" for each in frozen):
        hint = "A path begins at the top of the tree: the same name further down is another part."
    elif right[path] == "frozen":
        hint = (
            "What is in a frozen dict is frozen too, at any depth; an array may be named as well."
        )
    judge.fail(
        f"With frozen = {list(frozen)!r} the label of {path} is wrong.",
        hint,
        got=got[path],
        expected=repr(right[path]),
    )


@task(
    points=2,
    functions=("freeze",),
    needs=("trainable_labels",),
    forbids=("lib.freeze", "lib.trainable", "lib.transfer.labels"),
    seconds=30,
    hints=(
        "Two optimizers: yours, and one that changes nothing. Each gets its own parameters.",
        "optax.partition takes {label: optimizer} and the tree of labels of task 1.",
        'optax.partition({"trainable": optimizer, "frozen": optax.set_to_zero()}, '
        "trainable_labels(params, frozen))",
    ),
)
def check_freeze(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """An optimizer that leaves a part as it is"""
    import optax

    rng = secret.numpy("numbers")
    # Few shapes: every operation is compiled for each of them.
    shapes = {"kernel": (3, 4), "bias": (4,)}

    def draw() -> Tree:
        return {
            part: {name: rng.normal(size=shapes[name]).astype(np.float32) for name in shapes}
            for part in ("backbone", "head")
        }

    params, frozen, piece = draw(), ["backbone", "head/bias"], student.piece
    labels = {"backbone": "no", "head": {"kernel": "yes", "bias": "no"}}
    # What the frozen gradients must not do: move what is frozen by its decay, or make the others'
    # updates smaller.
    cases = {
        "optax.adamw(0.1)": (2, optax.adamw(0.1), piece("optax.adamw", 0.1)),
        "an optimizer that limits the norm of the gradients": (
            1,
            optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(0.1)),
            piece("optax.chain", piece("optax.clip_by_global_norm", 1.0), piece("optax.sgd", 0.1)),
        ),
    }
    for name, (steps, ours, theirs) in cases.items():
        optimizer = student.freeze(theirs, params, frozen)
        if not isinstance(optimizer, Handle):
            judge.fail("freeze must return an Optax optimizer.", got=optimizer)
        right = optax.partition({"yes": ours, "no": optax.set_to_zero()}, labels)
        memory, our_memory = optimizer.method("init", params), right.init(params)
        plain = ours.init(params)
        for step in range(1, steps + 1):
            gradients = draw()
            got, memory = judge.unpack(
                optimizer.method("update", gradients, memory, params),
                2,
                "The update of what freeze returns is not an optimizer's.",
            )
            expected, our_memory = right.update(gradients, our_memory, params)
            late, plain = ours.update(gradients, plain, params)
            _judge_updates(judge, got, expected, late, frozen, f"{name}, step {step}")


def _judge_updates(
    judge: Judge, got: Any, right: Any, late: Any, frozen: Sequence[str], what: str
) -> None:
    found, expected, masked = _leaves(got), _leaves(right), _leaves(late)
    if found.keys() != expected.keys():
        judge.fail(f"The updates should be a tree like params ({what}).", got=got)
    for path, wanted in expected.items():
        array = as_array(found[path])
        if array is None or array.shape != wanted.shape:
            judge.fail(
                f"The update of {path} is not an array like the parameter ({what}).",
                got=found[path],
                expected=f"shape {wanted.shape}, float",
            )
        if np.allclose(array, wanted, atol=1e-6, rtol=1e-4):
            continue
        if _is_frozen(path, frozen):
            judge.fail(
                f"The update of {path}, which is frozen, is not 0 ({what}).",
                'optax.set_to_zero() is the optimizer for the label "frozen".',
                got=array,
                expected="0 everywhere",
            )
        hint = ""
        if not np.any(array):
            hint = "It is 0, though this parameter should learn: are the labels exchanged?"
        elif np.allclose(array, np.asarray(masked[path]), atol=1e-6, rtol=1e-4):
            hint = (
                "The gradients of the frozen part have reached the optimizer and changed what it "
                "does with the rest. With optax.partition it does not see them."
            )
        judge.fail(f"The update of {path} is wrong ({what}).", hint, got=array, expected=wanted)


@task(
    points=2,
    functions=("replace_head",),
    hints=(
        "Copy the dict, and put a new entry in the place of the last layer.",
        "The new kernel has as many rows as the old one: params[head]['kernel'].shape[0].",
        "{**params, head: {'kernel': jax.random.normal(key, (inputs, classes)) / "
        "math.sqrt(inputs), 'bias': jnp.zeros(classes)}}",
    ),
)
def check_replace_head(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """A new last layer on an old network"""
    rng = secret.numpy("params")
    inputs, old, classes = 100 + int(rng.integers(20)), 5, 20 + int(rng.integers(9))
    params = {
        "conv1": {"kernel": rng.normal(size=(3, 3, 3, 4)), "bias": rng.normal(size=4)},
        "last": {"kernel": rng.normal(size=(inputs, old)), "bias": rng.normal(size=old)},
        "dense": {"kernel": rng.normal(size=(9, inputs)), "bias": rng.normal(size=inputs)},
    }
    params = {
        layer: {name: array.astype(np.float32) for name, array in arrays.items()}
        for layer, arrays in params.items()
    }
    keys = secret.key("head"), secret.key("head"), secret.key("another head")
    results = [student.replace_head(params, "last", classes, key) for key in keys]
    got = results[0]
    if type(got) is not dict or got.keys() != params.keys():
        judge.fail(
            "replace_head must return a dict with the same layers.",
            got=got,
            expected=f"a dict with keys {', '.join(params)}",
        )
    with judge.part(0.5, "everything else stays"):
        for path, array in _leaves({k: v for k, v in params.items() if k != "last"}).items():
            layer, _, name = path.partition("/")
            kept = got[layer].get(name) if type(got[layer]) is dict else got[layer]
            judge.same(kept, array, f"the old {path}", atol=0, rtol=0)
    head = got["last"]
    if type(head) is not dict or head.keys() != {"kernel", "bias"}:
        judge.fail("The new layer must have a kernel and a bias.", got=head)
    kernels = [_float_array(judge, each["last"]["kernel"], (inputs, classes)) for each in results]
    with judge.part(0.5, "the bias"):
        judge.same(head["bias"], np.zeros(classes, np.float32), "the new bias")
    with judge.part(1, "the kernel"):
        _judge_kernel(judge, kernels, params["last"]["kernel"], inputs)


def _float_array(judge: Judge, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    array = as_array(value)
    if array is None or array.shape != shape or array.dtype.kind != "f":
        hint = ""
        if array is not None and array.shape == shape[::-1]:
            hint = "The axes are exchanged: a kernel is (inputs, outputs)."
        judge.fail(
            "The new kernel has another shape.",
            hint or "As many rows as the old kernel, a column for each class.",
            got=value,
            expected=f"shape {shape}, float",
        )
    if not np.isfinite(array).all():
        judge.fail("The new kernel holds numbers that are not finite.", got=array)
    return array


def _judge_kernel(judge: Judge, kernels: list[np.ndarray], old: np.ndarray, inputs: int) -> None:
    kernel, again, another = kernels
    judge.check(
        np.array_equal(kernel, again),
        "The same key gave two different kernels.",
        "Draw from the key given, jax.random.normal(key, …), and from nothing else.",
    )
    judge.check(
        not np.array_equal(kernel, another),
        "Another key gave the same kernel.",
        "Use the key given: a fixed jax.random.key(0) always draws the same numbers.",
    )
    few = kernel[:, : old.shape[1]]
    if np.array_equal(few, old[:, : few.shape[1]]):
        judge.fail("The new kernel begins with the old one's columns. All of it should be new.")
    # At least 2,000 numbers: their standard deviation is off by 1.6 % at one standard error, so 8 %
    # is five of them. 1/√(the mean of inputs and classes) is off by 24 % or more.
    std = float(kernel.std()) * np.sqrt(inputs)
    hint = "Divide numbers of deviation 1 by √inputs: math.sqrt(inputs)."
    if abs(float(kernel.std()) * inputs - 1) < 0.2:
        hint = "Divided by inputs; asked for is its root."
    if abs(std - 1) > 0.08 or abs(float(kernel.mean())) * np.sqrt(inputs) > 0.2:
        judge.fail(
            f"The kernel's numbers should have mean 0 and deviation 1/√{inputs} = "
            f"{1 / np.sqrt(inputs):.3f}.",
            hint,
            got=f"mean {kernel.mean():.3f}, deviation {kernel.std():.3f}",
        )
    # Repeated rows or columns would have little rank.
    judge.check(
        np.unique(kernel).size > 0.9 * kernel.size,
        "Many of the kernel's numbers are the same. Each should be drawn by itself.",
        "jax.random.normal(key, (inputs, classes)) draws as many as there are places.",
    )


@task(
    points=1,
    functions=("count_trainable",),
    needs=("trainable_labels",),
    forbids=("lib.count_trainable", "lib.trainable", "lib.transfer.labels"),
    hints=(
        "The size of an array is the product of its shape, array.size.",
        "jax.tree.leaves lists the arrays of a tree, and the labels of a tree of labels likewise.",
        'sum(size for size, label in zip(sizes, labels) if label == "trainable")',
    ),
)
def check_count_trainable(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """How many numbers learn"""
    for params, frozen, about in _trees(secret.numpy("trees")):
        leaves = _leaves(params)
        sizes = {path: int(array.size) for path, array in leaves.items()}
        learn = [path for path in leaves if not _is_frozen(path, frozen)]
        right = sum(sizes[path] for path in learn)
        total = sum(sizes.values())
        mistakes = {
            "This is the number of arrays; count the numbers in them.": len(learn),
            "These are all parameters, the frozen ones too.": total,
            "These are the frozen ones; the others are asked for.": total - right,
            "This adds up first axes; the size is the product of the whole shape.": sum(
                leaves[path].shape[0] for path in learn
            ),
        }
        judge.same(
            student.count_trainable(params, frozen),
            right,
            f"count_trainable, {about}",
            mistakes={text: value for text, value in mistakes.items() if value != right},
        )


@task(
    points=2,
    functions=("unchanged",),
    forbids=("lib.freeze", "lib.trainable", "lib.transfer.labels"),
    hints=(
        "Go through the frozen arrays of `before` and look up each in `after`.",
        "Shape, dtype and bytes: three comparisons. np.asarray(array).tobytes() are the bytes.",
        "An array that is missing in `after` has changed as well: that is False, not an exception.",
    ),
)
def check_unchanged(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Proof that the frozen part did not move"""
    import copy

    rng = secret.numpy("trees")
    before = _trees(rng)[1][0]
    frozen = ["backbone", "head/dense/bias"]
    kernel = before["backbone"]["block"]["conv1"]["kernel"]
    kernel.ravel()[:2] = [0.0, np.nan]
    last = tuple(int(n) - 1 for n in kernel.shape)

    def changed(**values: Any) -> Tree:
        after = copy.deepcopy(before)
        inner = after["backbone"]["block"]["conv1"]
        for name, value in values.items():
            inner[name] = value
        return after

    moved = kernel.copy()
    moved[last] = np.nextafter(moved[last], np.float32(9), dtype=np.float32)
    minus = kernel.copy()
    minus.ravel()[0] = -0.0
    learned = copy.deepcopy(before)
    learned["head"]["dense"]["kernel"] += 1
    learned["head"]["backbone"]["bias"] *= 2
    gone = copy.deepcopy(before)
    del gone["backbone"]["conv1"]
    bias = copy.deepcopy(before)
    bias["head"]["dense"]["bias"] = bias["head"]["dense"]["bias"] + np.float32(0.5)
    grown = copy.deepcopy(learned)
    grown["head"]["new"] = {"kernel": np.ones((2, 2), np.float32)}

    def ask(after: Tree, right: bool, message: str, hint: str = "", paths: Any = frozen) -> None:
        got = student.unchanged(before, after, paths)
        plain = as_array(got)
        if plain is None or plain.shape != () or plain.dtype.kind != "b":
            judge.fail("unchanged must answer True or False.", got=got, expected=repr(right))
        if bool(plain) is not right:
            judge.fail(message, hint, got=got, expected=repr(right))

    with judge.part(1, "what changed and what did not"):
        ask(
            copy.deepcopy(before),
            True,
            "Nothing has changed, and a number that is nan is the same as before.",
            "nan == nan is False: compare the bytes.",
        )
        ask(learned, True, "Only what is not frozen has changed, which does not matter.")
        ask(bias, False, "A frozen bias, named by its path, has changed.")
        ask(
            bias, True, "With another path frozen, that change does not matter.", paths=["backbone"]
        )
        ask(
            changed(kernel=kernel + np.float32(1)),
            False,
            "A frozen kernel, three dicts deep, has changed.",
        )
        ask(grown, True, "A new array that is not frozen does not matter.")
    with judge.part(1, "bit by bit"):
        ask(
            changed(kernel=moved),
            False,
            "One number of a frozen kernel has changed in its last bit.",
            "No tolerance: np.allclose and the like forgive small changes.",
        )
        ask(
            changed(kernel=minus),
            False,
            "A 0.0 has become −0.0: other bits.",
            "−0.0 == 0.0 is True. Compare the bytes.",
        )
        ask(
            changed(kernel=kernel.T.reshape(kernel.shape[::-1])),
            False,
            "A frozen kernel has been transposed.",
            "Compare the shapes too.",
        )
        zeros = {"conv": {"bias": np.zeros(4, np.float32)}}
        for other, what in (
            (np.zeros(4, np.int32), "dtype: the bytes of a zero are the same in every one"),
            (np.zeros((2, 2), np.float32), "shape: the bytes are the same"),
        ):
            got = student.unchanged(zeros, {"conv": {"bias": other}}, ["conv"])
            judge.check(
                as_array(got) is not None and not bool(np.all(got)),
                f"A frozen bias has another {what}.",
                "Compare shape, dtype and bytes.",
            )
        ask(gone, False, "A frozen array is missing afterwards.", "That is a change too: False.")


@task(
    points=4,
    functions=("train_transfer",),
    needs=("freeze",),
    forbids=(
        "lib.load",
        "lib.draw",
        "lib.data.*",
        "lib.freeze",
        "lib.backbone",
        "lib.transfer_variables",
    ),
    seconds=300,
    training=True,
    hints=(
        "Draw the params of transfer_net(), put the backbone in, train with a frozen backbone.",
        "lib.create_state(model, optimizer, images, key).params are drawn params; then params = "
        "{**params, 'backbone': backbone}; freeze(optax.rmsprop(…), params, ['backbone']); both go "
        "to another lib.create_state. Add the mirror images.",
        "lib.create_state(model, optimizer, images, key, loss=lib.sigmoid_cross_entropy, "
        "variables={'params': params}), then lib.fit with 20 epochs and batch_size=20.",
    ),
)
def check_train_transfer(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Transfer learning that beats learning from scratch"""
    import jax

    import lib

    training = Training(judge, "train_transfer")
    backbone, variables = lib.backbone()
    sent = jax.tree.map(np.asarray, variables["params"])
    params = student.train_transfer(sent, *training.examples(student), secret.key("training"))
    model = lib.TransferClassifier(backbone, lib.TransferHead(hidden=64, dropout=0.2, outputs=1))
    trained = training.trained(params, model)
    _judge_frozen(judge, params, sent)
    training.judge_test(
        trained, "Add the mirror images, and let the learning rate fall from 0.001 to 0."
    )


def _judge_frozen(judge: Judge, params: Any, sent: Tree) -> None:
    params = params["params"] if set(params) == {"params"} else params
    returned = _leaves(params.get("backbone"))
    for path, ours in _leaves(sent).items():
        got = returned.get(path)
        if isinstance(got, np.ndarray) and (got.dtype, got.shape) == (ours.dtype, ours.shape):
            if got.tobytes() == ours.tobytes():
                continue
            share = np.mean(got != ours)
            if share < 0.9:
                message = f"backbone/{path} has changed, in {share:.0%} of its numbers."
            else:
                message = f"backbone/{path} has changed: it is not the one that was given."
            judge.fail(
                message,
                "Put the backbone into the params before lib.create_state, and train with "
                "freeze(optimizer, params, ['backbone']).",
            )
        judge.fail(
            f"backbone/{path} should come back as it was given.",
            got=show(got) if got is not None else "nothing",
            expected=f"shape {ours.shape}, {ours.dtype}",
        )
