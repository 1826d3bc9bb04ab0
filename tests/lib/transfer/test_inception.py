"""InceptionV3 is Keras's, layer by layer, with random weights that went through an HDF5 file."""

import math
import os
import subprocess
import sys
import textwrap
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lib
from lib.transfer.inception import BLOCKS, InceptionV3, Mixed

h5py = pytest.importorskip("h5py")
ROOT = Path(__file__).parents[3]
EDGE = 75


@pytest.fixture(scope="module")
def keras_model():
    """Keras's network with its top, with random weights and random statistics."""
    keras = pytest.importorskip("keras")
    model = keras.applications.InceptionV3(
        weights=None, input_shape=(EDGE, EDGE, 3), classifier_activation=None
    )
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            beta, mean, variance = (weight.shape for weight in layer.weights)
            layer.set_weights(
                [
                    rng.normal(0.1, 0.2, beta),
                    rng.normal(0, 0.1, mean),
                    rng.uniform(0.3, 1.2, variance),
                ]
            )
    return model


def write_legacy(path: Path, layers: list, suffix: str = ":0") -> None:
    """Writes weights in the layout of the published file: names as bytes, groups in groups."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in layers]
        file.attrs["backend"] = b"tensorflow"
        for layer in layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{weight.name}{suffix}".encode() for weight in layer.weights]
            group.attrs["weight_names"] = names
            for name, weight in zip(names, layer.weights, strict=True):
                group.create_dataset(name.decode(), data=np.asarray(weight.value))


@pytest.fixture(scope="module")
def weights_file(keras_model, tmp_path_factory):
    path = tmp_path_factory.mktemp("inception") / "weights.h5"
    write_legacy(path, keras_model.layers)
    return path


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(1).uniform(0, 1, (2, EDGE, EDGE, 3)).astype(np.float32)


def relative(ours, theirs) -> float:
    return float(np.abs(np.asarray(ours) - theirs).max() / np.abs(theirs).max())


def mixed_outputs(model, variables, images):
    """The output of every mixed block, by its name."""
    _, kept = model.apply(
        variables,
        images,
        capture_intermediates=lambda module, _: isinstance(module, Mixed),
        mutable=["intermediates"],
    )
    return {name: block["__call__"][0] for name, block in kept["intermediates"].items()}


@pytest.fixture(scope="module")
def ours(weights_file, pictures):
    """Our mixed outputs, and our logits, with the weights of the file."""
    model = InceptionV3(top=True)
    variables = lib.load_inception(model, weights_file)
    run = jax.jit(lambda v, x: (mixed_outputs(model, v, x), model.apply(v, x)))
    return run(variables, pictures)


@pytest.mark.slow
def test_every_mixed_output_and_the_logits_are_those_of_keras(keras_model, ours, pictures):
    import keras

    names = list(BLOCKS)
    outputs = [keras_model.get_layer(name).output for name in names]
    whole = keras.Model(keras_model.input, [*outputs, keras_model.output])
    *theirs, logits = [np.asarray(each) for each in whole(pictures * 2 - 1, training=False)]
    assert set(ours[0]) == set(names)
    errors = {name: relative(ours[0][name], theirs[i]) for i, name in enumerate(names)}
    assert max(errors.values()) < 1e-4, errors
    assert relative(ours[1], logits) < 1e-4
    # Not because everything is 0: each output varies by position and channel.
    assert all(np.std(each) > 0.01 for each in theirs)


@pytest.mark.slow
def test_a_cut_model_takes_its_part_of_the_file(weights_file, ours, pictures):
    model = InceptionV3("mixed4")
    variables = lib.load_inception(model, weights_file)
    assert "mixed5" not in variables["params"]
    assert relative(jax.jit(model.apply)(variables, pictures), ours[0]["mixed4"]) < 1e-5


@pytest.mark.parametrize(
    ("model", "count", "output"),
    [
        (InceptionV3("mixed7"), 8_975_264, (1, 7, 7, 768)),
        pytest.param(InceptionV3(), 21_802_784, (1, 3, 3, 2048), marks=pytest.mark.slow),
        pytest.param(InceptionV3(top=True), 23_851_784, (1, 1000), marks=pytest.mark.slow),
        pytest.param(
            lib.TransferClassifier(InceptionV3("mixed7")),
            47_512_481,
            (1, 1),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_shapes_and_counts_at_150_pixels(model, count, output):
    shape = (1, 150, 150, 3)
    assert lib.count_variables(model, shape) == count
    sample = jax.ShapeDtypeStruct(shape, jnp.float32)
    variables = jax.eval_shape(model.init, jax.random.key(0), sample)
    assert jax.eval_shape(model.apply, variables, sample).shape == output


@pytest.mark.slow
def test_counts_are_those_of_keras(keras_model):
    assert keras_model.count_params() == 23_851_784
    assert lib.count_variables(InceptionV3(top=True), (1, EDGE, EDGE, 3)) == 23_851_784


@pytest.mark.parametrize(
    ("model", "shape", "words"),
    [
        (InceptionV3("mixed11"), (1, 75, 75, 3), "no 'mixed11'"),
        (InceptionV3("mixed7", top=True), (1, 75, 75, 3), "The top needs cut=.mixed10."),
        (InceptionV3(), (1, 74, 90, 3), "at least 75×75"),
        (InceptionV3(), (1, 90, 90, 1), r"\(n, height, width, 3\)"),
    ],
)
def test_what_cannot_be_is_told(model, shape, words):
    with pytest.raises(ValueError, match=words):
        jax.eval_shape(model.init, jax.random.key(0), jnp.zeros(shape))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_loading_takes_at_most_twice_the_weights_memory(weights_file):
    code = """
        import sys
        import h5py, jax, lib
        from lib.transfer.inception import InceptionV3

        def peak():
            return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])

        model = InceptionV3(top=True)
        sample = jax.ShapeDtypeStruct((1, 75, 75, 3), "float32")
        jax.eval_shape(model.init, jax.random.key(0), sample)
        jax.numpy.zeros(9).block_until_ready()
        before = peak()
        variables = lib.load_inception(model, sys.argv[1])
        jax.block_until_ready(variables)
        after = peak()
        size = sum(leaf.nbytes for leaf in jax.tree.leaves(variables))
        print((after - before) * 1024 / size)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(weights_file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"JAX_PLATFORMS": "cpu"},
    )
    assert 0.5 < float(run.stdout) < 2.0  # below a half, nothing was loaded


def test_the_layers_have_paths_that_patterns_can_choose():
    shapes = jax.eval_shape(InceptionV3().init, jax.random.key(0), jnp.zeros((1, 75, 75, 3)))
    params = shapes["params"]
    frozen = ["stem*", "mixed[0-6]"]
    with pytest.raises(ValueError, match="No parameter"):
        lib.count_trainable(params, frozen)  # no character classes in patterns
    every = sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(params))
    tail = sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(params["mixed10"]))
    assert lib.count_trainable(params, ["stem*", "mixed?"]) == tail < every
