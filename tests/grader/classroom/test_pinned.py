"""A class gets the same grades from any folder and in any environment."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.worker import tiers

ROOT = Path(__file__).parents[3]
PLACE = {
    "conftest.py": "raise SystemExit('conftest was loaded')",
    "pytest.ini": "[pytest]\naddopts = --collect-only -p evil\npython_functions = nothing",
    "tox.ini": "[pytest]\naddopts = --version",
    "setup.cfg": "[tool:pytest]\naddopts = --version",
    "numpy.py": "raise SystemExit('numpy was shadowed')",
    "jax.py": "raise SystemExit('jax was shadowed')",
    "lib.py": "raise SystemExit('lib was shadowed')",
    "grader.py": "raise SystemExit('grader was shadowed')",
    "week1.py": "raise SystemExit('the checks were shadowed')",
    "multiprocessing.py": "raise SystemExit('multiprocessing was shadowed')",
}
# An installed plugin, as a distribution on the path declares it.
PLUGIN = {
    "evil-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: evil\nVersion: 1\n",
    "evil-1.dist-info/entry_points.txt": "[pytest11]\nevil = evil_plugin\n",
    "evil_plugin.py": """
import os

def pytest_runtest_protocol(item, nextitem):
    os._exit(0)
""",
}
ENVIRONMENT = {
    "PYTEST_ADDOPTS": "-p evil_plugin --collect-only",
    "PYTEST_PLUGINS": "evil_plugin",
    "PYTEST_DEBUG": "1",
    "JAX_ENABLE_X64": "1",
    "JAX_DEFAULT_MATMUL_PRECISION": "bfloat16",
    "JAX_NUMPY_RANK_PROMOTION": "raise",
    "JAX_DEBUG_NANS": "1",
    "LANG": "C",
    "LC_ALL": "C",
    "TZ": "Pacific/Kiritimati",
    "PYTHONOPTIMIZE": "1",
}


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.mark.slow
def test_a_class_from_a_hostile_place(tmp_path):
    place, plugins, out = tmp_path / "outer/place", tmp_path / "installed", tmp_path / "out"
    write(tmp_path / "outer", PLACE)
    write(place, PLACE)
    write(plugins, PLUGIN)
    solution = (ROOT / "solutions/week1.py").read_text(encoding="utf-8")
    unchanged = "def set_last(values, new):\n    return values\n"
    write(tmp_path / "in", {"ada/week1.py": solution, "bob/week1.py": unchanged})
    path = os.pathsep.join([str(ROOT), str(plugins)])
    words = ["class", str(tmp_path / "in"), "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "grader", *words, "--isolation", tiers.choose("auto")],
        cwd=place,
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "shadowed" not in said and "loaded" not in said
    assert not (place / "pytestdebug.log").exists()
    with open(out / "grades.csv", newline="", encoding="utf-8") as file:
        rows = [row[:3] for row in csv.reader(file)]
    assert rows == [["student", "week1", "total"], ["ada", "17", "17"], ["bob", "0", "0"]]
