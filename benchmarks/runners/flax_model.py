"""The networks as a newcomer to Flax would write them: nn.Conv, nn.max_pool, nn.Dense."""

from typing import Any

from benchmarks.programs import LEARNING_RATE, Program


def model_and_step(program: Program) -> tuple[Any, Any, Any]:
    """Builds the model, its optimizer and an uncompiled training step.

    Args:
      program: which network.

    Returns:
      (model, optimizer, step). The step takes ((params, opt_state), images, labels), with images as
      uint8 (n, height, width, channels), and returns the next (params, opt_state) and the number of
      right answers.
    """
    import jax
    import jax.numpy as jnp
    import optax
    from flax import linen as nn

    class Net(nn.Module):
        @nn.compact
        def __call__(self, x):
            for channels in program.channels:
                x = nn.relu(nn.Conv(channels, (3, 3), padding=program.padding)(x))
                x = nn.max_pool(x, (2, 2), (2, 2))
            x = x.reshape(x.shape[0], -1)
            x = nn.relu(nn.Dense(program.hidden)(x))
            return nn.Dense(program.classes)(x)

    model, optimizer = Net(), optax.adam(LEARNING_RATE)

    def loss(params, images, labels):
        logits: Any = model.apply(params, images.astype(jnp.float32) / 255)
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
        return losses.mean(), (logits.argmax(-1) == labels).sum()

    def step(carry, images, labels):
        params, opt_state = carry
        gradients, right = jax.grad(loss, has_aux=True)(params, images, labels)
        updates, opt_state = optimizer.update(gradients, opt_state, params)
        return (optax.apply_updates(params, updates), opt_state), right

    return model, optimizer, step
