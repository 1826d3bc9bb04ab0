"""Judges parameters that a student's training returned: our model runs on them, here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from grader import architecture
from grader.judge import Judge, accuracy

if TYPE_CHECKING:
    from flax import linen as nn

    from grader.targets import Target

BATCH = 500  # images evaluated at once: keeps the memory of the convolutions small


class Trained:
    """A student's trained parameters inside our model."""

    def __init__(self, judge: Judge, params: Any, model: nn.Module, *, model_name: str) -> None:
        """Checks the form of the parameters and puts them into our model.

        Args:
          judge: the fixture, for its messages.
          params: what came back.
          model: ours.
          model_name: the student's function that makes the model, for messages.
        """
        import jax
        import jax.numpy as jnp

        if type(params) is dict and set(params) == {"params"}:
            judge.fail(
                "The parameters are wrapped once more, under 'params'.",
                "Return state.params itself.",
                got=params,
            )
        shape = (1, 28, 28, 1)
        shapes = jax.eval_shape(model.init, jax.random.key(0), jnp.zeros(shape))["params"]
        ours = list(architecture.layers(shapes))
        theirs = list(architecture.layers(params))
        if sorted(str(layer.signature) for layer in theirs) != sorted(
            str(layer.signature) for layer in ours
        ):
            judge.fail(
                f"These are not the parameters of {model_name}().",
                "Return state.params of the state that lib.fit gave back.",
                got=params if not theirs else f"kernels {_kernels(theirs)}",
                expected=f"kernels {_kernels(ours)}",
            )
        for leaf in jax.tree.leaves(params):
            if not np.all(np.isfinite(np.asarray(leaf, np.float64))):
                judge.fail(
                    "Some of the parameters are not finite: training diverged.",
                    "A smaller learning rate; Adam at 0.001 does well here.",
                )
        self._ways = [
            architecture.transplant(params, pairs, shapes)
            for pairs in architecture.assignments(ours, theirs)
        ]
        self._run = jax.jit(lambda params, images: model.apply({"params": params}, images))

    def accuracy(self, images: np.ndarray, labels: np.ndarray, scale: float = 1 / 255) -> float:
        """Fraction of images that our model classifies rightly with these parameters.

        Args:
          images: uint8 pictures.
          labels: their classes.
          scale: what the grey values are multiplied with; 1 only to look for a cause.
        """
        best = 0.0
        for params in self._ways:
            pieces = [
                np.asarray(self._run(params, images[i : i + BATCH] * np.float32(scale)))
                for i in range(0, len(images), BATCH)
            ]
            best = max(best, accuracy(np.concatenate(pieces), labels))
        return best

    def judge_test(self, judge: Judge, test: Any, target: Target, hint: str) -> float:
        """Fails unless the accuracy on never-seen images reaches the target.

        Args:
          judge: the fixture.
          test: a Split.
          target: the training's target.
          hint: what to try, where no cause can be seen.

        Returns:
          The accuracy.
        """
        reached = self.accuracy(*test)
        if reached >= target.accuracy:
            return reached
        small = test.images[:BATCH], test.labels[:BATCH]
        if self.accuracy(*small, scale=1) > max(reached, self.accuracy(*small)) + 0.03:
            hint = (
                "It does better with grey values 0…255: it was trained on images that were not "
                "normalised."
            )
        elif reached < 0.2:
            hint = (
                "That is no better than guessing. Are these the parameters after training, and do "
                "images and labels belong together?"
            )
        judge.fail(
            f"Accuracy on {len(test.labels):,} images it has never seen is too low.",
            hint,
            got=f"{reached:.3f}",
            expected=f"{target.accuracy} or more",
        )
        return reached


def _kernels(layers: list[architecture.Layer]) -> str:
    return ", ".join(str(layer.kernel_shape) for layer in layers)
