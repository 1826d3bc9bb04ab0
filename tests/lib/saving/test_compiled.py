"""Compiled code on disk: reused the next time, and only from the user's own folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lib.saving.compiled import keep_compiled

PROGRAM = """
import json, sys
import jax, numpy as np, optax
import lib

found = []
jax.monitoring.register_event_listener(
    lambda event, **_: found.append(event) if event.endswith("cache_hits") else None
)
lib.keep_compiled(sys.argv[1])
images = np.random.default_rng(0).random((32, 8, 8, 1), np.float32)
labels = np.arange(32) % 2
model = lib.ConvClassifier((4,), hidden=3, classes=2)
state = lib.create_state(model, optax.adam(0.01), images, jax.random.key(0))
state, history = lib.fit(state, images, labels, epochs=2, verbose=0)
sums = [float(np.float64(leaf).sum()) for leaf in jax.tree.leaves(state.params)]
print(json.dumps({"found": len(found), "losses": history["loss"], "sums": sums}))
"""


def run(folder: Path) -> dict:
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stderr == ""
    return json.loads(process.stdout)


def test_the_second_run_of_a_program_takes_what_the_first_one_compiled(tmp_path):
    first, second = run(tmp_path / "new" / "folder"), run(tmp_path / "new" / "folder")
    kept = list((tmp_path / "new" / "folder").glob("*/jit_train_on_arrays-*"))
    assert kept
    assert (tmp_path / "new" / "folder").stat().st_mode & 0o777 == 0o700
    assert (first["found"], second["found"] > 3) == (0, True)
    assert {**first, "found": 0} == {**second, "found": 0}


def test_a_second_call_moves_on_to_another_folder(tmp_path):
    places = [str(tmp_path / name) for name in ("first", "second")]
    program = f"""
import jax, lib
for number, place in enumerate({places!r}):
    lib.keep_compiled(place)
    jax.jit(lambda x: x + number)(1.0)
"""
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[3], check=True)
    kept = [set(file.name for file in Path(place).glob("*/jit__lambda*")) for place in places]
    assert kept[0] and kept[1] and not kept[0] & kept[1]


def test_a_folder_that_others_may_write_into_is_refused(tmp_path):
    tmp_path.chmod(0o777)
    with pytest.raises(PermissionError, match="chmod go-w"):
        keep_compiled(tmp_path)


def test_a_folder_of_another_user_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="belongs to another user"):
        keep_compiled(tmp_path)
