"""Files keep every bit, survive a kill, and are refused if damaged, foreign or for another net."""

import functools
import io
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import textwrap
import time
import zipfile

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import lib

ROOT = pathlib.Path(__file__).parents[3]


def same_bits(one, other) -> bool:
    """True if two trees have the same paths and every leaf the same type and bytes."""

    def raw(leaf):
        if isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
            leaf = jax.random.key_data(leaf)
        leaf = np.asarray(leaf)
        return str(leaf.dtype), leaf.shape, leaf.tobytes()

    def named(tree):
        return [(str(path), raw(leaf)) for path, leaf in jax.tree.leaves_with_path(tree)]

    return named(one) == named(other)


@pytest.fixture
def params():
    """All types that a parameter may have, with NaN, infinity and minus zero."""
    rng = np.random.default_rng(0)
    return {
        "conv1": {
            "kernel": jnp.asarray(rng.normal(size=(3, 3, 1, 2)), jnp.float32),
            "bias": jnp.array([jnp.nan, -0.0], jnp.float32),
        },
        "half": jnp.asarray(rng.normal(size=5), jnp.bfloat16),
        "eighth": jnp.asarray([0.5, -2], jnp.float8_e4m3fn),
        "deep": {"er": {"count": jnp.int32(7), "flags": jnp.array([True, False])}},
        "nothing": jnp.zeros((0, 3)),
    }


def test_parameters_come_back_bit_for_bit(tmp_path, params):
    path = tmp_path / "params.npz"
    lib.save_params(path, params)
    assert same_bits(lib.load_params(path), params)
    assert same_bits(lib.load_params(path, like=params), params)


def test_numpy_opens_the_file_without_unpickling(tmp_path, params):
    path = tmp_path / "params.npz"
    lib.save_params(path, params)
    with np.load(path, allow_pickle=False) as file:
        kernel = file["params/conv1/kernel"]
        about = json.loads(str(file["about"]))
    np.testing.assert_array_equal(kernel, params["conv1"]["kernel"])
    assert about["arrays"]["params/half"] == "bfloat16"


def test_the_same_parameters_make_the_same_bytes(tmp_path, params):
    lib.save_params(tmp_path / "one", params)
    lib.save_params(tmp_path / "two", params)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["one", "two"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"a/b": jnp.ones(2)}, "without a slash"), ({1: jnp.ones(2)}, "without a slash")]
    + [
        ({"a": np.array(["text"])}, "only numbers and random keys"),
        ({"a": object()}, "only numbers and random keys"),
    ]
    + [(jnp.ones(2), "nested dicts of arrays; this is ArrayImpl")]
    + [({"a": {"b": [jnp.ones(2)]}}, "'b' is .*cannot be restored")]
    + [({"a": {}}, "'a' is {}, which cannot be restored")],
)
def test_what_cannot_be_kept_is_refused_and_leaves_the_old_file(tmp_path, wrong, words):
    path = tmp_path / "params.npz"
    lib.save_params(path, {"a": jnp.ones(2)})
    before = path.read_bytes()
    with pytest.raises(ValueError, match=words):
        lib.save_params(path, wrong)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["params.npz"]


# Training ------------------------------------------------------------------------------------


@functools.lru_cache
def fresh_state(dropout=0.5, hidden=8, optimizer=None):
    images = np.zeros((1, 12, 12, 1), np.uint8)
    model = lib.ConvClassifier((4,), hidden=hidden, classes=3, dropout=dropout)
    chain = optax.chain(optax.add_noise(0.01, 0.5, key=3), optax.adam(0.01))
    return lib.create_state(
        model,
        optimizer or chain,
        images,
        jax.random.key(5),
        augment=lib.Augment(rotation=20, horizontal_flip=True, brightness=(0.8, 1.2)),
    )


def data():
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 3, 70).astype(np.int32)
    images = rng.integers(0, 120, (70, 12, 12, 1)) + 60 * labels[:, None, None, None]
    return np.minimum(images, 255).astype(np.uint8), labels


def train(state, epochs, done=0, callbacks=()):
    key = jax.random.key(9)
    state, _ = lib.fit(
        state, *data(), epochs=epochs, initial_epoch=done, batch_size=16, key=key,
        callbacks=callbacks, verbose=0,
    )  # fmt: skip
    return state


def test_a_state_comes_back_bit_for_bit(tmp_path):
    state = train(fresh_state(), 2)
    lib.save_state(tmp_path / "state.npz", state)
    loaded = lib.load_state(tmp_path / "state.npz", like=fresh_state())
    assert same_bits(loaded, state)
    assert int(loaded.step) == 10
    assert same_bits(lib.load_params(tmp_path / "state.npz"), state.params)


def test_resumed_training_gives_the_bits_of_uninterrupted_training(tmp_path):
    """Shuffling, dropout, augmentation, Adam and a random key in the optimizer's memory."""
    whole = train(fresh_state(), 4)
    checkpoint = lib.Checkpoint(tmp_path / "state.npz")
    state, done = checkpoint.resume(fresh_state())
    assert done == 0
    train(state, 2, callbacks=[checkpoint])
    state, done = checkpoint.resume(fresh_state())
    assert done == 2
    assert same_bits(train(state, 4, done, [checkpoint]), whole)
    state, done = checkpoint.resume(fresh_state())
    assert done == 4 and same_bits(train(state, 4, done), whole)  # nothing is left to do


def test_another_process_resumes_with_the_same_bits(tmp_path):
    whole = train(fresh_state(), 2)
    lib.save_state(tmp_path / "whole.npz", whole)
    program = textwrap.dedent(
        f"""
        import sys
        sys.path[:0] = {[str(ROOT), str(pathlib.Path(__file__).parent)]!r}
        import lib, test_saving as t
        checkpoint = lib.Checkpoint({str(tmp_path / "state.npz")!r})
        state, done = checkpoint.resume(t.fresh_state())
        print(done)
        state = t.train(state, done + 1, done, [checkpoint])
        """
    )
    for done in range(2):
        said = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=600, check=True
        )
        assert said.stdout.split() == [str(done)]
    assert same_bits(lib.load_state(tmp_path / "state.npz", like=fresh_state()), whole)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (lambda: fresh_state(hidden=9), "params/dense/bias is float32 (8,) in the file"),
        (lambda: fresh_state(optimizer=optax.sgd(0.1)), "also has opt_state/"),
        (lambda: fresh_state(optimizer=optax.adagrad(0.1)), "has no opt_state/"),
    ],
)
def test_a_state_of_another_net_or_optimizer_is_refused(tmp_path, other, words):
    path = tmp_path / "state.npz"
    lib.save_state(path, fresh_state())
    for attempt in (lambda: lib.load_state(path, other()), lib.Checkpoint(path).resume):
        with pytest.raises(lib.CheckpointError) as told:
            attempt(other()) if attempt.__name__ == "resume" else attempt()
        assert words in str(told.value) and "state.npz does not fit" in str(told.value)


def test_a_kill_while_saving_leaves_a_whole_checkpoint(tmp_path):
    """A process that saves endlessly is killed again and again; each time the file loads."""
    program = textwrap.dedent(
        f"""
        import sys
        sys.path.insert(0, {str(ROOT)!r})
        import numpy as np, lib
        number = int(sys.argv[1])
        while True:
            number += 1
            lib.save_params("params.npz", {{"a": np.full((300, 500), number, np.int32)}})
            print(number, flush=True)
        """
    )
    last, cut, rng = 0, 0, np.random.default_rng(0)
    for kill in range(20):
        if kill >= 4 and cut:
            break
        saver = subprocess.Popen(
            [sys.executable, "-c", program, str(last)],
            stdout=subprocess.PIPE, text=True, cwd=tmp_path,
        )  # fmt: skip
        try:
            assert saver.stdout is not None
            told = int(saver.stdout.readline())  # it has saved at least once
            time.sleep(rng.uniform(0, 0.02))
        finally:
            saver.send_signal(signal.SIGKILL)
            told = max([told, *map(int, saver.communicate()[0].split()[:-1])])
        found = np.unique(lib.load_params(tmp_path / "params.npz")["a"])
        assert found.shape == (1,) and told <= found[0]
        last = int(found[0])
        cut += len(list(tmp_path.glob(".params.npz.*.part")))
    lib.save_params(tmp_path / "params.npz", {"a": jnp.ones(1)})
    assert os.listdir(tmp_path) == ["params.npz"]  # no files of the killed processes are left
    assert cut, "no kill came in the middle of a save: the test tried nothing"


def test_the_half_file_of_another_machine_is_left_alone(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    here, there = (
        tmp_path / f".params.npz.{host}.{ended.pid}.part"
        for host in (socket.gethostname(), "another-host")
    )
    for part in (here, there):
        part.write_bytes(b"half")
    lib.save_params(tmp_path / "params.npz", {"a": jnp.ones(1)})
    assert sorted(os.listdir(tmp_path)) == [there.name, "params.npz"]


def test_one_process_of_several_writes_the_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(jax, "process_index", lambda: 1)
    lib.Checkpoint(tmp_path / "training.npz").on_epoch_end(0, {}, fresh_state())
    assert os.listdir(tmp_path) == []


def test_a_link_leads_to_the_file_as_before(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "params.npz"
    link.symlink_to(tmp_path / "elsewhere" / "kept.npz")
    lib.save_params(link, {"bias": np.arange(3.0)})
    assert link.is_symlink()
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["kept.npz"]
    assert lib.load_params(link)["bias"].tolist() == [0, 1, 2]


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "params.npz"
    lib.save_params(path, {"a": jnp.ones(3)})

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        lib.save_params(path, {"a": jnp.zeros(3)})
    assert same_bits(lib.load_params(path), {"a": jnp.ones(3)})
    assert os.listdir(tmp_path) == ["params.npz"]


# Damage --------------------------------------------------------------------------------------


def test_no_damaged_byte_goes_unnoticed(tmp_path):
    """A file with any one byte changed is refused, or still says exactly the same."""
    path = tmp_path / "params.npz"
    params = {"kernel": jnp.arange(6.0).reshape(2, 3), "bias": jnp.ones(2, jnp.bfloat16)}
    lib.save_params(path, params)
    whole = path.read_bytes()
    refused = 0
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        path.write_bytes(damaged)
        try:
            assert same_bits(lib.load_params(path), params), f"byte {place} changed a parameter"
        except lib.CheckpointError as error:
            assert "params.npz" in str(error)
            refused += 1
    assert refused > 0.5 * len(whole)


@pytest.mark.parametrize("part", [0, 1, 100, 0.3, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(tmp_path, params, part):
    path = tmp_path / "params.npz"
    lib.save_params(path, params)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole)) if part < 1 else part])
    with pytest.raises(lib.CheckpointError, match="damaged"):
        lib.load_params(path)


def archive(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return file.getvalue()


def npz(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def npz_about(**about) -> bytes:
    return npz(about=np.array(json.dumps(about)))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "neither an .npz archive nor"),
        (archive(a=b"text"), "does not say what it contains"),
        (npz(a=np.ones(3)), "was not saved by lib.save_params"),
        (npz(about=np.array([object()])), "damaged"),  # a pickle: never opened
        (npz_about(format=2, holds="parameters", arrays={}), "has format 2"),
        (npz_about(format=1, holds="parameters", arrays={"a": "float32"}), "arrays are missing"),
        (npz_about(format=1, holds="recipes", arrays={}), "contains recipes"),
        (npz_about(format=1, arrays={}), "contains None"),
        (npz(about=np.array("[1]")), "damaged"),
        (npz(about=np.array("{")), "damaged"),
    ],
)
def test_foreign_files_are_refused(tmp_path, content, words):
    path = tmp_path / "foreign.npz"
    path.write_bytes(content)
    with pytest.raises(lib.CheckpointError) as told:
        lib.load_params(path)
    assert words in str(told.value) and "foreign.npz" in str(told.value)


def test_a_bomb_is_not_opened(tmp_path):
    file = io.BytesIO()
    np.savez_compressed(file, about=np.array("x" * 10_000_000))
    (tmp_path / "bomb.npz").write_bytes(file.getvalue())
    with pytest.raises(lib.CheckpointError, match="compressed"):
        lib.load_params(tmp_path / "bomb.npz")


def test_a_missing_file_is_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        lib.load_params(tmp_path / "none.npz")
    with pytest.raises(lib.CheckpointError, match="not training state"):
        lib.save_params(tmp_path / "params.npz", {"a": jnp.ones(1)})
        lib.load_state(tmp_path / "params.npz", like=fresh_state())


# Models --------------------------------------------------------------------------------------


def initialised(model, shape):
    return jax.jit(model.init)(jax.random.key(0), jnp.zeros((1, *shape)))["params"]


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (lib.ConvClassifier((3, 4), hidden=5, classes=3, padding="SAME", dropout=0.5), "abc"),
        (lib.DenseClassifier(hidden=6, classes=4), ("a", "b", "c", "ü")),
        (lib.ConvClassifier((2,), hidden=3, classes=1), ("cats", "dogs")),
    ],
)
def test_a_model_comes_back_whole(tmp_path, model, names):
    shape, path = (12, 13, 3), tmp_path / "model.npz"
    params = initialised(model, shape)
    lib.save_model(path, model, params, tuple(names), shape)
    kept = lib.load_model(path)
    assert kept.model == model
    assert same_bits(kept.params, params)
    assert (kept.class_names, kept.input_shape) == (tuple(names), shape)
    images = np.random.default_rng(0).uniform(size=(4, *shape)).astype(np.float32)
    apply = jax.jit(lambda model, params: model.apply({"params": params}, images), static_argnums=0)
    assert same_bits(apply(kept.model, kept.params), apply(model, params))


def test_only_models_that_fit_are_saved(tmp_path):
    from flax import linen as nn

    path, shape = tmp_path / "model.npz", (8, 8, 1)
    model = lib.DenseClassifier(hidden=4, classes=2)
    params = initialised(model, shape)
    for wrong, words in (
        ((nn.Dense(3), params, list("abc"), shape), "parameters do not fit"),
        ((model, params, list("abc"), shape), "3 class names"),
        ((model, params, list("ab"), (9, 9, 1)), "parameters do not fit"),
        ((model, params, list("ab"), (8, 8)), "height, width, channels"),
        ((lib.fashion_cnn(), params, list("ab"), (2, 2, 1)), "does not take pictures"),
        ((model, params, list("ab"), 8), "input_shape is 8, but it must be"),
        ((model, params, ["a", "a"], shape), "Two classes are called 'a'"),
    ):
        with pytest.raises(ValueError, match=words):
            lib.save_model(path, *wrong)
    for names in ({0: "cat", 1: "dog"}, "ab", {"a", "b"}, 2):
        with pytest.raises(TypeError, match="class_names must be a list"):
            lib.save_model(path, model, params, names, shape)
    assert not path.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"class": "Sequential"}, "needs a model 'Sequential'"),
        ({"class": "os.system"}, "needs a model 'os.system'"),
        ({"class": ["ConvClassifier"]}, "unhashable"),
        ({"settings": {"hidden": 4}}, "other settings"),
        ({"settings": {"hidden": 5, "classes": 2}}, "parameters do not fit"),
        ({"settings": {"hidden": "many", "classes": 2}}, "does not take pictures"),
        ({"settings": {"hidden": 4, "classes": 2, "kernel_init": "f"}}, "other settings"),
        ({"class_names": ["a"]}, "1 class names"),
        ({"input_shape": [8, 8]}, "height, width, channels"),
        ({"input_shape": None}, "TypeError"),
        ({"class_names": None}, "TypeError"),
    ],
)
def test_a_hostile_description_builds_no_model(tmp_path, change, words):
    path, model = tmp_path / "model.npz", lib.DenseClassifier(hidden=4, classes=2)
    lib.save_model(path, model, initialised(model, (8, 8, 1)), list("ab"), (8, 8, 1))
    with np.load(path) as file:
        arrays = dict(file)
    about = json.loads(str(arrays.pop("about"))) | change
    np.savez(path, about=np.array(json.dumps(about)), **arrays)
    with pytest.raises(lib.CheckpointError) as told:
        lib.load_model(path)
    assert words in str(told.value)
