# task: flowers
# status: failed
# words: "return the class with the largest one"
# points: 0

import jax.numpy as jnp


def train_flowers(images, labels, key):
    return 7


def predict_flowers(trained, images):
    return jnp.zeros((len(images), 5))
