"""Makes the autograder of a week for Gradescope: a zip with the course, without solutions.

It follows Gradescope's autograder specification
(https://gradescope-autograders.readthedocs.io/en/latest/specs/): setup.sh at the root prepares a
container once, and run_autograder grades one submission in it.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

from grader.course import Course
from grader.handout.release import check_place, refuse_answers, write_course

SCRIPTS = Path(__file__).parent / "gradescope"
NOT_NEEDED = ("exercises", ".devcontainer", ".github", ".gitignore", ".vscode")
EARLIEST = (1980, 1, 1, 0, 0, 0)  # a zip's earliest time, so that the same course is the same bytes


def autograder(course: Course, week: str, destination: Path) -> None:
    """Writes a week's autograder, completely or not at all.

    Args:
      course: the complete course.
      week: "week3".
      destination: a new .zip file, or a folder that does not exist yet or is empty.

    Raises:
      ReleaseError: as `release` does.
    """
    destination = destination.absolute()
    check_place(course, destination)
    with tempfile.TemporaryDirectory(prefix=".release-", dir=destination.parent) as work:
        made = Path(work, "autograder")
        write_course(course, made / "course")
        for name in NOT_NEEDED:
            path = made / "course" / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for script in SCRIPTS.iterdir():
            text = script.read_text(encoding="utf-8").replace(" WEEK ", f" {week} ")
            (made / script.name).write_text(text, encoding="utf-8")
            (made / script.name).chmod(0o755)
        refuse_answers(made, course)
        if destination.suffix == ".zip":
            packed = Path(work, "autograder.zip")
            _pack(made, packed)
            made = packed
        made.replace(destination)


def _pack(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EARLIEST)
                entry.external_attr = path.stat().st_mode << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
