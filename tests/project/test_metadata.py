"""The project's metadata matches the tree."""

import fnmatch
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_package_in_the_tree_is_installed():
    include = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    for top in ("lib", "grader", "exercises", "solutions", "benchmarks"):
        for init in (ROOT / top).rglob("__init__.py"):
            package = ".".join(init.parent.relative_to(ROOT).parts)
            assert any(fnmatch.fnmatchcase(package, pattern) for pattern in include), package


def test_every_folder_with_code_is_a_package():
    for top in ("lib", "grader", "exercises", "solutions", "benchmarks"):
        for file in (ROOT / top).rglob("*.py"):
            assert (file.parent / "__init__.py").is_file(), f"{file} is in no package"


def test_tensorflow_is_no_dependency_of_anything_we_install():
    extras = PROJECT["project"]["optional-dependencies"]
    requirements = [*PROJECT["project"]["dependencies"], *sum(extras.values(), [])]
    names = {re.split(r"[^A-Za-z0-9-]", requirement)[0].lower() for requirement in requirements}
    assert not names & {"tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tf-nightly", "torch"}


def test_every_run_time_dependency_has_a_lower_bound_and_no_upper_pin():
    for requirement in PROJECT["project"]["dependencies"]:
        bounds = requirement.split(";")[0]
        assert re.fullmatch(r"[a-z0-9-]+>=[0-9.]+", bounds.strip()), requirement


def test_the_licence_is_the_whole_apache_2_text():
    text = (ROOT / "LICENSE").read_text()
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_changelog_has_an_entry_for_this_version():
    version = PROJECT["project"]["version"]
    assert re.search(
        rf"^## {re.escape(version)}\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    )


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_supported_pythons_are_named_in_metadata_and_ci(version):
    assert f"Programming Language :: Python :: {version}" in PROJECT["project"]["classifiers"]
    assert f'"{version}"' in (ROOT / ".github/workflows/ci.yml").read_text()
