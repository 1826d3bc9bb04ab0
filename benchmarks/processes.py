"""Starts each runner in a separate process, with a Python that has the framework."""

import dataclasses
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

ROOT = Path(__file__).parents[1]


class RunnerFailed(RuntimeError):
    """A framework's process ended without an answer; the message quotes its last output."""


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a framework runs.

    Attributes:
      python: path of the interpreter.
      versions: the version of each package that the framework needs, by name.
    """

    python: str
    versions: dict[str, str]


# Prints the versions of the modules, or fails. The package tensorflow-cpu installs the module
# tensorflow.
_PROBE = """
import importlib.metadata, importlib.util, json, sys
versions = {"python": sys.version.split()[0]}
for module in sys.argv[1:]:
    if importlib.util.find_spec(module) is None:
        raise SystemExit(1)
    for name in (module, module + "-cpu"):
        try:
            versions[module] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pass
print(json.dumps(versions))
"""


def find(framework: str, pythons: Sequence[str]) -> Place | None:
    """Finds the first interpreter that has what a framework needs.

    Args:
      framework: a name in `benchmarks.runners.FRAMEWORKS`.
      pythons: paths of interpreters, in order of preference.

    Returns:
      The place, or None if no interpreter has it.
    """
    modules = importlib.import_module(f"benchmarks.runners.{framework}").MODULES
    for python in pythons:
        probe = subprocess.run(
            [python, "-c", _PROBE, *modules], capture_output=True, text=True, check=False
        )
        if probe.returncode == 0:
            return Place(python, json.loads(probe.stdout))
    return None


# Variables that would distort the figures: a cache of compiled code makes a cold start warm.
_NOT_HANDED_ON = ("JAX_COMPILATION_CACHE_DIR", "XLA_FLAGS")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _NOT_HANDED_ON}


def _command(framework: str, place: Place, *arguments: str) -> list[str]:
    return [place.python, "-m", "benchmarks.runners", framework, *arguments]


class Runner:
    """A framework's process that trains an epoch on request.

    Use as a context manager: the process ends with the block.
    """

    def __init__(
        self, framework: str, place: Place, threads: int, log: IO[str], program: str, data: Path
    ):
        """Starts the process.

        Args:
          framework: a name in `benchmarks.runners.FRAMEWORKS`, or "matmul".
          place: the interpreter.
          threads: cores the process may use.
          log: an open file for what it prints.
          program: a name in `benchmarks.programs.PROGRAMS`.
          data: an .npz file with images and labels.
        """
        self.framework = framework
        self._log = log
        self._process = subprocess.Popen(
            _command(framework, place, "--serve", "--program", program, "--data", str(data))
            + ["--threads", str(threads)],
            cwd=ROOT,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )

    def epoch(self) -> dict[str, float]:
        """Trains one epoch.

        Returns:
          {"seconds": …, "accuracy": …, "images": …, "peak_mib": …}; "peak_mib" is the most memory
          that the process has had.

        Raises:
          RunnerFailed: if the process has ended.
        """
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write("epoch\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            raise RunnerFailed(_last_words(self.framework, self._log))
        return json.loads(line)

    def __enter__(self) -> "Runner":
        """Returns the runner."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends the process by closing its input, or kills it after ten seconds."""
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def cold_run(
    framework: str, place: Place, threads: int, log: IO[str], program: str, data: Path, until: float
) -> tuple[float, list[float]]:
    """Trains in a new process until the training accuracy is above a threshold.

    Args:
      framework: a name in `benchmarks.runners.FRAMEWORKS`.
      place: the interpreter.
      threads: cores the process may use.
      log: an open file for what it prints.
      program: a name in `benchmarks.programs.PROGRAMS`.
      data: an .npz file with images and labels.
      until: the training accuracy to pass.

    Returns:
      Seconds from the start of the process to its end, and the accuracy of each epoch.

    Raises:
      RunnerFailed: if the process gave no answer.
    """
    started = time.perf_counter()
    run = subprocess.run(
        _command(framework, place, "--until", str(until), "--program", program)
        + ["--data", str(data), "--threads", str(threads)],
        cwd=ROOT,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if run.returncode != 0 or not run.stdout:
        raise RunnerFailed(_last_words(framework, log))
    return seconds, json.loads(run.stdout)["accuracies"]


def _last_words(framework: str, log: IO[str]) -> str:
    log.flush()
    lines = Path(log.name).read_text(errors="replace").strip().splitlines()
    return f"{framework} ended without an answer. Its last output: {' / '.join(lines[-3:])}"


def interpreters(others: Sequence[str]) -> list[str]:
    """Lists this interpreter and the others.

    Args:
      others: paths of interpreters. They become absolute, but links are not resolved, because a
        virtual environment's interpreter is a link.

    Returns:
      Absolute paths.
    """
    return [sys.executable, *(str(Path(other).absolute()) for other in others)]
