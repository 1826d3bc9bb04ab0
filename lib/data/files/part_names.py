"""What the name of a folder says: a part of a set, unsorted pictures, or a class."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

TRAIN, VALIDATION, TEST = "train", "validation", "test"

_WORDS = {
    TRAIN: ("train", "training"),
    VALIDATION: ("validation", "validate", "valid", "val", "dev"),
    TEST: ("test", "testing", "eval", "evaluation"),
}
_PICTURES = {"image", "images", "img", "imgs", "picture", "pictures", "photo", "photos", "jpg"}
_PICTURES |= {"jpeg", "jpegs", "jpgs", "png", "pngs", "jpegimages"}
_MARKINGS = {"annotation", "annotations", "label", "labels", "mask", "masks", "trimap", "trimaps"}
_MARKINGS |= {"segmentation", "segmentations", "groundtruth", "meta", "metadata", "boxes", "gt"}
_CONTAINERS = {"image", "images", "img", "imgs", "jpg", "jpeg", "png", "data", "dataset", "set"}
_PIECES = {"part", "batch", "chunk", "fold", "piece", "folder"}
_PROGRAMS = {"venv", "env", "node_modules", "site-packages", "lib", "figures", "plots", "outputs"}
_PROGRAMS |= {"logs", "checkpoints", "docs", "results", "runs", "build", "dist"}
_TELEPHONE = {"camera", "screenshots", "screen recordings", "facebook", "instagram", "messenger"}
_TELEPHONE |= {"whatsapp", "whatsapp images", "telegram", "snapchat", "download", "downloads"}
_CHANGED = {"edited", "edits", "augmented", "augmentation", "aug", "cropped", "resized", "copies"}
_CHANGED |= {"bearbeitet", "backup"}
_DATE = re.compile(
    r"(19|20)\d\d[-_. ]?(0[1-9]|1[0-2])([-_. ]?(0[1-9]|[12]\d|3[01]))?(_[a-z_])?", re.IGNORECASE
)
_NOISE = _PICTURES | {"set", "data", "dataset", "split", "the"}
_KIND = {word: kind for kind, words in _WORDS.items() for word in words}
_GLUED = re.compile(rf"({'|'.join(_KIND)})(set|data|images?|imgs?)")


class Part(NamedTuple):
    """What the name of a folder says.

    Attributes:
      kind: "train", "validation", "test", or "" if it is not a part.
      rest: the other words of the name.
    """

    kind: str
    rest: tuple[str, ...]


def part_of(name: str) -> Part:
    """Which part of a set a folder is by its name: `Val`, `test_set`, `validation-faces`."""
    words = _spelled(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))
    words = [glued[1] if (glued := _GLUED.fullmatch(word)) else word for word in words]
    kinds = {_KIND[word] for word in words if word in _KIND}
    if len(kinds) != 1:
        return Part("", tuple(words))
    rest = tuple(word for word in words if word not in _KIND and word not in _NOISE)
    return Part(kinds.pop(), rest)


def says_heap(name: str) -> bool:
    """Whether the name says only that the folder contains pictures: `images`, `jpg`."""
    words = set(_spelled(name))
    return bool(words) and words <= _PICTURES


def says_container(name: str) -> bool:
    """Whether the name says that the folder contains folders of pictures: `images`, `dataset`."""
    words = set(_spelled(name))
    return bool(words) and words <= _CONTAINERS


def say_heaps(names: Iterable[str]) -> bool:
    """Whether folders are not classes by their names: `images`, `masks`; `part_1`, `part_2`."""
    words = [{word for word in _spelled(name) if not word.isdigit()} for name in names]
    if not all(words):
        return False
    if len(words) == 1:
        return bool(words[0] & _PICTURES or words[0] <= _NOISE)
    if all(each <= _PICTURES | _MARKINGS for each in words):
        return any(each & _PICTURES for each in words)
    return all(each == words[0] for each in words) and bool(words[0] & (_PIECES | _PICTURES))


def copied_from(name: str) -> str:
    """The folder that this one copies, by its name: `cats - Copy`, `cats (1)`; or nothing."""
    before, after = r"(?:copy of |kopie von )?", r"[ _-]+(?:copy|kopie|backup)(?: ?\(\d+\))?"
    found = re.fullmatch(rf"(?i){before}(.+?)(?:{after}| ?\(\d+\))?", name)
    return found[1] if found and found[1] != name else ""


def is_of_camera(name: str) -> bool:
    """Whether cameras give folders this name: `100CANON`, `DCIM`, `202405_a`, `2023-01-01`."""
    if re.fullmatch(r"DCIM|[1-9]\d\d[A-Z0-9_]{5}", name) and not name.isdigit():
        return True
    return bool(_DATE.fullmatch(name)) and not (name.isdigit() and len(name) < 8)


def of_telephone(names: Iterable[str]) -> set[str]:
    """The folders that a phone creates, if there are several: `Camera` alone is a class."""
    found = {name for name in names if folded(name) in _TELEPHONE}
    return found if len(found) > 1 else set()


def is_of_programs(name: str) -> bool:
    """Whether it was created by a program: `venv`, `node_modules`, `figures`."""
    return name.lower() in _PROGRAMS


def says_small_copies(name: str) -> bool:
    """Whether it contains smaller copies of the pictures around it: `thumbnails`."""
    return name.lower() in {"thumbs", "thumbnail", "thumbnails", "previews"}


def says_changed_copies(name: str) -> bool:
    """Whether a folder within a class contains changed copies of its pictures: `Edited`."""
    return name.lower() in _CHANGED


def _spelled(name: str) -> list[str]:
    """The words of a name, lower case."""
    return re.findall(r"[^\W\d_]+|\d+", name.lower())


def core(name: str) -> tuple[str, ...]:
    """The words of a name that distinguish one set from another."""
    return tuple(word for word in _spelled(name) if word not in _NOISE)


def folded(name: str) -> str:
    """A name without what differs between systems: upper case, and the encoding of accents."""
    return unicodedata.normalize("NFC", name).casefold().strip()
