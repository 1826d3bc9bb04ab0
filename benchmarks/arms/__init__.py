"""One module per side of the comparison on images, each run in a separate process.

Every module has `train(program, data, seed, epochs, threads, folder)`, which trains one program of
`benchmarks.picture_programs` from one seed and returns its history: "accuracy" and "loss" of each
epoch, and "val_accuracy" and "val_loss" if there are validation images. It imports its framework
inside `train`, once the process is limited to its cores. After each epoch it saves in `folder` what
it needs to continue, and it starts from what it finds there.
"""

import csv
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# The module of `benchmarks.runners` that says what each side needs, and its name in tables.
ARMS = {"ours": "here", "keras_tensorflow": "Keras on TensorFlow"}

History = dict[str, list[float]]


def read_history(path: Path) -> History:
    """Reads a table with a row per epoch; if an epoch was started twice, the later row counts.

    Args:
      path: a CSV file with a column "epoch"; Keras writes "NA" for values it did not measure.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = {int(row["epoch"]): row for row in csv.DictReader(file)}
    names = [name for name, value in rows[0].items() if name != "epoch" and value != "NA"]
    return {name: [float(rows[epoch][name]) for epoch in sorted(rows)] for name in names}


@dataclasses.dataclass(frozen=True)
class Pictures:
    """The same images for both sides.

    Attributes:
      images: (n, edge, edge, channels), uint8, the training images.
      labels: (n,), int32.
      val_images: as `images`, the validation images; there may be none.
      val_labels: as `labels`.
    """

    images: "np.ndarray"
    labels: "np.ndarray"
    val_images: "np.ndarray"
    val_labels: "np.ndarray"
