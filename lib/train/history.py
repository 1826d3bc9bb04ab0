"""The measurements of a training run."""

import dataclasses
from collections.abc import Iterator


@dataclasses.dataclass
class History:
    """The metrics of each epoch.

    Attributes:
      logs: one dict per epoch, metric name to float. Training metrics are running means over the
        epoch's examples, measured while the parameters were still changing, as in Keras;
        `val_…` metrics are measured after the epoch.
      first: number of the first of these epochs, from 0; larger for a resumed training run.
    """

    logs: list[dict[str, float]] = dataclasses.field(default_factory=list)
    first: int = 0

    @property
    def epochs(self) -> int:
        """Number of epochs run."""
        return len(self.logs)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the metrics, in order."""
        return tuple(self.logs[0]) if self.logs else ()

    def __getitem__(self, name: str) -> list[float]:
        """The metric's value after each epoch."""
        if name not in self.names:
            raise KeyError(
                f"The history has no metric {name!r}; it has {', '.join(self.names) or 'none yet'}."
            )
        return [logs[name] for logs in self.logs]

    def __contains__(self, name: object) -> bool:
        """Whether there is a metric with that name."""
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)
