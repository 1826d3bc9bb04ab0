"""The state of a training: everything a step needs and changes, as one pytree."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
from flax import struct

from lib import losses
from lib.inputs import as_input

Metrics = tuple[tuple[str, Callable[[jax.Array, jax.Array], jax.Array]], ...]


class Fixed(struct.PyTreeNode):
    """Carries what compiled code is made for, such as a model, into a jitted function.

    A static argument would have to be hashable, and `nn.Sequential([…])` holds a list.
    """

    value: Any = struct.field(pytree_node=False)


class TrainState(struct.PyTreeNode):
    """Parameters and optimizer state, with the model, optimizer and loss they belong to.

    Attributes:
      step: number of updates made so far, an int32 scalar.
      params: the model's parameters.
      opt_state: the optimizer's memory.
      model: the Flax module.
      optimizer: the Optax optimizer.
      loss: (outputs, labels) to one loss per example, (n,).
      metrics: (name, function) pairs, each function like `loss`; reported beside it.
    """

    step: jax.Array
    params: Any
    opt_state: Any
    model: nn.Module = struct.field(pytree_node=False)
    optimizer: optax.GradientTransformation = struct.field(pytree_node=False)
    loss: Callable[[jax.Array, jax.Array], jax.Array] = struct.field(pytree_node=False)
    metrics: Metrics = struct.field(pytree_node=False, default=())

    def apply_gradients(self, gradients: Any) -> "TrainState":
        """Lets the optimizer turn gradients into new parameters.

        Args:
          gradients: a pytree like `params`.

        Returns:
          The next state: parameters and optimizer state updated, `step` one higher.
        """
        updates, opt_state = self.optimizer.update(gradients, self.opt_state, self.params)
        return self.replace(
            step=self.step + 1,
            params=optax.apply_updates(self.params, updates),
            opt_state=opt_state,
        )


def create_state(
    model: nn.Module,
    optimizer: optax.GradientTransformation,
    sample_inputs: jax.Array | np.ndarray,
    key: jax.Array,
    loss: Callable[[jax.Array, jax.Array], jax.Array] = losses.softmax_cross_entropy,
) -> TrainState:
    """Draws a model's first parameters and sets the optimizer up for them.

    Args:
      model: a Flax module.
      optimizer: an Optax optimizer, such as `optax.adam(0.001)`.
      sample_inputs: an example batch; only its shape and dtype matter. uint8 pictures are scaled.
      key: random key for the parameters.
      loss: one loss per example from outputs and labels. With `softmax_cross_entropy` the
        accuracy is reported as well.

    Returns:
      A `TrainState` at step 0.
    """
    params = _initialise(model, jax.eval_shape(as_input, sample_inputs[:1]), key)
    metrics = (("accuracy", losses.accuracy),) if loss is losses.softmax_cross_entropy else ()
    # A Python 0 would be weakly typed and compile every step twice.
    step = jnp.zeros((), jnp.int32)
    return TrainState(step, params, optimizer.init(params), model, optimizer, loss, metrics)


def _initialise(model: nn.Module, sample: jax.ShapeDtypeStruct, key: jax.Array) -> Any:
    initialise = jax.jit(lambda key: model.init(key, jnp.zeros(sample.shape, sample.dtype)))
    return initialise(key)["params"]
