"""The course's convolutional networks as data, and their variants with known mistakes.

A week describes its network once, and gets the totals and outputs of wrong ones from it:

    NET = ConvNet(edge=28, channels=1, filters=(64, 64), hidden=128, outputs=10)
    judge_total(judge, model, NET, common_totals(NET))
    judge.architecture(model, ours, small, NET.input_shape, mistakes=common_mistakes(NET))

Flax is imported in the functions that need it, as in `grader.judge.architecture`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.judge import architecture
from grader.judge.judge import Judge
from grader.judge.student import Handle, StudentRaised

if TYPE_CHECKING:
    from flax import linen as nn

SAME = "This is the number for SAME convolutions. Use VALID, the default of lib.Conv."


@dataclass(frozen=True)
class ConvNet:
    """3 × 3 convolutions, each with a ReLU and 2 × 2 pooling, a dense layer and an output layer.

    Attributes:
      edge: height and width of the exercise's pictures.
      channels: number of channels of the pictures.
      filters: number of filters of each convolution.
      hidden: units of the dense layer, which has a ReLU.
      outputs: units of the last layer, which has no activation.
    """

    edge: int
    channels: int
    filters: tuple[int, ...]
    hidden: int
    outputs: int

    @property
    def input_shape(self) -> tuple[int, int, int, int]:
        """The shape of one picture, batch first."""
        return (1, self.edge, self.edge, self.channels)

    def total(
        self,
        *,
        kernel: int = 3,
        border: int | None = None,
        bias: int = 1,
        unpooled: Collection[int] = (),
        rounded_up: bool = False,
        one_channel: bool = False,
        dense: bool = True,
    ) -> int:
        """Returns the number of parameters, or the number that one mistake would give.

        Args:
          kernel: edge of a convolution's window.
          border: by how much a convolution makes the picture smaller: `kernel` - 1 (VALID) by
            default, 0 for SAME.
          bias: 1, or 0 where layers have none.
          unpooled: numbers of the convolutions, from 0, without pooling after them.
          rounded_up: whether pooling keeps an odd edge.
          one_channel: whether a filter looks at only one channel of its input.
          dense: whether there is a dense layer before the last.
        """
        total, edge, channels = 0, self.edge, self.channels
        for number, filters in enumerate(self.filters):
            total += (kernel * kernel * (1 if one_channel else channels) + bias) * filters
            edge, channels = edge - (kernel - 1 if border is None else border), filters
            if number not in unpooled:
                edge = (edge + rounded_up) // 2
        inputs = edge * edge * channels
        if dense:
            total, inputs = total + (inputs + bias) * self.hidden, self.hidden
        return total + (inputs + bias) * self.outputs

    def variant(
        self,
        *,
        pooling: str = "max",
        conv: str = "relu",
        linear: Collection[int] = (),
        dense: str = "relu",
    ) -> nn.Module:
        """Returns the network with other pooling or activations, to name a mistake.

        Args:
          pooling: "max" or "mean".
          conv: the activation of the convolutions: "relu", "tanh" or "sigmoid".
          linear: numbers of the convolutions, from 0, without an activation.
          dense: the dense layer's activation: one of these, or "none".
        """
        from flax import linen as nn

        import lib

        net = self
        pool = {"max": lib.max_pool, "mean": lib.avg_pool}[pooling]
        functions = {"relu": nn.relu, "tanh": nn.tanh, "sigmoid": nn.sigmoid, "none": None}

        class Variant(nn.Module):
            @nn.compact
            def __call__(self, images: Any) -> Any:
                x = images
                for number, filters in enumerate(net.filters):
                    after = None if number in linear else functions[conv]
                    x = pool(lib.Conv(filters, activation=after, name=f"conv{number + 1}")(x))
                x = x.reshape(len(images), -1)
                x = lib.Dense(net.hidden, activation=functions[dense], name="dense")(x)
                return lib.Dense(net.outputs, name="logits")(x)

        return Variant()


def common_totals(net: ConvNet) -> dict[int, str]:
    """Returns the number of parameters when one thing is wrong, with the sentence for it."""
    every, last = range(len(net.filters)), len(net.filters) - 1
    return {
        net.total(border=0): SAME,
        net.total(bias=0): "The biases are missing.",
        net.total(unpooled=(0,)): "The first pooling layer is missing.",
        net.total(unpooled=(last,)): "The last pooling layer is missing.",
        net.total(unpooled=every): "The pooling layers are missing.",
        net.total(kernel=5): "The kernels are 5 × 5. Use 3 × 3.",
        net.total(dense=False): f"The dense layer of {net.hidden} is missing.",
    }


def common_mistakes(net: ConvNet) -> dict[str, nn.Module]:
    """Returns networks with one thing wrong, by the sentence that says what."""
    every = range(len(net.filters))
    return {
        "The pooling takes the mean. Use max-pooling.": net.variant(pooling="mean"),
        "The ReLU of the dense layer is missing.": net.variant(dense="none"),
        "No convolution has a ReLU.": net.variant(linear=every),
        "No layer has a ReLU.": net.variant(linear=every, dense="none"),
        "The dense layer has a tanh. Use a ReLU.": net.variant(dense="tanh"),
        "The dense layer has a sigmoid. Use a ReLU.": net.variant(dense="sigmoid"),
        "The convolutions have a tanh. Use a ReLU.": net.variant(conv="tanh"),
    }


def judge_total(judge: Judge, model: Any, net: ConvNet, known: Mapping[int, str]) -> None:
    """Names the mistake in a model if its number of parameters gives it away.

    Args:
      judge: the fixture.
      model: what the student's function gave.
      net: what it should be.
      known: numbers of parameters of wrong networks, with the sentence for each.

    Raises:
      Failure: if it has as many parameters as one of them.
    """
    if not isinstance(model, Handle):
        return
    claim = model.shapes(net.input_shape)
    total = claim.get("total") if type(claim) is dict else None
    if type(total) is int and total != net.total() and total in known:
        judge.fail(
            f"For an input of shape {net.input_shape} the model has {total:,} parameters.",
            known[total],
            expected=f"{net.total():,} parameters",
        )


def judge_conv_net(judge: Judge, model: Any, ours: nn.Module, net: ConvNet, small: int) -> None:
    """Judges a network of one or two outputs: its shapes at full size, its outputs at a small one.

    Args:
      judge: the fixture.
      model: what the student's function gave.
      ours: our model.
      net: what it should be.
      small: height and width of the pictures that both models compute with.
    """
    last = len(net.filters) - 1
    one, two = dataclasses.replace(net, outputs=1), dataclasses.replace(net, outputs=2)
    shallow = dataclasses.replace(net, filters=net.filters[:-1])
    reverse = dataclasses.replace(net, filters=net.filters[::-1])
    known = {
        one.total(): "It has one output. Use two.",
        two.total(): "It has two outputs. Use one.",
        **common_totals(net),
        shallow.total(): "The last convolution and its pooling are missing.",
        reverse.total(): "The convolutions are in reverse order.",
    }
    judge_total(judge, model, net, known)
    smallest = (2, small, small, net.channels)
    if isinstance(model, Handle):
        try:
            model.param_shapes(smallest)
        except StudentRaised as error:
            judge.fail(
                f"It takes pictures of {net.edge} × {net.edge}, but not of {small} × {small}: it "
                f"raised {error.kind}.",
                "lib.Flatten() and x.reshape(len(x), -1) find the size after flattening "
                "automatically. Do not write out the size of a layer.",
                expected="a model for pictures of any size",
            )
    mistakes = {
        **common_mistakes(net),
        "The ReLU after the first convolution is missing.": net.variant(linear=(0,)),
        "The ReLU after the last convolution is missing.": net.variant(linear=(last,)),
    }
    judge.architecture(model, ours, smallest, net.input_shape, mistakes=mistakes)


def random_params(model: nn.Module, input_shape: tuple[int, ...], rng: np.random.Generator) -> Any:
    """Draws parameters for a model of ours, with biases that are not zero."""
    import jax

    inputs = np.zeros(input_shape, np.float32)
    shapes = jax.eval_shape(model.init, jax.random.key(0), inputs)["params"]
    return architecture.random_params(shapes, rng)
