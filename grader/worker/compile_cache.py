"""What self-checks compile is kept from one to the next, which saves much of the waiting.

It is kept by what it was compiled from, so a changed file never meets the old one's code. Workers
alone read it, and a worker's answers are trusted no more for it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from grader.course import Course

MOST_BYTES = 256 * 2**20


def base(course: Course) -> Path:
    """Returns the folder of all that is kept for a course; it may be missing."""
    return course.root.resolve() / course.state.name / "compiled"


def folder(course: Course, place: Path, tier: str) -> str | None:
    """Returns where the self-checks of the course's own files keep compiled code.

    Exercises and solutions, and each tier, have their own. It is emptied when it has grown large.

    Args:
      course: the course somebody works in.
      place: what is graded, a folder or a file.
      tier: of the workers.

    Returns:
      The folder; None for a submission, since code of one student could reach another's worker, and
      where there can be none.
    """
    if place not in (course.exercises, course.solutions):
        return None
    kept = base(course) / f"{place.name}-{tier}"
    # A worker may write into it, and so nowhere that a link in a strange course leads to.
    if kept.resolve() != kept:
        return None
    try:
        if sum(path.lstat().st_size for path in kept.rglob("*")) > MOST_BYTES:
            shutil.rmtree(kept)
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return str(kept)
