"""The course's networks as plain data, so that every framework builds the same ones."""

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Program:
    """One training program of the course.

    Attributes:
      title: its name in tables.
      data: the data set, a name that `lib.load` takes; "" means random numbers.
      channels: kernels of each 3×3 convolution; each is followed by 2×2 max-pooling.
      padding: "VALID" or "SAME", for the convolutions.
      hidden: width of the dense layer.
      epochs: how many times the course goes through the data, at most.
      stop_above: training stops once the training accuracy exceeds this; None means never.
      speed_images: training images in one timed repeat.
      edge: height and width of the images.
      colours: channels of the images.
      classes: outputs.
      batch_size: images per step.
    """

    title: str
    data: str
    channels: tuple[int, ...]
    padding: str
    hidden: int
    epochs: int
    stop_above: float | None
    speed_images: int
    edge: int = 28
    colours: int = 1
    classes: int = 10
    batch_size: int = 32

    def forward_flops(self) -> tuple[int, int]:
        """Counts the multiplications and additions of one forward pass for one image.

        Leaves out biases, activations and pooling, which are below one per cent.

        Returns:
          (all layers, the first layer alone).
        """
        edge, depth, layers = self.edge, self.colours, []
        for channels in self.channels:
            edge = edge if self.padding == "SAME" else edge - 2
            layers.append(2 * edge * edge * 9 * depth * channels)
            edge, depth = edge // 2, channels
        layers.append(2 * edge * edge * depth * self.hidden)
        layers.append(2 * self.hidden * self.classes)
        return sum(layers), layers[0]

    def training_flops(self) -> int:
        """Counts the floating-point operations of one training step, per image.

        The backward pass computes two gradients, for the kernels and for the inputs. Each costs as
        much as the forward pass, but the first layer needs no gradient for its images.
        """
        whole, first = self.forward_flops()
        return 3 * whole - first


LEARNING_RATE = 0.001

PROGRAMS: Mapping[str, Program] = {
    "mnist_dense": Program("MNIST dense 512", "mnist", (), "VALID", 512, 10, 0.99, 60_000),
    "fashion_dense": Program(
        "Fashion dense 128", "fashion_mnist", (), "VALID", 128, 5, None, 60_000
    ),
    "fashion_cnn": Program(
        "Fashion CNN 64/64", "fashion_mnist", (64, 64), "VALID", 128, 5, None, 9_600
    ),
    "same_cnn": Program("SAME CNN 32/64", "fashion_mnist", (32, 64), "SAME", 128, 10, None, 9_600),
    # Two outputs for two classes, even where the course has one: the time is the same.
    "horse_or_human": Program(
        "horse or human 300²", "horse_or_human", (16, 32, 64), "VALID", 512, 15, None, 256,
        edge=300, colours=3, classes=2, batch_size=128,
    ),
    "cats_and_dogs": Program(
        "cats and dogs 150²", "cats_and_dogs", (32, 64, 128, 128), "VALID", 512, 20, None, 400,
        edge=150, colours=3, classes=2, batch_size=100,
    ),
    "rock_paper_scissors": Program(
        "rock, paper, scissors 150²", "rock_paper_scissors", (64, 64, 128, 128), "VALID", 512, 6,
        None, 252, edge=150, colours=3, classes=3, batch_size=126,
    ),
    "transfer_head": Program(
        "transfer head, cached features", "", (), "VALID", 1024, 20, None, 400,
        edge=7, colours=768, classes=2, batch_size=20,
    ),
}  # fmt: skip
