"""Says what this machine can do for the course, and how to fix what it cannot."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from grader.cli import environment
from grader.course import COURSE, Course
from grader.results.text import console
from grader.targets import read_targets
from grader.worker import bubblewrap, cgroup, remedies, tiers
from grader.worker.inside import syscall_filter
from grader.worker.supervisor import HostFault, Worker, WorkerGone

GOOD, POOR, OPTIONAL = "✓", "!", "·"
STYLES = {GOOD: "green", POOR: "yellow", OPTIONAL: "dim"}
SHOWN = ("jax", "jaxlib", "flax", "optax", "numpy", "matplotlib", "pytest", "rich")
TIERS = {
    "sandbox": "student code sees neither your files nor the network (bubblewrap)",
    "user": "student code runs as a separate user; good for marks, but the sandbox is better",
    "process": "student code has your rights; good for your own work, not for marks",
}


def findings(course: Course) -> Iterator[tuple[str, str, str, str]]:
    """Yields (sign, what, its state, how to fix it)."""
    version = platform.python_version()
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield (
        GOOD if fits else POOR,
        "Python",
        f"{version} in {sys.prefix}",
        "" if fits else "the course is tested on Python 3.11 to 3.13: make an environment with one",
    )
    activate = environment.activation()
    if activate:
        yield POOR, "environment", "`python` in this terminal is not this one", activate
    lacking = list(environment.lacking(COURSE.root))
    yield from _packages(lacking)
    yield GOOD, "course", str(course.root), ""
    if any(not found for _, found, _ in lacking):
        return  # without them nothing more can be checked
    devices = list(_devices())
    yield from devices
    if devices[0][0] == GOOD:  # else `lib` cannot be imported either
        yield from _convolutions()
    yield from _tiers()
    yield from _terminal()
    yield from _editors()
    yield from _data()
    free = shutil.disk_usage(course.root).free / 2**30
    low = free < 2
    fix = "free some space; the real data sets need about 1 GiB" if low else ""
    yield POOR if low else GOOD, "disk", f"{free:.0f} GiB free", fix


def _packages(lacking: list[tuple[str, str, str]]) -> Iterator[tuple[str, str, str, str]]:
    fix = environment.install_course(COURSE.root)
    for name, found, required in lacking:
        yield POOR, name, f"{found or 'not installed'}; the course requires {required}", fix
    shown = [f"{name} {found}" for name in SHOWN if (found := environment.version(name))]
    yield POOR if lacking else GOOD, "packages", ", ".join(shown), ""
    folders = environment.installed_from()
    if COURSE.root not in folders:
        other = folders[0] if folders else "a copy or nothing"
        state = f"`import lib` in your own program finds {other}, not this folder"
        yield POOR, "installation", state, fix


def _tiers() -> Iterator[tuple[str, str, str, str]]:
    best = tiers.choose("auto")
    yield GOOD if best == "sandbox" else POOR, "isolation", f"{best}: {TIERS[best]}", ""
    if best != "sandbox":
        lack = bubblewrap.sandbox_lack()
        assert lack is not None
        yield POOR, "no sandbox", lack.reason, lack.remedy
    if best == "process":
        lack = tiers.user_lack()
        assert lack is not None
        yield POOR, "no separate user", lack.reason, lack.remedy
    counted = cgroup.make(2**28, 64)
    if counted is not None:
        counted.remove()
    how = "counted by the kernel (control groups)" if counted else "counted ten times a second"
    yield GOOD, "memory, processes", how, ""
    if sys.platform == "linux" and syscall_filter.library() is None:
        fix = remedies.install("libseccomp2")
        yield POOR, "system calls", "not filtered: libseccomp is not installed", fix


def _devices() -> Iterator[tuple[str, str, str, str]]:
    try:
        import jax

        devices = ", ".join(f"{d.platform} {d.device_kind}" for d in jax.devices())
    except Exception as error:  # whatever a broken driver raises
        fix = environment.install("-U jax")
        yield POOR, "devices", f"jax does not start: {error}", fix
        return
    yield GOOD, "devices", f"{devices}, {os.cpu_count()} CPU cores", ""
    if os.path.exists("/dev/nvidia0") and jax.default_backend() == "cpu":
        fix = environment.install("-U 'jax[cuda12]'")
        yield POOR, "GPU", "there is an NVIDIA GPU that jax does not see", fix


def _convolutions() -> Iterator[tuple[str, str, str, str]]:
    from lib.nn import onednn

    reason, fix = onednn.lack()
    if not reason:
        yield GOOD, "convolutions", "by oneDNN", ""
        ask = {"do": "piece", "name": "lib.nn.onednn.lack", "args": (), "kwargs": {}}
        try:
            with Worker(tiers.choose("auto")) as worker:
                reason, fix = worker.request(ask, 60, 60)["value"]
        except (HostFault, WorkerGone) as error:
            yield POOR, "workers", f"a worker does not answer: {error}", ""
            return
        if not reason:
            return
        reason = f"in a worker, {reason}"
    if "libgomp" in reason:
        fix = remedies.install("libgomp1")
    state = f"by XLA, which is slower than oneDNN on large images: {reason}"
    yield POOR if fix else GOOD, "convolutions", state, fix


def _terminal() -> Iterator[tuple[str, str, str, str]]:
    encoding = sys.stdout.encoding
    try:
        "✓■│".encode(encoding)
    except (UnicodeError, LookupError):
        fixed = "PYTHONIOENCODING" in os.environ
        fix = "unset PYTHONIOENCODING" if fixed else "export PYTHONUTF8=1"
        yield POOR, "terminal", f"{encoding}: you see words instead of signs such as a tick", fix
    else:
        yield GOOD, "terminal", encoding, ""


def _editors() -> Iterator[tuple[str, str, str, str]]:
    jupyter = any(importlib.util.find_spec(name) for name in ("jupyterlab", "notebook"))
    if jupyter:
        yield GOOD, "notebooks", "Jupyter is installed", ""
    else:
        fix = f"only for notebooks: {environment.install_course(COURSE.root, 'notebook')}"
        yield OPTIONAL, "notebooks", "Jupyter is not installed", fix
    code, kernel = shutil.which("code"), importlib.util.find_spec("ipykernel")
    if kernel:
        yield GOOD, "VS Code", "can run the cells of a file (ipykernel is installed)", ""
    else:
        fix = f"only to run cells there: {environment.install('ipykernel')}"
        place = f"is {code}" if code else "is not on the PATH"
        yield OPTIONAL, "VS Code", f"`code` {place}; ipykernel is not installed", fix


def _data() -> Iterator[tuple[str, str, str, str]]:
    yield GOOD, "data", "embedded stand-ins (need nothing)", ""
    from lib.data.published.catalogue import NAMES

    folder = Path(os.environ.get("TFDS_DATA_DIR", "~/tensorflow_datasets")).expanduser()
    sets = [each.data for each in read_targets() if each.data in NAMES]
    lacking = [name for name in dict.fromkeys(sets) if not (folder / NAMES[name]).is_dir()]
    if lacking:
        fix = f"only for --data tfds: python -m lib.data prepare {' '.join(lacking)}"
        yield OPTIONAL, "tfds", f"{', '.join(lacking)}: not in {folder}", fix
    else:
        yield GOOD, "tfds", f"the sets of the course are in {folder}", ""


def doctor(course: Course) -> int:
    """Prints all findings; returns 0."""
    from rich.text import Text

    out, poor = console(), 0
    for sign, what, state, fix in findings(course):
        line = Text()
        line.append(f"{sign} ", style=STYLES[sign])
        line.append(f"{what:<20}", style="bold")
        line.append(state)
        if fix:
            line.append(f"\n{'':<22}{fix}", style=STYLES[sign])
        out.print(line, soft_wrap=True)  # a command that was broken could not be copied
        poor += sign == POOR
    if poor:
        out.print(
            "\nFix the lines with !: if a command helps, it is below the line. Lines with · are "
            "optional."
        )
    else:
        out.print("\nThe course has everything it needs. Lines with · are optional.")
    return 0
