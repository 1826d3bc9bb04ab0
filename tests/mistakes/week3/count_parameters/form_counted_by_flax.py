# task: count_parameters
# status: failed
# words: "you write this one", "flax.linen.Conv"


def conv_params(in_channels, out_channels, kernel):
    layer = nn.Conv(out_channels, (kernel, kernel))
    images = jnp.zeros((1, kernel, kernel, in_channels))
    shapes = jax.eval_shape(layer.init, jax.random.key(0), images)
    return sum(leaf.size for leaf in jax.tree.leaves(shapes))
