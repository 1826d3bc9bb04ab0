"""The program on the page about your own pictures does what the page says."""

import ast
import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import lib

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "own-pictures.md").read_text(encoding="utf-8")
(PROGRAM,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_program_has_thirty_lines_and_every_name_is_there():
    assert len([line for line in PROGRAM.splitlines() if line.strip()]) <= 30
    for node in ast.walk(ast.parse(PROGRAM)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "lib":
                assert hasattr(lib, node.attr), node.attr


def test_links_of_the_page_lead_to_files():
    for target in re.findall(r"\]\(([^)#\s]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target


@pytest.mark.slow
def test_the_page_goes_from_a_folder_to_a_table_of_answers(tmp_path):
    rng = np.random.default_rng(0)
    for name, colour in (
        ("badger", (90, 90, 90)),
        ("fox", (200, 90, 20)),
        ("nothing", (40, 120, 40)),
    ):
        for part, count in (("photos", 20), ("new-photos", 2)):
            (tmp_path / part / name).mkdir(parents=True)
            for number in range(count):
                noise = rng.integers(-40, 40, (rng.integers(40, 70), rng.integers(40, 70), 3))
                pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(tmp_path / part / name / f"{number}.jpg")
    (tmp_path / "page.py").write_text(PROGRAM.replace("epochs=60", "epochs=4"))

    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))

    def run(*arguments):
        return subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True,
            timeout=600, env={**os.environ, "PYTHONPATH": path},
        ).stdout  # fmt: skip

    said = run("page.py")
    assert "3 classes" in said and "Epoch 4/4" in said and "precision" in said
    figures = {path.stem for path in (tmp_path / "figures").iterdir()}
    assert figures == {"history", "answers", "confusion", "mistakes", "activations"}
    assert (tmp_path / "training.npz").exists() and (tmp_path / "best.npz").exists()
    answers = run("-m", "lib", "predict", "photos.safetensors", "new-photos", "--csv")
    rows = list(csv.DictReader(answers.splitlines()))
    assert len(rows) == 6 and {"picture", "class", "badger", "fox", "nothing"} <= rows[0].keys()
