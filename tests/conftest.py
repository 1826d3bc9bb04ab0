"""For all tests: what JAX compiles is kept on disk, but does not pile up in memory."""

import os
import sys
import tempfile

import pytest

# Most of the time of these tests would be for compiling the same functions again, in each file and
# in each program that a test starts. Every process of pytest has a folder of its own: JAX does not
# write into it at one go.
KEPT = tempfile.TemporaryDirectory(prefix="flaxlings-tests-")
os.environ["JAX_COMPILATION_CACHE_DIR"] = os.path.join(KEPT.name, "compiled")
os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keeps the tests of a file in one process under `--dist loadgroup`, unless they say more."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.split("::")[0]))


@pytest.fixture(autouse=True, scope="module")
def forget_compiled_code():
    """Drops what JAX compiled for a file of tests when its last test is done.

    Every compiled function is some mappings of memory; Linux allows a process 65,530 of them
    (vm.max_map_count), and the compiler dies by a segmentation fault when there are no more.
    """
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()
