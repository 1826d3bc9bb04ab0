"""Examining a trained model on your pictures: each figure takes one call."""

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
    """A classifier's answers for some pictures; create it with `lib.examine`.

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
                f"The model returns {type(outputs).__name__}, but lib.examine needs one array "
                "of logits (n, classes): return only that. lib.predict returns all outputs."
            )
        if _are_probabilities(outputs):
            warnings.warn(
                "The model already returns probabilities, so it seems to end with a softmax; they "
                "are used unchanged. A model trained with this library must return logits.",
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
                f"There are {len(self.class_names)} class names, but the model has {classes} "
                "classes: each needs one name."
            )
        self.labels = None
        if labels is not None:
            self.labels = _as_classes(np.asarray(labels), classes)
            self.report  # noqa: B018  reports invalid labels now

    @functools.cached_property
    def report(self) -> evaluation.ClassReport:
        """Confusion matrix, precision, recall and F1 of each class; `print` shows it as a table."""
        return evaluation.class_report(self._known("report"), self.predicted, self.class_names)

    def image_grid(self, count: int = 24) -> Figure:
        """A random sample of pictures, each with the model's answer and whether it is right.

        Args:
          count: the largest number of pictures, 1 to 100. The sample is the same each time.
        """
        some = np.random.default_rng(0).permutation(len(self.images))[:count]
        labels = None if self.labels is None else self.labels[some]
        return plots.image_grid(
            self.images[some], labels, self.class_names, self.predicted[some], note=self._note
        )

    def confusion_matrix(self) -> Figure:
        """How often each class is predicted for each true class."""
        return plots.confusion_matrix(self.report.confusion, self.class_names, note=self._note)

    def worst_mistakes(self, count: int = 12) -> Figure:
        """The mistakes with the highest probability; a line of text if there are no mistakes.

        Args:
          count: the largest number of pictures.
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
        """The output of every layer for one picture.

        Args:
          index: the index of the picture.
          channels: the largest number of channels to draw per layer; 1 or more.

        Raises:
          ValueError: if there is no such picture, or channels is below 1.
        """
        count = len(self.images)
        if not -count <= index < count:
            raise ValueError(
                f"There is no picture {index}: the {count} pictures are 0 to {count - 1}."
            )
        if channels < 1:
            raise ValueError(f"channels must be 1 or more; got {channels}.")
        image, state = self.images[index], self._state
        seen = activations(state.model, state.params, image[None], state.constants)
        return plots.activation_rows(seen, image, channels=channels, note=self._note)

    def _known(self, what: str) -> np.ndarray:
        if self.labels is None:
            raise ValueError(f"{what} compares answers with labels: pass labels to lib.examine.")
        return self.labels


def _as_classes(labels: np.ndarray, classes: int) -> np.ndarray:
    """Labels in any form that `lib.fit` takes, as class numbers, (n,)."""
    if labels.dtype.kind in "OSUT":
        some = next(iter(np.ravel(labels)), "")
        raise ValueError(
            f"The labels are not numbers but text, such as {str(some)!r:.40}; use the numbers of "
            "classes in the order of class_names: [class_names.index(each) for each in labels]."
        )
    if labels.ndim == 2 and labels.shape[1] == classes:
        labels = labels.argmax(axis=1)
    elif labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or not (labels == labels.round()).all():
        raise ValueError(
            f"The labels have shape {labels.shape} and type {labels.dtype}, but they must be the "
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
    """Runs a classifier on pictures once, and prepares a report and figures of its answers.

        seen = lib.examine(state, *pets.test, pets.class_names)
        print(seen.report)
        lib.plots.show(seen.worst_mistakes(), "mistakes.png")

    Args:
      state: a training state, or a model from `lib.load_model`, whose class names are the default.
      images: (n, height, width), or with 1 or 3 channels; uint8, or float in 0…1.
      labels: (n,) or (n, 1) integers, or one-hot (n, classes), the true classes; None if they are
        not known.
      class_names: the name of each class; None uses the numbers.
      note: text or a data set to name below the figures, see `lib.plots.new_figure`.

    Returns:
      An `Examination`.

    Raises:
      ValueError: if lengths differ, a label is not a class, the number of names is not the number
        of classes, or two names are the same.
      TypeError: if `state` is neither of these, or class_names is not a list of names.
    """
    if is_stream(images):
        raise ValueError(
            "lib.examine takes pictures in memory, not a stream. Take a batch of the stream: "
            "images, labels = next(iter(stream.epoch(0)))."
        )
    names = class_names if class_names is not None else getattr(state, "class_names", None)
    return Examination(state, images, labels, names, note)
