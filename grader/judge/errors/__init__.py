"""The errors that newcomers meet, as data: one module for each library.

An entry says what its pattern proves and nothing more. Where an error can have two causes, its
sentences name both.
"""

from __future__ import annotations

from grader.judge.errors import course, flax, habits, jax, numpy, optax, python, syntax
from grader.judge.errors.entry import Advice, Entry

# The first that fits is told: what is particular to a library or a habit before what is general.
CATALOGUE: tuple[Entry, ...] = (
    *course.ENTRIES,
    *habits.ENTRIES,
    *optax.ENTRIES,
    *flax.ENTRIES,
    *jax.ENTRIES,
    *numpy.ENTRIES,
    *python.ENTRIES,
    *syntax.ENTRIES,
)
MAX_TEXT = 2000  # characters of an exception's message that are looked at


def advise(kind: str, text: str, line: str = "") -> Advice | None:
    """Looks an exception up.

    Args:
      kind: name of its type.
      text: its message.
      line: the student's line, as it was written, or "".

    Returns:
      What happened and what to do, or None if the catalogue does not have it.
    """
    error = f"{kind}: {text[:MAX_TEXT]}\n> {line[:MAX_TEXT]}"
    for entry in CATALOGUE:
        advice = entry.advice(error)
        if advice:
            return advice
    return None
