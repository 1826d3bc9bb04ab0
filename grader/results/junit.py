"""Writes results as JUnit XML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from xml.etree import ElementTree

from grader.results.model import WeekResult
from grader.results.text import number

# What XML 1.0 cannot hold, even escaped.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Suite:
    """A student's week, as a suite in JUnit XML.

    Attributes:
      name: name of the suite.
      properties: facts about the entire suite.
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
    """Returns JUnit XML that is valid whatever the messages contain."""

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
                said = (task["message"], task["hint"], task.get("comment"))
                child.text = clean("\n".join(filter(None, said)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
