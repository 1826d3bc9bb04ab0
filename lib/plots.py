"""The course's pictures: image grids, predictions, training curves, filters and activations.

Every function returns a matplotlib `Figure` that belongs to nobody else: nothing is kept in
pyplot, so a loop that draws a thousand figures keeps none of them. Save one with
`figure.savefig("name.png")`; in a notebook the last line of a cell shows it.

Colours are those of Okabe and Ito, which people with any kind of colour vision tell apart;
right and wrong carry a mark as well, so that a grey print says the same.
"""

from __future__ import annotations

import io
import math
import os
import pathlib
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lib import evaluation
from lib.data.dataset import SETS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE = "#0072B2"  # right, or the training curve
ORANGE = "#D55E00"  # wrong, or the validation curve
GREY = "#8C8C8C"
DARK = "#333333"
RIGHT_MARK, WRONG_MARK = "✓", "✗"

_MOST_IMAGES = 100  # beyond that a picture in the grid is smaller than a finger nail


def new_figure(width: float = 6.0, height: float = 4.0, note: Any = None) -> Figure:
    """An empty figure that shows itself in a notebook and is not kept by pyplot.

    Args:
      width: width in inches, positive.
      height: height in inches, positive.
      note: what stands in small letters below the figure: a text, or a data set of `lib.load`,
        which is named there if it is a stand-in. None or real data: nothing.

    Returns:
      A matplotlib Figure without axes; `figure.subplots()` makes them.
    """
    from matplotlib.figure import Figure

    class NotebookFigure(Figure):
        """A Figure that notebooks show without pyplot."""

        def _repr_png_(self) -> bytes:
            picture = io.BytesIO()
            self.savefig(picture, format="png", dpi=100)
            return picture.getvalue()

    figure = NotebookFigure(figsize=(width, height), layout="constrained", facecolor="white")
    figure.get_layout_engine().set(w_pad=0.06, h_pad=0.06)  # pyright: ignore
    text = _note_text(note)
    if text:
        figure.supxlabel(text, fontsize=8, color="#666666")
    return figure


def show(figure: Figure, path: str | os.PathLike) -> None:
    """Shows a figure where there is a notebook, and saves it as a file where there is none.

    Args:
      figure: any matplotlib Figure.
      path: where to save it, for example "figures/line.png"; missing folders are made.
    """
    if "IPython" in sys.modules:
        from IPython import get_ipython  # pyright: ignore
        from IPython.display import Image, display  # pyright: ignore

        if get_ipython() is not None:
            picture = io.BytesIO()
            figure.savefig(picture, format="png", dpi=100)
            display(Image(picture.getvalue()))
            return
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
    print(f"figure saved: {path}")


def image_grid(
    images: Any,
    labels: Any = None,
    class_names: Sequence[str] | None = None,
    predicted: Any = None,
    *,
    columns: int | None = None,
    note: Any = None,
) -> Figure:
    """Pictures side by side, each with its label, and with what a model made of it.

    Args:
      images: (n, height, width), (n, height, width, 1) or (n, height, width, 3), uint8 in 0…255 or
        float in 0…1, 1 ≤ n ≤ 100.
      labels: (n,) integers, the true classes, or None.
      class_names: name of each class; None writes the numbers.
      predicted: (n,) integers, the model's answers, or None. Right ones get a blue ✓, wrong ones an
        orange ✗ and the true name below.
      columns: pictures in a row; None makes a grid that is a little wider than high.
      note: a text or data set named below the figure, see `new_figure`.

    Returns:
      A Figure with one axes per picture, row by row.

    Raises:
      ValueError: if the sizes do not agree or there are no pictures or too many.
    """
    images = _images(images)
    count = len(images)
    if not 1 <= count <= _MOST_IMAGES:
        raise ValueError(
            f"image_grid draws 1 to {_MOST_IMAGES} pictures and was given {count}; "
            f"pass a part of them, for example images[:25]."
        )
    for name, values in (("labels", labels), ("predicted", predicted)):
        if values is not None and np.shape(values) != (count,):
            raise ValueError(
                f"image_grid was given {count} pictures and {name} of shape {np.shape(values)}; "
                f"{name} must have shape ({count},), one integer per picture."
            )
    if columns is None:
        columns = min(count, max(1, math.ceil(math.sqrt(1.6 * count))))
    rows = math.ceil(count / columns)
    titled = labels is not None or predicted is not None
    height = 1.0 + (0.22 if titled else 0) + (0.16 if predicted is not None else 0)
    figure = new_figure(1.25 * columns, 1.15 * height * rows, note)
    axes = figure.subplots(rows, columns, squeeze=False)
    for axis in axes.flat[count:]:
        axis.set_axis_off()
    for i in range(count):
        axis = axes.flat[i]
        _show(axis, images[i])
        label = None if labels is None else int(labels[i])
        if predicted is not None:
            answer = int(predicted[i])
            if label is None:
                axis.set_title(_name(answer, class_names), fontsize=9, color=DARK)
            elif answer == label:
                axis.set_title(f"{RIGHT_MARK} {_name(answer, class_names)}", fontsize=9, color=BLUE)
            else:
                axis.set_title(
                    f"{WRONG_MARK} {_name(answer, class_names)}", fontsize=9, color=ORANGE
                )
                axis.set_xlabel(f"is {_name(label, class_names)}", fontsize=8, color=DARK)
        elif label is not None:
            axis.set_title(_name(label, class_names), fontsize=9, color=DARK)
    return figure


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
      probabilities: (classes,) floats in 0…1 that sum to 1, so not logits: take the softmax first.
      class_names: the classes' names, as many as probabilities.
      label: the true class, or None if unknown.
      note: a text or data set named below the figure, see `new_figure`.

    Returns:
      A Figure with two axes: the picture, and the bars.

    Raises:
      ValueError: if they are not probabilities, or not as many as there are names.
    """
    probabilities = np.asarray(probabilities, np.float64)
    if probabilities.shape != (len(class_names),):
        raise ValueError(
            f"prediction was given probabilities of shape {probabilities.shape} and "
            f"{len(class_names)} class names; it needs one probability per class of one picture."
        )
    total = float(probabilities.sum())
    if probabilities.min() < -1e-6 or not math.isclose(total, 1.0, abs_tol=1e-2):
        raise ValueError(
            f"prediction was given numbers that sum to {total:.3g}; probabilities lie in 0…1 and "
            f"sum to 1. If these are logits, pass jax.nn.softmax(logits)."
        )
    answer = int(probabilities.argmax())
    right = label is None or answer == int(label)
    colour = BLUE if right else ORANGE
    figure = new_figure(7.0, 0.5 + 0.3 * max(8, len(class_names)), note)
    left, bars = figure.subplots(1, 2, width_ratios=(1, 1.25))
    _show(left, _images(np.asarray(image)[None])[0])
    mark = "" if label is None else (f"{RIGHT_MARK} " if right else f"{WRONG_MARK} ")
    left.set_title(
        f"{mark}{class_names[answer]}, {probabilities[answer]:.0%}", fontsize=12, color=colour
    )
    if not right:
        left.set_xlabel(f"is {class_names[int(label)]}", fontsize=10, color=DARK)  # pyright: ignore
    colours = [GREY] * len(class_names)
    colours[answer] = colour
    if not right:
        colours[int(label)] = DARK  # pyright: ignore
    places = np.arange(len(class_names))
    bars.barh(places, probabilities, color=colours)
    bars.set_yticks(places, class_names, fontsize=9)
    bars.invert_yaxis()
    bars.set_xlim(0, 1)
    bars.set_xlabel("probability")
    _quiet(bars)
    return figure


def history_curves(
    history: Any, metrics: Sequence[str] = ("loss", "accuracy"), *, note: Any = None
) -> Figure:
    """How the loss and the metrics moved, epoch by epoch, with the validation set's beside them.

    Args:
      history: what `lib.fit` returned, or a dict from a metric's name to a list of numbers, one per
        epoch. Names that begin with `val_` are the validation set's.
      metrics: the metrics to draw, one axes each; those the history does not hold are left out.
      note: a text or data set named below the figure, see `new_figure`.

    Returns:
      A Figure with one axes per metric; lines are labelled "training" and "validation".

    Raises:
      ValueError: if the history holds none of the metrics.
    """
    series = {}
    for name in metrics:
        for key in (name, f"val_{name}"):
            values = _series(history, key)
            if values:
                series[key] = values
    drawn = [name for name in metrics if name in series]
    if not drawn:
        raise ValueError(
            f"history_curves found none of {', '.join(metrics)} in the history; "
            f"train for at least one epoch, or name the metrics that it holds."
        )
    figure = new_figure(4.5 * len(drawn), 3.4, note)
    axes = figure.subplots(1, len(drawn), squeeze=False)[0]
    for axis, name in zip(axes, drawn, strict=True):
        for key, label, colour, style in (
            (name, "training", BLUE, "o-"),
            (f"val_{name}", "validation", ORANGE, "s--"),
        ):
            if key in series:
                epochs = np.arange(1, len(series[key]) + 1)
                few = style if len(epochs) <= 30 else style.strip("os")
                axis.plot(epochs, series[key], few, color=colour, label=label, markersize=5)
        axis.set_title(name, fontsize=12)
        axis.set_xlabel("epoch")
        axis.set_ylabel(name)
        if len(series[name]) <= 12:
            axis.set_xticks(np.arange(1, len(series[name]) + 1))
        axis.legend(frameon=False)
        _quiet(axis)
        axis.grid(alpha=0.3)
    return figure


def confusion_matrix(
    confusion: Any, class_names: Sequence[str] | None = None, *, note: Any = None
) -> Figure:
    """Which class is taken for which: a row per true class, a column per answer.

    Right answers, on the diagonal, are blue; mistakes are orange; the darker, the larger their
    share of the row. Up to 12 classes the counts are written into the cells.

    Args:
      confusion: (classes, classes), counts, rows true, columns predicted; see
        `lib.confusion_matrix`.
      class_names: name of each class; None writes the numbers.
      note: a text or data set named below the figure, see `new_figure`.

    Returns:
      A Figure with one axes, which holds the shares of the rows as an image, and the counts as
      texts.

    Raises:
      ValueError: if the matrix is not square, or has not as many rows as there are names.
    """
    from matplotlib.colors import LinearSegmentedColormap

    confusion = np.asarray(confusion)
    count = len(confusion)
    if confusion.shape != (count, count) or count == 0:
        raise ValueError(
            f"confusion_matrix was given an array of shape {confusion.shape}; "
            f"it draws (classes, classes)."
        )
    if class_names is not None and len(class_names) != count:
        raise ValueError(
            f"confusion_matrix was given {count} classes and {len(class_names)} names; "
            f"each class needs one name."
        )
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    colours = LinearSegmentedColormap.from_list("wrong-right", [ORANGE, "white", BLUE])
    edge = 2.0 + max(2.5, 0.28 * count, 0.75 * count if count <= 12 else 0)
    figure = new_figure(edge + 0.6, edge, note)
    axis = figure.subplots()
    axis.imshow(np.where(np.eye(count) > 0, shares, -shares), cmap=colours, vmin=-1, vmax=1)
    names = [_name(k, class_names) for k in range(count)]
    axis.set_xticks(np.arange(count), names, fontsize=9, rotation=45 if count > 4 else 0)
    axis.set_yticks(np.arange(count), names, fontsize=9)
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


def worst_mistakes(
    images: Any,
    labels: Any,
    probabilities: Any,
    class_names: Sequence[str] | None = None,
    *,
    count: int = 12,
    note: Any = None,
) -> Figure:
    """The pictures that a model got wrong most surely, with its answer and the true class.

    Args:
      images: (n, height, width), (n, height, width, 1) or (n, height, width, 3), uint8 in 0…255 or
        float in 0…1.
      labels: (n,) integers, the true classes.
      probabilities: (n, classes), the model's answers after the softmax.
      class_names: name of each class; None writes the numbers.
      count: how many pictures to draw, at most.
      note: a text or data set named below the figure, see `new_figure`.

    Returns:
      A Figure with one axes per picture, the surest mistake first: above it the answer and its
      probability, below it the true class.

    Raises:
      ValueError: if the sizes do not agree, or there is no mistake to draw.
    """
    images = _images(images)
    if len(images) != len(np.asarray(labels)):
        raise ValueError(
            f"worst_mistakes was given {len(images)} pictures and {len(np.asarray(labels))} "
            f"labels; each picture needs its label."
        )
    probabilities = np.asarray(probabilities)
    worst = evaluation.worst_mistakes(probabilities, labels, min(count, _MOST_IMAGES))
    if not len(worst):
        raise ValueError("worst_mistakes found nothing to draw: every answer is right.")
    answers = probabilities[worst].argmax(axis=1)
    figure = image_grid(images[worst], np.asarray(labels)[worst], class_names, answers, note=note)
    for axis, index in zip(figure.axes, worst, strict=False):
        axis.set_title(
            f"{axis.get_title()} {probabilities[index].max():.0%}", fontsize=9, color=ORANGE
        )
    return figure


def picture_row(
    pictures: Mapping[str, Any], *, columns: int | None = None, note: Any = None
) -> Figure:
    """Named grey pictures side by side, for before and after.

    Args:
      pictures: title to picture, (height, width), uint8 in 0…255 or float of any range, which is
        stretched from black (least) to white (largest). Spaces at the end of a title do not show.
      columns: pictures in a row; None puts all in one row.
      note: a text or data set named below the figure, see `new_figure`.

    Returns:
      A Figure with one axes per picture, row by row; below each stands its size in pixels.

    Raises:
      ValueError: if there are no pictures, or one has not two axes.
    """
    if not pictures or any(np.ndim(picture) != 2 for picture in pictures.values()):
        raise ValueError(
            f"picture_row was given pictures of shape "
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
        axis.set_title(title, fontsize=11)
        axis.set_xticks([])
        axis.set_yticks([])
        axis.set_xlabel(f"{picture.shape[0]} × {picture.shape[1]}", fontsize=9, color="#666666")
    return figure


def filter_grid(kernels: Any, *, channel: int = 0, note: Any = None) -> Figure:
    """All kernels of one convolution: orange counts against, blue counts for, white does not count.

    Args:
      kernels: (height, width, in channels, out channels), as Flax keeps them.
      channel: which input channel's slice to draw.
      note: a text or data set named below the figure, see `new_figure`.

    Returns:
      A Figure with one axes per kernel, in order, all on one scale that is symmetric about zero.

    Raises:
      ValueError: if kernels has not four axes or there is no such channel.
    """
    from matplotlib.colors import LinearSegmentedColormap

    kernels = np.asarray(kernels, np.float32)
    if kernels.ndim != 4:
        raise ValueError(
            f"filter_grid was given an array of shape {kernels.shape}; a convolution's kernels "
            f"have four axes: (height, width, in channels, out channels)."
        )
    if not 0 <= channel < kernels.shape[2]:
        raise ValueError(
            f"filter_grid was asked for channel {channel}; these kernels have the input channels "
            f"0 to {kernels.shape[2] - 1}."
        )
    colours = LinearSegmentedColormap.from_list("against-for", [ORANGE, "white", BLUE])
    largest = float(np.abs(kernels[:, :, channel]).max()) or 1.0
    count = kernels.shape[3]
    figure, axes = _cells(count, 0.62, note)
    for i in range(count):
        axes[i].imshow(kernels[:, :, channel, i], cmap=colours, vmin=-largest, vmax=largest)
        axes[i].set_xticks([])
        axes[i].set_yticks([])
        axes[i].spines[:].set_color("#BBBBBB")
    return figure


def activation_grid(activation: Any, *, title: str = "", note: Any = None) -> Figure:
    """What every filter of a layer answers to one picture: bright where it found something.

    Each channel is centred, divided by its standard deviation, times 64 plus 128, and cut to
    0…255, so that faint channels can be seen too.

    Args:
      activation: (height, width, channels), or (1, height, width, channels).
      title: what stands above the grid.
      note: a text or data set named below the figure, see `new_figure`.

    Returns:
      A Figure with one axes per channel, in order.

    Raises:
      ValueError: if activation has not these axes.
    """
    activation = np.asarray(activation, np.float32)
    if activation.ndim == 4 and len(activation) == 1:
        activation = activation[0]
    if activation.ndim != 3:
        raise ValueError(
            f"activation_grid was given an array of shape {activation.shape}; it draws one "
            f"picture's activation, (height, width, channels): pick one, for example activation[0]."
        )
    centred = activation - activation.mean((0, 1))
    std = activation.std((0, 1))
    scaled = centred / np.where(std > 0, std, 1) * 64 + 128
    pictures = np.clip(scaled, 0, 255).astype(np.uint8)
    count = pictures.shape[2]
    figure, axes = _cells(count, 0.8, note)
    if title:
        figure.suptitle(title, fontsize=12)
    for i in range(count):
        axes[i].imshow(pictures[:, :, i], cmap="viridis", vmin=0, vmax=255)
        axes[i].set_axis_off()
    return figure


def _cells(count: int, edge: float, note: Any) -> tuple[Figure, Any]:
    columns = min(count, 16 if count > 32 else 8)
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
            f"This picture function was given an array of shape {images.shape}; pictures have "
            f"shape (n, height, width), (n, height, width, 1) or (n, height, width, 3)."
        )
    return images


def _show(axis: Axes, image: np.ndarray) -> None:
    top = 255 if image.dtype == np.uint8 else 1
    axis.imshow(image, cmap="gray_r" if image.ndim == 2 else None, vmin=0, vmax=top)
    axis.set_xticks([])
    axis.set_yticks([])
    axis.spines[:].set_color("#BBBBBB")


def _quiet(axis: Axes) -> None:
    axis.spines[["top", "right"]].set_visible(False)


def _name(label: int, class_names: Sequence[str] | None) -> str:
    return str(label) if class_names is None else class_names[label]


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
