"""The students' hand-out contains no answer and works on its own."""

import ast
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli.main import main
from grader.course import COURSE, Course
from grader.handout.release import ReleaseError, answers_in, release
from grader.source.stubs import task_functions

ROOT = COURSE.root
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
WRITTEN = "    return values.at[-1].set(new)\n"


@pytest.fixture(scope="module")
def handout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("release") / "handout"
    release(COURSE, folder, "school/flaxlings", "v2.0")
    return folder


@pytest.fixture
def copy(handout, tmp_path):
    """A student's clone."""
    return shutil.copytree(handout, tmp_path / "clone")


def run(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "grader", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def statements(node):
    body = node.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return body


def kinds(node):
    """The types of all nodes in a function's statements, which are quick to compare."""
    return [type(part) for statement in statements(node) for part in ast.walk(statement)]


def anonymous(node):
    """A function's statements as a tree in which its own names are numbered."""
    node = ast.parse(ast.unparse(node)).body[0]
    own = {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
    own |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and type(n.ctx) is ast.Store}
    numbers = {}
    for name in ast.walk(node):
        if isinstance(name, ast.Name) and name.id in own:
            name.id = numbers.setdefault(name.id, f"name{len(numbers)}")
    return "\n".join(ast.dump(statement) for statement in statements(node))


def written_by_students():
    """Every function of the solutions that is an answer or part of one: (name, node, source)."""
    for week in COURSE.weeks():
        text = (COURSE.solutions / f"{week}.py").read_text()
        wanted = task_functions(COURSE, week)
        for top in ast.parse(text).body:
            name = getattr(top, "name", "")
            if name in wanted or name.startswith("_"):
                for node in ast.walk(top):
                    if isinstance(node, FUNCTION) and statements(node):
                        first = statements(node)[0].lineno
                        lines = text.split("\n")[first - 1 : node.end_lineno]
                        yield f"{week} {node.name}", node, "\n".join(lines)


def test_no_function_of_the_handout_has_the_body_of_a_solution(handout):
    answers = {anonymous(node): name for name, node, _ in written_by_students()}
    alike = [kinds(node) for _, node, _ in written_by_students()]
    assert len(answers) > 60
    looked = 0
    for path in handout.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, FUNCTION) and statements(node):
                looked += 1
                if kinds(node) in alike:
                    assert anonymous(node) not in answers, f"{path}: {node.name}"
    assert looked > 500


def test_no_file_of_the_handout_holds_the_text_of_a_solution(handout):
    squeezed = {
        path: re.sub(r"\s|\\n", "", path.read_text().replace('"', "'"))
        for path in handout.rglob("*")
        if path.is_file() and path.suffix != ".png"
    }
    assert {".py", ".md", ".yml", ".toml", ".html"} <= {path.suffix for path in squeezed}
    for name, _, source in written_by_students():
        body = re.sub(r"\s", "", source.replace('"', "'"))
        for path, text in squeezed.items():
            assert body not in text, f"{path} holds {name}"


IMPORTS = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
sys.path.append(f"{sys.argv[1]}/grader/worker/inside")  # as a worker has it
import grader, lib
for package in (grader, lib):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            assert importlib.import_module(module.name).__file__.startswith(sys.argv[1])
            print(module.name)
"""
FINDS = """
import sys, tomllib
from setuptools import find_packages
with open("pyproject.toml", "rb") as file:
    found = tomllib.load(file)["tool"]["setuptools"]["packages"]["find"]
print(*find_packages(".", **found), sep="\\n")
"""


def test_every_package_is_installed_and_every_module_can_be_imported(handout):
    def said(code):
        command = [sys.executable, "-I", "-B", "-c", code, str(handout)]
        done = subprocess.run(command, cwd=handout, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return set(done.stdout.split())

    def names(paths):
        return {".".join(path.relative_to(handout).with_suffix("").parts) for path in paths}

    packages = names(path.parent for path in handout.rglob("__init__.py"))
    assert packages > {"grader.worker.inside", "grader.classroom.page", "lib.data.published"}
    assert said(FINDS) == packages
    files = [path for name in ("grader", "lib") for path in handout.glob(f"{name}/**/*.py")]
    modules = {name for name in names(files) if not name.endswith(("__init__", "__main__"))}
    missing = modules - said(IMPORTS)
    assert not missing


def test_there_is_nothing_that_shows_or_tests_answers(handout):
    assert {path.name for path in handout.iterdir()} == {
        "exercises", "grader", "lib", "stubs", ".devcontainer", ".github", ".gitignore", ".vscode",
        "LICENSE", "README.md", "pyproject.toml",
    }  # fmt: skip
    assert not list(handout.rglob("*.pyc")) and not list(handout.rglob("*.old"))


BODY = "    rows = jnp.arange(3)\n    # by rows\n    return values[rows, (rows + 1)]\n"
HIDDEN = {
    "lesson.md": "So:\n\n```python\nrows = jnp.arange(3)\nreturn values[rows, (rows + 1)]\n```\n",
    "spaced.py": "def g( v ):\n  rows=jnp.arange( 3 ) # all\n\n  return (values[rows,rows+1])\n",
    "quoted.py": f"X = '''\n{BODY.replace('# by rows', '')}'''\n",
    "cells.ipynb": json.dumps({"source": BODY.replace("    # by rows\n", "")}),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_an_answer_is_found_however_it_is_laid_out(name, tmp_path):
    root = tmp_path / "course"
    (root / "solutions").mkdir(parents=True)
    (root / "checks").mkdir()
    (root / "checks/week1.py").write_text(
        "@task(points=1, functions=('f',))\ndef check_f(student, secret, judge):\n    'A task'\n"
    )
    (root / "solutions/week1.py").write_text(f"def f(values):\n    'Rows.'\n{BODY}")
    course = Course(root, root / "checks")
    folder = tmp_path / "handout"
    folder.mkdir()
    (folder / "innocent.py").write_text("rows = jnp.arange(3)\n\n\ndef g():\n    return 1\n")
    (folder / "binary.png").write_bytes(b"\x89PNG\xff")
    assert list(answers_in(folder, course)) == []
    (folder / name).write_text(HIDDEN[name])
    assert {(path.name, whose) for path, whose in answers_in(folder, course)} == {(name, "week1 f")}


def test_an_answer_in_a_lesson_stops_the_release(tmp_path):
    root = tmp_path / "course"
    for name in ("lib", "grader", "exercises", "solutions", ".vscode", ".devcontainer"):
        skipped = shutil.ignore_patterns("__pycache__", "pictures")
        shutil.copytree(ROOT / name, root / name, ignore=skipped)
    (root / "exercises/pictures").mkdir()
    for name in ("pyproject.toml", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, root)
    course = Course(root, root / "grader/checks")
    with (root / "exercises/week1.md").open("a") as page:
        page.write(f"\n```python\n{WRITTEN}```\n")
    out = tmp_path / "out" / "handout"
    with pytest.raises(
        ReleaseError, match=r"exercises/week1.md contains the answer to week1 set_last"
    ):
        release(course, out)
    assert list(out.parent.iterdir()) == []
    with (root / "solutions/week1.py").open("a") as solution:
        solution.write("\n\ndef answer():\n    pass\n\n\ndef _own():\n    answer()\n")
    with pytest.raises(ReleaseError, match=r"week1.py: only answers use answer.*call it _answer"):
        release(course, out)
    assert list(out.parent.iterdir()) == []


def test_the_handout_runs_its_own_grader_and_judges_stubs_and_work(copy):
    where = subprocess.run(
        [sys.executable, "-c", "import grader, lib; print(grader.__file__, lib.__file__)"],
        cwd=copy, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.split() == [str(copy / f"{n}/__init__.py") for n in ("grader", "lib")]
    untouched = run(copy, "week1", "--json", "-")
    assert untouched.returncode == 1, untouched.stderr
    (week,) = json.loads(untouched.stdout)
    assert {task["status"] for task in week["tasks"]} == {"todo"} and week["self_check"] is True

    path = copy / "exercises/week1.py"
    stub = path.read_text()
    line = re.search(r" +raise NotImplementedError\(\"Write set_last.*\n", stub)[0]
    path.write_text(stub.replace(line, WRITTEN))
    filled = run(copy, "week1", "--task", "set_last", "--task", "two_draws", "--json", "-")
    (week,) = json.loads(filled.stdout)
    assert [task["status"] for task in week["tasks"]] == ["passed", "todo"], filled.stderr

    path.write_text(path.read_text().replace("def set_last(values", "def set_last(numbers"))
    renamed = run(copy, "week1", "--task", "set_last")
    assert "values" in renamed.stdout and "numbers" in renamed.stdout, "the stub's signature counts"

    assert run(copy, "reset", "week1").returncode == 0
    assert path.read_text() == stub == (ROOT / "exercises/week1.py").read_text()
    assert len(list(copy.glob("exercises/week1.py.*.old"))) == 1


# What the commands of the hand-out's README answer in an untouched copy: status, words.
ANSWERS = {
    "": (0, "Welcome to Flaxlings"),
    "week1": (1, "0 of 8 tasks"),
    "week3": (1, "todo"),
    "hint week3": (0, "hint 1 of"),
    "explain week3 convolve2d": (0, "appears once it has passed"),
    "quiz week3": (0, "1."),
    "reset week3": (0, "exercises/week3.py is the stub again"),
    "notebook week3": (0, "exercises/week3.ipynb was made"),
}
ELSEWHERE = {"watch week3", "doctor"}  # one does not end, the other has its own tests


def test_the_commands_of_its_readme_are_true(copy, capsys, monkeypatch):
    text = (copy / "README.md").read_text()
    named = re.findall(r"python -m grader\b *([^`#\n]*?) *(?:`|#|\n)", text)
    assert set(named) == set(ANSWERS) | ELSEWHERE
    monkeypatch.setattr("sys.stdin", io.StringIO())
    course = Course(copy, copy / "grader/checks")
    for words, (status, said) in ANSWERS.items():
        assert main(words.split(), course) == status, words
        assert said in capsys.readouterr().out, words
    for option in ("--task convolve2d", "--data", "--device gpu", "--back", "begun"):
        assert option in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["week1", "--solutions"], "no solutions/"),
        (["release", "../other"], "no solutions/"),
    ],
)
def test_what_needs_solutions_says_that_there_are_none(copy, words, said):
    answer = run(copy, *words)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert not (copy.parent / "other").exists()


def test_the_workflow_takes_the_grader_at_a_fixed_version_from_elsewhere(handout, tmp_path):
    text = (handout / ".github/workflows/grade.yml").read_text()
    assert "repository: school/flaxlings\n" in text and "ref: v2.0\n" in text
    assert "your-organisation" not in text and "WEEKS: begun # or" in text
    assert text.index("path: submission") < text.index("path: course")
    assert '--submission "$GITHUB_WORKSPACE/submission/exercises"' in text
    valid = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows",
         str(handout / ".github/workflows/grade.yml")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert valid.returncode == 0, valid.stdout


def test_links_lead_to_files_and_lessons_tell_of_what_is_not_there(handout):
    for page in [handout / "README.md", *handout.glob("exercises/*.md")]:
        text = page.read_text()
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name} points to {target}"
        if "python -m solutions" in text:
            assert "This copy\n> has no `solutions/`" in text


def test_without_a_repository_the_command_says_what_to_fill_in(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("grader.handout.release.answers_in", lambda *_: iter(()))
    monkeypatch.setattr("grader.handout.release.likeness", lambda *_: [])
    assert main(["release", str(tmp_path / "new")]) == 0
    said = capsys.readouterr().out
    assert "your-organisation/flaxlings" in said and "--repository" in said
    workflow = (tmp_path / "new/.github/workflows/grade.yml").read_text()
    assert "repository: your-organisation/flaxlings # your course" in workflow
    assert re.search(r"ref: v\d+\.\d+\.\d+\n", workflow)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{there}"], "already exists"),
        (["{there}/file"], "already exists"),
        ([str(ROOT / "lib/handout")], "in the course itself"),
        (["{new}", "--version", "main"], "a grader that does not change"),
        (["{new}", "--repository", "https://example.org/a/b"], "OWNER/NAME"),
    ],
)
def test_wrong_use_is_a_sentence_and_writes_nothing(words, said, tmp_path, capsys):
    there = tmp_path / "there"
    there.mkdir()
    (there / "file").write_text("mine")
    words = [word.format(there=there, new=tmp_path / "new") for word in words]
    assert main(["release", *words]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert [path.name for path in tmp_path.rglob("*")] == ["there", "file"]
    assert not Path(ROOT, "lib/handout").exists()


def test_the_handout_carries_what_is_said_after_success(handout):
    pages = sorted(path.name for path in COURSE.explanations.glob("*.md"))
    assert sorted(path.name for path in (handout / "grader/explanations").glob("*.md")) == pages
