"""A trained model and a person's own pictures: each figure from one call."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lib import evaluation, plots
from lib.nn.summary import activations
from lib.train.batches import is_stream
from lib.train.inference import predict

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Examination:
    """What a classifier makes of some pictures; `lib.examine` makes it.

    Attributes:
      images: the pictures, (n, height, width, channels).
      labels: (n,) integers, the true classes, or None.
      class_names: the name of each class.
      probabilities: (n, classes), float64 in 0…1, the model's answers.
      predicted: (n,) integers, the class with the highest probability.
    """

    def __init__(
        self, state: Any, images: Any, labels: Any, class_names: Sequence[Any] | None, note: Any
    ):
        self._state, self._note = state, note
        self.images = np.asarray(images)
        outputs = predict(state, images)
        if not isinstance(outputs, np.ndarray):
            raise ValueError(
                f"The model returns {type(outputs).__name__}, and lib.examine looks at one array "
                "of logits (n, classes): return that one alone. lib.predict gives all of them."
            )
        if _are_probabilities(outputs):
            warnings.warn(
                "What the model returns are probabilities already, as it ends with a softmax; they "
                "are taken as they are. A model that is trained here returns logits.",
                stacklevel=3,
            )
            self.probabilities = np.asarray(outputs, np.float64)
        else:
            self.probabilities = evaluation.probabilities(outputs)
        self.predicted = self.probabilities.argmax(axis=1)
        classes = self.probabilities.shape[1]
        names = range(classes) if class_names is None else class_names
        self.class_names = evaluation.names_of_classes(names)
        if len(self.class_names) != classes:
            raise ValueError(
                f"There are {len(self.class_names)} class names, and the model tells {classes} "
                "classes apart: each needs one name."
            )
        self.labels = None
        if labels is not None:
            self.labels = _as_classes(np.asarray(labels), classes)
            self.report  # noqa: B018  labels that cannot be right are named now

    @functools.cached_property
    def report(self) -> evaluation.ClassReport:
        """Confusion matrix, precision, recall and F1 of each class; printing it gives a table."""
        return evaluation.class_report(self._known("report"), self.predicted, self.class_names)

    def image_grid(self, count: int = 24) -> Figure:
        """Some pictures, drawn by lot, each with the model's answer and whether it is right.

        Args:
          count: how many, at most; 1 to 100. They are the same ones each time.
        """
        some = np.random.default_rng(0).permutation(len(self.images))[:count]
        labels = None if self.labels is None else self.labels[some]
        return plots.image_grid(
            self.images[some], labels, self.class_names, self.predicted[some], note=self._note
        )

    def confusion_matrix(self) -> Figure:
        """Which class is taken for which."""
        return plots.confusion_matrix(self.report.confusion, self.class_names, note=self._note)

    def worst_mistakes(self, count: int = 12) -> Figure:
        """The pictures that the model got wrong most surely; a line of text if there are none.

        Args:
          count: how many, at most.
        """
        if (self._known("worst_mistakes") == self.predicted).all():
            figure = plots.new_figure(4, 1, self._note)
            figure.text(0.5, 0.5, "Every answer is right.", ha="center", va="center")
            return figure
        return plots.worst_mistakes(
            self.images,
            self._known("worst_mistakes"),
            self.probabilities,
            self.class_names,
            count=count,
            note=self._note,
        )

    def activations(self, index: int = 0, channels: int = 8) -> Figure:
        """What every layer puts out for one picture.

        Args:
          index: of the picture.
          channels: how many of a layer's channels to draw, at most; 1 or more.

        Raises:
          ValueError: if there is no such picture, or nothing would be drawn.
        """
        count = len(self.images)
        if not -count <= index < count:
            raise ValueError(
                f"There is no picture {index}: the {count} pictures are 0 to {count - 1}."
            )
        if channels < 1:
            raise ValueError(f"channels is 1 or more; got {channels}.")
        image, state = self.images[index], self._state
        seen = activations(state.model, state.params, image[None], state.constants)
        return plots.activation_rows(seen, image, channels=channels, note=self._note)

    def _known(self, what: str) -> np.ndarray:
        if self.labels is None:
            raise ValueError(f"{what} compares answers with labels: give lib.examine the labels.")
        return self.labels


def _as_classes(labels: np.ndarray, classes: int) -> np.ndarray:
    """Labels of any form that `lib.fit` takes, as the numbers of classes, (n,)."""
    if labels.dtype.kind in "OSUT":
        some = next(iter(np.ravel(labels)), "")
        raise ValueError(
            f"The labels are no numbers, but such as {str(some)!r:.40}; they should be the numbers "
            "of classes, in the order of class_names: [class_names.index(each) for each in labels]."
        )
    if labels.ndim == 2 and labels.shape[1] == classes:
        labels = labels.argmax(axis=1)
    elif labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or not (labels == labels.round()).all():
        raise ValueError(
            f"The labels are of shape {labels.shape} and {labels.dtype}; they should be the "
            f"numbers of classes, (n,) integers, or one-hot, (n, {classes})."
        )
    return labels.astype(np.int64)


def _are_probabilities(outputs: np.ndarray) -> bool:
    if np.ndim(outputs) != 2 or np.shape(outputs)[1] < 2:
        return False
    return bool((outputs >= 0).all() and np.allclose(outputs.sum(axis=1), 1, atol=1e-3))


def examine(
    state: Any,
    images: Any,
    labels: Any = None,
    class_names: Sequence[Any] | None = None,
    *,
    note: Any = None,
) -> Examination:
    """Has a classifier answer for pictures once, to be looked at from all sides.

        seen = lib.examine(state, *pets.test, pets.class_names)
        print(seen.report)
        lib.plots.show(seen.worst_mistakes(), "mistakes.png")

    Args:
      state: a training state, or a model of `lib.load_model`, whose class names are used.
      images: (n, height, width), or with 1 or 3 channels; uint8, or float in 0…1.
      labels: (n,) or (n, 1) integers, or one-hot (n, classes), the true classes; None if they are
        not known.
      class_names: the name of each class; None writes the numbers.
      note: a text or data set named below the figures, see `lib.plots.new_figure`.

    Returns:
      An `Examination`.

    Raises:
      ValueError: if lengths differ, a label is no class, the names are not as many as classes, or
        two are the same.
      TypeError: if the state is none, or class_names no list of names.
    """
    if is_stream(images):
        raise ValueError(
            "lib.examine takes pictures in memory. Of a stream, take some: "
            "images, labels = next(iter(stream.epoch(0)))."
        )
    names = class_names if class_names is not None else getattr(state, "class_names", None)
    return Examination(state, images, labels, names, note)
