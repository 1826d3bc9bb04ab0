"""A class as one HTML page: how it went, which task most fail, and a page for each student.

The page needs nothing but itself: no script, style, font or picture from elsewhere, which its
Content-Security-Policy holds it to. Everything that comes from a submission is escaped text.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator
from html import escape
from typing import Any

from grader.course import COURSE
from grader.gradebook import Gradebook, total_points, week_points
from grader.results import number
from grader.rubric import Task, read_rubric

BINS = 10

STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #2a7; --bad: #d55; --dim: #888; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: auto; padding: 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; overflow-wrap: anywhere; }
th button { font: inherit; font-weight: bold; background: none; border: 0; color: inherit;
  cursor: pointer; padding: .3rem 0; }
th[aria-sort=ascending] button::after { content: " ▲"; }
th[aria-sort=descending] button::after { content: " ▼"; }
.scroll { overflow-x: auto; } .dim { color: var(--dim); }
.weeks { display: flex; flex-wrap: wrap; gap: 2rem; } figure { margin: 0; }
svg rect { fill: #47a; } svg text { font: 10px system-ui, sans-serif; fill: currentColor; }
td:nth-child(2) { white-space: nowrap; }
.bar { display: inline-block; height: .8em; background: #47a; vertical-align: baseline; }
input[type=search] { font: inherit; padding: .3rem .6rem; width: min(100%, 24rem); }
details { border-bottom: 1px solid var(--line); padding: .4rem 0; content-visibility: auto;
  contain-intrinsic-size: auto 2rem; }
details details { margin-left: 1rem; border: 0; } summary { cursor: pointer; }
summary b { overflow-wrap: anywhere; }
.task { margin: .4rem 0 .4rem 1rem; } .passed { color: var(--good); }
.failed, .error, .timeout, .crashed { color: var(--bad); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .2rem 0; padding: .4rem .8rem;
  border-left: 3px solid var(--line); font-size: .85rem; }
.warning { border: 2px solid var(--bad); padding: .5rem 1rem; }
@media print {
  .controls { display: none; } details { break-inside: avoid; } body { max-width: none; }
}
"""

SCRIPT = """
"use strict";
const body = document.querySelector("#students tbody");
for (const [column, head] of document.querySelectorAll("#students th").entries()) {
  head.querySelector("button").addEventListener("click", () => {
    const down = head.ariaSort !== "descending" && column > 0 || head.ariaSort === "ascending";
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = row => row.cells[column].dataset.key ?? row.cells[column].textContent;
    const order = (a, b) => column === 0 ? key(a).localeCompare(key(b))
      : (key(a) === "" ? -1 : Number(key(a))) - (key(b) === "" ? -1 : Number(key(b)));
    const rows = [...body.rows].sort((a, b) => down ? order(b, a) : order(a, b));
    body.append(...rows);
  });
}
const search = document.querySelector("#search"), count = document.querySelector("#count");
const problems = document.querySelector("#problems");
function filter() {
  const wanted = search.value.trim().toLowerCase();
  let shown = 0;
  for (const row of body.rows) {
    const name = row.cells[0].textContent.toLowerCase();
    const hide = !name.includes(wanted) || problems.checked && row.dataset.full === "yes";
    row.hidden = hide;
    document.getElementById(row.dataset.page).hidden = hide;
    shown += !hide;
  }
  count.textContent = `${shown} of ${body.rows.length}`;
}
search.addEventListener("input", filter);
problems.addEventListener("change", filter);
function opened() {
  const page = document.getElementById(location.hash.slice(1));
  if (page instanceof HTMLDetailsElement) page.open = true;
}
addEventListener("hashchange", opened);
opened();
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
});
"""


def report(book: Gradebook, title: str) -> str:
    """Returns the page.

    Args:
      book: the class's gradebook.
      title: names the class.
    """
    weeks = book.weeks
    rubrics = {week: read_rubric(COURSE.checks / f"{week}.py") for week in weeks}
    results = {student: book.results(student) for student in book.students}
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">",
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>",
        f"<h1>{escape(title)}</h1>",
        *_summary(results, weeks, rubrics),
        '<h2 id="tasks">Tasks</h2>',
        *_tasks(results, weeks, rubrics),
        '<h2 id="class">Students</h2>',
        *_table(results, weeks, rubrics),
        '<h2 id="pages">Each student</h2>',
        *_pages(results, weeks, rubrics),
        f"</main><script>{SCRIPT}</script></body></html>",
    ]
    return "\n".join(parts) + "\n"


Results = dict[str, dict[str, dict[str, Any] | None]]
Rubrics = dict[str, tuple[Task, ...]]


def _worth(rubric: tuple[Task, ...]) -> float:
    return float(sum(task.points for task in rubric))


def _summary(results: Results, weeks: list[str], rubrics: Rubrics) -> Iterator[str]:
    handed = sum(len(each) for each in results.values())
    yield f"<p>{len(results)} students, {handed} submissions, {len(weeks)} weeks.</p>"
    verdicts = [r for each in results.values() for r in each.values() if r is not None]
    weaker = sorted({r["isolation"] for r in verdicts} - {"sandbox"})
    if weaker:
        yield (
            f'<p class="warning">Graded in the tier <b>{escape(", ".join(weaker))}</b>, without '
            "the sandbox: a submission could read and change whatever the grading user can.</p>"
        )
    unjudged = sum(week_points(each, w) is None for each in results.values() for w in each)
    if unjudged:
        yield f'<p class="warning">{unjudged} submissions have no verdict yet: run again.</p>'
    yield '<div class="weeks">'
    for week in weeks:
        points = [week_points(each, week) for each in results.values() if week in each]
        known = [p for p in points if p is not None]
        yield _histogram(week, known, _worth(rubrics[week]))
    yield "</div>"


def _histogram(week: str, points: list[float], most: float) -> str:
    """A bar per tenth of a week's points, with the numbers as text for who sees no picture."""
    counts = Counter(min(BINS - 1, int(p / most * BINS)) for p in points)
    highest = max(counts.values(), default=1)
    bars = "".join(
        f'<rect x="{k * 20}" y="{60 - 55 * counts[k] / highest:.1f}" width="18" '
        f'height="{55 * counts[k] / highest:.1f}"><title>{counts[k]}</title></rect>'
        for k in range(BINS)
    )
    mean = f"mean {statistics.mean(points):.1f} of {number(most)}" if points else "nothing yet"
    spoken = ", ".join(f"{k * 10} to {k * 10 + 10} %: {counts[k]}" for k in sorted(counts))
    return (
        f'<figure><svg viewBox="0 0 200 75" width="200" role="img" aria-label="{week}: {spoken}">'
        f'{bars}<text x="0" y="72">0</text><text x="200" y="72" text-anchor="end">'
        f"{number(most)}</text></svg><figcaption><b>{week}</b> {mean}, {len(points)} handed in"
        "</figcaption></figure>"
    )


def _tasks(results: Results, weeks: list[str], rubrics: Rubrics) -> Iterator[str]:
    yield '<div class="scroll"><table><thead><tr><th scope="col">task</th>'
    yield '<th scope="col">passed</th><th scope="col">points, mean</th>'
    yield '<th scope="col">what else came of it</th><th scope="col">seconds, median</th></tr>'
    yield "</thead><tbody>"
    rows = []
    for week in weeks:
        for task in rubrics[week]:
            found = [
                entry
                for each in results.values()
                for entry in (each.get(week) or {"tasks": []})["tasks"]
                if entry["name"] == task.name
            ]
            if not found:
                continue
            counts = Counter(entry["status"] for entry in found)
            share = counts.pop("passed", 0) / len(found)
            points = statistics.mean(entry["points"] for entry in found)
            seconds = statistics.median(entry["seconds"] for entry in found)
            rest = ", ".join(f"{count} {status}" for status, count in counts.most_common())
            rows.append(
                (
                    share,
                    f"<tr><td>{week} <b>{escape(task.name)}</b></td><td>{share:.0%} "
                    f'<span class="bar" style="width:{share * 4:.2f}em"></span></td>'
                    f"<td>{points:.1f} of {number(task.points)}</td><td>{rest}</td>"
                    f"<td>{seconds:.1f}</td></tr>",
                )
            )
    rows.sort(key=lambda row: row[0])  # what most fail comes first
    yield from (row for _, row in rows)
    yield "</tbody></table></div>"


def _table(results: Results, weeks: list[str], rubrics: Rubrics) -> Iterator[str]:
    yield (
        '<p class="controls"><label>Find <input type="search" id="search"></label> '
        '<label><input type="checkbox" id="problems"> only who lacks points</label> '
        f'<span id="count" role="status">{len(results)} of {len(results)}</span></p>'
    )
    yield '<div class="scroll"><table id="students"><thead><tr>'
    for name in ("student", *weeks, "total"):
        sort = ' aria-sort="ascending"' if name == "student" else ""
        yield f'<th scope="col"{sort}><button type="button">{name}</button></th>'
    yield "</tr></thead><tbody>"
    most = sum(_worth(rubrics[week]) for week in weeks)
    for place, (student, each) in enumerate(results.items()):
        points = [week_points(each, week) for week in weeks]
        total = total_points(points)
        full = "yes" if total >= most else "no"
        yield (
            f'<tr data-page="s{place}" data-full="{full}"><td><a href="#s{place}">'
            f"{escape(student)}</a></td>"
        )
        for week, value in zip(weeks, points, strict=True):
            if week not in each:
                yield '<td data-key="0" class="dim">–</td>'
            elif value is None:
                yield '<td data-key="" class="dim">not judged</td>'
            else:
                yield f'<td data-key="{value}">{number(value)}</td>'
        yield f'<td data-key="{total}"><b>{number(total)}</b></td></tr>'
    yield "</tbody></table></div>"


def _pages(results: Results, weeks: list[str], rubrics: Rubrics) -> Iterator[str]:
    for place, (student, each) in enumerate(results.items()):
        total = total_points(week_points(each, week) for week in weeks)
        yield f'<details id="s{place}"><summary><b>{escape(student)}</b> {number(total)}'
        yield "</summary>"
        for week in weeks:
            result = each.get(week)
            if week not in each:
                yield f'<p class="dim">{week}: nothing handed in.</p>'
            elif result is None:
                yield f'<p class="dim">{week}: not judged yet.</p>'
            else:
                yield from _week(result, _worth(rubrics[week]))
        yield "</details>"


def _week(result: dict[str, Any], most: float) -> Iterator[str]:
    yield (
        f"<details open><summary>{escape(result['week'])}: {number(result['points'])} of "
        f'{number(most)} <span class="dim">{escape(result["submission"])}, '
        f"{escape(result['isolation'])}</span></summary>"
    )
    for task in result["tasks"]:
        yield (
            f'<div class="task"><span class="{task["status"]}">{task["status"]}</span> '
            f"<b>{escape(task['name'])}</b> {escape(task['title'])}, "
            f"{number(task['points'])} of {number(task['max_points'])}"
        )
        if task["status"] not in ("passed", "todo") and task["message"]:
            hint = f"\ntry: {task['hint']}" if task["hint"] else ""
            yield f"<pre>{escape(task['message'] + hint)}</pre>"
        yield "</div>"
    yield "</details>"
