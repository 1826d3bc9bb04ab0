"""Hand-ins for tests: programs of week 1, all kinds of archives, and a class made of them."""

import bz2
import gzip
import io
import json
import lzma
import os
import tarfile
import zipfile
from pathlib import Path

from grader.course import COURSE
from grader.intake.collect import collect
from grader.intake.decide import decide
from grader.intake.model import Intake
from grader.source.stubs import task_functions

NAMES = task_functions(COURSE, "week1")
DONE = "".join(f"def {name}(*given):\n    return {place}\n\n\n" for place, name in enumerate(NAMES))
OTHER = DONE.replace("return 3", "return 33")  # another finished program
STUB = "".join(f'def {name}(*given):\n    raise NotImplementedError("")\n\n\n' for name in NAMES)
HALF = "".join(f"def {name}(*given):\n    return 0\n" for name in NAMES[:2])


def notebook(source=DONE, outputs=(), **more):
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Week 1"]},
        {"cell_type": "code", "metadata": {}, "source": source.splitlines(keepends=True),
         "execution_count": 1, "outputs": list(outputs)},
    ]  # fmt: skip
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more})


def zipped(files, method=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files.items():
            entry = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            entry.compress_type = method
            archive.writestr(entry, content)
    return made.getvalue()


def tarred(files, form=tarfile.PAX_FORMAT):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as archive:
        for name, content in files.items():
            entry = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            content = content.encode() if isinstance(content, str) else content
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress,
           "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE)}  # fmt: skip


def packed(files, packer):
    return PACKERS[packer](tarred(files))


def lay(folder, files):
    """Writes files by their paths; None makes an empty folder."""
    for place, content in files.items():
        path = Path(folder, place)
        if content is None:
            path.mkdir(parents=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def taken(folder, files=None, people=(), choices=None) -> Intake:
    """The intake of a class whose folder holds the files."""
    if files is not None:
        lay(folder, files)
    return decide(collect(Path(folder), people), COURSE.weeks(), choices or {})


def handed(intake):
    return {key: each.source for key, each in intake.handed.items()}


def touch(path, time):
    os.utime(path, (time, time))
