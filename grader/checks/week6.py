"""The rubric of week 6: augmentation, dropout, and a network that overfits less."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from grader.checks.training import judge_training
from grader.judge.judge import Judge
from grader.judge.student import Student
from grader.judge.values import as_array, kind_of
from grader.rubric import task
from grader.secret import TaskSecret


@task(
    points=1,
    functions=("flip",),
    hints=(
        "Which of the four axes runs from left to right?",
        "The axes are (picture, row, column, channel). Turn round the order of the columns.",
        "images[:, :, ::-1]",
    ),
)
def check_flip(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Left becomes right"""
    rng = secret.numpy("pictures")
    height, width = (int(n) for n in rng.choice([4, 5, 7, 8], 2, replace=False))
    for images in (
        rng.uniform(0, 1, (3, height, width, 3)).astype(np.float32),
        rng.integers(0, 256, (2, width, height, 1)).astype(np.uint8),
    ):
        judge.same(
            student.flip(images),
            images[:, :, ::-1],
            mistakes={
                "Top and bottom have changed places: columns are axis 2.": images[:, ::-1],
                "The colours have changed places: columns are axis 2.": images[..., ::-1],
                "The order of the pictures is turned round: columns are axis 2.": images[::-1],
                "Top and bottom have changed places as well.": images[:, ::-1, ::-1],
                "All four axes are turned round: columns are axis 2.": np.flip(images),
                "Columns have moved on by one place; the whole row is to be turned round.": np.roll(
                    images, 1, axis=2
                ),
                "Only the first picture is mirrored.": np.concatenate(
                    [images[:1, :, ::-1], images[1:]]
                ),
                "Nothing has changed.": images,
            },
        )


def _rotation(degrees: float, row: float, column: float) -> np.ndarray:
    """Our own: to the middle, turn, and back, in float64."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    to, back = np.eye(3), np.eye(3)
    to[:2, 2], back[:2, 2] = (-row, -column), (row, column)
    turn = np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]])
    return back @ turn @ to


@task(
    points=2,
    functions=("rotation_about_centre",),
    forbids=("lib.augmentation.*", "lib.Augment", "jax.scipy.spatial.transform.*"),
    hints=(
        "Three steps: move the middle to (0, 0), turn, move back. Each is a matrix.",
        "to = [[1, 0, −row], [0, 1, −column], [0, 0, 1]] with row = (height − 1) / 2; back has "
        "+row and +column.",
        "back @ [[cos, sin, 0], [−sin, cos, 0], [0, 0, 1]] @ to, with the angle in radians.",
    ),
)
def check_rotation_about_centre(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """The matrix of a rotation about the middle"""
    rng = secret.numpy("angles")

    def judged(degrees: float, height: int, width: int) -> None:
        row, column = np.subtract((height, width), 1) / 2
        right = _rotation(degrees, row, column)
        away = np.array([[1, 0, row], [0, 1, column], [0, 0, 1.0]])
        judge.same(
            student.rotation_about_centre(degrees, height, width),
            right.astype(np.float32),
            atol=1e-3,
            mistakes={
                "It turns the other way, clockwise.": _rotation(-degrees, row, column),
                "Sine and cosine want radians: jnp.deg2rad(degrees).": _rotation(
                    math.degrees(degrees), row, column
                ),
                "It turns about the corner (0, 0), not about the middle.": _rotation(degrees, 0, 0),
                "The middle of n pixels is at (n − 1) / 2, not at n / 2.": _rotation(
                    degrees, height / 2, width / 2
                ),
                "Height and width are swapped: rows come first.": _rotation(degrees, column, row),
                "To the middle and back are in the wrong order.": (
                    np.linalg.inv(away) @ _rotation(degrees, 0, 0) @ away
                ),
                "The step back to the old place is missing.": (
                    _rotation(degrees, 0, 0) @ np.linalg.inv(away)
                ),
                "It is transposed: the move stands in the last column.": right.T,
                "That is sine where cosine belongs, and the other way round.": _rotation(
                    90 - degrees, row, column
                ),
                "The middle of n pixels is at (n − 1) / 2; // has cut off the half.": _rotation(
                    degrees, row // 1, column // 1
                ),
            },
        )

    with judge.part(1, "square pictures"):
        edge = int(rng.integers(5, 30))
        judged(float(rng.uniform(20, 70)), edge, edge)
        judged(90.0, edge + 1, edge + 1)
    with judge.part(1, "other pictures, other angles"):
        for _ in range(2):
            height = int(rng.integers(5, 20))
            judged(float(rng.uniform(-170, -20)), height, height + int(rng.integers(4, 20)))


def _some_matrix(rng: np.random.Generator) -> np.ndarray:
    matrix = np.eye(3)
    matrix[:2] = rng.uniform(-2, 2, (2, 3))
    return matrix.astype(np.float32)


@task(
    points=1,
    functions=("compose",),
    forbids=("lib.augmentation.*",),
    hints=(
        "The product of matrices, written @. Its order matters.",
        "Begin with jnp.eye(3), which changes nothing, and go through the matrices in a loop.",
        "result = result @ matrix, for each of them in order.",
    ),
)
def check_compose(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """One matrix of several"""
    rng = secret.numpy("matrices")
    for count in (2, 3, 1, 4):
        matrices = [_some_matrix(rng) for _ in range(count)]
        wide = [matrix.astype(np.float64) for matrix in matrices]
        right, turned, single = np.eye(3), np.eye(3), np.ones((3, 3))
        for matrix in wide:
            right, turned, single = right @ matrix, matrix @ turned, single * matrix
        mistakes = {
            "The order is the wrong way round: the first matrix stands on the left.": turned,
            "That is number times number (*). Matrices are multiplied with @.": single,
            "That is jnp.eye(3) times each matrix, number by number (*): zeros stay zeros. "
            "Matrices are multiplied with @.": np.eye(3) * single,
            "That is the sum of the matrices.": np.sum(wide, axis=0),
            "That is the sum of the matrices and of jnp.eye(3).": np.eye(3) + np.sum(wide, axis=0),
            "It is transposed.": right.T,
            "Only the last matrix is in it: go on from the result so far.": wide[-1],
            "Only the first matrix is in it.": wide[0],
        }
        if count > 2:
            mistakes["Only the first two matrices are in it."] = wide[0] @ wide[1]
        judge.same(
            student.compose(*matrices), right.astype(np.float32), atol=1e-3, mistakes=mistakes
        )


def _index(index: np.ndarray, size: int, mode: str) -> np.ndarray:
    """Which of `size` pixels stands at a place: what NumPy's padding puts there."""
    kind = {"reflect": "symmetric", "other reflect": "reflect", "wrap": "wrap"}.get(mode, "edge")
    margin = int(max(0, -index.min(), index.max() - size + 1))
    return np.pad(np.arange(size), margin, mode=kind)[index + margin]  # type: ignore[call-overload]


def _blend(first: np.ndarray, share: np.ndarray, size: int, mode: str) -> np.ndarray:
    """How much each of `size` pixels counts: `share` for the one after `first`, the rest for it."""
    counts = np.zeros((*first.shape, size))
    for index, weight in ((first, 1 - share), (first + 1, share)):
        if mode == "constant":
            weight = np.where(np.clip(index, 0, size - 1) == index, weight, 0)
        counts += weight[..., None] * np.eye(size)[_index(index, size, mode)]
    return counts


def _sample(image: np.ndarray, matrix: np.ndarray, mode: str, how: str = "") -> np.ndarray:
    """Our own sampling, in float64, as two matrix products; `how` names a slip to make."""
    height, width, _ = image.shape
    wide = matrix.astype(np.float64)
    if how == "inverse":
        wide = np.linalg.inv(wide)
    place = np.indices((height, width))
    if how in ("swapped", "swapped places"):
        place = place[::-1]
    if how == "row vector":
        wide = wide.T
    row, column = np.tensordot(wide[:2, :2], place, axes=1) + wide[:2, 2, None, None]
    if how in ("swapped", "swapped result"):
        row, column = column, row
    if how == "rounded":
        row, column = np.round(row), np.round(column)
    if how == "cut off":
        row, column = np.trunc(row), np.trunc(column)
    whole = np.trunc if how.startswith("towards 0") else np.floor
    top, left = whole(row).astype(int), whole(column).astype(int)
    down, right = row - top, column - left
    if how == "towards 0, above":
        down, right = row % 1, column % 1
    if how == "weights":
        down, right = 1 - down, 1 - right
    rows, columns = _blend(top, down, height, mode), _blend(left, right, width, mode)
    return np.einsum("ijr,ijc,rck->ijk", rows, columns, image.astype(np.float64), optimize=True)


def _judge_sample(
    student: Student, judge: Judge, image: np.ndarray, matrix: np.ndarray, mode: str
) -> None:
    right = _sample(image, matrix, mode)
    floor = "`.astype(int)` cuts off towards 0: −0.5 becomes 0, and belongs to pixel −1. "
    mistakes = {
        floor + "jnp.floor first.": _sample(image, matrix, mode, "towards 0"),
        floor + "jnp.floor first; the fraction is right.": _sample(
            image, matrix, mode, "towards 0, above"
        ),
        "The new picture is turned on its side: rows and columns come from jnp.indices((height, "
        "width)), or from jnp.meshgrid with indexing='ij'.": right.transpose(1, 0, 2),
        "The places of the new picture are (column, row, 1). The row comes first, as in "
        "jnp.indices((height, width)).": _sample(image, matrix, mode, "swapped places"),
        "The matrix gives (row, column, 1); the first number was taken for the column.": _sample(
            image, matrix, mode, "swapped result"
        ),
        "It took the nearest pixel. Blend the four around the place.": _sample(
            image, matrix, mode, "rounded"
        ),
        "The fraction of the place is cut off. Blend the four pixels around it.": _sample(
            image, matrix, mode, "cut off"
        ),
        "The weights are the wrong way round: at 2.25, row 2 counts 0.75.": _sample(
            image, matrix, mode, "weights"
        ),
        "The matrix leads from the new picture to the old one; its inverse was used.": _sample(
            image, matrix, mode, "inverse"
        ),
        "Rows and columns are swapped: a place is (row, column, 1).": _sample(
            image, matrix, mode, "swapped"
        ),
        "The place was multiplied from the wrong side: matrix @ (row, column, 1).": _sample(
            image, matrix, mode, "row vector"
        ),
    }
    for other in ("nearest", "constant", "reflect", "wrap"):
        if other != mode:
            mistakes[f"Outside it looks like {other!r}, but {mode!r} was asked for."] = _sample(
                image, matrix, other
            )
    if mode == "reflect":
        mistakes["The mirror stands at the edge: the outermost pixel comes twice."] = _sample(
            image, matrix, "other reflect"
        )
    if mode == "constant":
        there = np.ones_like(image)
        inside = _sample(there, matrix, "constant") > 1 - 1e-6
        mistakes["A pixel at the border is blended with the 0 outside, pixel by pixel."] = np.where(
            inside, right, 0.0
        )
        mistakes["A pixel at the border is blended with the 0 outside, not with itself."] = (
            np.where(
                _sample(there, matrix, "constant") > 1e-6, _sample(image, matrix, "nearest"), 0
            )
        )
    judge.same(
        student.sample(image, matrix, mode),
        right.astype(np.float32),
        atol=2e-3,
        mistakes=mistakes,
    )


@task(
    points=4,
    functions=("sample",),
    forbids=(
        "lib.affine_transform",
        "lib.augmentation.*",
        "lib.Augment",
        "jax.scipy.ndimage.*",
        "scipy.ndimage.*",
        "jax.image.*",
    ),
    seconds=30,
    hints=(
        "First all places at once: jnp.indices((height, width)) gives row and column numbers.",
        "row = matrix[0, 0] * rows + matrix[0, 1] * columns + matrix[0, 2], and the same for the "
        "column. Their floor is the pixel above and to the left, the rest is the weight.",
        "Fill modes are arithmetic: nearest is jnp.clip(i, 0, n − 1), wrap is i % n, reflect is "
        "j = i % (2 * n), then the smaller of j and 2 * n − 1 − j; constant: look up like nearest, "
        "then jnp.where(inside, found, 0).",
    ),
)
def check_sample(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Sample a picture, with four fill modes"""
    rng = secret.numpy("pictures")
    height, width = (int(n) for n in rng.choice([6, 7, 8, 9], 2, replace=False))
    image = rng.uniform(0, 1, (height, width, 3)).astype(np.float32)

    def turn() -> np.ndarray:
        """A turn with a zoom and a move: what is outside is not far away."""
        middle = (height - 1) / 2, (width - 1) / 2
        matrix = _rotation(float(rng.uniform(20, 60)), *middle)
        matrix = matrix @ np.diag([*rng.uniform(0.85, 1.1, 2), 1.0])
        matrix[:2, 2] += rng.uniform(-0.9, 0.9, 2)
        return matrix.astype(np.float32)

    with judge.part(1, "between pixels, “nearest”"):
        _judge_sample(student, judge, image, turn(), "nearest")
        _judge_sample(student, judge, image[..., :1], turn(), "nearest")
    for mode in ("constant", "reflect", "wrap"):
        with judge.part(1, f"“{mode}”"):
            _judge_sample(student, judge, image, turn(), mode)
            # More than a whole picture away, to both sides.
            far = np.eye(3, dtype=np.float32)
            far[:2, 2] = (-1.4 * height, 1.3 * width) if mode != "constant" else (-2.4, 3.3)
            _judge_sample(student, judge, image, far, mode)
            far[:2, 2] = (2.6 * height, -2.3 * width) if mode != "constant" else (3.6, -1.3)
            _judge_sample(student, judge, image, far, mode)


DRAWS = 4_000
# A right answer is further off than this with a chance below 1e-11: for a share of DRAWS by
# Hoeffding's inequality, for the distance of two distributions by Dvoretzky's, Kiefer's and
# Wolfowitz's, both 2 exp(−2 · DRAWS · OFF²).
OFF = 0.06
# Ten standard deviations of the correlation of independent numbers.
RELATED = 10 / math.sqrt(DRAWS)


@task(
    points=3,
    functions=("draw_augmentation",),
    forbids=("lib.augmentation.*", "lib.Augment"),
    seconds=20,
    hints=(
        "jax.random.split(key, 6) gives six keys, one for each kind of number.",
        "jax.random.uniform(key, (count,), minval=..., maxval=...) gives one number per picture.",
        "For the flips: jax.random.bernoulli(key, 0.5, (count,)).",
    ),
)
def check_draw_augmentation(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Draw by how much to change each picture"""
    rng = secret.numpy("ranges")
    rotation, shift, zoom = (
        float(rng.uniform(least, most)) for least, most in ((15, 60), (0.1, 0.3), (0.1, 0.4))
    )
    ranges = {
        "rotation": (-rotation, rotation),
        "row_shift": (-shift, shift),
        "column_shift": (-shift, shift),
        "row_zoom": (1 - zoom, 1 + zoom),
        "column_zoom": (1 - zoom, 1 + zoom),
    }

    def drawn(purpose: str) -> dict[str, np.ndarray]:
        key = secret.key(purpose)
        got = student.draw_augmentation(key, DRAWS, rotation, shift, zoom)
        return _judge_draw(judge, got, ranges)

    with judge.part(1, "names, shapes, ranges"):
        drawn("first")
    with judge.part(1, "keys"):
        first = drawn("first")
        if any(np.any(first[name] != value) for name, value in drawn("first").items()):
            judge.fail(
                "The same key gave other numbers.",
                "Let all of them come from the key, by jax.random.",
            )
        for name, value in drawn("second").items():
            if np.all(first[name] == value):
                judge.fail(
                    f"Another key gave the same numbers for {name!r}.",
                    "Use the key that is given, or a part of it, for each of them.",
                )
    with judge.part(1, "chance"):
        _judge_chance(judge, drawn("third"), ranges)


def _judge_draw(
    judge: Judge, got: Any, ranges: dict[str, tuple[float, float]]
) -> dict[str, np.ndarray]:
    names = [*ranges, "flip"]
    if type(got) is not dict or set(got) != set(names):
        judge.fail(
            "draw_augmentation must return a dict with six entries.",
            got=got,
            expected=f"a dict with keys {', '.join(names)}",
        )
    found = {}
    for name in names:
        array = as_array(got[name])
        kind = "b" if name == "flip" else "f"
        if array is None or array.shape != (DRAWS,) or array.dtype.kind != kind:
            judge.fail(
                f"The entry {name!r} has another form.",
                _form_hint(array, kind),
                got=got[name],
                expected=f"shape ({DRAWS},), {'bool' if name == 'flip' else 'float'}",
            )
        if np.all(array == array[0]):
            judge.fail(
                f"The entry {name!r} is the same for all pictures.",
                "Each picture has its own number: draw (count,) of them.",
                got=str(array[0]),
            )
        found[name] = array
    for name, (least, most) in ranges.items():
        values = found[name].astype(np.float64)
        slack = 1e-5 * (most - least)
        if not np.all((values >= least - slack) & (values <= most + slack)):
            judge.fail(
                f"The entry {name!r} leaves its range.",
                _range_hint(name, values, least, most)
                or "minval and maxval of jax.random.uniform give the range.",
                got=f"{values.min():.4g} … {values.max():.4g}",
                expected=f"{least:.4g} … {most:.4g}",
            )
    return found


def _form_hint(array: np.ndarray | None, kind: str) -> str:
    """Says what an entry is that is not (count,) numbers of the right kind, or ""."""
    if array is None:
        return ""
    if array.shape == ():
        return "Each picture has its own number: draw (count,) of them."
    if array.shape == (DRAWS,) and kind == "b":
        return (
            f"There are (count,) of them, but they are {kind_of(array.dtype)}: True or False is "
            "asked for, as from jax.random.bernoulli(key, 0.5, (count,)), or from a comparison."
        )
    if array.size == DRAWS:
        return "There are as many as pictures, in another shape: (count,) has one axis."
    return ""


def _range_hint(name: str, values: np.ndarray, least: float, most: float) -> str:
    """Says which other range the numbers fill, or ""."""

    def fills(low: float, high: float) -> bool:
        near = 0.01 * (high - low)
        return abs(values.min() - low) < near and abs(values.max() - high) < near

    if fills(0, 1):
        return "They fill 0 … 1, as jax.random.uniform draws without minval and maxval."
    if name.endswith("zoom"):
        if fills(least - 1, most - 1):
            return "They lie around 0; a zoom factor that changes nothing is 1."
    elif fills(0, most):
        return "They go one way only: minval is the negative of maxval."
    if name == "rotation" and fills(math.radians(least), math.radians(most)):
        return "They are radians; degrees are asked for."
    return ""


def _judge_chance(
    judge: Judge, found: dict[str, np.ndarray], ranges: dict[str, tuple[float, float]]
) -> None:
    for name, (least, most) in ranges.items():
        ordered = np.sort((found[name].astype(np.float64) - least) / (most - least))
        steps = np.arange(DRAWS + 1) / DRAWS
        off = max(np.abs(ordered - steps[1:]).max(), np.abs(ordered - steps[:-1]).max())
        if off > OFF:
            judge.fail(
                f"Not every value of {name!r} is equally likely.",
                _range_hint(name, found[name].astype(np.float64), least, most)
                or "jax.random.uniform over the whole range, for each picture by itself.",
                got=f"{least + (most - least) * ordered[0]:.4g} … "
                f"{least + (most - least) * ordered[-1]:.4g}, "
                f"half of them below {least + (most - least) * np.median(ordered):.4g}",
                expected=f"{least:.4g} … {most:.4g}, half of them below {(least + most) / 2:.4g}",
            )
    share = float(found["flip"].mean())
    if abs(share - 0.5) > OFF:
        judge.fail(
            "Half of the pictures should be flipped.",
            "jax.random.bernoulli(key, 0.5, (count,))",
            got=f"{share:.1%} of {DRAWS:,}",
            expected="about 50 %",
        )
    columns = np.stack([found[name].astype(np.float64) for name in found])
    related = np.abs(np.corrcoef(columns)) - np.eye(len(columns))
    one, other = np.unravel_index(related.argmax(), related.shape)
    names = list(found)
    if related[one, other] > RELATED:
        hint = "Draw each entry with a part of the key that no other entry gets."
        if related[one, other] > 0.999:
            hint = "They are the same draw, scaled: split the key, one part for each entry."
        judge.fail(
            f"{names[one]!r} and {names[other]!r} go together: one can be foretold from the other.",
            hint,
            got=f"a correlation of {related[one, other]:.2f}",
            expected="about 0",
        )
    for name, values in found.items():
        wide = values.astype(np.float64)
        if abs(np.corrcoef(wide[1:], wide[:-1])[0, 1]) > RELATED:
            judge.fail(f"The numbers of {name!r} follow from one another, picture by picture.")


EDGE = 200
# By Hoeffding's inequality a right answer is further off with a chance below 1e-13.
DROPPED_OFF = 0.02
# Ten standard deviations of the correlation of neighbours that are dropped independently.
NEIGHBOURS = 10 / EDGE


@task(
    points=3,
    functions=("dropout",),
    forbids=("flax.linen.Dropout", "flax.nnx.Dropout"),
    seconds=20,
    hints=(
        "jax.random.bernoulli(key, chance, x.shape) draws True with that chance, for each value.",
        "A value is *kept* with chance 1 − rate, and then divided by 1 − rate.",
        "if not train: return x; otherwise jnp.where(kept, x / (1 − rate), 0.0).",
    ),
)
def check_dropout(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Dropout by hand"""
    rng = secret.numpy("values")
    rate = float(rng.choice([0.2, 0.3, 0.7, 0.8]))
    x = rng.uniform(0.5, 2, (EDGE, EDGE)).astype(np.float32)
    x *= rng.choice([-1, 1], x.shape)

    def dropped(purpose: str, x: np.ndarray = x, rate: float = rate) -> np.ndarray:
        got = as_array(student.dropout(x, rate, secret.key(purpose), True))
        if got is None or got.shape != x.shape or got.dtype.kind != "f":
            judge.fail(
                "In training it must return x with zeros in it.", got=got, expected="x.shape"
            )
        return got

    with judge.part(1, "at test time, other than in training"):
        small = x[:4, :5]
        judge.same(
            student.dropout(small, rate, secret.key("test"), False),
            small,
            "dropout(x, …, train=False)",
            mistakes={
                "At test time nothing is scaled: that was done in training.": small * (1 - rate),
                "At test time nothing is scaled, neither up nor down.": small / (1 - rate),
            },
            hint="With train=False, x comes back unchanged.",
        )
        judge.check(
            np.any(dropped("first") != x),
            "In training nothing is dropped either.",
            "With train=True each value is 0 with chance `rate`.",
        )
    with judge.part(1, "in training: what is kept, and how large"):
        _judge_kept(judge, dropped("first"), x, rate)
        volume = rng.uniform(0.5, 2, (3, 4, 5)).astype(np.float32)
        judge.same(dropped("none", volume, 0.0), volume, "dropout(x, 0.0, …)")
        _judge_values(judge, dropped("volume", volume), volume, rate)
    with judge.part(1, "chance"):
        zeros = dropped("first") == 0
        if np.any((dropped("first") == 0) != zeros):
            judge.fail("The same key dropped other values.", "Let it come from the key.")
        if np.all((dropped("second") == 0) == zeros):
            judge.fail("Another key dropped the same values.", "Use the key that is given.")
        _judge_each_by_itself(judge, zeros, rate)


def _judge_values(judge: Judge, got: np.ndarray, x: np.ndarray, rate: float) -> None:
    """Every value must be 0 or x / (1 − rate)."""
    kept = got != 0
    for sentence, factor in (
        ("What is kept is not scaled: divide by 1 − rate.", 1.0),
        ("What is kept was divided by the rate: divide by 1 − rate.", 1 / rate),
        ("What is kept was multiplied by 1 − rate: divide by it.", 1 - rate),
        ("What is kept was multiplied by the rate: divide by 1 − rate.", rate),
    ):
        if np.any(kept) and np.allclose(got[kept], x[kept] * factor, rtol=1e-4):
            judge.fail(sentence)
    right = np.where(kept, x / np.float32(1 - rate), 0).astype(np.float32)
    judge.same(got, right, "what is kept of x", rtol=1e-4, hint="Each is 0 or x / (1 − rate).")


def _judge_kept(judge: Judge, got: np.ndarray, x: np.ndarray, rate: float) -> None:
    share = float(np.mean(got == 0))
    if abs(share - rate) > DROPPED_OFF:
        hint = "Each value is 0 with chance `rate`, by itself."
        if abs(share - (1 - rate)) <= DROPPED_OFF:
            hint = "It is the wrong way round: `rate` is the chance to be dropped, not to be kept."
        elif share == 0:
            hint = "Nothing is dropped."
        elif share == 1:
            hint = "Everything is dropped."
        elif abs(share - 0.5) <= DROPPED_OFF:
            hint = "Half of them are dropped, which is right for a rate of 0.5 alone."
        judge.fail(
            f"With rate {rate}, too many or too few values are 0.",
            hint,
            got=f"{share:.1%} of {got.size:,}",
            expected=f"about {rate:.0%}",
        )
    _judge_values(judge, got, x, rate)


def _judge_each_by_itself(judge: Judge, zeros: np.ndarray, rate: float) -> None:
    centred = zeros - zeros.mean()
    spread = max(float((centred**2).mean()), 1e-9)
    for one, other in ((centred[1:], centred[:-1]), (centred[:, 1:], centred[:, :-1])):
        if abs(float((one * other).mean())) / spread > NEIGHBOURS:
            judge.fail(
                "Neighbours are dropped together, or in a pattern.",
                "Each value by itself: draw as many as x has, with the shape x.shape.",
            )


@task(
    points=4,
    functions=("train_augmented",),
    forbids=("lib.load", "lib.draw", "lib.data.*"),
    seconds=300,
    training=True,
    hints=(
        "Last week's training with three changes: lib.cats_and_dogs(dropout=0.3), "
        "augment=lib.Augment(…) in lib.create_state, and more epochs.",
        "Does it learn at all? Begin with the pictures as they are: lib.fit(…, augment=False) with "
        "the callback lib.StopWhen('accuracy', above=0.9). Then go on with changed ones: "
        "lib.create_state(…, variables={'params': state.params}).",
        "lib.Augment(rotation=15, width_shift=0.1, height_shift=0.1, zoom=0.15, "
        "horizontal_flip=True, brightness=(0.7, 1.3)), and "
        "optax.nadam(optax.cosine_decay_schedule(0.001, steps)) for 28 epochs in batches of 10.",
    ),
)
def check_train_augmented(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Augmentation and dropout beat the net of week 5"""
    import lib

    hint = "Try more epochs with augmentation and dropout, and a learning rate that falls to 0."
    judge_training(student, secret, judge, "train_augmented", lib.cats_and_dogs(), hint)
