"""For all tests: JAX's compiled code is saved on disk and does not pile up in memory."""

import os
import shutil
import sys
import tempfile

import pytest

# Otherwise these tests would spend most of their time compiling the same functions again, in each
# file and in each program that a test starts. Every pytest process has a separate folder, because
# JAX's writes to it are not atomic.
KEPT = tempfile.TemporaryDirectory(prefix="flaxlings-tests-")
os.environ["JAX_COMPILATION_CACHE_DIR"] = os.path.join(KEPT.name, "compiled")
os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"


def pytest_collection_modifyitems(items):
    """Runs the answers and the solutions first: at the end, they would leave one core idle."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/mistakes/"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keeps tests that share fixtures or compiled code in one process: a file, a task's answers."""
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
    """Drops what JAX compiled for a test file after the file's last test.

    Every compiled function uses some memory mappings. Linux allows a process 65,530 of them
    (vm.max_map_count); beyond that the compiler dies with a segmentation fault.
    """
    yield
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()


@pytest.fixture(scope="module")
def browser():
    """Starts Chromium or an installed Chrome; without one, the tests that need it fail."""
    from playwright.sync_api import Error, sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as play:
        # Chromium's own sandbox does not start for root, and these pages are safe.
        root = ["--no-sandbox"] if os.getuid() == 0 else []
        channel = {} if found else {"channel": "chrome"}
        try:
            made = play.chromium.launch(executable_path=found, args=root, **channel)
        except Error as error:
            pytest.fail(
                f"No browser found. Run `apt-get install chromium` or install Chrome. {error}"
            )
        yield made
        made.close()
