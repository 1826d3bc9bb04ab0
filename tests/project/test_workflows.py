"""The workflows are valid and grade only with the instructor's grader."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CI = ROOT / ".github/workflows/ci.yml"
GRADE = ROOT / "grader/handout/grade.yml"
PAGES = ROOT / ".github/workflows/pages.yml"
ALL = pytest.mark.parametrize("file", [CI, GRADE, PAGES], ids=lambda file: file.name)


def validate(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema"]
        + ["--builtin-schema", "vendor.github-workflows", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )


@ALL
def test_workflow_follows_the_schema(file):
    answer = validate(file)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_a_broken_workflow_does_not(tmp_path):
    broken = tmp_path / "broken.yml"
    broken.write_text(GRADE.read_text().replace("runs-on:", "run-on:"))
    assert validate(broken).returncode == 1


def test_ci_runs_the_one_script_with_all_checks():
    assert "run: .ci/run" in CI.read_text()


def test_grading_takes_grader_and_exercises_from_two_checkouts():
    text = GRADE.read_text()
    submission, course = text.index("path: submission"), text.index("path: course")
    assert submission < course
    assert re.search(r"ref: (v\d[\d.]*|[0-9a-f]{40})\b", text), "the grader's version is not pinned"
    assert "working-directory: submission" not in text


def test_grading_runs_python_without_the_current_folder_on_its_path():
    runs = re.findall(r"python .*-m grader.*", GRADE.read_text())
    assert len(runs) == 2
    assert all(run.startswith("python -P -m grader") for run in runs)
    assert re.search(r'--submission "\$GITHUB_WORKSPACE/submission/exercises"', GRADE.read_text())


def test_grading_takes_the_weeks_that_were_begun():
    assert "WEEKS: begun #" in GRADE.read_text() and "-m grader $WEEKS\n" in GRADE.read_text()


def test_no_expression_is_pasted_into_a_shell_command():
    """`${{ … }}` inside `run:` becomes part of a script, so a branch name could be a command."""
    for file in (CI, GRADE, PAGES):
        for block in re.findall(r"run: (?:[|>]-?\n((?: {10,}.*\n)+)|(.*)\n)", file.read_text()):
            assert "${{" not in "".join(block), file


@ALL
def test_workflows_may_only_read(file):
    text = file.read_text()
    assert re.search(r"^permissions:\n  contents: read\n", text, re.MULTILINE)
    assert text.count("persist-credentials: false") == text.count("uses: actions/checkout@")
