"""No public name in `lib` solves a task in which students write a convolution."""

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import lib
from grader.course import COURSE
from grader.rubric import read_rubric
from grader.source.forbidden import forbidden_use
from grader.source.program import Program
from grader.source.submission import Submission


def convolving_functions():
    """(module, name) of everything that takes pictures and a kernel."""
    for module in pkgutil.walk_packages(lib.__path__, "lib."):
        if module.name.split(".")[-1].startswith("_"):
            continue
        for name, function in vars(importlib.import_module(module.name)).items():
            if name.startswith("_") or not callable(function):
                continue
            try:
                arguments = tuple(inspect.signature(function).parameters)[:2]
            except (TypeError, ValueError):
                continue
            if arguments in (("x", "kernel"), ("lhs", "rhs")):
                yield module.name, name


@pytest.mark.parametrize("week, task", [("week3", "convolve2d"), ("week4", "convolve_rgb")])
def test_each_is_forbidden_there(week, task):
    forbids = {each.name: each for each in read_rubric(COURSE.checks / f"{week}.py")}[task].forbids
    names = set(convolving_functions())
    assert {("lib.nn.onednn.operations", "forward"), ("lib.nn.convolution", "conv2d")} <= names
    for module, name in names:
        text = f"import {module}\ndef f(x, kernel):\n    return {module}.{name}(x, kernel)\n"
        program = Program(Submission(week, Path(f"{week}.py"), text))
        assert forbidden_use(program, ("f",), forbids), f"{module}.{name}"
