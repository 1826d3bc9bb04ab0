"""Generates the API reference from the public names of `lib` and their docstrings."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from sphinx.application import Sphinx
from week_pages import write

import lib

# By page: its title, the packages that define its names, and modules with public names that `lib`
# does not export, by the path that users write.
PAGES = {
    "data": ("Data", ("lib.data", "lib.inputs"), {"lib.data.stream": lib.data.stream}),
    "nn": (
        "Layers and models",
        ("lib.nn",),
        {"lib.layers": lib.layers, "lib.models": lib.models},
    ),
    "train": (
        "Training",
        ("lib.train",),
        {"lib.callbacks": lib.callbacks, "lib.losses": lib.losses, "lib.metrics": lib.metrics},
    ),
    "augmentation": (
        "Augmentation",
        ("lib.augmentation",),
        {"lib.augmentation": lib.augmentation},
    ),
    "transfer": ("Transfer learning", ("lib.transfer",), {"lib.transfer": lib.transfer}),
    "evaluation": ("Evaluation", ("lib.evaluation", "lib.examination"), {}),
    "saving": ("Saving", ("lib.saving",), {}),
    "plots": ("Plots", ("lib.plots",), {"lib.plots": lib.plots}),
}


def _made_below(module: ModuleType, roots: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    for name, value in vars(module).items():
        home = getattr(value, "__module__", None) or ""
        if name.startswith("_") or not (inspect.isroutine(value) or inspect.isclass(value)):
            continue
        if any(home == root or home.startswith(f"{root}.") for root in roots):
            yield name, value


def public_names(page: str) -> dict[str, object]:
    """Returns the objects on a page by full name, such as "lib.fit"."""
    _, roots, modules = PAGES[page]
    names = {f"lib.{name}": value for name, value in _made_below(lib, roots)}
    for path, module in modules.items():
        inside = roots if hasattr(module, "__path__") else (module.__name__,)
        for name, value in _made_below(module, inside):
            if not any(value is known for known in names.values()):
                names[f"{path}.{name}"] = value
    return names


def api_page(page: str) -> str:
    """Returns the text of a page: a table of its names, then each name with its docstring."""
    names = public_names(page)
    lines = [
        f"# {PAGES[page][0]}",
        "",
        "```{eval-rst}",
        ".. autosummary::",
        "   :nosignatures:",
        "",
    ]
    lines += [f"   {name}" for name in names]
    for name, value in names.items():
        lines += ["", f".. auto{'class' if inspect.isclass(value) else 'function'}:: {name}"]
        if inspect.isclass(value):
            lines += ["   :members:"]
    return "\n".join([*lines, "```", ""])


def make(app: Sphinx) -> None:
    """Writes the pages that have changed."""
    for page in PAGES:
        write(Path(app.srcdir, "api", f"{page}.md"), api_page(page))


def setup(app: Sphinx) -> dict:
    """Makes Sphinx generate the pages before it looks for them."""
    app.connect("builder-inited", make)
    return {"parallel_read_safe": True}
