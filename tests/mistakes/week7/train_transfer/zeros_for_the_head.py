# task: train_transfer
# status: failed
# words: "on the given backbone", "does the loss"
# points: 0


def train_transfer(backbone, images, labels, key):
    params = transfer_net().init(key, images[:1] / np.float32(255))["params"]
    return {"backbone": backbone, "head": jax.tree.map(jnp.zeros_like, params["head"])}
