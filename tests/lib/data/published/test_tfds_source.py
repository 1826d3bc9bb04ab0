"""tensorflow-datasets without TensorFlow: prepared from IDX files or a download, read back."""

import functools
import http.server
import json
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import lib.data
from lib.data.published import tfds as tfds_source

from ..conftest import small_set, write_set

tfds = pytest.importorskip("tensorflow_datasets", reason="tensorflow-datasets is not installed")


@pytest.fixture(autouse=True)
def _no_bars():
    tfds.disable_progress_bar()
    yield
    tfds.enable_progress_bar()


@pytest.fixture
def tfds_dir(tmp_path, monkeypatch):
    folder = tmp_path / "tfds"
    monkeypatch.setenv("TFDS_DATA_DIR", str(folder))
    return folder


def pairs(split):
    """The images with their labels, in an order that does not depend on the source."""
    return sorted(
        (image.tobytes(), int(label)) for image, label in zip(split[0], split[1], strict=True)
    )


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_what_is_prepared_from_idx_files_is_read_back_bit_for_bit(name, tmp_path, tfds_dir):
    arrays = small_set()
    write_set(tmp_path / "idx" / name, arrays)
    folder = tfds_source.prepare(name, source=tmp_path / "idx")
    assert folder == tfds_dir / name / "3.0.1"
    data = lib.data.load(name, "tfds")
    assert pairs(data.train) == pairs((arrays["train_images"], arrays["train_labels"]))
    assert pairs(data.test) == pairs((arrays["test_images"], arrays["test_labels"]))
    assert data.train.images.shape == (50, 28, 28, 1)
    assert data.train.labels.dtype == np.int32
    assert data.is_real
    assert data.source == "tfds"
    assert "tensorflow" not in sys.modules


def test_the_stock_reader_reads_it(tmp_path, tfds_dir):
    arrays = small_set()
    write_set(tmp_path / "idx" / "mnist", arrays)
    tfds_source.prepare("mnist", source=tmp_path / "idx")
    examples = tfds.data_source("mnist", split="train[:50%]", data_dir=tfds_dir, download=False)
    ours = lib.data.load("mnist", "tfds").train
    assert len(examples) == 25
    assert [int(example["label"]) for example in examples] == ours.labels[:25].tolist()
    assert np.array_equal(np.stack([example["image"] for example in examples]), ours.images[:25])


def test_a_set_that_is_not_prepared_names_the_command(tfds_dir):
    with pytest.raises(lib.data.DataError, match="run: python -m lib.data prepare fashion_mnist"):
        lib.data.load("fashion_mnist", "tfds")
    assert not tfds_dir.exists()


def test_the_kept_arrays_are_used_and_given_up_when_the_files_change(tmp_path, tfds_dir):
    write_set(tmp_path / "idx" / "mnist", small_set())
    folder = tfds_source.prepare("mnist", source=tmp_path / "idx")
    before = lib.data.load("mnist", "tfds").train
    kept = folder / "arrays.npz"
    assert kept.is_file()
    with np.load(kept) as arrays:
        changed = dict(arrays)
    changed["train_labels"] = 9 - changed["train_labels"]
    np.savez(kept, **changed)
    assert np.array_equal(lib.data.load("mnist", "tfds").train.labels, 9 - before.labels)
    os.utime(folder / "dataset_info.json", ns=(1, 1))
    assert np.array_equal(lib.data.load("mnist", "tfds").train.labels, before.labels)
    kept.write_bytes(kept.read_bytes()[:100])
    assert np.array_equal(lib.data.load("mnist", "tfds").train.labels, before.labels)


def test_a_folder_that_only_tensorflow_can_read(tmp_path, tfds_dir):
    write_set(tmp_path / "idx" / "mnist", small_set())
    folder = tfds_source.prepare("mnist", source=tmp_path / "idx")
    info = json.loads((folder / "dataset_info.json").read_text())
    (folder / "dataset_info.json").write_text(json.dumps(info | {"fileFormat": "tfrecord"}))
    with pytest.raises(lib.data.DataError, match="in the format tfrecord, which only TensorFlow"):
        lib.data.load("mnist", "tfds")


def test_damaged_files_are_told_in_a_sentence(tmp_path, tfds_dir):
    write_set(tmp_path / "idx" / "mnist", small_set())
    folder = tfds_source.prepare("mnist", source=tmp_path / "idx")
    for path in folder.glob("*.array_record*"):
        path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(lib.data.DataError, match=r"cannot be read .* remove that folder and run"):
        lib.data.load("mnist", "tfds")


def test_damaged_idx_files_leave_nothing_behind(tmp_path, tfds_dir):
    folder = write_set(tmp_path / "idx" / "mnist", small_set())
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(b"not this")
    with pytest.raises(lib.data.DataError, match="not compressed with gzip"):
        tfds_source.prepare("mnist", source=tmp_path / "idx")
    with pytest.raises(lib.data.DataError, match="run: python -m lib.data prepare mnist"):
        lib.data.load("mnist", "tfds")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        pass


@pytest.fixture
def server(tmp_path):
    """A web server on this machine with the files in tmp_path/web."""
    (tmp_path / "web").mkdir()
    handler = functools.partial(Quiet, directory=tmp_path / "web")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()
        thread.join()


def test_downloads_what_is_not_there(tmp_path, tfds_dir, server, monkeypatch):
    from tensorflow_datasets.image_classification import mnist

    arrays = small_set()
    write_set(tmp_path / "web", arrays)
    monkeypatch.setattr(mnist.MNIST, "URL", server)
    tfds_source.prepare("mnist")
    data = lib.data.load("mnist", "tfds")
    assert pairs(data.test) == pairs((arrays["test_images"], arrays["test_labels"]))


def test_a_failed_download_says_how_to_do_without(tfds_dir, server, monkeypatch):
    from tensorflow_datasets.image_classification import mnist

    monkeypatch.setattr(mnist.MNIST, "URL", server)
    words = r"could not be downloaded .* run: python -m lib.data prepare mnist --from DIR"
    with pytest.raises(lib.data.DataError, match=words):
        tfds_source.prepare("mnist")


def test_the_command_prepares_and_needs_no_tensorflow(tmp_path, tfds_dir):
    write_set(tmp_path / "idx" / "fashion-mnist", small_set())
    code = (
        "import sys\n"
        "from lib.data.__main__ import main\n"
        "status = main(['prepare', 'fashion_mnist', '--from', sys.argv[1]])\n"
        "import lib.data; lib.data.load('fashion_mnist', 'tfds')\n"
        "sys.exit(status or 'tensorflow' in sys.modules)\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(tmp_path / "idx")],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert f"fashion_mnist is ready in {tfds_dir / 'fashion_mnist' / '3.0.1'}" in run.stdout
    assert "Generating train examples" in run.stderr  # progress is shown


def test_real_images_come_back_bit_for_bit(real_data, tmp_path, tfds_dir):
    """The first 2,000 and 500 real images, as a separate set."""
    real = lib.data.load("fashion_mnist", real_data)
    arrays = {
        "train_images": real.train.images[:2000, :, :, 0],
        "train_labels": real.train.labels[:2000].astype(np.uint8),
        "test_images": real.test.images[:500, :, :, 0],
        "test_labels": real.test.labels[:500].astype(np.uint8),
    }
    write_set(tmp_path / "idx" / "fashion-mnist", arrays)
    tfds_source.prepare("fashion_mnist", source=tmp_path / "idx")
    data = lib.data.load("fashion_mnist", "tfds")
    assert pairs(data.train) == pairs((arrays["train_images"], arrays["train_labels"]))
    assert pairs(data.test) == pairs((arrays["test_images"], arrays["test_labels"]))
