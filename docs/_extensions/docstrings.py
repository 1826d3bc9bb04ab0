"""Reads Google-style docstrings: plain prose after "Returns:", and code marked by its indent."""

import re

from sphinx.application import Sphinx
from sphinx.ext.napoleon import Config, GoogleDocstring

CODE = re.compile(r"(?<=\n)(\S.*\n\n)(?=    \S)")
CONFIG = Config(napoleon_use_ivar=True)


class Docstring(GoogleDocstring):
    """A docstring whose "Returns:" holds sentences, which may contain colons, and no types."""

    def _consume_returns_section(self, preprocess_types=False):
        return [("", "", self._dedent(self._consume_to_next_section()))]


def as_rst(text: str, app: Sphinx, what: str, name: str) -> list[str]:
    """Returns the lines of a docstring as reStructuredText.

    Args:
      text: the docstring, without its indentation.
      app: the running Sphinx.
      what: "function", "class" or another autodoc kind.
      name: full name of the documented object.
    """
    text = CODE.sub(r"\1::\n\n", f"\n{text}")[1:]
    return Docstring(text, CONFIG, app, what, name).lines()


def _process(app: Sphinx, what: str, name: str, obj: object, options, lines: list[str]) -> None:
    lines[:] = as_rst("\n".join(lines), app, what, name)


def setup(app: Sphinx) -> dict:
    """Makes autodoc read docstrings with this module."""
    app.connect("autodoc-process-docstring", _process)
    return {"parallel_read_safe": True}
