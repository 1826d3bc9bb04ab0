"""Writes results in the form that Gradescope reads."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from grader.results.model import WeekResult, exit_status
from grader.results.text import tier_note


def gradescope_tests(week: str, tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns a week's tasks as tests for Gradescope's results.json."""
    return [
        {
            "name": f"{week} {task['name']}: {task['title']}",
            "score": task["points"],
            "max_score": task["max_points"],
            "status": "passed" if task["points"] >= task["max_points"] else "failed",
            "output": "\n".join(
                filter(
                    None,
                    (
                        task["message"],
                        task["hint"] and f"try: {task['hint']}",
                        task.get("comment"),  # from an instructor
                    ),
                )
            ),
            "output_format": "text",
            "visibility": "visible",
        }
        for task in tasks
    ]


def gradescope_text(weeks: list[WeekResult], note: str = "") -> str:
    """Returns the results as Gradescope reads them from results.json.

    Args:
      weeks: the results.
      note: the text above all of them.
    """
    ungraded = " Something could not be judged: run it again." if exit_status(weeks) == 2 else ""
    found = {
        "score": round(sum(week.points for week in weeks), 6),
        "execution_time": round(sum(week.seconds for week in weeks), 3),
        "output": f"{note} {tier_note(week.isolation for week in weeks)}{ungraded}".strip(),
        "tests": [
            test
            for week in weeks
            for test in gradescope_tests(week.week, [asdict(task) for task in week.tasks])
        ],
    }
    return json.dumps(found, indent=2, allow_nan=False) + "\n"
