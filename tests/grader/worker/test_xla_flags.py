"""Compiling quickly: a flag that one version of XLA knows, and another refuses to start with."""

import os
import subprocess
import sys

import pytest

from grader.worker import launch, xla_flags
from grader.worker.xla_flags import FLAGS, quick_flags


def test_the_jax_that_is_installed_starts_with_the_flags():
    run = subprocess.run(
        [sys.executable, "-c", "import jax; print(jax.jit(lambda x: 2 * x)(21))"],
        env={**os.environ, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": quick_flags()},
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "42\n", "")


@pytest.mark.parametrize(("version", "known"), [("0.10.2", True), ("0.11.0", False)])
def test_a_version_gets_no_flag_that_it_does_not_know(version, known, monkeypatch):
    monkeypatch.setattr(xla_flags, "version", {"jaxlib": version}.__getitem__)
    assert quick_flags() == (FLAGS if known else "")
    mine = "--xla_force_host_platform_device_count=2"
    assert quick_flags(mine) == (f"{FLAGS} {mine}" if known else mine)
    assert quick_flags(quick_flags(mine)) == quick_flags(mine)


@pytest.mark.parametrize("runs", [False, True])
def test_the_judge_compiles_so_unless_it_is_too_late(runs):
    """A process that already runs JAX, and those that it starts, have the same flags."""
    code = "from grader.session.week import pin_jax; pin_jax(); print(os.environ['XLA_FLAGS'])"
    run = subprocess.run(
        [sys.executable, "-c", f"import os, jax; {code}" if runs else f"import os; {code}"],
        env={**os.environ, "XLA_FLAGS": "--xla_cpu_enable_fast_math=false"},
        capture_output=True,
        text=True,
        check=True,
    )
    mine = "--xla_cpu_enable_fast_math=false"
    assert run.stdout.strip() == (mine if runs else quick_flags(mine))


def test_a_worker_compiles_so():
    made = launch.launch("process")
    try:
        assert made.environment["XLA_FLAGS"] == quick_flags()
    finally:
        made.remove_files()
