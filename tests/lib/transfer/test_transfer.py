"""Frozen parameters keep their bits and cost no memory or work; the rest learns as before."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import linen as nn

import lib
from lib.train import batches
from lib.transfer import bottleneck

PARAMS = {
    "conv1": {"kernel": np.ones((3, 3, 1, 2)), "bias": np.ones(2)},
    "conv10": {"kernel": np.ones((3, 3, 2, 4)), "bias": np.ones(4)},
    "head": {"dense": {"kernel": np.ones((5, 3)), "bias": np.ones(3)}},
}
EVERY = {
    "conv1/kernel", "conv1/bias", "conv10/kernel", "conv10/bias",
    "head/dense/kernel", "head/dense/bias",
}  # fmt: skip


@pytest.mark.parametrize(
    ("patterns", "frozen"),
    [
        ("conv1", {"conv1/kernel", "conv1/bias"}),
        ("conv1/*", {"conv1/kernel", "conv1/bias"}),
        ("conv*", {"conv1/kernel", "conv1/bias", "conv10/kernel", "conv10/bias"}),
        ("conv?", {"conv1/kernel", "conv1/bias"}),
        (["conv1", "head"], EVERY - {"conv10/kernel", "conv10/bias"}),
        ("head/**", {"head/dense/kernel", "head/dense/bias"}),
        ("**/bias", {path for path in EVERY if path.endswith("bias")}),
        ("*/bias", {"conv1/bias", "conv10/bias"}),
        ("**/dense/kernel", {"head/dense/kernel"}),
        ("**", EVERY),
        ([], set()),
    ],
)
def test_a_pattern_freezes_the_paths_it_fits(patterns, frozen):
    assert set(lib.trainable(PARAMS, patterns)) == EVERY - frozen
    sizes = {"conv1/kernel": 18, "conv1/bias": 2, "conv10/kernel": 72, "conv10/bias": 4}
    sizes |= {"head/dense/kernel": 15, "head/dense/bias": 3}
    assert lib.count_trainable(PARAMS, patterns) == sum(sizes[path] for path in EVERY - frozen)


@pytest.mark.parametrize("pattern", ["cnv1", "kernel", "conv", "dense", "conv1/kernel/x", "hea."])
def test_a_pattern_that_fits_nothing_is_told(pattern):
    with pytest.raises(ValueError, match=r"No parameter .* conv1/bias"):
        lib.freeze(optax.sgd(0.1), PARAMS, [pattern])


class WithStatistics(nn.Module):
    """A backbone whose normalisation has statistics."""

    @nn.compact
    def __call__(self, x):
        x = lib.Conv(32, name="conv1")(x)
        x = nn.BatchNorm(use_running_average=True, name="norm")(x)
        x = lib.MaxPool(name="pool1")(nn.relu(x))
        return nn.relu(lib.Conv(16, name="conv2")(x))


def awkward(tree, seed=0):
    """Puts −0.0, denormal and very small numbers among the values of every array."""
    rng = np.random.default_rng(seed)
    odd = np.float32([-0.0, 0.0, 1e-45, -1e-40, 1e-38, -1e-30])

    def mix(leaf):
        leaf = np.array(leaf)
        leaf.ravel()[: min(odd.size, leaf.size)] = rng.permutation(odd)[: leaf.size]
        return jnp.asarray(leaf)

    return jax.tree.map(mix, tree)


def bits(tree):
    return [np.asarray(leaf).tobytes() for leaf in jax.tree.leaves(tree)]


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(3)
    images = rng.integers(0, 256, (40, 20, 20, 3)).astype(np.uint8)
    return images, (np.arange(40) % 2).astype(np.int32)


@pytest.fixture(scope="module")
def start(pictures):
    """A classifier and its variables, awkward numbers in the backbone."""
    model = lib.TransferClassifier(WithStatistics(), lib.TransferHead(hidden=24))
    backbone = jax.jit(model.backbone.init)(jax.random.key(1), jnp.zeros((1, 20, 20, 3)))
    backbone = awkward(backbone)
    return model, lib.transfer_variables(model, backbone, pictures[0], jax.random.key(2)), backbone


OPTIMIZERS = {
    "sgd": lambda: optax.sgd(0.1, momentum=0.9),
    "rmsprop": lambda: optax.rmsprop(0.01),
    "adamw": lambda: optax.adamw(0.01, weight_decay=0.1),
}


@pytest.mark.parametrize(
    "name", ["adamw", *(pytest.param(name, marks=pytest.mark.slow) for name in ("sgd", "rmsprop"))]
)
def test_the_frozen_part_is_bit_equal_after_training(name, start, pictures):
    model, variables, backbone = start
    optimizer = lib.freeze(OPTIMIZERS[name](), variables["params"], "backbone")
    state = lib.create_state(
        model, optimizer, pictures[0], jax.random.key(0),
        loss=lib.sigmoid_cross_entropy, variables=variables,
    )  # fmt: skip
    trained, _ = lib.fit(state, *pictures, epochs=3, batch_size=16, verbose=0)
    assert bits(trained.params["backbone"]) == bits(backbone["params"])
    assert bits(trained.constants["batch_stats"]["backbone"]) == bits(backbone["batch_stats"])
    for path, leaf in lib.trainable(trained.params, "backbone").items():
        before = lib.trainable(variables["params"], "backbone")[path]
        assert np.any(np.asarray(leaf) != np.asarray(before)), path
    single, _ = lib.train_step(state, pictures, jax.random.key(0))
    assert bits(single.params["backbone"]) == bits(backbone["params"])


def test_adding_an_update_of_zero_would_have_changed_bits(start):
    """The danger for the frozen part: Optax's plain sum."""
    params = start[2]["params"]
    zeros = jax.tree.map(jnp.zeros_like, params)
    summed = jax.jit(optax.apply_updates)(params, zeros)
    assert bits(summed) != bits(params)


def test_the_optimizer_remembers_nothing_of_what_is_frozen(start):
    params = start[1]["params"]
    frozen = lib.freeze(optax.adam(0.1), params, "backbone").init(params)
    learns = lib.count_trainable(params, "backbone")
    numbers = sum(leaf.size for leaf in jax.tree.leaves(frozen))
    assert 2 * learns <= numbers <= 2 * learns + 2  # two means each, and a count of steps


def flops(compiled) -> float:
    costs = compiled.cost_analysis()
    return (costs[0] if isinstance(costs, list) else costs)["flops"]


@pytest.fixture(scope="module")
def costs(start, pictures):
    """Operations of a compiled training step and of the loop in `lib.fit`, by frozen part."""
    model, variables, _ = start
    images, labels = jnp.asarray(pictures[0]), jnp.asarray(pictures[1])
    found = {}
    for frozen in ("", "backbone/conv1", "backbone"):
        optimizer = optax.sgd(0.1)
        if frozen:
            optimizer = lib.freeze(optimizer, variables["params"], frozen)
        state = lib.create_state(
            model, optimizer, images, jax.random.key(0),
            loss=lib.sigmoid_cross_entropy, variables=variables,
        )  # fmt: skip
        key = jax.random.key(0)
        step = lib.train_step.lower(state, (images, labels), key)
        sums = {name: jnp.zeros(()) for name in ("weight", "loss", "accuracy")}
        loop = batches.train_on_arrays.lower(
            state, sums, images, labels, jnp.arange(40), True, 0, 1, key, batch_size=40
        )
        found[frozen] = {"step": flops(step.compile()), "loop": flops(loop.compile())}
    return found


@pytest.mark.slow
@pytest.mark.parametrize("where", ["step", "loop"])
def test_gradients_of_what_is_frozen_are_not_computed(where, costs, start):
    model, variables, backbone = start
    images = jnp.zeros((40, 20, 20, 3))
    forward = flops(jax.jit(model.backbone.apply).lower(backbone, images).compile())
    features = jax.eval_shape(model.backbone.apply, backbone, images)
    sum_of = lambda params, x: model.head.apply({"params": params}, x).sum()
    learning = jax.jit(jax.value_and_grad(sum_of))
    head = flops(learning.lower(variables["params"]["head"], features).compile())
    # The rest is the backbone forward, and the head forward and backward.
    assert costs["backbone"][where] < 1.15 * (forward + head)
    assert costs["backbone"][where] < 0.6 * costs[""][where]
    # The first layer alone saves less, but still something.
    assert costs["backbone"][where] < costs["backbone/conv1"][where] < costs[""][where]


def test_training_the_head_on_features_is_training_it_on_the_frozen_backbone(start, pictures):
    model, variables, backbone = start
    images, labels = pictures
    head = lib.TransferHead(hidden=24, dropout=0.0)
    whole = lib.TransferClassifier(model.backbone, head)
    frozen = lib.freeze(optax.sgd(0.05), variables["params"], "backbone")
    options = {"loss": lib.sigmoid_cross_entropy}
    state = lib.create_state(
        whole, frozen, images, jax.random.key(0), variables=variables, **options
    )
    together, _ = lib.fit(state, images, labels, epochs=2, batch_size=16, verbose=0)

    found = lib.features(model.backbone, backbone, images, batch_size=7)
    start_head = {"params": variables["params"]["head"]}
    state = lib.create_state(
        head, optax.sgd(0.05), found, jax.random.key(0), variables=start_head, **options
    )
    alone, _ = lib.fit(state, found, labels, epochs=2, batch_size=16, verbose=0)
    for one, other in zip(
        jax.tree.leaves(together.params["head"]), jax.tree.leaves(alone.params), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_features_are_the_backbones_output_whatever_the_batches(start, pictures):
    model, _, backbone = start
    expected = jax.jit(model.backbone.apply)(backbone, pictures[0] / np.float32(255))
    for size in (7, 100):
        found = lib.features(model.backbone, backbone, pictures[0], batch_size=size)
        np.testing.assert_allclose(found, expected, atol=1e-5)
    with pytest.raises(ValueError, match="no pictures"):
        lib.features(model.backbone, backbone, pictures[0][:0])


def test_features_are_kept_until_model_variables_or_pictures_change(
    start, pictures, tmp_path, monkeypatch
):
    model, _, backbone = start
    images = pictures[0]
    path = tmp_path / "kept" / "features.npz"
    first = lib.features(model.backbone, backbone, images, cache=path)
    calls = []
    run = bottleneck._features
    monkeypatch.setattr(bottleneck, "_features", lambda *args: calls.append(1) or run(*args))

    def again(backbone=backbone, images=images):
        calls.clear()
        found = lib.features(model.backbone, backbone, images, cache=path)
        return found, bool(calls)

    found, computed = again()
    assert not computed and found.tobytes() == first.tobytes()
    changed = images.copy()
    changed[-1, -1, -1, -1] ^= 1
    assert again(images=changed)[1]
    assert again()[1]  # the file is now for the other pictures
    other = jax.tree.map(lambda leaf: leaf, backbone)
    other["batch_stats"]["norm"]["mean"] = other["batch_stats"]["norm"]["mean"] + 1
    assert again(backbone=other)[1]
    path.write_bytes(path.read_bytes()[:100])
    found, computed = again()
    assert computed and found.tobytes() == first.tobytes()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_kept_features_of_a_model_that_was_rewritten_under_its_name_are_not_taken(
    pictures, tmp_path
):
    def named_alike(factor):
        class Backbone(nn.Module):
            @nn.compact
            def __call__(self, x):
                return factor * nn.Dense(2, name="dense")(x.mean((1, 2)))

        return Backbone()

    images = pictures[0][:4]
    variables = named_alike(1).init(jax.random.key(0), lib.as_input(images))
    path = tmp_path / "features.npz"
    once, thrice = (lib.features(named_alike(k), variables, images, cache=path) for k in (1, 3))
    np.testing.assert_allclose(thrice, 3 * once, rtol=1e-6)


def test_features_of_half_precision_are_kept(pictures, tmp_path):
    model = nn.Conv(2, (1, 1), param_dtype=jnp.bfloat16)
    images = pictures[0][:4]
    variables = model.init(jax.random.key(0), lib.as_input(images))
    path = tmp_path / "features.npz"
    first, again = (lib.features(model, variables, images, cache=path) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_a_transfer_classifier_drops_out_in_the_head_only_while_it_learns(start, pictures):
    model, variables, _ = start
    images = pictures[0][:4] / np.float32(255)
    still = jax.jit(model.apply)
    calm = still(variables, images)
    assert np.array_equal(calm, still(variables, images))
    learn = jax.jit(lambda key: model.apply(variables, images, train=True, rngs={"dropout": key}))
    one, other = (learn(jax.random.key(i)) for i in range(2))
    assert not np.allclose(one, other)
