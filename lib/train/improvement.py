"""Decides whether a metric has improved: in which direction, and by how much."""

import math
import re
from collections.abc import Mapping

_LARGER = ("accuracy", "acc", "precision", "recall", "auc", "f1", "f1_score")
_SMALLER = ("loss", "error", "mse", "mae", "perplexity")


class Best:
    """The best value of a metric so far.

    Attributes:
      value: the best value, or None if there has been none yet.
    """

    def __init__(self, metric: str, mode: str = "auto", min_delta: float = 0.0):
        """Watches one metric.

        Args:
          metric: its name in the logs.
          mode: "min" if smaller is better, "max" if larger is; "auto" decides by the name: smaller
            for losses and errors, larger for accuracies, precision, recall, AUC and F1.
          min_delta: an improvement counts only if it is larger than this, 0 or more.

        Raises:
          ValueError: if the mode is none of these, "auto" does not know the name, or min_delta is
            negative.
        """
        if not min_delta >= 0:
            raise ValueError(f"min_delta must be 0 or more; got {min_delta}.")
        self.metric, self.min_delta = metric, min_delta
        self._sign = _sign(metric, mode)
        self.value: float | None = None

    def improved(self, value: float) -> bool:
        """Returns whether a value is better than all earlier ones; if so, remembers it.

        NaN is never better.
        """
        if math.isnan(value):
            return False
        if self.value is None or self._sign * value - self.min_delta > self._sign * self.value:
            self.value = value
            return True
        return False


def _sign(metric: str, mode: str) -> float:
    if mode in ("min", "max"):
        return 1.0 if mode == "max" else -1.0
    if mode != "auto":
        raise ValueError(f'mode must be "auto", "min" or "max"; got {mode!r}.')
    name = re.sub(r"_\d+$", "", metric)  # recall_2 is the recall of class 2
    if name.endswith(_SMALLER):
        return -1.0
    if name.endswith(_LARGER):
        return 1.0
    raise ValueError(
        f"The name {metric!r} does not show whether larger or smaller values are better: pass "
        'mode="max" or mode="min".'
    )


def value_of(metric: str, logs: Mapping[str, float], who: str) -> float:
    """Takes a metric from the logs of an epoch.

    Args:
      metric: its name.
      logs: metric names to floats.
      who: the name of the caller, for the message.

    Raises:
      KeyError: if the metric is not in the logs.
    """
    if metric not in logs:
        raise KeyError(
            f"{who} watches {metric!r}, but the logs contain {', '.join(sorted(logs))}. "
            "val_… metrics need fit(validation=(inputs, labels))."
        )
    return logs[metric]
