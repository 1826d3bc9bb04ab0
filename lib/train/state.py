"""The state of a training run: everything a step needs and changes, as one pytree."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
from flax import struct
from jax.core import Tracer

from lib import modules
from lib.inputs import as_input
from lib.train import losses
from lib.train.losses import Metrics
from lib.train.metrics import named

# For compiled code that runs once. At XLA's usual level, 3, random numbers for many layers take
# three times as long to compile. The bits are the same, and even for tens of millions of parameters
# the faster run does not make up for the longer compilation.
ONCE = {"xla_backend_optimization_level": 2}

Augment = Callable[[jax.Array, jax.Array], jax.Array]


class Static(struct.PyTreeNode):
    """Carries a static value, such as a model, into a jitted function.

    A static argument would have to be hashable, but `nn.Sequential([…])` contains a list.
    """

    value: Any = struct.field(pytree_node=False)


class TrainState(struct.PyTreeNode):
    """Parameters and optimizer state, with their model, optimizer and loss.

    Attributes:
      step: number of updates made so far, an int32 scalar.
      params: the model's parameters.
      opt_state: the optimizer's memory.
      model: the Flax module.
      optimizer: the Optax optimizer.
      loss: (outputs, labels) to one loss per example, (n,).
      metrics: (name, function) pairs, each function like `loss`, or a metric of
        `lib.train.metrics`; reported with the loss.
      constants: what the model needs besides parameters and training does not change, such as the
        statistics of a frozen part's BatchNorm: collection name to its variables.
      augment: (key, images) to changed images, both float32 in 0…1; used only in training steps.
      compute_dtype: dtype of the model and its gradients in training steps.
    """

    step: jax.Array
    params: Any
    opt_state: Any
    model: nn.Module = struct.field(pytree_node=False)
    optimizer: optax.GradientTransformation = struct.field(pytree_node=False)
    loss: Callable[[jax.Array, jax.Array], jax.Array] = struct.field(pytree_node=False)
    metrics: Metrics = struct.field(pytree_node=False, default=())
    constants: Any = struct.field(default_factory=dict)
    augment: Augment | None = struct.field(pytree_node=False, default=None)
    compute_dtype: Any = struct.field(pytree_node=False, default=jnp.float32)

    def apply_gradients(self, gradients: Any) -> "TrainState":
        """Updates the parameters with the optimizer.

        A parameter whose update is 0 keeps its bits; adding would turn −0.0 into 0.0, and very
        small numbers into 0.

        Args:
          gradients: a pytree like `params`.

        Returns:
          The next state: parameters and optimizer state updated, `step` one higher.
        """
        updates, opt_state = self.optimizer.update(gradients, self.opt_state, self.params)
        updated = optax.apply_updates(self.params, updates)
        params = jax.tree.map(
            lambda old, update, new: jnp.where(update == 0, old, new), self.params, updates, updated
        )
        return self.replace(step=self.step + 1, params=params, opt_state=opt_state)


def create_state(
    model: nn.Module,
    optimizer: optax.GradientTransformation,
    sample_inputs: jax.Array | np.ndarray,
    key: jax.Array,
    loss: Callable[[jax.Array, jax.Array], jax.Array] = losses.softmax_cross_entropy,
    augment: Augment | None = None,
    variables: Mapping[str, Any] | None = None,
    compute_dtype: Any = jnp.float32,
    metrics: Sequence[Any] = (),
) -> TrainState:
    """Draws a model's initial parameters and sets up the optimizer for them.

    Args:
      model: a Flax module.
      optimizer: an Optax optimizer, such as `optax.adam(0.001)`.
      sample_inputs: an example batch; only its shape and dtype matter. uint8 pictures are scaled.
      key: random key for the parameters.
      loss: one loss per example from outputs and labels. With one of the cross-entropies of
        `lib.train.losses`, the accuracy is reported as well.
      augment: changes training images, differently in every step, such as `lib.Augment(…)`.
      variables: initial variables, {"params": …} and other collections; None draws them.
      compute_dtype: dtype of the computation in training steps. `jnp.bfloat16` is mixed precision
        for GPUs and TPUs that support it: parameters, optimizer, loss, evaluation and
        prediction stay float32. bfloat16 has the range of float32, so the loss needs no
        scaling (P. Micikevicius et al., "Mixed Precision Training", 2018, scales for float16).
      metrics: what to report besides loss and accuracy, such as `lib.metrics.AUC()`: metrics of
        `lib.metrics`, functions like a loss, or (name, function) pairs.

    Returns:
      A `TrainState` at step 0.

    Raises:
      ValueError: if compute_dtype is not float32 or bfloat16, or two metrics have the same name.
      TypeError: if the model is not a module of flax.linen, or another argument has the wrong type.
    """
    modules.check_module(model)
    if not hasattr(optimizer, "init") or not hasattr(optimizer, "update"):
        raise TypeError(
            f"The optimizer must be one of Optax, such as optax.adam(0.001); got {optimizer!r}."
        )
    if isinstance(sample_inputs, tuple | list) and all(isinstance(n, int) for n in sample_inputs):
        raise TypeError(
            "sample_inputs must be an example batch, such as the training pictures; got the shape "
            f"{sample_inputs!r}. Pass jnp.zeros({sample_inputs!r}) for a batch of that shape."
        )
    if isinstance(key, int):
        raise TypeError(f"key must be a random key, such as jax.random.key({key}); got {key}.")
    if not callable(loss):
        raise TypeError(
            "The loss must be a function, such as lib.softmax_cross_entropy or lib.squared_error; "
            f"got {loss!r}."
        )
    compute_dtype = jnp.dtype(compute_dtype)
    if compute_dtype not in (jnp.float32, jnp.bfloat16):
        raise ValueError(f"compute_dtype must be float32 or bfloat16; got {compute_dtype.name}.")
    start: Any = variables
    if start is None:
        start = _initialise(model, jax.eval_shape(as_input, sample_inputs[:1]), key)
    constants = {name: value for name, value in start.items() if name != "params"}
    params = start.get("params", {})  # a model may have none
    # A Python 0 would be weakly typed and compile every step twice.
    step = jnp.zeros((), jnp.int32)
    return TrainState(
        step,
        params,
        jax.jit(optimizer.init)(params),
        model,
        optimizer,
        loss,
        named(metrics, losses.metrics_for(loss)),
        constants,
        augment,
        compute_dtype,
    )


def _initialise(model: nn.Module, sample: jax.ShapeDtypeStruct, key: jax.Array) -> Any:
    # Inside another compiled function, its options apply, and JAX allows no others.
    inside = isinstance(jnp.zeros(()), Tracer)
    options = ONCE if jax.default_backend() == "cpu" and not inside else None
    initialise = jax.jit(
        lambda key: model.init(
            key, jnp.zeros(sample.shape, sample.dtype), **modules.mode(model, training=False)
        ),
        compiler_options=options,
    )
    with modules.explained(model, sample.shape):
        return initialise(key)


def check_state(state: Any, has_loss: bool = False) -> None:
    """Refuses anything but a training state or a model with its parameters.

    Args:
      state: the argument to check.
      has_loss: whether it must be a training state.

    Raises:
      TypeError: if it is not; the message says what to do.
    """
    if hasattr(state, "params") and hasattr(state, "model"):
        if has_loss and not hasattr(state, "loss"):
            raise TypeError(
                f"A {type(state).__name__} has no loss and no optimizer, but this function needs "
                "them. Make a training state from kept = lib.load_model(…) with "
                "lib.create_state(kept.model, optimizer, images, key, variables={"
                '"params": kept.params, **kept.constants}). lib.predict and lib.examine accept '
                "kept unchanged."
            )
        return
    modules.check_module(state)  # usually it is a model
    raise TypeError(
        f"{type(state).__name__} is a model without parameters: make a training state from it with "
        "lib.create_state(model, …), and pass that."
    )
