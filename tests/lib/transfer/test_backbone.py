"""The small backbone: trained once, saved in the user's cache, used only if it fits."""

import functools
import os
import stat

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lib
from lib.saving.cache import cache_folder, load_arrays, save_arrays
from lib.transfer.backbone import EDGE, SmallBackbone, train_backbone

module = __import__("sys").modules["lib.transfer.backbone"]


@functools.lru_cache
def drawn(model, seed):
    """Parameters of the backbone, different for each seed."""
    shapes = jax.eval_shape(model.init, jax.random.key(0), jnp.zeros((1, EDGE, EDGE, 3)))["params"]
    rng = np.random.default_rng(seed)
    return jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=leaf.shape), leaf.dtype), shapes)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, and a training that only counts its calls."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    calls = []

    def quick(model, verbose=0):
        calls.append(model)
        return drawn(model, len(calls))

    monkeypatch.setattr(module, "train_backbone", quick)
    return tmp_path / "flaxlings", calls


def same_bits(one, other) -> bool:
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(np.asarray(a).tobytes() == np.asarray(b).tobytes() for a, b in pairs)


def test_it_is_trained_once_and_then_read_bit_for_bit(cache):
    folder, calls = cache
    _, first = lib.backbone()
    model, again = lib.backbone()
    assert len(calls) == 1 and same_bits(first, again)
    assert jax.jit(model.apply)(again, jnp.zeros((2, EDGE, EDGE, 3))).shape == (2, 5, 5, 128)
    (file,) = folder.iterdir()
    assert file.suffix == ".npz" and module.VERSION in file.name
    lib.backbone(fresh=True)
    assert len(calls) == 2


def test_another_version_is_trained_anew(cache, monkeypatch):
    _, calls = cache
    lib.backbone()
    monkeypatch.setattr(module, "VERSION", "next")
    lib.backbone()
    monkeypatch.setitem(module.VERSIONS, "animals", "next")
    lib.backbone()
    assert len(calls) == 3


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "renamed", "shape", "dtype", "nan"])
def test_a_file_that_does_not_fit_is_trained_anew(damage, cache):
    folder, calls = cache
    lib.backbone()
    (file,) = folder.iterdir()
    arrays = load_arrays(file)
    assert arrays is not None
    if damage in ("cut", "empty", "text"):
        whole = file.read_bytes()
        file.write_bytes({"cut": whole[:-30], "empty": b"", "text": b"no arrays"}[damage])
    else:
        name = "conv1.bias"
        value = arrays.pop(name)
        value = {"shape": value[:-1], "dtype": value.astype(np.float64), "nan": value * np.nan}.get(
            damage, value
        )
        arrays["conv9.bias" if damage == "renamed" else name] = value
        save_arrays(file, arrays)
    _, variables = lib.backbone()
    assert len(calls) == 2
    assert same_bits(lib.backbone()[1], variables) and len(calls) == 2  # the file is complete again


def test_objects_in_the_file_are_never_unpickled(cache):
    folder, calls = cache
    lib.backbone()
    (file,) = folder.iterdir()
    np.savez(file, **{"conv1.bias": np.array([print], object)})
    lib.backbone()
    assert len(calls) == 2


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes anywhere")
def test_a_folder_that_cannot_be_written_to_is_no_error(cache, tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        lib.backbone()
    finally:
        tmp_path.chmod(stat.S_IRWXU)


def test_a_file_in_the_place_of_the_folder_is_no_error(cache):
    folder, calls = cache
    folder.write_text("in the way")
    lib.backbone()
    lib.backbone()
    assert len(calls) == 2


def test_no_home_is_no_error(cache, monkeypatch):
    _, calls = cache
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr("pathlib.Path.home", lambda: (_ for _ in ()).throw(RuntimeError("none")))
    lib.backbone()
    assert len(calls) == 1


def test_the_cache_is_where_the_variable_says_or_in_the_home(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "flaxlings"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # to be ignored, as its specification says
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "flaxlings"


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    save_arrays(path, {"x": np.arange(3)})
    before = path.read_bytes()

    def fail(*_, **__):
        raise OSError("no space left")

    monkeypatch.setattr("numpy.savez", fail)
    with pytest.raises(OSError, match="no space"):
        save_arrays(path, {"x": np.arange(4)})
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["a.npz"]


def test_brightness_and_contrast_of_a_picture_do_not_matter_much():
    model = SmallBackbone()
    images = jax.random.uniform(jax.random.key(0), (2, EDGE, EDGE, 3))
    variables = jax.jit(model.init)(jax.random.key(1), images)
    run = jax.jit(model.apply)
    features = run(variables, images)
    darker = run(variables, 0.5 * images + 0.1)
    assert np.allclose(features, darker, rtol=0.3, atol=0.1 * float(features.max()))


def test_training_it_gives_the_same_bits_each_time():
    model = SmallBackbone(channels=(8, 8, 8))
    one, other = (train_backbone(model, train_size=96, epochs=1) for _ in range(2))
    assert same_bits(one, other)
    assert set(one) == {"conv1", "conv2", "conv3"}
