"""The course's nets as plain data, so that every framework builds the same ones."""

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Program:
    """One training program of the course.

    Attributes:
      title: what tables call it.
      data: the data set, a name that `lib.load` takes.
      channels: kernels of each 3×3 convolution; each is followed by 2×2 max-pooling.
      padding: of the convolutions, "VALID" or "SAME".
      hidden: width of the dense layer.
      epochs: how often the course goes through the data, at most.
      stop_above: the training accuracy that ends training, or None.
      speed_images: training images in one timed repeat.
    """

    title: str
    data: str
    channels: tuple[int, ...]
    padding: str
    hidden: int
    epochs: int
    stop_above: float | None
    speed_images: int

    def forward_flops(self) -> tuple[int, int]:
        """Counts the multiplications and additions of one forward pass of one picture.

        Biases, activations and pooling are left out: they are below a percent.

        Returns:
          (all layers, the first layer alone).
        """
        edge, depth, layers = EDGE, 1, []
        for channels in self.channels:
            edge = edge if self.padding == "SAME" else edge - 2
            layers.append(2 * edge * edge * 9 * depth * channels)
            edge, depth = edge // 2, channels
        layers.append(2 * edge * edge * depth * self.hidden)
        layers.append(2 * self.hidden * CLASSES)
        return sum(layers), layers[0]

    def training_flops(self) -> int:
        """Counts the floating-point operations of one training step, per picture.

        The backward pass computes two gradients of the forward pass's cost, that of the kernel
        and that of the input, but nobody asks for the gradient of the pictures.
        """
        whole, first = self.forward_flops()
        return 3 * whole - first


EDGE = 28
CLASSES = 10
BATCH_SIZE = 32
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
}
