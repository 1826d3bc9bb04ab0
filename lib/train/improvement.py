"""Whether a metric has become better: which way it goes, and by how much."""

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
          mode: "min" if smaller is better, "max" if larger; "auto" goes by the name: smaller for
            losses and errors, larger for accuracies, precision, recall, AUC and F1.
          min_delta: only what is better by more than this counts, 0 or more.

        Raises:
          ValueError: if the mode is none of these, the name says nothing, or min_delta is negative.
        """
        if not min_delta >= 0:
            raise ValueError(f"min_delta is 0 or more; got {min_delta}.")
        self.metric, self.min_delta = metric, min_delta
        self._sign = _sign(metric, mode)
        self.value: float | None = None

    def improved(self, value: float) -> bool:
        """Answers whether a value is better than all before, and then remembers it.

        NaN is never better than anything.
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
        raise ValueError(f'mode is "auto", "min" or "max"; got {mode!r}.')
    name = re.sub(r"_\d+$", "", metric)  # recall_2 is that of class 2
    if name.endswith(_SMALLER):
        return -1.0
    if name.endswith(_LARGER):
        return 1.0
    raise ValueError(
        f"Whether {metric!r} is better when it is larger or when it is smaller cannot be told from "
        'its name: say mode="max" or mode="min".'
    )


def value_of(metric: str, logs: Mapping[str, float], who: str) -> float:
    """Takes a metric from the logs of an epoch.

    Args:
      metric: its name.
      logs: metric names to floats.
      who: asks for it; the sentence says so.

    Raises:
      KeyError: if the logs do not hold the metric.
    """
    if metric not in logs:
        raise KeyError(
            f"{who} watches {metric!r}, but the logs hold {', '.join(sorted(logs))}. "
            "val_… metrics need fit(validation=(inputs, labels))."
        )
    return logs[metric]
