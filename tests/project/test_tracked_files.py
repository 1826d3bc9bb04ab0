"""Git tracks what the course needs: common ignore files drop a folder called lib/."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so there are no tracked files to check")
    # The checkout may belong to another user.
    safe = ("-c", f"safe.directory={ROOT}")
    return subprocess.run(
        ["git", *safe, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("folder", ["lib", "grader", "exercises", "solutions", "benchmarks"])
def test_every_source_file_is_tracked(folder):
    listing = git("ls-files", folder)
    assert listing.returncode == 0, listing.stderr
    tracked = set(listing.stdout.splitlines())
    on_disk = {
        str(path.relative_to(ROOT))
        for pattern in ("*.py", "*.md", "*.yml", "*.html", "*.css", "*.js")
        for path in (ROOT / folder).rglob(pattern)
        if "__pycache__" not in path.parts
    }
    assert on_disk, f"{folder}/ is empty"
    assert on_disk <= tracked, f"not tracked: {sorted(on_disk - tracked)}"


@pytest.mark.parametrize(
    "path", ["lib/new_module.py", "lib/data/new_module.py", "exercises/week9.py", ".ci/new"]
)
def test_no_ignore_rule_drops_a_new_source_file(path):
    answer = git("check-ignore", "--no-index", "--verbose", path)
    assert answer.returncode == 1, f"{path} would be ignored: {answer.stdout}{answer.stderr}"


@pytest.mark.parametrize("path", [".venv/x", ".flaxlings/progress.json", "lib/__pycache__/x.pyc"])
def test_what_a_run_leaves_behind_is_ignored(path):
    assert git("check-ignore", "--no-index", path).returncode == 0


def test_the_check_script_is_executable():
    listing = git("ls-files", "--stage", ".ci/run")
    assert listing.stdout.startswith("100755"), listing.stdout or ".ci/run is not tracked"
