"""Finds out from a model's program whether it returns logits."""

from __future__ import annotations

from typing import Any

# Operations that change the form of an array, but not its numbers.
_FORMS = {"convert_element_type", "reshape", "squeeze", "copy", "sharding_constraint", "name"}


def last_function(program: Any) -> str | None:
    """The last function of a model, if it is one that a loss applies itself.

    Args:
      program: a jaxpr with one output.

    Returns:
      "softmax", "sigmoid", or None for anything else.
    """
    return _last(program, program.outvars[0])


def _last(program: Any, wanted: Any) -> str | None:
    makers = {id(out): each for each in program.eqns for out in each.outvars}
    while (maker := makers.get(id(wanted))) is not None:
        name, place = maker.primitive.name, [id(out) for out in maker.outvars].index(id(wanted))
        if name == "logistic":
            return "sigmoid"
        if name == "div":
            top = makers.get(id(maker.invars[0]))
            return "softmax" if top is not None and top.primitive.name == "exp" else None
        inner = next((maker.params[k] for k in ("jaxpr", "call_jaxpr") if k in maker.params), None)
        if inner is not None:
            inner = getattr(inner, "jaxpr", inner)
            return _last(inner, inner.outvars[place])
        if name not in _FORMS:
            return None
        wanted = maker.invars[0]
    return None
