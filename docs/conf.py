"""Builds the site: `python -m sphinx -W --keep-going docs docs/_build/html`, from the root.

It needs no network. With FLAXLINGS_INTERSPHINX=1, Sphinx downloads the lists of names of Python,
NumPy and JAX, and the types in the API reference link to their pages.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

project = "Flaxlings"
copyright = "the Flaxlings authors; Apache-2.0"
html_title = "Flaxlings"
language = "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_design",
    "api_pages",
    "docstrings",
    "repository_links",
    "week_pages",
]
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4

smartquotes = False  # "VALID" in a docstring keeps its straight quotes
default_role = "py:obj"  # `fit` in a docstring links to its page, if there is one
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_default_options = {"exclude-members": "name, parent, scope"}
autosummary_generate = False

if os.environ.get("FLAXLINGS_INTERSPHINX") == "1":
    extensions.append("sphinx.ext.intersphinx")
    intersphinx_mapping = {
        "python": ("https://docs.python.org/3", None),
        "numpy": ("https://numpy.org/doc/stable", None),
        "jax": ("https://docs.jax.dev/en/latest", None),
    }

suppress_warnings = ["misc.highlighting_failure"]  # lessons omit parts of code: loss=…

html_theme = "sphinx_book_theme"
html_theme_options = {
    "logo": {"text": "Flaxlings"},
    "navbar_persistent": [],
    "use_download_button": False,
    "use_fullscreen_button": False,
    "show_toc_level": 2,
    "footer_content_items": ["copyright.html"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_favicon = "_static/flower.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system is set
html_show_sourcelink = False
html_copy_source = False
copybutton_exclude = ".linenos, .gp, .go"
