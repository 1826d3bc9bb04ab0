"""Caches what self-checks compile from one to the next, which saves much of the waiting.

The source is the key of the cache, so a changed file never gets the old file's code. Only workers
read the cache, and the grader does not trust their answers any more for it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from grader.course import Course

MOST_BYTES = 256 * 2**20


def base(course: Course) -> Path:
    """Returns the folder of a course's cache; it may not exist."""
    return course.root.resolve() / course.state.name / "compiled"


def folder(course: Course, place: Path, tier: str) -> str | None:
    """Returns where the self-checks of the course's own files store compiled code.

    Exercises and solutions have separate folders, and so has each tier. A folder that has grown too
    large is emptied.

    Args:
      course: the course.
      place: what to grade, a folder or a file.
      tier: the workers' tier.

    Returns:
      The folder; None if it cannot exist, and for a submission, because one student's code could
      reach another's worker.
    """
    if place not in (course.exercises, course.solutions):
        return None
    kept = base(course) / f"{place.name}-{tier}"
    # A worker may write into it, so do not follow a link in an untrusted course.
    if kept.resolve() != kept:
        return None
    try:
        if sum(path.lstat().st_size for path in kept.rglob("*")) > MOST_BYTES:
            shutil.rmtree(kept)
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return str(kept)
