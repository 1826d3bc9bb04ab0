"""Training on several devices and in several processes: the results of one device."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import lib
from lib.train import batches, sharding

ROOT = Path(__file__).parents[3]

# Trains the same on each set of devices, with one step per epoch, so that the history
# is the loss of each step.
SCRIPT = """
import json, sys
import jax, numpy as np, optax
import lib

where, counts = sys.argv[1], json.loads(sys.argv[2])
if where != "alone":
    address, number = where.split("#")
    jax.distributed.initialize(address, 2, int(number))
rng = np.random.default_rng(0)
images = rng.integers(0, 256, (70, 12, 12, 1), np.uint8)
labels = rng.integers(0, 4, 70)


class Batches:
    batch_size, steps = 16, 5

    def epoch(self, number):
        for first in range(0, 70, 16):
            yield images[first : first + 16], labels[first : first + 16]


def spread(tree):
    return sorted({len(leaf.sharding.device_set) for leaf in jax.tree.leaves(tree)})


def numbers_of(tree):
    return sorted({device.id for leaf in jax.tree.leaves(tree) for device in leaf.devices()})


class Watch:
    def on_epoch_end(self, epoch, logs, state):
        self.devices, self.numbers = spread(state), numbers_of(state)
        self.kept = jax.tree.map(jax.numpy.copy, state.params)

    def on_train_end(self, state):
        return state.replace(params=self.kept)


def fit(devices, streamed, batch_size=16):
    model = lib.ConvClassifier((4,), 8, 4, dropout=0.4)
    state = lib.create_state(model, optax.adam(0.01), images[:1], jax.random.key(3))
    data, watch = (Batches(),) if streamed else (images, labels), Watch()
    state, history = lib.fit(
        state, *data, epochs=4, steps_per_epoch=None if streamed else 1, batch_size=batch_size,
        key=jax.random.key(1), validation=(images[:13], labels[:13]), callbacks=[watch],
        devices=devices, verbose=2,
    )
    places = {"during": watch.devices, "after": spread(state)}
    places["numbers"] = [watch.numbers, numbers_of(state)]
    measured = lib.evaluate(state, images, labels)
    return {"logs": history.logs, "measured": measured} | places


runs = []
for count, streamed, batch_size in counts:
    # A negative count takes the last ones.
    devices = None if count is None else jax.devices()[min(count, 0):][:abs(count)]
    runs.append(fit(devices, streamed, batch_size))
print("RESULT " + json.dumps(runs))
"""


def start(where, runs, devices=1):
    flags = f"--xla_force_host_platform_device_count={devices}"
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, where, json.dumps(runs)],
        cwd=ROOT,
        env={**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answer(process):
    told, problems = process.communicate(timeout=300)
    assert process.returncode == 0, problems
    shown, _, result = told.partition("RESULT ")
    return json.loads(result), shown


def assert_same_curve(one, other):
    assert len(one["logs"]) == len(other["logs"]) == 4
    for name in one["logs"][0]:
        left, right = ([logs[name] for logs in run["logs"]] for run in (one, other))
        np.testing.assert_allclose(left, right, rtol=1e-5)
    assert one["measured"] == pytest.approx(other["measured"], rel=1e-5)


def test_eight_devices_equal_one_in_every_step():
    runs = [[1, False, 16], [None, False, 16], [1, True, 16], [None, True, 16], [1, False, 10]]
    results, _ = answer(start("alone", [*runs, [None, False, 10]], devices=8))
    for one, many, count in zip(results[::2], results[1::2], (8, 8, 2), strict=True):
        assert_same_curve(one, many)
        assert one["during"] == [1] and many["during"] == [count]
        assert many["after"] == [1]


@pytest.mark.slow
def test_the_devices_that_were_chosen_are_used_and_no_other():
    runs = [[None, False, 16], [-1, False, 16], [-1, True, 16], [-2, False, 16], [-2, False, 13]]
    (default, *chosen), _ = answer(start("alone", runs, devices=4))
    assert default["numbers"] == [[0, 1, 2, 3], [0]]
    assert [run["numbers"] for run in chosen] == [[[3], [3]], [[3], [3]], [[2, 3], [2]], [[2], [2]]]
    assert_same_curve(default, chosen[0])


@pytest.mark.slow
def test_two_processes_equal_one():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    runs = [[None, False, 16], [None, True, 16]]
    both = [start(f"{address}#{number}", runs) for number in range(2)]
    try:
        answers = [answer(process) for process in both]
    finally:
        for process in both:
            process.kill()
    alone, _ = answer(start("alone", runs))
    for results, _ in answers:
        for one, two in zip(alone, results, strict=True):
            assert_same_curve(one, two)
            assert two["during"] == [2] and two["after"] == [1]
    assert "Epoch 4/4" in answers[0][1] and "Epoch" not in answers[1][1]  # only the first prints


@pytest.mark.parametrize("batch_size, devices, used", [(32, 8, 8), (12, 8, 4), (9, 8, 1)])
def test_as_many_devices_are_used_as_divide_the_batch(batch_size, devices, used):
    device = jax.devices()[0]
    mesh = sharding.mesh_for(batch_size, [device] * devices)
    assert mesh is not None and mesh.size == used
    assert sharding.mesh_for(batch_size) is None  # the tests have one device
    with pytest.raises(ValueError, match="devices is empty"):
        sharding.mesh_for(batch_size, [])


def test_processes_that_do_not_divide_the_batch_are_told(monkeypatch):
    monkeypatch.setattr(jax, "process_count", lambda: 3)
    with pytest.raises(ValueError, match="batch of 32 cannot be divided among 6 devices"):
        sharding.mesh_for(32, [jax.devices()[0]] * 6)


def test_nothing_crosses_between_host_and_device_inside_an_epoch(monkeypatch):
    rng = np.random.default_rng(0)
    images = jnp.asarray(rng.integers(0, 256, (40, 8, 8, 1), np.uint8))
    labels = jnp.asarray(rng.integers(0, 3, 40))
    state = lib.create_state(
        lib.DenseClassifier(8, 3), optax.adam(0.01), images[:1], jax.random.key(0)
    )
    steps, epochs = batches.train_on_arrays, []

    def guarded(*arguments, **options):
        *data, first, last, key = arguments
        bounds = jax.device_put((first, last))
        with jax.transfer_guard("disallow"):
            result = jax.block_until_ready(steps(*data, *bounds, key, **options))
        epochs.append((int(first), int(last)))
        return result

    monkeypatch.setattr(batches, "train_on_arrays", guarded)
    lib.fit(state, images, labels, epochs=2, batch_size=8, verbose=0)
    assert epochs == [(0, 5), (0, 5)]  # all steps of an epoch at once
