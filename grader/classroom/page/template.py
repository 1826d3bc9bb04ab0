"""Fills in a template: the page is self-contained, and all its text is escaped."""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.results.text import LOOK, number

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

PARTS = Path(__file__).parent


def render(template: str, values: dict[str, Any], script: str = "") -> str:
    """Returns a page.

    Its Content-Security-Policy names its one style and its script, if it has one, by their hashes.

    Args:
      template: a file in this folder.
      values: the template's variables.
      script: a file in this folder, or "".
    """
    style, code = _part("report.css"), _part(script) if script else ""
    allowed = f"default-src 'none'; style-src {_hash(style)}"
    page = {
        "style": style,
        "script": code,
        "security": f"{allowed}; script-src {_hash(code)}" if code else allowed,
    }
    return _templates().get_template(template).render(values | page) + "\n"


@functools.cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(loader=FileSystemLoader(PARTS), autoescape=True, undefined=StrictUndefined)
    made.filters["number"] = number
    made.globals["signs"] = {status: sign for status, (sign, _) in LOOK.items()}
    return made


@functools.cache
def _part(name: str) -> Markup:
    from markupsafe import Markup

    return Markup((PARTS / name).read_text("utf-8"))


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
