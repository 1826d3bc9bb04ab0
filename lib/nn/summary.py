"""What a model is made of: its layers, their shapes and parameters, and what each puts out."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn

from lib.inputs import as_input


@dataclasses.dataclass(frozen=True)
class LayerRow:
    """One layer: path in the model, class, output shape (batch first), number of parameters."""

    name: str
    kind: str
    output_shape: tuple[int, ...]
    params: int


@dataclasses.dataclass(frozen=True)
class Summary:
    """The layers of a model in the order they run; `str()` is a table."""

    model: str
    rows: tuple[LayerRow, ...]
    total: int

    def __str__(self) -> str:
        """Returns the table: layer, output shape without the batch, params, and the total."""
        cells = [("Layer", "Output shape", "Params")]
        for row in self.rows:
            shape = "(" + ", ".join(str(n) for n in row.output_shape[1:]) + ")"
            cells.append((f"{row.name} ({row.kind})", shape, f"{row.params:,}"))
        cells.append(("Total", "", f"{self.total:,}"))
        widths = [max(len(row[column]) for row in cells) for column in range(3)]
        lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}" for a, b, c in cells]
        rule = "─" * len(lines[0])
        return "\n".join([self.model, lines[0], rule, *lines[1:-1], rule, lines[-1]])


def _size(tree: Any) -> int:
    return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(tree))


def _abstract(model: nn.Module, input_shape: Sequence[int], dtype: Any) -> tuple[Any, list]:
    """Abstract parameters and, per layer call, (module path, module, abstract output)."""
    calls: list[tuple[tuple[str, ...], nn.Module, Any]] = []

    def watch(call, args, kwargs, context):
        output = call(*args, **kwargs)
        if context.method_name == "__call__" and context.module.path:
            entry = (context.module.path, context.module, output)
            if calls and calls[-1][0] == context.module.path:
                calls[-1] = entry  # a layer that wraps its parent class's call is one layer
            else:
                calls.append(entry)
        return output

    def initialise():
        with nn.intercept_methods(watch):
            return model.init(jax.random.key(0), jnp.zeros(tuple(input_shape), dtype))

    variables = jax.eval_shape(initialise)
    return variables, calls


def summary(
    model: nn.Module, input_shape: Sequence[int] = (1, 28, 28, 1), dtype: Any = jnp.float32
) -> Summary:
    """Lists a model's layers without computing or allocating anything.

    Args:
      model: a Flax module.
      input_shape: shape of one batch, batch axis first: (1, 28, 28, 1) for a grey 28×28 picture.
      dtype: dtype of the input.

    Returns:
      A `Summary`: a row per innermost layer, in the order they run, and the total.
    """
    variables, calls = _abstract(model, input_shape, dtype)
    params = variables.get("params", {})
    paths = {path for path, _, _ in calls}
    rows, seen = [], set()
    for path, module, output in calls:
        if any(other != path and other[: len(path)] == path for other in paths):
            continue
        own = params
        for part in path:
            own = own.get(part, {})
        rows.append(
            LayerRow(
                "/".join(path),
                type(module).__name__,
                tuple(getattr(output, "shape", ())),
                0 if path in seen else _size(own),
            )
        )
        seen.add(path)
    return Summary(type(model).__name__, tuple(rows), _size(params))


def count_params(
    model: nn.Module, input_shape: Sequence[int] = (1, 28, 28, 1), dtype: Any = jnp.float32
) -> int:
    """Counts a model's parameters without computing or allocating anything.

    Args:
      model: a Flax module.
      input_shape: shape of one batch, batch axis first.
      dtype: dtype of the input.

    Returns:
      The number of weights and biases.
    """
    return _size(_abstract(model, input_shape, dtype)[0].get("params", {}))


def count_variables(
    model: nn.Module, input_shape: Sequence[int] = (1, 28, 28, 1), dtype: Any = jnp.float32
) -> int:
    """Counts parameters and all other variables, such as the statistics of BatchNorm.

    Keras's `count_params` counts like this, the mean and the variance of its BatchNormalization
    being weights that are not trained.

    Args:
      model: a Flax module.
      input_shape: shape of one batch, batch axis first.
      dtype: dtype of the input.

    Returns:
      The number of numbers in all collections.
    """
    return _size(_abstract(model, input_shape, dtype)[0])


def activations(
    model: nn.Module, params: Any, images: jax.Array | np.ndarray
) -> dict[str, jax.Array]:
    """Runs the model and keeps what every layer put out, after its activation function.

    Args:
      model: a Flax module.
      params: its parameters.
      images: one batch, (n, …); uint8 pictures are scaled to 0…1 as in training.

    Returns:
      Layer name to array, in the order the layers run; the last one is the model's output.
    """
    kept: dict[str, jax.Array] = {}

    def watch(call, args, kwargs, context):
        output = call(*args, **kwargs)
        path = context.module.path
        if context.method_name == "__call__" and path:
            for outer in [name for name in kept if name == "/".join(path)]:
                del kept[outer]
            kept["/".join(path)] = output
        return output

    with nn.intercept_methods(watch):
        model.apply({"params": params}, as_input(images))
    inner = {name for name in kept if not any(k.startswith(name + "/") for k in kept)}
    return {name: value for name, value in kept.items() if name in inner}
