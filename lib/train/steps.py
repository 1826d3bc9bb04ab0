"""One training step and one evaluation step: pure functions, compiled once each."""

import functools
import warnings
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import linen as nn
from flax.errors import ModifyScopeVariableError
from jax.typing import ArrayLike

from lib import modules
from lib.inputs import as_input
from lib.train import logits, losses
from lib.train.losses import Metrics
from lib.train.metrics import Counted
from lib.train.state import Static, TrainState


def apply_model(
    model: nn.Module,
    params: Any,
    inputs: jax.Array,
    *,
    constants: Any = None,
    key: jax.Array | None = None,
) -> jax.Array:
    """Runs a model, in training mode if a key is given.

    Args:
      model: a Flax module. If its `__call__` has an argument `train`, `training`, `deterministic`
        or another usual name, that argument is set to the mode.
      params: its parameters.
      inputs: one batch; uint8 pictures are scaled to 0…1.
      constants: its other collections of variables, if it has any.
      key: random key for dropout, or None for evaluation.

    Returns:
      The model's output.

    Raises:
      ValueError: if the model changes its own variables while it runs, its dropout never runs, or
        it asks for random numbers that are not provided.
    """
    training = key is not None
    rngs = {} if key is None else {"dropout": key}
    variables = {"params": params, **(constants or {})}
    try:
        with modules.explained(model, inputs.shape), modules.watched(model, training):
            return model.apply(  # type: ignore
                variables, as_input(inputs), rngs=rngs, **modules.mode(model, training)
            )
    except ModifyScopeVariableError as error:
        raise ValueError(
            "Training here changes only parameters, but this model also changes other variables, "
            "as BatchNorm does when it updates its statistics: use a layer without statistics, "
            "such as LayerNorm, or BatchNorm with use_running_average=True."
        ) from error


def weighted(batch: tuple) -> tuple[jax.Array, jax.Array, jax.Array, jax.Array | None]:
    """Returns inputs, labels, weights and importance.

    The weights say which rows count at all; they are 1 if the batch has none. The importance is a
    factor on the loss of each row; it is None if the batch has none.
    """
    inputs, labels, *rest = batch
    weights = rest[0] if rest else jnp.ones(inputs.shape[0], jnp.float32)
    return inputs, labels, weights, rest[1] if len(rest) > 1 else None


def _check_shape(values: jax.Array, inputs: jax.Array, what: str) -> None:
    if values.shape != (inputs.shape[0],):
        raise ValueError(
            f"{what} must return one number per example, shape ({inputs.shape[0]},); "
            f"it returned {values.shape}."
        )


def _sums(
    outputs, labels, weights, loss: Callable, metrics: Metrics, importance: jax.Array | None = None
) -> dict[str, jax.Array]:
    """Weighted sums over the batch: a key per metric, and "weight"."""
    sums = {"weight": weights.sum()}
    for name, function in (("loss", loss), *metrics):
        if isinstance(function, Counted):
            sums[name] = function.count(outputs, labels, weights)
            continue
        values = function(outputs, labels)
        _check_shape(values, weights, f"The {name} function")
        if name == "loss" and importance is not None:
            values = values * importance
        # Padding rows have weight 0; `where` also keeps a NaN in them out of the sum.
        sums[name] = jnp.where(weights > 0, values * weights, 0).sum()
    return sums


def train_sums(
    state: TrainState, batch: tuple, key: jax.Array, augment: ArrayLike
) -> tuple[TrainState, dict[str, jax.Array]]:
    """Makes one update; returns weighted sums of the metrics over the batch, and "weight".

    Pictures are augmented if `augment`, a bool scalar, is true.
    """
    inputs, labels, weights, importance = weighted(batch)
    key = jax.random.fold_in(key, state.step)
    if (change := state.augment) is not None:
        key, augment_key = jax.random.split(key)

        # Scaled here, not earlier: XLA then reads the pixels as uint8, from a quarter of the
        # memory, and scales them afterwards.
        def changed(inputs):
            return change(augment_key, as_input(inputs))

        given, form = _forms(changed, inputs)

        def as_they_are(inputs):
            # If the form differs, pictures are always changed; see `check_same_form`.
            return as_input(inputs) if form == given else jnp.zeros(form.shape, form.dtype)

        # The result of a branch is computed once; otherwise XLA on a CPU would change the pictures
        # again in each of the nine windows of a convolution.
        inputs = jax.lax.cond(augment, changed, as_they_are, inputs)

    def mean_loss(params):
        given = _cast((params, as_input(inputs)), jnp.float32, state.compute_dtype)
        outputs = apply_model(state.model, *given, constants=state.constants, key=key)
        outputs = _cast(outputs, state.compute_dtype, jnp.float32)
        sums = _sums(outputs, labels, weights, state.loss, state.metrics, importance)
        return sums["loss"] / jnp.maximum(sums["weight"], 1e-12), sums

    (_, sums), gradients = jax.value_and_grad(mean_loss, has_aux=True)(state.params)
    return state.apply_gradients(gradients), sums


def _cast(tree: Any, old: Any, new: Any) -> Any:
    """Casts the arrays of one dtype in a pytree to another."""
    return jax.tree.map(lambda leaf: leaf.astype(new) if leaf.dtype == old else leaf, tree)


def _forms(changed: Callable, inputs: Any) -> tuple[Any, Any]:
    """Shapes and dtypes of pictures before and after a function changes them."""
    return jax.eval_shape(as_input, inputs), jax.eval_shape(changed, inputs)


@functools.lru_cache
def check_same_form(augmentation: Callable, inputs: jax.ShapeDtypeStruct) -> None:
    """Refuses an augmentation that cannot be left out because it changes shape or dtype.

    Args:
      augmentation: (key, images) to changed images.
      inputs: shape and dtype of a batch of images.
    """
    given, got = _forms(lambda x: augmentation(jax.random.key(0), as_input(x)), inputs)
    if got != given:
        raise ValueError(
            "augment=False needs an augmentation that keeps the form of the pictures, "
            f"{given.dtype} {given.shape}; this one returned {got.dtype} {got.shape}."
        )


def eval_sums(
    params: Any, constants: Any, batch: tuple, model, loss, metrics
) -> dict[str, jax.Array]:
    """Weighted sums of the metrics over the batch, and "weight", in evaluation mode."""
    inputs, labels, weights, _ = weighted(batch)
    outputs = apply_model(model, params, inputs, constants=constants)
    return _sums(outputs, labels, weights, loss, metrics)


@jax.jit
def _outputs(params, constants, inputs, model: Static):
    return apply_model(model.value, params, inputs, constants=constants)


def form_learnt(state: TrainState, inputs: Any) -> jax.ShapeDtypeStruct:
    """Shape and dtype of the model's inputs in a training step, after any augmentation.

    Args:
      state: the training state.
      inputs: a batch, or its shape and dtype.
    """
    form = jax.ShapeDtypeStruct(inputs.shape, inputs.dtype)
    return form if state.augment is None else _form_changed(state.augment, form)


@functools.lru_cache
def _form_changed(change: Callable, inputs: jax.ShapeDtypeStruct) -> jax.ShapeDtypeStruct:
    return _forms(lambda inputs: change(jax.random.key(0), as_input(inputs)), inputs)[1]


def output_shape(state: TrainState, inputs: Any) -> tuple[int, ...]:
    """Shape of a model's output for a batch, (n, …), without computing it.

    Args:
      state: the state with the model and its parameters.
      inputs: the batch, or its shape and dtype.

    Raises:
      ValueError: if the output is not one array.
    """
    traced = _outputs.trace(state.params, state.constants, inputs, Static(state.model))
    outputs = traced.out_info
    if not hasattr(outputs, "shape"):
        raise ValueError(
            f"{type(state.model).__name__} returns {type(outputs).__name__}, but a loss takes one "
            "array: return only that array, or write your own training step."
        )
    last = logits.last_function(traced.jaxpr.jaxpr)
    if last is not None and last == losses.BEFORE.get(state.loss):
        warnings.warn(
            f"{type(state.model).__name__} ends with a {last}, but {state.loss.__name__} applies "
            "it again: the model learns slowly, and its probabilities never get close to 1. Return "
            f"the logits, the inputs of the {last}; lib.probabilities(logits) turns them into "
            "probabilities.",
            stacklevel=2,
        )
    return outputs.shape


@jax.jit
def _measured(params: Any, constants: Any, batch: tuple, static: Static) -> dict[str, jax.Array]:
    return eval_sums(params, constants, batch, *static.value)


def zero_sums(params: Any, constants: Any, batch: tuple, static: Static) -> dict[str, jax.Array]:
    """The sums of an epoch before its first step: weight, loss and each metric, all 0.

    Args:
      params: the model's parameters.
      constants: its other collections.
      batch: inputs and labels, or their shapes and dtypes.
      static: the model, loss and metrics.
    """
    metrics = static.value[2]
    if not any(isinstance(function, Counted) for _, function in metrics):
        return {name: jnp.zeros((), jnp.float32) for name in ("weight", "loss", *dict(metrics))}
    sums = _measured.eval_shape(params, constants, batch, static)
    return jax.tree.map(lambda each: jnp.zeros(each.shape, each.dtype), sums)


def means(sums: dict[str, Any], metrics: Metrics) -> dict[str, Any]:
    """Turns sums over examples into values: a mean, or the value of a counted metric."""
    counted = {name: each for name, each in metrics if isinstance(each, Counted)}
    return {
        name: counted[name].value(total) if name in counted else total / sums["weight"]
        for name, total in sums.items()
        if name != "weight"
    }


@jax.jit
def train_step(
    state: TrainState, batch: tuple, key: jax.Array
) -> tuple[TrainState, dict[str, jax.Array]]:
    """Makes one update of the parameters from one batch.

    Args:
      state: the training so far.
      batch: (inputs, labels), or (inputs, labels, weights) with float32 weights (n,), 0 for rows
        that do not count; or (inputs, labels, weights, importance) with a factor on the loss of
        each row, float32 (n,).
      key: random key for training; the step number is folded in, so one key is enough for all.

    Returns:
      The next state, and the batch's mean loss and metrics before the update, float32 scalars.
    """
    state, sums = train_sums(state, batch, key, state.step >= 0)  # always true; XLA cannot tell
    return state, means(sums, state.metrics)


@jax.jit
def _eval_step(params: Any, constants: Any, batch: tuple, static: Static) -> dict[str, jax.Array]:
    return means(eval_sums(params, constants, batch, *static.value), static.value[2])


def eval_step(
    params: Any,
    batch: tuple,
    *,
    model: nn.Module,
    loss: Callable = losses.softmax_cross_entropy,
    metrics: Metrics | None = None,
    constants: Any = None,
) -> dict[str, jax.Array]:
    """Measures loss and metrics on one batch, without training on it.

    Args:
      params: the model's parameters.
      batch: (inputs, labels) or (inputs, labels, weights), as in `train_step`.
      model: the Flax module.
      loss: one loss per example from outputs and labels.
      metrics: (name, function) pairs, each function like `loss`; by default the accuracy that
        belongs to the loss.
      constants: the model's other collections of variables, if it has any.

    Returns:
      Mean loss and metrics, float32 scalars.
    """
    if metrics is None:
        metrics = losses.metrics_for(loss)
    return _eval_step(params, constants or {}, batch, Static((model, loss, metrics)))
