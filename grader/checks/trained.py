"""Judges parameters that a student's training returned: our model runs on them, here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from grader.judge.judge import Judge
from grader.judge.values import accuracy

if TYPE_CHECKING:
    from flax import linen as nn

    from grader.targets import Target
    from lib.data import Split

BATCH = 250  # images evaluated at once: keeps the memory of the convolutions small

# An untrained network of ten classes comes up to a tenth of the way from guessing to the target,
# one of two classes up to 0.07 beyond guessing (sixty of them, the standard deviation is 0.022).
NOTHING_LEARNT = 0.3
LUCK = 0.08


class Trained:
    """A student's trained parameters inside our model."""

    def __init__(
        self,
        judge: Judge,
        params: Any,
        model: nn.Module,
        input_shape: tuple[int, ...] = (1, 28, 28, 1),
    ) -> None:
        """Puts the parameters into our model, or says why they do not fit.

        Args:
          judge: the fixture.
          params: what came back.
          model: ours; with one output, it is judged as a sigmoid's.
          input_shape: its input, batch first.
        """
        import jax

        self._params = judge.params(
            params,
            model,
            input_shape,
            hint="Return state.params of the state that lib.fit gave back, unless the training "
            "diverged: then a smaller learning rate helps, 0.001 for Adam.",
        )
        self._run = jax.jit(lambda params, images: model.apply({"params": params}, images))

    def accuracy(self, images: np.ndarray, labels: np.ndarray, scale: float = 1 / 255) -> float:
        """Fraction of images that our model classifies rightly with these parameters.

        Args:
          images: uint8 pictures.
          labels: their classes.
          scale: what the grey values are multiplied with; 1 only to look for a cause.
        """
        pieces = [
            np.asarray(self._run(self._params, images[i : i + BATCH] * np.float32(scale)))
            for i in range(0, len(images), BATCH)
        ]
        logits = np.concatenate(pieces)
        if logits.shape[-1] == 1:  # a sigmoid: above 0 is class 1
            logits = np.concatenate([np.zeros_like(logits), logits], axis=-1)
        return accuracy(logits, labels)

    def judge_test(self, judge: Judge, test: Split, target: Target, hint: str) -> None:
        """Fails unless the accuracy on never-seen images reaches the target.

        Args:
          judge: the fixture.
          test: images and labels that the student's code has not seen.
          target: the training's target.
          hint: what to try, where no cause can be seen.
        """
        reached = self.accuracy(*test)
        if reached >= target.accuracy:
            return
        guessing = np.bincount(test.labels).max() / len(test.labels)
        small = test.images[:BATCH], test.labels[:BATCH]
        if self.accuracy(*small, scale=1) > max(reached, self.accuracy(*small)) + 0.03:
            hint = (
                "It does better on grey values 0…255: it was trained on images that were not "
                "normalised."
            )
        elif reached < guessing + max(NOTHING_LEARNT * (target.accuracy - guessing), LUCK):
            hint = (
                "That is hardly better than guessing. Are these the parameters after training, "
                "and do images and labels belong together?"
            )
        judge.fail(
            f"Accuracy on {len(test.labels):,} images it has never seen is too low.",
            hint,
            got=f"{reached:.3f}",
            expected=f"{target.accuracy} or more",
        )
