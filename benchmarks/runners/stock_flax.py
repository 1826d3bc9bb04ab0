"""Stock Flax in the usual way: a Python loop over a jitted step."""

from collections.abc import Callable

import numpy as np

from benchmarks.programs import Program
from benchmarks.runners.flax_model import model_and_step

MODULES = ("jax", "flax", "optax")


def trainer(
    program: Program, images: np.ndarray, labels: np.ndarray, threads: int
) -> Callable[[], float]:
    """Builds the network; see the package's docstring."""
    import jax
    import jax.numpy as jnp

    model, optimizer, step = model_and_step(program)
    step = jax.jit(step, donate_argnums=0)
    params = jax.jit(model.init)(jax.random.key(0), jnp.zeros((1, *images.shape[1:])))
    carry = (params, optimizer.init(params))
    rng = np.random.default_rng(0)

    def epoch() -> float:
        nonlocal carry
        order = rng.permutation(len(images))
        rights = []
        for start in range(0, len(images), program.batch_size):
            batch = order[start : start + program.batch_size]
            carry, right = step(carry, images[batch], labels[batch])
            rights.append(right)
        return float(sum(int(right) for right in jax.device_get(rights)) / len(images))

    return epoch
