"""Images to train on: the stand-ins drawn here, the real data sets, and your own folders."""

from lib.data import stream
from lib.data.dataset import DataError, Dataset, Split
from lib.data.drawn.photograph import grey_picture
from lib.data.files.copying import split_data
from lib.data.files.decoding import OddPictures
from lib.data.files.folders import Folder, SkippedFiles, load_folder
from lib.data.files.tables import read_csv
from lib.data.files.writing import write_folder
from lib.data.loading import draw, load

__all__ = [
    "write_folder",
    "DataError",
    "Dataset",
    "Folder",
    "OddPictures",
    "SkippedFiles",
    "Split",
    "draw",
    "grey_picture",
    "load",
    "load_folder",
    "read_csv",
    "split_data",
    "stream",
]
