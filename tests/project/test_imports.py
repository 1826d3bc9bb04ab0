"""Dependencies point one way, heavy imports come late, and no code unpickles data."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOPS = ("lib", "grader", "exercises", "solutions", "benchmarks")

# Which parts each part may import. Only the grader's worker runs exercises and solutions, and it
# finds them by file, not by import.
ALLOWED = {
    "lib": {"lib"},
    "grader": {"grader", "lib"},
    "exercises": {"lib"},
    "solutions": {"lib", "solutions"},  # the demonstrations show the solutions
    "benchmarks": {"benchmarks", "grader", "lib"},
}

FORBIDDEN = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "shelve", "marshal", "joblib"}


def imported(file: Path) -> Iterator[str]:
    """Yields the full name of every module that a file imports, including in functions."""
    package = file.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            yield ".".join([*base, *([node.module] if node.module else [])])
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in ("importlib.import_module", "import_module", "__import__")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)


def sources(top: str) -> list[Path]:
    return sorted((ROOT / top).rglob("*.py"))


@pytest.mark.parametrize("top", TOPS)
def test_imports_point_one_way(top):
    wrong = {
        f"{file.relative_to(ROOT)} imports {name}"
        for file in sources(top)
        for name in imported(file)
        if name.split(".")[0] in TOPS and name.split(".")[0] not in ALLOWED[top]
    }
    assert not wrong, sorted(wrong)


@pytest.mark.parametrize("top", TOPS)
def test_nothing_imports_a_pickle_of_any_kind(top):
    wrong = {
        f"{file.relative_to(ROOT)} imports {name}"
        for file in sources(top)
        for name in imported(file)
        if name.split(".")[0] in FORBIDDEN
    }
    assert not wrong, sorted(wrong)


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("import pickle\npickle.loads(b'')\n", "S301"),
        ("import marshal\nmarshal.loads(b'')\n", "S302"),
        ("eval('1')\n", "S307"),
        ("exec('1')\n", "S102"),
    ],
)
@pytest.mark.parametrize("folder", TOPS)
def test_the_linter_refuses_to_run_data(folder, code, rule):
    lint = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=json"]
        + ["--stdin-filename", f"{folder}/new.py", "-"],
        input=code,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert rule in {finding["code"] for finding in json.loads(lint.stdout)}, lint.stderr


def modules_after(statement: str) -> set[str]:
    """Returns the top-level and second-level names of all modules that a statement loads."""
    code = f"{statement}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_importing_lib_loads_nothing_that_is_used_only_now_and_then():
    loaded = modules_after("import lib")
    late = {"matplotlib", "tensorflow_datasets", "tensorflow", "orbax.checkpoint", "grain", "keras"}
    late |= {"h5py", "pooch", "PIL", "simplejpeg"}
    assert "jax" in loaded
    assert not late & loaded


@pytest.mark.parametrize("module", ["grader", "benchmarks"])
def test_importing_the_other_packages_does_not_even_load_jax(module):
    assert "jax" not in modules_after(f"import {module}")
