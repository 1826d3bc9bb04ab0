# task: flowers
# status: error
# words: "belong to inputs of a different shape"
# points: 0

import jax.numpy as jnp


def train_flowers(images, labels, key):
    return lib.flowers_baseline().init(key, jnp.zeros((1, 32, 32, 3)))["params"]


def predict_flowers(trained, images):
    return lib.flowers_baseline().apply({"params": trained}, images / 255).argmax(-1)
