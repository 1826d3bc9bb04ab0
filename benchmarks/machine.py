"""Describes the machine of a measurement, for the line below its table."""

import datetime
import importlib.metadata
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path


def processor() -> str:
    """Names the processor as the system does."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def describe() -> dict[str, str | int]:
    """Describes this machine and the versions that a timing depends on."""
    return {
        "processor": processor(),
        "cores": os.cpu_count() or 1,
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in ("jax", "flax", "optax")},
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }


def sentence(
    threads: int | None = None, machines: Sequence[Mapping[str, str | int]] | None = None
) -> str:
    """Writes the sentence on where and when a table was measured.

    Args:
      threads: how many cores each program could use, if limited.
      machines: what `describe` returned when each part was measured; None means here and now.
    """
    found = machines or [describe()]
    what = {
        name: " and ".join(dict.fromkeys(str(each[name]) for each in found)) for name in found[0]
    }
    cores = f"{threads} of its {what['cores']} cores" if threads else f"{what['cores']} cores"
    return (
        f"Measured on {what['date']}: {what['processor']} ({cores}), {what['system']}, "
        f"Python {what['python']}, jax {what['jax']}, flax {what['flax']}, optax {what['optax']}."
    )
