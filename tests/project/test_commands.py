"""Every command on a page exists: its own parser accepts it, or a list says why it cannot."""

import argparse
import importlib
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from grader.cli.usage import UsageError, chosen_tasks, chosen_weeks
from grader.course import COURSE

ROOT = Path(__file__).parents[2]
# Not the changelog: it names earlier commands.
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(ROOT.glob("exercises/*.md")),
    *sorted(page for page in ROOT.glob("docs/**/*.md") if "_build" not in page.parts),
)
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]

# Commands that this test does not parse, by their beginning, and why.
NOT_PARSED = {
    "python3": "belongs to Python; .ci/run makes an environment with it",
    "python exercises/": "a student's own file; the tests of the exercises run its solution",
    "python -m solutions.": "the file's own cells; tests/solutions/ runs them",
    "python -m pytest": "the tests themselves; .ci/run runs them",
    "python -m grader week9": "a week not yet written; tests/grader/authoring/ makes one",
    "python -m grader new task train_classifier --week week9": "the same",
    "python -m grader stubs week9": "the same",
    "python -m grader check-the-checks week9": "the same",
    "python -m benchmarks.repeat week9": "the same",
    "git add": "adds a week's files; tests/grader/authoring/ compares git's list",
    "python -m sphinx": "builds the site; tests/site/ runs it",
    "source": "changes the shell that runs it",
    "git clone ADDRESS flaxlings": "needs the repository's address",
    "cd flaxlings": "the same",
    "sudo apt-get install": "changes the machine; .ci/run installs the same packages",
    "apt-get install": "changes the machine; .ci/run installs the same packages",
    "ruff": ".ci/run runs it",
    "codespell": ".ci/run runs it",
    "pyright": ".ci/run runs it",
    ".ci/run": "runs all tests",
    "dask": "a service; tests/grader/classroom/test_dask.py starts one",
    "srun": "needs SLURM",
    "sbatch": "needs SLURM",
    "jupyter": "opens a browser",
    "uv": "another installer, tested manually",
    "pip install ipykernel": "a package of the editor's choice",
}


class Parsed(BaseException):
    """A parser accepted the command, which stops here."""


def commands(text: str) -> list[str]:
    """Returns the commands in a page's shell blocks and in its text."""
    blocks = re.findall(r"^```(?:bash|sh)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    spans = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose)]
    begins = re.compile(r"!?(\.venv/bin/)?(python3?|pip|uv|jupyter|sudo|apt-get|dask) ")
    found = lines + [span for span in spans if begins.match(span)]
    return [part for line in found for part in _parts(line.removeprefix("!"))]


def _parts(line: str) -> list[str]:
    """Returns the commands of a line, without shell operators and comments."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    parts: list[list[str]] = [[]]
    for word in lexer:
        if word in ("&&", ";", "|", "&"):
            parts.append([])
        elif word.startswith(">"):
            break
        else:
            parts[-1].append(word)
    return [shlex.join(words).replace(".venv/bin/", "") for words in parts if words]


def every_command() -> dict[str, str]:
    """Returns each command once, with the first page that names it."""
    found: dict[str, str] = {}
    for page in PAGES:
        for command in commands(page.read_text(encoding="utf-8")):
            found.setdefault(command, page.relative_to(ROOT).as_posix())
    return found


COMMANDS = every_command()


def reason(command: str) -> str | None:
    """Returns why this test does not parse a command; None if it must."""
    return next((why for start, why in NOT_PARSED.items() if command.startswith(start)), None)


def parse(words: list[str], monkeypatch: pytest.MonkeyPatch) -> argparse.Namespace | None:
    """Parses a command with its module's own parser and returns the result.

    Args:
      words: the words after `python`.
      monkeypatch: stops a command once it is parsed.

    Raises:
      AssertionError: if the parser rejects the command, or the command parses no arguments.
    """
    real = argparse.ArgumentParser.parse_args

    def parse_args(parser, args=None, namespace=None):
        raise Parsed(real(parser, args, namespace))

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_args)
    words = words[1:] if words[0] == "-P" else words
    assert words[0] == "-m"
    name, arguments = words[1], words[2:]
    module = {"grader": "grader.cli.main", "benchmarks": "benchmarks.speed"}.get(name, name)
    if name in ("lib", "lib.data", "solutions"):
        module = f"{name}.__main__"
    if name == "benchmarks" and arguments and not arguments[0].startswith("-"):
        module, *arguments = f"benchmarks.{arguments[0]}", *arguments[1:]
    if name == "grader" and not arguments:
        return None  # it has no parser
    try:
        importlib.import_module(module).main(arguments)
    except Parsed as parsed:
        return parsed.args[0]
    except SystemExit as end:
        assert end.code == 0, "the command's own parser rejects it"
        return None
    raise AssertionError("the command does not parse its arguments")


def check(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Raises an AssertionError or a UsageError if a command does not exist."""
    words = shlex.split(command.replace("weekN", "week3").replace("WEEK", "week3"))
    words = [word.replace("TASK", "convolve2d") for word in words if word != "…"]
    if words[:2] == ["pip", "install"]:
        assert words[2] == "-e"
        extras = re.fullmatch(r"\.(?:\[(\w+)\])?", words[3])
        assert extras and extras[1] in {None, *EXTRAS}, f"there is no extra {words[3]}"
        return
    assert words[0] == "python", "parse it here, or say in NOT_PARSED why that is impossible"
    taken = parse(words[1:], monkeypatch)
    if words[1:3] == ["-m", "grader"] and taken is not None:
        weeks = getattr(taken, "weeks", None) or [getattr(taken, "week", None) or "all"]
        weeks = chosen_weeks([week for week in weeks if week != "begun"], COURSE)
        tasks = getattr(taken, "task", None) or []
        chosen_tasks([tasks] if isinstance(tasks, str) else tasks, weeks, COURSE)


def test_there_are_commands():
    assert len(COMMANDS) > 60 and {"README.md", "docs/instructors/guide.md"} < {*COMMANDS.values()}


@pytest.mark.parametrize("command", [each for each in COMMANDS if not reason(each)])
def test_a_command_of_a_page_is_taken_by_its_own_parser(command, monkeypatch):
    check(command, monkeypatch)


@pytest.mark.parametrize(
    "command",
    [
        "python -m grader polish week3",
        "python -m grader week13",
        "python -m grader week3 --task convolve3d",
        "python -m grader week3 --colour",
        "python -m grader class DIR",
        "python -m benchmarks.acuracy --write",
        "python -m lib.data sheet hamsters --save x.png",
        "pip install -e '.[nothing]'",
        "nosuchprogram week3",
    ],
)
def test_a_command_that_does_not_exist_is_found(command, monkeypatch):
    with pytest.raises((AssertionError, UsageError, ImportError)):
        check(command, monkeypatch)


def test_a_block_is_read_as_a_shell_reads_it():
    text = "```bash\na 1 && .venv/bin/b \\\n  '2 3'  # why\nc > d &\n```\n`!python -m e\nf`, `g h`"
    assert commands(text) == ["a 1", "b '2 3'", "c", "python -m e f"]
