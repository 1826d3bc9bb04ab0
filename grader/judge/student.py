"""The `student` fixture: calls the student's functions in the worker and returns their data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.worker.inside import frames


class StudentRaised(Exception):
    """The student's code raised an exception in the worker.

    Attributes:
      kind: name of the exception's type, as the worker reports it.
      text: its message.
      frames: (line, function) pairs in the student's file, outermost first.
      line: the line of a syntax error.
      forbidden: full name of a forbidden piece that the code used, or "".
    """

    def __init__(self, raised: dict[str, Any]) -> None:
        # Trust nothing in the worker's description.
        def text(key: str, limit: int) -> str:
            value = raised.get(key)
            return value[:limit] if isinstance(value, str) else ""

        self.kind = text("type", 80) or "an exception"
        self.text = text("message", 2000)
        lines = raised.get("frames")
        self.frames: list[tuple[int, str]] = []
        for item in lines if isinstance(lines, list) else []:
            if isinstance(item, tuple) and len(item) == 2 and type(item[0]) is int:
                self.frames.append((item[0], str(item[1])[:80]))
        line = raised.get("line")
        self.line = line if type(line) is int else None
        self.forbidden = self.text if raised.get("forbidden") is True else ""
        super().__init__(f"{self.kind}: {self.text[:200]}")


class Refused(Exception):
    """The student's code returned something that cannot cross; the text says what."""


class Handle:
    """An object that stays in the worker; a few verbs reach it.

    Attributes:
      kind: what the worker calls it; for messages only.
    """

    def __init__(self, student: Student, reference: frames.HandleRef) -> None:
        self._student = student
        self._reference = reference
        self.kind = reference.kind

    def __repr__(self) -> str:
        return f"<{self.kind}>"

    def _verb(self, verb: str, *args: Any, **kwargs: Any) -> Any:
        message = {"do": "handle", "on": self, "verb": verb, "args": args, "kwargs": kwargs}
        return self._student._ask(message)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the object."""
        self._student._note_call(self.kind, args, kwargs)
        return self._verb("call", *args, **kwargs)

    def method(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Calls a method: `callback.method("on_epoch_end", 0, {"loss": 1.0}, None)`."""
        self._student._note_call(f"{self.kind}.{name}", args, kwargs)
        return self._verb("method", name, *args, **kwargs)

    def get(self, name: str) -> Any:
        """Reads an attribute."""
        return self._verb("get", name)

    def item(self, key: Any) -> Any:
        """Reads an item: `history.item("accuracy")`."""
        return self._verb("item", key)

    def init(self, key: Any, inputs: Any) -> Any:
        """Draws a model's parameters.

        Args:
          key: a random key, as from `secret.key`.
          inputs: an input shape (a tuple of ints, batch first) or an array.
        """
        return self._verb("init", key, inputs)

    def apply(self, params: Any, inputs: Any, train: bool | None = None, rngs: Any = None) -> Any:
        """Runs a model on inputs with our parameters; passes `train` on only if given."""
        return self._verb("apply", params, inputs, train=train, rngs=rngs)

    def shapes(self, input_shape: tuple[int, ...]) -> dict[str, Any]:
        """Returns a model's layers at an input size: the worker's claim, the model does not run.

        Returns:
          {"rows": [{"name", "kind", "output_shape", "params"}, …], "total": parameters}
        """
        return self._verb("shapes", tuple(input_shape))

    def param_shapes(self, input_shape: tuple[int, ...]) -> Any:
        """Returns a model's tree of parameters at an input size, with shapes instead of arrays."""
        return self._verb("param_shapes", tuple(input_shape))

    def params(self) -> Any:
        """Returns the parameters of a state."""
        return self._verb("params")


def short(value: Any) -> str:
    """Describes a value in a few characters: arrays by shape and dtype, floats in 6 digits."""
    if isinstance(value, frames.HostArray):
        value = value.array
    if isinstance(value, Handle):
        return value.kind
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        if "key" in str(value.dtype):
            return "key"
        if value.shape == ():
            return f"{value}"[:24]
        return f"{tuple(value.shape)} {value.dtype}"
    if isinstance(value, dict):
        return "{…}" if len(repr(value)) > 40 else repr(value)
    if isinstance(value, list | tuple):
        if len(repr(value)) > 60:
            return f"{type(value).__name__} of {len(value)}"
        items = ", ".join(map(short, value))
        if isinstance(value, list):
            return f"[{items}]"
        return f"({items},)" if len(value) == 1 else f"({items})"
    text = repr(value)
    if type(value) is float and len(text) > 8:
        text = f"{value:.6g}"
    return text if len(text) <= 60 else text[:59] + "…"


class Student:
    """The student's file, one call away: `student.convolve2d(image, kernel)`.

    Arrays in arguments arrive as JAX arrays, and keys from `secret.key` as typed keys. To pass a
    NumPy array, wrap it in `frames.HostArray` or use `student.numpy(array)`. A call returns plain
    data with NumPy arrays, or a `Handle` for anything else; containers may mix both.

    Attributes:
      last_function: the student's function that was called last.
      last_call: a description of the last call: "convolve2d((7, 9) float32, (3, 3) float32)".
    """

    def __init__(
        self, ask: Callable[[dict[str, Any]], dict[str, Any]], renew: Callable[[], None]
    ) -> None:
        """Takes two functions: one sends a request to the worker, the other replaces the worker.

        Args:
          ask: takes a request and returns the worker's reply.
          renew: ends the worker and starts another for the same file and task.
        """
        self._send = ask
        self._renew = renew
        self._last_function = ""
        self._last_call = ""

    @property
    def last_function(self) -> str:
        """Names the student's function that was called last."""
        return self._last_function

    @property
    def last_call(self) -> str:
        """Describes the last call."""
        return self._last_call

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kwargs: self.call(name, *args, **kwargs)

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Calls a function or class of the student's file by name."""
        self._last_function = name
        self._note_call(name, args, kwargs)
        return self._ask({"do": "call", "name": name, "args": args, "kwargs": kwargs})

    def keep(self, name: str, *args: Any, **kwargs: Any) -> Handle:
        """Calls a function and leaves its result in the worker, even plain data."""
        self._last_function = name
        self._note_call(name, args, kwargs)
        message = {"do": "call", "name": name, "args": args, "kwargs": kwargs, "keep": True}
        got = self._ask(message)
        if not isinstance(got, Handle):
            raise Refused("the worker did not keep it")
        return got

    def transformed(self, transform: str, name: str, *args: Any) -> Any:
        """Calls a function of the student's file with tracers, under a JAX transformation.

        Args:
          transform: "jit", or "grad" for the gradient with respect to the first argument.
          name: name of the function.
          args: its arguments.
        """
        self._last_function = name
        self._note_call(f"jax.{transform}({name})", args, {})
        message = {"do": "call", "name": name, "args": args, "kwargs": {}, "transform": transform}
        return self._ask(message)

    def piece(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Calls a part of `lib` or Optax by name in the worker: `piece("optax.adam", 0.1)`."""
        return self._ask({"do": "piece", "name": name, "args": args, "kwargs": kwargs})

    def make_state(
        self, model: Handle, optimizer: Handle, params: Any, loss: str = "softmax_cross_entropy"
    ) -> Handle:
        """Makes a `lib.TrainState` in the worker from a model, an optimizer and parameters.

        Args:
          model: handle of a Flax module.
          optimizer: handle of an Optax optimizer.
          params: the model's parameters, as data.
          loss: name of a loss in `lib`: "softmax_cross_entropy" or "squared_error".
        """
        message = {"do": "make_state", "model": model, "optimizer": optimizer}
        return self._ask({**message, "params": params, "loss": loss})

    def numpy(self, array: Any) -> frames.HostArray:
        """Marks an array argument so that it arrives as a NumPy array."""
        return frames.HostArray(np.asarray(array))

    def restart(self) -> None:
        """Continues in a fresh worker without the objects and files of the old one.

        Earlier handles become void, and the task's time limit starts again.
        """
        self._renew()

    def put_files(self, files: dict[str, bytes]) -> None:
        """Writes files, by relative path, into the worker's folder."""
        self._ask({"do": "put_files", "files": files})

    def get_files(self, folder: str) -> dict[str, bytes]:
        """Returns the files of a folder in the worker's folder, by relative path."""
        return self._ask({"do": "get_files", "folder": folder})

    def _note_call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        parts = [short(arg) for arg in args]
        parts += [f"{key}={short(arg)}" for key, arg in kwargs.items()]
        self._last_call = f"{name}({', '.join(parts)})"

    def _ask(self, message: dict[str, Any]) -> Any:
        reply = self._send(self._outgoing(message))
        if "raised" in reply:
            raised = reply["raised"]
            raise StudentRaised(raised if isinstance(raised, dict) else {})
        if "refused" in reply:
            raise Refused(str(reply["refused"])[:500])
        return self._incoming(reply["value"])

    def _outgoing(self, value: Any) -> Any:
        kind = type(value)
        if kind is Handle:
            return value._reference
        if kind is list or kind is tuple:
            return kind(self._outgoing(item) for item in value)
        if kind is dict:
            return {key: self._outgoing(item) for key, item in value.items()}
        return value

    def _incoming(self, value: Any) -> Any:
        kind = type(value)
        if kind is frames.HandleRef:
            return Handle(self, value)
        if kind is frames.HostArray or kind is frames.KeyData:
            return value.array if kind is frames.HostArray else value.data
        if kind is list or kind is tuple:
            return kind(self._incoming(item) for item in value)
        if kind is dict:
            return {key: self._incoming(item) for key, item in value.items()}
        return value
