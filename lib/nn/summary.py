"""The structure of a model: its layers, their shapes, parameters and outputs."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn

from lib import modules
from lib.inputs import as_input


@dataclasses.dataclass(frozen=True)
class LayerRow:
    """One layer.

    Attributes:
      name: its path in the model.
      kind: its class.
      output_shape: shape of its output, batch first; () if it has several outputs.
      params: number of its parameters.
      output_shapes: shape of each of its outputs.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    params: int
    output_shapes: tuple[tuple[int, ...], ...] = ()


@dataclasses.dataclass(frozen=True)
class Summary:
    """The layers of a model in the order in which they run; `print` shows a table.

    Attributes:
      model: its class.
      rows: one row per innermost layer.
      total: number of parameters.
      loose: shape of each parameter that belongs to no innermost layer, by path.
      outputs: shape of each output by name or number, batch first; {} if there is only one.
    """

    model: str
    rows: tuple[LayerRow, ...]
    total: int
    loose: dict[str, tuple[int, ...]] = dataclasses.field(default_factory=dict)
    outputs: dict[str, tuple[int, ...]] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        """Returns the table: layer, output shape without the batch, params, and the total."""
        cells = [("Layer", "Output shape", "Params")]
        for row in self.rows:
            shapes = row.output_shapes or (row.output_shape,)
            put_out = ", ".join(_written(shape[1:]) for shape in shapes)
            cells.append((f"{row.name} ({row.kind})", put_out, f"{row.params:,}"))
        for name, shape in self.loose.items():
            cells.append((f"{name} (parameter)", _written(shape), f"{math.prod(shape):,}"))
        for name, shape in self.outputs.items():
            cells.append((f"output {name}", _written(shape[1:]), ""))
        cells.append(("Total", "", f"{self.total:,}"))
        widths = [max(len(row[column]) for row in cells) for column in range(3)]
        lines = [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c:>{widths[2]}}" for a, b, c in cells]
        rule = "─" * len(lines[0])
        return "\n".join([self.model, lines[0], rule, *lines[1:-1], rule, lines[-1]])


def _written(shape: Sequence[int]) -> str:
    return "(" + ", ".join(str(n) for n in shape) + ")"


def _size(tree: Any) -> int:
    return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(tree))


def _inputs(input_shape: Any, dtype: Any) -> list[jax.Array]:
    """An array for each input, from one shape and dtype or from several."""
    if isinstance(dtype, list | tuple) and any(isinstance(each, int) for each in dtype):
        raise ValueError(
            f"Put the shapes of several inputs into one list: [{input_shape}, {dtype}]."
        )
    several = len(input_shape) > 0 and not isinstance(input_shape[0], int | np.integer)
    shapes = list(input_shape) if several else [input_shape]
    dtypes = list(dtype) if isinstance(dtype, list | tuple) else [dtype] * len(shapes)
    if len(dtypes) != len(shapes):
        raise ValueError(
            f"There are {len(shapes)} inputs but {len(dtypes)} dtypes: pass one for each input."
        )
    return [jnp.zeros(tuple(shape), each) for shape, each in zip(shapes, dtypes, strict=True)]


def _abstract(model: nn.Module, input_shape: Any, dtype: Any) -> tuple[Any, Any, list]:
    """Abstract output, variables and, for each layer call, (module path, module, output)."""
    modules.check_module(model)
    calls: list[tuple[tuple[str, ...], nn.Module, Any]] = []

    def watch(call, args, kwargs, context):
        output = call(*args, **kwargs)
        if context.method_name == "__call__" and context.module.path:
            entry = (context.module.path, context.module, output)
            if calls and calls[-1][0] == context.module.path:
                calls[-1] = entry  # a layer that calls its parent class's `__call__` is one layer
            else:
                calls.append(entry)
        return output

    def initialise():
        inputs = _inputs(input_shape, dtype)
        shapes = [each.shape for each in inputs]
        with modules.explained(model, *shapes), nn.intercept_methods(watch):
            return model.init_with_output(
                jax.random.key(0), *inputs, **modules.mode(model, training=False)
            )

    return *jax.eval_shape(initialise), calls


def summary(
    model: nn.Module,
    input_shape: Sequence[int] | Sequence[Sequence[int]] = (1, 28, 28, 1),
    dtype: Any = jnp.float32,
) -> Summary:
    """Lists a model's layers without computing or allocating anything.

    Args:
      model: a Flax module.
      input_shape: shape of one batch, batch axis first: (1, 28, 28, 1) for a grey 28×28 picture.
        For a model with several inputs, their shapes in order: [(1, 28, 28, 1), (1, 5)].
      dtype: dtype of the input, or of each input.

    Returns:
      A `Summary`: one row per innermost layer, in the order in which they run, and the total.

    Raises:
      TypeError: if the model is not a module of flax.linen.
    """
    output, variables, calls = _abstract(model, input_shape, dtype)
    params = variables.get("params", {})
    paths = {path for path, _, _ in calls}
    rows, seen = [], set()
    for path, module, put_out in calls:
        if any(other != path and other[: len(path)] == path for other in paths):
            continue
        own = params
        for part in path:
            own = own.get(part, {})
        rows.append(
            LayerRow(
                "/".join(path),
                type(module).__name__,
                tuple(getattr(put_out, "shape", ())),
                0 if path in seen else _size(own),
                tuple(leaf.shape for leaf in jax.tree.leaves(put_out)),
            )
        )
        seen.add(path)
    layers = {"/".join(path) + "/" for path in seen}
    loose = {
        name: shape
        for name, shape in _shapes(params).items()
        if not any(name.startswith(layer) for layer in layers)
    }
    outputs = _shapes(output)
    return Summary(
        type(model).__name__,
        tuple(rows),
        _size(params),
        loose,
        outputs if len(outputs) > 1 else {},
    )


def _shapes(tree: Any) -> dict[str, tuple[int, ...]]:
    """Shape of each array of a tree, by path."""
    return {
        jax.tree_util.keystr(path, simple=True, separator="/"): leaf.shape
        for path, leaf in jax.tree.leaves_with_path(tree)
    }


def count_params(
    model: nn.Module,
    input_shape: Sequence[int] | Sequence[Sequence[int]] = (1, 28, 28, 1),
    dtype: Any = jnp.float32,
) -> int:
    """Counts a model's parameters without computing or allocating anything.

    Args:
      model: a Flax module.
      input_shape: shape of one batch, batch axis first; of several inputs their shapes.
      dtype: dtype of the input, or of each.

    Returns:
      The number of weights and biases.
    """
    return _size(_abstract(model, input_shape, dtype)[1].get("params", {}))


def count_variables(
    model: nn.Module,
    input_shape: Sequence[int] | Sequence[Sequence[int]] = (1, 28, 28, 1),
    dtype: Any = jnp.float32,
) -> int:
    """Counts parameters and all other variables, such as the statistics of BatchNorm.

    Keras's `count_params` also counts like this: the mean and the variance of its
    BatchNormalization are weights that are not trained.

    Args:
      model: a Flax module.
      input_shape: shape of one batch, batch axis first; of several inputs their shapes.
      dtype: dtype of the input, or of each.

    Returns:
      The total size of all collections.
    """
    return _size(_abstract(model, input_shape, dtype)[1])


def activations(
    model: nn.Module, params: Any, images: Any, constants: Any = None
) -> dict[str, jax.Array]:
    """Runs the model and returns the output of every layer, after its activation function.

    Args:
      model: a Flax module.
      params: its parameters.
      images: one batch, (n, …); uint8 pictures are scaled to 0…1 as in training. A tuple for a
        model with several inputs.
      constants: the model's other collections of variables, if it has any.

    Returns:
      Layer name to array, in the order in which the layers run; the last one is usually the model's
      output.

    Raises:
      TypeError: if the model is not a module of flax.linen.
    """
    modules.check_module(model)
    kept: dict[str, jax.Array] = {}

    def watch(call, args, kwargs, context):
        output = call(*args, **kwargs)
        path = context.module.path
        if context.method_name == "__call__" and path:
            for outer in [name for name in kept if name == "/".join(path)]:
                del kept[outer]
            kept["/".join(path)] = output
        return output

    inputs = [as_input(each) for each in (images if isinstance(images, tuple) else (images,))]
    with nn.intercept_methods(watch):
        model.apply(
            {"params": params, **(constants or {})},
            *inputs,
            **modules.mode(model, training=False),
        )
    inner = {name for name in kept if not any(k.startswith(name + "/") for k in kept)}
    return {name: value for name, value in kept.items() if name in inner}
