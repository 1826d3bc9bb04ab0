"""Turns links between the repository's Markdown files into links between the site's pages."""

import re
from pathlib import Path

from sphinx.application import Sphinx

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
PAGES = {
    ROOT / "README.md": "/index.md",
    ROOT / "CONTRIBUTING.md": "/contributing.md",
    ROOT / "CHANGELOG.md": "/changelog.md",
}
LINK = re.compile(r"(?<!!)(\[[^\]]*\])\((?![a-z]+:|#|/)([^)#\s]+)(#[^)\s]*)?\)")


def on_the_site(folder: Path, text: str) -> str:
    """Turns the relative links of a Markdown text into links to the site's pages.

    Args:
      folder: the folder of the text.
      text: Markdown.

    Returns:
      The text with absolute links, from the top of the site, to README, CONTRIBUTING, CHANGELOG,
      lessons, pages of docs/ and other files. A link to a folder, which has no page, becomes plain
      text.
    """

    def turn(found: re.Match) -> str:
        label, target, anchor = found.groups()
        file = (folder / target).resolve()
        if file.parent == ROOT / "exercises" and file.suffix == ".md":
            place = f"/lessons/{file.name}"
        elif file in PAGES:
            place = PAGES[file]
        elif file.is_relative_to(DOCS) and file.is_file():
            place = f"/{file.relative_to(DOCS)}"
        elif file.is_file():
            place = f"/../{file.relative_to(ROOT)}"
        elif file.is_dir():
            return label[1:-1]
        else:
            return found.group()
        return f"{label}({place}{anchor or ''})"

    return LINK.sub(turn, text)


def _read(app: Sphinx, name: str, content: list[str]) -> None:
    content[0] = on_the_site(Path(app.env.doc2path(name)).parent, content[0])


def _include(app: Sphinx, path: Path, parent: str, content: list[str]) -> None:
    content[0] = on_the_site((app.srcdir / path).resolve().parent, content[0])


def setup(app: Sphinx) -> dict:
    """Makes Sphinx pass every page and every included file through this module."""
    app.connect("source-read", _read)
    app.connect("include-read", _include)
    return {"parallel_read_safe": True}
