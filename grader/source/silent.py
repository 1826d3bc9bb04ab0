"""Finds mistakes that raise no error: dropped results, places beyond the end, keys used twice.

Each is a mistake whatever the values are. The text does not show whether it is why an answer is
wrong.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from grader.source.program import Function, Program
from grader.source.scopes import own_nodes

AT = ("set", "add", "subtract", "multiply", "divide", "power", "min", "max", "apply")
ARRAY_METHODS = ("astype", "reshape", "transpose", "flatten", "ravel", "squeeze", "round", "clip")
# Functions that change nothing and only return something: a line that drops it is useless.
PURE = ("jax.numpy.", "jax.nn.", "jax.lax.", "jax.random.", "flax.linen.")
NUMPY = (
    *("append", "clip", "concatenate", "delete", "exp", "flip", "insert", "maximum", "mean"),
    *("minimum", "reshape", "round", "sort", "sqrt", "stack", "transpose", "unique", "where"),
)
EFFECTS = ("save", "savez", "set_printoptions")
NO_DRAW = ("key", "PRNGKey", "fold_in", "key_data", "wrap_key_data", "key_impl", "clone")
BY_FULL_NAME = {
    "lib.fit": "lib.fit does not change its state: it returns the trained one, which is dropped "
    "here. Write state, history = lib.fit(state, …)",
    "optax.apply_updates": "apply_updates changes nothing in place: it returns the new parameters, "
    "which are dropped here. Write params = optax.apply_updates(params, updates)",
    "jax.random.split": "split does not change its key: it returns new ones, which are dropped "
    "here. Write key, other = jax.random.split(key)",
}


@dataclass(frozen=True)
class Silent:
    """A line that does not do what it seems to.

    Attributes:
      line: its number in the student's file.
      sentence: what it does, and what to write.
    """

    line: int
    sentence: str


def silent_mistake(program: Program, functions: tuple[str, ...]) -> Silent | None:
    """Looks for such a line in functions and in what they call in this file.

    Args:
      program: the student's.
      functions: names of the functions to start from.

    Returns:
      The first line whose result is dropped; if there is none, the first other mistake.
    """
    nodes = [part for node in program.reachable(functions) for part in ast.walk(node)]
    for look in (_dropped, _beyond_the_end, _state_dropped, _updates_alone, _keys_used_twice):
        found = list(look(program, nodes))
        if found:
            return min(found, key=lambda silent: silent.line)
    return None


def _dropped(program: Program, nodes: list[ast.AST]) -> Iterator[Silent]:
    """Finds statements that compute something and drop it."""
    for node in nodes:
        if not isinstance(node, ast.Expr):
            continue
        value, sentence = node.value, ""
        if isinstance(value, ast.Compare):
            sentence = "This line compares and drops the result: == compares, = assigns."
        elif isinstance(value, ast.Attribute | ast.Name):
            name = ast.unparse(value)[:60]
            sentence = f"This line only names {name}. Call it with brackets, or return it."
        elif isinstance(value, ast.Call):
            sentence = _dropped_call(program, value)
        if sentence:
            yield Silent(node.lineno, sentence)


def _dropped_call(program: Program, call: ast.Call) -> str:
    """Says what a bare call returns in vain; "" for a call with effects."""
    function = call.func
    for full in program.full_names(function):
        leaf = full.rpartition(".")[2]
        if full in BY_FULL_NAME:
            return BY_FULL_NAME[full]
        if full.startswith(PURE) or (full.startswith("numpy.") and leaf in NUMPY):
            if leaf not in EFFECTS:
                return f"{leaf} returns a new value, which is dropped here. Write x = {leaf}(…)"
    if isinstance(function, ast.Call):
        for full in program.full_names(function.func):
            if full.startswith(("flax.linen.", "lib.")):
                layer = full.rpartition(".")[2]
                return f"The result of {layer} is dropped here. Write x = {layer}(…)(x)"
    if not isinstance(function, ast.Attribute) or program.full_names(function):
        return ""
    name = function.attr
    if name in AT and isinstance(function.value, ast.Subscript):
        array = function.value.value
        if isinstance(array, ast.Attribute) and array.attr == "at":
            return (
                f".at[…].{name} does not change the array: it returns a new one, which is dropped "
                f"here. Write x = x.at[index].{name}(value)"
            )
    if name in ARRAY_METHODS:
        return (
            f".{name} does not change the array: it returns a new one, which is dropped here. "
            f"Write x = x.{name}(…)"
        )
    if name == "apply_gradients":
        return (
            "apply_gradients returns the next state, which is dropped here. "
            "Write state = state.apply_gradients(gradients)"
        )
    if name == "update" and len(call.args) >= 2:
        return (
            "update returns the updates and the optimizer's new state, which are dropped here. "
            "Write updates, opt_state = optimizer.update(grads, opt_state, params)"
        )
    if name == "replace" and call.keywords and not call.args:
        return (
            "replace returns a changed copy, which is dropped here. Write state = state.replace(…)"
        )
    return ""


def _beyond_the_end(program: Program, nodes: list[ast.AST]) -> Iterator[Silent]:
    """Finds `x.at[len(x)]` and `x.at[x.shape[0]]`: one place beyond the last."""
    for node in nodes:
        if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Attribute):
            continue
        array, first = node.value.value, node.slice
        if node.value.attr != "at" or not isinstance(array, ast.Name | ast.Attribute):
            continue
        if isinstance(first, ast.Tuple) and first.elts:
            first = first.elts[0]
        name, index = ast.unparse(array)[:60], ast.unparse(first)[:80]
        if index in (f"len({name})", f"{name}.shape[0]"):
            yield Silent(
                node.lineno,
                f"{index} is one beyond the last place of {name}, and JAX ignores an update there "
                "without an error. The last place is -1.",
            )


def _state_dropped(program: Program, nodes: list[ast.AST]) -> Iterator[Silent]:
    """Finds `updates, _ = optimizer.update(…)` in a loop."""
    loops = [node for node in nodes if isinstance(node, ast.For | ast.While)]
    for node in (inner for loop in loops for inner in own_nodes(loop.body)):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        function, target = node.value.func, node.targets[0]
        if not isinstance(function, ast.Attribute) or not isinstance(target, ast.Tuple):
            continue
        last = target.elts[-1] if len(target.elts) == 2 else None
        dropped = isinstance(last, ast.Name) and last.id.startswith("_")
        if dropped and function.attr == "update" and len(node.value.args) >= 2:
            yield Silent(
                node.lineno,
                "The optimizer's new state is dropped here, so every step of the loop begins with "
                "the old one. "
                "Write updates, opt_state = optimizer.update(grads, opt_state, params)",
            )


def _updates_alone(program: Program, nodes: list[ast.AST]) -> Iterator[Silent]:
    """Finds updates from gradients that nothing adds to the params: they replace them."""
    calls = (node.func for node in nodes if isinstance(node, ast.Call))
    called = {full for function in calls for full in program.full_names(function)}
    if not called & {"jax.grad", "jax.value_and_grad"} or any(
        full.startswith("optax.apply") or full.rpartition(".")[2] in ("map", "tree_map")
        for full in called
    ):
        return
    for function in (node for node in nodes if isinstance(node, Function)):
        inside = list(own_nodes(function.body))
        passed_on = [
            (value.id, node.lineno)
            for node in inside
            if isinstance(node, ast.Return | ast.Assign)
            for value in (node.value.elts if isinstance(node.value, ast.Tuple) else [node.value])
            if isinstance(value, ast.Name)
        ]
        read = [
            node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        ]
        for name in filter(None, map(_updates, inside)):
            lines = [line for passed, line in passed_on if passed == name]
            if lines and len(lines) == read.count(name):
                yield Silent(
                    min(lines),
                    "The new params are the updates themselves. Add them to the old ones: params = "
                    "optax.apply_updates(params, updates).",
                )


def _updates(node: ast.AST) -> str:
    """Returns the name of the updates in `updates, opt_state = optimizer.update(…)`, or ""."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        call, target = node.value, node.targets[0]
        if isinstance(call.func, ast.Attribute) and call.func.attr == "update":
            if isinstance(target, ast.Tuple) and len(target.elts) == 2 and len(call.args) >= 2:
                name = target.elts[0]
                return name.id if isinstance(name, ast.Name) else ""
    return ""


def _keys_used_twice(program: Program, nodes: list[ast.AST]) -> Iterator[Silent]:
    """Finds a key that two functions of jax.random use in turn, with no new value between them."""
    for node in nodes:
        for block in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
            if isinstance(node, ast.stmt) and isinstance(block, list):
                yield from _keys_of_block(program, block)


def _keys_of_block(program: Program, block: list[ast.stmt]) -> Iterator[Silent]:
    used: dict[str, int] = {}
    for statement in block:
        if isinstance(statement, Function | ast.ClassDef):
            continue
        if not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return | ast.Expr):
            used.clear()  # a branch or a loop may give the key another value
            continue
        calls = [node for node in own_nodes([statement]) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
            key = call.args[0] if call.args else None
            full = next(iter(program.full_names(call.func)), "")
            draws = full.startswith("jax.random.") and full.rpartition(".")[2] not in NO_DRAW
            if not draws or not isinstance(key, ast.Name):
                continue
            if key.id in used:
                line = used[key.id]
                again = (
                    f"{key.id} is used twice in this line."
                    if line == call.lineno
                    else f"{key.id} is used here a second time, after line {line}, so the two "
                    "draws are not independent."
                )
                split = f"Write first_key, second_key = jax.random.split({key.id})"
                yield Silent(call.lineno, f"{again} {split}, and use each of the two once.")
                return
            used[key.id] = call.lineno
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                used.pop(node.id, None)
