"""Models as they come: what a Flax module is told of training, and what cannot be trained here."""

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

# How people call the argument of `__call__` that says whether the model learns, and what it is
# while it does.
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
# An argument of another name that means the same, most likely.
_LIKE = re.compile("train|learn|drop|infer|eval|test|determin|stochastic", re.IGNORECASE)
_DROPPING = (nn.Dropout, nn.MultiHeadDotProductAttention)


def check_module(model: Any) -> None:
    """Refuses what is no model of Flax Linen, with a sentence on what to do.

    Raises:
      TypeError: if it is an NNX module, a class, or something else.
    """
    if isinstance(model, nn.Module):
        return
    kind = model if isinstance(model, type) else type(model)
    if any(base.__module__.split(".")[:2] == ["flax", "nnx"] for base in kind.__mro__):
        raise TypeError(
            f"{kind.__name__} is a module of Flax NNX, and this library works with those of Flax "
            "Linen: write it as a class of flax.linen. One without dropout and batch normalization "
            f"can also be wrapped: flax.nnx.bridge.ToLinen({kind.__name__}, args=(…)), with the "
            "arguments of its constructor but rngs."
        )
    if isinstance(model, type) and issubclass(model, nn.Module):
        raise TypeError(f"{kind.__name__} is a class, not yet a model: write {kind.__name__}(…).")
    raise TypeError(
        f"A model is a module of flax.linen, such as lib.ConvClassifier(…); this is "
        f"a {kind.__name__}."
    )


@contextmanager
def explained(model: nn.Module, *shapes: tuple[int, ...]) -> Iterator[None]:
    """Says, while a model runs, what its inputs should be, where Flax speaks of its own insides.

    Args:
      model: the module.
      shapes: of its inputs.

    Raises:
      ValueError: if inputs are of another shape than its parameters were made for, or there are
        fewer than it takes, or a dropout is told nothing at all.
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
            f"The parameters of {kind} are for inputs of another shape than {given}{where}. "
            "Pictures are (n, height, width, channels), of the height, width and channels of those "
            "that were given to create_state; a single one is pictures[:1]."
        ) from error
    except TypeError as error:
        if not re.search(rf"{kind}\.__call__\(\) (missing|takes) \d+ ", str(error)):
            raise
        raise ValueError(
            f"{kind} takes other arguments than the {len(shapes)} inputs that are given ({error}). "
            "If one says whether the model learns, call it train=False. Models of several inputs "
            "are for lib.summary, lib.activations and a training of your own, with model.init, "
            "model.apply and jax.grad; create_state, fit and predict take those of one."
        ) from error
    except ValueError as error:
        if not str(error).startswith('Parameter "deterministic" must be passed'):
            raise
        raise ValueError(
            f"A dropout in {kind} is not told whether the model learns: in a module of your own, "
            "give __call__ an argument train=False, and the dropout deterministic=not train "
            "(nn.Sequential cannot pass it on)."
        ) from error


@functools.lru_cache
def _arguments(model_class: type) -> tuple[str, ...]:
    """Those arguments of a class of models that say whether it learns; usually one, or none."""
    names = inspect.signature(model_class.__call__).parameters
    return tuple(name for name in names if name.lower() in _WHILE_TRAINING)


@functools.lru_cache
def _unknown(model_class: type) -> tuple[str, ...]:
    """Its other arguments with a boolean default that sound as if they should say so."""
    arguments = inspect.signature(model_class.__call__).parameters.values()
    return tuple(
        each.name for each in arguments if type(each.default) is bool and _LIKE.search(each.name)
    )


def mode(model: nn.Module, training: bool) -> dict[str, Any]:
    """What to give to a model's `__call__` besides its inputs.

    Args:
      model: a Flax module.
      training: whether it learns.

    Returns:
      {name: value} of its argument for training; {} if it has none of a usual name.
    """
    return {name: _WHILE_TRAINING[name.lower()] is training for name in _arguments(type(model))}


@contextmanager
def watched(model: nn.Module, training: bool) -> Iterator[None]:
    """Sees to it, while a model runs, that its dropout is on in training and off otherwise.

    A model that has an argument for training decides by itself, and is warned: a part of it that
    stays as it is may well run without dropout.

    Raises:
      ValueError: if a dropout never runs, or asks for random numbers in evaluation.
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
                    f"The dropout in {kind.__name__} never runs, not even in training, as "
                    f"nothing tells the model when it learns: give __call__ an argument "
                    "train=False, and the dropout deterministic=not train. Other names that are "
                    f"known: {', '.join(_WHILE_TRAINING)}. (To train without dropout, set its "
                    "rate to 0.)"
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
                f'{kind.__name__} asks for random numbers called "{name}"; in training there are '
                'those called "dropout": self.make_rng("dropout").'
            ) from error
        raise ValueError(
            f'{kind.__name__} asks for random numbers called "{name}" that it does not get in '
            "evaluation: give __call__ an argument train=False, each dropout "
            'deterministic=not train, and take self.make_rng("dropout") only if train.'
        ) from error
    if off:
        warnings.warn(
            f"In {kind.__name__}, the dropout {', '.join(dict.fromkeys(off))} does not run in "
            f"training: pass {told[0]} on to the module that it is in. (If it is not meant to run, "
            "set its rate to 0.)",
            stacklevel=2,
        )
    if training and not told and (names := _unknown(kind)):
        warnings.warn(
            f"{kind.__name__}.__call__ keeps {names[0]} at its default, also in training. If it "
            f"says whether the model learns, call it by a name that is known: "
            f"{', '.join(_WHILE_TRAINING)}.",
            stacklevel=2,
        )


def _is_off(module: nn.Module, args: tuple, kwargs: dict[str, Any]) -> bool:
    """Whether a dropout, called like this, lets everything through."""
    said = kwargs.get("deterministic")
    if said is None and isinstance(module, nn.Dropout) and len(args) > 1:
        said = args[1]
    return bool(getattr(module, "deterministic", None) if said is None else said)
