"""Judges how a folder of pictures was split, and finds what went wrong."""

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
    """Returns a small picture file whose bytes change when a program saves the picture again.

    Args:
      rng: draws the picture.
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
    """Returns the bytes that Pillow may write when it opens a picture file and saves it again."""
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
    """Asks the student's function to split a folder, and judges the result.

    Args:
      student, judge: the fixtures.
      folder: the folder of pictures, in the worker.
      files: the content of each file in it, by name.
      bad: the names of the broken files.
      fraction, seed: arguments of the student's function.
      where: the folder for the two parts, in the worker.

    Returns:
      The names of the files in the training part.

    Raises:
      Failure: if a part, the list of files left out or the source folder is wrong.
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
    """Fails if broken files were copied, and names the test that accepts exactly these."""
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
        "You copied all files. Open each one and call .load() inside a try.": set(bad),
        "You copied all files but the empty one. Open each one and call .load() inside a try.": {
            name for name, content in bad.items() if content
        },
        "Image.open alone accepts these files: it reads only the beginning. Call .load() too, "
        "inside the try.": let_through(""),
        "verify() accepts these files, because it does not decode the picture. Open the file and "
        "call .load() instead.": let_through("verify"),
    }
    judge.fail(
        f"{min(copied)} is broken, but you copied it.",
        next(
            (sentence for sentence, names in tests.items() if names == copied),
            "A picture is readable if .load() reads it to the end without an error: call it on "
            "each file, inside a try.",
        ),
        got=f"{len(copied)} of {len(bad)} broken files among the copies",
        expected="readable pictures only",
    )


def _judge_copies(judge: Judge, folder: str, part: dict[str, Any], files: dict[str, bytes]) -> None:
    """Fails unless each file in a folder is a byte-for-byte copy from the source."""
    if new := sorted(set(part) - set(files)):
        judge.fail(
            f"{folder} has a file {new[0]!r:.80} that the source does not have.",
            "Copy each file under its own name: Path(folder) / path.name.",
        )
    changed = sorted(name for name in part if part[name] != files[name])
    if not changed:
        return
    name = changed[0]
    owner = next((other for other in files if files[other] == part[name]), "")
    hint = "Use shutil.copyfile to copy a file, and compare read_bytes() of both files."
    if not part[name]:
        hint = "The copy is empty. If you write the file yourself, close it."
    elif owner:
        hint = f"The copy has the content of {owner}: names and contents are mixed up."
    elif part[name] in _saved_again(files[name]):
        hint = (
            "Pillow opened the picture and saved it again, which writes different bytes. Copy the "
            "file itself: shutil.copyfile."
        )
    judge.fail(
        f"The copy of {name} is not the same, byte for byte.",
        hint,
        got=f"a copy of {len(part[name])} bytes; {len(changed)} of {len(part)} files in {folder} "
        "differ from the source",
        expected=f"the same {len(files[name])} bytes as in the source",
    )


def _judge_parts(
    judge: Judge, first: set[str], second: set[str], good: set[str], files: int, fraction: float
) -> None:
    """Fails unless train has its fraction of the readable files, and test has all others.

    Args:
      judge: the fixture.
      first, second: the names of the files in train and in test.
      good: the names of the readable files.
      files: the number of files in the source, broken ones included.
      fraction: the fraction the student's function got.
    """
    if both := sorted(first & second):
        hint = "Write down the names of both parts before you copy: no name belongs in both."
        if good in (first, second):
            hint = f"{'train' if first == good else 'test'} has all the readable files: leave out "
            hint += "those in the other folder."
        judge.fail(
            f"{both[0]} is in both folders. A test with pictures from train proves nothing.",
            hint,
            got=f"{len(both)} files in both",
            expected="none",
        )
    if missing := good - first - second:
        suffix = min(missing).rpartition(".")[2]
        hint = "Copy every readable file to train or to test: good[:count] and good[count:]."
        if missing == {name for name in good if name.endswith(f".{suffix}")} != good:
            hint = (
                f"All readable .{suffix} files are missing, and only these. A file counts if "
                "Pillow can read it, whatever its extension."
            )
        judge.fail(
            f"{min(missing)} is in neither folder.",
            hint,
            got=f"{len(first)} in train, {len(second)} in test",
            expected=f"each of the {len(good)} readable files in one of them",
        )
    exact = fraction * len(good)
    count = math.floor(exact)
    counts = {
        "You rounded to the nearest whole number. Round down: int(…).": (round(exact)),
        "You rounded up. Round down: int(…).": math.ceil(exact),
        "Train and test are swapped: `fraction` is the share of train.": len(good) - count,
        "That is the fraction of all files. Leave out the broken ones before you count.": (
            math.floor(fraction * files)
        ),
    }
    if len(first) != count:
        judge.fail(
            f"A fraction of {fraction} of {len(good)} readable pictures is {exact:.4g}; rounded "
            f"down, that is {count}.",
            next(
                (sentence for sentence, wrong in counts.items() if wrong == len(first)),
                "count = int(fraction * len(good)), where good lists the readable files.",
            ),
            got=f"{len(first)} in train, {len(second)} in test",
            expected=f"{count} in train, {len(good) - count} in test",
        )


def _judge_source(judge: Judge, kept: Any, files: dict[str, bytes], copied: set[str]) -> None:
    """Fails unless the source folder is unchanged."""
    if kept == files:
        return
    kept = kept if type(kept) is dict else {}
    hint = "List the source folder before and after your function: nothing in it may change."
    if set(files) - set(kept) == copied:
        hint = "The files that you put into train and test are gone from it: copy, do not move."
    elif new := sorted(set(kept) - set(files)):
        hint = f"It has a new file, {new[0]!r:.80}: write only to train and test."
    elif changed := sorted(name for name in kept if kept[name] != files[name]):
        hint = f"The bytes of {changed[0]} have changed: only read the source."
    judge.fail(
        "Your function changed the source folder.",
        hint,
        got=f"{len(kept)} files, {sum(kept.get(n) == files[n] for n in files)} of them unchanged",
        expected=f"the same {len(files)} files, unchanged",
    )
