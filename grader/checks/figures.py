"""Figures that a student's function drew, as described by the worker (see `grader.checks`)."""

from __future__ import annotations

from typing import Any

from grader.judge.judge import Judge
from grader.judge.student import Handle

COUNTS = {1: "one", 2: "two"}


def axes_of(judge: Judge, figure: Any, function: str, count: int, hint: str = "") -> list[Any]:
    """Returns the descriptions of a figure's axes, without checking their contents.

    Args:
      judge: the fixture.
      figure: what the function returned.
      function: the name of the function that drew it.
      count: the number of axes it must have.
      hint: how to make that many.

    Raises:
      Failure: if it is not a figure, or has a different number of axes.
    """
    if type(figure) is not dict or type(figure.get("axes")) is not list:
        advice = "Figure() makes one. End with `return figure`."
        if isinstance(figure, Handle) and "Axes" in figure.kind:
            advice = "Return the figure that the axes belong to: axes.figure."
            figure = "axes"
        judge.fail(f"{function} must return a figure.", advice, got=figure, expected="a Figure")
    axes = figure["axes"]
    if len(axes) != count:
        judge.fail(
            f"The figure must have {COUNTS[count]} axes.",
            hint,
            got=f"a figure with {len(axes)} axes",
        )
    return axes
