"""Describes a matplotlib figure as data."""

from __future__ import annotations

from typing import Any


def figure_description(figure: Any) -> dict[str, Any]:
    """Returns the contents of a matplotlib figure: axes, titles, lines, bars, images."""
    import numpy as np

    def numbers(values: Any) -> Any:
        return np.ma.filled(np.ma.asarray(values, float), np.nan)

    def axes_description(axes: Any) -> dict[str, Any]:
        from matplotlib.container import BarContainer

        bars = []
        for container in axes.containers:
            if isinstance(container, BarContainer):
                patches = container.patches
                across = getattr(container, "orientation", "vertical") == "horizontal"
                bars.append(
                    {
                        "label": str(container.get_label()),
                        "heights": np.array(
                            [p.get_width() if across else p.get_height() for p in patches], float
                        ),
                        "positions": np.array(
                            [
                                p.get_y() + p.get_height() / 2
                                if across
                                else p.get_x() + p.get_width() / 2
                                for p in patches
                            ],
                            float,
                        ),
                        "horizontal": across,
                    }
                )
        legend = axes.get_legend()
        return {
            "title": str(axes.get_title()),
            "xlabel": str(axes.get_xlabel()),
            "ylabel": str(axes.get_ylabel()),
            "xticks": [str(t.get_text()) for t in axes.get_xticklabels()][:1000],
            "yticks": [str(t.get_text()) for t in axes.get_yticklabels()][:1000],
            "legend": [str(t.get_text()) for t in legend.get_texts()] if legend else [],
            "texts": [str(t.get_text()) for t in axes.texts][:1000],
            "lines": [
                {
                    "label": str(line.get_label()),
                    "x": numbers(line.get_xdata(orig=False)),
                    "y": numbers(line.get_ydata(orig=False)),
                }
                for line in axes.lines
            ],
            "bars": bars,
            "images": [np.ma.getdata(image.get_array()) for image in axes.images],
        }

    title = figure.get_suptitle() if hasattr(figure, "get_suptitle") else ""
    return {"title": str(title), "axes": [axes_description(axes) for axes in figure.axes]}
