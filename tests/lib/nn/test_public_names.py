"""Nothing public in `lib.nn` is the answer of a task that has students convolve by themselves."""

import importlib
import inspect
import pkgutil

import pytest

import lib.nn
from grader.course import COURSE
from grader.rubric import read_rubric
from grader.source.forbidden import _matches


def convolving_functions():
    """Names of all that takes pictures and a kernel."""
    for module in pkgutil.walk_packages(lib.nn.__path__, "lib.nn."):
        for name, function in vars(importlib.import_module(module.name)).items():
            if name.startswith("_") or not callable(function):
                continue
            try:
                arguments = tuple(inspect.signature(function).parameters)[:2]
            except (TypeError, ValueError):
                continue
            if arguments in (("x", "kernel"), ("lhs", "rhs")):
                yield f"{module.name}.{name}"


@pytest.mark.parametrize("week, task", [("week3", "convolve2d"), ("week4", "convolve_rgb")])
def test_each_is_forbidden_there(week, task):
    rubric = {each.name: each for each in read_rubric(COURSE.checks / f"{week}.py")}
    names = set(convolving_functions())
    assert {"lib.nn.onednn.operations.forward", "lib.nn.convolution.conv2d"} <= names
    allowed = {
        name
        for name in names
        if not any(_matches(name, pattern) for pattern in rubric[task].forbids)
    }
    assert not allowed
