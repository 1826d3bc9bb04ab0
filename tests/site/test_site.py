"""Builds the site without a warning and opens every page in a browser."""

import functools
import http.server
import re
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from axe_playwright_python.sync_playwright import Axe

ROOT = Path(__file__).parents[2]
LOOK = """() => ({
  links: [...document.querySelectorAll('a[href]')].map(each => each.href),
  anchors: [...document.querySelectorAll('[id]')].map(each => each.id),
  silent: [...document.images].filter(each => !each.alt.trim()).map(each => each.outerHTML),
  missing: [...document.images].filter(each => !each.naturalWidth).map(each => each.src),
  headings: [...document.querySelectorAll('h1')].filter(each => each.checkVisibility()).length,
})"""
SHOW_ALL = """() => {
  for (const each of document.querySelectorAll('details')) each.open = true;
  for (const each of document.images) each.loading = 'eager';
}"""
EXAMINED = {"resultTypes": ["violations"], "preload": False}  # axe's own loading misses @import
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"

BACKGROUND = "getComputedStyle(document.documentElement).backgroundColor"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going"]
    command += ["-d", str(folder / "doctrees"), "docs", str(folder / "html")]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def address(built):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=str(built))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def serious(found):
    """Returns a line for each problem that axe calls serious or critical."""
    return [
        f"{each['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.fixture(scope="module")
def pages(built, address, browser):
    """Maps each page's address to the findings: wide and light, then narrow and dark."""
    seen = {}
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    complaints = []
    page.on("console", lambda said: said.type == "error" and complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            request.url.startswith((address, "data:")) or complaints.append(request.url)
        ),
    )
    page.on("response", lambda each: each.status < 400 or complaints.append(each.url))
    for file in sorted(built.rglob("*.html")):
        if file.is_relative_to(built / "_static"):
            continue
        url = address + file.relative_to(built).as_posix()
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1400, "height": 900})
        page.goto(url)
        page.evaluate(SHOW_ALL)
        page.wait_for_load_state("networkidle")
        found = page.evaluate(LOOK)
        found["light"] = Axe().run(page, options=EXAMINED).response
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 390, "height": 844})
        found["too wide"] = page.evaluate(TOO_WIDE)
        contrast = {**EXAMINED, "runOnly": ["color-contrast"]}
        found["dark"] = Axe().run(page, options=contrast).response
        found["background"] = page.evaluate(BACKGROUND)
        found["complaints"], complaints[:] = complaints[:], []
        seen[url] = found
    context.close()
    return seen


def test_every_page_is_opened_and_has_one_title(pages, built):
    docs = [page for page in (ROOT / "docs").rglob("*.md") if "_build" not in page.parts]
    assert len(pages) >= len(docs) > 30
    assert not [url for url, found in pages.items() if found["headings"] != 1]


def test_no_page_complains_or_asks_another_host(pages):
    assert not {url: found["complaints"] for url, found in pages.items() if found["complaints"]}


def test_links_and_anchors_lead_somewhere(pages, built, address):
    broken, looked_at = [], 0
    for url, found in pages.items():
        for link in found["links"]:
            target, anchor = urldefrag(link)
            if not target.startswith(address):
                continue
            looked_at += 1
            target = target + "index.html" if target.endswith("/") else target
            file = built / unquote(target.removeprefix(address))
            anchors = pages[target]["anchors"] if target in pages else []
            if not file.is_file() or (anchor and unquote(anchor) not in anchors):
                broken.append(f"{url}: {link}")
    assert not broken
    assert looked_at > 1000


def test_pictures_are_there_and_say_what_they_show(pages):
    assert not {url: found["silent"] for url, found in pages.items() if found["silent"]}
    assert not {url: found["missing"] for url, found in pages.items() if found["missing"]}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_every_page(pages, scheme):
    found = {url: serious(found[scheme]) for url, found in pages.items()}
    assert not {url: lines for url, lines in found.items() if lines}
    assert all(found[scheme]["passes"] for found in pages.values()), "axe has examined the page"


def test_dark_pages_are_dark(pages):
    for found in pages.values():
        assert sum(map(int, re.findall(r"\d+", found["background"])[:3])) < 3 * 64


def test_no_page_scrolls_sideways_on_a_phone(pages):
    assert not [url for url, found in pages.items() if found["too wide"]]


def test_an_answer_opens_by_a_click(address, browser):
    page = browser.new_page()
    page.goto(f"{address}lessons/week1.html")
    answer = page.locator("details").first
    assert not answer.locator("p").first.is_visible()
    answer.locator("summary").click()
    assert answer.locator("p").first.is_visible()
    page.close()


def test_search_finds_a_task_and_a_name_of_the_library(address, browser):
    page = browser.new_page()
    for word, expected in (("convolve2d", "tasks/week3.html"), ("EarlyStopping", "api/train.html")):
        page.goto(f"{address}search.html?q={word}")
        page.locator(f"#search-results a[href*='{expected}']").first.wait_for()
    page.close()
