"""One error that newcomers meet: how to recognise it, what happened, and what to do."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import cached_property

# What students call the types that an error's message names.
TYPES = {
    "ArrayImpl": "JAX array",
    "ndarray": "NumPy array",
    "PjitFunction": "function",
    "builtin_function_or_method": "function",
    "NoneType": "None",
}
TYPE_GROUPS = ("type", "other", "left", "right")  # of a pattern


@dataclass(frozen=True)
class Advice:
    """What to say about an exception.

    Attributes:
      entry: name of the chosen entry.
      happened: a sentence.
      do: a sentence.
    """

    entry: str
    happened: str
    do: str


@dataclass(frozen=True)
class Entry:
    """An error as data.

    Attributes:
      name: name of the entry.
      pattern: a regular expression that finds the error in "Type: message", a line break, and
        "> " with the student's line. `.` also matches line breaks.
      happened: one sentence; `$name` stands for what a group of the pattern found.
      do: one sentence, likewise.
      code: True if the pattern also looks at the student's function, after a line break and "@ ".
    """

    name: str
    pattern: str
    happened: str
    do: str
    code: bool = False

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.DOTALL)

    def advice(self, error: str, function: str = "") -> Advice | None:
        """Returns what to say about an error, or None if it is a different one.

        Args:
          error: "Type: message", a line break, and "> " with the student's line.
          function: the student's function up to this line, or "".
        """
        found = self._compiled.search(f"{error}\n@ {function}" if self.code else error)
        if found is None:
            return None
        groups = {name: value or "" for name, value in found.groupdict().items()}
        for name in groups.keys() & set(TYPE_GROUPS):
            short = groups[name].rpartition(".")[2]
            groups[name] = TYPES.get(short, "traced value" if short.endswith("Tracer") else short)
        return Advice(
            self.name,
            string.Template(self.happened).substitute(groups),
            string.Template(self.do).substitute(groups),
        )
