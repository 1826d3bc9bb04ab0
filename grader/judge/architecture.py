"""Judges a student's model by what it computes with our parameters, never by names or order.

A wrong model raises a `Failure`. JAX and `lib` take a second to import, and not every run gets that
far, so only the functions that need them import them.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.judge.differences import differences, extent
from grader.judge.failure import Failure
from grader.judge.slips import slip
from grader.judge.student import Handle
from grader.judge.values import close, differing, show, widened

if TYPE_CHECKING:
    from flax import linen as nn

ONCE = {"xla_backend_optimization_level": 0}  # compile quickly: it runs only a few times
DRAWS = 2  # sets of parameters to try a model on
MAX_REDRAWS = 20
RTOL = 1e-3  # of logits
MAX_ASSIGNMENTS = 24  # orders to try when several layers have kernels of one shape: 4!


@dataclass(frozen=True)
class Layer:
    """A layer with parameters: its path, its kernel, and its other parameters."""

    path: tuple[str, ...]
    kernel: str
    kernel_shape: tuple[int, ...]
    others: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def signature(self) -> tuple[Any, ...]:
        """Kernel shape and the shapes of the other parameters; equal layers may be swapped."""
        return (self.kernel_shape, tuple(sorted(shape for _, shape in self.others)))


def layers(params: Any, path: tuple[str, ...] = ()) -> Iterator[Layer]:
    """Yields the layers in a tree of parameters, in its order.

    A layer is a dict that holds one array of two or more axes: its kernel, whatever its name.
    """
    if not isinstance(params, Mapping):
        return
    arrays = {k: v for k, v in params.items() if hasattr(v, "shape")}
    kernels = [name for name, value in arrays.items() if len(value.shape) >= 2]
    for name in kernels:
        others = (
            ()
            if len(kernels) > 1
            else tuple(
                (other, tuple(value.shape)) for other, value in arrays.items() if other != name
            )
        )
        yield Layer(path, name, tuple(arrays[name].shape), others)
    for name, value in params.items():
        if isinstance(value, Mapping):
            yield from layers(value, (*path, name))


def random_params(shapes: Any, rng: np.random.Generator) -> Any:
    """Returns random parameters that use every part of a net: no bias is zero.

    Args:
      shapes: a tree whose leaves have a shape.
      rng: the source of the numbers.
    """
    if isinstance(shapes, Mapping):
        return {name: random_params(value, rng) for name, value in shapes.items()}
    shape = tuple(shapes.shape)
    if len(shape) < 2:
        return rng.normal(0.0, 0.3, shape).astype(np.float32)
    scale = math.sqrt(2.0 / max(1, math.prod(shape[:-1])))
    return rng.normal(0.0, scale, shape).astype(np.float32)


@dataclass(frozen=True)
class _Shape:
    """Represents an array in a tree of parameters by its shape alone."""

    shape: tuple[int, ...]


@functools.lru_cache(maxsize=8)
def _kept(model: Any) -> Any:
    return _compiled(model)


def _compiled(model: Any) -> Any:
    """Compiles `model.apply` quickly rather than well."""
    import jax

    # A model with a list among its fields, such as `Sequential([…])`, cannot be hashed.
    return jax.jit(lambda *args: model.apply(*args), compiler_options=ONCE)


def _as_shapes(tree: Any) -> Any:
    """Turns a worker's tree of tuples into one of shapes, and leaves out anything else."""
    if isinstance(tree, Mapping):
        found = {name: _as_shapes(value) for name, value in tree.items()}
        return {name: value for name, value in found.items() if value is not None}
    fits = isinstance(tree, tuple) and all(type(n) is int and 0 <= n < 10**6 for n in tree)
    return _Shape(tree) if fits and math.prod(tree) <= 10**7 else None


def _size(tree: Any) -> int:
    if isinstance(tree, Mapping):
        return sum(_size(value) for value in tree.values())
    return math.prod(tree.shape)


def _get(tree: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        tree = tree[name]
    return tree


def assignments(ours: list[Layer], theirs: list[Layer]) -> Iterator[list[tuple[Layer, Layer]]]:
    """Yields ways to pair our layers with theirs by signature, at most `MAX_ASSIGNMENTS`."""
    groups = []
    for signature in dict.fromkeys(layer.signature for layer in ours):
        mine = [layer for layer in ours if layer.signature == signature]
        others = [layer for layer in theirs if layer.signature == signature]
        groups.append([list(zip(mine, order, strict=True)) for order in _orders(others)])
    for choice in itertools.islice(itertools.product(*groups), MAX_ASSIGNMENTS):
        yield [pair for group in choice for pair in group]


def _orders(items: list[Layer]) -> list[tuple[Layer, ...]]:
    return list(itertools.islice(itertools.permutations(items), MAX_ASSIGNMENTS))


def transplant(params: Any, pairs: list[tuple[Layer, Layer]], shapes: Any) -> Any:
    """Puts a student's parameters into a tree of our model's shape.

    Args:
      params: the student's tree.
      pairs: (our layer, their layer).
      shapes: our model's tree of shapes.
    """
    tree = random_params(shapes, np.random.default_rng(0))
    for mine, theirs in pairs:
        target, source = _get(tree, mine.path), _get(params, theirs.path)
        target[mine.kernel] = source[theirs.kernel]
        for (name, _), (other, _) in zip(
            sorted(mine.others, key=lambda item: (item[1], item[0])),
            sorted(theirs.others, key=lambda item: (item[1], item[0])),
            strict=True,
        ):
            target[name] = source[other]
    return tree


def _shape_list(found: list[Layer]) -> str:
    texts = []
    for layer in found:
        bias = "" if layer.others else " without bias"
        texts.append(f"{layer.kernel_shape}{bias}")
    return ", ".join(texts) or "none"


def judge_model(
    handle: Any,
    model: nn.Module,
    smallest: tuple[int, ...],
    full: tuple[int, ...],
    rng: np.random.Generator,
    *,
    hint: str = "",
    mistakes: Mapping[str, nn.Module] | None = None,
    atol: float = 1e-4,
) -> None:
    """Judges a model by its layers at full size, and by what it computes at a small size.

    Args:
      handle, model, smallest, full, hint, mistakes, atol: see `Judge.architecture`.
      rng: the source of parameters and inputs.

    Raises:
      Failure: if it is a different model.
    """
    import jax
    import jax.numpy as jnp

    if not isinstance(handle, Handle):
        raise Failure.of("This should be a Flax model.", hint, handle, "an nn.Module")
    _judge_full_size(handle.shapes(full), model, full, hint)
    sample = jnp.zeros(smallest, jnp.float32)
    our_shapes = jax.eval_shape(model.init, jax.random.key(0), sample)["params"]
    drawn = _as_shapes(handle.param_shapes(smallest))
    ours, theirs = list(layers(our_shapes)), list(layers(drawn))
    given = f"For an input of shape {smallest} the"
    if not _same_kernels(ours, theirs):
        raise Failure.of(
            f"{given} layers have the wrong kernels.",
            hint,
            f"kernels {_shape_list(theirs)}",
            f"kernels {_shape_list(ours)}",
        )
    if _size(drawn) != _size(our_shapes):
        raise Failure.of(
            f"{given} model has {_size(drawn):,} parameters.",
            hint,
            expected=f"{_size(our_shapes):,} parameters",
        )
    ways = list(assignments(ours, theirs))
    try:
        apply = _kept(model)
    except TypeError:
        apply = _compiled(model)

    def ours_with(params: Any, pairs: list[tuple[Layer, Layer]], run: Any = apply) -> np.ndarray:
        return np.asarray(run({"params": transplant(params, pairs, our_shapes)}, inputs))

    for _ in range(DRAWS):
        inputs = rng.normal(0.0, 1.0, smallest).astype(np.float32)
        for _ in range(MAX_REDRAWS):
            params = random_params(drawn, rng)
            expected = ours_with(params, ways[0])
            # With one sign only, a net with an extra ReLU would give the same outputs.
            if np.any(expected < 0) and np.any(expected > 0):
                break
        got = handle.apply(params, inputs)
        if not isinstance(got, np.ndarray) or got.shape != expected.shape:
            raise Failure.of(
                f"The model's output for {smallest[0]} inputs has the wrong shape.",
                hint,
                show(got),
                f"shape {expected.shape}, float",
            )
        # The same order of the layers must hold for every draw.
        holding = [pairs for pairs in ways if _alike(got, ours_with(params, pairs), atol)]
        if not holding:
            right = [ours_with(params, pairs) for pairs in ways[:4]]
            known = {
                sentence: [ours_with(params, pairs, _compiled(wrong)) for pairs in ways[:4]]
                for sentence, wrong in (mistakes or {}).items()
            }
            bad = differing(widened(got), widened(expected), RTOL, atol)
            gave, wanted = differences(got, expected, bad)
            cause = _cause(got, right, atol, known)
            general = "" if cause else "Compare the layers and their order with the task's text."
            raise Failure.of(
                "The layers have the right sizes, but they compute something else.",
                hint or general,
                f"for {smallest[0]} inputs, logits {gave}",
                f"logits {wanted}",
                cause or extent(got, expected, bad),
            )
        ways = holding


def _same_kernels(ours: list[Layer], theirs: list[Layer]) -> bool:
    return Counter(layer.signature for layer in ours) == Counter(
        layer.signature for layer in theirs
    )


def _alike(got: np.ndarray, other: np.ndarray, atol: float) -> bool:
    return close(widened(got), widened(other), RTOL, atol)


def _cause(
    got: np.ndarray, right: list[np.ndarray], atol: float, known: Mapping[str, list[np.ndarray]]
) -> str:
    """Says what a model computes instead, if it is a known mistake, or else "".

    Args:
      got: what it computes.
      right: what ours computes, for several ways to pair the layers.
      atol: tolerance.
      known: maps a sentence to what a wrong model computes, for the same ways.
    """
    import jax

    endings = {
        "It ends with a softmax. The model should return logits; the loss applies softmax.": (
            jax.nn.softmax
        ),
        "It ends with a log_softmax. The model should return logits.": jax.nn.log_softmax,
        "The last layer has a ReLU; it should have no activation.": jax.nn.relu,
        "It ends with a sigmoid. The model should return logits.": jax.nn.sigmoid,
    }
    for sentence, ending in endings.items():
        if any(_alike(got, np.asarray(ending(each)), atol) for each in right):
            return sentence
    for sentence, outputs in known.items():
        if any(_alike(got, other, atol) for other in outputs):
            return sentence
    return slip(got, right[0], RTOL, atol)


def fit_params(
    got: Any, model: nn.Module, input_shape: tuple[int, ...], what: str, hint: str = ""
) -> Any:
    """Puts a student's parameters into our model's tree; see `Judge.params`.

    Raises:
      Failure: if they do not fit, or hold numbers that are not finite.
    """
    import jax
    import jax.numpy as jnp

    if isinstance(got, Mapping) and set(got) == {"params"}:
        got = got["params"]
    shapes = jax.eval_shape(model.init, jax.random.key(0), jnp.zeros(input_shape, jnp.float32))
    shapes = shapes["params"]
    ours = list(layers(shapes))
    theirs = list(layers(got))
    if not _same_kernels(ours, theirs):
        raise Failure.of(
            f"{what}: these are not the parameters of the model.",
            hint,
            f"kernels {_shape_list(theirs)}" if theirs else show(got),
            f"a dict of parameters with kernels {_shape_list(ours)}",
        )
    for leaf in jax.tree.leaves(got):
        if not isinstance(leaf, np.ndarray) or leaf.dtype.kind not in "fV":
            raise Failure.of(f"{what}: every parameter should be a float array.", hint, leaf)
        if not np.all(np.isfinite(leaf.astype(np.float32))):
            raise Failure.of(
                f"{what}: some of the parameters are NaN or infinite.",
                hint or "Print the loss of each step. Which is the first that is not finite?",
            )
    same_paths = [(layer.path, layer.kernel, layer.others) for layer in ours]
    by_path = {(layer.path, layer.kernel, layer.others): layer for layer in theirs}
    if all(path in by_path for path in same_paths):
        pairs = [(mine, by_path[path]) for mine, path in zip(ours, same_paths, strict=True)]
    else:
        pairs = next(assignments(ours, theirs))
    return transplant(got, pairs, shapes)


def _judge_full_size(claim: Any, model: nn.Module, full: tuple[int, ...], hint: str) -> None:
    """Compares the shapes and parameters that the worker reports at full size with our model's."""
    import lib

    own = lib.summary(model, full)

    def shaped(rows: list[tuple[tuple[int, ...], int]]) -> list[tuple[tuple[int, ...], int]]:
        return [(tuple(shape), params) for shape, params in rows if params]

    try:
        rows = [(tuple(row["output_shape"]), row["params"]) for row in claim["rows"]]
        total = claim["total"]
    except (TypeError, KeyError):
        raise Failure.of("The grader cannot list the model's layers.", hint) from None
    ours = shaped([(row.output_shape, row.params) for row in own.rows])
    theirs = shaped(rows)

    def listed(found: list[tuple[tuple[int, ...], int]]) -> str:
        return ", ".join(f"{shape[1:]}: {params:,}" for shape, params in found)

    # A model that holds its parameters outside any layer lists other rows and may be right. Then
    # the kernels at the small size and the logits decide.
    if total == own.total and (Counter(theirs) == Counter(ours) or len(theirs) != len(ours)):
        return
    if type(total) is not int:
        total = -1
    if theirs and len(theirs[-1][0]) > len(ours[-1][0]):
        shape = theirs[-1][0][1:]
        hint = hint or (
            f"The last layer returns {shape} for each image, not {ours[-1][0][1:]}. lib.Flatten() "
            "turns the rows, columns and channels of an image into one row."
        )
    if total == own.total:  # long lists mostly agree: show only what differs
        more, fewer = Counter(theirs) - Counter(ours), Counter(ours) - Counter(theirs)
        theirs, ours = list(more.elements()), list(fewer.elements())
    raise Failure.of(
        f"For an input of shape {full} the model has {total:,} parameters; "
        f"it should have {own.total:,}."
        if total != own.total
        else f"For an input of shape {full} the layers have the wrong output shapes.",
        hint,
        got=f"output shape: parameters {listed(theirs)}",
        expected=f"output shape: parameters {listed(ours)}",
    )
