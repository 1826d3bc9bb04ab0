"""The results of a run, and the forms they are written in: JSON, JUnit, text for people."""

from __future__ import annotations

import json
import math
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

# What a submission can do in a tier and not in the sandbox.
RISKS = {
    "user": "see the machine's other processes and write where everybody may",
    "process": "read and change whatever the grading user can",
}
STATUSES = ("passed", "failed", "todo", "error", "timeout", "crashed", "skipped", "ungraded")
MAX_LINES = 12  # of a message with its hint
MAX_WIDTH = 300
LABEL_WIDTH = 17  # the longest label, "your code raised", and a space
MAX_MESSAGE = 20_000


@dataclass
class TaskResult:
    """How one task went; the fields are those of the JSON contract."""

    name: str
    title: str
    status: str
    points: float
    max_points: float
    seconds: float = 0.0
    message: str = ""
    hint: str = ""

    def __post_init__(self) -> None:
        """Holds what the contract promises, whatever a check did."""
        assert self.status in STATUSES
        points = float(self.points)
        self.points = min(max(points, 0.0), self.max_points) if math.isfinite(points) else 0.0
        self.seconds = round(max(0.0, self.seconds), 3)
        self.message = self.message[:MAX_MESSAGE]


@dataclass
class WeekResult:
    """How one week went; the fields are those of the JSON contract."""

    week: str
    submission: str
    self_check: bool
    data: str
    isolation: str
    device: str
    seed: str | int
    seconds: float = 0.0
    tasks: list[TaskResult] = field(default_factory=list)
    changed_files: list[str] = field(default_factory=list)  # of the grader, while it ran

    @property
    def points(self) -> float:
        """Points of all graded tasks."""
        return round(sum(task.points for task in self.tasks), 6)

    @property
    def max_points(self) -> float:
        """What all graded tasks are worth."""
        return round(sum(task.max_points for task in self.tasks), 6)

    @property
    def passed(self) -> bool:
        """True only when every task passed."""
        return bool(self.tasks) and all(task.status == "passed" for task in self.tasks)

    @property
    def ungraded(self) -> bool:
        """True if something could not be judged."""
        return any(task.status == "ungraded" for task in self.tasks)

    def as_json(self) -> dict[str, Any]:
        """Returns the object of the contract."""
        return {
            "schema": 1,
            "week": self.week,
            "submission": self.submission,
            "self_check": self.self_check,
            "data": self.data,
            "isolation": self.isolation,
            "device": self.device,
            "seed": self.seed,
            "points": self.points,
            "max_points": self.max_points,
            "passed": self.passed,
            "seconds": round(self.seconds, 3),
            "tasks": [asdict(task) for task in self.tasks],
        }


def exit_status(weeks: list[WeekResult]) -> int:
    """0 if every task passed, 2 if something could not be judged, else 1."""
    if any(week.ungraded for week in weeks):
        return 2
    return 0 if weeks and all(week.passed for week in weeks) else 1


def compose(rows: list[tuple[str, str]]) -> str:
    """Puts the rows of a message one below the other: a label of fixed width, then the text."""
    lines = []
    for label, text in rows:
        text = text if len(text) <= MAX_WIDTH else text[: MAX_WIDTH - 1] + "…"
        lines.append(f"{label:<{LABEL_WIDTH}}{text}" if label else text)
    return "\n".join(lines[: MAX_LINES - 1])


def write_text(path: Path, text: str) -> None:
    """Writes a file whole or not at all: a new file takes the old one's place by rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def json_text(weeks: list[WeekResult]) -> str:
    """Returns the JSON list of the contract."""
    text = json.dumps([week.as_json() for week in weeks], indent=2, allow_nan=False)
    return text + "\n"


# What XML 1.0 cannot hold, even escaped.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Suite:
    """A week of somebody's, as JUnit XML has it.

    Attributes:
      name: of the suite.
      properties: what holds for all of it.
      seconds: how long judging took.
      tasks: each as in the JSON contract.
    """

    name: str
    properties: dict[str, str]
    seconds: float
    tasks: list[dict[str, Any]]


def junit_text(weeks: list[WeekResult]) -> str:
    """Returns the results as JUnit XML: a suite for each week, a case for each task."""
    return junit_document(
        Suite(
            week.week,
            {"isolation": week.isolation, "points": number(week.points)},
            week.seconds,
            [asdict(task) for task in week.tasks],
        )
        for week in weeks
    )


def junit_document(suites: Iterable[Suite]) -> str:
    """Returns JUnit XML, whatever a message holds."""

    def clean(text: str) -> str:
        return NOT_XML.sub("\ufffd", text)

    kinds = {
        "failed": "failure",
        "error": "error",
        "timeout": "error",
        "crashed": "error",
        "ungraded": "error",
        "todo": "skipped",
        "skipped": "skipped",
    }
    root = ElementTree.Element("testsuites", name="flaxlings")
    for each in suites:
        counts = [kinds.get(task["status"], "") for task in each.tasks]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=clean(each.name),
            tests=str(len(each.tasks)),
            failures=str(counts.count("failure")),
            errors=str(counts.count("error")),
            skipped=str(counts.count("skipped")),
            time=f"{each.seconds:.3f}",
        )
        properties = ElementTree.SubElement(suite, "properties")
        for name, value in each.properties.items():
            ElementTree.SubElement(properties, "property", name=name, value=clean(value))
        for task in each.tasks:
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=clean(each.name),
                name=task["name"],
                time=f"{task['seconds']:.3f}",
            )
            kind = kinds.get(task["status"])
            if kind:
                first = (task["message"] or task["status"]).split("\n")[0]
                child = ElementTree.SubElement(
                    case, kind, message=clean(first), type=task["status"]
                )
                child.text = clean("\n".join(filter(None, (task["message"], task["hint"]))))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def gradescope_tests(week: str, tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns a week's tasks in the form of the tests of Gradescope's results.json."""
    return [
        {
            "name": f"{week} {task['name']}: {task['title']}",
            "score": task["points"],
            "max_score": task["max_points"],
            "status": "passed" if task["status"] == "passed" else "failed",
            "output": "\n".join(
                filter(None, (task["message"], task["hint"] and f"try: {task['hint']}"))
            ),
            "output_format": "text",
            "visibility": "visible",
        }
        for task in tasks
    ]


def gradescope_text(weeks: list[WeekResult]) -> str:
    """Returns the results in the form that Gradescope's autograder reads from results.json."""
    ungraded = " Something could not be judged: run it again." if exit_status(weeks) == 2 else ""
    found = {
        "score": round(sum(week.points for week in weeks), 6),
        "execution_time": round(sum(week.seconds for week in weeks), 3),
        "output": f"{tier_note(week.isolation for week in weeks)}{ungraded}",
        "tests": [
            test
            for week in weeks
            for test in gradescope_tests(week.week, [asdict(task) for task in week.tasks])
        ],
    }
    return json.dumps(found, indent=2, allow_nan=False) + "\n"


def tier_note(tiers: Iterable[str]) -> str:
    """Returns a sentence on how the code was kept apart while it was judged."""
    found = sorted(set(tiers))
    weaker = [tier for tier in found if tier != "sandbox"]
    if not weaker:
        return "Graded in the sandbox." if found else ""
    return (
        f"Graded in the tier {' and '.join(weaker)}, which is weaker than the sandbox: "
        f"a submission could {'; '.join(RISKS[tier] for tier in weaker)}."
    )


# Text for people ---------------------------------------------------------------------------------

LOOK = {
    "passed": ("✓", "green"),
    "failed": ("✗", "red"),
    "todo": ("·", "dim"),
    "error": ("✗", "red"),
    "timeout": ("✗", "red"),
    "crashed": ("✗", "red"),
    "skipped": ("-", "dim"),
    "ungraded": ("?", "yellow"),
}


def number(points: float) -> str:
    """Writes points without needless zeros: 2, 1.5."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def task_text(task: TaskResult) -> Text:
    """Returns a task as it is shown: one line, and the message below when it did not pass."""
    from rich.text import Text

    sign, style = LOOK[task.status]
    text = Text()
    text.append(f" {sign} ", style=style)
    text.append(f"{task.title}", style="" if task.status != "todo" else "dim")
    text.append(f"  {task.name}", style="dim")
    score = f"  {number(task.points)}/{number(task.max_points)}"
    text.append(score, style=style)
    if task.status not in ("passed", "failed"):
        text.append(f"  {task.status}", style=style)
    if task.seconds >= 1:
        text.append(f"  {task.seconds:.1f} s", style="dim")
    if task.message and task.status != "todo":
        for line in task.message.split("\n"):
            text.append("\n     " + line)
    if task.hint and task.status not in ("todo", "passed"):
        text.append(f"\n     {'try':<{LABEL_WIDTH}}", style="bold")
        text.append(task.hint)
    return text


def heading(week: str, submission: str, notes: list[str]) -> Text:
    """Returns the line above a week's tasks."""
    from rich.text import Text

    text = Text()
    text.append(week, style="bold")
    text.append(f"  {submission}")
    if notes:
        text.append(f"  ({', '.join(notes)})", style="dim")
    return text


def total_text(week: WeekResult) -> Text:
    """Returns the line below a week's tasks."""
    from rich.text import Text

    passed = sum(task.status == "passed" for task in week.tasks)
    text = Text()
    text.append(
        f"{week.week}: {passed} of {len(week.tasks)} tasks, "
        f"{number(week.points)} of {number(week.max_points)} points",
        style="bold green" if week.passed else "bold",
    )
    text.append(f"  {week.seconds:.1f} s", style="dim")
    return text


def console(stderr: bool = False) -> Console:
    """Returns where text for people goes: colour on a terminal only, and not with NO_COLOR."""
    from rich.console import Console

    # Lines are never broken in a pipe, so that other programs can read them.
    return Console(
        stderr=stderr,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
        # With NO_COLOR rich leaves out colours; bold and dim are escapes as well.
        color_system=None if os.environ.get("NO_COLOR") else "auto",
    )
