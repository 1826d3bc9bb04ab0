"""The errors that newcomers meet, as data: one module for each library.

An entry says only what its pattern proves. Where an error can have two causes, its sentences name
both.
"""

from __future__ import annotations

from grader.judge.errors import course, flax, habits, jax, numpy, optax, python, syntax
from grader.judge.errors.entry import Advice, Entry

# The first match wins, so entries for a library or a habit come before general ones.
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
MAX_TEXT = 2000  # characters of an exception's message to search


def advise(kind: str, text: str, line: str = "", function: str = "") -> Advice | None:
    """Looks an exception up.

    Args:
      kind: name of its type.
      text: its message.
      line: the student's line as written, or "".
      function: the student's function up to this line, or "".

    Returns:
      What happened and what to do, or None if the catalogue has no entry for it.
    """
    error = f"{kind}: {text[:MAX_TEXT]}\n> {line[:MAX_TEXT]}"
    for entry in CATALOGUE:
        advice = entry.advice(error, function[-MAX_TEXT:])
        if advice:
            return advice
    return None
