"""The course's figures: image grids, predictions, training curves, filters and activations.

Every function returns a matplotlib `Figure` that is not registered in pyplot, so a loop can draw a
thousand figures without keeping them in memory. Save a figure with `figure.savefig("name.png")`;
in a notebook, put it on the last line of a cell to show it.

The colours are from the palette of Okabe and Ito, which works for all kinds of colour vision;
right and wrong answers also have a mark, so that you can tell them apart in a grey print.

All figures use the style of `style`: a page's width of 7.5 inches is 750 pixels, and no text is
smaller than 12 pixels.

In grey pictures 0 is black. MNIST and Fashion-MNIST, which are bright on black, are drawn as ink on
paper if `note` is the data set.
"""

from __future__ import annotations

import functools
import io
import math
import os
import pathlib
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from lib import evaluation
from lib.data.dataset import SETS
from lib.train.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE = "#0072B2"  # right, or the training curve
ORANGE = "#D55E00"  # wrong, or the validation curve
GREY = "#8C8C8C"
DARK = "#333333"
RIGHT_MARK, WRONG_MARK = "✓", "✗"

DOTS_PER_INCH = 100  # the resolution of figures in notebooks
TITLE, TEXT, SMALL, NOTE = 12, 11, 10, 9  # font sizes in points, 17 to 12.5 pixels

_STYLE: dict[Any, Any] = {
    "font.size": TEXT,
    "axes.titlesize": TITLE,
    "axes.labelsize": TEXT,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "lines.linewidth": 2,
    "lines.markersize": 5,
}
_SMALL_CELL, _LARGE_CELL = 1.25, 1.5  # width of a picture in the grid, in inches
_PAGE_COLUMNS = 6  # a row of this many small cells is as wide as a page
_MOST_IMAGES = 100  # with more, each picture in the grid is smaller than a fingernail
_BRIGHT_ON_BLACK = ("mnist", "fashion_mnist")  # sets to draw with inverted grey values
_BEYOND = 0.1  # values may exceed 0…1 by this much without a warning


_P = ParamSpec("_P")
_R = TypeVar("_R")


def style() -> AbstractContextManager[None]:
    """The course's style, for your own figures: `with lib.plots.style(): ...`.

    Returns:
      A context manager; inside, matplotlib uses the course's fonts, lines and legends.
    """
    import matplotlib

    return matplotlib.rc_context(_STYLE)


def quiet(axes: Axes) -> None:
    """Reduces the frame of an axes to two sides, and adds a faint grid.

    Args:
      axes: any matplotlib Axes.
    """
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.3)


def _styled(draw: Callable[_P, _R]) -> Callable[_P, _R]:
    @functools.wraps(draw)
    def drawn(*args: _P.args, **options: _P.kwargs) -> _R:
        with style():
            return draw(*args, **options)

    return drawn


def new_figure(width: float = 6.0, height: float = 4.0, note: Any = None) -> Figure:
    """An empty figure that a notebook shows and that is not registered in pyplot.

    Args:
      width: width in inches, positive.
      height: height in inches, positive.
      note: the small print below the figure: text, or a data set from `lib.load`, which is named
        there if it is a stand-in. Nothing is printed for None or a real data set.

    Returns:
      A matplotlib Figure without axes; `figure.subplots()` adds them.
    """
    from matplotlib.figure import Figure

    class NotebookFigure(Figure):
        """A Figure that notebooks show without pyplot."""

        def _repr_png_(self) -> bytes:
            picture = io.BytesIO()
            self.savefig(picture, format="png", dpi=DOTS_PER_INCH)
            return picture.getvalue()

    figure = NotebookFigure(figsize=(width, height), layout="constrained", facecolor="white")
    figure.get_layout_engine().set(w_pad=0.06, h_pad=0.06)  # pyright: ignore
    text = _note_text(note)
    if text:
        figure.supxlabel(text, fontsize=NOTE, color="#666666")
    return figure


def show(figure: Figure, path: str | os.PathLike) -> None:
    """Shows a figure in a notebook, and saves it as a file everywhere else.

    Args:
      figure: any matplotlib Figure.
      path: the file, for example "figures/line.png"; missing folders are created.
    """
    if "IPython" in sys.modules:
        from IPython import get_ipython  # pyright: ignore
        from IPython.display import Image, display  # pyright: ignore

        if get_ipython() is not None:
            picture = io.BytesIO()
            figure.savefig(picture, format="png", dpi=DOTS_PER_INCH)
            display(Image(picture.getvalue()))
            return
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=DOTS_PER_INCH)
    print(f"figure saved: {path}")


@_styled
def image_grid(
    images: Any,
    labels: Any = None,
    class_names: Sequence[str] | None = None,
    predicted: Any = None,
    *,
    columns: int | None = None,
    note: Any = None,
) -> Figure:
    """Pictures side by side, each with its label and a model's answer.

    Args:
      images: (n, height, width), (n, height, width, 1) or (n, height, width, 3), integers in
        0…255 or floats in 0…1, 1 ≤ n ≤ 100.
      labels: (n,) integers, the true classes, or None.
      class_names: name of each class; None uses the numbers.
      predicted: (n,) integers, the model's answers, or None. Right answers get a blue ✓, wrong
        answers an orange ✗, with the true name below.
      columns: pictures in a row; None makes a grid slightly wider than high, and at most as wide
        as a page for up to 36 pictures.
      note: text or a data set to name below the figure, see `new_figure`. For MNIST and
        Fashion-MNIST, 0 is drawn white; in all other grey pictures it is black.

    Returns:
      A Figure with one axes per picture, row by row.

    Raises:
      ValueError: if the sizes do not agree, or there are no pictures or too many.
    """
    _warn_of_range(images)
    return _grid(images, labels, class_names, predicted, None, columns, note)


def _grid(
    images: Any,
    labels: Any,
    class_names: Sequence[str] | None,
    predicted: Any,
    sure: Any,
    columns: int | None,
    note: Any,
) -> Figure:
    """Draws `image_grid`; with the probability of each answer behind it, if given."""
    images = _images(images)
    count = len(images)
    if not 1 <= count <= _MOST_IMAGES:
        raise ValueError(
            f"image_grid draws 1 to {_MOST_IMAGES} pictures, but got {count}; "
            f"pass some of them, for example images[:25]."
        )
    for name, values in (("labels", labels), ("predicted", predicted)):
        if values is not None and np.shape(values) != (count,):
            raise ValueError(
                f"image_grid got {count} pictures and {name} of shape {np.shape(values)}; "
                f"{name} must have shape ({count},), one integer per picture."
            )
    if columns is None:
        columns = min(count, math.ceil(math.sqrt(1.6 * count)))
        if count <= _PAGE_COLUMNS**2:
            columns = min(columns, _PAGE_COLUMNS)
    rows = math.ceil(count / columns)
    cell = min(_LARGE_CELL, max(_SMALL_CELL, _PAGE_COLUMNS * _SMALL_CELL / columns))
    titles, below, colours = [], [], []
    for i in range(count):
        label = None if labels is None else int(labels[i])
        answer = label if predicted is None else int(predicted[i])
        mark, colour = "", DARK
        if predicted is not None and label is not None:
            right = answer == label
            mark, colour = (f"{RIGHT_MARK} ", BLUE) if right else (f"{WRONG_MARK} ", ORANGE)
        end = "" if sure is None else f" {sure[i]:.0%}"
        title = "" if answer is None else _name(answer, class_names)
        titles.append(_fitted(title, cell - 0.1, SMALL, before=mark, after=end))
        wrong = mark.startswith(WRONG_MARK)
        below.append(_fitted(_name(label, class_names), cell - 0.1, NOTE, "is ") if wrong else "")  # type: ignore
        colours.append(colour)
    lines = [
        max(text.count("\n") + 1 if text else 0 for text in texts) for texts in (titles, below)
    ]
    if predicted is not None and not lines[1]:
        lines[1] = 1  # the same height as a grid with a mistake
    height = 0.92 * cell + (0.07 if lines[0] else 0) + 0.18 * sum(lines)
    figure = new_figure(cell * columns, height * rows, note)
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat[count:]:
        axis.set_axis_off()
    for axis, image, title, text, colour in zip(
        axes.flat, images, titles, below, colours, strict=False
    ):
        _show(axis, image, note)
        if title:
            axis.set_title(title, fontsize=SMALL, color=colour, parse_math=False)
        if text:
            axis.set_xlabel(text, fontsize=NOTE, color=DARK, parse_math=False)
    return figure


@_styled
def prediction(
    image: Any,
    probabilities: Any,
    class_names: Sequence[str],
    label: int | None = None,
    *,
    note: Any = None,
) -> Figure:
    """One picture beside a bar for the probability of each class.

    Args:
      image: (height, width), (height, width, 1) or (height, width, 3), uint8 or float in 0…1.
      probabilities: (classes,) floats in 0…1 that sum to 1; for logits, apply the softmax first.
      class_names: the name of each class, as many as probabilities.
      label: the true class, or None if unknown.
      note: text or a data set to name below the figure, see `new_figure`.

    Returns:
      A Figure with two axes: the picture, and the bars.

    Raises:
      ValueError: if they are not probabilities, or their number is not the number of names.
    """
    probabilities = np.asarray(probabilities, np.float64)
    if probabilities.shape != (len(class_names),):
        raise ValueError(
            f"prediction got probabilities of shape {probabilities.shape} and "
            f"{len(class_names)} class names; it needs one probability per class for one picture."
        )
    total = float(probabilities.sum())
    if probabilities.min() < -1e-6 or not math.isclose(total, 1.0, abs_tol=1e-2):
        raise ValueError(
            f"prediction got numbers that sum to {total:.3g}, but probabilities must be in 0…1 "
            f"and sum to 1. If these are logits, pass jax.nn.softmax(logits)."
        )
    answer = int(probabilities.argmax())
    right = label is None or answer == int(label)
    colour = BLUE if right else ORANGE
    figure = new_figure(7.0, 0.5 + 0.3 * max(8, len(class_names)), note)
    left, bars = figure.subplots(1, 2, width_ratios=(1, 1.25))
    _warn_of_range(image)
    _show(left, _images(np.asarray(image)[None])[0], note)
    mark = "" if label is None else (f"{RIGHT_MARK} " if right else f"{WRONG_MARK} ")
    title = _fitted(class_names[answer], 3.0, TITLE, mark, f", {probabilities[answer]:.0%}")
    left.set_title(title, color=colour, parse_math=False)
    if not right:
        text = _fitted(class_names[int(label)], 3.0, TEXT, "is ")  # pyright: ignore
        left.set_xlabel(text, color=DARK, parse_math=False)
    colours = [GREY] * len(class_names)
    colours[answer] = colour
    if not right:
        colours[int(label)] = DARK  # pyright: ignore
    places = np.arange(len(class_names))
    bars.barh(places, probabilities, color=colours)
    names = [_fitted(name, 2.0, SMALL, lines=1) for name in class_names]
    bars.set_yticks(places, names, parse_math=False)
    bars.invert_yaxis()
    bars.set_xlim(0, 1)
    bars.set_xlabel("probability")
    bars.spines[["top", "right"]].set_visible(False)
    return figure


@_styled
def history_curves(
    history: Any, metrics: Sequence[str] | None = None, *, note: Any = None
) -> Figure:
    """The loss and the metrics by epoch, on the training and the validation set.

    Args:
      history: the `History` from `lib.fit`, or a dict from a metric's name to a list of numbers,
        one per epoch. Names that start with `val_` are for the validation set. The epochs of a
        resumed training run are numbered from its first epoch.
      metrics: the metrics to draw, one axes each; metrics that are not in the history are left out.
        None draws all metrics.
      note: text or a data set to name below the figure, see `new_figure`.

    Returns:
      A Figure with one axes per metric; lines are labelled "training" and "validation". A line of
      text if a resumed training run had already ended.

    Raises:
      ValueError: if the history has none of the metrics.
      TypeError: if it is not a history.
    """
    if isinstance(history, tuple):
        raise TypeError(
            "history_curves got a tuple. lib.fit returns a tuple, and the history is its second "
            "item: state, history = lib.fit(…)."
        )
    if not isinstance(history, History | Mapping):
        raise TypeError(
            f"history_curves draws the history from lib.fit, or a dict of lists; got a "
            f"{type(history).__name__}."
        )
    if isinstance(history, History) and history.first and not history.epochs:
        figure = new_figure(6, 1, note)
        text = f"Nothing was left to train: {history.first} epochs were already done."
        figure.text(0.5, 0.5, text, ha="center", va="center")
        return figure
    if metrics is None:
        metrics = list(dict.fromkeys(name.removeprefix("val_") for name in history))
    series = {}
    for name in metrics:
        for key in (name, f"val_{name}"):
            values = _series(history, key)
            if values:
                series[key] = values
    drawn = [name for name in metrics if name in series]
    if not drawn:
        raise ValueError(
            f"history_curves found none of {', '.join(metrics) or 'its metrics'} in the history; "
            f"train for at least one epoch, or name metrics that the history has."
        )
    columns = min(len(drawn), 2)
    rows = math.ceil(len(drawn) / columns)
    figure = new_figure(3.75 * columns if columns > 1 else 5.0, 3.2 * rows, note)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes[len(drawn) :]:
        axis.set_axis_off()
    first = getattr(history, "first", 0) + 1
    for axis, name in zip(axes, drawn, strict=False):
        for key, label, colour, style in (
            (name, "training", BLUE, "o-"),
            (f"val_{name}", "validation", ORANGE, "s--"),
        ):
            if key in series:
                epochs = np.arange(first, first + len(series[key]))
                few = style if len(epochs) <= 30 else style.strip("os")
                axis.plot(epochs, series[key], few, color=colour, label=label)
        axis.set_xlabel("epoch")
        axis.set_ylabel(name)
        if len(series[name]) <= 12:
            axis.set_xticks(np.arange(first, first + len(series[name])))
        axis.legend()
        quiet(axis)
    return figure


@_styled
def confusion_matrix(
    confusion: Any, class_names: Sequence[str] | None = None, *, note: Any = None
) -> Figure:
    """How often each class is predicted for each true class: rows are true, columns answers.

    Right answers, on the diagonal, are blue; mistakes are orange. A darker cell is a larger share
    of its row. With up to 12 classes, each cell shows its count.

    Args:
      confusion: (classes, classes), counts, rows true, columns predicted; see
        `lib.confusion_matrix`.
      class_names: name of each class; None uses the numbers.
      note: text or a data set to name below the figure, see `new_figure`.

    Returns:
      A Figure with one axes, with the shares of the rows as an image, and the counts as texts.

    Raises:
      ValueError: if the matrix is not square, or its number of rows is not the number of names.
    """
    from matplotlib.colors import LinearSegmentedColormap

    confusion = np.asarray(confusion)
    count = len(confusion)
    if confusion.shape != (count, count) or count == 0:
        raise ValueError(
            f"confusion_matrix got an array of shape {confusion.shape}; "
            f"it draws (classes, classes)."
        )
    if class_names is not None and len(class_names) != count:
        raise ValueError(
            f"confusion_matrix got {count} classes but {len(class_names)} names; "
            f"each class needs one name."
        )
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    colours = LinearSegmentedColormap.from_list("wrong-right", [ORANGE, "white", BLUE])
    names = [_fitted(_name(k, class_names), 2.0, SMALL, lines=1) for k in range(count)]
    longest = max(_width(name, SMALL) for name in names)
    edge = max(2.5, 0.25 * count, 0.75 * count if count <= 12 else 0)
    turned = longest > edge / count - 0.08
    figure = new_figure(edge + longest + 0.8, edge + 1.1 + (0.75 * longest if turned else 0), note)
    axis = figure.subplots()
    axis.imshow(np.where(np.eye(count) > 0, shares, -shares), cmap=colours, vmin=-1, vmax=1)
    lean = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if turned else {}
    axis.set_xticks(np.arange(count), names, parse_math=False, **lean)
    axis.set_yticks(np.arange(count), names, parse_math=False)
    axis.set_xlabel("predicted")
    axis.set_ylabel("true")
    axis.spines[:].set_color("#BBBBBB")
    if count <= 12:
        for i in range(count):
            for j in range(count):
                dark = shares[i, j] > 0.55
                text = f"{int(confusion[i, j]):,}" if confusion[i, j] else ""
                axis.text(j, i, text, ha="center", va="center", color="white" if dark else DARK)
    return figure


@_styled
def worst_mistakes(
    images: Any,
    labels: Any,
    probabilities: Any,
    class_names: Sequence[str] | None = None,
    *,
    count: int = 12,
    note: Any = None,
) -> Figure:
    """The mistakes with the highest probability, each with the model's answer and the true class.

    Args:
      images: (n, height, width), (n, height, width, 1) or (n, height, width, 3), integers in
        0…255 or floats in 0…1.
      labels: (n,) integers, the true classes.
      probabilities: (n, classes), the model's answers after the softmax.
      class_names: name of each class; None uses the numbers.
      count: the largest number of pictures to draw.
      note: text or a data set to name below the figure, see `new_figure`.

    Returns:
      A Figure with one axes per picture, the highest probability first: above it the answer and its
      probability, below it the true class.

    Raises:
      ValueError: if the sizes do not agree, or there is no mistake to draw.
    """
    _warn_of_range(images)
    images = _images(images)
    if len(images) != len(np.asarray(labels)):
        raise ValueError(
            f"worst_mistakes got {len(images)} pictures but {len(np.asarray(labels))} "
            f"labels; each picture needs its label."
        )
    probabilities = np.asarray(probabilities)
    worst = evaluation.worst_mistakes(probabilities, labels, min(count, _MOST_IMAGES))
    if not len(worst):
        raise ValueError("worst_mistakes has nothing to draw: every answer is right.")
    answers = probabilities[worst].argmax(axis=1)
    sure = probabilities[worst].max(axis=1)
    columns = min(len(worst), 4) if len(worst) <= 12 else None
    return _grid(
        images[worst], np.asarray(labels)[worst], class_names, answers, sure, columns, note
    )


@_styled
def picture_row(
    pictures: Mapping[str, Any], *, columns: int | None = None, note: Any = None
) -> Figure:
    """Grey pictures side by side, with titles, for example before and after a change.

    Args:
      pictures: title to picture, (height, width), uint8 in 0…255 or float of any range, which is
        stretched from black (least) to white (largest). Spaces at the end of a title are invisible.
      columns: pictures in a row; None puts all in one row.
      note: text or a data set to name below the figure, see `new_figure`.

    Returns:
      A Figure with one axes per picture, row by row, each with its size in pixels below.

    Raises:
      ValueError: if there are no pictures, or one does not have two axes.
    """
    if not pictures or any(np.ndim(picture) != 2 for picture in pictures.values()):
        raise ValueError(
            f"picture_row got pictures of shape "
            f"{[np.shape(picture) for picture in pictures.values()]}; it draws one or more grey "
            f"pictures of shape (height, width)."
        )
    columns = columns or len(pictures)
    rows = math.ceil(len(pictures) / columns)
    figure = new_figure(2.5 * columns, 2.9 * rows, note)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes[len(pictures) :]:
        axis.set_axis_off()
    for axis, (title, picture) in zip(axes, pictures.items(), strict=False):
        picture = np.asarray(picture)
        limits = {"vmin": 0, "vmax": 255} if picture.dtype == np.uint8 else {}
        axis.imshow(picture, cmap="gray", interpolation="nearest", **limits)
        axis.set_title(title, fontsize=TEXT)
        axis.set_xticks([])
        axis.set_yticks([])
        axis.set_xlabel(f"{picture.shape[0]} × {picture.shape[1]}", fontsize=SMALL, color="#666666")
    return figure


@_styled
def filter_grid(kernels: Any, *, channel: int = 0, note: Any = None) -> Figure:
    """All kernels of one convolution: orange is negative, blue is positive, white is zero.

    Args:
      kernels: (height, width, in channels, out channels), as in Flax.
      channel: the input channel to draw.
      note: text or a data set to name below the figure, see `new_figure`.

    Returns:
      A Figure with one axes per kernel, in order, all on one scale that is symmetric about zero.

    Raises:
      ValueError: if kernels does not have four axes, or there is no such channel.
    """
    from matplotlib.colors import LinearSegmentedColormap

    kernels = np.asarray(kernels, np.float32)
    if kernels.ndim != 4:
        raise ValueError(
            f"filter_grid got an array of shape {kernels.shape}; a convolution's kernels "
            f"have four axes: (height, width, in channels, out channels)."
        )
    if not 0 <= channel < kernels.shape[2]:
        raise ValueError(
            f"filter_grid cannot draw channel {channel}; these kernels have the input channels "
            f"0 to {kernels.shape[2] - 1}."
        )
    colours = LinearSegmentedColormap.from_list("against-for", [ORANGE, "white", BLUE])
    largest = float(np.abs(kernels[:, :, channel]).max()) or 1.0
    count = kernels.shape[3]
    figure, axes = _cells(count, 0.7, note)
    for i in range(count):
        axes[i].imshow(kernels[:, :, channel, i], cmap=colours, vmin=-largest, vmax=largest)
        axes[i].set_xticks([])
        axes[i].set_yticks([])
        axes[i].spines[:].set_color("#BBBBBB")
    return figure


@_styled
def activation_grid(activation: Any, *, title: str = "", note: Any = None) -> Figure:
    """The output of every filter of a layer for one picture: bright where its value is large.

    Each channel is centred, divided by its standard deviation, multiplied by 64, moved by 128 and
    clipped to 0…255, so that faint channels are visible too.

    Args:
      activation: (height, width, channels), or (1, height, width, channels).
      title: the text above the grid.
      note: text or a data set to name below the figure, see `new_figure`.

    Returns:
      A Figure with one axes per channel, in order.

    Raises:
      ValueError: if activation does not have these axes.
    """
    activation = np.asarray(activation, np.float32)
    if activation.ndim == 4 and len(activation) == 1:
        activation = activation[0]
    if activation.ndim != 3:
        raise ValueError(
            f"activation_grid got an array of shape {activation.shape}; it draws one picture's "
            f"activation, (height, width, channels): choose one, for example activation[0]."
        )
    pictures = _standardised(activation)
    count = pictures.shape[2]
    figure, axes = _cells(count, 0.9, note)
    if title:
        figure.suptitle(title, fontsize=TITLE)
    for i in range(count):
        axes[i].imshow(pictures[:, :, i], cmap="viridis", vmin=0, vmax=255)
        axes[i].set_axis_off()
    return figure


@_styled
def activation_rows(
    activations: Mapping[str, Any], image: Any = None, *, channels: int = 8, note: Any = None
) -> Figure:
    """The output of every layer for one picture, one row per layer, from the first to the last.

    The feature maps that vary most are drawn as in `activation_grid`, in their order; other
    outputs, such as those of dense layers, as a strip from dark (least) to yellow (largest).

    Args:
      activations: layer name to array for one picture, (1, …), from `lib.activations`.
      image: the picture for the first row, (height, width), or with 1 or 3 channels; or None.
      channels: the largest number of feature maps in a row; 1 or more.
      note: text or a data set to name below the figure, see `new_figure`.

    Returns:
      A Figure; the title of a row's first axes is the layer and the shape of its output.

    Raises:
      ValueError: if there are no activations, or they are not for one picture.
    """
    rows = {
        name: array[0]
        for name, array in _named_arrays(activations).items()
        if array.ndim > 1 and len(array) == 1
    }
    if not rows:
        shapes = {name: array.shape for name, array in _named_arrays(activations).items()}
        raise ValueError(
            f"activation_rows draws layers for one picture, (1, …), but got {shapes}: "
            "use lib.activations(model, params, images[:1])."
        )
    drawn_as_maps = [array.ndim == 3 and array[..., 0].size > 1 for array in rows.values()]
    # Placed without a layout engine, which takes minutes for hundreds of axes.
    cell, gap, title_height, margin = 0.85, 0.06, 0.28, 0.12
    heights = [cell if maps else 0.3 for maps in drawn_as_maps]
    bottom = 0.4 if _note_text(note) else margin
    width = channels * (cell + gap) - gap + 2 * margin
    above = 0.0 if image is None else cell
    height = bottom + margin + above + sum(heights) + title_height * len(rows)
    figure = new_figure(width, height, note)
    figure.set_layout_engine("none")

    def add(left: float, top: float, wide: float, high: float) -> Axes:
        place = left / width, 1 - (top + high) / height, wide / width, high / height
        return figure.add_axes(place)

    top = margin
    if image is not None:
        _warn_of_range(image)
        _show(add(margin, top, cell, cell), _images(np.asarray(image)[None])[0], note)
        top += above
    for (name, array), maps, high in zip(rows.items(), drawn_as_maps, heights, strict=True):
        top += title_height
        if maps:
            most = np.sort(np.argsort(-array.std((0, 1)), kind="stable")[:channels])
            pictures = _standardised(array[..., most])
            axes = [
                add(margin + k * (cell + gap), top, cell, high) for k in range(pictures.shape[2])
            ]
            for k, axis in enumerate(axes):
                axis.imshow(pictures[..., k], cmap="viridis", vmin=0, vmax=255)
                axis.set_axis_off()
        else:
            axes = [add(margin, top, width - 2 * margin, high)]
            strip = array.reshape(-1, array.shape[-1]).astype(np.float32)
            axes[0].imshow(strip, cmap="viridis", aspect="auto", interpolation="nearest")
            axes[0].set_axis_off()
        shape = f", {' × '.join(map(str, array.shape))}"
        title = _fitted(name, width - 2 * margin, SMALL, after=shape, lines=1)
        # matplotlib narrows the axes of a narrow map; this keeps the title at the left of the row.
        axes[0].set_anchor("W")
        axes[0].set_title(title, fontsize=SMALL, loc="left", color=DARK, pad=3, parse_math=False)
        top += high
    return figure


def _named_arrays(activations: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """One array per name, even for layers with several outputs."""
    found = {}
    for name, output in activations.items():
        several = isinstance(output, tuple | list | dict)
        parts = output.items() if isinstance(output, dict) else enumerate(output) if several else ()
        for part, each in parts:
            found |= _named_arrays({f"{name}/{part}": each})
        if not several:
            found[name] = np.asarray(output)
    return found


def _standardised(maps: np.ndarray) -> np.ndarray:
    """Each channel centred, divided by its standard deviation, times 64, plus 128, as uint8."""
    centred = maps - maps.mean((0, 1))
    std = maps.std((0, 1))
    return np.clip(centred / np.where(std > 0, std, 1) * 64 + 128, 0, 255).astype(np.uint8)


def _cells(count: int, edge: float, note: Any) -> tuple[Figure, Any]:
    columns = min(count, 16 if count > 64 else 8)
    rows = math.ceil(count / columns)
    figure = new_figure(
        max(edge * columns, 3.0), edge * rows + (0.35 if _note_text(note) else 0.1), note
    )
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes[count:]:
        axis.set_axis_off()
    return figure, axes


def _images(images: Any) -> np.ndarray:
    images = np.asarray(images)
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if not (images.ndim == 3 or (images.ndim == 4 and images.shape[3] == 3)):
        raise ValueError(
            f"The pictures have shape {images.shape}, but it must be (n, height, width), "
            f"(n, height, width, 1) or (n, height, width, 3)."
        )
    if images.dtype.kind in "iu" and images.dtype != np.uint8 and images.max(initial=0) > 1:
        images = np.clip(images, 0, 255).astype(np.uint8)
    return images


def _warn_of_range(images: Any) -> None:
    """Warns of pictures with values beyond the range that is drawn."""
    images = np.asarray(images)
    if images.dtype.kind not in "fiu" or images.dtype == np.uint8 or not images.size:
        return
    low, high = float(images.min()), float(images.max())
    top = 1 if images.dtype.kind == "f" else 255
    if low < -_BEYOND or high > top + _BEYOND:
        warnings.warn(
            f"The pictures have values from {low:.5g} to {high:.5g}, but {images.dtype} pictures "
            f"are drawn from 0 to {top}: values beyond are clipped to these. Scale them to 0…1 "
            "(divide floats in 0…255 by 255), or draw the pictures from before you standardised "
            "them.",
            stacklevel=3,
        )


def _show(axis: Axes, image: np.ndarray, note: Any) -> None:
    top = 255 if image.dtype == np.uint8 else 1
    if image.ndim == 3 and image.dtype.kind == "f":
        image = np.clip(image, 0, 1)
    colours = "gray_r" if getattr(note, "name", None) in _BRIGHT_ON_BLACK else "gray"
    axis.imshow(image, cmap=colours if image.ndim == 2 else None, vmin=0, vmax=top)
    axis.set_xticks([])
    axis.set_yticks([])
    axis.spines[:].set_color("#BBBBBB")


def _name(label: int, class_names: Sequence[str] | None) -> str:
    return str(label) if class_names is None else class_names[label]


@functools.lru_cache(maxsize=1024)
def _width_of(character: str) -> float:
    """The width of a character of size 1, in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    size = FontProperties(size=100)
    # Measured between two others: a space alone has no width.
    wide, narrow = (
        text_to_path.get_text_width_height_descent(text, size, False)[0]
        for text in (f"|{character}|", "||")
    )
    return (wide - narrow) / 7200


def _width(text: str, size: float) -> float:
    """The width of a line, in inches."""
    return sum(map(_width_of, text)) * size


def _fitted(
    name: str, width: float, size: float, before: str = "", after: str = "", lines: int = 2
) -> str:
    """A name with the texts before and after it, in lines of at most `width` inches.

    Lines break at spaces and after hyphens and underscores if possible. An ellipsis in the middle
    of the name replaces what does not fit.
    """
    name = " ".join(str(name).split())
    whole = f"{before}{name}{after}"
    if _width(whole, size) <= width:
        return whole
    for kept in range(min(len(name), 80), 0, -1) if lines > 1 else ():
        shown = name if kept == len(name) else _middle_left_out(name, kept)
        whole = f"{before}{shown}{after}"
        breaks = [i for i in range(len(before) + 1, len(whole)) if whole[i - 1] in " -_…"]
        for place in sorted(breaks, key=lambda i: abs(i - len(whole) / 2)):
            two = whole[:place].rstrip(), whole[place:].lstrip()
            if max(_width(each, size) for each in two) <= width:
                return "\n".join(two)
    for kept in range(min(len(name) - 1, 80), 0, -1):
        whole = f"{before}{_middle_left_out(name, kept)}{after}"
        if _width(whole, size) <= width:
            return whole
    return f"{before}…{after}"


def _middle_left_out(name: str, kept: int) -> str:
    return f"{name[: (kept + 1) // 2]}…{name[len(name) - kept // 2 :]}"


def _series(history: Any, name: str) -> list[float]:
    try:
        return [float(value) for value in history[name]]
    except KeyError:
        return []


def _note_text(note: Any) -> str:
    if note is None or isinstance(note, str):
        return note or ""
    if note.is_real:
        return ""
    return f"drawn stand-in for {SETS[note.name].title}, not the real pictures"
