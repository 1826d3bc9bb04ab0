"""The course's models. Classifiers return logits: the loss applies the softmax."""

from collections.abc import Sequence

import jax
from flax import linen as nn

from lib.nn.layers import Conv, Dense, Dropout, Flatten, MaxPool, conv_relu_pool


class LinearRegression(nn.Module):
    """One neuron: a weight for each input and a bias. (n, inputs) to (n, 1)."""

    @nn.compact
    def __call__(self, inputs: jax.Array) -> jax.Array:
        """Returns predictions, (n, 1)."""
        return Dense(1, name="dense")(inputs)


class DeepLinear(nn.Module):
    """Dense layers without activations: (n, inputs) to (n, features[-1]).

    Together they compute only what a single layer could, but you cannot read the result from any
    one weight.
    """

    features: Sequence[int] = (4, 4, 1)

    @nn.compact
    def __call__(self, inputs: jax.Array) -> jax.Array:
        """Returns predictions, (n, features[-1])."""
        for number, features in enumerate(self.features, start=1):
            inputs = Dense(features, name=f"dense{number}")(inputs)
        return inputs


class DenseClassifier(nn.Module):
    """Flatten, one hidden layer with ReLU, one output per class: (n, …) to logits (n, classes)."""

    hidden: int = 512
    classes: int = 10

    @nn.compact
    def __call__(self, images: jax.Array) -> jax.Array:
        """Returns logits, (n, classes)."""
        x = Flatten(name="flatten")(images)
        x = Dense(self.hidden, activation=nn.relu, name="dense")(x)
        return Dense(self.classes, name="logits")(x)


class ConvClassifier(nn.Module):
    """Convolutions with ReLU, each followed by 2×2 max-pooling, then a dense classifier.

    (n, height, width, channels) to logits (n, classes). The field `channels` is the number of
    3×3 kernels of each convolution. A dropout rate above 0 adds dropout before the flattening; in
    training the model then needs `train=True` and a random key called "dropout", which `lib.fit`
    provides.
    """

    channels: Sequence[int] = (64, 64)
    hidden: int = 128
    classes: int = 10
    padding: str = "VALID"
    dropout: float = 0.0

    @nn.compact
    def __call__(self, images: jax.Array, train: bool = False) -> jax.Array:
        """Returns logits, (n, classes)."""
        x = images
        for number, channels in enumerate(self.channels, start=1):
            name = f"conv{number}"
            conv = Conv(channels, padding=self.padding, activation=nn.relu, name=name)
            x = conv_relu_pool(conv, MaxPool(name=f"pool{number}"), x, train=train)
        if self.dropout:
            x = Dropout(self.dropout, deterministic=not train, name="dropout")(x)
        x = Flatten(name="flatten")(x)
        x = Dense(self.hidden, activation=nn.relu, name="dense")(x)
        return Dense(self.classes, name="logits")(x)


def celsius_net() -> DeepLinear:
    """Dense 4-4-1 without activations, for Celsius to Fahrenheit: 33 parameters."""
    return DeepLinear((4, 4, 1))


def mnist_dense() -> DenseClassifier:
    """Flatten, Dense 512, Dense 10: 407,050 parameters on 28×28 pictures."""
    return DenseClassifier(hidden=512)


def fashion_dense() -> DenseClassifier:
    """Flatten, Dense 128, Dense 10: 101,770 parameters on 28×28 pictures."""
    return DenseClassifier(hidden=128)


def fashion_cnn() -> ConvClassifier:
    """Conv 64, Pool, Conv 64, Pool, Dense 128, Dense 10: 243,786 parameters on 28×28×1."""
    return ConvClassifier((64, 64))


def same_cnn() -> ConvClassifier:
    """Conv 32, Pool, Conv 64, Pool (SAME), Dense 128, Dense 10: 421,642 parameters on 28×28×1."""
    return ConvClassifier((32, 64), padding="SAME")


def one_conv_cnn() -> ConvClassifier:
    """Conv 32, Pool, Dense 128, Dense 10: 693,962 parameters on 28×28×1."""
    return ConvClassifier((32,))


def horse_or_human() -> ConvClassifier:
    """Conv 16, 32, 64, Dense 512, one output: 40,165,409 parameters on 300×300×3."""
    return ConvClassifier((16, 32, 64), hidden=512, classes=1)


def happy_or_sad() -> ConvClassifier:
    """Conv 16, 32, 32, Dense 512, one output: 4,750,337 parameters on 150×150×3."""
    return ConvClassifier((16, 32, 32), hidden=512, classes=1)


def cats_and_dogs(dropout: float = 0.0, outputs: int = 2) -> ConvClassifier:
    """Conv 32, 64, 128, 128, [dropout], Dense 512, 2 outputs: 3,453,634 parameters on 150×150×3.

    Args:
      dropout: fraction of the last pooling layer's values to set to 0 in training, in [0, 1).
      outputs: 2 for softmax, 1 for a sigmoid.
    """
    return ConvClassifier((32, 64, 128, 128), hidden=512, classes=outputs, dropout=dropout)


def rock_paper_scissors() -> ConvClassifier:
    """Conv 64, 64, 128, 128, Dropout 0.5, Dense 512, 3: 3,473,475 parameters on 150×150×3."""
    return ConvClassifier((64, 64, 128, 128), hidden=512, classes=3, dropout=0.5)


def sign_letters(classes: int = 26) -> ConvClassifier:
    """Conv 64, 64, Dense 128, 26 outputs: 245,850 parameters on 28×28×1; 245,592 with 24."""
    return ConvClassifier((64, 64), classes=classes)


def flowers_baseline() -> ConvClassifier:
    """Conv 16, 32, 64, Dense 512, 5 outputs: 9,496,613 parameters on 150×150×3."""
    return ConvClassifier((16, 32, 64), hidden=512, classes=5)
