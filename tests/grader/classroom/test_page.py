"""The report in a browser: it sorts, filters, prints, and shows hostile text as text."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from grader.classroom.feedback import write_feedback
from grader.classroom.gradebook import Gradebook
from grader.classroom.marks import class_marks
from grader.classroom.page.report import report as make_report
from grader.classroom.policy import Policy, TaskRule, WeekRule
from grader.cli.main import main
from grader.course import COURSE
from grader.intake.model import FoundFile, Handed, Intake

EVIL = '"><img src=x onerror=alert(1)><script>alert(2)<_script>'
MESSAGE = f"</pre>{EVIL}\x1b[2J\nyour line        week1.py:2  return values"
CODE = "def set_last(values, new):\n    return values  # </pre><script>alert(3)</script>\n"
CLASS = {
    "ada": ["passed", "passed", "passed"],
    "bob": ["passed", "failed"],
    EVIL: ["failed", "passed"],
    "zoe": [],
}


@pytest.fixture(scope="module")
def report(tmp_path_factory, verdict):
    folder = tmp_path_factory.mktemp("class")
    handed = {}
    for name in CLASS:
        rest = (COURSE.solutions / "week1.py").read_text() if name in ("ada", EVIL) else ""
        handed[name, "week1"] = Handed(name, "week1", {"week1.py": (CODE + rest).encode()})
    with Gradebook(folder / "out", {}, seed=1) as book:
        book.hand_in(Intake(sorted(CLASS), handed), ["week1"])
        for name, statuses in CLASS.items():
            digest = handed[name, "week1"].digest
            book.record(name, digest, verdict(name, statuses, MESSAGE))
    assert main(["report", str(folder / "out"), "--title", f"A class {EVIL}"]) == 0
    return folder / "out" / "report.html"


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory, made_up, verdict):
    """The page of a class in which something could not be accepted, and Ada's own page."""
    folder = tmp_path_factory.mktemp("by-hand")
    book = made_up(["ada", "bob", EVIL], ["week1"], open={("bob", "week1"): f"{EVIL} is damaged."})
    book.intake = [FoundFile("bob", f"bob/{EVIL}.rar", "", "no archive that can be opened")]
    for name in ("ada", EVIL):
        book.hand_in(name, verdict(name, ("failed", "passed"), MESSAGE), code=CODE)
    words = WeekRule(adjust=-1, comment=EVIL, tasks={"set_last": TaskRule(0.5, f"Nearly. {EVIL}")})
    marks = class_marks(book, Policy(students={("ada", "week1"): words}), "Vision")
    (folder / "report.html").write_text(make_report(marks, book, []))
    write_feedback(marks, book, folder / "feedback", [])
    return folder / "report.html", folder / "feedback" / "ada.html"


def test_an_id_is_given_once(by_hand):
    for page in by_hand:
        ids = re.findall(r'<[^>]* id="([^"]+)"', page.read_text())
        assert len(ids) == len(set(ids)), page.name


@pytest.fixture
def visit(browser):
    """Opens a page; any error, request or dialog fails the test."""
    contexts, complaints = [], []

    def visit(path, anchor="", **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on(
            "request",
            lambda request: (
                request.url.split("#")[0] == path.as_uri() or complaints.append(request.url)
            ),
        )
        page.goto(path.as_uri() + anchor)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not complaints


def shown(page):
    """The students in the table, from top to bottom."""
    return [
        name for name in page.locator("#students tbody tr:visible th").all_inner_texts() if name
    ]


def test_nothing_is_loaded_and_nothing_is_wrong(visit, report):
    page = visit(report)
    assert page.title() == f"A class {EVIL}"
    assert shown(page) == sorted(CLASS)


def test_a_click_sorts_and_another_turns_it_round(visit, report):
    page = visit(report)
    totals = page.locator("#students tbody td:last-child")
    head = page.locator("#students thead th").last
    head.get_by_role("button").click()
    down = [float(text) for text in totals.all_inner_texts()]
    assert down == sorted(down, reverse=True) and down[0] > down[-1] == 0
    assert head.get_attribute("aria-sort") == "descending"
    head.get_by_role("button").click()
    assert [float(text) for text in totals.all_inner_texts()] == down[::-1]
    assert page.locator("#students [aria-sort]").count() == 1


def test_the_keyboard_sorts_as_well(visit, report):
    page = visit(report)
    page.get_by_role("button", name="student", exact=True).focus()
    page.keyboard.press("Enter")
    assert shown(page) == sorted(CLASS, reverse=True)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator("#students thead th").nth(1).get_attribute("aria-sort") == "descending"


def test_search_finds_names_and_what_the_pages_say(visit, report):
    page = visit(report)
    page.get_by_label("Find").fill("ADA")
    assert shown(page) == ["ada"]
    assert page.get_by_role("status").inner_text() == "1 of 4 students"
    assert page.locator("details.student:visible").count() == 1
    page.get_by_label("Find").fill("return values")
    assert shown(page) == []
    page.get_by_label("also in messages and code").check()
    assert shown(page) == sorted([EVIL, "bob"]), "those whose message quotes the line"
    page.get_by_label("Find").fill("no one of this name")
    assert shown(page) == []
    page.get_by_label("Find").fill("")
    assert len(shown(page)) == 4


def test_filters_by_task_and_by_missing_points(visit, report):
    page = visit(report)
    page.get_by_label("Not passed").select_option(label="week1 set_last")
    assert shown(page) == sorted([EVIL, "zoe"])
    page.get_by_label("Not passed").select_option(label="any task")
    page.locator("button[data-task='week1/two_draws']").click()
    assert shown(page) == ["bob", "zoe"], "a click in the table of tasks filters too"
    page.get_by_label("Not passed").select_option(label="any task")
    page.get_by_label("only students without full points").check()
    assert len(shown(page)) == 4


def test_hostile_names_messages_and_code_are_text(visit, report):
    page = visit(report)
    page.locator("#students").get_by_role("link", name=EVIL).click()
    sheet = page.locator("details.student[open]")
    assert sheet.count() == 1 and EVIL in sheet.locator("summary").first.inner_text()
    assert "</pre>" + EVIL in sheet.locator("pre").first.inner_text()
    sheet.get_by_text("lines 1 to 2").click()
    assert "</pre><script>alert(3)</script>" in sheet.locator("mark").inner_text()
    assert page.locator("img").count() == 0 and page.locator("script").count() == 1


def test_pairs_that_are_alike_are_listed_and_lead_to_their_pages(visit, report):
    page = visit(report)
    pairs = page.get_by_role("region", name="Similar code")
    assert pairs.locator("tbody tr").count() == 3, "the two, and each with the solution"
    row = pairs.locator("tbody tr", has_text="ada").filter(has_text=EVIL)
    row.get_by_role("link", name=EVIL).click()
    assert EVIL in page.locator("details.student[open] summary").first.inner_text()


def test_a_script_that_slipped_in_would_not_run(browser, report, tmp_path):
    slipped = tmp_path / "slipped.html"
    evil = "<script>window.evil = 1</script><b id=x onclick='window.evil = 1'>x</b>"
    slipped.write_text(report.read_text().replace("</main>", evil + "</main>"))
    page = browser.new_page()
    refused = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(slipped.as_uri())
    page.locator("#x").click()
    assert page.evaluate("window.evil") is None
    assert any("Content Security Policy" in text for text in refused)
    assert shown(page), "our own script runs"
    page.close()


def test_a_link_opens_the_page_of_its_student(visit, report):
    page = visit(report, "#s2")
    assert page.locator("details.student[open]").count() == 1
    assert page.evaluate("document.activeElement.parentElement.id") == "s2"


def test_print_shows_who_is_shown(visit, report):
    page = visit(report)
    page.get_by_label("Find").fill("bob")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("details.student[open]:visible").count() == 1
    assert page.locator("details.student[open] pre.code").is_visible()
    assert not page.get_by_label("Find").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.student[open]").count() == 0
    assert page.pdf().startswith(b"%PDF")


def test_no_page_is_wider_than_a_small_screen(visit, report):
    page = visit(report)
    page.get_by_role("button", name="Open all").click()
    for width in (360, 768):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("scheme", "width"),
    [("light", 1280), pytest.param("dark", 390, marks=pytest.mark.slow)],
)
def test_who_uses_a_screen_reader_or_a_keyboard_has_all_of_it(visit, report, scheme, width):
    page = visit(
        report,
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        bypass_csp=True,  # for the script of Axe
    )
    page.get_by_role("button", name="Open all").click()
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()
    assert len(found.response["passes"]) > 20, "the checks ran"


def test_what_could_not_be_taken_comes_first_and_is_marked(visit, by_hand):
    page = visit(by_hand[0])
    assert page.locator("h2").first.inner_text() == "Work that could not be accepted"
    row = page.get_by_role("region", name="Work that could not be accepted").locator("tbody tr")
    assert row.count() == 1 and f"{EVIL} is damaged." in row.inner_text()
    bob = page.locator("#students tbody tr", has_text="bob")
    assert "not accepted" in bob.inner_text() and "without week1" in bob.inner_text()
    row.get_by_role("link", name="bob").click()
    sheet = page.locator("details.student[open]")
    sheet.get_by_text("1 file found").click()
    assert (
        f"bob/{EVIL}.rar" in sheet.inner_text()
        and "The total does not include week1" in sheet.inner_text()
    )


@pytest.mark.parametrize("place", [0, 1])
def test_what_an_instructor_said_is_text_on_both_pages(visit, by_hand, place):
    page = visit(by_hand[place], "" if place else "#s0")
    assert f"-1 by the instructor: {EVIL}" in page.locator("main").inner_text()
    assert f"Nearly. {EVIL}" in page.locator("main").inner_text()
    assert "0.5 of 1 by the instructor" in page.locator("main").inner_text()
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("place", [0, 1])
def test_these_pages_are_for_everybody(visit, by_hand, place):
    page = visit(by_hand[place], bypass_csp=True, color_scheme=("light", "dark")[place])
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()
