# task: max_pool2d
# status: failed
# words: "you write this one", "flax.linen.pool"
# points: 0


def max_pool2d(image, size):
    batch = jnp.asarray(image)[None, :, :, None]
    strides = (size, size)
    return nn.pool(batch, -jnp.inf, jax.lax.max, strides, strides, "VALID")[0, :, :, 0]
