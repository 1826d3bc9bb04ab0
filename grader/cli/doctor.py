"""Says what this machine can do for the course, and how to mend what it cannot."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from grader.course import Course
from grader.results.text import console
from grader.worker import bubblewrap, cgroup, remedies, tiers
from grader.worker.inside import syscall_filter
from grader.worker.supervisor import HostFault, Worker, WorkerGone

GOOD, POOR = "✓", "!"
TIERS = {
    "sandbox": "student code sees neither your files nor the network (bubblewrap)",
    "user": "student code runs as a user of its own; good for marks, the sandbox is better",
    "process": "student code has your rights; for your own work, not for marks",
}


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def findings(course: Course) -> Iterator[tuple[str, str, str, str]]:
    """Yields (sign, what, how it is, how to mend it)."""
    version = platform.python_version()
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield (
        GOOD if fits else POOR,
        "Python",
        f"{version} in {sys.prefix}",
        "" if fits else "the course is tried on Python 3.11 to 3.13: make an environment with one",
    )
    for name in ("jax", "jaxlib", "flax", "optax", "numpy", "matplotlib", "pytest", "rich"):
        found = _version(name)
        mend = "" if found else f"{sys.executable} -m pip install {name}"
        yield GOOD if found else POOR, name, found or "not installed", mend
    yield from _devices()
    yield from _convolutions()
    yield from _tiers()
    yield GOOD, "course", str(course.root), ""
    yield from _data()
    free = shutil.disk_usage(course.root).free / 2**30
    low = free < 2
    mend = "free some space; the real data sets need about 1 GiB" if low else ""
    yield POOR if low else GOOD, "disk", f"{free:.0f} GiB free", mend


def _tiers() -> Iterator[tuple[str, str, str, str]]:
    best = tiers.choose("auto")
    yield GOOD if best == "sandbox" else POOR, "isolation", f"{best}: {TIERS[best]}", ""
    if best != "sandbox":
        lack = bubblewrap.sandbox_lack()
        assert lack is not None
        yield POOR, "no sandbox", lack.reason, lack.mend
    if best == "process":
        lack = tiers.user_lack()
        assert lack is not None
        yield POOR, "no user of its own", lack.reason, lack.mend
    counted = cgroup.make(2**28, 64)
    if counted is not None:
        counted.remove()
    how = "counted by the kernel (control groups)" if counted else "counted ten times a second"
    yield GOOD, "memory, processes", how, ""
    if sys.platform == "linux" and syscall_filter.library() is None:
        mend = remedies.install("libseccomp2")
        yield POOR, "system calls", "libseccomp is not installed: they are not filtered", mend


def _devices() -> Iterator[tuple[str, str, str, str]]:
    try:
        import jax

        devices = ", ".join(f"{d.platform} {d.device_kind}" for d in jax.devices())
    except Exception as error:  # whatever a broken driver raises
        yield POOR, "devices", f"jax does not start: {error}", "python -m pip install -U jax"
        return
    yield GOOD, "devices", f"{devices}, {os.cpu_count()} CPU cores", ""
    if os.path.exists("/dev/nvidia0") and jax.default_backend() == "cpu":
        mend = f"{sys.executable} -m pip install -U 'jax[cuda12]'"
        yield POOR, "GPU", "there is an NVIDIA GPU that jax does not see", mend


def _convolutions() -> Iterator[tuple[str, str, str, str]]:
    from lib.nn import onednn

    reason, mend = onednn.lack()
    if not reason:
        yield GOOD, "convolutions", "by oneDNN", ""
        ask = {"do": "piece", "name": "lib.nn.onednn.lack", "args": (), "kwargs": {}}
        try:
            with Worker(tiers.choose("auto")) as worker:
                reason, mend = worker.request(ask, 60, 60)["value"]
        except (HostFault, WorkerGone) as error:
            yield POOR, "workers", f"a worker does not answer: {error}", ""
            return
        if not reason:
            return
        reason = f"in a worker, {reason}"
    if "libgomp" in reason:
        mend = remedies.install("libgomp1")
    state = f"by XLA, on large pictures more slowly than by oneDNN: {reason}"
    yield POOR if mend else GOOD, "convolutions", state, mend


def _data() -> Iterator[tuple[str, str, str, str]]:
    yield GOOD, "data", "embedded stand-ins (need nothing)", ""
    if importlib.util.find_spec("tensorflow_datasets") is None:
        mend = f"{sys.executable} -m pip install tensorflow-datasets importlib-resources"
        yield POOR, "tfds", "tensorflow-datasets is not installed", mend
        return
    folder = Path(os.environ.get("TFDS_DATA_DIR", "~/tensorflow_datasets")).expanduser()
    for name in ("mnist", "fashion_mnist"):
        if (folder / name).is_dir():
            yield GOOD, f"tfds {name}", str(folder / name), ""
        else:
            mend = f"only for --data tfds: python -m lib.data prepare {name}"
            yield POOR, f"tfds {name}", f"not in {folder}", mend


def doctor(course: Course) -> int:
    """Prints all findings; returns 0."""
    from rich.text import Text

    out = console()
    for sign, what, state, mend in findings(course):
        line = Text()
        line.append(f"{sign} ", style="green" if sign == GOOD else "yellow")
        line.append(f"{what:<20}", style="bold")
        line.append(state)
        if mend:
            line.append(f"\n{'':<22}{mend}", style="yellow")
        out.print(line, soft_wrap=True)  # a command that was broken could not be copied
    return 0
