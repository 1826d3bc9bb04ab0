"""Images to learn from: the stand-ins drawn here, and the real MNIST and Fashion-MNIST."""

from lib.data.dataset import DataError, Dataset, Split
from lib.data.loading import draw, load
from lib.data.photograph import grey_picture

__all__ = ["DataError", "Dataset", "Split", "draw", "grey_picture", "load"]
