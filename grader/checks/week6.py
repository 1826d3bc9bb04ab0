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
        "The axes are (picture, row, column, channel). Reverse the order of the columns.",
        "images[:, :, ::-1]",
    ),
)
def check_flip(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Mirror pictures left to right"""
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
                "You swapped top and bottom: columns are axis 2.": images[:, ::-1],
                "You swapped the colour channels: columns are axis 2.": images[..., ::-1],
                "You reversed the order of the pictures: columns are axis 2.": images[::-1],
                "You swapped top and bottom too: reverse only axis 2.": images[:, ::-1, ::-1],
                "You reversed all four axes: columns are axis 2.": np.flip(images),
                "You shifted the columns by one place: reverse their order instead.": np.roll(
                    images, 1, axis=2
                ),
                "You mirrored only the first picture: mirror all of them.": np.concatenate(
                    [images[:1, :, ::-1], images[1:]]
                ),
                "Nothing has changed: return the mirrored pictures.": images,
            },
        )


def _rotation(degrees: float, row: float, column: float) -> np.ndarray:
    """Returns the right matrix: shift the centre to (0, 0), rotate, and shift back, in float64."""
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
        "Take three steps: shift the centre to (0, 0), rotate, shift back. Each is a matrix.",
        "to = [[1, 0, −row], [0, 1, −column], [0, 0, 1]] with row = (height − 1) / 2; back has "
        "+row and +column.",
        "back @ [[cos, sin, 0], [−sin, cos, 0], [0, 0, 1]] @ to, with the angle in radians.",
    ),
)
def check_rotation_about_centre(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Compute the matrix that rotates a picture about its centre"""
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
                "It rotates the other way, clockwise.": _rotation(-degrees, row, column),
                "Sine and cosine take radians: jnp.deg2rad(degrees).": _rotation(
                    math.degrees(degrees), row, column
                ),
                "It rotates about the corner (0, 0), not about the centre.": _rotation(
                    degrees, 0, 0
                ),
                "The centre of n pixels is at (n − 1) / 2, not at n / 2.": _rotation(
                    degrees, height / 2, width / 2
                ),
                "Height and width are swapped: rows come first.": _rotation(degrees, column, row),
                "The shift to (0, 0) and the shift back are in the wrong order.": (
                    np.linalg.inv(away) @ _rotation(degrees, 0, 0) @ away
                ),
                "The shift back is missing.": (_rotation(degrees, 0, 0) @ np.linalg.inv(away)),
                "It is transposed: the shift belongs in the last column.": right.T,
                "Sine and cosine are swapped.": _rotation(90 - degrees, row, column),
                "The centre of n pixels is at (n − 1) / 2, but // cuts off the half.": _rotation(
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
        "Multiply the matrices with @. The order matters.",
        "Start with jnp.eye(3), which changes nothing, and loop over the matrices.",
        "result = result @ matrix, for each of them in order.",
    ),
)
def check_compose(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Combine several matrices into one"""
    rng = secret.numpy("matrices")
    for count in (2, 3, 1, 4):
        matrices = [_some_matrix(rng) for _ in range(count)]
        wide = [matrix.astype(np.float64) for matrix in matrices]
        right, turned, single = np.eye(3), np.eye(3), np.ones((3, 3))
        for matrix in wide:
            right, turned, single = right @ matrix, matrix @ turned, single * matrix
        mistakes = {
            "The order is the wrong way round: the first matrix belongs on the left.": turned,
            "You multiplied number by number (*). Multiply matrices with @.": single,
            "You multiplied jnp.eye(3) by each matrix, number by number (*): zeros stay zeros. "
            "Multiply matrices with @.": np.eye(3) * single,
            "That is the sum of the matrices: multiply them with @.": np.sum(wide, axis=0),
            "That is the sum of the matrices and jnp.eye(3): multiply them with @.": np.eye(3)
            + np.sum(wide, axis=0),
            "It is transposed: return result, not result.T.": right.T,
            "You used only the last matrix: multiply the result so far by each matrix.": wide[-1],
            "You used only the first matrix: multiply by the others too.": wide[0],
        }
        if count > 2:
            mistakes["You used only the first two matrices: multiply by the others too."] = (
                wide[0] @ wide[1]
            )
        judge.same(
            student.compose(*matrices), right.astype(np.float32), atol=1e-3, mistakes=mistakes
        )


def _index(index: np.ndarray, size: int, mode: str) -> np.ndarray:
    """Returns which of `size` pixels NumPy's padding puts at each position."""
    kind = {"reflect": "symmetric", "other reflect": "reflect", "wrap": "wrap"}.get(mode, "edge")
    margin = int(max(0, -index.min(), index.max() - size + 1))
    return np.pad(np.arange(size), margin, mode=kind)[index + margin]  # type: ignore[call-overload]


def _blend(first: np.ndarray, share: np.ndarray, size: int, mode: str) -> np.ndarray:
    """Returns the weight of each of `size` pixels: `share` after `first`, the rest at it."""
    counts = np.zeros((*first.shape, size))
    for index, weight in ((first, 1 - share), (first + 1, share)):
        if mode == "constant":
            weight = np.where(np.clip(index, 0, size - 1) == index, weight, 0)
        counts += weight[..., None] * np.eye(size)[_index(index, size, mode)]
    return counts


def _sample(image: np.ndarray, matrix: np.ndarray, mode: str, how: str = "") -> np.ndarray:
    """Samples in float64, as two matrix products; `how` names a mistake to make."""
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
    floor = "`.astype(int)` cuts off towards 0: −0.5 becomes 0, but belongs to pixel −1. "
    mistakes = {
        floor + "Call jnp.floor first.": _sample(image, matrix, mode, "towards 0"),
        floor + "Call jnp.floor first; the fraction is right.": _sample(
            image, matrix, mode, "towards 0, above"
        ),
        "The new picture is turned on its side: get rows and columns from jnp.indices((height, "
        "width)), or from jnp.meshgrid with indexing='ij'.": right.transpose(1, 0, 2),
        "Your positions in the new picture are (column, row, 1). The row comes first, as in "
        "jnp.indices((height, width)).": _sample(image, matrix, mode, "swapped places"),
        "The matrix gives (row, column, 1), but you took the first number for the column.": _sample(
            image, matrix, mode, "swapped result"
        ),
        "You took the nearest pixel. Blend the four around the position.": _sample(
            image, matrix, mode, "rounded"
        ),
        "You cut off the fraction of the position. Blend the four pixels around it.": _sample(
            image, matrix, mode, "cut off"
        ),
        "The weights are the wrong way round: at 2.25, row 2 has weight 0.75.": _sample(
            image, matrix, mode, "weights"
        ),
        "The matrix leads from the new picture to the old one, but you used its inverse.": _sample(
            image, matrix, mode, "inverse"
        ),
        "Rows and columns are swapped: a position is (row, column, 1).": _sample(
            image, matrix, mode, "swapped"
        ),
        "You multiplied the position from the wrong side: use matrix @ (row, column, 1).": _sample(
            image, matrix, mode, "row vector"
        ),
    }
    for other in ("nearest", "constant", "reflect", "wrap"):
        if other != mode:
            mistakes[f"Outside the picture it looks like {other!r}, but fill_mode is {mode!r}."] = (
                _sample(image, matrix, other)
            )
    if mode == "reflect":
        mistakes["The mirror is at the edge: the outermost pixel appears twice."] = _sample(
            image, matrix, "other reflect"
        )
    if mode == "constant":
        there = np.ones_like(image)
        inside = _sample(there, matrix, "constant") > 1 - 1e-6
        mistakes["At the border, only the pixels outside are 0: blend them with those inside."] = (
            np.where(inside, right, 0.0)
        )
        mistakes["At the border, blend the pixel with the 0 outside, not with itself."] = np.where(
            _sample(there, matrix, "constant") > 1e-6, _sample(image, matrix, "nearest"), 0
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
        "Start with all positions at once: jnp.indices((height, width)) gives row and column "
        "numbers.",
        "row = matrix[0, 0] * rows + matrix[0, 1] * columns + matrix[0, 2]; the column is similar. "
        "Their floor is the pixel above and to the left; the rest is the weight of the next pixel.",
        "Fill modes are arithmetic: nearest is jnp.clip(i, 0, n − 1), wrap is i % n, and reflect "
        "is j = i % (2 * n), then the smaller of j and 2 * n − 1 − j. For constant, look up as for "
        "nearest, then use jnp.where(inside, found, 0).",
    ),
)
def check_sample(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Sample a picture with four fill modes"""
    rng = secret.numpy("pictures")
    height, width = (int(n) for n in rng.choice([6, 7, 8, 9], 2, replace=False))
    image = rng.uniform(0, 1, (height, width, 3)).astype(np.float32)

    def turn() -> np.ndarray:
        """Draws a rotation with a zoom and a shift; positions outside are close to the picture."""
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
            # More than a picture away, on both sides.
            far = np.eye(3, dtype=np.float32)
            far[:2, 2] = (-1.4 * height, 1.3 * width) if mode != "constant" else (-2.4, 3.3)
            _judge_sample(student, judge, image, far, mode)
            far[:2, 2] = (2.6 * height, -2.3 * width) if mode != "constant" else (3.6, -1.3)
            _judge_sample(student, judge, image, far, mode)


DRAWS = 4_000
# A right answer is further off than this with a probability below 1e-11. The bound is
# 2 exp(−2 · DRAWS · OFF²) both for a share of DRAWS (Hoeffding's inequality) and for the distance
# of two distributions (the inequality of Dvoretzky, Kiefer and Wolfowitz).
OFF = 0.06
# Ten standard deviations of the correlation of independent numbers.
RELATED = 10 / math.sqrt(DRAWS)


@task(
    points=3,
    functions=("draw_augmentation",),
    forbids=("lib.augmentation.*", "lib.Augment"),
    seconds=20,
    hints=(
        "jax.random.split(key, 6) returns six keys, one for each kind of number.",
        "jax.random.uniform(key, (count,), minval=..., maxval=...) returns one number per picture.",
        "For the flips, use jax.random.bernoulli(key, 0.5, (count,)).",
    ),
)
def check_draw_augmentation(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Draw how to change each picture"""
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
                "The same key gave different numbers.",
                "Draw all of them from the key, with jax.random.",
            )
        for name, value in drawn("second").items():
            if np.all(first[name] == value):
                judge.fail(
                    f"Another key gave the same numbers for {name!r}.",
                    "Draw each of them from the key you are given, or from a part of it.",
                )
    with judge.part(1, "randomness"):
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
                f"The entry {name!r} has the wrong shape or type.",
                _form_hint(array, kind),
                got=got[name],
                expected=f"shape ({DRAWS},), {'bool' if name == 'flip' else 'float'}",
            )
        if np.all(array == array[0]):
            judge.fail(
                f"The entry {name!r} is the same for all pictures.",
                "Each picture needs its own number: draw (count,) of them.",
                got=str(array[0]),
            )
        found[name] = array
    for name, (least, most) in ranges.items():
        values = found[name].astype(np.float64)
        slack = 1e-5 * (most - least)
        if not np.all((values >= least - slack) & (values <= most + slack)):
            judge.fail(
                f"The entry {name!r} is outside its range.",
                _range_hint(name, values, least, most)
                or "Set the range with minval and maxval of jax.random.uniform.",
                got=f"{values.min():.4g} … {values.max():.4g}",
                expected=f"{least:.4g} … {most:.4g}",
            )
    return found


def _form_hint(array: np.ndarray | None, kind: str) -> str:
    """Says how an entry differs from (count,) numbers of the right kind, or returns ""."""
    if array is None:
        return ""
    if array.shape == ():
        return "Each picture needs its own number: draw (count,) of them."
    if array.shape == (DRAWS,) and kind == "b":
        return (
            f"There are (count,) of them, but they are {kind_of(array.dtype)}. Return True or "
            "False, from jax.random.bernoulli(key, 0.5, (count,)) or from a comparison."
        )
    if array.size == DRAWS:
        return "There is one number per picture, but in another shape: (count,) has one axis."
    return ""


def _range_hint(name: str, values: np.ndarray, least: float, most: float) -> str:
    """Says which wrong range the numbers fill, or returns ""."""

    def fills(low: float, high: float) -> bool:
        near = 0.01 * (high - low)
        return abs(values.min() - low) < near and abs(values.max() - high) < near

    if fills(0, 1):
        return "They fill 0 … 1, the range of jax.random.uniform without minval and maxval."
    if name.endswith("zoom"):
        if fills(least - 1, most - 1):
            return "They are around 0, but a zoom factor that changes nothing is 1."
    elif fills(0, most):
        return "They have only one sign: minval must be the negative of maxval."
    if name == "rotation" and fills(math.radians(least), math.radians(most)):
        return "They are radians: return degrees."
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
                f"The values of {name!r} are not equally likely.",
                _range_hint(name, found[name].astype(np.float64), least, most)
                or "Use jax.random.uniform over the full range, separately for each picture.",
                got=f"{least + (most - least) * ordered[0]:.4g} … "
                f"{least + (most - least) * ordered[-1]:.4g}, "
                f"half of them below {least + (most - least) * np.median(ordered):.4g}",
                expected=f"{least:.4g} … {most:.4g}, half of them below {(least + most) / 2:.4g}",
            )
    share = float(found["flip"].mean())
    if abs(share - 0.5) > OFF:
        judge.fail(
            "Flip half of the pictures on average.",
            "Use jax.random.bernoulli(key, 0.5, (count,)).",
            got=f"{share:.1%} of {DRAWS:,}",
            expected="about 50%",
        )
    columns = np.stack([found[name].astype(np.float64) for name in found])
    related = np.abs(np.corrcoef(columns)) - np.eye(len(columns))
    one, other = np.unravel_index(related.argmax(), related.shape)
    names = list(found)
    if related[one, other] > RELATED:
        hint = "Draw each entry with its own part of the key."
        if related[one, other] > 0.999:
            hint = "They are the same numbers, scaled: split the key, one part for each entry."
        judge.fail(
            f"{names[one]!r} and {names[other]!r} are not independent of each other.",
            hint,
            got=f"a correlation of {related[one, other]:.2f}",
            expected="about 0",
        )
    for name, values in found.items():
        wide = values.astype(np.float64)
        if abs(np.corrcoef(wide[1:], wide[:-1])[0, 1]) > RELATED:
            judge.fail(f"The numbers of {name!r} depend on those of the picture before.")


EDGE = 200
# By Hoeffding's inequality a right answer is further off with a probability below 1e-13.
DROPPED_OFF = 0.02
# Ten standard deviations of the correlation of neighbours that are dropped independently.
NEIGHBOURS = 10 / EDGE


@task(
    points=3,
    functions=("dropout",),
    forbids=("flax.linen.Dropout", "flax.nnx.Dropout"),
    seconds=20,
    hints=(
        "jax.random.bernoulli(key, p, x.shape) draws True with probability p, for each value.",
        "*Keep* a value with probability 1 − rate, and divide it by 1 − rate.",
        "If not train, return x; otherwise return jnp.where(kept, x / (1 − rate), 0.0).",
    ),
)
def check_dropout(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Write dropout from scratch"""
    rng = secret.numpy("values")
    rate = float(rng.choice([0.2, 0.3, 0.7, 0.8]))
    x = rng.uniform(0.5, 2, (EDGE, EDGE)).astype(np.float32)
    x *= rng.choice([-1, 1], x.shape)

    def dropped(purpose: str, x: np.ndarray = x, rate: float = rate) -> np.ndarray:
        got = as_array(student.dropout(x, rate, secret.key(purpose), True))
        if got is None or got.shape != x.shape or got.dtype.kind != "f":
            judge.fail(
                "In training it must return x with some values set to 0.",
                got=got,
                expected="x.shape",
            )
        return got

    with judge.part(1, "test time and training differ"):
        small = x[:4, :5]
        judge.same(
            student.dropout(small, rate, secret.key("test"), False),
            small,
            "dropout(x, …, train=False)",
            mistakes={
                "Do not scale at test time: training has done that already.": small * (1 - rate),
                "Do not scale at test time, neither up nor down.": small / (1 - rate),
            },
            hint="With train=False, return x unchanged.",
        )
        judge.check(
            np.any(dropped("first") != x),
            "Nothing is dropped in training.",
            "With train=True, set each value to 0 with probability `rate`.",
        )
    with judge.part(1, "in training: which values are kept, and how large"):
        _judge_kept(judge, dropped("first"), x, rate)
        volume = rng.uniform(0.5, 2, (3, 4, 5)).astype(np.float32)
        judge.same(dropped("none", volume, 0.0), volume, "dropout(x, 0.0, …)")
        _judge_values(judge, dropped("volume", volume), volume, rate)
    with judge.part(1, "randomness"):
        zeros = dropped("first") == 0
        if np.any((dropped("first") == 0) != zeros):
            judge.fail("The same key dropped different values.", "Draw from the key only.")
        if np.all((dropped("second") == 0) == zeros):
            judge.fail("Another key dropped the same values.", "Use the key you are given.")
        _judge_independence(judge, zeros, rate)


def _judge_values(judge: Judge, got: np.ndarray, x: np.ndarray, rate: float) -> None:
    """Fails unless every value is 0 or x / (1 − rate)."""
    kept = got != 0
    for sentence, factor in (
        ("The values you kept are not scaled: divide by 1 − rate.", 1.0),
        ("You divided the values you kept by the rate: divide by 1 − rate.", 1 / rate),
        ("You multiplied the values you kept by 1 − rate: divide by it.", 1 - rate),
        ("You multiplied the values you kept by the rate: divide by 1 − rate.", rate),
    ):
        if np.any(kept) and np.allclose(got[kept], x[kept] * factor, rtol=1e-4):
            judge.fail(sentence)
    right = np.where(kept, x / np.float32(1 - rate), 0).astype(np.float32)
    judge.same(
        got,
        right,
        "the values of x that are kept",
        rtol=1e-4,
        hint="Each value is 0 or x / (1 − rate).",
    )


def _judge_kept(judge: Judge, got: np.ndarray, x: np.ndarray, rate: float) -> None:
    share = float(np.mean(got == 0))
    if abs(share - rate) > DROPPED_OFF:
        hint = "Set each value to 0 with probability `rate`, independently of the others."
        if abs(share - (1 - rate)) <= DROPPED_OFF:
            hint = "It is the wrong way round: `rate` is the probability to drop, not to keep."
        elif share == 0:
            hint = "You dropped nothing."
        elif share == 1:
            hint = "You dropped everything."
        elif abs(share - 0.5) <= DROPPED_OFF:
            hint = "You dropped half of them, which is right only for a rate of 0.5."
        judge.fail(
            f"With rate {rate}, too many or too few values are 0.",
            hint,
            got=f"{share:.1%} of {got.size:,}",
            expected=f"about {rate:.0%}",
        )
    _judge_values(judge, got, x, rate)


def _judge_independence(judge: Judge, zeros: np.ndarray, rate: float) -> None:
    centred = zeros - zeros.mean()
    spread = max(float((centred**2).mean()), 1e-9)
    for one, other in ((centred[1:], centred[:-1]), (centred[:, 1:], centred[:, :-1])):
        if abs(float((one * other).mean())) / spread > NEIGHBOURS:
            judge.fail(
                "You dropped neighbours together, or in a pattern.",
                "Decide for each value separately: draw an array of the shape x.shape.",
            )


@task(
    points=4,
    functions=("train_augmented",),
    forbids=("lib.load", "lib.draw", "lib.data.*"),
    seconds=300,
    training=True,
    hints=(
        "Make three changes to last week's training: lib.cats_and_dogs(dropout=0.3), "
        "augment=lib.Augment(…) in lib.create_state, and more epochs.",
        "If it does not learn, begin with unchanged pictures: lib.fit(…, augment=False) with the "
        "callback lib.StopWhen('accuracy', above=0.9). Then continue with changed pictures: "
        "lib.create_state(…, variables={'params': state.params}).",
        "Use lib.Augment(rotation=15, width_shift=0.1, height_shift=0.1, zoom=0.15, "
        "horizontal_flip=True, brightness=(0.7, 1.3)), and "
        "optax.nadam(optax.cosine_decay_schedule(0.001, steps)) for 28 epochs in batches of 10.",
    ),
)
def check_train_augmented(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Beat week 5's network with augmentation and dropout"""
    import lib

    hint = "Try more epochs with augmentation and dropout, and a learning rate that falls to 0."
    judge_training(student, secret, judge, "train_augmented", lib.cats_and_dogs(), hint)
