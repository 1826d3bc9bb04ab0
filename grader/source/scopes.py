"""Finds which names in a tree refer to the module's, following Python's rules."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def stored(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yields the names that nodes bind, without those of inner scopes and imports."""
    todo = list(nodes)[::-1]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest
        elif isinstance(node, ast.comprehension):
            todo += [*node.ifs, node.iter]
            continue
        elif isinstance(node, Definition):
            yield node.name
            continue
        elif isinstance(node, ast.Lambda):
            continue
        todo += list(ast.iter_child_nodes(node))[::-1]


def own_nodes(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Walks nodes, but not inside their functions, lambdas and classes."""
    todo = list(nodes)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, Definition | ast.Lambda):
            todo += ast.iter_child_nodes(node)


def _local(nodes: Sequence[ast.AST]) -> tuple[set[str], set[str]]:
    """Returns the names that a body binds locally, and those that it declares global."""
    names, declared = set(stored(nodes)), set[str]()
    for node in own_nodes(nodes):
        if isinstance(node, ast.Global):
            declared.update(node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update(alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            names.add(node.id)
    return names - declared, declared


def outer_names(tree: ast.AST, sure: bool = False) -> set[str]:
    """Returns the names in a tree that refer to the module's, not to a scope around them.

    Args:
      tree: a statement of a module, or part of one.
      sure: only names that are read for certain. In a class's body, a name refers to the module's
        until the class has bound it; without this, it always counts.
    """
    return _Walk(sure).names(tree)


class _Walk:
    """Walks a tree once, and keeps track of the names that are hidden at each place."""

    def __init__(self, sure: bool) -> None:
        self._sure = sure
        self._hidden: Counter[str] = Counter()
        # Nodes, each with the names bound by the class around it; and functions that end a scope.
        self._todo: list[tuple[ast.AST, Set[str]] | Callable[[], None]] = []

    def names(self, tree: ast.AST) -> set[str]:
        """Returns the names that refer to the module's."""
        found: set[str] = set()
        self._todo.append((tree, frozenset()))
        while self._todo:
            step = self._todo.pop()
            if callable(step):
                step()
                continue
            node, of_class = step
            if isinstance(node, ast.Name):
                read = isinstance(node.ctx, ast.Load) or not self._sure
                if read and node.id not in of_class and not self._hidden[node.id]:
                    found.add(node.id)
            elif isinstance(node, Scope):
                self._function(node, of_class)
            elif isinstance(node, ast.ClassDef):
                names, declared = _local(node.body)
                self._scope(node.body, set(), declared, names if self._sure else frozenset())
                around = [*node.decorator_list, *node.bases, *(k.value for k in node.keywords)]
                self._add(around, of_class)
            elif isinstance(node, Comprehension):
                targets = set(stored([each.target for each in node.generators]))
                first, *others = node.generators
                parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
                self._scope([first.target, *first.ifs, *others, *parts], targets)
                self._add([first.iter], of_class)  # it belongs to the scope around
            else:
                self._add(ast.iter_child_nodes(node), of_class)
        return found

    def _add(self, nodes: Iterable[ast.AST], of_class: Set[str] = frozenset()) -> None:
        self._todo += [(node, of_class) for node in nodes]

    def _function(self, node: Scope, of_class: Set[str]) -> None:
        given = node.args
        arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs]
        arguments += [each for each in (given.vararg, given.kwarg) if each]
        around: list[ast.AST | None] = [*given.defaults, *given.kw_defaults]
        around += [each.annotation for each in arguments]
        body: Sequence[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else node.body
        if not isinstance(node, ast.Lambda):
            around += [*node.decorator_list, node.returns]
        names, declared = _local(body)
        names.update(each.arg for each in arguments)
        self._scope(body, names, declared)
        self._add([each for each in around if each], of_class)

    def _scope(
        self,
        nodes: Sequence[ast.AST],
        names: Set[str],
        declared: Set[str] = frozenset(),
        of_class: Set[str] = frozenset(),
    ) -> None:
        """Visits a scope next that binds `names`, and in which `declared` are the module's."""
        kept: dict[str, int] = {}

        def begin() -> None:
            self._hidden.update(names)
            kept.update((name, self._hidden.pop(name, 0)) for name in declared)
            self._todo.append(end)
            self._add(nodes, of_class)

        def end() -> None:
            self._hidden.update(kept)
            self._hidden.subtract(names)

        self._todo.append(begin)
