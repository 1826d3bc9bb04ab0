"""For all tests: caches what JAX compiles on disk, but does not let it pile up in memory."""

import os
import shutil
import sys
import tempfile

import pytest

# Without a cache, most of these tests' time would go into compiling the same functions again, in
# each file and in each program that a test starts. Every pytest process has a separate folder,
# because JAX does not write its files atomically.
KEPT = tempfile.TemporaryDirectory(prefix="flaxlings-tests-")
os.environ["JAX_COMPILATION_CACHE_DIR"] = os.path.join(KEPT.name, "compiled")
os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"


def pytest_collection_modifyitems(items):
    """Starts with the answers and the solutions: last, they would leave one core idle."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/mistakes/"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keeps tests that share a fixture or compiled code together: a file, a task's answers."""
    from xdist.scheduler import LoadScopeScheduling

    class ByShare(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith("tests/mistakes/test_answers.py"):
                return nodeid.rpartition("/")[0]  # …[week3/convolve2d/kernel_flipped]
            if nodeid.startswith("tests/mistakes/test_solutions_pass.py"):
                return nodeid
            return nodeid.partition("::")[0]

    return ByShare(config, log)


@pytest.fixture(autouse=True, scope="module")
def forget_compiled_code():
    """Drops what JAX compiled for a file of tests after its last test.

    Every compiled function takes some memory mappings. Linux allows a process 65,530 of them
    (vm.max_map_count), and the compiler crashes with a segmentation fault if none are left.
    """
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()


@pytest.fixture(scope="module")
def browser():
    """Returns Chromium, or an installed Chrome; a test that needs one fails without it."""
    from playwright.sync_api import Error, sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as play:
        # Chromium's own sandbox does not start for root; the pages are ours.
        root = ["--no-sandbox"] if os.getuid() == 0 else []
        channel = {} if found else {"channel": "chrome"}
        try:
            made = play.chromium.launch(executable_path=found, args=root, **channel)
        except Error as error:
            pytest.fail(f"No browser: `apt-get install chromium`, or install Chrome. {error}")
        yield made
        made.close()
