"""Pretrained weights: errors for missing, damaged, foreign or forged files."""

import functools
import hashlib
import http.server
import sys
import threading

import numpy as np
import pytest

import lib
from lib.transfer import weights
from lib.transfer.inception import InceptionV3

h5py = pytest.importorskip("h5py")

MODEL = InceptionV3("mixed0")


def write(path, layers: dict[str, dict[str, np.ndarray]]):
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in layers]
        for name, weights in layers.items():
            group = file.create_group(name)
            group.attrs["weight_names"] = [weight.encode() for weight in weights]
            for weight, value in weights.items():
                group[weight] = value
    return path


def test_the_order_of_kerass_file_names_every_convolution_once():
    order = list(weights.keras_order())
    assert len(set(order)) == len(order) == 94
    # As in the file: the first block's branch with three convolutions comes first.
    assert order[5:8] == [
        ("mixed0", "branch3_conv1"),
        ("mixed0", "branch2_conv1"),
        ("mixed0", "branch3_conv2"),
    ]


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(lib.DataError, match=r"no file .*none\.h5"):
        lib.load_inception(MODEL, tmp_path / "none.h5")


@pytest.mark.parametrize("content", [b"", b"not HDF5 at all", b"\x89HDF\r\n\x1a\n" + bytes(90)])
def test_what_is_no_hdf5_file_is_told(content, tmp_path):
    path = tmp_path / "weights.h5"
    path.write_bytes(content)
    with pytest.raises(lib.DataError, match="damaged, or another kind of file"):
        lib.load_inception(MODEL, path)


@pytest.mark.parametrize(
    "odd",
    [
        lambda file: file.attrs.create("layer_names", 7),
        lambda file: file.attrs.create("layer_names", [b"\xff"]),
        lambda file: (file.attrs.create("layer_names", [b"a"]), file.create_dataset("a", data=1)),
        lambda file: (file.attrs.create("layer_names", [b"a"]), file.create_group("a")),
    ],
)
def test_an_hdf5_file_of_another_layout_is_told(odd, tmp_path):
    path = tmp_path / "weights.h5"
    with h5py.File(path, "w") as file:
        odd(file)
    with pytest.raises(lib.DataError, match="damaged, or another kind of file"):
        lib.load_inception(MODEL, path)


def test_a_truncated_file_is_told(tmp_path):
    whole = write(tmp_path / "whole.h5", {"conv": {"conv/kernel:0": np.zeros((3, 3, 3, 3200))}})
    path = tmp_path / "cut.h5"
    path.write_bytes(whole.read_bytes()[:-5000])
    with pytest.raises(lib.DataError, match="damaged"):
        lib.load_inception(MODEL, path)


def test_a_file_without_keras_layers_is_told(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["table"] = np.zeros(3)
    with pytest.raises(lib.DataError, match="another kind of file"):
        lib.load_inception(MODEL, tmp_path / "other.h5")


def test_the_weights_of_another_network_are_told(tmp_path):
    few = write(tmp_path / "few.h5", {"conv": {"conv/kernel:0": np.zeros((3, 3, 3, 32))}})
    with pytest.raises(lib.DataError, match="has 1 convolutions, 0 normalisations"):
        lib.load_inception(MODEL, few)
    layers = {}
    for number in range(94):
        layers[f"conv{number}"] = {"k": np.zeros((3, 3, 3, 31 + number))}
        layers[f"norm{number}"] = {name: np.zeros(31 + number) for name in "bmv"}
    with pytest.raises(lib.DataError, match=r"another network .* \(3, 3, 3, 31\) instead"):
        lib.load_inception(MODEL, write(tmp_path / "as_many.h5", layers))
    layers["conv0"] = {"k": np.full((3, 3, 3, 32), np.nan)}
    with pytest.raises(lib.DataError, match="some of its weights are not finite"):
        lib.load_inception(MODEL, write(tmp_path / "nan.h5", layers))


@pytest.mark.parametrize(("missing", "path"), [("h5py", "weights.h5"), ("pooch", None)])
def test_a_missing_package_is_told_with_the_command_that_brings_it(missing, path, monkeypatch):
    monkeypatch.delitem(sys.modules, missing, raising=False)
    import_module = weights.importlib.import_module

    def refuse(name):
        if name == missing:
            raise ImportError(name)
        return import_module(name)

    monkeypatch.setattr(weights.importlib, "import_module", refuse)
    with pytest.raises(lib.DataError, match=rf"{missing} .* pip install 'flaxlings\[pretrained\]'"):
        lib.load_inception(MODEL, path)


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A folder that is served as if it were the address of the published files."""
    folder = tmp_path / "served"
    folder.mkdir()
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    handler = functools.partial(quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        monkeypatch.setattr(weights, "BASE", f"http://127.0.0.1:{running.server_port}/")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        yield folder
        running.shutdown()
        thread.join()


def test_a_download_is_kept_if_its_hash_is_right_and_not_fetched_again(
    server, tmp_path, monkeypatch
):
    pytest.importorskip("pooch")
    served = write(server / "w.h5", {"conv": {"conv/kernel:0": np.zeros((3, 3, 3, 32))}})
    known = "md5:" + hashlib.md5(served.read_bytes(), usedforsecurity=False).hexdigest()
    monkeypatch.setattr(weights, "WITHOUT_TOP", ("w.h5", known))
    for _ in range(2):
        with pytest.raises(lib.DataError, match="has 1 convolutions"):  # it was read
            lib.load_inception(MODEL)
        served.unlink(missing_ok=True)  # the second time it is read from the cache
    assert (tmp_path / "cache" / "flaxlings" / "w.h5").is_file()


def test_another_hash_than_the_published_one_is_told_and_nothing_is_kept(server, tmp_path):
    pytest.importorskip("pooch")
    name = weights.WITHOUT_TOP[0]
    (server / name).write_bytes(b"something else")
    with pytest.raises(lib.DataError, match="another MD5 checksum"):
        lib.load_inception(MODEL)
    assert not (tmp_path / "cache" / "flaxlings" / name).exists()


def test_no_network_is_told(server):
    pytest.importorskip("pooch")
    with pytest.raises(lib.DataError, match=r"could not be downloaded.*lib\.backbone"):
        lib.load_inception(MODEL)  # the server has no such file


def test_the_published_addresses_and_hashes_are_those_of_keras():
    import importlib.util

    spec = importlib.util.find_spec("keras")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("keras is not installed: pip install -e '.[dev]'")
    folder = spec.submodule_search_locations[0]
    with open(f"{folder}/src/applications/inception_v3.py") as file:
        source = file.read()
    for name, known in (weights.WITH_TOP, weights.WITHOUT_TOP):
        assert name in source and known.removeprefix("md5:") in source
    assert weights.BASE.removesuffix("inception_v3/") in source
