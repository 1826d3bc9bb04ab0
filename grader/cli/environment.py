"""The Python environment: whether the terminal uses it, and what the course lacks in it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import shlex
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

PROJECT = "flaxlings"


def activation() -> str:
    """Returns the command that activates this environment; "" if it is active or has none."""
    script = Path(sys.prefix, "bin", "activate")
    found = shutil.which("python")
    if not script.exists() or (found and Path(found).parent == script.parent):
        return ""
    near = os.path.relpath(script)
    return f"source {shlex.quote(str(script) if near.startswith('..') else near)}"


def install(what: str) -> str:
    """Returns the command that installs something into this environment.

    Args:
      what: the argument for pip: a name, or `-e FOLDER`.
    """
    if importlib.util.find_spec("pip"):
        return f"{shlex.quote(sys.executable)} -m pip install {what}"
    return f"uv pip install --python {shlex.quote(sys.executable)} {what}"


def install_course(root: Path, extra: str = "") -> str:
    """Returns the command that installs a course.

    Args:
      root: its folder.
      extra: one of its optional extras, or "".
    """
    return install(f"-e {shlex.quote(f'{root}[{extra}]' if extra else str(root))}")


def version(package: str) -> str:
    """Returns the installed version of a package; "" if it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def lacking(root: Path) -> Iterator[tuple[str, str, str]]:
    """Compares what is installed with what a course's pyproject.toml requires.

    Args:
      root: the folder of the course.

    Yields:
      (package, installed version or "", required versions).
    """
    from packaging.requirements import Requirement

    with open(root / "pyproject.toml", "rb") as file:
        required = tomllib.load(file)["project"]["dependencies"]
    for requirement in map(Requirement, required):
        if requirement.marker is None or requirement.marker.evaluate():
            found = version(requirement.name)
            if not found or not requirement.specifier.contains(found, prereleases=True):
                yield requirement.name, found, str(requirement.specifier)


def installed_from() -> list[Path]:
    """Returns the folders from which `import lib` takes the course in this environment."""
    folders = []
    for made in importlib.metadata.distributions(name=PROJECT):
        origin = json.loads(made.read_text("direct_url.json") or "{}")
        if origin.get("dir_info", {}).get("editable"):
            folders.append(Path(url2pathname(urlparse(origin["url"]).path)).resolve())
    return folders
