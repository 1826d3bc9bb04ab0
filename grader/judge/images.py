"""The images of a training run: those it learns from, and those that judge it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from grader.secret import TaskSecret
    from lib.data import Dataset, Split


class RunData:
    """The images that a training run learns from, and those that judge it.

    A separate thread makes both while the student's code compiles, which leaves a core free.
    """

    def __init__(
        self, make_known: Callable[[], Dataset], make_test: Callable[[Dataset], Split]
    ) -> None:
        """Starts making them.

        Args:
          make_known: makes the set to learn from.
          make_test: takes that set and makes the images to judge with.
        """
        self._known: Future[Dataset] = Future()
        self._test: Future[Split] = Future()

        def make() -> None:
            try:
                self._known.set_result(make_known())
                self._test.set_result(make_test(self._known.result()))
            except Exception as error:
                for each in (self._known, self._test):
                    if not each.done():
                        each.set_exception(error)

        # A daemon, so that stopping the grader does not wait for it.
        threading.Thread(target=make, daemon=True).start()

    @property
    def train(self) -> Split:
        """The images to learn from; waits until they are ready."""
        return self._known.result().train

    @property
    def class_names(self) -> Sequence[str]:
        """The name of each label, in order."""
        return self._known.result().class_names

    @property
    def test(self) -> Split:
        """Images that the student's code has never seen; waits until they are ready."""
        return self._test.result()


class Request(NamedTuple):
    """Images that a check asks for; see `Judge.data`."""

    name: str
    train: int
    test: int
    edge: int | None
    classes: tuple[str, ...] = ()
    grey: bool = False


def run_data(source: str, secret: TaskSecret, request: Request) -> RunData:
    """Starts making the images of a run; `source` and `secret` as in `Judge`."""
    import lib
    from lib.data.dataset import SETS
    from lib.data.own import load_own

    name, train, test, edge, classes, grey = request
    if name not in SETS:
        options = {"edge": edge or 28, "classes": classes, "grey": grey}
        return RunData(
            lambda: load_own(name, source, train_size=train, test_size=test, **options),
            lambda known: known.test,
        )
    options = {"edge": edge, "classes": classes}
    if source != "embedded":
        return RunData(
            lambda: lib.load(name, source, train_size=train, test_size=test, **options),
            lambda known: known.test,
        )
    seed = secret.seed(f"test images of {name}")
    return RunData(
        lambda: lib.load(name, "embedded", train_size=train, test_size=1, **options),
        lambda known: lib.draw(name, test, seed, edge, classes),
    )
