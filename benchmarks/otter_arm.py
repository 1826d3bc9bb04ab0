"""Makes week 1's assignment for otter-grader: the same tasks and calls, judged by value.

Otter runs a submission and its tests in one Jupyter kernel, here without a container. Inputs are
drawn as in the course's checks; the solutions produce the expected answers.
"""

import json
import os
import runpy
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.processes import ROOT
from grader.course import COURSE
from grader.rubric import read_rubric

TEST = """
import json

from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points}

CASES = json.loads({cases!r})


@test_case()
def test_answers(env):
    import jax
    import jax.numpy as jnp
    import numpy as np

    def argument(value):
        if isinstance(value, dict):
            return jax.random.key(value["key"])
        return jnp.asarray(value, jnp.float32) if isinstance(value, list) else value

    for case in CASES:
        got = env[case["function"]](*map(argument, case["arguments"]))
        leaves = jax.tree.leaves(got)
        assert len(leaves) == len(case["expected"])
        for one, other in zip(leaves, case["expected"]):
            if isinstance(other, str):
                assert one == other
            else:
                assert np.shape(one) == np.shape(other)
                assert np.allclose(one, other, rtol=1e-3, atol=case["within"], equal_nan=True)
"""


def _calls(dice: np.random.Generator) -> dict[str, list[tuple[Any, ...]]]:
    """Returns the arguments of each call by function, in the number and size of the checks."""

    def line(n: int) -> tuple[list[float], list[float]]:
        x = np.linspace(-2, 5, n)
        return x.tolist(), (dice.uniform(1, 3) * x + dice.uniform(1, 3)).tolist()

    def numbers(n: int) -> list[float]:
        return dice.normal(size=n).tolist()

    x, y = line(8)
    eight, targets = numbers(8), numbers(8)
    column = [[value] for value in eight]
    return {
        "set_last": [(numbers(6), 5.5), (numbers(1), 7.5)],
        "two_draws": [
            ({"key": seed}, n) for seed, n in ((1, 20_000), (1, 3), (1, 20_000), (2, 20_000))
        ],
        "mean_squared_error": [
            (eight, targets),
            (column, targets),
            (eight, [[t] for t in targets]),
        ],
        "gradient_step": [(1.5, 2.5, numbers(7), numbers(7), 0.04) for _ in range(2)],
        "train_line": [(*line(8), 0.015, 40)],
        "fit_line": [
            *((*line(n), {"key": n}) for n in (7, 10)),
            *(([1.75] * 8, [3.0] * 8, {"key": n}) for n in (1, 2)),
        ],
        "house_price": [
            ([float(n) for n in range(1, 7)], [0.5 + more * n for n in range(1, 7)], new)
            for more, new in ((0.5, 7.0), (0.3, 9.0), (0.7, 10.0))
        ]
        + [([3.0] * 6, [1.5] * 6, 3.0)],
        "judge_learning_rate": [
            (x, y, rate) for rate in (1e-4, 3e-4, 0.03, 0.05, 0.3, 0.5, 10.0, 19.0)
        ],
    }


def _answers(function: Callable[..., Any], arguments: tuple[Any, ...]) -> list[Any]:
    import jax
    import jax.numpy as jnp

    def argument(value: Any) -> Any:
        if isinstance(value, dict):
            return jax.random.key(value["key"])
        return jnp.asarray(value, jnp.float32) if isinstance(value, list) else value

    leaves = jax.tree.leaves(function(*map(argument, arguments)))
    return [leaf if isinstance(leaf, str) else np.asarray(leaf).tolist() for leaf in leaves]


def write_assignment(otter: str, folder: Path) -> Path:
    """Makes the zip of the assignment with otter.

    Args:
      otter: path of the command.
      folder: a folder to work in.

    Returns:
      The zip.
    """
    tests = folder / "tests"
    tests.mkdir(parents=True)
    solution = runpy.run_path(str(COURSE.solutions / "week1.py"))
    calls = _calls(np.random.default_rng(2026))
    for task in read_rubric(COURSE.checks / "week1.py"):
        cases = [
            {
                "function": name,
                "arguments": arguments,
                "expected": _answers(solution[name], arguments),
                "within": 0.1 if task.training else 1e-3,
            }
            for name in task.functions
            for arguments in calls[name]
        ]
        text = TEST.format(name=task.name, points=float(task.points), cases=json.dumps(cases))
        (tests / f"{task.name}.py").write_text(text.lstrip(), encoding="utf-8")
    made = folder / "autograder.zip"
    command = [otter, "generate", "-t", str(tests), "-o", str(made)]
    nothing_else = ["--no-config", "--no-requirements", "--no-environment"]
    subprocess.run([*command, *nothing_else], cwd=folder, check=True, capture_output=True)
    return made


def grade(otter: str, assignment: Path, submission: Path, out: Path, core: int) -> float:
    """Grades one submission without a container.

    Args:
      otter: path of the command.
      assignment: the zip.
      submission: the file.
      out: a folder for the result; an existing one is deleted first.
      core: the core to run on.

    Returns:
      The points.

    Raises:
      RuntimeError: if otter fails.
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    command = [otter, "run", "-a", str(assignment), "--no-logo", "-o", str(out), str(submission)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JAX_PLATFORMS": "cpu"}
    run = subprocess.run(
        ["taskset", "-c", str(core), *command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        raise RuntimeError(f"otter ended with exit status {run.returncode}: {run.stderr[-500:]}")
    found = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return sum(test.get("score", 0.0) for test in found["tests"])
