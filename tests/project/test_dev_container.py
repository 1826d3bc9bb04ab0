"""The dev container and VS Code's settings agree with the course."""

import json
import re
import tomllib
from pathlib import Path

from grader.worker.remedies import CONTAINER_OPTIONS

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONTAINER = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
DOCKERFILE = (ROOT / ".devcontainer/Dockerfile").read_text()


def test_the_container_may_make_namespaces_and_has_what_the_tests_need():
    assert " ".join(CONTAINER["runArgs"]) == CONTAINER_OPTIONS
    for package in ("bubblewrap", "chromium", "git", "libgomp1", "libseccomp2"):
        assert re.search(rf"\b{package}\b", DOCKERFILE)
    assert f"useradd --create-home --shell /bin/bash {CONTAINER['remoteUser']}" in DOCKERFILE


def test_its_python_and_its_extra_are_the_projects():
    version = re.search(r"^FROM python:(3\.\d+)-", DOCKERFILE)
    assert version and f"Programming Language :: Python :: {version[1]}" in PROJECT["classifiers"]
    extra = re.search(r"pip install -e '\.\[(\w+)\]'", CONTAINER["postCreateCommand"])
    assert extra and extra[1] in PROJECT["optional-dependencies"]


def test_vs_code_gets_the_same_extensions_inside_and_outside():
    recommended = json.loads((ROOT / ".vscode/extensions.json").read_text())["recommendations"]
    assert CONTAINER["customizations"]["vscode"]["extensions"] == recommended
    settings = json.loads((ROOT / ".vscode/settings.json").read_text())
    assert settings["python.defaultInterpreterPath"] == "${workspaceFolder}/.venv/bin/python"
