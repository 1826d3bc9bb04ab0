"""Stock Flax with the epoch in a `lax.scan`, which is fast on an accelerator.

On a CPU, a convolution's weight gradient in a loop body is tens of times slower
(https://github.com/jax-ml/jax/issues/12868), so networks with convolutions train on at most 20
batches.
"""

from collections.abc import Callable

import numpy as np

from benchmarks.programs import Program
from benchmarks.runners.flax_model import model_and_step

MODULES = ("jax", "flax", "optax")

# Enough steps to measure milliseconds each, few enough to end in seconds.
MOST_CONVOLUTION_STEPS = 20


def trainer(
    program: Program, images: np.ndarray, labels: np.ndarray, threads: int
) -> Callable[[], float]:
    """Builds the network; see the package's docstring."""
    import jax
    import jax.numpy as jnp

    model, optimizer, step = model_and_step(program)
    params = jax.jit(model.init)(jax.random.key(0), jnp.zeros((1, *images.shape[1:])))
    carry = (params, optimizer.init(params))
    batch_size = program.batch_size
    steps = len(images) // batch_size
    on_device, on_device_labels = jnp.asarray(images), jnp.asarray(labels)
    rng = np.random.default_rng(0)

    @jax.jit
    def run(carry, images, labels, order):
        def body(carry, batch):
            return step(carry, images[batch], labels[batch])

        return jax.lax.scan(body, carry, order)

    def epoch() -> float:
        nonlocal carry
        order = rng.permutation(len(images))[: steps * batch_size].reshape(steps, batch_size)
        carry, right = run(carry, on_device, on_device_labels, order)
        return float(right.sum()) / (steps * batch_size)

    return epoch


def most_images(program: Program) -> int | None:
    """Limits the images of one repeat; None means no limit."""
    return MOST_CONVOLUTION_STEPS * program.batch_size if program.channels else None
