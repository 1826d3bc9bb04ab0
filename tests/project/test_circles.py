"""Imports point down: no circles of modules, and no package imports one above it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# From the top down. A package imports only packages below it, none at its own level.
FLOORS = [
    ["grader.cli"],
    ["grader.audit"],
    ["grader.classroom"],
    ["grader.session", "grader.checks", "grader.authoring", "grader.handout", "grader.intake"],
    ["grader.judge"],
    ["grader.source"],
    ["grader.worker"],
    ["grader.results"],
    ["grader.bootstrap", "grader.course", "grader.rubric", "grader.secret", "grader.targets"],
]

NOUNS = len(FLOORS) - 1


def name_of(file: Path, root: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(root: Path, *tops: str) -> dict[str, set[str]]:
    """Maps every module to the modules it imports, including those in functions."""
    files = {name_of(file, root): file for top in tops for file in (root / top).rglob("*.py")}

    def targets(node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:  # a module of that name, or something in the module
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in files else node.module
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)

    found = {}
    for name, file in files.items():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found[name] = {t for node in ast.walk(tree) for t in targets(node) if t in files} - {name}
    return found


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Returns the modules of one circle in order; an empty list if there is none."""
    done: set[str] = set()

    def follow(name: str, way: list[str]) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        for other in sorted(graph[name]):
            if found := follow(other, [*way, name]):
                return found
        done.add(name)
        return []

    return next(filter(None, (follow(name, []) for name in sorted(graph))), [])


@pytest.mark.parametrize("top", ["lib", "grader", "solutions"])
def test_no_modules_import_each_other_in_a_circle(top):
    assert circle(imports(ROOT, top)) == []


def floor_of(module: str) -> int | None:
    for number, packages in enumerate(FLOORS):
        if any(module == package or module.startswith(f"{package}.") for package in packages):
            return number
    return None  # grader itself and its __main__


def test_the_graders_packages_import_only_what_stands_below_them():
    wrong = []
    for module, others in imports(ROOT, "grader").items():
        own = floor_of(module)
        if own is None:
            continue
        package = module.split(".")[1]
        for other in others:
            below = floor_of(other)
            if below is not None and other.split(".")[1] != package and below <= own < NOUNS:
                wrong.append(f"{module} imports {other}")
    assert not wrong, sorted(wrong)


def test_models_know_no_data_and_data_no_models():
    graph = imports(ROOT, "lib")
    for module, others in graph.items():
        for one, other in (("lib.nn", "lib.data"), ("lib.data", "lib.nn")):
            if module.startswith(one):
                assert not [name for name in others if name.startswith(other)], module


def test_no_module_imports_plots_but_lib_itself():
    graph = imports(ROOT, "lib")
    assert {name for name, others in graph.items() if "lib.plots" in others} <= {
        "lib",
        "lib.__main__",
        "lib.examination",
    }


def test_what_a_worker_is_shown_imports_nothing_of_the_grader():
    for module, others in imports(ROOT, "grader").items():
        if module.startswith("grader.worker.inside"):
            assert not others, module


def test_a_circle_inside_a_function_is_seen(tmp_path):
    (tmp_path / "house").mkdir()
    (tmp_path / "house/__init__.py").write_text("")
    (tmp_path / "house/roof.py").write_text("from house import wall\n")
    (tmp_path / "house/wall.py").write_text("import house.cellar\n")
    (tmp_path / "house/cellar.py").write_text("")
    assert circle(imports(tmp_path, "house")) == []
    (tmp_path / "house/cellar.py").write_text("def dig():\n    from house.roof import tile\n")
    assert circle(imports(tmp_path, "house")) == [
        "house.cellar", "house.roof", "house.wall", "house.cellar"
    ]  # fmt: skip
