# task: count_parameters
# status: failed
# words: "eval_shape is the answer itself"
# points: 0


def conv_params(in_channels, out_channels, kernel):
    shapes = jax.eval_shape(
        nn.Conv(out_channels, (kernel, kernel)).init,
        jax.random.key(0),
        jnp.ones((1, 9, 9, in_channels)),
    )
    return sum(leaf.size for leaf in jax.tree.leaves(shapes))
