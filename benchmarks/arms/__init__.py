"""One module per side of the comparison on pictures, each run in a process of its own.

Every module has `train(program, data, seed, epochs, threads, folder)`, which trains one program of
`benchmarks.picture_programs` from one seed and returns its history: "accuracy" and "loss" of each
epoch, and "val_accuracy" and "val_loss" where there are validation pictures. It imports its
framework inside `train`, after the process has been kept to its cores. After each epoch it saves
what it needs to go on in `folder`, and begins with what it finds there.
"""

import csv
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# What tables call each side, and the module of `benchmarks.runners` that says what it needs.
ARMS = {"ours": "here", "keras_tensorflow": "Keras on TensorFlow"}

History = dict[str, list[float]]


def read_history(path: Path) -> History:
    """Reads a table with a row per epoch; of an epoch that was begun twice, the later row counts.

    Args:
      path: a CSV file with a column "epoch"; "NA" is what Keras writes where nothing was measured.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = {int(row["epoch"]): row for row in csv.DictReader(file)}
    names = [name for name, value in rows[0].items() if name != "epoch" and value != "NA"]
    return {name: [float(rows[epoch][name]) for epoch in sorted(rows)] for name in names}


@dataclasses.dataclass(frozen=True)
class Pictures:
    """The same pictures for both sides.

    Attributes:
      images: (n, edge, edge, colours), uint8, to learn from.
      labels: (n,), int32.
      val_images: as `images`, to judge with; there may be none.
      val_labels: as `labels`.
    """

    images: "np.ndarray"
    labels: "np.ndarray"
    val_images: "np.ndarray"
    val_labels: "np.ndarray"
