"""The rubric of week 7: a trained part stays unchanged, bit for bit, and a new head learns."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.checks.changes import (
    WRONG_RULES,
    Change,
    draw_changes,
    draw_changes_of_bits,
    is_unchanged,
)
from grader.checks.frozen_paths import (
    WRONG_LABELS,
    Tree,
    draw_trees,
    is_frozen,
    labels_of,
    leaves_of,
    same_bits,
)
from grader.checks.training import Trained, Training
from grader.judge.judge import Judge
from grader.judge.student import Handle, Student, StudentRaised
from grader.judge.values import as_array, show
from grader.rubric import task
from grader.secret import TaskSecret


@task(
    points=2,
    functions=("trainable_labels",),
    forbids=("lib.freeze", "lib.trainable", "lib.transfer.labels"),
    hints=(
        "The values of a dict may be dicts too: write a function that calls itself for these.",
        "Pass the path along: path + '/' + name. Every path below 'conv1' begins with 'conv1/'.",
        "'frozen' if any((path + '/').startswith(each + '/') for each in frozen) else 'trainable'; "
        "the slashes distinguish conv10 from conv1.",
    ),
)
def check_trainable_labels(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Label parameters by path"""
    trees = draw_trees(secret.numpy("trees"))
    answers: list[dict[str, Any]] = []
    for params, frozen, about in trees:
        got = student.trainable_labels(params, frozen)
        if type(got) is not dict:
            judge.fail(
                "trainable_labels must return nested dicts, like params.",
                got=got,
                expected="a dict with keys " + ", ".join(params),
            )
        answers.append(leaves_of(got))
        _judge_label_tree(judge, answers[-1], leaves_of(params), about)
    # The case that tells wrong rules apart is often not the first wrong one.
    asked = [(leaves_of(params), frozen) for params, frozen, _ in trees]
    if answers == [labels_of(paths, frozen) for paths, frozen in asked]:
        return
    cause = next(
        (
            sentence
            for sentence, rule in WRONG_LABELS
            if answers == [labels_of(paths, frozen, rule) for paths, frozen in asked]
        ),
        "Write down this path and the frozen ones, and compare them part by part.",
    )
    for got, (paths, frozen) in zip(answers, asked, strict=True):
        for path, right in labels_of(paths, frozen).items():
            if got[path] != right:
                judge.fail(
                    f"With frozen = {frozen!r}, the label of {path} is wrong.",
                    cause,
                    got=repr(got[path]),
                    expected=repr(right),
                )


def _judge_label_tree(
    judge: Judge, got: dict[str, Any], params: dict[str, Any], about: str
) -> None:
    """Fails unless each array has a label, "frozen" or "trainable"."""
    missing = sorted(params.keys() - got.keys())
    if missing or got.keys() - params.keys():
        other = missing or sorted(got.keys() - params.keys())
        judge.fail(
            f"The tree of labels must look like params ({about}).",
            "Replace each array by a label, and keep the dicts around them.",
            got=f"{'nothing' if missing else 'something'} at {other[0]}",
            expected=f"labels at {', '.join(params)}"[:200],
        )
    for path, label in got.items():
        if not isinstance(label, str) or label not in ("frozen", "trainable"):
            judge.fail(
                f"There is no label at {path} ({about}).",
                'A label is one of two strings, "frozen" or "trainable".',
                got=repr(label)[:80] if isinstance(label, str) else label,
                expected="'frozen' or 'trainable'",
            )


@task(
    points=2,
    functions=("freeze",),
    needs=("trainable_labels",),
    forbids=("lib.freeze", "lib.trainable", "lib.transfer.labels"),
    seconds=30,
    hints=(
        "Use two optimizers: the given one, and one that changes nothing. Each gets its own "
        "parameters.",
        "optax.partition takes {label: optimizer} and the tree of labels from task 1.",
        'optax.partition({"trainable": optimizer, "frozen": optax.set_to_zero()}, '
        "trainable_labels(params, frozen))",
    ),
)
def check_freeze(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Freeze a part in the optimizer"""
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
    learns = {
        "backbone": {"kernel": False, "bias": False},
        "head": {"kernel": True, "bias": False},
    }
    # Weight decay must not move frozen parameters, and frozen gradients must not make the other
    # updates smaller.
    cases = {
        "optax.adamw(0.1)": (2, optax.adamw(0.1), piece("optax.adamw", 0.1)),
        "an optimizer that clips the norm of the gradients": (
            1,
            optax.chain(optax.clip_by_global_norm(1.0), optax.sgd(0.1)),
            piece("optax.chain", piece("optax.clip_by_global_norm", 1.0), piece("optax.sgd", 0.1)),
        ),
    }
    for name, (steps, ours, theirs) in cases.items():
        optimizer = student.freeze(theirs, params, frozen)
        if not isinstance(optimizer, Handle):
            judge.fail(
                "freeze must return an Optax optimizer.",
                "optax.partition makes one from two optimizers and the labels.",
                got=optimizer,
            )
        right = optax.partition({True: ours, False: optax.set_to_zero()}, learns)
        memory, our_memory = optimizer.method("init", params), right.init(params)
        gradients: list[Tree] = []
        for step in range(1, steps + 1):
            gradients.append(draw())
            got, memory = judge.unpack(
                optimizer.method("update", gradients[-1], memory, params),
                2,
                "The update method of freeze's result is not an optimizer's.",
            )
            expected, our_memory = right.update(gradients[-1], our_memory, params)
            others = functools.partial(_other_updates, ours, learns, params, gradients)
            _judge_updates(judge, got, expected, others, frozen, f"{name}, step {step}")


def _other_updates(
    ours: Any, learns: Tree, params: Tree, gradients: Sequence[Tree]
) -> dict[str, Any]:
    """Returns the last updates of known mistakes, by the sentence that names the mistake.

    Args:
      ours: the optimizer without frozen parts.
      learns: a tree like params, True for parameters that learn.
      params: the parameters.
      gradients: those of each step.
    """
    import jax
    import optax

    zero = optax.set_to_zero()
    stays = jax.tree.map(lambda learn: not learn, learns)
    optimizers = {
        "The labels are swapped: this is the update with the other part frozen.": (
            optax.partition({True: zero, False: ours}, learns)
        ),
        "These are the updates of the optimizer alone: nothing is frozen.": ours,
        "optax.masked passes the gradients that it leaves out through unchanged. optax.partition "
        "gives them to another optimizer: optax.set_to_zero().": optax.masked(ours, learns),
        "The gradients of the frozen part have reached the optimizer and changed the updates of "
        "the rest. With optax.partition, the optimizer does not see them.": (
            optax.chain(ours, optax.masked(zero, stays))
        ),
        "The gradients are set to 0 before the optimizer, which still moves the frozen part. With "
        "optax.partition, it does not see this part.": (
            optax.chain(optax.masked(zero, stays), ours)
        ),
        "All updates are 0: nothing learns.": zero,
    }
    updates = {}
    for sentence, optimizer in optimizers.items():
        memory = optimizer.init(params)
        for each in gradients:
            updates[sentence], memory = optimizer.update(each, memory, params)
    return updates


def _judge_updates(
    judge: Judge,
    got: Any,
    right: Any,
    others: Callable[[], dict[str, Any]],
    frozen: Sequence[str],
    what: str,
) -> None:
    """Compares the updates of a step with the right ones.

    Args:
      judge: the fixture.
      got: the student's updates.
      right: our own.
      others: returns the updates of known mistakes, by sentence.
      frozen: the frozen paths.
      what: the step and the optimizer, for the message.
    """
    found, expected = leaves_of(got), leaves_of(right)
    if found.keys() != expected.keys():
        judge.fail(f"The updates should be a tree like params ({what}).", got=got)
    arrays: dict[str, np.ndarray] = {}
    for path, wanted in expected.items():
        array = as_array(found[path])
        if array is None or array.shape != wanted.shape:
            judge.fail(
                f"The update of {path} is not an array like the parameter ({what}).",
                got=found[path],
                expected=f"shape {wanted.shape}, float",
            )
        arrays[path] = array

    def differs(other: Any) -> tuple[str, tuple[int, ...]] | None:
        for path, values in leaves_of(other).items():
            near = np.isclose(arrays[path], np.asarray(values), atol=1e-6, rtol=1e-4)
            if not near.all():
                return path, tuple(np.argwhere(~near)[0].tolist())
        return None

    wrong = differs(right)
    if wrong is None:
        return
    path, place = wrong
    hint = next(
        (sentence for sentence, other in others().items() if differs(other) is None),
        "Print the labels: which optimizer does each parameter get?",
    )
    judge.fail(
        f"The update of {path}, which is frozen, is not 0 ({what})."
        if is_frozen(path, frozen)
        else f"The update of {path} is wrong ({what}).",
        hint,
        got=f"{float(arrays[path][place]):.6g} at {list(place)}",
        expected=f"{float(expected[path][place]):.6g}",
    )


@task(
    points=2,
    functions=("replace_head",),
    hints=(
        "Copy the dict, and replace the entry of the last layer.",
        "The new kernel has as many rows as the old one: params[head]['kernel'].shape[0].",
        "{**params, head: {'kernel': jax.random.normal(key, (inputs, classes)) / "
        "math.sqrt(inputs), 'bias': jnp.zeros(classes)}}",
    ),
)
def check_replace_head(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Give a network a new last layer"""
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
    for got in results:
        if type(got) is not dict or got.keys() != params.keys():
            judge.fail(
                "replace_head must return a dict with the same layers.",
                "{**params, head: {…}} has all layers of params, with a new one for head.",
                got=got,
                expected=f"a dict with keys {', '.join(params)}",
            )
    kernels = [_new_kernel(judge, got, params, (inputs, classes)) for got in results]
    with judge.part(0.5, "everything else stays"):
        for layer, arrays in params.items():
            if layer != "last":
                judge.same(results[0][layer], arrays, f"the old {layer}", atol=0, rtol=0)
        _judge_argument(student, judge, params, secret)
    with judge.part(0.5, "the bias"):
        mistakes = {
            "This is the old bias. It belongs to the classes of the old task.": (
                params["last"]["bias"]
            ),
            "These are ones; the bias starts at 0.": np.ones(classes, np.float32),
        }
        right = np.zeros(classes, np.float32)
        judge.same(results[0]["last"]["bias"], right, "the new bias", mistakes=mistakes)
    with judge.part(1, "the kernel"):
        _judge_kernel(judge, kernels, params["last"]["kernel"], inputs)


def _judge_argument(student: Student, judge: Judge, params: Tree, secret: TaskSecret) -> None:
    """Fails if `replace_head` changes the dict it is given."""
    # Its first result stays in the worker, becomes its argument, and is looked at again.
    kept = student.keep("replace_head", params, "last", 7, secret.key("argument"))
    before = {layer: kept.item(layer) for layer in params}
    student.replace_head(kept, "last", 9, secret.key("another argument"))
    try:
        after = {layer: kept.item(layer) for layer in params}
    except StudentRaised:
        after = {}
    for layer, arrays in before.items():
        old, new = leaves_of(arrays), leaves_of(after.get(layer))
        if old.keys() != new.keys() or any(not same_bits(old[path], new[path]) for path in old):
            judge.fail(
                f"replace_head has changed its argument: params[{layer!r}] is different "
                "afterwards.",
                "Make new dicts, the inner one too: {**params, head: {…}}.",
                got=new.get("kernel", "no kernel"),
                expected=old.get("kernel", "the kernel from before"),
            )


def _new_kernel(judge: Judge, got: Tree, params: Tree, shape: tuple[int, int]) -> np.ndarray:
    """Returns the kernel of the new head, or fails with a message that says what is there."""
    head, old = got["last"], params["last"]
    if type(head) is not dict or head.keys() != {"kernel", "bias"}:
        judge.fail(
            "The new layer must have a kernel and a bias.",
            got=head,
            expected="a dict with keys kernel, bias",
        )
    array = as_array(head["kernel"])
    if array is not None and same_bits(array, old["kernel"]):
        others = [
            layer
            for layer in params
            if layer != "last" and not _same_trees(got[layer], params[layer])
        ]
        judge.fail(
            "params['last'] still has the old kernel, although head is 'last'.",
            f"{others[0]} has changed instead: the argument head names the layer."
            if others
            else "Replace it by a new dict.",
            got=array,
            expected=f"shape {shape}, float",
        )
    if array is None or array.shape != shape or array.dtype.kind != "f":
        hint = "It needs as many rows as the old kernel, and a column for each class."
        if array is not None and array.shape == shape[::-1]:
            hint = "The axes are swapped: a kernel is (inputs, outputs)."
        elif array is not None and array.shape == old["kernel"].shape:
            hint = "It has as many columns as the old one; it needs one for each of the `classes`."
        judge.fail(
            "The new kernel has the wrong shape or type.",
            hint,
            got=head["kernel"],
            expected=f"shape {shape}, float",
        )
    if not np.isfinite(array).all():
        judge.fail("The new kernel contains numbers that are not finite.", got=array)
    return array


def _same_trees(one: Any, other: Any) -> bool:
    one, other = leaves_of(one), leaves_of(other)
    return one.keys() == other.keys() and all(same_bits(one[path], other[path]) for path in one)


def _judge_kernel(judge: Judge, kernels: list[np.ndarray], old: np.ndarray, inputs: int) -> None:
    kernel, again, another = kernels
    classes = kernel.shape[1]
    if np.isin(kernel, old).all():
        judge.fail(
            "All numbers of the new kernel are numbers of the old one. Draw new ones.",
            "jax.random.normal(key, (inputs, classes))",
        )
    if np.array_equal(kernel[:, : old.shape[1]], old):
        judge.fail("The new kernel begins with the columns of the old one. Draw all of it.")
    judge.check(
        np.array_equal(kernel, again),
        "The same key gave two different kernels.",
        "Draw only from the given key: jax.random.normal(key, …).",
    )
    judge.check(
        not np.array_equal(kernel, another),
        "Another key gave the same kernel.",
        "Draw the kernel from the given key: jax.random.normal(key, …).",
    )
    _judge_spread(judge, kernel, inputs, classes)
    # Repeated rows or columns would repeat numbers.
    judge.check(
        np.unique(kernel).size > 0.9 * kernel.size,
        "Many numbers of the kernel are the same. Draw each one separately.",
        "jax.random.normal(key, (inputs, classes)) draws a number for each element.",
    )


def _judge_spread(judge: Judge, kernel: np.ndarray, inputs: int, classes: int) -> None:
    """Fails unless the mean is 0 and the standard deviation 1/√inputs."""
    mean, std = float(kernel.mean()), float(kernel.std())
    # With at least 2,000 numbers, one standard error of their standard deviation is 1.6 %, and 8 %
    # are five. 1/√(the mean of inputs and classes) is off by 24 % or more.
    if abs(std * np.sqrt(inputs) - 1) <= 0.08 and abs(mean) * np.sqrt(inputs) <= 0.2:
        return
    spreads = {
        "You have not scaled the numbers yet: divide them by math.sqrt(inputs).": 1,
        "You have divided by inputs; divide by math.sqrt(inputs).": 1 / inputs,
        "You have multiplied by √inputs; divide by math.sqrt(inputs).": inputs**0.5,
        "You have used √classes; use the number of rows, √inputs.": classes**-0.5,
        "This is Glorot's standard deviation, √(2/(inputs + classes)); use √(1/inputs).": (
            (2 / (inputs + classes)) ** 0.5
        ),
        "This is He's standard deviation, √(2/inputs); use √(1/inputs).": (2 / inputs) ** 0.5,
        "These are uniform numbers in −1/√inputs…1/√inputs. Numbers in −b…b have the standard "
        "deviation b/√3.": (3 * inputs) ** -0.5,
    }
    hint = next(
        (sentence for sentence, other in spreads.items() if abs(std / other - 1) <= 0.05),
        "Draw numbers with mean 0 and standard deviation 1, for example with jax.random.normal, "
        "and divide them by math.sqrt(inputs).",
    )
    if (kernel >= 0).all():
        hint = (
            "None of the numbers is negative, so their mean cannot be 0. jax.random.normal draws "
            "positive and negative ones."
        )
    judge.fail(
        f"The kernel's numbers should have mean 0 and standard deviation 1/√{inputs} = "
        f"{inputs**-0.5:.3f}.",
        hint,
        got=f"mean {mean:.3f}, standard deviation {std:.3f}",
    )


@task(
    points=1,
    functions=("count_trainable",),
    needs=("trainable_labels",),
    forbids=("lib.count_trainable", "lib.trainable", "lib.transfer.labels"),
    hints=(
        "The size of an array is the product of its shape, array.size.",
        "jax.tree.leaves lists the arrays of a tree, and also the labels of a tree of labels.",
        'sum(size for size, label in zip(sizes, labels) if label == "trainable")',
    ),
)
def check_count_trainable(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Count the trainable parameters"""
    trees = draw_trees(secret.numpy("trees"))
    rights, counts = [], []
    for params, frozen, _ in trees:
        leaves = leaves_of(params)
        learn = {path: array for path, array in leaves.items() if not is_frozen(path, frozen)}
        rights.append(_numbers(learn))
        counts.append(_wrong_counts(leaves, learn))
    answers = [student.count_trainable(params, frozen) for params, frozen, _ in trees]
    # The numbers are few: by chance one wrong count equals another, but not in every case.
    arrays = [as_array(answer) for answer in answers]
    known = [
        sentence
        for sentence in counts[0]
        if all(
            array is not None and np.array_equal(array, wrong[sentence])
            for array, wrong in zip(arrays, counts, strict=True)
        )
    ]
    for answer, right, wrong, (_, _, about) in zip(answers, rights, counts, trees, strict=True):
        mistakes = {sentence: wrong[sentence] for sentence in known}
        judge.same(answer, right, f"count_trainable, {about}", mistakes=mistakes)


def _numbers(leaves: Mapping[str, np.ndarray]) -> int:
    return sum(int(array.size) for array in leaves.values())


def _wrong_counts(
    leaves: Mapping[str, np.ndarray], learn: Mapping[str, np.ndarray]
) -> dict[str, int]:
    """Returns wrong counts by sentence.

    Args:
      leaves: all arrays, by path.
      learn: those that learn, by path.
    """
    return {
        "This is the number of arrays; count the numbers in them.": len(learn),
        "This is the number of layers; count the numbers in their arrays.": len(
            {path.rpartition("/")[0] for path in learn}
        ),
        "You have counted all parameters, the frozen ones too.": _numbers(leaves),
        "You have counted the frozen ones; count the others.": _numbers(leaves) - _numbers(learn),
        "This adds up first axes; the size is the product of the entire shape.": sum(
            array.shape[0] for array in learn.values()
        ),
        "These are the bytes, .nbytes; count the numbers, .size.": sum(
            int(array.nbytes) for array in learn.values()
        ),
        "The biases are missing.": _numbers(
            {path: array for path, array in learn.items() if array.ndim > 1}
        ),
        "You have counted only the biases.": _numbers(
            {path: array for path, array in learn.items() if array.ndim == 1}
        ),
    }


@task(
    points=2,
    functions=("unchanged",),
    forbids=("lib.freeze", "lib.trainable", "lib.transfer.labels"),
    hints=(
        "Go through the frozen arrays of `before` and look up each in `after`.",
        "Compare shape, dtype and bytes. np.asarray(array).tobytes() returns the bytes.",
        "An array that is missing in `after` has changed too: return False, do not raise.",
    ),
)
def check_unchanged(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Prove that the frozen part has not changed"""
    rng = secret.numpy("trees")
    for points, title, cases in (
        (1, "what changed and what did not", draw_changes(rng)),
        (1, "bit by bit", draw_changes_of_bits(rng)),
    ):
        with judge.part(points, title):
            # A single right answer may be chance: ask for all of them, in a random order.
            answers: dict[int, bool] = {}
            errors: dict[int, StudentRaised] = {}
            for k in rng.permutation(len(cases)).tolist():
                try:
                    answers[k] = _truth(judge, student, cases[k])
                except StudentRaised as error:
                    errors[k] = error
            _judge_answers(judge, [(cases[k], answers[k]) for k in sorted(answers)])
            if errors:
                raise errors[min(errors)]


def _truth(judge: Judge, student: Student, change: Change) -> bool:
    got = student.unchanged(change.before, change.after, list(change.frozen))
    plain = as_array(got)
    if plain is None or plain.shape != () or plain.dtype.kind != "b":
        judge.fail("unchanged must answer True or False.", got=got, expected="True or False")
    return bool(plain)


def _judge_answers(judge: Judge, answered: Sequence[tuple[Change, bool]]) -> None:
    wrong = [case for case, answer in answered if answer is not case.right]
    if not wrong:
        return
    rule = next(
        (
            sentence
            for sentence, options in WRONG_RULES
            if all(answer is is_unchanged(case, **options) for case, answer in answered)
        ),
        "Go through the frozen arrays of this case: is each there, with the same shape, dtype and "
        "bytes?",
    )
    judge.fail(
        f"{wrong[0].about} ({len(wrong)} of {len(answered)} answers are wrong.)",
        rule,
        got=repr(not wrong[0].right),
        expected=repr(wrong[0].right),
    )


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
        "lib.create_state(model, optimizer, images, key).params are drawn params. Then params = "
        "{**params, 'backbone': backbone} and freeze(optax.rmsprop(…), params, ['backbone']). Pass "
        "both to another lib.create_state. Add the mirror images.",
        "lib.create_state(model, optimizer, images, key, loss=lib.sigmoid_cross_entropy, "
        "variables={'params': params}), then lib.fit with 20 epochs and batch_size=20.",
    ),
)
def check_train_transfer(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Train a head that beats learning from scratch"""
    import jax

    import lib

    training = Training(judge, "train_transfer")
    backbone, variables = lib.backbone()
    sent = _rescaled(jax.tree.map(np.asarray, variables["params"]))
    model = lib.TransferClassifier(backbone, lib.TransferHead(hidden=64, dropout=0.2, outputs=1))
    given = training.examples(student, model)
    params = student.train_transfer(sent, *given, secret.key("training"))
    trained = training.trained(params, model)
    _judge_frozen(judge, params, sent)
    known = trained.accuracy(*training.data.train)
    if known < 0.85:
        _judge_fit(judge, training, trained, known)
    training.judge_test(
        trained,
        f"It classifies {known:.0%} of its training pictures correctly. Compare your training "
        "with the task's text: pictures, epochs, batches, learning rate.",
    )


SCALE = 2.0**-16
"""Factor that scales every layer of the backbone but the last, a power of 2."""


def _rescaled(backbone: Tree) -> Tree:
    """Returns a backbone with different numbers that computes the same features, bit for bit.

    ReLU and pooling let a positive factor through, so each layer can compensate for the scale of
    the one before. A head that was trained together with the backbone does not fit the given one:
    the training's steps are larger than the numbers of the first layer, and change it entirely.
    """
    scaled, before = {}, 1.0
    layers = sorted(backbone)
    for name in layers:
        after = 1.0 if name == layers[-1] else SCALE
        layer = backbone[name]
        scaled[name] = {
            "kernel": layer["kernel"] * np.float32(after / before),
            "bias": layer["bias"] * np.float32(after),
        }
        before = after
    return scaled


def _judge_fit(judge: Judge, training: Training, trained: Trained, known: float) -> None:
    """Fails if a network misses the target and does not know its training pictures either.

    Args:
      judge: the fixture.
      training: has the pictures and the target.
      trained: the network.
      known: the fraction of its training pictures that it classifies correctly.
    """
    train, test = training.data.train, training.data.test
    if trained.accuracy(*test) >= training.target.accuracy:
        return
    if trained.accuracy(*train, scale=1) <= known + 0.03:
        judge.fail(
            f"On the given backbone, the network classifies {known:.0%} of its training "
            "pictures correctly, and too few new ones.",
            "Check two things: does the loss that lib.fit prints fall, and does the backbone keep "
            "its numbers during lib.fit? Call unchanged before you put anything back.",
        )


def _judge_frozen(judge: Judge, params: Any, sent: Tree) -> None:
    """Fails unless the returned backbone is unchanged, bit for bit."""
    params = params["params"] if set(params) == {"params"} else params
    returned, ours = leaves_of(params.get("backbone")), leaves_of(sent)
    for path, array in ours.items():
        got = returned.get(path)
        if not isinstance(got, np.ndarray) or (got.dtype, got.shape) != (array.dtype, array.shape):
            judge.fail(
                f"backbone/{path} should be returned unchanged.",
                got=show(got) if got is not None else "nothing",
                expected=f"shape {array.shape}, {array.dtype}",
            )
    changed = [path for path in ours if not same_bits(returned[path], ours[path])]
    if not changed:
        return
    path = changed[0]
    share = np.mean(returned[path] != ours[path])
    moved = math.sqrt(sum(float(np.sum((returned[p] - ours[p]) ** 2)) for p in ours))
    if moved < 0.5 * math.sqrt(sum(float(np.sum(array**2)) for array in ours.values())):
        message = f"backbone/{path} has changed, in {share:.0%} of its numbers."
        hint = "Train with freeze(optimizer, params, ['backbone'])."
    else:
        message = f"backbone/{path} has changed: it is not the given one."
        hint = (
            "Put the backbone into the params before lib.create_state, and train with "
            "freeze(optimizer, params, ['backbone'])."
        )
    judge.fail(
        message,
        hint,
        got=f"{len(changed)} of {len(ours)} arrays have changed",
        expected="the backbone, bit for bit",
    )
