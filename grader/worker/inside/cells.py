"""Runs a program cell by cell, like Jupyter."""

from __future__ import annotations
import __future__

import ast
import builtins
import inspect
import types
import warnings
from collections.abc import Callable
from typing import Any

FUTURE = 0
for _name in __future__.all_feature_names:
    FUTURE |= getattr(__future__, _name).compiler_flag


class Cells:
    """A student's program, in parts that run one after the other."""

    def __init__(
        self,
        module: types.ModuleType,
        source: str,
        path: str,
        stand_in: Callable[[str, Exception], Any],
    ) -> None:
        """Reads the program; it is one part until `split`.

        Args:
          module: the module that holds its names.
          source: its text.
          path: the path of its file, for tracebacks.
          stand_in: makes a replacement for a module that cannot be imported.

        Raises:
          SyntaxError: if it is not a program.
        """
        self.module = module
        self.path = path
        self.stand_in = stand_in
        self.flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self.loop: Any = None  # asyncio's, in which all statements run if one of them awaits
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, path)
        vars(module)["__builtins__"] = builtins.__dict__  # as an import would
        module.__doc__ = ast.get_docstring(tree, clean=False)
        self.parts: list[list[ast.stmt]] = [tree.body]
        if _awaits(tree):
            import asyncio

            self.loop = asyncio.new_event_loop()

    def split(self, last_lines: list[int]) -> None:
        """Splits the program after these lines."""
        statements = self.parts[0]
        self.parts, at = [], 0
        for last in last_lines:
            begin = at
            while at < len(statements) and statements[at].lineno <= last:
                at += 1
            self.parts.append(statements[begin:at])

    def run(self, number: int) -> list[str]:
        """Runs a part, statement by statement.

        Returns:
          The modules that are not available; using a name from one raises an error.
        """
        missing = []
        for statement in self.parts[number]:
            # A string on its own does nothing, and is not a docstring here.
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue
            if not isinstance(statement, ast.Import | ast.ImportFrom):
                self._run(statement)
                continue
            for imported in _imports(statement):
                try:
                    self._run(imported)
                except Exception as error:
                    missing.append(self._stand_in(imported, error))
        return missing

    def _run(self, statement: ast.stmt) -> None:
        tree = ast.Module([statement], [])
        code = compile(tree, self.path, "exec", self.flags, dont_inherit=True)
        self.flags |= code.co_flags & FUTURE
        # Called as a function, a module's code binds names in the module; code that awaits gives
        # a coroutine.
        function = types.FunctionType(code, vars(self.module))
        if self.loop is None:
            function()
            return
        import asyncio

        asyncio._set_running_loop(self.loop)  # `asyncio.create_task(…)` needs one
        try:
            result = function()
        finally:
            asyncio._set_running_loop(None)
        if inspect.iscoroutine(result):
            self.loop.run_until_complete(result)

    def _stand_in(self, imported: ast.Import | ast.ImportFrom, error: Exception) -> str:
        """Binds what a failed import should have bound; returns the name of the module."""
        (alias,) = imported.names
        module = alias.name
        name = alias.asname or module.split(".")[0]
        if isinstance(imported, ast.ImportFrom):
            module = "." * imported.level + (imported.module or "")
        package = isinstance(imported, ast.Import) and not alias.asname
        # `import matplotlib.nothing` does not change matplotlib.
        if name != "*" and not (package and name in vars(self.module)):
            vars(self.module)[name] = self.stand_in(module, error)
        return module[:80]


def _awaits(tree: ast.Module) -> bool:
    """True if a program awaits outside its functions, as Jupyter allows."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            return True
        if isinstance(node, ast.comprehension) and node.is_async:
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            todo += ast.iter_child_nodes(node)
    return False


def _imports(statement: ast.Import | ast.ImportFrom) -> list[ast.Import | ast.ImportFrom]:
    """Splits an import of several names: one may be available and another not."""
    single: list[ast.Import | ast.ImportFrom] = []
    for alias in statement.names:
        if isinstance(statement, ast.Import):
            one: ast.Import | ast.ImportFrom = ast.Import([alias])
        else:
            one = ast.ImportFrom(statement.module, [alias], statement.level)
        single.append(ast.copy_location(one, statement))
    return single
