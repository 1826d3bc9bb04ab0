"""A page for each student: only their own work, packed in the form that systems accept."""

import html
import io
import zipfile

import pytest

from grader.classroom.feedback import write_feedback
from grader.classroom.marks import class_marks
from grader.classroom.policy import Policy, TaskRule, WeekRule
from grader.cli.main import main
from grader.intake.model import FoundFile, Person

CODE = "import lib\n\n\ndef set_last(values, new):\n    {name}_secret = 1\n    return values\n"
MESSAGE = "Of {name}'s.\nyour line        week1.py:6  return values"
LONG = "\U0001f600" * 63


@pytest.fixture
def written(made_up, verdict, tmp_path):
    """Writes a class's feedback; returns the folder and the notes."""

    def written(names, policy=None, **more):
        book = made_up(sorted(names), ["week1", "week2"], **more)
        for place, name in enumerate(names):
            message = MESSAGE.format(name=name)
            result = verdict(name, ("failed", "passed"), message)
            if name in names[:-1]:
                code = CODE.format(name=name.split()[0])
                book.hand_in(name, result, time=float(place), code=code)
        folder, said = tmp_path / "feedback", []
        marks = class_marks(book, policy or Policy(), "Vision")
        assert write_feedback(marks, book, folder, said)
        return folder, said

    return written


NAMES = ("Ada Byrne", "Bob Reed", "Cleo Marsh", "Dan Oz")


def test_a_page_has_all_of_one_student_and_nothing_of_the_others(written):
    students = {
        (name, "week1"): WeekRule(adjust=place + 0.5, comment=f"Word for {name}.",
                                  tasks={"set_last": TaskRule(1, f"Task of {name}.")})
        for place, name in enumerate(NAMES)
    }  # fmt: skip
    groups = {"Team": ("Ada Byrne", "Cleo Marsh")}
    why = {("Bob Reed", "week2"): "Bob Reed's zip is damaged.\nSay so in the policy."}
    folder, _ = written(NAMES, Policy(students=students, groups=groups), open=why)
    pages = {path.stem: html.unescape(path.read_text()) for path in folder.glob("*.html")}
    assert set(pages) == set(NAMES)
    for name, page in pages.items():
        others = [other for other in NAMES if other != name]
        assert f"Word for {name}." in page and ("Bob Reed's zip" in page) == (name == "Bob Reed")
        assert "Say so in the policy" not in page, "that is for the instructor"
        if name != "Dan Oz":
            assert f"Task of {name}." in page and "_secret = 1" in page
        for other in others:
            assert other not in page or {name, other} == {"Ada Byrne", "Cleo Marsh"}
        assert (
            "median" not in page
            and "Similar code" not in page
            and "http" not in page.replace("http-equiv", "")
        )
        assert "<script" not in page and "default-src 'none'" in page


def test_moodle_takes_a_page_by_the_participants_number(written):
    numbers = {("Ada Byrne", "week1"): "4711", ("Bob Reed", "week1"): "4712"}
    people = {"Bob Reed": Person("Bob_the Reed")}
    folder, said = written(NAMES, participants=numbers, people=people)
    with zipfile.ZipFile(folder / "moodle-week1.zip") as pack:
        assert pack.namelist() == [
            "Ada Byrne_4711_assignsubmission_file_/week1.html",
            "Bob the Reed_4712_assignsubmission_file_/week1.html",
        ]
        # As Moodle splits them: name, number, kind and name of a plug-in, the file.
        for name in pack.namelist():
            parts = name.split("/")[0].split("_", 4)
            assert parts[1].isdecimal() and parts[2:4] == ["assignsubmission", "file"]
        page = pack.read(pack.namelist()[0]).decode()
    assert "week1" in page and "week2" not in page and "Bob" not in page
    assert said == ["moodle-week1.zip has no page for Cleo Marsh: see their own pages."]


def test_canvas_takes_a_page_under_the_name_of_its_own_file(written):
    intake = [
        FoundFile("Ada Byrne", "week1-export.zip/byrneada_102_9001_week1.py", "week1", "taken"),
        FoundFile("Ada Byrne", "byrneada_LATE_102_9005_week1-1 (1).py", "week1", "the later"),
        FoundFile("Ada Byrne", "byrneada_102_9009_week1-2.py", "", "not taken"),
        FoundFile("Bob Reed", "reedbob_103_9002_homework.zip/a/week1.py", "week1", "taken"),
        FoundFile("Cleo Marsh", "anon_x7Ab2_90001_week1.py", "week1", "taken"),
    ]
    numbers = {"Ada Byrne": "102", "Bob Reed": "103", "Cleo Marsh": "x7Ab2"}
    known = {name: {"canvas": number} for name, number in numbers.items()}
    folder, said = written(NAMES, intake=intake, numbers=known)
    with zipfile.ZipFile(folder / "canvas-week1.zip") as pack:
        assert pack.namelist() == [
            "byrneada_LATE_102_9005_week1-1 (1).html",
            "reedbob_103_9002_homework.zip",
            "anon_x7Ab2_90001_week1.html",
        ]
        for name in pack.namelist()[:2]:  # as Canvas splits them
            user, file = [part for part in name.split("_") if part.isdecimal()][:2]
            assert user in ("102", "103") and file in ("9005", "9002")
        with zipfile.ZipFile(io.BytesIO(pack.read("reedbob_103_9002_homework.zip"))) as inner:
            assert "Bob Reed" in inner.read("week1.html").decode()
    assert said == []


def test_a_name_that_a_student_chose_brings_nobody_another_s_page(written):
    names = ["orymal_104_9003_hw.zip/byrneada_102_99999999_x/week1.py", "byrneada_102_9_x/week1.py"]
    names += ["orymal_104_9003_hw.zip/orymal_104_99999999_x/week1.py"]
    intake = [FoundFile("Bob Reed", name, "week1", "taken") for name in names]
    folder, _ = written(NAMES, intake=intake, numbers={"Bob Reed": {"canvas": "104"}})
    with zipfile.ZipFile(folder / "canvas-week1.zip") as pack:
        assert pack.namelist() == ["orymal_104_9003_hw.zip"]


def test_where_no_system_named_anything_the_pages_stand_alone(written):
    folder, said = written(NAMES)
    assert (
        len(list(folder.iterdir())) == len(NAMES)
        and "There are no zips for Moodle or Canvas" in said[0]
    )


def test_names_too_long_or_alike_lose_nobodys_page(written):
    names = ("ann", "Ann", LONG, "zoe")
    folder, said = written(names)
    pages = [path.read_text() for path in folder.glob("*.html")]
    assert len({path.name.casefold() for path in folder.glob("*.html")}) == len(names)
    for name in names:
        assert any(f"<bdi>{name}</bdi>" in page for page in pages)
    assert sum(line.startswith("The page of") for line in said) == 2


def test_code_that_cannot_be_shown_is_named_and_stops_nobody(written, monkeypatch):
    from grader.source import excerpt

    def hostile(*_):
        raise RecursionError("too deep")

    monkeypatch.setattr(excerpt, "Program", hostile)
    folder, said = written(NAMES)
    assert len(list(folder.glob("*.html"))) == len(NAMES)
    assert said[0] == "Ada Byrne, week1: the code cannot be shown (RecursionError: too deep)."
    assert "Of Ada Byrne" in (folder / "Ada Byrne.html").read_text().replace("&#39;", "'")


def test_nothing_is_written_over(gradebook, tmp_path, capsys):
    out = gradebook([("ada", "week1", ("passed",), None)])
    command = ["report", str(out), "--feedback", str(tmp_path / "pages")]
    assert main(command) == 0
    said = capsys.readouterr()
    assert (
        "holds a page for each student" in said.out
        and "There are no zips for Moodle or Canvas" in said.err
    )
    before = (tmp_path / "pages" / "ada.html").read_bytes()
    assert main(command) == 2
    assert "is not empty" in capsys.readouterr().err
    assert (tmp_path / "pages" / "ada.html").read_bytes() == before
    (tmp_path / "file").write_text("")
    assert main(["report", str(out), "--feedback", str(tmp_path / "file")]) == 2
    assert not (out / "report.html").exists(), "the class's page was not requested"
