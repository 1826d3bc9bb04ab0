"""Finds which folders of a set of pictures are its parts, and which are its classes.

A set may have parts with any of the usual names (`train/` and `val/`, `Training/` and `Testing/`,
`seg_train/` and `seg_test/`, `rps/` and `rps-test-set/`), and may be inside folders that contain
nothing else, as in many archives. A set that could be read in two ways, or has no folder for each
class, is refused with a message; the code does not guess.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lib.data.dataset import DataError, checked_names
from lib.data.files.decoding import has_ending
from lib.data.files.part_names import (
    TEST,
    TRAIN,
    VALIDATION,
    Part,
    copied_from,
    core,
    folded,
    is_of_camera,
    is_of_programs,
    of_telephone,
    part_of,
    say_heaps,
    says_changed_copies,
    says_container,
    says_heap,
    says_small_copies,
)
from lib.data.files.skipped import EmptyFolder, Hidden, LostFolder, Skipped, printable
from lib.data.files.tree import Place

_NAMED = 5
"""The most folders that a message names."""


class Listing(NamedTuple):
    """The pictures of a set or a part of it.

    Attributes:
      class_names: the classes.
      paths: files that may be pictures, below the named folder, class by class, sorted.
      labels: (n,), int32, the class of each file.
      skipped: what was left out, each with the reason.
      folders: by label, the folder of each class that was found.
    """

    class_names: tuple[str, ...]
    paths: tuple[str, ...]
    labels: np.ndarray
    skipped: tuple[Skipped, ...]
    folders: dict[int, str]


class Layout(NamedTuple):
    """The parts and classes found in a folder.

    Attributes:
      parts: by "train", "validation" or "test"; a set without parts is all "train".
      split: whether the set has parts.
      skipped: what is beside the parts and is not read.
      doubts: one sentence for each choice between two readings.
    """

    parts: dict[str, Listing]
    split: bool
    skipped: tuple[Skipped, ...]
    doubts: tuple[str, ...]

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes of the training part."""
        return self.parts[TRAIN].class_names


def lay_out(
    root: str | os.PathLike[str],
    class_names: Sequence[str] | None = None,
) -> Layout:
    """Finds the parts and classes of a folder, and lists the files without decoding them.

    Args:
      root: the folder.
      class_names: the allowed classes, in the order of their labels; None for the folder's own or,
        if it is a part beside a training part, for the classes of that.

    Raises:
      DataError: if the folder cannot be read, contains no class, or can be read in several ways, or
        the class names are not a list of different names.
    """
    if class_names is not None:
        class_names = checked_names(class_names)
    found = _Found()
    parts = _arrange(Place(root), found, class_names)
    if class_names is None and not found.split:
        class_names = classes_of_set(root)
    listings: dict[str, Listing] = {}
    names = class_names
    for kind in (TRAIN, VALIDATION, TEST):
        if kind not in parts:
            continue
        listing = _list_classes(parts[kind], found)
        if kind == TRAIN and names is None:
            names = listing.class_names
        assert names is not None
        listings[kind] = _numbered_as(listing, names, parts[kind])
    if class_names is None:
        _doubt_order(parts[TRAIN], listings[TRAIN].class_names, found)
        _doubt_classes(parts[TRAIN], listings[TRAIN], found)
    return Layout(listings, found.split, tuple(found.skipped), tuple(found.doubts))


def classes_of_set(root: str | os.PathLike[str]) -> tuple[str, ...] | None:
    """The classes of the training part, if a folder is another part of the same set.

    Numbered alone, a part that lacks a class would give the later classes other labels.
    """
    here = Path(os.path.abspath(root))
    part = part_of(here.name)
    if part.kind in ("", TRAIN):
        return None
    try:
        beside = [entry.name for entry in os.scandir(here.parent) if entry.is_dir()]
    except OSError:
        return None  # the folders beside it cannot be listed
    training = [name for name in beside if part_of(name) == Part(TRAIN, part.rest)]
    training = training or [name for name in beside if part.rest and core(name) == part.rest]
    if len(training) != 1:
        return None
    try:
        return tuple(_unwrapped(Place(here.parent / training[0])).filled_folders) or None
    except DataError:
        return None


def names_parts(root: str | os.PathLike[str]) -> bool:
    """Whether subfolders have the names of parts, including a training part."""
    kinds = [part_of(name) for name in Place(root).folders]
    return Part(TRAIN, ()) in kinds and len({part.kind for part in kinds}) > 1


def classes_and_parts(root: str | os.PathLike[str]) -> tuple[Place, bool]:
    """The folder of classes or parts within a folder, and whether the names are those of parts."""
    inner = _unwrapped(Place(root))
    kinds = {part_of(name).kind for name in inner.filled_folders}
    return inner, TRAIN in kinds and bool(kinds & {VALIDATION, TEST})


class _Found:
    """What was found while reading the folders."""

    def __init__(self) -> None:
        self.skipped: list[Skipped] = []
        self.doubts: list[str] = []
        self.split = False


def _arrange(place: Place, found: _Found, class_names: Sequence[str] | None) -> dict[str, Place]:
    """The folder of classes for each part; a set without parts is "train"."""
    kids = place.filled_folders
    if not kids:
        raise _nothing(place)
    wanted = {folded(name) for name in class_names or ()}
    if wanted and wanted >= {folded(name) for name in kids}:
        return {TRAIN: place}
    parts = _split(place, kids)
    if parts:
        found.split = True
        _tell_beside(
            place, set(parts.values()), f"beside {_words(parts.values())}, not read", found
        )
        return _parts_with_classes({kind: kids[name] for kind, name in parts.items()}, found)
    inner = _unwrapped(place)
    if inner is not place:
        return _arrange(_tell_way(place, inner, found), found, class_names)
    container = _container(kids)
    if container:
        _tell_beside(place, {container.name}, f"beside {_words([container.name])}, not read", found)
        return _arrange(container, found, class_names)
    _refuse_a_lone_part(place, kids)
    return {TRAIN: _checked_classes(place, found)}


def _checked_classes(place: Place, found: _Found) -> Place:
    """Checks that the subfolders of a folder can only be classes.

    Raises:
      DataError: if they may be something else.
    """
    kids = place.filled_folders
    _refuse_what_are_no_classes(place, kids)
    _refuse_camera_folders(place, kids)
    copies = [name for name, kid in kids.items() if _holds_the_others(kid, kids)]
    for name in copies:
        reason = "contains the class folders again, not read"
        found.skipped.append(LostFolder(kids.pop(name).below, reason))
    _refuse_several_sets(place, kids)
    _look_for_two_levels(place, kids, found)
    for name in copies:
        place.leave_out(name)
    return place


def _unwrapped(place: Place) -> Place:
    """The inner folder with the classes or parts, if a folder contains only that."""
    way = place
    while len(way.filled_folders) == 1:
        (kid,) = way.filled_folders.values()
        if kid.flat and len(kid.filled_folders) < 2:
            break
        way = kid
    if len(way.filled_folders) > 1:
        return way
    if len(place.filled_folders) == 1:
        (kid,) = place.filled_folders.values()
        if folded(kid.name) == folded(place.name) and kid.filled_folders:
            return _unwrapped(kid)
    return place


def _container(kids: dict[str, Place]) -> Place | None:
    """The one folder whose name says it contains the pictures, with a folder for each class."""
    named = [
        kid
        for name, kid in kids.items()
        if says_container(name) and len(_unwrapped(kid).filled_folders) > 1
    ]
    return named[0] if len(named) == 1 and not named[0].flat else None


def _tell_way(place: Place, inner: Place, found: _Found) -> Place:
    """Reports what is beside the path to an inner folder; returns the inner folder."""
    while place is not inner:
        (kept,) = place.filled_folders.values()
        _tell_beside(place, {kept.name}, f"beside {printable(kept.name)}/, not read", found)
        place = kept
    return inner


def _split(place: Place, kids: dict[str, Place]) -> dict[str, str]:
    """The names of the folders that are the parts of one set, by kind, if there are any.

    Raises:
      DataError: if it is not clear which folders are the parts, or they have no classes.
    """
    families: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for name in kids:
        part = part_of(name)
        if part.kind:
            families.setdefault(part.rest, {}).setdefault(part.kind, []).append(name)
    for name in kids:
        if not part_of(name).kind and core(name) in families and not kids[name].flat:
            families[core(name)].setdefault(TRAIN, []).append(name)
    whole = {
        rest: kinds
        for rest, kinds in families.items()
        if TRAIN in kinds and (not rest or kinds.keys() != {TRAIN})
    }
    if not whole:
        return {}
    chosen = whole.get((), next(iter(whole.values())))
    if () not in whole and len(whole) > 1:
        raise DataError(
            f"The folder {printable(place.path)} contains several sets ({_words(kids)}); put each "
            "into its own folder, or name one."
        )
    for names in chosen.values():
        if len(names) > 1:
            raise DataError(
                f"The folder {printable(place.path)} has {_words(names)}, which are the same part "
                "of a set; rename or remove all but one."
            )
    parts = {kind: names[0] for kind, names in chosen.items()}
    others = [name for name in kids if name not in parts.values()]
    training = kids[parts[TRAIN]]
    inside = _unwrapped(training)
    if not inside.filled_folders or _is_heap(inside, TRAIN, set()):
        if len(parts) == 1 and len(others) > 1:
            return {}  # a class of that name: cars, ships, trains
        raise DataError(
            f"The folder {printable(training.path)} has pictures but no folder for each class, so "
            "they have no labels; put the pictures of each class into a separate folder there, or "
            "pass class_names if this is a class."
        )
    if len(parts) == 1 and others:
        raise DataError(
            f"The folder {printable(place.path)} has {_words([parts[TRAIN]])} with folders in it "
            f"beside {_words(others)}: is it a part of the set, or a class? Name the folder of the "
            "part itself, or pass class_names."
        )
    return parts


def _parts_with_classes(parts: dict[str, Place], found: _Found) -> dict[str, Place]:
    """The folder of classes for each part; a part without any is reported and left out."""
    training = _tell_way(parts[TRAIN], _unwrapped(parts[TRAIN]), found)
    parts[TRAIN] = _checked_classes(training, found)
    classes = {folded(name) for name in training.filled_folders}
    for kind in (VALIDATION, TEST):
        if kind not in parts:
            continue
        part = parts[kind]
        if not classes & {folded(name) for name in part.filled_folders}:
            part = parts[kind] = _tell_way(part, _unwrapped(part), found)
        if not part.filled_folders or _is_heap(part, kind, classes):
            reason = "no folder for each class, so its pictures have no labels"
            found.skipped.append(LostFolder(part.below, reason))
            del parts[kind]
    return parts


def _is_heap(part: Place, kind: str, classes: set[str]) -> bool:
    """Whether the only folder of a part is not a class, but holds all of its pictures."""
    if len(part.filled_folders) != 1:
        return False
    (name,) = part.filled_folders
    return (part_of(name).kind == kind or says_heap(name)) and folded(name) not in classes


def _tell_beside(place: Place, read: set[str], reason: str, found: _Found) -> None:
    """Reports the folders of a place that are not read, and the pictures outside its folders."""
    for name, kid in place.folders.items():
        if name not in read and kid.filled:
            found.skipped.append(LostFolder(kid.below, reason))
        elif name not in read:
            found.skipped.append(_empty(kid))
    _tell_loose(place, reason, found)


def _tell_loose(place: Place, reason: str, found: _Found) -> None:
    found.skipped += [Skipped(os.path.join(place.below, name), reason) for name in place.loose]
    found.skipped += [
        each
        for each in place.left_out
        if not isinstance(each, Hidden) and (isinstance(each, LostFolder) or has_ending(each.path))
    ]


def _empty(place: Place) -> Skipped:
    """Reports a folder that would be a class but has no pictures."""
    if any(not isinstance(each, Hidden) for each in place.left_out):
        return LostFolder(place.below, "everything in it that may be a picture was left out")
    if place.names:
        return EmptyFolder(place.below, "a folder without pictures, not a class")
    return EmptyFolder(place.below, "an empty folder, not a class")


def _refuse_a_lone_part(place: Place, kids: dict[str, Place]) -> None:
    """Refuses validation or test folders without a training folder, or beside classes."""
    lone = [
        name for name in kids if (part := part_of(name)).kind not in ("", TRAIN) and not part.rest
    ]
    if not lone:
        return
    others = [name for name in kids if name not in lone]
    if not others:
        raise DataError(
            f"The folder {printable(place.path)} has {_words(lone)} but no train/ with training "
            "pictures; name the folder of the part itself."
        )
    if {folded(name) for name in lone} <= {"valid"} and any("valid" in folded(n) for n in others):
        return  # valid and invalid ones
    raise DataError(
        f"The folder {printable(place.path)} has {_words(lone)} beside {_words(others)}: is it a "
        "part of the set, or a class? Put the training classes into train/, or pass class_names."
    )


def _refuse_what_are_no_classes(place: Place, kids: dict[str, Place]) -> None:
    """Refuses folders whose names say that they mix the pictures of all classes."""
    if (
        len(kids) > 1
        and say_heaps(kids)
        and all(len(kid.filled_folders) > 1 for kid in kids.values())
    ):
        if len({folded(copied_from(name) or name) for name in kids}) == 1:
            raise DataError(
                f"The folder {printable(place.path)} has {_words(kids)}, which seem to be copies "
                "of one set; name one of them. If their pictures differ, put the pictures of each "
                "class together into one folder."
            )
        raise DataError(
            f"The folder {printable(place.path)} has {_words(kids)}, which seem to be pieces of "
            "one set, with folders in each; put the pictures of each class together into one "
            "folder, or name one of the pieces."
        )
    if say_heaps(kids) or (len(kids) == 1 and says_heap(_last_of_a_row(*kids.values()).name)):
        raise DataError(
            f"The folder {printable(place.path)} has pictures in {_words(kids)}, but no folder for "
            "each class, so they have no labels; put the pictures of each class into a separate "
            "folder, or pass class_names."
        )


def _refuse_camera_folders(place: Place, kids: dict[str, Place]) -> None:
    """Refuses folders from a camera's memory card or a phone."""
    if all(is_of_camera(name) or name in of_telephone(kids) for name in kids):
        raise DataError(
            f"The folder {printable(place.path)} has {_words(kids)}. Cameras and phones use such "
            "names; they are not labels. Put the pictures of each class into a separate folder, or "
            "pass class_names."
        )


def _last_of_a_row(place: Place) -> Place:
    """The innermost of nested folders that contain nothing else."""
    while not place.flat and len(place.filled_folders) == 1:
        (place,) = place.filled_folders.values()
    return place


def _holds_the_others(kid: Place, kids: dict[str, Place]) -> bool:
    """Whether a folder contains the class folders beside it again."""
    inside = {} if kid.flat else _unwrapped(kid).filled_folders
    return len(inside) > 1 and inside.keys() <= kids.keys() - {kid.name}


def _refuse_several_sets(place: Place, kids: dict[str, Place]) -> None:
    """Refuses a folder of sets that each have parts, or of classes that do."""
    sets = [name for name, kid in kids.items() if not kid.flat and _holds_parts(kid)]
    if sets:
        raise DataError(
            f"The folder {printable(place.path)} has folders that contain parts of a set, "
            f"{_words(sets)}; name one of them, or make the parts the outer folders, as "
            "train/<class>/."
        )


def _holds_parts(kid: Place) -> bool:
    inside = _unwrapped(kid).filled_folders
    kinds = {part.kind for name in inside if not (part := part_of(name)).rest}
    training = [each for name, each in inside.items() if part_of(name) == Part(TRAIN, ())]
    return len(kinds - {""}) > 1 or any(each.filled_folders for each in training)


def _look_for_two_levels(place: Place, kids: dict[str, Place], found: _Found) -> None:
    """Refuses or reports folders that each contain several: which level are the classes?"""
    inside = {
        name: set(_unwrapped(kid).filled_folders)
        for name, kid in kids.items()
        if not kid.flat and len({each.real for each in _unwrapped(kid).filled_folders.values()}) > 1
    }
    if not inside:
        return
    parts = [name for name in kids if part_of(name).kind and name not in inside]
    if parts:
        raise DataError(
            f"The folder {printable(place.path)} has {_words(parts)} without folders for each "
            f"class beside {_words(inside)} with some; name the one to read, or pass class_names."
        )
    common = set.intersection(*inside.values()) if len(inside) > 1 else set()
    if len(common) > 1:
        raise DataError(
            f"The folder {printable(place.path)} has {_words(inside)}, each with "
            f"{_words(sorted(common))} in it: which of them are the classes? Name one of the "
            f"folders, or pass class_names={sorted(inside)[:3]!r}{' …' if len(inside) > 3 else ''} "
            "for the outer ones. Parts of one set are called train/, validation/ and test/."
        )
    found.doubts.append(
        f"In {printable(place.path)}, the folders within {_words(inside)} were not taken as "
        "classes. If they are, name one of the outer folders; if not, pass class_names."
    )


def _list_classes(place: Place, found: _Found) -> Listing:
    """The files of a folder of classes."""
    skipped: list[Skipped] = []
    paths: list[str] = []
    labels: list[int] = []
    names: list[str] = []
    folders: dict[int, str] = {}
    real: dict[str, str] = {}
    for name, kid in place.folders.items():
        if not kid.filled:
            found.skipped.append(_empty(kid))
            found.skipped += [each for each in kid.left_out if not isinstance(each, Hidden)]
        elif kid.real in real:
            reason = f"the same folder as {real[kid.real]}/, which is already a class"
            found.skipped.append(LostFolder(kid.below, reason))
        else:
            real[kid.real] = name
            files = list(kid.files(skipped))
            labels += [len(names)] * len(files)
            paths += files
            folders[len(names)] = kid.below
            names.append(name)
    _tell_loose(place, "beside the class folders", found)
    hidden = [each for each in place.left_out if isinstance(each, Hidden)]
    found.skipped += [each for each in hidden if "folder" in each.reason]
    numbers = np.array(labels, np.int32)
    return Listing(tuple(names), tuple(paths), numbers, tuple(skipped), folders)


def _doubt_order(place: Place, names: Sequence[str], found: _Found) -> None:
    """Reports classes with numbers for names, if their labels follow the order of text."""
    if not all(name.isascii() and name.isdecimal() for name in names):
        return
    later = sorted(names, key=int)
    if list(names) != later:
        label = next(label for label, name in enumerate(names) if name != later[label])
        found.doubts.append(
            f"The classes of {printable(place.path)} are numbers but sorted as text: the label of "
            f"{names[label]} is {label}, its index in `class_names`. To sort them as numbers, pass "
            'class_names=["0", "1", "2", …], with all of them.'
        )


def _doubt_classes(place: Place, listing: Listing, found: _Found) -> None:
    """Reports folders that were taken as classes although their names suggest otherwise."""
    names = listing.class_names
    near: dict[str, list[str]] = {}
    for name in names:
        near.setdefault(folded(copied_from(name) or name), []).append(name)
    doubts = [
        (each, "count as different classes; put the pictures of one class into one folder")
        for each in near.values()
        if len(each) > 1
    ]
    telephone = of_telephone(names)
    camera = [name for name in names if is_of_camera(name) or name in telephone]
    doubts.append((camera, "come from a camera, whose folder names are not labels"))
    programs = [name for name in names if is_of_programs(name)]
    doubts.append((programs, "may not be classes; if so, move them away"))
    inside = {path.rpartition(os.sep)[0] for path in listing.paths}
    deeper = inside - set(listing.folders.values())
    small = {each for each in inside if says_small_copies(os.path.basename(each))}
    small |= {each for each in deeper if says_changed_copies(os.path.basename(each))}
    doubts.append((sorted(small), "seem to contain copies of pictures; if so, move them away"))
    found.doubts += [
        f"In {printable(place.path)}, {_words(each)} {words}." for each, words in doubts if each
    ]


def _numbered_as(listing: Listing, class_names: Sequence[str], place: Place) -> Listing:
    """A listing with its labels changed to the given classes.

    Raises:
      DataError: if it contains another class.
    """
    if not listing.class_names:
        raise _nothing(place)
    numbers = []
    keys = [folded(name) for name in class_names]
    for name in listing.class_names:
        if name in class_names:
            numbers.append(list(class_names).index(name))
        elif keys.count(folded(name)) == 1:
            numbers.append(keys.index(folded(name)))
        else:
            known = ", ".join(map(printable, class_names))
            raise DataError(
                f"The folder {printable(place.path)} has the class {printable(name)}, but the "
                f"classes are {known}; {_remedy(name, class_names)}."
            )
    labels = np.array(numbers, np.int32)[listing.labels]
    folders = {number: listing.folders[place] for place, number in enumerate(numbers)}
    return listing._replace(class_names=tuple(class_names), labels=labels, folders=folders)


def _remedy(name: str, class_names: Sequence[str]) -> str:
    """What to do with an unknown class."""
    letters = {re.sub(r"[\W_]", "", folded(each)): each for each in class_names}
    near = difflib.get_close_matches(re.sub(r"[\W_]", "", folded(name)), letters, 1, 0.75)
    if near:
        return f"if it is {printable(letters[near[0]])}, rename it, else remove it"
    return "rename or remove it"


def _nothing(place: Place) -> DataError:
    """The error for a folder without classes."""
    path = printable(place.path)
    folders = list(place.folders)
    left_out = [each for each in place.left_out if isinstance(each, LostFolder)]
    if left_out and not folders:
        return DataError(
            f"The folder {path} has no subfolders but {', '.join(map(str, left_out[:_NAMED]))}; "
            "put the folders of the classes there."
        )
    if not folders:
        return DataError(
            f"The folder {path} has no subfolders; put the pictures of each class into a separate "
            "folder there."
        )
    inside = [each for kid in place.folders.values() for each in kid.left_out]
    first = next((f" ({each})" for each in inside if not isinstance(each, Hidden)), "")
    return DataError(
        f"The folder {path} has no picture that can be read in its subfolders "
        f"{', '.join(map(printable, folders[:10]))}{first}; put some there."
    )


def _words(names: Iterable[str]) -> str:
    """The names of folders, for a message."""
    every = [f"{printable(name)}/" for name in names]
    more = f" and {len(every) - _NAMED} more" if len(every) > _NAMED else ""
    return ", ".join(every[:_NAMED]) + more
