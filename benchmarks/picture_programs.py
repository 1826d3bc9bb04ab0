"""The course's trainings of weeks 4 to 8 as plain data, so that both sides train the same."""

import dataclasses
from collections.abc import Mapping

# The augmentation of the course's training, with Keras's names and units: degrees (for the shear
# too, so 0.2 hardly shears) and fractions of the image.
AUGMENTATION = {
    "rotation_range": 40.0,
    "width_shift_range": 0.2,
    "height_shift_range": 0.2,
    "shear_range": 0.2,
    "zoom_range": 0.2,
    "horizontal_flip": True,
    "fill_mode": "nearest",
}


@dataclasses.dataclass(frozen=True)
class PictureProgram:
    """One training program of weeks 4 to 8.

    Attributes:
      title: its name in tables.
      data: the data set, a name that `lib.load` takes.
      colours: 3 channels, or 1 for grey.
      channels: kernels of each 3×3 convolution (VALID); each is followed by 2×2 max-pooling.
      dropout: rate between the last pooling and the dense layers; 0 means none.
      hidden: width of the dense layer.
      outputs: logits; 1 goes with "sigmoid".
      loss: "sigmoid", "softmax" (integer labels) or "one-hot".
      optimizer: "adam" or "rmsprop", with a learning rate of 0.001.
      batch_size: images per step.
      epochs: how many times to go through the data, at most.
      stop_above: training stops once the training accuracy exceeds this; None means never.
      augmented: whether the training images change again in each epoch.
      sized: whether the images can have any edge; the others are 28×28.
    """

    title: str
    data: str
    channels: tuple[int, ...]
    outputs: int
    loss: str
    optimizer: str
    batch_size: int
    epochs: int
    hidden: int = 512
    dropout: float = 0.0
    colours: int = 3
    stop_above: float | None = None
    augmented: bool = False
    sized: bool = True


LEARNING_RATE = 0.001

# The quickest first, so that an interrupted run has most of the table.
PICTURE_PROGRAMS: Mapping[str, PictureProgram] = {
    "happy_or_sad": PictureProgram(
        "happy or sad", "happy_or_sad", (16, 32, 32), 1, "sigmoid", "rmsprop", 10, 40,
        stop_above=0.999,
    ),
    "sign_letters": PictureProgram(
        "sign letters", "sign_language_mnist", (64, 64), 26, "softmax", "adam", 32, 10,
        hidden=128, colours=1, sized=False,
    ),
    "horse_or_human": PictureProgram(
        "horse or human", "horse_or_human", (16, 32, 64), 1, "sigmoid", "rmsprop", 128, 15
    ),
    "flowers": PictureProgram(
        "flowers, baseline", "flowers", (16, 32, 64), 5, "softmax", "adam", 100, 15
    ),
    "rock_paper_scissors": PictureProgram(
        "rock, paper, scissors", "rock_paper_scissors", (64, 64, 128, 128), 3, "one-hot",
        "rmsprop", 126, 6, dropout=0.5,
    ),
    "cats_and_dogs": PictureProgram(
        "cats and dogs", "cats_and_dogs", (32, 64, 128, 128), 2, "softmax", "adam", 100, 20
    ),
    "cats_and_dogs_augmented": PictureProgram(
        "cats and dogs, augmentation and dropout", "cats_and_dogs", (32, 64, 128, 128), 2,
        "softmax", "adam", 100, 60, dropout=0.5, augmented=True,
    ),
}  # fmt: skip
