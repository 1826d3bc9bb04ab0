"""A classifier whose first part was trained on another task."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn

from lib.inputs import as_input
from lib.nn.layers import Dense, Dropout, Flatten


class TransferHead(nn.Module):
    """The head on a backbone: Flatten, Dense with ReLU, Dropout, Dense.

    Features (n, …) to logits (n, outputs).
    """

    hidden: int = 1024
    dropout: float = 0.2
    outputs: int = 1

    @nn.compact
    def __call__(self, features: jax.Array, train: bool = False) -> jax.Array:
        """Returns logits, (n, outputs)."""
        x = Flatten(name="flatten")(features)
        x = Dense(self.hidden, activation=nn.relu, name="dense")(x)
        x = Dropout(self.dropout, deterministic=not train, name="dropout")(x)
        return Dense(self.outputs, name="logits")(x)


class TransferClassifier(nn.Module):
    """A backbone with a new head: pictures to logits.

    The backbone runs in evaluation mode even while the head learns. Its parameters are under
    "backbone", those of the head under "head", so `freeze(optimizer, params, "backbone")`
    trains only the head.
    """

    backbone: nn.Module
    head: TransferHead = TransferHead()

    def __call__(self, images: jax.Array, train: bool = False) -> jax.Array:
        """Returns logits, (n, outputs)."""
        return self.head(self.backbone(images), train=train)


def transfer_variables(
    model: TransferClassifier,
    backbone: Mapping[str, Any],
    sample_inputs: jax.Array | np.ndarray,
    key: jax.Array,
) -> dict[str, Any]:
    """Combines a trained backbone's variables with random parameters for the head.

    Args:
      model: the complete model.
      backbone: the backbone's variables: {"params": …} and, if it has some, other collections.
      sample_inputs: an example batch; only its shape and dtype matter.
      key: random key for the head.

    Returns:
      The variables of the complete model, for `lib.create_state(…, variables=…)`.
    """
    sample = jax.eval_shape(as_input, sample_inputs[:1])
    features = jax.eval_shape(model.backbone.apply, backbone, sample)
    head = jax.jit(
        lambda key: model.head.init(key, jnp.zeros(features.shape, features.dtype))  # type: ignore
    )(key)
    rest = {name: {"backbone": tree} for name, tree in backbone.items() if name != "params"}
    return {"params": {"backbone": backbone["params"], "head": head["params"]}, **rest}
