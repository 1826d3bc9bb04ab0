"""Loading a data set by name, wherever it comes from."""

from __future__ import annotations

from lib.data import embedded
from lib.data.dataset import CLASS_NAMES, DataError, Dataset, Split, known_name

TRAIN_SIZE = 60_000
TEST_SIZE = 10_000


def load(
    name: str,
    source: str = "embedded",
    *,
    train_size: int | None = None,
    test_size: int | None = None,
    seed: int = 0,
) -> Dataset:
    """Loads a data set.

    Args:
      name: "mnist" or "fashion_mnist".
      source: "embedded" for the stand-ins drawn here, "tfds" for the real images prepared by
        tensorflow-datasets, or a folder with the real images as IDX files in it.
      train_size: number of training images; None for all 60,000.
      test_size: number of test images; None for all 10,000.
      seed: a non-negative integer; the stand-ins are drawn from it, and where a part of a real
        set is asked for, it decides which part.

    Returns:
      The data set; images are uint8 of (n, 28, 28, 1), labels int32 of (n,).

    Raises:
      DataError: if the images cannot be had; the message says what to do.
    """
    known_name(name)
    if source == "embedded":
        return Dataset(
            name,
            embedded.draw_stream(
                name, TRAIN_SIZE if train_size is None else train_size, seed, embedded.TRAIN
            ),
            embedded.draw_stream(
                name, TEST_SIZE if test_size is None else test_size, seed, embedded.TEST
            ),
            CLASS_NAMES[name],
            source,
            is_real=False,
            version=embedded.VERSION,
        )
    raise DataError(f"The source {source!r} is not there yet.")


def draw(name: str, size: int, seed: int) -> Split:
    """Draws fresh images of a stand-in; none of them is in a set that `load` gives.

    Args:
      name: "mnist" or "fashion_mnist".
      size: number of images.
      seed: a non-negative integer of any size; the same seed draws the same images.

    Returns:
      The images and their labels.

    Raises:
      DataError: if there is no such set.
    """
    return embedded.draw_stream(name, size, seed, embedded.FRESH)
