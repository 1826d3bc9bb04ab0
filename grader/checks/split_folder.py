"""Splitting a folder of pictures: what must come of it, and what went wrong where it did not."""

from __future__ import annotations

import contextlib
import io
import math
from typing import Any

import numpy as np

from grader.checks import picture_files
from grader.judge.judge import Judge
from grader.judge.student import Student


def photograph(rng: np.random.Generator, form: str) -> bytes:
    """Returns a small picture file that no program writes the same way when it saves the picture.

    Args:
      rng: where the picture comes from.
      form: "PNG" or "JPEG".
    """
    from PIL import Image

    height, width = (int(edge) for edge in rng.integers(3, 8, 2))
    picture = picture_files.opened(picture_files.encoded(rng, "RGB", form, height, width))
    exif = Image.Exif()
    exif[0x010E] = f"photograph {int(rng.integers(1 << 40)):x}"  # ImageDescription
    content = io.BytesIO()
    picture.save(content, form, exif=exif, quality=60, compress_level=1)
    return content.getvalue()


def _saved_again(content: bytes) -> set[bytes]:
    """Returns what a picture file becomes when Pillow opens the picture and saves it."""
    from PIL import Image

    picture = picture_files.opened(content)
    saved = set()
    for each in (picture, picture.convert("RGB"), Image.fromarray(np.asarray(picture))):
        file = io.BytesIO()
        each.save(file, picture.format)
        saved.add(file.getvalue())
    return saved


def judge_split(
    student: Student,
    judge: Judge,
    folder: str,
    files: dict[str, bytes],
    bad: list[str],
    fraction: float,
    seed: int,
    where: str,
) -> set[str]:
    """Has a folder split and judges what came of it.

    Args:
      student, judge: the fixtures.
      folder: that holds the pictures, in the worker.
      files: the content of each file in it, by name.
      bad: names of those that are no whole pictures.
      fraction, seed: arguments of the student's function.
      where: folder for the two parts, in the worker.

    Returns:
      The names of the files in the training part.

    Raises:
      Failure: if the parts, the list of those left out or the source are not what they should be.
    """
    train, test = f"{where}/train", f"{where}/test"
    left_out = student.split_data(folder, train, test, fraction, seed)
    parts = {"train": student.get_files(train), "test": student.get_files(test)}
    for part in parts.values():
        if type(part) is not dict:
            judge.fail("The folders could not be read.", got=part)
    first, second = (set(part) for part in parts.values())
    _judge_broken(judge, (first | second) & set(bad), {name: files[name] for name in bad})
    for name, part in parts.items():
        _judge_copies(judge, name, part, files)
    _judge_parts(judge, first, second, set(files) - set(bad), len(files), fraction)
    picture_files.names_left_out(judge, left_out, sorted(bad))
    _judge_source(judge, student.get_files(folder), files, first | second)
    return first


def _judge_broken(judge: Judge, copied: set[str], bad: dict[str, bytes]) -> None:
    """Fails if broken files were copied, and names the test that lets just these through."""
    if not copied:
        return

    def let_through(method: str) -> set[str]:
        names = set()
        for name, content in bad.items():
            with contextlib.suppress(OSError, SyntaxError):
                picture = picture_files.opened(content)
                if method:
                    getattr(picture, method)()
                names.add(name)
        return names

    tests = {
        "All files were copied. Open each one and call .load(), inside a try.": set(bad),
        "All were copied but the empty one. Open each one and call .load(), inside a try.": {
            name for name, content in bad.items() if content
        },
        "Image.open alone accepts these files: it reads only the beginning. Call .load() as well, "
        "inside the try.": let_through(""),
        "verify() accepts these files, because it does not decode the picture. Open the file and "
        "call .load() instead.": let_through("verify"),
    }
    judge.fail(
        f"{min(copied)} is broken, and was copied all the same.",
        next(
            (sentence for sentence, names in tests.items() if names == copied),
            "A picture is whole if .load() reads it to its end without an error: call it on each "
            "file, inside a try.",
        ),
        got=f"{len(copied)} of {len(bad)} broken files among the copies",
        expected="whole pictures only",
    )


def _judge_copies(judge: Judge, folder: str, part: dict[str, Any], files: dict[str, bytes]) -> None:
    """Fails unless each file of a folder is one of the source's, byte for byte."""
    if new := sorted(set(part) - set(files)):
        judge.fail(
            f"There is a file {new[0]!r:.80} in {folder}, which the source does not have.",
            "Each copy keeps its name: Path(folder) / path.name.",
        )
    changed = sorted(name for name in part if part[name] != files[name])
    if not changed:
        return
    name = changed[0]
    owner = next((other for other in files if files[other] == part[name]), "")
    hint = "shutil.copyfile copies a file. Compare read_bytes() of both files."
    if not part[name]:
        hint = "The copy is empty. If you write it yourself, close the file."
    elif owner:
        hint = f"The copy holds the content of {owner}: names and contents are mixed up."
    elif part[name] in _saved_again(files[name]):
        hint = (
            "The picture was opened and saved again by Pillow, which writes other bytes. Copy the "
            "file itself: shutil.copyfile."
        )
    judge.fail(
        f"{name} is not the same file any more, byte for byte.",
        hint,
        got=f"a copy of {len(part[name])} bytes; {len(changed)} of {len(part)} files in {folder} "
        "have changed",
        expected=f"the same {len(files[name])} bytes as in the source",
    )


def _judge_parts(
    judge: Judge, first: set[str], second: set[str], good: set[str], files: int, fraction: float
) -> None:
    """Fails unless train has its fraction of the readable files, and test all others.

    Args:
      judge: the fixture.
      first, second: names of the files in train and in test.
      good: names of the readable files.
      files: how many there are in the source, with the broken ones.
      fraction: as it was asked for.
    """
    if both := sorted(first & second):
        hint = "List the names of both parts before you copy; no name belongs in both."
        if good in (first, second):
            hint = f"{'train' if first == good else 'test'} holds all readable files: leave out "
            hint += "those of the other folder."
        judge.fail(
            f"{both[0]} is in both folders. A picture that was learned says nothing in a test.",
            hint,
            got=f"{len(both)} files in both",
            expected="none",
        )
    if missing := good - first - second:
        suffix = min(missing).rpartition(".")[2]
        hint = "Every readable file goes to train or to test: good[:count] and good[count:]."
        if missing == {name for name in good if name.endswith(f".{suffix}")} != good:
            hint = (
                f"All readable .{suffix} files are missing, and only these. What Pillow can read "
                "counts, whatever its ending."
            )
        judge.fail(
            f"{min(missing)} is in neither folder.",
            hint,
            got=f"{len(first)} in train, {len(second)} in test",
            expected=f"each of the {len(good)} readable files in one of the two",
        )
    exact = fraction * len(good)
    count = math.floor(exact)
    counts = {
        "That is the nearest whole number; asked for is the next one below. int(…) rounds down.": (
            round(exact)
        ),
        "That is rounded up; int(…) rounds down.": math.ceil(exact),
        "Train and test are swapped: the fraction is the part to learn from.": len(good) - count,
        "That is the fraction of all files. Sort out the broken ones before you count.": (
            math.floor(fraction * files)
        ),
    }
    if len(first) != count:
        judge.fail(
            f"A fraction of {fraction} of {len(good)} readable pictures is {exact:.4g}, rounded "
            f"down {count}.",
            next(
                (sentence for sentence, wrong in counts.items() if wrong == len(first)),
                "count = int(fraction * len(good)), where good lists the readable files.",
            ),
            got=f"{len(first)} in train, {len(second)} in test",
            expected=f"{count} in train, {len(good) - count} in test",
        )


def _judge_source(judge: Judge, kept: Any, files: dict[str, bytes], copied: set[str]) -> None:
    """Fails unless the source folder still holds what it held."""
    if kept == files:
        return
    kept = kept if type(kept) is dict else {}
    hint = "List the source folder before and after your function: nothing in it may change."
    if set(files) - set(kept) == copied:
        hint = "The files that you put into train and test are gone here: copy, do not move."
    elif new := sorted(set(kept) - set(files)):
        hint = f"{new[0]!r:.80} is new in it."
    elif changed := sorted(name for name in kept if kept[name] != files[name]):
        hint = f"{changed[0]} has other bytes than before."
    judge.fail(
        "The source folder is not what it was.",
        hint,
        got=f"{len(kept)} files, {sum(kept.get(n) == files[n] for n in files)} of them unchanged",
        expected=f"the {len(files)} files it had",
    )
