"""Weights as safetensors: other tools read ours, and we read theirs."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import safetensors
from flax import linen as nn
from safetensors import numpy as theirs

import lib


@pytest.fixture
def params():
    rng = np.random.default_rng(0)
    return {
        "conv1": {"kernel": jnp.asarray(rng.normal(size=(3, 3, 1, 2)), jnp.float32)},
        "bias": jnp.array([jnp.nan, -0.0, jnp.inf], jnp.float32),
        "deep": {"er": {"count": jnp.int32(7), "flags": jnp.array([True, False])}},
        "nothing": jnp.zeros((0, 3)),
    }


def raw(tree):
    leaves = jax.tree.leaves_with_path(tree)
    return [(str(k), str(v.dtype), v.shape, np.asarray(v).tobytes()) for k, v in leaves]


def test_another_tool_reads_the_weights_by_their_names(tmp_path, params):
    path = tmp_path / "weights.safetensors"
    lib.save_params(path, params)
    found = theirs.load_file(path)
    assert set(found) == {"conv1/kernel", "bias", "deep/er/count", "deep/er/flags", "nothing"}
    np.testing.assert_array_equal(found["conv1/kernel"], params["conv1"]["kernel"])
    assert raw(lib.load_params(path)) == raw(params)
    assert raw(lib.load_params(path, like=params)) == raw(params)


@pytest.mark.parametrize(
    "dtype", [jnp.bfloat16, jnp.float16, jnp.float8_e4m3fn, jnp.float8_e4m3b11fnuz, jnp.uint8]
)
def test_every_type_comes_back(tmp_path, dtype):
    path, params = tmp_path / "weights.safetensors", {"a": jnp.arange(5).astype(dtype)}
    lib.save_params(path, params)
    assert raw(lib.load_params(path)) == raw(params)


def test_bfloat16_is_bfloat16_for_others_too(tmp_path):
    lib.save_params(tmp_path / "a.safetensors", {"a": jnp.ones(5, jnp.bfloat16)})
    with safetensors.safe_open(tmp_path / "a.safetensors", "np") as file:
        assert file.get_slice("a").get_dtype() == "BF16"
        assert file.metadata()["format"] == "flax"


def test_the_weights_of_another_tool_are_read(tmp_path):
    path = tmp_path / "theirs.safetensors"
    kernel = np.arange(6, dtype=np.float32).reshape(2, 3)
    theirs.save_file({"encoder.0.weight": kernel, "head.bias": np.ones(2, np.float16)}, path)
    loaded = lib.load_params(path)
    np.testing.assert_array_equal(loaded["encoder"]["0"]["weight"], kernel)
    assert loaded["head"]["bias"].dtype == jnp.float16
    with pytest.raises(lib.CheckpointError, match="contains parameters, not model"):
        lib.load_model(path)
    with pytest.raises(lib.CheckpointError, match="does not fit"):
        lib.load_params(path, like={"head": {"bias": jnp.ones(3)}})


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["a", "a.b"], "another one below or above that name"),
        (["a.b", "a/b"], "two arrays that would both be called a/b, because"),
        (["a/b/c", "a/b", "d"], "the array 'a/b.*'.*cannot hold both"),
    ],
)
def test_arrays_whose_names_clash_are_not_lost(tmp_path, names, sentence):
    path = tmp_path / "theirs.safetensors"
    theirs.save_file({name: np.ones(2, np.float32) for name in names}, path)
    with pytest.raises(lib.CheckpointError, match=sentence):
        lib.load_params(path)


def test_a_model_and_a_training_are_kept_in_it_as_well(tmp_path):
    model, sample = lib.DenseClassifier(4, 3), np.zeros((1, 5, 5, 1), np.float32)
    state = lib.create_state(model, optax.adam(0.1), sample, jax.random.key(0))
    lib.save_model(tmp_path / "m.safetensors", model, state.params, list("abc"), (5, 5, 1))
    kept = lib.load_model(tmp_path / "m.safetensors")
    assert kept.model == model and kept.class_names == ("a", "b", "c")
    assert raw(kept.params) == raw(state.params)
    assert "dense/kernel" in theirs.load_file(tmp_path / "m.safetensors")
    lib.save_state(tmp_path / "s.safetensors", state, epochs=3)
    assert raw(lib.load_state(tmp_path / "s.safetensors", state)) == raw(state)
    assert raw(lib.load_params(tmp_path / "s.safetensors")) == raw(state.params)
    resumed, done = lib.Checkpoint(tmp_path / "s.safetensors").resume(state)
    assert done == 3 and raw(resumed) == raw(state)


@pytest.mark.parametrize("cut", [0.001, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_damaged(tmp_path, params, cut):
    path = tmp_path / "weights.safetensors"
    lib.save_params(path, params)
    data = path.read_bytes()
    path.write_bytes(data[: max(9, int(cut * len(data)))])
    with pytest.raises(lib.CheckpointError, match="damaged"):
        lib.load_params(path)


def test_names_and_types_that_do_not_agree_are_damage(tmp_path, params):
    path = tmp_path / "weights.safetensors"
    about = json.dumps({"format": 1, "holds": "parameters", "arrays": {"params/b": "float32"}})
    for metadata, words in (
        ({"flaxlings": about}, "arrays are missing"),
        ({"flaxlings": "{"}, "damaged"),
        ({"flaxlings": about.replace("1", "2")}, "has format 2"),
    ):
        theirs.save_file({"a": np.ones(2, np.float32)}, path, metadata=metadata)
        with pytest.raises(lib.CheckpointError, match=words):
            lib.load_params(path)


def test_a_file_that_was_there_stays_until_the_new_one_is_whole(tmp_path, monkeypatch):
    path = tmp_path / "weights.safetensors"
    lib.save_params(path, {"a": jnp.ones(2)})
    monkeypatch.setattr("os.replace", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        lib.save_params(path, {"a": jnp.zeros(2)})
    assert float(lib.load_params(path)["a"][0]) == 1 and list(tmp_path.iterdir()) == [path]


class WithStatistics(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.BatchNorm(use_running_average=True)(x.reshape(len(x), -1))
        return nn.Dense(2)(x)


def test_a_model_of_ones_own_is_kept_and_given_to_whoever_loads_it(tmp_path):
    path, images = tmp_path / "own.npz", np.random.default_rng(0).normal(size=(3, 4, 4, 1))
    images = images.astype(np.float32)
    state = lib.create_state(WithStatistics(), optax.sgd(0.1), images, jax.random.key(0))
    with pytest.raises(ValueError, match="constants=state.constants"):
        lib.save_model(path, state.model, state.params, list("ab"), (4, 4, 1))
    lib.save_model(
        path, state.model, state.params, list("ab"), (4, 4, 1), constants=state.constants
    )
    with pytest.raises(lib.CheckpointError, match=r"load_model\(path, model=WithStatistics\(…\)\)"):
        lib.load_model(path)
    kept = lib.load_model(path, WithStatistics())
    assert raw(kept.constants) == raw(state.constants)
    np.testing.assert_array_equal(lib.predict(kept, images), lib.predict(state, images))
    with pytest.raises(lib.CheckpointError, match="no usable model"):
        lib.load_model(path, lib.DenseClassifier(4, 2))
    with pytest.raises(TypeError, match="is a class"):
        lib.load_model(path, WithStatistics)


def test_what_to_do_with_a_file_that_holds_something_else(tmp_path):
    model, sample = lib.DenseClassifier(4, 3), np.zeros((1, 5, 5, 1), np.float32)
    state = lib.create_state(model, optax.adam(0.1), sample, jax.random.key(0))
    lib.save_state(tmp_path / "state.npz", state)
    with pytest.raises(lib.CheckpointError, match=r"lib.load_state.*lib.save_model\("):
        lib.load_model(tmp_path / "state.npz")
    lib.save_params(tmp_path / "params.npz", state.params)
    with pytest.raises(lib.CheckpointError, match=r"Read it with lib.load_params\(path\)"):
        lib.load_model(tmp_path / "params.npz")
    with pytest.raises(lib.CheckpointError, match="variables="):
        lib.load_state(tmp_path / "params.npz", like=state)
    lib.save_model(tmp_path / "model.npz", model, state.params, ["a", "b", "c"], (5, 5, 1))
    with pytest.raises(lib.CheckpointError, match="kept.model"):
        lib.load_state(tmp_path / "model.npz", like=state)


@pytest.mark.parametrize("ending", [".h5", ".PT", ".keras"])
def test_a_file_is_what_its_ending_says(tmp_path, ending):
    with pytest.raises(ValueError, match="this library writes .npz and .safetensors"):
        lib.save_params(tmp_path / f"weights{ending}", {"a": jnp.ones(2)})
    assert not list(tmp_path.iterdir())


def test_names_and_axes_of_pytorch_are_told(tmp_path):
    path = tmp_path / "theirs.safetensors"
    theirs.save_file({"fc.weight": np.ones((3, 2), np.float32), "fc.bias": np.ones(3)}, path)
    like = {"fc": {"kernel": jnp.ones((2, 3)), "bias": jnp.ones(3)}}
    with pytest.raises(lib.CheckpointError, match="PyTorch.*weight to kernel.*height, width, in"):
        lib.load_params(path, like=like)


def test_a_file_of_keras_is_named(tmp_path):
    (tmp_path / "k.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + b"0" * 99)
    with pytest.raises(lib.CheckpointError, match="HDF5, the format of Keras.*safetensors"):
        lib.load_params(tmp_path / "k.h5")


def test_no_damaged_byte_goes_unnoticed_here_either(tmp_path):
    path, params = tmp_path / "a.safetensors", {"b": jnp.arange(4.0).reshape(2, 2)}
    lib.save_params(path, params)
    whole = path.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        path.write_bytes(damaged)
        try:
            assert raw(lib.load_params(path)) == raw(params), place
        except lib.CheckpointError:
            continue


def test_the_ending_is_the_same_in_capitals(tmp_path):
    lib.save_params(tmp_path / "a.SAFETENSORS", {"b": jnp.ones(2)})
    assert set(theirs.load_file(tmp_path / "a.SAFETENSORS")) == {"b"}


def test_of_pytorch_the_name_that_differs_is_told(tmp_path):
    path = tmp_path / "theirs.safetensors"
    theirs.save_file({"fc.bias": np.ones(3), "fc.weight": np.ones((3, 2))}, path)
    like = {"fc": {"bias": jnp.ones(3), "kernel": jnp.ones((2, 3))}}
    with pytest.raises(lib.CheckpointError, match=r"fc/weight\), but this .*fc/kernel\)"):
        lib.load_params(path, like=like)


@pytest.mark.parametrize("keep", [lib.Checkpoint, lib.LogHistory])
def test_a_place_that_cannot_be_is_told_before_the_training(tmp_path, keep):
    (tmp_path / "file").touch()
    for wrong, kind, words in (
        (None, TypeError, "got None"),
        (tmp_path, ValueError, "is a folder"),
        (tmp_path / "file" / "a.npz", ValueError, "which is a file"),
    ):
        with pytest.raises(kind, match=words):
            keep(wrong)
    if keep is lib.Checkpoint:
        with pytest.raises(ValueError, match="has the ending of another format, .h5"):
            keep(tmp_path / "a.h5")


def test_missing_folders_are_made_and_home_is_known(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    lib.save_params("~/new/a.npz", {"b": jnp.ones(2)})
    assert (tmp_path / "new" / "a.npz").exists() and "b" in lib.load_params("~/new/a.npz")
    lib.LogHistory("~/logs/a.csv").on_epoch_end(0, {"loss": 1.0}, None)
    assert (tmp_path / "logs" / "a.csv").exists()
