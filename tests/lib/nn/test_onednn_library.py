"""Finding oneDNN's library, and working without it."""

import importlib.metadata
import sys

import jax.numpy as jnp
import numpy as np
import pytest

from lib.nn import onednn
from lib.nn.convolution import conv2d
from lib.nn.onednn import library
from lib.nn.onednn.library import PACKAGE, SWITCH, Lack


@pytest.fixture
def find(monkeypatch):
    """Looks again, on Linux on x86-64."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.delenv(SWITCH, raising=False)
    return library.find.__wrapped__


def installed(monkeypatch, *paths):
    class File:
        def __init__(self, path):
            self.name, self.locate = path.name, lambda: path

    monkeypatch.setattr(importlib.metadata, "files", lambda _: [File(path) for path in paths])


def test_the_variable_switches_it_off(find, monkeypatch):
    monkeypatch.setenv(SWITCH, "0")
    assert find() == Lack(f"{SWITCH}=0 switches it off", f"unset {SWITCH}")


@pytest.mark.parametrize("system, machine", [("darwin", "x86_64"), ("linux", "aarch64")])
def test_other_machines_have_no_remedy(find, monkeypatch, system, machine):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert find() == Lack("its library needs Linux on x86-64")


def test_a_missing_package_is_named_with_the_command(find, monkeypatch):
    def files(_):
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(importlib.metadata, "files", files)
    lack = find()
    assert lack.reason == f"{PACKAGE} is not installed"
    assert lack.remedy.endswith(f"-m pip install {PACKAGE}")


def test_a_hidden_file_is_named(find, monkeypatch, tmp_path):
    installed(monkeypatch, tmp_path / library.FILE)
    assert f"{tmp_path / library.FILE} is missing" in find().reason


def test_what_does_not_load_is_told_with_the_reason(find, monkeypatch, tmp_path):
    broken = tmp_path / library.FILE
    broken.write_bytes(b"no library")
    installed(monkeypatch, broken)
    assert "does not load" in find().reason and str(broken) in find().reason

    def load(path):
        raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(library, "Library", load)
    assert "libgomp.so.1" in find().reason and "libgomp1" in find().remedy


def test_without_it_convolutions_still_work(monkeypatch):
    monkeypatch.setattr(onednn, "find", lambda: Lack("it is not here", "install it"))
    assert onednn.lack() == ("it is not here", "install it") and not onednn.is_used()
    got = conv2d(jnp.ones((2, 8, 8, 1)), jnp.ones((3, 3, 1, 1)))
    np.testing.assert_array_equal(got, np.full((2, 6, 6, 1), 9))
