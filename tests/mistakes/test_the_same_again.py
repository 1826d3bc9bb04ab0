"""A second run with the same seed, or the class's secret, gives the same verdicts and points.

This file tests a few tasks. `python -m pytest tests/mistakes -m "" --twice` repeats every
submission of these tests, and `python -m benchmarks.repeat --seed 1 --runs 2 all` every solution.
"""

import json
import shutil
import textwrap

import pytest

from grader.cli.main import main
from grader.course import COURSE
from grader.rubric import read_rubric
from grader.worker import tiers

WRONG = {
    "week1": {
        "set_last": "def set_last(values, new):\n    return values.at[0].set(new)\n",
        "two_draws": """
            def two_draws(key, n):
                raise ValueError(str(jax.random.normal(key, (n,))))
        """,
        "mean_squared_error": "def mean_squared_error(predictions, targets):\n    return jnp.nan\n",
    },
    "week2": {
        "one_hot": "def one_hot(labels, classes):\n    return jnp.ones((len(labels), classes))\n",
    },
    "week3": {
        "convolve2d": """
            def convolve2d(image, kernel):
                height = image.shape[0] - kernel.shape[0] + 1
                width = image.shape[1] - kernel.shape[1] + 1
                flipped = kernel[::-1, ::-1]
                result = jnp.zeros((height, width))
                for i in range(kernel.shape[0]):
                    for j in range(kernel.shape[1]):
                        result += image[i : i + height, j : j + width] * flipped[i, j]
                return result
        """,
    },
}


@pytest.mark.parametrize("week", WRONG)
def test_the_same_seed_gives_the_same_verdicts(week, grade, swap):
    rubric = read_rubric(COURSE.checks / f"{week}.py")
    tasks = [task.name for task in rubric if not task.training]
    source = swap(week, tasks[0], "\n".join(map(textwrap.dedent, WRONG[week].values())))
    kept = ("status", "points", "max_points", "message", "hint")
    runs = []
    for seed in (7, 7, 8):
        report = grade(source, week, *tasks, seed=seed)
        runs.append({n: tuple(task[key] for key in kept) for n, task in report.tasks.items()})
    first, again, other = runs
    assert first == again
    statuses = {name: task[0] for name, task in first.items()}
    assert all(statuses[name] in ("failed", "error") for name in WRONG[week])
    assert statuses == {name: task[0] for name, task in other.items()}, "another seed judges alike"
    assert first != other, "messages show other inputs"


@pytest.mark.slow
def test_a_dispute_is_judged_again_to_the_same_verdict(tmp_path):
    folder = tmp_path / "in"
    for name, body in (("ada", "values.at[-1].set(new)"), ("bob", "values + new")):
        (folder / name).mkdir(parents=True)
        text = f"def set_last(values, new):\n    return {body}\n"
        (folder / name / "week1.py").write_text(text)
    verdicts = []
    for out in (tmp_path / "first", tmp_path / "second"):
        command = ["class", str(folder), "--out", str(out), "--jobs", "1"]
        if out.name == "second":
            out.mkdir()
            shutil.copy(tmp_path / "first/secret", out)
        assert main([*command, "--isolation", tiers.choose("auto")]) == 0
        found = [json.loads((out / f"results/{n}/week1.json").read_text()) for n in ("ada", "bob")]
        for (week,) in found:
            for timed in (week, *week["tasks"]):
                timed.pop("seconds")
        verdicts.append(found)
    assert verdicts[0] == verdicts[1] and verdicts[0][0][0]["points"] > 0
    assert verdicts[0][0][0]["seed"] != verdicts[0][1][0]["seed"], "each attempt has its own"
    assert (tmp_path / "first/grades.csv").read_bytes() == (
        tmp_path / "second/grades.csv"
    ).read_bytes()
