"""What a student's program says, read from its syntax tree: stubs, names, signatures."""

from __future__ import annotations

import ast
import difflib
import hashlib
import warnings
from collections.abc import Iterator

from grader.source.submission import Submission, SubmissionError

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Function = ast.FunctionDef | ast.AsyncFunctionDef

# Levels of a syntax tree: a deeply nested loop has 40. More would exhaust whoever walks it.
MAX_DEPTH = 200


def _depth(tree: ast.AST) -> int:
    """Returns how deep a tree is, without recursion."""
    depth, level = 0, [tree]
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def parse(submission: Submission) -> ast.Module:
    """Parses a submission.

    Raises:
      SubmissionError: for a syntax error, with its line.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in a string is no news here
            tree = ast.parse(submission.source)
        if _depth(tree) > MAX_DEPTH:
            raise RecursionError
        return tree
    except SyntaxError as error:
        line = min(error.lineno or 1, len(submission.lines))
        raise SubmissionError(
            f"Python cannot read this line: {error.msg}.", submission.quote(line)
        ) from None
    except (RecursionError, MemoryError, ValueError):
        raise SubmissionError(
            f"{submission.path.name} is nested too deeply to be read as a program."
        ) from None


def body_of(node: Definition) -> list[ast.stmt]:
    """Statements after the docstring."""
    body = node.body
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        if isinstance(first.value.value, str):
            return body[1:]
    return body


def is_stub(node: ast.AST) -> bool:
    """True if a body is exactly `raise NotImplementedError…`; of a class: every method's."""
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
    """Yields the statements of a module, also those inside if, try, with and for."""
    for statement in statements:
        yield statement
        for name in ("body", "orelse", "finalbody"):
            if not isinstance(statement, Definition):
                yield from top_level(getattr(statement, name, []))
        for inner in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
            yield from top_level(inner.body)


def _is_main_guard(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and "__name__" in ast.dump(statement.test)


def _own_part(statement: ast.stmt) -> list[ast.AST]:
    """Returns what belongs to a statement itself, without the statements inside it."""
    return [
        child
        for child in ast.iter_child_nodes(statement)
        if not isinstance(child, ast.stmt | ast.excepthandler | ast.match_case)
    ]


def _root(node: ast.AST) -> str | None:
    """Returns the name at the beginning of `name.a[0].b`."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _stored(nodes: list[ast.AST]) -> Iterator[str]:
    """Yields the names that are bound in nodes, without those of comprehensions and functions."""
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.comprehension):
            yield from _stored([node.iter, *node.ifs])
            continue
        elif isinstance(node, Definition):
            yield node.name
            continue
        elif isinstance(node, ast.Lambda):
            continue
        yield from _stored(list(ast.iter_child_nodes(node)))


def _changed(nodes: list[ast.AST]) -> Iterator[str]:
    """Yields the names of objects that are changed: `box[0] = …`, `box.add(…)`, `setattr(box, …)`.

    Calls count with a simple name before the dot only.
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
                yield name


def _outer_names(node: ast.AST, hidden: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yields the names in a tree that mean the module's: those of no function around them."""
    if isinstance(node, ast.Name):
        if node.id not in hidden:
            yield node.id
        return
    inner = hidden
    if isinstance(node, Function | ast.Lambda):
        body = node.body if isinstance(node.body, list) else [node.body]
        declared = {
            name for part in ast.walk(node) if isinstance(part, ast.Global) for name in part.names
        }
        arguments = [part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg)]
        inner = hidden | ({*arguments, *_stored([*body])} - declared)
    inside = {id(part) for part in node.body} if isinstance(node, Function) else set()
    for child in ast.iter_child_nodes(node):
        within = id(child) in inside or (isinstance(node, ast.Lambda) and child is node.body)
        yield from _outer_names(child, inner if within else hidden)


class Program:
    """A student's program, as far as its text tells."""

    def __init__(self, submission: Submission) -> None:
        """Parses the submission.

        Raises:
          SubmissionError: for a syntax error.
        """
        self.submission = submission
        tree = parse(submission)
        statements = [s for s in tree.body if not _is_main_guard(s)]
        self.definitions: dict[str, list[Definition]] = {}
        self.bound: set[str] = set()  # names bound otherwise: imports, assignments
        self.assigned: dict[str, list[ast.AST]] = {}  # what a name is bound to, all of it
        self.changed: dict[str, list[ast.AST]] = {}  # what is done to it later on
        self.aliases: dict[str, str] = {}
        self.stars: list[tuple[str, int]] = []  # `from lib import *`
        self.other: list[ast.stmt] = []
        for statement in top_level(statements):
            if isinstance(statement, Definition):
                self.definitions.setdefault(statement.name, []).append(statement)
                continue
            self.other.append(statement)
            own = _own_part(statement)
            if isinstance(statement, ast.AnnAssign) and statement.value is None:
                continue
            for name in _stored(own):
                self.bound.add(name)
                self.assigned.setdefault(name, []).extend(own)
            for name in _changed(own):
                self.changed.setdefault(name, []).extend(own)
        self.renamed: dict[str, set[str]] = {}  # full names of `L` after `L = jax.lax`
        for node in ast.walk(tree):
            self._import(node)
        self._rename(tree)
        self.bound |= self.aliases.keys()
        for name in self.aliases.keys() - self.assigned.keys():
            self.changed.pop(name, None)  # `plt.plot(…)` changes no object of the file

    def _import(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    self.aliases[alias.asname] = alias.name
                else:
                    self.aliases[alias.name.split(".")[0]] = alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if alias.name == "*":
                    self.stars.append((node.module, node.lineno))
                else:
                    self.aliases[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def _rename(self, tree: ast.Module) -> None:
        """Notes what imported things are also called, a few steps far."""
        steps = [
            (target.id, node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Attribute)
            for target in node.targets
            if isinstance(target, ast.Name)
        ]
        for _ in range(3):
            for name, value in steps:
                known = self.renamed.setdefault(name, set())
                for full in self.full_names(value):
                    if len(known) < 8 and len(full) < 200:
                        known.add(full)

    # Stubs and names --------------------------------------------------------------------------

    def definition(self, name: str) -> Definition | None:
        """Returns the definition of a name that counts: the last one."""
        return self.definitions[name][-1] if name in self.definitions else None

    def has(self, name: str) -> bool:
        """True if the program binds the name at module level."""
        return name in self.definitions or name in self.bound or bool(self.stars)

    def is_stub(self, name: str) -> bool:
        """True if the name is still the stub."""
        definition = self.definition(name)
        return definition is not None and name not in self.assigned and is_stub(definition)

    def shadowed_line(self, name: str) -> int | None:
        """The line of a written definition that a stub further down undoes, if there is one."""
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
        """The line of a function that a wrong answer comes from: its last return, or its head."""
        definition = self.definition(name)
        if definition is None:
            return None
        returns = _returns(definition)
        if returns:
            return max(returns)
        methods = [n.lineno for n in definition.body if isinstance(n, Function)]
        heads = methods if isinstance(definition, ast.ClassDef) else []
        return self.print_line(name) or max(heads, default=definition.lineno)

    def print_line(self, name: str) -> int | None:
        """The line where a function prints, if it prints and returns nothing."""
        definition = self.definition(name)
        if definition is None or _returns(definition):
            return None
        prints = [
            node.lineno
            for node in _walk_own(definition)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
        ]
        return max(prints, default=None)

    # Signatures -------------------------------------------------------------------------------

    def wrong_signature(self, name: str, expected: Definition) -> tuple[int, str] | None:
        """Compares a definition's parameters with the ones it should have.

        Args:
          name: of a function or class of the student's.
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
                    # What is inherited, and what @dataclass writes, is not in the text.
                    definition.bases or (method.name == "__init__" and definition.decorator_list)
                ):
                    return definition.lineno, f"{name} has no method {method.name}."
            return None
        if isinstance(definition, ast.ClassDef):
            return definition.lineno, f"{name} should be a function, not a class."
        return _compare(name, definition, expected)

    # Names -------------------------------------------------------------------------------------

    def full_names(self, node: ast.AST) -> Iterator[str]:
        """Yields the full dotted names that a node may refer to."""
        if isinstance(node, ast.Name):
            if node.id in self.aliases:
                yield self.aliases[node.id]
            elif node.id not in self.definitions and node.id not in self.bound:
                for module, _ in self.stars:
                    yield f"{module}.{node.id}"
            yield from list(self.renamed.get(node.id, ()))
        elif isinstance(node, ast.Attribute):
            for base in self.full_names(node.value):
                yield f"{base}.{node.attr}"
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute):
            # lib.__dict__["conv2d"]
            key = node.slice
            if node.value.attr == "__dict__" and isinstance(key, ast.Constant):
                for base in self.full_names(node.value.value):
                    yield f"{base}.{key.value}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            # getattr(lib, "conv2d")
            if node.func.id == "getattr" and len(node.args) >= 2:
                key = node.args[1]
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    for base in self.full_names(node.args[0]):
                        yield f"{base}.{key.value}"
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield f"{node.module}.{alias.name}"

    def reachable(self, functions: tuple[str, ...]) -> list[ast.AST]:
        """Returns the definitions and assigned values that functions lead to within this file."""
        names: set[str] = set()
        found: dict[int, ast.AST] = {}
        todo = list(functions)
        while todo:
            name = todo.pop()
            if name in names:
                continue
            names.add(name)
            definitions = self.definitions.get(name, [])[-1:]
            for node in (*definitions, *self.assigned.get(name, []), *self.changed.get(name, [])):
                if id(node) not in found:
                    found[id(node)] = node
                    todo += _outer_names(node)
        return list(found.values())

    def fingerprint(self, functions: tuple[str, ...]) -> str:
        """Returns a text that changes when what these functions do may have changed."""
        parts = [ast.dump(node) for node in self.reachable(functions)]
        parts += [ast.dump(statement) for statement in self.other]
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _returns(definition: Definition) -> list[int]:
    """Returns the lines where a function, or a class's methods, return a value."""
    return [
        node.lineno
        for node in _walk_own(definition)
        if isinstance(node, ast.Return) and node.value is not None
    ]


def _walk_own(node: ast.AST) -> Iterator[ast.AST]:
    """Walks a definition without the functions inside it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.Lambda) and not isinstance(node, ast.ClassDef):
            continue
        yield child
        yield from _walk_own(child)


def parameters(function: Function) -> tuple[list[str], int, bool]:
    """Returns a function's parameter names, how many have no default, and if it takes more."""
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
    if takes_more and not names:
        return None

    def show(parameters: list[str]) -> str:
        return "(" + ", ".join(parameters) + ")"

    if wanted[:1] == ["self"] and names[:1] != ["self"]:
        return got.lineno, (
            f"{name} is a method: its first argument is self, the object. "
            f"It should take {show(wanted)}; yours takes {show(names)}."
        )
    # Say it without `self`, which nobody writes in a call.
    skip = 1 if wanted[:1] == ["self"] and names[:1] == ["self"] else 0
    return got.lineno, (
        f"{name} should take {show(wanted[skip:])}; yours takes {show(names[skip:])}."
    )
