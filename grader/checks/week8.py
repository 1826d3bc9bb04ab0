"""The rubric of week 8: tables, one-hot labels, dropout, evaluation, and files that last."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.checks.networks import SAME, ConvNet, common_mistakes, judge_total, random_params
from grader.checks.one_hot import judge_one_hot
from grader.checks.training import judge_training
from grader.judge.judge import Judge
from grader.judge.student import Handle, Student, StudentRaised
from grader.judge.values import as_array
from grader.rubric import task
from grader.secret import TaskSecret

PIXELS = 784


@dataclass(frozen=True)
class Bad:
    """A row that parse_csv must leave out.

    Attributes:
      line: counted from 1.
      reason: "columns", "number" or "range".
      holds: what is wrong in it, in the words of the message.
    """

    line: int
    reason: str
    holds: str


def _table(rng: np.random.Generator, rows: int) -> tuple[str, list[np.ndarray], list[int]]:
    """Returns a table of a header and good rows as one text, with its pictures and labels."""
    labels = [int(n) for n in rng.integers(0, 26, rows)]
    labels[:2] = [0, 25]
    pictures = [rng.integers(0, 256, PIXELS) for _ in labels]
    pictures[0][:2] = [0, 255]
    header = ",".join(["label", *(f"pixel{i}" for i in range(1, PIXELS + 1))])
    lines = [
        ",".join(map(str, [label, *picture]))
        for label, picture in zip(labels, pictures, strict=True)
    ]
    return "\n".join([header, *lines]) + "\n", pictures, labels


def _judge_table(
    judge: Judge,
    got: Any,
    pictures: list[np.ndarray],
    labels: list[int],
    bad: list[Bad],
    empty: int = 0,
) -> None:
    """Judges what parse_csv returned.

    Args:
      judge: the fixture.
      got: the return value.
      pictures, labels: those of the good rows.
      bad: the other rows.
      empty: the number of an empty line, 0 if there is none.
    """
    images, got_labels, got_bad = judge.unpack(
        got,
        3,
        "parse_csv must return three things: images, labels, and the list of bad rows.",
        expected="(images, labels, bad rows)",
    )
    listed = _as_rows(got_bad)
    if listed is None:
        judge.fail(
            "The bad rows should be a list of pairs of a line and a reason.",
            "[(3, 'columns'), (8, 'number')] means that lines 3 and 8 were left out.",
            got=got_bad,
            expected="a list of (line, reason)",
        )
    _judge_lines(judge, listed, bad, empty)
    expected = np.uint8(pictures).reshape(-1, 28, 28, 1)  # type: ignore[arg-type]
    array = as_array(images)
    if array is not None and array.shape == expected.shape[:3]:
        judge.fail(
            "The images need a last axis for their one channel.",
            "(n, 28, 28, 1): grey pictures have one value per pixel.",
            got=array,
            expected=f"shape {expected.shape}, uint8",
        )
    if array is not None and array.shape == expected.shape and array.dtype != np.uint8:
        judge.fail("The images should be uint8.", got=array, expected="uint8, 0…255")
    judge.same(
        images,
        expected,
        "the images",
        mistakes={
            "Rows and columns of the pictures are swapped.": expected.transpose(0, 2, 1, 3),
            "The first pixel is missing: the label is one value, the pixels are the rest.": np.roll(
                expected.reshape(-1, PIXELS), -1, axis=1
            ).reshape(expected.shape),
            "The label is the first pixel, and the last pixel is missing: the pixels are "
            "cells[1:].": np.concatenate(
                [np.array(labels)[:, None], expected.reshape(-1, PIXELS)[:, :-1]], axis=1
            ).reshape(expected.shape),
            "The pictures are in reverse order.": expected[::-1],
        },
    )
    judge.same(
        got_labels,
        np.array(labels, np.int32),
        "the labels",
        mistakes={
            "These are the first pixels; the label is the value before them.": expected[:, 0, 0, 0],
            "These are the last pixels; the label is the first value of a row.": (
                expected[:, -1, -1, 0]
            ),
            "The labels are in reverse order.": np.array(labels)[::-1],
        },
    )


def _as_rows(value: Any) -> list[tuple[int, str]] | None:
    """Returns the bad rows as ints and strings, or None if they are something else."""
    if type(value) not in (list, tuple):
        return None
    rows = []
    for item in value:
        if type(item) not in (list, tuple) or len(item) != 2 or type(item[1]) is not str:
            return None
        line = as_array(item[0])
        if line is None or line.shape != () or line.dtype.kind not in "iu":
            return None
        rows.append((int(line), item[1]))
    return rows


def _judge_lines(judge: Judge, got: list[tuple[int, str]], bad: list[Bad], empty: int) -> None:
    lines, right = [line for line, _ in got], [each.line for each in bad]
    if lines != right:
        judge.fail(
            "These are not the bad lines.",
            _lines_hint(lines, bad, empty),
            got=f"lines {lines}",
            expected=f"lines {right}",
        )
    for (line, reason), each in zip(got, bad, strict=True):
        if reason != each.reason:
            judge.fail(
                f"Line {line} has the wrong reason.",
                f'It has {each.holds}. Check "columns" first, then "number", then "range".',
                got=repr(reason)[:60],
                expected=repr(each.reason),
            )


def _lines_hint(lines: list[int], bad: list[Bad], empty: int) -> str:
    """Names the mistake that leads to these lines, or what is in the first line that differs."""
    right = [each.line for each in bad]
    if lines == [line - 1 for line in right]:
        return "Off by one: the header is line 1."
    if lines == [line - 2 for line in right]:
        return "Off by two: lines are counted from 1, and the header is one of them."
    if empty and lines == [line - (line > empty) for line in right]:
        return f"Line {empty} is empty: skip it, but count it."
    if sorted(lines) == right:
        return "List them in the order of the lines."
    if right and not lines:
        return "Report every bad row: put (line, reason) into the list."
    if empty and empty in lines:
        return f"Line {empty} is empty. Skip empty lines without reporting them."
    for each in bad:
        if each.line not in lines:
            return f"Line {each.line} is missing from your list: it has {each.holds}."
    extra = next((line for line in lines if line not in right), None)
    return f"There is nothing wrong with line {extra}." if extra else "List each line only once."


@task(
    points=3,
    functions=("parse_csv",),
    forbids=("lib.data.*", "lib.load"),
    hints=(
        "text.splitlines() returns the lines, enumerate(…, start=1) counts them. Skip the header "
        "and empty lines; line.split(',') returns the values.",
        "Check in this order: 785 values? All whole numbers (int in a try)? All in their range? "
        "The first no decides, and `continue` skips to the next line.",
        "At the end: np.array(images, np.uint8).reshape(len(images), 28, 28, 1).",
    ),
)
def check_parse_csv(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Read pictures from a table, and report bad rows"""
    rng = secret.numpy("tables")
    with judge.part(1, "a table without bad rows"):
        text, pictures, labels = _table(rng, int(rng.integers(4, 9)))
        _judge_table(judge, student.parse_csv(text), pictures, labels, [])
    with judge.part(1, "rows that are too short or too long, and empty lines"):
        text, pictures, labels = _table(rng, 6)
        lines = text.split("\n")
        lines[2] = lines[2].rpartition(",")[0]
        lines[5] += ",0"
        lines.insert(4, "")
        keep = [0, 2, 3, 5]
        bad = [Bad(3, "columns", "784 values"), Bad(7, "columns", "786 values")]
        got = student.parse_csv("\n".join(lines))
        _judge_table(judge, got, [pictures[k] for k in keep], [labels[k] for k in keep], bad, 5)
    with judge.part(1, "values that are not whole numbers or out of range"):
        text, pictures, labels = _table(rng, 10)
        rows = [line.split(",") for line in text.split("\n")]
        place = int(rng.integers(2, PIXELS))
        rows[1][place] = "2.5"
        rows[2][place] = ""
        rows[3][0] = "A"
        rows[4][place] = "256"
        rows[5][place] = "-1"
        rows[6][0] = "26"
        rows[7][0], rows[7][place] = "99", "x"
        rows[8][0] = "-1"
        bad = [
            Bad(2, "number", "a value '2.5'"),
            Bad(3, "number", "a value ''"),
            Bad(4, "number", "the label 'A'"),
            Bad(5, "range", "a pixel 256"),
            Bad(6, "range", "a pixel -1"),
            Bad(7, "range", "the label 26"),
            Bad(8, "number", "a value 'x', and a label 99"),
            Bad(9, "range", "the label -1"),
        ]
        got = student.parse_csv("\n".join(",".join(row) for row in rows))
        _judge_table(judge, got, pictures[8:], labels[8:], bad)


@task(
    points=1,
    functions=("one_hot",),
    forbids=("jax.nn.one_hot", "flax.linen.one_hot", "flax.training.common_utils.onehot"),
    hints=(
        "Compare each label with each class number, or look up rows of the identity matrix.",
        "jnp.eye(classes)[labels], or (labels[:, None] == jnp.arange(classes)).astype(…).",
    ),
)
def check_one_hot(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Write integer labels as rows with a single 1"""
    judge_one_hot(student, secret, judge, (3, 26))


OTHER_RATES = (0.1, 0.2, 0.25, 0.3, 0.4, 0.6, 0.7, 0.75, 0.8)
SMALLEST = 46  # four convolutions with pools reduce this to one pixel, with 128 numbers
READ = 20  # numbers that one logit spells; float32 holds them exactly


def _spelling(shapes: Any) -> Any:
    """Returns parameters whose logits show which numbers before the flatten were dropped.

    The convolutions return 1 everywhere. Hidden units 0…19 and 20…39 take the first 20 of the flat
    numbers, 40…59 the next 20; each logit adds up 20 hidden units, times 1, 2, 4, 8 …
    """
    from collections.abc import Mapping

    def fill(tree: Any) -> Any:
        made = {}
        for name, value in tree.items():
            if isinstance(value, Mapping):
                made[name] = fill(value)
                continue
            made[name] = np.zeros(value, np.float32)
            if len(value) == 1 and value[0] in (64, 128):
                made[name] += 1  # the bias of a convolution
            elif len(value) == 2 and value[1] == 512:
                for unit in range(3 * READ):
                    made[name][unit if unit < READ else unit - READ, unit] = 1
            elif len(value) == 2 and value[1] == 3:
                for unit in range(3 * READ):
                    made[name][unit, unit // READ] = 2.0 ** (unit % READ)
        return made

    return fill(shapes)


def _spells(sums: np.ndarray, kept: float) -> bool:
    """Returns True if the sums consist of powers of 2, and the fraction `kept` of them is there."""
    whole = np.rint(sums)
    if np.abs(sums - whole).max() > 0.25 or whole.min() < 0 or whole.max() >= 2**READ:
        return False
    bits = (whole.astype(np.int64)[..., None] >> np.arange(READ)) & 1
    return abs(float(bits.mean()) - kept) < 0.04


def _judge_dropout(model: Handle, secret: TaskSecret, judge: Judge) -> None:
    shape = (40, SMALLEST, SMALLEST, 3)
    params = _spelling(model.param_shapes((1, *shape[1:])))
    images = np.zeros(shape, np.float32)
    hint = "nn.Dropout(0.5, deterministic=not train) after the last pooling, before the flatten."

    def spelt(key: Any) -> np.ndarray:
        got = model.apply(params, images, train=True, rngs={"dropout": key})
        if as_array(got) is None or np.shape(got) != (len(images), 3):
            judge.fail(
                "In training, the output has the wrong shape.",
                hint,
                got=got,
                expected=f"shape ({len(images)}, 3)",
            )
        return np.asarray(got, np.float64)

    try:
        first = spelt(secret.key("dropout"))
    except StudentRaised as raised:
        if "unexpected keyword argument 'train'" not in raised.text:
            raise
        judge.fail(
            "The model's __call__ has no argument `train`, so dropout cannot be switched off.",
            "Write a class with def __call__(self, images, train=False).",
        )
    if np.all(first == 2.0**READ - 1):
        judge.fail("In training, nothing is dropped after the last pooling.", hint)
    for rate in OTHER_RATES:
        if _spells(first * (1 - rate), 1 - rate):
            judge.fail(
                f"The remaining numbers are divided by {1 - rate:g}, as for a rate of {rate}. Half "
                "of the numbers should be dropped, and the others doubled.",
                hint,
            )
    whole = np.rint(first / 2)
    if np.any(np.abs(first - 2 * whole) > 1e-3) or whole.min() < 0 or whole.max() >= 2**READ:
        judge.fail(
            "The remaining numbers should be doubled, so that the sum stays the same on average.",
            hint,
        )
    if np.any(whole[:, 0] != whole[:, 1]):
        judge.fail("Dropout comes after the dense layer; it should come before the flatten.", hint)
    bits = (whole.astype(np.int64)[:, [0, 2], None] >> np.arange(READ)) & 1
    if np.all(bits == bits[:1]):
        judge.fail("Every picture of a batch loses the same numbers.", hint)
    kept = float(bits.mean())
    # 1,600 fair coins have a mean outside 0.5 ± 0.08 once in 6 · 10⁹ runs.
    if abs(kept - 0.5) > 0.08:
        judge.fail(
            "Half of the numbers should be dropped.", hint, got=f"{1 - kept:.2f}", expected="0.50"
        )
    if np.array_equal(spelt(secret.key("other dropout")), first):
        judge.fail("With another random key, the same numbers are dropped.", hint)


HANDS = ConvNet(edge=150, channels=3, filters=(64, 64, 128, 128), hidden=512, outputs=3)
HANDS_TOTALS = {
    dataclasses.replace(HANDS, filters=(32, 64, 128, 128), outputs=2).total(): (
        "This is the network for cats and dogs: 32, 64, 128, 128 and two outputs."
    ),
    dataclasses.replace(HANDS, outputs=2).total(): "Are there three outputs?",
    HANDS.total(border=0): SAME,
}


@task(
    points=2,
    functions=("rock_paper_scissors_net",),
    forbids=("lib.rock_paper_scissors", "lib.ConvClassifier", "lib.cats_and_dogs"),
    seconds=40,
    hints=(
        "Write a class with @nn.compact and __call__(self, images, train=False); the function "
        "returns one object of it, Net().",
        "Loop over (64, 64, 128, 128): lib.Conv(channels, activation=nn.relu)(x), then "
        "lib.MaxPool()(x).",
        "Then nn.Dropout(0.5, deterministic=not train)(x), lib.Flatten()(x), lib.Dense(512, "
        "activation=nn.relu)(x), lib.Dense(3)(x).",
    ),
)
def check_rock_paper_scissors_net(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Build Conv 64, 64, 128, 128, Dropout 0.5, Dense 512, Dense 3"""
    import lib

    model = student.rock_paper_scissors_net()
    with judge.part(1, "layers"):
        judge_total(judge, model, HANDS, HANDS_TOTALS)
        try:
            judge.architecture(
                model,
                lib.rock_paper_scissors(),
                (3, SMALLEST, SMALLEST, 3),
                HANDS.input_shape,
                mistakes={
                    **common_mistakes(HANDS),
                    "No convolution has a ReLU.": HANDS.variant(linear=range(4)),
                    "The ReLU after the last convolution is missing.": HANDS.variant(linear=(3,)),
                },
            )
        except StudentRaised as raised:
            if raised.kind != "InvalidRngError":
                raise
            judge.fail(
                "Without `train`, the model drops numbers too: it asks for a random key.",
                "Write nn.Dropout(0.5, deterministic=not train), with train=False in __call__.",
            )
    with judge.part(1, "dropout in training"):
        if isinstance(model, Handle):
            _judge_dropout(model, secret, judge)
        else:
            judge.fail("This should be a Flax model.", got=model, expected="an nn.Module")


def _confusion(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    confusion = np.zeros((classes, classes), np.int32)
    for label, answer in zip(labels, predicted, strict=True):
        confusion[label, answer] += 1
    return confusion


@task(
    points=2,
    functions=("confusion_matrix",),
    forbids=("lib.confusion_matrix", "lib.class_report", "lib.examine", "lib.evaluation.*"),
    hints=(
        "Start with a table of zeros, (classes, classes). Each example adds 1 to one element.",
        "The row is the label, the column is the answer.",
        "jnp.zeros((classes, classes), jnp.int32).at[labels, predicted].add(1)",
    ),
)
def check_confusion_matrix(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Count which classes are confused"""
    rng = secret.numpy("answers")

    def judged(classes: int, count: int, absent: int) -> None:
        names = np.array([k for k in range(classes) if k != absent])
        labels = rng.choice(names, count).astype(np.int32)
        wrong = rng.random(count) < 0.4
        predicted = np.where(wrong, rng.choice(names, count), labels).astype(np.int32)
        labels[:2], predicted[:2] = [0, 0], [1, 1]  # not symmetric, and one element counted twice
        expected = _confusion(labels, predicted, classes)
        mistakes: dict[str, Any] = {}
        if absent >= 0:
            mistakes["A class that does not occur needs its row and its column too."] = np.delete(
                np.delete(expected, absent, 0), absent, 1
            )
        judge.same(
            student.confusion_matrix(labels, predicted, classes),
            expected,
            mistakes=mistakes
            | {
                "It is transposed: rows are the true classes, columns the answers.": expected.T,
                "An element counts every example, not only the first: use .at[…].add(1), or a "
                "loop.": (expected > 0).astype(np.int32),
                "These are fractions of each row. Return counts.": expected
                / np.maximum(expected.sum(axis=1, keepdims=True), 1),
                "These are fractions of each column. Return counts.": expected
                / np.maximum(expected.sum(axis=0, keepdims=True), 1),
                "These are fractions of all examples. Return counts.": expected / count,
                "You count only the right answers.": np.diag(np.diag(expected)),
                "You count only the wrong answers.": expected - np.diag(np.diag(expected)),
                "Each example counts twice, in [label, answer] and in [answer, label].": (
                    expected + expected.T
                ),
                "These are the counts of the labels alone.": np.bincount(labels, minlength=classes),
                "There is one row and one column too many: classes are numbered from 0.": np.pad(
                    expected, (0, 1)
                ),
                "All counts are shifted by one: classes are numbered from 0.": np.roll(
                    expected, 1, axis=(0, 1)
                ),
            },
        )

    with judge.part(1, "every class occurs"):
        judged(3, 40, -1)
        judged(5, 90, -1)
    with judge.part(1, "classes that do not occur"):
        judged(4, 30, 3)
        judged(7, 80, 2)


@task(
    points=2,
    functions=("precision_recall",),
    forbids=(
        "lib.precision",
        "lib.recall",
        "lib.f1_score",
        "lib.class_report",
        "lib.examine",
        "lib.evaluation.*",
        "lib.metrics.*",
    ),
    hints=(
        "jnp.diag(confusion) are the right answers. What is the sum of a column, and of a row?",
        "Precision divides by the column sums (axis=0), recall by the row sums (axis=1).",
        "If a sum is 0, so is the diagonal: divide by jnp.maximum(sum, 1).",
    ),
)
def check_precision_recall(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Compute precision and recall of every class"""
    rng = secret.numpy("matrices")

    def judged(confusion: np.ndarray) -> None:
        right = np.diag(confusion).astype(np.float64)
        answers, examples = (confusion.sum(axis) for axis in (0, 1))
        precision = (right / np.maximum(answers, 1)).astype(np.float32)
        recall = (right / np.maximum(examples, 1)).astype(np.float32)
        got_precision, got_recall = judge.unpack(
            student.precision_recall(confusion),
            2,
            "precision_recall must return two arrays: precision, recall.",
            expected=f"two arrays of shape ({len(right)},)",
            stacked=right.shape,
        )
        nan = "A class without answers or examples has 0, not NaN: divide by jnp.maximum(sum, 1)."
        swapped = "Precision and recall are swapped: columns are answers, rows are examples."
        whole = right / max(confusion.sum(), 1)
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
        for value, expected, other, name, sums in (
            (got_precision, precision, recall, "the precision", answers),
            (got_recall, recall, precision, "the recall", examples),
        ):
            array = as_array(value)
            if array is not None and array.shape == expected.shape and array.dtype.kind == "f":
                empty = sums == 0
                if np.array_equal(np.isnan(array), empty) and empty.any():
                    judge.fail(nan, got=array, expected=expected)
            judge.same(
                value,
                expected,
                name,
                mistakes={
                    swapped: other,
                    "You have divided by all examples of all classes.": whole,
                    "This is a percentage; return a fraction.": expected * 100,
                    "This is the number of right answers; divide it.": right,
                    "This is the fraction of wrong answers.": 1 - expected,
                    "This is F1, which combines both.": f1,
                    "This is the accuracy over all classes; compute one number per class.": np.full(
                        right.shape, whole.sum()
                    ),
                    "// rounds down to a whole number: use /.": (right // np.maximum(sums, 1)),
                    "A class without answers or examples has 0, not 1.": np.where(
                        sums == 0, 1.0, expected
                    ),
                    "The sum that you divide by counts the diagonal twice.": (
                        right / np.maximum(sums + right, 1)
                    ),
                },
            )

    with judge.part(1, "every class with examples and answers"):
        for classes in (2, 5):
            judged(rng.integers(1, 40, (classes, classes)).astype(np.int32))
    with judge.part(1, "classes without answers or without examples"):
        confusion = rng.integers(1, 40, (5, 5)).astype(np.int32)
        confusion[:, 1] = 0
        confusion[3] = 0
        judged(confusion)
        judged(np.array([[0, 0], [int(rng.integers(2, 9)), 0]], np.int32))


PLACE = "kept"


def _nets(rng: np.random.Generator) -> list[tuple[Any, dict[str, Any], tuple[int, ...]]]:
    """Makes two networks with parameters of all sizes: (model, parameters, input shape)."""
    import lib

    made = []
    for model, shape in (
        (lib.ConvClassifier((int(rng.integers(2, 6)), 3), 5, 4), (2, 12, 12, 1)),
        (lib.DenseClassifier(int(rng.integers(3, 9)), 3), (2, 3, 4, 1)),
    ):
        params = random_params(model, shape, rng)
        odd = params["logits"]["bias"]
        odd[:3] = [
            -0.0,
            1e-30,
            16_777_217 / 3,
        ]  # lost by rounding, or in text with few digits
        made.append((model, params, shape))
    return made


def _flat(tree: Any, path: str = "") -> dict[str, Any]:
    if type(tree) is not dict:
        return {path: tree}
    return {
        name: leaf
        for key, value in tree.items()
        for name, leaf in _flat(value, f"{path}/{key}" if path else str(key)).items()
    }


def _judge_kept(
    judge: Judge, got: Any, params: dict[str, Any], before: dict[str, Any] | None = None
) -> None:
    """Compares what was loaded with what was saved, bit for bit.

    Args:
      judge: the fixture.
      got: what was loaded.
      params: what was saved.
      before: what was saved under the same name earlier, if anything was.
    """
    if type(got) is not dict:
        judge.fail(
            "load_model must return the dict of parameters.",
            got=got,
            expected=f"a dict with keys {', '.join(params)}",
        )
    expected, found = _flat(params), _flat(got)
    if set(found) == set(expected) and set(got) != set(params):
        judge.fail(
            "The inner dicts are gone: the names contain slashes now.",
            'unflatten_dict(…, sep="/") rebuilds them.',
            got=got,
            expected=f"a dict with keys {', '.join(params)}",
        )
    if before is not None and _equal(found, _flat(before)):
        judge.fail(
            "The file contains what was saved under this name before.",
            "save_model must replace a file that is already there.",
        )
    if set(found) != set(expected):
        judge.fail(
            "The loaded dicts have different names from the saved ones.",
            got=", ".join(sorted(found))[:200],
            expected=", ".join(sorted(expected))[:200],
        )
    for name, right in expected.items():
        array = as_array(found[name])
        if array is None or array.dtype != np.float32 or array.shape != right.shape:
            judge.fail(
                f"{name} has a different shape or type from when it was saved.",
                got=found[name],
                expected=f"shape {right.shape}, float32",
            )
        if array.tobytes() != right.tobytes():
            message, hint = _changed(name, array, right, expected)
            judge.fail(message, hint)


def _equal(found: dict[str, Any], other: dict[str, np.ndarray]) -> bool:
    """Returns True if all arrays are the same, bit for bit."""
    arrays = {name: as_array(value) for name, value in found.items()}
    return arrays.keys() == other.keys() and all(
        array is not None and array.shape == right.shape and array.tobytes() == right.tobytes()
        for array, right in ((arrays[name], right) for name, right in other.items())
    )


def _changed(
    name: str, got: np.ndarray, right: np.ndarray, saved: dict[str, np.ndarray]
) -> tuple[str, str]:
    """Says how a saved array has changed, and what to do."""
    nearly = f"{name} is nearly what you saved, but not bit for bit."
    for other, array in saved.items():
        if array.tobytes() == got.tobytes():
            return (
                f"{name} contains what you saved as {other}.",
                "Give each array a unique name, and use the same names when you load.",
            )
    if np.array_equal(got, right.astype(np.float16).astype(np.float32)):
        return nearly, "float16 keeps three digits. Save the arrays as float32."
    for digits in range(2, 9):
        if np.array_equal(got.ravel(), [np.float32(f"{x:.{digits}g}") for x in right.flat]):
            return nearly, f"Each number has {digits} digits left. Nine keep a float32 exactly."
        if np.array_equal(got.ravel(), [np.float32(f"{x:.{digits}f}") for x in right.flat]):
            return nearly, f"It is rounded to {digits} places. Save the arrays themselves."
    if np.allclose(got, right, rtol=1e-2, equal_nan=True):
        return nearly, "Print (loaded − saved) of one array to see the difference."
    return (
        f"{name} contains different numbers from those you saved.",
        "Print the first numbers of this array before saving and after loading.",
    )


def _kept_file(judge: Judge, student: Student, name: str) -> bytes:
    files = student.get_files(PLACE)
    if name not in files:
        there = sorted(set(files) - {".here"})
        judge.fail(
            f"After save_model({PLACE + '/' + name!r}, params), there is no such file.",
            "Write one file, with exactly the given name.",
            got=f"the files {', '.join(there)}"[:200] if there else "no file",
            expected=f"{PLACE}/{name}",
        )
    content = files[name]
    if content[:1] == b"\x80" and content[1:2] in (b"\2", b"\3", b"\4", b"\5"):
        judge.fail(
            "save_model has written a pickle.",
            "Loading a pickle runs whatever its author put in. Use np.savez, which writes arrays.",
        )
    return content


@task(
    points=3,
    functions=("save_model", "load_model"),
    forbids=(
        "lib.save_params",
        "lib.load_params",
        "lib.save_state",
        "lib.load_state",
        "lib.save_model",
        "lib.load_model",
        "lib.saving.*",
        "pickle.dump*",
        "pickle.load*",
        "pickle.Pickler",
        "pickle.Unpickler",
        "dill.dump*",
        "dill.load*",
        "cloudpickle.dump*",
        "cloudpickle.load*",
        "shelve.open",
    ),
    seconds=20,
    hints=(
        'flatten_dict(params, sep="/") turns nested dicts into one with names like "conv1/kernel".',
        "np.savez(path, **flat) writes it; np.load(path) reads it, and returns a kind of dict.",
        "In with np.load(path) as file:, dict(file) is flat; unflatten_dict nests it again.",
    ),
)
def check_keep_model(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Save a network, and load it in another process"""
    rng = secret.numpy("networks")
    (_, first, _), (_, second, _) = _nets(rng)
    names = [f"net{int(rng.integers(10**6))}.npz" for _ in range(2)]
    files: dict[str, bytes] = {}
    student.put_files({f"{PLACE}/.here": b""})
    with judge.part(1, "saved and loaded in the same process"):
        student.save_model(f"{PLACE}/{names[0]}", second)
        student.save_model(f"{PLACE}/{names[0]}", first)  # replaces it
        student.save_model(f"{PLACE}/{names[1]}", second)
        for name, params in zip(names, (first, second), strict=True):
            files[name] = _kept_file(judge, student, name)
            got = student.load_model(f"{PLACE}/{name}")
            _judge_kept(judge, got, params, before=second if params is first else None)
    if len(files) == 2:
        student.restart()
        with judge.part(2, "loaded in a new process"):
            _judge_fresh(judge, student, secret, files)
            _judge_cut(judge, student, files[names[0]])


def _judge_cut(judge: Judge, student: Student, content: bytes) -> None:
    """Fails if load_model accepts a file that was cut off in the middle."""
    student.put_files({f"{PLACE}/cut.npz": content[: len(content) // 2]})
    try:
        got = student.load_model(f"{PLACE}/cut.npz")
    except StudentRaised as raised:
        if raised.forbidden:
            raise
        return
    judge.fail(
        "load_model loads half a file without an exception.",
        "np.load raises one for such a file. Do not catch it.",
        got=got,
        expected="any exception",
    )


def _judge_fresh(
    judge: Judge, student: Student, secret: TaskSecret, files: dict[str, bytes]
) -> None:
    """Loads both files where nothing else is left, and runs our models on them."""
    nets = _nets(secret.numpy("networks"))
    for (name, content), (model, params, shape) in zip(files.items(), nets, strict=True):
        student.put_files({f"{PLACE}/{name}": content})
        try:
            got = student.load_model(f"{PLACE}/{name}")
        except StudentRaised as raised:
            if raised.forbidden:
                raise
            judge.fail(
                f"In a new process, load_model cannot read the file: {raised.kind}: "
                f"{raised.text[:120]}",
                "Put everything that loading needs into the file: nothing else is left.",
            )
        _judge_kept(judge, got, params)
        images = secret.numpy("pictures").normal(size=shape).astype(np.float32)
        ours, theirs = (np.asarray(model.apply({"params": p}, images)) for p in (params, got))
        judge.check(
            ours.tobytes() == theirs.tobytes(), "The loaded network predicts something else."
        )


@task(
    points=4,
    functions=("train_letters",),
    forbids=("lib.load", "lib.draw", "lib.data.*"),
    seconds=300,
    training=True,
    hints=(
        "Use the same parts as in week 3: create_state, an optimizer, fit.",
        "lib.sign_letters() is the model; its 26 outputs fit the labels unchanged.",
        "optax.adam(optax.linear_schedule(0.002, 0.0, steps)), six epochs, then state.params.",
    ),
)
def check_train_letters(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Read the letters of the sign language"""
    import lib

    hint = "Try more epochs, or a learning rate that falls to 0 (optax.linear_schedule)."
    model = lib.sign_letters()
    judge_training(student, secret, judge, "train_letters", model, hint, renumber=True)
