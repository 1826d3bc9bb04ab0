"""A page for each student, with only their own work, and zips of these pages for course systems."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

from grader.classroom.file_names import file_names
from grader.classroom.formats import some
from grader.classroom.gradebook import Gradebook
from grader.classroom.marks import ClassMarks, StudentMarks, rubrics
from grader.classroom.page.template import render
from grader.classroom.page.week import shown_week
from grader.results.files import write_text

# A file name in Canvas's download: the student, the user's number, the file's number, its name.
CANVAS = re.compile(
    r"(?:[^_]+_(?:LATE_)?(?P<user>\d+)|anon_(?:LATE_)?(?P<anonymous>[A-Za-z0-9]{5}))"
    r"_(?P<file>\d+)_.+",
    re.DOTALL,
)


class FeedbackError(Exception):
    """The pages cannot be written; the text says why and what to do."""


def write_feedback(marks: ClassMarks, book: Gradebook, folder: Path, notes: list[str]) -> bool:
    """Writes the pages and the zips of them.

    `moodle-WEEK.zip` is for "Upload multiple feedback files in a zip" in Moodle's assignment: a
    page of the week in the folder that Moodle's own export has for the participant.
    `canvas-WEEK.zip` is for "Upload Submissions" in Canvas: a page under the name of the file in
    Canvas's download. Canvas shows it to the student under the name of the file that was handed
    in, so a page that replaces a zip is in a zip.

    Source: Moodle, mod/assign/feedback/file/importziplib.php (`is_valid_filename_for_import`);
    Canvas, app/models/abstract_assignment.rb (`infer_comment_context_from_filename`).

    Args:
      marks: of the class.
      book: the class's gradebook, for the files.
      folder: the destination; new or empty.
      notes: receives a sentence for everything that is missing.

    Returns:
      False if a page cannot be written; the others are written all the same.

    Raises:
      FeedbackError: if the folder is not empty, or cannot be created.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FeedbackError(f"{folder} is not empty. Name a new folder for the pages.")
    except OSError as error:
        raise FeedbackError(f"{folder} cannot be created: {error.strerror}.") from None
    known, done = rubrics(), True
    names = file_names(each.student for each in marks.students)
    packs = {
        (system, week): _Pack(folder / f"{system}-{week}.zip")
        for system in ("moodle", "canvas")
        for week in marks.worth
    }
    canvas = _canvas_names(book)
    for each in marks.students:
        weeks = [
            shown_week(each, mark, known[mark.week], book, notes)
            | {"file": mark.result["submission"].rsplit("/", 1)[-1] if mark.result else ""}
            for mark in each.weeks
        ]
        name = names[each.student]
        try:
            write_text(folder / f"{name}.html", _page(marks, each, weeks))
        except (OSError, ValueError) as error:
            notes.append(f"The page of {each.student} cannot be written: {error}.")
            done = False
            continue
        if name != each.student:
            notes.append(f"The page of {each.student} is {name}.html.")
        for mark, week in zip(each.weeks, weeks, strict=True):
            if mark.state == "nothing handed in" and not mark.words:
                continue
            page = _page(marks, each, [week]).encode()
            packs["moodle", mark.week].add(each.student, _moodle_name(each, mark.week), page)
            place = canvas.get((each.student, mark.week), "")
            if place.lower().endswith(".zip"):
                page = _zipped(f"{mark.week}.html", page)
            elif place:
                place = f"{place.rsplit('.', 1)[0]}.html"
            packs["canvas", mark.week].add(each.student, place, page)
    for (system, week), pack in packs.items():
        pack.close()
        if pack.filled and pack.lacking:
            lacking = some(pack.lacking)
            notes.append(f"{system}-{week}.zip has no page for {lacking}: see their own pages.")
    if not any(pack.filled for pack in packs.values()):
        notes.append(
            "There are no zips for Moodle or Canvas: these need the names of Moodle's folders or "
            "Canvas's files, which were not in DIR. The pages are there."
        )
    return done


class _Pack:
    """A zip that is created with its first page."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.filled = False
        self.lacking: list[str] = []
        self._zip: zipfile.ZipFile | None = None

    def add(self, student: str, name: str, page: bytes) -> None:
        """Adds a page, or records that the name that the system expects is not known."""
        if not name:
            self.lacking.append(student)
            return
        self.filled = True
        if self._zip is None:
            self._zip = zipfile.ZipFile(self.path, "x", zipfile.ZIP_DEFLATED)
        self._zip.writestr(zipfile.ZipInfo(name), page, zipfile.ZIP_DEFLATED)

    def close(self) -> None:
        if self._zip is not None:
            self._zip.close()


def _page(marks: ClassMarks, each: StudentMarks, weeks: list[dict[str, Any]]) -> str:
    """Returns a student's page with the given weeks."""
    lacking = [week["name"] for week in weeks if week["points"] is None]
    return render(
        "feedback.html",
        {
            "title": marks.title,
            "name": each.person.name if each.person else each.student,
            "weeks": weeks,
            "total": round(sum(week["points"] or 0.0 for week in weeks), 2),
            "most": round(sum(week["most"] for week in weeks), 2),
            "incomplete": lacking,
            "tiers": each.tiers,
        },
    )


def _moodle_name(each: StudentMarks, week: str) -> str:
    """Returns the page's path in Moodle's zip, or "" if the participant's number is not known."""
    participant = each.participant(week)
    # Moodle reads the part after the first "_" as the number.
    name = (each.person.name if each.person else each.student).replace("_", " ")
    return f"{name}_{participant}_assignsubmission_file_/{week}.html" if participant else ""


def _canvas_names(book: Gradebook) -> dict[tuple[str, str], str]:
    """Returns the name, in Canvas's download, of the file that counts for a student's week.

    The student chose any name below it in the path, and any name with another user's number.
    """
    found: dict[tuple[str, str], tuple[int, str]] = {}
    numbers = book.numbers
    for each in book.intake:
        number = numbers.get(each.student, {}).get("canvas", "")
        matches = map(CANVAS.fullmatch, each.file.split("/") if each.week and number else ())
        mine = (m for m in matches if m and number in (m["user"], m["anonymous"]))
        if match := next(mine, None):  # of several files the newest: Canvas counts up
            cell, named = (each.student, each.week), (int(match["file"]), match[0])
            found[cell] = max(found.get(cell, named), named)
    return {cell: part for cell, (_, part) in found.items()}


def _zipped(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
