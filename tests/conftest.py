"""For all tests: compiled code does not pile up in the one process that runs them."""

import sys

import pytest


@pytest.fixture(autouse=True, scope="module")
def forget_compiled_code():
    """Drops what JAX compiled for a file of tests when its last test is done.

    Every compiled function is some mappings of memory; Linux allows a process 65,530 of them
    (vm.max_map_count), and the compiler dies by a segmentation fault when there are no more.
    """
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()
