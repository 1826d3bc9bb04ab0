"""Reads a student's program from its syntax tree: stubs, names, signatures."""

from __future__ import annotations

import ast
import bisect
import difflib
import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from grader.source.ipython import Unreadable, parse
from grader.source.scopes import outer_names, own_nodes, stored
from grader.source.submission import Cell, Submission, SubmissionError

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Function = ast.FunctionDef | ast.AsyncFunctionDef
# How many full names to look at in a program, and how long they may be in total. A week's exercise
# has a few thousand.
MAX_NAMES, MAX_NAMED = 200_000, 10_000_000
WAYS = ("__main__", "sys", "importlib", "inspect", "gc", "builtins")  # lead to the file's module
MAIN_GUARD = {ast.dump(ast.Name("__name__", ast.Load())), ast.dump(ast.Constant("__main__"))}


def body_of(node: Definition) -> list[ast.stmt]:
    """Returns the statements after the docstring."""
    body = node.body
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        if isinstance(first.value.value, str):
            return body[1:]
    return body


def is_stub(node: ast.AST) -> bool:
    """True if a body is exactly `raise NotImplementedError…`; for a class, every method's body."""
    if isinstance(node, ast.ClassDef):
        methods = [item for item in node.body if isinstance(item, Function)]
        return bool(methods) and all(is_stub(method) for method in methods)
    if not isinstance(node, Function):
        return False
    body = body_of(node)
    if len(body) != 1 or not isinstance(body[0], ast.Raise) or body[0].exc is None:
        return False
    raised = body[0].exc
    name = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(name, ast.Name) and name.id == "NotImplementedError"


def top_level(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yields the statements of a module, including those inside if, try, with and for."""
    todo = statements[::-1]
    while todo:
        statement = todo.pop()
        yield statement
        if isinstance(statement, Definition):
            continue
        inner = [*getattr(statement, "body", []), *getattr(statement, "orelse", [])]
        inner += getattr(statement, "finalbody", [])
        for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
            inner += part.body
        todo += inner[::-1]


def _is_main_guard(statement: ast.stmt) -> bool:
    """True for `if __name__ == "__main__":`."""
    if not isinstance(statement, ast.If) or not isinstance(statement.test, ast.Compare):
        return False
    test = statement.test
    sides = {ast.dump(side) for side in (test.left, *test.comparators)}
    return len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq) and sides == MAIN_GUARD


def _without_guards(tree: ast.Module) -> list[ast.stmt]:
    """Returns a module's statements, without those that run only if the file is the main program.

    If the program binds `__name__` itself, it returns all of them.
    """
    found: list[ast.stmt] = []
    tests: set[int] = set()
    for statement in tree.body:
        if isinstance(statement, ast.If) and _is_main_guard(statement):
            tests.update(id(part) for part in ast.walk(statement.test))
            found += statement.orelse
        else:
            found.append(statement)
    for node in ast.walk(tree) if tests else ():
        reads = isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
        if not reads and id(node) not in tests and "__name__" in _said(node):
            return tree.body
    return found


def _said(node: ast.AST) -> list[object]:
    """Returns the strings in a node itself."""
    return [
        word
        for _, value in ast.iter_fields(node)
        for word in (value if isinstance(value, list) else [value])
        if isinstance(word, str)
    ]


def _own_part(statement: ast.stmt) -> list[ast.AST]:
    """Returns the parts of a statement itself, without the statements inside it."""
    own: list[ast.AST | None] = [
        child
        for child in ast.iter_child_nodes(statement)
        if not isinstance(child, ast.stmt | ast.excepthandler | ast.match_case)
    ]
    for case in getattr(statement, "cases", []):
        own += [case.pattern, case.guard]
    own += [handler.type for handler in getattr(statement, "handlers", [])]
    return [part for part in own if part]


def _root(node: ast.AST) -> str | None:
    """Returns the name at the beginning of `name.a[0].b`."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _chain(node: ast.AST) -> list[ast.AST]:
    """Returns the parts of `name.a.b`, the longest first."""
    parts = [node]
    while isinstance(node, ast.Attribute):
        node = node.value
        parts.append(node)
    return parts


def _changed(nodes: list[ast.AST]) -> Iterator[tuple[str, bool]]:
    """Yields the names of objects that are changed: `box[0] = …`, `box.add(…)`, `setattr(box, …)`.

    A method call counts only with a simple name before the dot. Each name comes with whether it is
    such a call, which may also change nothing.
    """
    for top in nodes:
        for node in ast.walk(top):
            if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
                name = _root(node)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = _root(node.func)
            elif isinstance(node, ast.Call) and node.args and _root(node.func) == "setattr":
                name = _root(node.args[0])
            else:
                continue
            if name:
                method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
                yield name, method


def _rebinds(parts: Iterable[ast.AST], imported: Collection[str], of_module: bool) -> bool:
    """True if a statement may bind a name of the module that its text does not show.

    `globals()["f"] = g`, `vars().update(f=g)`, `setattr(sys.modules[__name__], "f", g)`,
    `import week1; week1.f = g`. Asking whether a name exists, and printing names, do not count.

    Args:
      parts: the parts of the statement.
      imported: names of modules; one of them may be this module.
      of_module: False inside a function, where `vars()` and `locals()` are the function's.
    """
    names = ("globals", "vars", "locals") if of_module else ("globals",)
    free: set[int] = set()
    for node in (node for part in parts for node in ast.walk(part)):
        if isinstance(node, ast.Compare):
            if all(isinstance(op, ast.In | ast.NotIn) for op in node.ops):
                free.update(id(part) for part in node.comparators)
            continue
        stores = False
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            free.add(id(node.value))  # reading an item of `__dict__`
            if getattr(node.value, "attr", "") == "modules" and _root(node.slice) == "__name__":
                return True
        elif isinstance(node, ast.Attribute | ast.Subscript) and id(node) not in free:
            inside = isinstance(node, ast.Attribute) and node.attr in ("__dict__", "__globals__")
            stores = inside or isinstance(node.ctx, ast.Store)
        elif isinstance(node, ast.Call) and _root(node.func) in ("print", "len", "list", "sorted"):
            free.update(id(part) for part in node.args)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in names and not node.args and id(node) not in free:
                return True
            stores = node.func.id == "setattr" and bool(node.args)
        if stores:
            root = _root(node.args[0] if isinstance(node, ast.Call) else node)
            if root is None or root in imported or getattr(node, "attr", "") == "__globals__":
                return True
    return False


def _told(statement: ast.stmt) -> str:
    """Returns the name that `globals()["name"] = …` binds; "" for any other statement."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return ""
    (target,) = statement.targets
    if not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Call):
        return ""
    key = target.slice.value if isinstance(target.slice, ast.Constant) else ""
    simple = isinstance(key, str) and _root(target.value.func) in ("globals", "vars", "locals")
    return str(key) if simple and not _rebinds([statement.value], (), True) else ""


class Program:
    """A student's program, as far as its text shows."""

    def __init__(self, submission: Submission) -> None:
        """Parses the submission.

        Raises:
          SubmissionError: for a syntax error, with its line.
        """
        self.submission = submission
        self._outer: dict[tuple[int, bool], set[str]] = {}  # names that a part uses
        try:
            tree = parse(submission.source)
        except Unreadable as error:
            line = min(error.line, len(submission.lines))
            raise SubmissionError(f"{error}.", submission.quote(line)) from None
        statements = _without_guards(tree)
        self.definitions: dict[str, list[Definition]] = {}
        self.bound: set[str] = set()  # names bound otherwise: imports, assignments
        # Everything that a name is bound to, and what changes it later: parts of statements.
        self.assigned: dict[str, list[Sequence[ast.AST]]] = {}
        self.changed: dict[str, list[Sequence[ast.AST]]] = {}
        # What may bind a name in another way; "" is for names that the text does not show.
        self.elsewhere: dict[str, list[Sequence[ast.AST]]] = {}
        self.aliases: dict[str, str] = {}
        self.stars: list[tuple[str, int]] = []  # `from lib import *`
        self.other: list[ast.stmt] = []
        self.places: dict[str, list[int]] = {}  # the last lines of what binds a name, by name
        # The last unreadable cell for each name that it would have defined.
        self.unread = {name: cell for cell in submission.cells for name in cell.names}
        self.imported: dict[str, set[int]] = {}  # those of them that import it
        called: dict[str, list[Sequence[ast.AST]]] = {}  # as `changed`, by methods
        for statement in top_level(statements):
            self._note_place(statement)
            if isinstance(statement, Definition):
                self.definitions.setdefault(statement.name, []).append(statement)
                continue
            self.other.append(statement)
            own = _own_part(statement)
            if isinstance(statement, ast.AnnAssign) and statement.value is None:
                continue
            for name in stored(own):
                self.bound.add(name)
                self.assigned.setdefault(name, []).append(own)
            for name, by_method in _changed(own):
                (called if by_method else self.changed).setdefault(name, []).append(own)
        self.renamed: dict[str, set[str]] = {}  # full names of `L` after `L = jax.lax`
        self._tree = tree  # `_full` refers to nodes by identity, so they must stay
        self._full: dict[int, list[str]] = {}
        self._names = self._named = 0
        for node in ast.walk(tree):
            self._import(node)
        self._note_elsewhere(statements)
        self._note_imports(statements)
        self._rename(tree)
        self.bound |= self.aliases.keys()
        self._name_all(tree)
        for name, parts in called.items():
            if name not in self.aliases or name in self.assigned:  # `plt.plot(…)` changes nothing
                self.changed.setdefault(name, []).extend(parts)

    def _note_place(self, statement: ast.stmt) -> None:
        """Notes the line at which a statement of the module binds its names."""
        own = _own_part(statement)
        if isinstance(statement, Definition):
            names, line = [statement.name], statement.end_lineno or statement.lineno
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            names = [alias.asname or alias.name.split(".")[0] for alias in statement.names]
            line = statement.end_lineno or statement.lineno
            for name in names:
                self.imported.setdefault(name, set()).add(line)
        elif isinstance(statement, ast.AnnAssign) and statement.value is None:
            return
        else:
            names = list(stored(own))
            line = max((getattr(part, "end_lineno", 0) for part in own), default=0)
            line = line or statement.lineno
        for name in names:
            self.places.setdefault(name, []).append(line)

    def _note_elsewhere(self, statements: list[ast.stmt]) -> None:
        """Notes what binds names of the module from inside a function or by a detour."""
        outside = {id(statement) for statement in top_level(statements)}
        own_modules = {*WAYS, self.submission.week}
        imported = {n for n, full in self.aliases.items() if full.split(".")[0] in own_modules}
        for node in (node for statement in statements for node in ast.walk(statement)):
            if not isinstance(node, ast.stmt):
                continue
            own = _own_part(node)
            if _rebinds(own, imported, id(node) in outside):
                self.elsewhere.setdefault(_told(node), []).append(own)
            if isinstance(node, Function):
                for part in own_nodes(node.body):
                    for name in part.names if isinstance(part, ast.Global) else ():
                        self.elsewhere.setdefault(name, []).append(node.body)

    def _note_imports(self, statements: list[ast.stmt]) -> None:
        """Notes the imports that give a name of the module its last value."""
        last: dict[str, ast.AST] = {}
        always = {id(statement) for statement in statements}
        for statement in top_level(statements):
            if isinstance(statement, Definition) and id(statement) in always:
                last.pop(statement.name, None)
            elif isinstance(statement, ast.ImportFrom):
                for alias in statement.names:
                    one = ast.ImportFrom(statement.module, [alias], statement.level)
                    last[alias.asname or alias.name] = ast.copy_location(one, statement)
        for name, node in last.items():
            self.elsewhere.setdefault(name, []).append([node])
        self._late = list(last.values())

    def _import(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    self.aliases[alias.asname] = alias.name
                else:
                    self.aliases[alias.name.split(".")[0]] = alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                self._count(1, len(node.module) + len(alias.name))
                if alias.name == "*":
                    self.stars.append((node.module, node.lineno))
                else:
                    self.aliases[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def _rename(self, tree: ast.Module) -> None:
        """Notes other names of imported things, for a few steps."""
        steps = [
            ([target.id for target in node.targets if isinstance(target, ast.Name)], node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Attribute)
        ]
        for _ in range(3):
            for names, value in steps:
                for node in reversed(_chain(value)):
                    self._full[id(node)] = self._names_of(node)
                for known in (self.renamed.setdefault(name, set()) for name in names):
                    for full in self._full[id(value)]:
                        if len(known) < 8 and len(full) < 200:
                            known.add(full)

    # Stubs and names --------------------------------------------------------------------------

    def definition(self, name: str) -> Definition | None:
        """Returns the definition that counts for a name: the last one."""
        return self.definitions[name][-1] if name in self.definitions else None

    def has(self, name: str) -> bool:
        """True if the program binds the name at module level."""
        # A name that a file imports from itself does not count.
        others = any(module != self.submission.week for module, _ in self.stars)
        return name in self.definitions or name in self.bound or others

    def is_stub(self, name: str) -> bool:
        """True if the name is still the stub."""
        definition = self.definition(name)
        return definition is not None and name not in self.assigned and is_stub(definition)

    def has_only_stubs(self, names: Iterable[str]) -> bool:
        """True if each of the names is still the stub."""
        return all(self.is_stub(name) for name in names)

    def shadowed_line(self, name: str) -> int | None:
        """Returns the line of a written definition that a stub further down replaces, or None."""
        if not self.is_stub(name):
            return None
        written = [node for node in self.definitions[name][:-1] if not is_stub(node)]
        return written[-1].lineno if written else None

    def near_miss(self, name: str) -> str | None:
        """Returns the name of a definition that looks like a misspelling of `name`."""
        candidates = {other.lower(): other for other in self.definitions}
        match = difflib.get_close_matches(name.lower(), candidates, n=1, cutoff=0.75)
        return candidates[match[0]] if match else None

    def last_line(self, name: str) -> int | None:
        """Returns the line that a wrong answer comes from: the last return, or else the head."""
        definition = self.definition(name)
        if definition is None:
            return None
        returns = _returns(definition)
        if returns:
            return max(returns)
        methods = [n.lineno for n in definition.body if isinstance(n, Function)]
        heads = methods if isinstance(definition, ast.ClassDef) else []
        return self.print_line(name) or max(heads, default=definition.lineno)

    def last_statement(self, name: str) -> str:
        """Returns a function from its last return on, in one line, or ""."""
        definition, first = self.definition(name), self.last_line(name)
        if definition is None or first is None:
            return ""
        lines = range(first, (definition.end_lineno or first) + 1)
        return " ".join(filter(None, map(self.submission.text, lines)))

    def line_with(self, name: str, pattern: str) -> int | None:
        """Returns the first line of a definition that a regular expression finds, or None."""
        definition = self.definition(name)
        if definition is None:
            return None
        lines = range(definition.lineno, (definition.end_lineno or definition.lineno) + 1)
        return next((n for n in lines if re.search(pattern, self.submission.text(n))), None)

    def print_line(self, name: str) -> int | None:
        """Returns the line where a function prints, if it prints and returns nothing."""
        definition = self.definition(name)
        if definition is None or _returns(definition):
            return None
        prints = [
            node.lineno
            for node in _walk_own(definition)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "print"
        ]
        return max(prints, default=None)

    # Signatures -------------------------------------------------------------------------------

    def wrong_signature(self, name: str, expected: Definition) -> tuple[int, str] | None:
        """Compares a definition's parameters with those that it should have.

        Args:
          name: name of a student's function or class.
          expected: the same definition in the solution.

        Returns:
          None if it fits, else (line, sentence).
        """
        definition = self.definition(name)
        if definition is None or name in self.assigned:
            return None
        if isinstance(expected, ast.ClassDef):
            if not isinstance(definition, ast.ClassDef):
                return definition.lineno, f"{name} should be a class."
            own = {m.name: m for m in definition.body if isinstance(m, Function)}
            for method in expected.body:
                if isinstance(method, Function) and method.name in own:
                    wrong = _compare(f"{name}.{method.name}", own[method.name], method)
                    if wrong:
                        return wrong
                elif isinstance(method, Function) and not (
                    # Inherited methods, and those that @dataclass writes, are not in the text.
                    definition.bases or (method.name == "__init__" and definition.decorator_list)
                ):
                    return definition.lineno, f"{name} has no method {method.name}."
            return None
        if isinstance(definition, ast.ClassDef):
            return definition.lineno, f"{name} should be a function, not a class."
        return _compare(name, definition, expected)

    # Names -------------------------------------------------------------------------------------

    def full_names(self, node: ast.AST) -> Sequence[str]:
        """Returns the full dotted names that a node may refer to."""
        return self._full.get(id(node), ())

    def _name_all(self, tree: ast.Module) -> None:
        """Finds the full names of all nodes of the program."""
        self._full = {}
        level: list[ast.AST] = [tree, *self._late]
        order: list[ast.AST] = []
        while level:
            order += level
            level = [child for node in level for child in ast.iter_child_nodes(node)]
        for node in reversed(order):  # what is inside comes first
            found = self._names_of(node)
            if found:
                self._full[id(node)] = found

    def _names_of(self, node: ast.AST) -> list[str]:
        """Returns a node's full names from those of the nodes in it."""
        if isinstance(node, ast.Name):
            found = [self.aliases[node.id]] if node.id in self.aliases else []
            if not found and node.id not in self.definitions and node.id not in self.bound:
                found = self._joined(dict.fromkeys(module for module, _ in self.stars), node.id)
            found += self.renamed.get(node.id, ())
            self._count(len(found), sum(map(len, found)))
            return found
        if isinstance(node, ast.Attribute):
            return self._joined(self.full_names(node.value), node.attr)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute):
            # lib.__dict__["conv2d"]
            key = node.slice
            if node.value.attr == "__dict__" and isinstance(key, ast.Constant):
                return self._joined(self.full_names(node.value.value), str(key.value))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) > 1:
            # getattr(lib, "conv2d")
            key = node.args[1]
            if node.func.id == "getattr" and isinstance(key, ast.Constant):
                if isinstance(key.value, str):
                    return self._joined(self.full_names(node.args[0]), key.value)
        if isinstance(node, ast.ImportFrom) and node.module:
            return [name for a in node.names for name in self._joined([node.module], a.name)]
        return []

    def _joined(self, modules: Iterable[str], name: str) -> list[str]:
        found: list[str] = []
        for module in modules:
            self._count(1, len(module) + len(name))
            found.append(f"{module}.{name}")
        return found

    def _count(self, names: int, characters: int) -> None:
        """Counts full names.

        Raises:
          SubmissionError: if the program has too many.
        """
        self._names += names
        self._named += characters
        if self._names > MAX_NAMES or self._named > MAX_NAMED:
            raise SubmissionError(
                f"{self.submission.path.name} uses imported names too often for the grader to look "
                "at. Delete what you only tried out, and imports with *."
            )

    def reachable(self, functions: tuple[str, ...]) -> list[ast.AST]:
        """Returns the definitions and assigned values that functions use within this file.

        All definitions of a name count, because only a run shows which one is the last.
        """
        return list(self._reach(functions)[1].values())

    def reached_names(self, functions: tuple[str, ...]) -> set[str]:
        """Returns the names of the module that functions use, including imports."""
        return self._reach(functions)[0]

    def _reach(
        self, functions: tuple[str, ...], sure: bool = False
    ) -> tuple[set[str], dict[int, ast.AST]]:
        """Returns the names that functions use, and the nodes by their identity.

        Args:
          functions: names of the functions to start from.
          sure: only what they use for certain, as in `outer_names`.
        """
        names: set[str] = set()
        found: dict[int, ast.AST] = {}
        done: set[int] = set()
        todo = [*functions, *([] if sure else [""])]
        while todo:
            name = todo.pop()
            if name in names:
                continue
            names.add(name)
            parts = [*self.assigned.get(name, []), *self.changed.get(name, [])]
            parts += [] if sure else self.elsewhere.get(name, [])
            for nodes in (self.definitions.get(name, []), *parts):
                if id(nodes) in done:
                    continue
                done.add(id(nodes))
                for node in nodes:
                    if id(node) not in found:
                        found[id(node)] = node
                        if (id(node), sure) not in self._outer:
                            self._outer[id(node), sure] = outer_names(node, sure)
                        todo += self._outer[id(node), sure]
        return names, found

    def lost(
        self, functions: tuple[str, ...], stopped: Mapping[Cell, int]
    ) -> tuple[str, Cell] | None:
        """Looks for something that functions need, but whose last definition did not run.

        Args:
          functions: names of the functions to start from.
          stopped: the line at which each cell stopped; if it is its first, none of the cell ran.

        Returns:
          The name and the cell, or None. What another cell also imports is not lost.
        """
        if not self.unread and not stopped:
            return None
        names = self._reach(functions, sure=True)[0]
        cells = self.submission.cells
        firsts = [cell.first for cell in cells]
        for name in (*functions, *sorted(names - set(functions))):
            lines = self.places.get(name, [0])
            last = max(lines)
            unread = self.unread.get(name)
            if unread and last < unread.first:
                return name, unread
            cell = cells[max(0, bisect.bisect_right(firsts, last) - 1)]
            begin = stopped.get(cell, cell.last + 1)
            if begin <= last <= cell.last:
                others = any(not begin <= line <= cell.last for line in lines)
                if not others or last not in self.imported.get(name, ()):
                    return name, cell
        return None

    def fingerprint(self, functions: tuple[str, ...]) -> str:
        """Returns a text that changes when what these functions do may have changed."""
        parts = [ast.dump(node) for node in self.reachable(functions)]
        parts += [ast.dump(statement) for statement in self.other]
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _returns(definition: Definition) -> list[int]:
    """Returns the lines where a function or a class's methods return a value."""
    return [
        node.lineno
        for node in _walk_own(definition)
        if isinstance(node, ast.Return) and node.value is not None
    ]


def _walk_own(node: ast.AST) -> Iterator[ast.AST]:
    """Walks a definition without the functions inside it."""
    todo = [node]
    while todo:
        node = todo.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(node, ast.ClassDef) or not isinstance(child, Function | ast.Lambda):
                yield child
                todo.append(child)


def parameters(function: Function) -> tuple[list[str], int, bool]:
    """Returns a function's parameter names, how many have no default, and if it takes *args."""
    arguments = function.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    required = len(names) - len(arguments.defaults)
    names += [a.arg for a in arguments.kwonlyargs]
    required += sum(default is None for default in arguments.kw_defaults)
    return names, required, bool(arguments.vararg)


def _compare(name: str, got: Function, expected: Function) -> tuple[int, str] | None:
    names, required, takes_more = parameters(got)
    wanted, _, _ = parameters(expected)
    if names[: len(wanted)] == wanted and required <= len(wanted):
        return None
    if takes_more and (not names or expected.args.vararg):
        return None

    def show(function: Function, skip: int = 0) -> str:
        arguments = function.args
        shown = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
        shown += [f"*{each.arg}" for each in (arguments.vararg,) if each]
        shown += [each.arg for each in arguments.kwonlyargs]
        return f"({', '.join(shown[skip:])})"

    if wanted[:1] == ["self"] and names[:1] != ["self"]:
        return got.lineno, (
            f"{name} is a method: its first argument is self, the object. "
            f"It should take {show(expected)}; yours takes {show(got)}."
        )
    # Leave out `self`, which a call does not name.
    skip = 1 if wanted[:1] == ["self"] and names[:1] == ["self"] else 0
    return got.lineno, (
        f"{name} should take {show(expected, skip)}; yours takes {show(got, skip)}."
    )
