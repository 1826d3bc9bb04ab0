"""The rubric of week 4: colour, folders of pictures, and networks with one output."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from grader.checks import picture_files
from grader.checks.networks import ConvNet, judge_conv_net, random_params
from grader.checks.training import Stop, Training, judge_claim, params_and_accuracies
from grader.judge.architecture import ONCE
from grader.judge.judge import Judge
from grader.judge.student import Student
from grader.judge.values import as_array, show
from grader.rubric import task
from grader.secret import TaskSecret


def _convolve(image: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """Our reference: windows of the picture times the kernels, in float64."""
    windows = np.lib.stride_tricks.sliding_window_view(
        image.astype(np.float64), kernels.shape[:2], axis=(0, 1)
    )
    return np.einsum("ijckl,klcf->ijf", windows, kernels.astype(np.float64))


def _judge_convolution(judge: Judge, got: Any, image: np.ndarray, kernels: np.ndarray) -> None:
    wide, weights = image.astype(np.float64), kernels.astype(np.float64)
    right = _convolve(wide, weights)
    array = as_array(got)
    rows, columns, channels, filters = kernels.shape
    places = right.shape[:2]
    hint = ""
    if array is not None and array.dtype == np.uint8:
        hint = "uint8 wraps around at 256. Compute in float32."
    elif array is not None and array.shape != right.shape:
        hint = "There is one output channel per kernel, with n - k + 1 positions along each axis."
        if array.shape == (*places, channels):
            hint = "This is one output for each channel: add the channels up, for each kernel."
        elif array.shape == (*places, channels, filters):
            hint = "This is a result for each channel and kernel: add the channels up."
        elif array.shape == places:
            hint = "The last axis of the result has one channel per kernel, even for one kernel."
        elif array.shape == (filters, *places):
            hint = "The kernels run along the last axis of the result: jnp.stack(..., axis=-1)."
        elif array.shape[:2] == image.shape[:2]:
            hint = "This is as large as the picture, as with SAME. VALID leaves the border out."
    grey = wide.mean(2, keepdims=True), weights.sum(2, keepdims=True)
    clipped = "You clipped the result to 0…255. Leave it unclipped."
    if right.max() <= 255:
        clipped = "You clipped negative results to 0. Leave them unclipped."
    mistakes = {
        "You used only the first channel.": _convolve(wide[..., :1], weights[:, :, :1]),
        "You used only the last channel: add each channel to the result so far.": _convolve(
            wide[..., -1:], weights[:, :, -1:]
        ),
        "You averaged the channels. Add them up.": right / channels,
        "You made the picture grey first. Give each channel its own slice of the kernel.": (
            _convolve(*grey)
        ),
        "Every channel got the first slice of the kernel. Give each its own.": _convolve(
            wide, weights[:, :, :1].repeat(channels, axis=2)
        ),
        "You applied the slices of the kernel to the channels in reverse order.": _convolve(
            wide, weights[:, :, ::-1]
        ),
        "You flipped the kernel. Apply it unflipped.": _convolve(wide, weights[::-1, ::-1]),
        clipped: np.clip(right, 0, 255),
        "The results have lost their sign. Leave negative ones negative.": np.abs(right),
        "Only the last pixel of the kernels counts: add each product to the result so far.": (
            wide[rows - 1 :, columns - 1 :] @ weights[-1, -1]
        ),
        "Only the first pixel of the kernels counts: return after both loops, not inside.": (
            wide[: places[0], : places[1]] @ weights[0, 0]
        ),
        "Only the first row of the kernels counts: return after both loops, not inside.": (
            _convolve(wide[: 1 - rows], weights[:1])
        ),
        "Off by one: the last window of each row and column is missing; n - k + 1 windows fit.": (
            right[:-1, :-1]
        ),
        "You computed in uint8, which wraps around at 256. Compute in float32.": right % 256,
        "You cut off the fractions of the kernels. Compute in float32.": _convolve(
            wide, np.trunc(weights)
        ),
        "You cut off the fractions of the result. Compute in float32.": np.trunc(right),
        "Every output channel is the first kernel's: use its own kernel for each.": right[..., :1]
        + np.zeros_like(right),
    }
    if filters > 1:
        added = "You added up the kernels. Each must give one channel of the result."
        mistakes[added] = right.sum(-1)
        mistakes["This is the result of the first kernel only."] = right[..., 0]
    if rows == columns:
        swapped = _convolve(wide, weights.transpose(1, 0, 2, 3))
        mistakes["The kernels' rows and columns are swapped."] = swapped
    atol = 2e-5 * float(np.abs(right).max())
    judge.same(got, right.astype(np.float32), hint=hint, atol=atol, rtol=1e-4, mistakes=mistakes)


@task(
    points=3,
    functions=("convolve_rgb",),
    forbids=(
        "lib.conv2d",
        "lib.Conv",
        "lib.nn.layers.conv_*",
        "lib.nn.convolution.*",
        "lib.nn.cpu_convolution.*",
        "lib.nn.conv_pool.*",
        "lib.nn.winograd.*",
        "lib.nn.onednn.*",
        "jax.lax.conv",
        "jax.lax.conv_*",
        "jax.scipy.signal.*",
        "jax.numpy.convolve",
        "jax.numpy.correlate",
        "numpy.convolve",
        "numpy.polymul",
        "numpy.polynomial.*",
        "jax.numpy.polymul",
        "numpy.correlate",
        "scipy.signal.*",
        "scipy.ndimage.*",
        "flax.linen.Conv*",
    ),
    seconds=20,
    hints=(
        "As in week 3, take the part of the picture that begins at (i, j) for each kernel pixel "
        "(i, j). Now it has channels, and the kernel has a number for each channel and filter.",
        "kernels[i, j] has shape (channels, filters); the part has (height, width, channels).",
        "result = result + image[i : i + height, j : j + width] @ kernels[i, j]",
    ),
)
def check_convolve_rgb(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Slide several kernels over a colour picture"""
    rng = secret.numpy("pictures")
    height, width = (int(n) for n in rng.choice([9, 10, 12, 13], 2, replace=False))

    def judged(image: np.ndarray, *shape: int) -> None:
        kernels = rng.normal(size=shape).astype(np.float32)
        got = student.convolve_rgb(student.numpy(image), student.numpy(kernels))
        _judge_convolution(judge, got, image, kernels)

    with judge.part(1, "one kernel on a colour picture"):
        judged(rng.uniform(-2, 2, (height, width, 3)).astype(np.float32), 3, 3, 3, 1)
    with judge.part(1, "several kernels, not square, and more channels"):
        channels = int(rng.integers(5, 8))
        judged(rng.uniform(-2, 2, (height, width, 3)).astype(np.float32), 3, 2, 3, 4)
        judged(rng.uniform(-2, 2, (height, width, channels)).astype(np.float32), 2, 4, channels, 2)
    with judge.part(1, "a picture in uint8, with results below 0 and above 255"):
        judged(rng.integers(0, 256, (height, width, 3)).astype(np.uint8), 3, 3, 3, 5)


KINDS = ("ant", "bee", "cow", "dog", "eel", "fox", "gnu", "hen", "ibis", "jay")


@task(
    points=1.5,
    functions=("labels_from_folders",),
    hints=(
        'path.split("/") gives the parts of a path. Which of them is the class?',
        "sorted(set(...)) has every name once, in order; .index(name) finds its place.",
        'folders = [path.split("/")[-2] for path in paths]; class_names = sorted(set(folders))',
    ),
)
def check_labels_from_folders(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Get labels from the names of folders"""
    rng = secret.numpy("paths")
    for depth in ("pictures/train", "train", "data/set 1/train"):
        names = [KINDS[i] for i in rng.choice(len(KINDS), 4, replace=False)]
        while names == sorted(names):
            names = [names[i] for i in rng.permutation(4)]
        # The order in which the classes occur is not their order, and file names mislead.
        order = [0, 1, 2, 3, *rng.integers(0, 4, 7).tolist()]
        paths = [
            f"{depth}/{names[k]}/{names[int(rng.integers(4))]}{i}.png" for i, k in enumerate(order)
        ]
        right_names = sorted(names)
        right = np.array([right_names.index(names[k]) for k in order])
        listed, class_names = judge.unpack(
            student.labels_from_folders(paths),
            2,
            "labels_from_folders must return the labels and the class names.",
            "return labels, class_names",
            expected="an integer array and a list of str",
        )
        if _texts(listed) == right_names:
            judge.fail(
                "The labels come first, then the class names.",
                "return labels, class_names",
                got=(listed, class_names),
            )
        _judge_class_names(judge, class_names, right_names, names, paths)
        if _texts(listed) == [names[k] for k in order]:
            judge.fail(
                "These are names. A label is the number of its class: its index in class_names.",
                "class_names.index(name)",
                got=listed,
                expected=f"shape ({len(paths)},), integer",
            )
        labels = picture_files.as_labels(judge, listed, len(paths), "The labels")
        files = [re.sub(r".*/|\d+\.png", "", path) for path in paths]
        judge.same(
            labels,
            right,
            f"the labels of {len(paths)} paths with the classes {', '.join(right_names)}",
            mistakes={
                "These number the classes as they occur. Number them in sorted order.": np.array(
                    order
                ),
                "The first class is 0, not 1.": right + 1,
                "These number the classes from the end of their sorted order.": 3 - right,
                "These are sorted. Keep the order of the paths.": np.sort(right),
                "These follow the file names. The name of the folder is the class.": np.array(
                    [right_names.index(name) for name in files]
                ),
                "These number the paths, not their classes.": np.arange(len(paths)),
            },
        )


def _texts(got: Any) -> list[str]:
    """Returns the items of a list or tuple of str; nothing for anything else."""
    texts = type(got) in (list, tuple) and all(type(item) is str for item in got)
    return list(got) if texts else []


def _judge_class_names(
    judge: Judge, got: Any, right: list[str], occurring: list[str], paths: list[str]
) -> None:
    listed = _texts(got)
    if listed == right:
        return
    if (
        isinstance(got, np.ndarray)
        and got.dtype.kind == "U"
        and got.tolist() == right
        or (type(got) is set and got == set(right))
    ):
        judge.fail(
            f"These are the class names, in a {'set' if type(got) is set else 'NumPy array'}.",
            "sorted(…) makes a list of them.",
            got=got,
            expected=f"{right}",
        )
    parts = [path.split("/") for path in paths]
    hint = "The class is the name of the file's own folder: the second to last part of the path."
    if listed == occurring:
        hint = "These are in the order in which they occur: sort them."
    elif listed == right[::-1]:
        hint = "These are sorted backwards."
    elif len(listed) > len(right) and set(listed) == set(right):
        hint = "List every class once: set(...) drops repeated names."
    elif listed and set(listed) == set(right):
        hint = "These are the right names in another order: sort them."
    elif listed and set(listed) <= {part[-1] for part in parts}:
        hint = "These are files. The class is the folder before them."
    elif listed and set(listed) <= {part[-1].split(".")[0] for part in parts}:
        hint = "These are files without their extension. The class is the folder before them."
    elif listed and set(listed) <= {name for part in parts for name in part[:-2]}:
        hint = "This folder is too far up. Count the parts from the end: [-2]."
    elif listed and set(listed) <= {path.rpartition("/")[0] for path in paths}:
        hint = "These are the full paths of the folders. The class is the last part of each."
    judge.fail(
        f"These are not the class names of paths such as {paths[0]!r}.",
        hint,
        got=got,
        expected=f"{right}",
    )


def _pixels(content: bytes, edge: int, how: str = "") -> np.ndarray:
    """Our reference: opened, made RGB, resized; or the same with a known mistake."""
    from PIL import Image

    image = picture_files.opened(content)
    size = (edge, edge)
    if how == "late":
        return np.asarray(image.resize(size, Image.Resampling.BILINEAR).convert("RGB"))
    if how == "white":
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    image = image.convert("RGB")
    if how == "sparse":
        import jax

        wide = np.asarray(image, np.float32)
        small = jax.image.resize(wide, (edge, edge, 3), "bilinear", antialias=False)
        return np.asarray(np.clip(np.rint(small), 0, 255)).astype(np.uint8)
    if how == "cropped":
        from PIL import ImageOps

        return np.asarray(ImageOps.fit(image, size, Image.Resampling.BILINEAR))
    if how == "grey":
        image = image.convert("L").convert("RGB")
    resampling = getattr(Image.Resampling, how.upper(), Image.Resampling.BILINEAR)
    resized = np.asarray(image.resize(size, resampling))
    turned = {"bgr": resized[..., ::-1], "turned": resized.swapaxes(0, 1), "down": resized[::-1]}
    return turned.get(how, resized)


PIXEL_MISTAKES = {
    "late": "You resized before convert('RGB'): palettes and transparent pixels cannot be blended.",
    "nearest": "You took the nearest pixel to resize; Image.Resampling.BILINEAR blends pixels.",
    "bicubic": "You resized with BICUBIC, the default of resize. Use BILINEAR.",
    "lanczos": "You resized with LANCZOS. Use BILINEAR.",
    "sparse": "You did not blend all pixels that become one. Pillow's resize blends them.",
    "cropped": "You cut it to a square. Stretch the entire picture instead.",
    "bgr": "Red and blue are swapped.",
    "grey": "The colours are lost. Use convert('RGB') without convert('L').",
    "white": "You blended transparent pixels with white. convert('RGB') drops the transparency.",
    "turned": "Rows and columns are swapped.",
    "down": "It is upside down.",
}
TOLERANCE = 2  # grey levels, for rounding and for other libraries that blend in the same way


def _alike(got: np.ndarray, right: np.ndarray) -> bool:
    return bool(np.all(np.abs(got.astype(int) - right.astype(int)) <= TOLERANCE))


def _judge_pictures(
    judge: Judge, got: Any, files: dict[str, bytes], bad: list[str], edge: int
) -> None:
    """Judges the result of `load_pictures` for files by relative path, some of them bad."""
    pictures, labels, left_out = judge.unpack(
        got,
        3,
        "load_pictures must return the pictures, their labels, and the files left out.",
        "return images, labels, left_out",
        expected="an array, an integer array, a list of str",
    )
    images = as_array(pictures)
    good = sorted(set(files) - set(bad))
    right = [_pixels(files[name], edge) for name in good]
    form = f"shape ({len(good)}, {edge}, {edge}, 3), uint8"
    if images is None or images.ndim != 4 or images.shape[1:] != (edge, edge, 3):
        judge.fail(
            "The pictures must be one array.",
            "np.stack(list_of_arrays) makes one array from many of shape (edge, edge, 3).",
            got=pictures,
            expected=form,
        )
    if images.dtype != np.uint8:
        scaled = len(images) == len(good) and np.allclose(images * 255.0, right, atol=TOLERANCE)
        judge.fail(
            "The pictures must stay uint8.",
            "Do not divide by 255 here: lib.fit does it batch by batch."
            if scaled
            else "np.asarray(image) of a Pillow image is uint8.",
            got=images,
            expected=form,
        )
    if len(images) != len(good):
        ends = [i for i, name in enumerate(good) if name.endswith(".png")]
        hint = "Take every file in every folder. Leave out only those that cannot be read."
        if len(images) == len(files):
            hint = "This is one for each file, but some cannot be read: leave those out."
        elif len(images) == len(ends) and all(map(_alike, images, [right[i] for i in ends])):
            hint = "These are the files whose names end in .png. Take every file."
        judge.fail("The number of pictures is wrong.", hint, got=images, expected=form)
    class_names = sorted({name.split("/")[0] for name in files})
    right_labels = np.array([class_names.index(name.split("/")[0]) for name in good])
    wrong = [i for i in range(len(good)) if not _alike(images[i], right[i])]
    if wrong:
        _explain_pixels(judge, images, right, [files[name] for name in good], good, wrong, edge)
    picked = picture_files.as_labels(judge, labels, len(good), "The labels")
    judge.same(
        picked,
        right_labels,
        "the labels",
        hint="Classes are numbered in the order of the folders' names.",
        mistakes={
            "A folder keeps its number even when no picture in it can be read.": np.unique(
                right_labels, return_inverse=True
            )[1],
            "The first class is 0, not 1.": right_labels + 1,
            "These number the pictures, not their classes.": np.arange(len(good)),
            "These number the classes from the end.": len(class_names) - 1 - right_labels,
            "These number the pictures of each folder, not the folders.": np.concatenate(
                [np.arange(n) for n in np.bincount(right_labels)]
            ),
        },
    )
    picture_files.names_left_out(judge, left_out, sorted(bad))


def _explain_pixels(
    judge: Judge,
    images: np.ndarray,
    right: list[np.ndarray],
    contents: list[bytes],
    names: list[str],
    wrong: list[int],
    edge: int,
) -> None:
    """Says why pictures differ from ours.

    Raises:
      Failure: always.
    """
    if all(any(_alike(image, other) for other in right) for image in images):
        judge.fail(
            "The pictures are right, but in another order.",
            "Use sorted(...) for the folders, and sorted(...) for the files in each.",
        )
    for how, sentence in PIXEL_MISTAKES.items():
        if all(_alike(images[i], _pixels(contents[i], edge, how)) for i in wrong):
            judge.fail(f"{names[wrong[0]]} has the wrong pixels. {sentence}")
    first = wrong[0]
    mode = picture_files.opened(contents[first]).mode
    place = np.unravel_index(
        np.abs(images[first].astype(int) - right[first].astype(int)).argmax(), right[first].shape
    )
    index = ", ".join(str(int(i)) for i in place)
    judge.fail(
        f"{names[first]} (a picture of mode {mode!r}) has the wrong pixels.",
        'Use image.convert("RGB"), then .resize((edge, edge), Image.Resampling.BILINEAR).',
        got=f"at [{index}] {int(images[first][place])}",
        expected=f"at [{index}] {int(right[first][place])}",
    )


@task(
    points=4,
    functions=("load_pictures",),
    forbids=("lib.load_folder", "lib.load", "lib.data.*"),
    seconds=20,
    hints=(
        "Write two loops: over the sorted folders, and over the sorted files in each.",
        "One picture is np.asarray of "
        'Image.open(path).convert("RGB").resize((edge, edge), Image.Resampling.BILINEAR). '
        "np.stack makes one array of all pictures.",
        "Open, convert and resize inside a try. In `except OSError`, append "
        'f"{folder.name}/{path.name}" to the list of files left out, and continue.',
    ),
)
def check_load_pictures(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Load a folder of pictures into one array"""
    rng = secret.numpy("files")
    encoded = picture_files.encoded

    def size() -> tuple[int, int]:
        return int(rng.integers(18, 70)), int(rng.integers(18, 70))

    def judged(files: dict[str, bytes], bad: list[str]) -> None:
        folder, edge = picture_files.new_folder(rng), int(rng.integers(20, 33))
        # Written in random order, so that the folder's own order is random.
        shuffled = [sorted(files)[i] for i in rng.permutation(len(files))]
        student.put_files({f"{folder}/{name}": files[name] for name in shuffled})
        _judge_pictures(judge, student.load_pictures(folder, edge), files, bad, edge)

    names = [KINDS[i] for i in rng.choice(len(KINDS), 3, replace=False)]
    with judge.part(1.5, "colour pictures of many sizes"):
        judged(
            {
                f"{name}/{number}.{'JPG' if number % 2 else 'png'}": encoded(
                    rng, "RGB", "JPEG" if number % 2 else "PNG", *size()
                )
                for name in names
                for number in rng.choice(90, 3, replace=False).tolist()
            },
            [],
        )
    with judge.part(1, "grey pictures, palettes, transparency"):
        files = {
            f"{names[k % 2]}/{mode.lower()} {k}.png": encoded(rng, mode, "PNG", *size())
            for k, mode in enumerate(("RGB", *picture_files.MODES))
        }
        files[f"{names[0]}/grey.jpeg"] = encoded(rng, "L", "JPEG", *size())
        judged(files, [])
    with judge.part(1.5, "files that cannot be read"):
        bad = {
            f"{names[k % 2]}/b{k} {what}.{'jpg' if 'jpeg' in what else 'png'}": content
            for k, (what, content) in enumerate(picture_files.broken(rng).items())
        }
        files = {
            f"{names[k % 2]}/{letter}.png": encoded(rng, "RGB", "PNG", *size())
            for k, letter in enumerate("acde")
        }
        judged(files | bad, list(bad))
        # A folder in the middle keeps its number even without a picture.
        first, empty, last = sorted(names)
        files = {f"{name}/x.png": encoded(rng, "RGB", "PNG", *size()) for name in (first, last)}
        judged(files | {f"{empty}/x.png": b""}, [f"{empty}/x.png"])


@task(
    points=1,
    functions=("steps_per_epoch",),
    hints=(
        "How many full batches are there, and is anything left over?",
        "Round the quotient up: math.ceil.",
        "math.ceil(examples / batch_size), or -(-examples // batch_size)",
    ),
)
def check_steps_per_epoch(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Count the steps in an epoch"""
    rng = secret.numpy("sizes")
    # With one example missing, rounding to the nearest is right, and rounding down is not.
    for rest in (0, -1, 1, 0, -1, 1):
        batch = int(rng.integers(5, 130))
        examples = batch * int(rng.integers(4, 60)) + rest
        right = -(-examples // batch)
        mistakes = {
            "When the last batch is full, no other follows it.": examples // batch + 1,
            "Rounded to the nearest, but even a batch of one example is a step.": round(
                examples / batch
            ),
            "The last batch, which is smaller, is missing.": examples // batch,
            "1 is batch_size / examples, rounded up, or a single batch of all examples.": 1,
            "This is how many examples are left for the last batch.": examples % batch,
        }
        judge.same(
            student.steps_per_epoch(examples, batch),
            right,
            hint=f"{examples} is {examples // batch} · {batch} + {examples % batch}.",
            mistakes={k: v for k, v in mistakes.items() if v != right},
        )
    hint = "Fewer examples than a batch still need one step."
    judge.same(student.steps_per_epoch(7, 32), 1, hint=hint)


@task(
    points=2,
    functions=("horse_or_human_net",),
    forbids=(
        "lib.horse_or_human",
        "lib.ConvClassifier",
        "lib.happy_or_sad",
        "lib.cats_and_dogs",
        "lib.flowers_baseline",
        "lib.rock_paper_scissors",
    ),
    seconds=30,
    hints=(
        "There are nine layers, first three pairs of convolution and pooling. "
        "nn.Sequential([...]) runs them.",
        "The convolutions have 16, 32 and 64 filters. Then come lib.Flatten(), a dense layer of "
        "512, and one of 1.",
        "lib.Conv(16, activation=nn.relu), lib.MaxPool(), … lib.Flatten(), "
        "lib.Dense(512, activation=nn.relu), lib.Dense(1)",
    ),
)
def check_horse_or_human_net(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Build a network with one output"""
    import lib

    net = ConvNet(edge=300, channels=3, filters=(16, 32, 64), hidden=512, outputs=1)
    judge_conv_net(judge, student.horse_or_human_net(), lib.horse_or_human(), net, small=32)


LARGER_THAN_ZERO = (
    "This is max(0, x) instead of log(1 + exp(x)): the two agree only for large logits."
)


def _softplus(x: np.ndarray) -> np.ndarray:
    return np.logaddexp(0, x)


@task(
    points=3,
    functions=("sigmoid_cross_entropy",),
    forbids=(
        "lib.sigmoid_cross_entropy",
        "lib.softmax_cross_entropy",
        "lib.categorical_cross_entropy",
        "optax.sigmoid_*",
        "optax.softmax_cross_entropy*",
        "optax.safe_softmax_cross_entropy",
        "optax.losses.*",
    ),
    hints=(
        "First give both the same shape: logits.reshape(-1) is (n,), like the labels.",
        "The probability of class 0 is σ(−x). So the loss is −log σ(…) each time, with x for "
        "label 1 and −x for label 0.",
        "-jnp.mean(jax.nn.log_sigmoid(jnp.where(labels == 1, x, -x)))",
    ),
)
def check_sigmoid_cross_entropy(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Write binary cross-entropy yourself"""
    rng = secret.numpy("logits")
    n = 11
    logits = (1.5 * rng.normal(size=(n, 1))).astype(np.float32)
    labels = rng.permutation(np.arange(n) % 2).astype(np.int32)
    wide = logits[:, 0].astype(np.float64)
    signs = 2.0 * labels - 1
    each = _softplus(-signs * wide)
    probabilities = 1 / (1 + np.exp(-wide))
    pairs = np.where(labels[None] == 1, _softplus(-wide)[:, None], _softplus(wide)[:, None])
    mistakes = {
        "Every logit was paired with every label: (n, 1) with (n,) becomes (n, n). Reshape "
        "the logits to (n,) first.": pairs.mean(),
        "This is the sum over the examples. Take the mean.": each.sum(),
        "You took the sigmoid twice. Take it once.": _softplus(-signs * probabilities).mean(),
        "The labels are the wrong way round: σ(logit) is the probability of class 1.": _softplus(
            signs * wide
        ).mean(),
        "Only the examples with label 1 count here; those with label 0 cost −log(1 − σ(logit)).": (
            each * labels
        ).mean(),
        "Only the examples with label 0 count here; those with label 1 cost −log(σ(logit)).": (
            each * (1 - labels)
        ).mean(),
        "The logarithm is missing.": np.exp(-each).mean(),
        "The logarithm is missing: this is minus the mean probability.": -np.exp(-each).mean(),
        "This is the squared error of the probabilities.": np.square(probabilities - labels).mean(),
        "This is the logarithm to base 2. Take the natural one, jnp.log.": each.mean() / np.log(2),
        LARGER_THAN_ZERO: np.maximum(-signs * wide, 0).mean(),
        "This is the right number with the wrong sign.": -each.mean(),
        "You added up all (n, n) pairs. Reshape the logits to (n,) first.": pairs.sum(),
    }
    with judge.part(2, "ordinary logits"):
        got = student.sigmoid_cross_entropy(logits, labels)
        array = as_array(got)
        if array is not None and array.shape in ((n,), (n, 1), (n, n)):
            hint = "Take jnp.mean(...) of all."
            if array.shape == (n, n):
                hint = "(n, 1) with (n,) becomes (n, n): reshape the logits to (n,) first."
            judge.fail(
                "This is more than one number: the mean over the examples is missing.",
                hint,
                got=got,
                expected="one float",
            )
        judge.same(got, np.float32(each.mean()), mistakes=mistakes, atol=1e-4)
    with judge.part(1, "large logits"):
        # If all large ones are right, the loss is that of the two others.
        sure = np.where(labels == 1, 1000, -1000).astype(np.float32)
        sure[[0, 1]] = logits[:2, 0]
        for large in rng.permutation([sure, (600 * logits[:, 0]).round()]):
            _judge_large(judge, student, large.astype(np.float32), labels)


def _judge_large(judge: Judge, student: Student, large: np.ndarray, labels: np.ndarray) -> None:
    """Judges `sigmoid_cross_entropy` on logits, (n,), whose sigmoid is 0 or 1 in float32."""
    signs = 2.0 * labels - 1
    right = _softplus(-signs * large.astype(np.float64)).mean()
    got = student.sigmoid_cross_entropy(large[:, None], labels)
    array = as_array(got)
    mistakes = {}
    one = np.float32(1)
    with np.errstate(all="ignore"):
        sigmoids = one / (one + np.exp(-large))
        for limit in map(np.float32, (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)):
            cut = np.clip(sigmoids, limit, one - limit)
            for how, probabilities in {
                f"clipped the probabilities to {limit:g} and 1 − {limit:g}": np.where(
                    labels == 1, cut, one - cut
                ),
                f"kept the probabilities {limit:g} away from 0": np.maximum(
                    np.where(labels == 1, sigmoids, one - sigmoids), limit
                ),
            }.items():
                if np.all(probabilities > 0):
                    mistakes[
                        f"You {how}, which limits the loss. jax.nn.log_sigmoid needs no limit."
                    ] = -np.log(probabilities.astype(np.float64)).mean()
    mistakes[LARGER_THAN_ZERO] = np.maximum(-signs * large, 0).mean()
    infinite = array is not None and array.shape == () and not np.isfinite(array)
    judge.same(
        got,
        np.float32(right),
        atol=1e-4 if right < 10 else 1e-2,
        rtol=1e-3,
        hint="In float32, exp(1000) is infinite, and so is log σ(−1000), because σ(−1000) is 0. "
        "jax.nn.log_sigmoid computes logarithm and sigmoid in one step and avoids both."
        if infinite
        else "",
        mistakes=mistakes,
    )


STOP = Stop(
    above=0.999,
    epochs=40,
    spelt="40",
    callback='callbacks=[lib.StopWhen("accuracy", above=0.999)]',
    until="Use up to 40 epochs and batches of 10.",
)
# `fit` measures each epoch's accuracy while the parameters still change. So the last parameters may
# miss some pictures that the running mean had right, because RMSprop sometimes ends with a leap.
LEAST_KNOWN = 0.9


@task(
    points=4,
    functions=("train_happy_or_sad",),
    forbids=("lib.load", "lib.draw", "lib.data.*"),
    seconds=120,
    training=True,
    hints=(
        "You need a model, an optimizer, a state with the right loss, and lib.fit with a callback.",
        "lib.create_state(lib.happy_or_sad(), optax.rmsprop(0.001), images, key, "
        "loss=lib.sigmoid_cross_entropy)",
        "lib.fit(state, images, labels, epochs=40, batch_size=10, key=..., "
        'callbacks=[lib.StopWhen("accuracy", above=0.999)])',
    ),
)
def check_train_happy_or_sad(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Train until the network knows all faces, then stop"""
    import lib

    training = Training(judge, "train_happy_or_sad")
    images, labels = training.data.train
    for start in ("training", "another start"):
        given = training.examples(student, lib.happy_or_sad())
        got = student.train_happy_or_sad(*given, secret.key(start))
        params, accuracies = params_and_accuracies(judge, got, "train_happy_or_sad")
        trained = training.trained(params, lib.happy_or_sad())
        known = trained.accuracy(images, labels)
        if known >= LEAST_KNOWN:
            break  # even a right answer may never leave guessing, or end with a leap
    with judge.part(2, "what it has learned"):
        if len(training.data.test.labels):
            training.judge_test(
                trained, "Use RMSprop at 0.001, batches of 10, until StopWhen stops it."
            )
        if known < LEAST_KNOWN:
            judge.fail(
                f"It does not know the {len(labels)} pictures it has learned from.",
                "Use RMSprop at 0.001, batches of 10 and the loss lib.sigmoid_cross_entropy, until "
                "StopWhen stops it. Then return state.params of the state that lib.fit returned.",
                got=f"{known:.3f} of them right",
                expected=f"{LEAST_KNOWN} or more",
            )
    with judge.part(2, "when it stopped"):
        STOP.judge_end(judge, accuracies)
        judge_claim(judge, accuracies[-1], known, 1 - LEAST_KNOWN, "found")
        _judge_endless(student, secret, judge, images, labels)


def _judge_endless(
    student: Student, secret: TaskSecret, judge: Judge, images: np.ndarray, labels: np.ndarray
) -> None:
    """Gives every picture twice, with both labels: at most half can be right, so no early stop."""
    half = min(40, len(labels))  # eighty in all, the fewest that the task mentions
    order = secret.numpy("endless").permutation(2 * half)
    step = 2 if images.shape[1] >= 44 else 1  # the net needs 22 pixels
    small = images[:half, ::step, ::step]
    both = np.concatenate([labels[:half], 1 - labels[:half]]).astype(np.int32)
    got = student.train_happy_or_sad(
        student.numpy(np.concatenate([small, small])[order]),
        student.numpy(both[order]),
        secret.key("endless"),
    )
    _, accuracies = params_and_accuracies(judge, got, "train_happy_or_sad")
    STOP.judge_endless(
        judge,
        accuracies,
        "Every picture was in the data twice, once with each label:",
        "lib.fit(..., epochs=40, …)",
    )


@task(
    points=1.5,
    functions=("classify_picture",),
    seconds=30,
    hints=(
        "picture[None] is a batch of one picture. Mind the scale too: the network learned 0…1.",
        "model.apply({'params': params}, batch) returns logits (1, 1). jax.nn.sigmoid turns them "
        "into the probability of class 1.",
        "probability = float(jax.nn.sigmoid(logits)[0, 0]). The name is "
        "class_names[int(probability > 0.5)].",
    ),
)
def check_classify_picture(student: Student, secret: TaskSecret, judge: Judge) -> None:
    """Tell which of two classes a picture belongs to"""
    import jax

    import lib

    rng = secret.numpy("pictures")
    options = {"channels": (int(rng.integers(2, 5)),), "hidden": 5, "classes": 1}
    ours, theirs = lib.ConvClassifier(**options), student.piece("lib.ConvClassifier", **options)
    shape = (1, 9, 8, 3)
    run = jax.jit(ours.apply, compiler_options=ONCE)
    params = random_params(ours, shape, rng)

    def logit(picture: np.ndarray, scale: float) -> float:
        batch = picture[None].astype(np.float32) * np.float32(scale)
        return float(np.asarray(run({"params": params}, batch))[0, 0])

    def sigmoid(x: float) -> float:
        return 0.5 * (1 + math.tanh(x / 2))

    turns = []
    for turn, side in enumerate(rng.permutation([-1, -1, 1, 1])):
        names = [KINDS[i] for i in rng.choice(len(KINDS), 2, replace=False)]
        picture = rng.integers(0, 256, shape[1:]).astype(np.uint8)
        if turn == 0 and logit(picture, 1) > 0:
            # So that an answer without the division by 255 is 0, and not 1, which softmax gives.
            params["logits"]["kernel"] = -params["logits"]["kernel"]
        # The last bias puts the probability on the wanted side, not far from 0.5.
        wanted = float(rng.uniform(0.4, 1.2)) * side
        bias = params["logits"]["bias"]
        params["logits"]["bias"] = bias + np.float32(wanted - logit(picture, 1 / 255))
        value = logit(picture, 1 / 255)
        right = sigmoid(value)
        mistakes = {
            "You did not divide the picture by 255.": sigmoid(logit(picture, 1)),
            "You divided it by 255 twice.": sigmoid(logit(picture, 255**-2)),
            "You scaled it to -1…1, but the network learned from 0…1.": sigmoid(
                logit(picture - 127.5, 1 / 127.5)
            ),
            "Red and blue are swapped.": sigmoid(logit(picture[..., ::-1], 1 / 255)),
            "This is the logit. jax.nn.sigmoid turns it into a probability.": value,
            "You took the sigmoid twice.": sigmoid(right),
            "A softmax over a single number is always 1: take the sigmoid.": 1.0,
            "This is 1 or 0, for the class. Return the probability.": float(value > 0),
            "This is the probability of class 0, the first name. Return that of class 1.": (
                1 - right
            ),
            "This is the probability of the class that you name. Return that of class 1.": (
                max(right, 1 - right)
            ),
        }
        said, got = judge.unpack(
            student.classify_picture(theirs, params, student.numpy(picture), names),
            2,
            "classify_picture must return the name and the probability.",
            "return name, probability",
            expected="a str and a float",
        )
        probability = as_array(got)
        if probability is not None and probability.shape == (1,) * probability.ndim != ():
            judge.fail(
                "The probability is still in an array.",
                "float(array[0, 0]) takes it out.",
                got=got,
                expected="one float",
            )
        turns.append((names, said, got, right, mistakes))
    # Several mistakes may give the same number for one picture: name one that explains all four.
    known = [
        sentence
        for sentence in turns[0][-1]
        if all(_is_near(got, mistakes[sentence]) for _, _, got, _, mistakes in turns)
    ]
    for names, said, got, right, mistakes in turns:
        judge.same(
            got,
            np.float32(right),
            f"the probability of {names[1]}",
            atol=1e-4,
            mistakes={sentence: np.float32(mistakes[sentence]) for sentence in known},
        )
        name = names[int(right > 0.5)]
        if said != name:
            judge.fail(
                f"With the classes {names} and a probability of {right:.3f}, the name is wrong.",
                f"Above 0.5 it is {names[1]}, class 1, otherwise {names[0]}, class 0.",
                got=show(said),
                expected=repr(name),
            )


def _is_near(got: Any, number: float) -> bool:
    array = as_array(got)
    return array is not None and array.shape == () and bool(abs(array - number) <= 1e-3)
