"""The real libraries raise every error of the catalogue, and the judge chooses its entry."""

import collections
import importlib.util
import inspect
import io
import linecache
import re
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.judge.errors import CATALOGUE, advise
from grader.worker.inside.raising import raised

MARKS = {"training_diverged": pytest.mark.slow}  # it compiles a training step
NEWCOMERS = sorted((Path(__file__).parent / "newcomers").glob("*.py"))
# What Python cannot read, by its entry.
UNREADABLE = {
    "block_not_indented": "def f(x):\nreturn x",
    "block_not_indented__for": "for i in range(3):\nprint(i)",
    "indented_too_far": "x = 1\n  y = 2",
    "indented_unlike_above": "def f(x):\n        y = x\n    return y",
    "tabs_and_spaces": "def f(x):\n        y = x\n\treturn y",
    "colon_missing": "def f(x)\n    return x",
    "colon_missing__if": "if x > 3\n    y = 1",
    "bracket_never_closed": "x = jnp.sum((1, 2)\ny = 3",
    "bracket_never_opened": "x = (1, 2))",
    "bracket_never_opened__other": "x = (1, 2]",
    "comma_missing": "x = [1, 2 3]",
    "equals_sign": "if x = 3:\n    pass",
    "equals_sign__call": "f(x) = 3",
    "equals_sign__keyword": "f(a.b=3)",
    "text_not_closed": "x = 'cat",
    "text_not_closed__three": 'x = """cat',
    "text_not_closed__f": "x = f'cat",
    "outside_function": "x = 3\nreturn x",
    "outside_loop": "if x:\n    break",
    "outside_loop__continue": "continue",
    "print_without_brackets": "print x",
    "character_unknown": "x = “cat”",
    "character_unknown__minus": "x = 3 − 2",
    "character_unknown__space": "x\u00a0= 3",
    "number_before_name": "x = 2x",
    "argument_order": "f(a=1, 2)",
    "default_order": "def f(a=1, b):\n    pass",
    "try_alone": "try:\n    x = 1\ny = 2",
    "line_not_python": "x = 3 +",
    "line_not_python__word": "class = 3",
}


def load(path: Path) -> types.ModuleType:
    """Runs a file of newcomers' code, as the worker runs a student's."""
    spec = importlib.util.spec_from_file_location(f"newcomers_{path.stem}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cases() -> list:
    """Returns every function `entry` or `entry__variant` of those files, but no `_helpers`."""
    return [
        pytest.param(path, name, id=f"{path.stem}-{name}", marks=MARKS.get(name, ()))
        for path in NEWCOMERS
        for name in re.findall(r"^def ([a-z]\w*)\(\):", path.read_text(encoding="utf-8"), re.M)
    ]


@pytest.fixture(scope="module")
def newcomers() -> Callable[[Path], types.ModuleType]:
    """Loads each file once."""
    loaded: dict[Path, types.ModuleType] = {}
    return lambda path: loaded[path] if path in loaded else loaded.setdefault(path, load(path))


def said(path: Path, function: Callable[[], object]) -> tuple[str, str, str, str]:
    """Returns type, message and the newcomer's line and function of what a function raises."""
    try:
        function()
    except Exception as error:
        described = raised(error, str(path))
    else:
        pytest.fail("it raises nothing")
    line = linecache.getline(str(path), described["frames"][-1][0]).strip()
    return described["type"], described["message"], line, inspect.getsource(function)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize(("path", "name"), cases())
def test_the_real_error_is_recognised(path, name, newcomers, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    error = said(path, getattr(newcomers(path), name))
    advice = advise(*error)
    assert advice and advice.entry == name.partition("__")[0], (error, advice)


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_python_cannot_read_is_recognised(name):
    with pytest.raises(SyntaxError) as caught:
        compile(UNREADABLE[name], "week3.py", "exec")
    line = UNREADABLE[name].split("\n")[(caught.value.lineno or 1) - 1]
    advice = advise(type(caught.value).__name__, str(caught.value), line)
    assert advice and advice.entry == name.partition("__")[0], (caught.value, advice)


def test_every_entry_has_a_name_and_an_error_of_its_own():
    counted = collections.Counter(entry.name for entry in CATALOGUE)
    raising = {case.values[1].partition("__")[0] for case in cases()}
    assert set(counted.values()) == {1}
    assert set(counted) - raising - {name.partition("__")[0] for name in UNREADABLE} == set()
    assert len(CATALOGUE) >= 60


def test_each_says_one_sentence_and_one_to_do():
    for entry in CATALOGUE:
        assert entry.happened.endswith(".") and 15 <= len(entry.happened) <= 220, entry
        assert entry.do[-1] in ".?" and 10 <= len(entry.do) <= 260, entry
        named = set(re.findall(r"\$(\w+)", entry.happened + entry.do))
        assert named <= set(re.compile(entry.pattern).groupindex), entry
