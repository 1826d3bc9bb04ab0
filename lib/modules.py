"""Any Flax module as a model: how it learns that it is training, and which models are refused."""

from __future__ import annotations

import functools
import inspect
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flax import linen as nn
from flax.errors import InvalidRngError, ScopeParamShapeError

# Usual names for the argument of `__call__` that says whether the model is training, and its value
# in training.
_WHILE_TRAINING = {
    "train": True,
    "training": True,
    "is_training": True,
    "is_train": True,
    "train_mode": True,
    "deterministic": False,
    "inference": False,
    "eval": False,
    "evaluation": False,
    "is_eval": False,
    "eval_mode": False,
    "use_running_average": False,
}
# Other argument names that most likely mean the same.
_LIKE = re.compile("train|learn|drop|infer|eval|test|determin|stochastic", re.IGNORECASE)
_DROPPING = (nn.Dropout, nn.MultiHeadDotProductAttention)


def check_module(model: Any) -> None:
    """Refuses anything but a model of Flax Linen; the message says what to do.

    Raises:
      TypeError: if it is an NNX module, a class, or something else.
    """
    if isinstance(model, nn.Module):
        return
    kind = model if isinstance(model, type) else type(model)
    if any(base.__module__.split(".")[:2] == ["flax", "nnx"] for base in kind.__mro__):
        raise TypeError(
            f"{kind.__name__} is a module of Flax NNX, but this library works with Flax Linen: "
            "write it as a class of flax.linen. If it has no dropout and no batch normalisation, "
            f"you can also wrap it: flax.nnx.bridge.ToLinen({kind.__name__}, args=(…)), with the "
            "arguments of its constructor except rngs."
        )
    if isinstance(model, type) and issubclass(model, nn.Module):
        raise TypeError(f"{kind.__name__} is a class, not yet a model: write {kind.__name__}(…).")
    raise TypeError(
        f"A model must be a module of flax.linen, such as lib.ConvClassifier(…); this is "
        f"a {kind.__name__}."
    )


@contextmanager
def explained(model: nn.Module, *shapes: tuple[int, ...]) -> Iterator[None]:
    """While a model runs, replaces errors about Flax's internals with messages about the inputs.

    Args:
      model: the module.
      shapes: the shapes of its inputs.

    Raises:
      ValueError: if the parameters are for inputs of a different shape, the model takes a different
        number of inputs, or a dropout layer does not learn whether the model is training.
    """
    kind = type(model).__name__
    given = ", ".join(map(str, shapes))
    try:
        yield
    except ScopeParamShapeError as error:
        found = re.search(
            r'"(\w+)" in "/?(.*?)".*shape (\(.*?\)), but .* shape (\(.*?\))', str(error)
        )
        where = f": {found[2]}/{found[1]} is {found[4]}, not {found[3]}" if found else ""
        raise ValueError(
            f"The parameters of {kind} are for inputs of a different shape from {given}{where}. "
            "Pictures must be (n, height, width, channels), with the height, width and channels of "
            "the sample_inputs of create_state; a single picture is pictures[:1]."
        ) from error
    except TypeError as error:
        if not re.search(rf"{kind}\.__call__\(\) (missing|takes) \d+ ", str(error)):
            raise
        raise ValueError(
            f"{kind} takes different arguments from the {len(shapes)} inputs it got ({error}). "
            "If one says whether the model is training, call it train=False. Models with several "
            "inputs work with lib.summary, lib.activations and your own training code, with "
            "model.init, model.apply and jax.grad; create_state, fit and predict need models with "
            "one input."
        ) from error
    except ValueError as error:
        if not str(error).startswith('Parameter "deterministic" must be passed'):
            raise
        raise ValueError(
            f"A dropout layer in {kind} does not know whether the model is training: write your "
            "own module, give __call__ an argument train=False, and pass deterministic=not train "
            "to the layer (nn.Sequential cannot pass it on)."
        ) from error


@functools.lru_cache
def _arguments(model_class: type) -> tuple[str, ...]:
    """The arguments of a model class that say whether it is training; usually one, or none."""
    names = inspect.signature(model_class.__call__).parameters
    return tuple(name for name in names if name.lower() in _WHILE_TRAINING)


@functools.lru_cache
def _unknown(model_class: type) -> tuple[str, ...]:
    """Other arguments with a boolean default whose names suggest the same."""
    arguments = inspect.signature(model_class.__call__).parameters.values()
    return tuple(
        each.name for each in arguments if type(each.default) is bool and _LIKE.search(each.name)
    )


def mode(model: nn.Module, training: bool) -> dict[str, Any]:
    """The arguments for a model's `__call__` besides its inputs.

    Args:
      model: a Flax module.
      training: whether it is training.

    Returns:
      {name: value} for its training argument; {} if it has none with a usual name.
    """
    return {name: _WHILE_TRAINING[name.lower()] is training for name in _arguments(type(model))}


@contextmanager
def watched(model: nn.Module, training: bool) -> Iterator[None]:
    """Checks, while a model runs, that its dropout is on in training and off otherwise.

    A model with a training argument decides itself, so an inactive dropout layer causes only a
    warning: a frozen part of a model may well run without dropout.

    Raises:
      ValueError: if a dropout layer never runs, or asks for random numbers in evaluation.
    """
    kind, told = type(model), _arguments(type(model))
    off: list[str] = []

    def watch(call, args, kwargs, context):
        module = context.module
        if (
            context.method_name == "__call__"
            and isinstance(module, _DROPPING)
            and getattr(module, "rate", getattr(module, "dropout_rate", 0)) > 0
            and _is_off(module, args, kwargs)
        ):
            if not told:
                raise ValueError(
                    f"The dropout layer in {kind.__name__} never runs, not even in training, "
                    "because the model does not know when it is training: give __call__ an "
                    "argument train=False, and pass deterministic=not train to the layer. Other "
                    f"known names: {', '.join(_WHILE_TRAINING)}. (To train without dropout, set "
                    "its rate to 0.)"
                )
            off.append("/".join(module.path))
        return call(*args, **kwargs)

    try:
        if training:
            with nn.intercept_methods(watch):
                yield
        else:
            yield
    except InvalidRngError as error:
        asked = re.search(r'PRNG for "(.*?)"', str(error))
        name = asked[1] if asked else "dropout"
        if training:
            raise ValueError(
                f'{kind.__name__} asks for random numbers called "{name}", but training provides '
                'only "dropout": use self.make_rng("dropout").'
            ) from error
        raise ValueError(
            f'{kind.__name__} asks for random numbers called "{name}", but evaluation provides '
            "none: give __call__ an argument train=False, pass deterministic=not train to each "
            'dropout layer, and call self.make_rng("dropout") only if train.'
        ) from error
    if off:
        warnings.warn(
            f"In {kind.__name__}, the dropout layer {', '.join(dict.fromkeys(off))} does not "
            f"run in training: pass {told[0]} on to its module. (If it is not meant to "
            "run, set its rate to 0.)",
            stacklevel=2,
        )
    if training and not told and (names := _unknown(kind)):
        warnings.warn(
            f"{kind.__name__}.__call__ keeps {names[0]} at its default, even in training. If it "
            f"says whether the model is training, use a known name: {', '.join(_WHILE_TRAINING)}.",
            stacklevel=2,
        )


def _is_off(module: nn.Module, args: tuple, kwargs: dict[str, Any]) -> bool:
    """Whether a dropout layer does nothing when called with these arguments."""
    said = kwargs.get("deterministic")
    if said is None and isinstance(module, nn.Dropout) and len(args) > 1:
        said = args[1]
    return bool(getattr(module, "deterministic", None) if said is None else said)
