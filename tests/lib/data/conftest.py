"""Small IDX files, and the real ones if they are available."""

import gzip
import os
import struct
from pathlib import Path

import numpy as np
import pytest

NAMES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


def idx_bytes(array: np.ndarray) -> bytes:
    """An IDX file written from the format's description, without the course's code."""
    magic = {3: 2051, 1: 2049}[array.ndim]
    return struct.pack(f">{1 + array.ndim}I", magic, *array.shape) + array.tobytes()


def small_set(train: int = 50, test: int = 20) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    return {
        "train_images": rng.integers(0, 256, (train, 28, 28)).astype(np.uint8),
        "train_labels": (np.arange(train) % 10).astype(np.uint8),
        "test_images": rng.integers(0, 256, (test, 28, 28)).astype(np.uint8),
        "test_labels": (np.arange(test) % 10).astype(np.uint8),
    }


def write_set(folder: Path, arrays: dict[str, np.ndarray], compress: bool = True) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for key, array in arrays.items():
        content = idx_bytes(array)
        if compress:
            (folder / f"{NAMES[key]}.gz").write_bytes(gzip.compress(content))
        else:
            (folder / NAMES[key]).write_bytes(content)
    return folder


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = os.environ.get("FLAXLINGS_DATA")
    if not folder:
        pytest.skip("FLAXLINGS_DATA does not name a folder with the real MNIST and Fashion-MNIST")
    return Path(folder)
