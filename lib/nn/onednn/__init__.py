"""Convolution with oneDNN, if its library is installed: the fastest on x86-64 CPUs."""

import os

import jax

from lib.nn.onednn.library import Library as Library
from lib.nn.onednn.library import find as find
from lib.nn.onednn.operations import conv_pool_relu as conv_pool_relu
from lib.nn.onednn.operations import forward as forward
from lib.nn.onednn.operations import kernel_gradient as kernel_gradient
from lib.nn.onednn.operations import picture_gradient as picture_gradient

# The position of the largest value of a block is stored in a byte.
LARGEST_WINDOW = 16


def is_used() -> bool:
    """Whether this process convolves with oneDNN.

    Never on several devices: XLA can divide only its own operations among them.
    """
    return isinstance(find(), Library) and not _several_devices()


def lack() -> tuple[str, str]:
    """The reason why oneDNN is not used, and the remedy; both are empty if it is used."""
    found = find()
    return ("", "") if isinstance(found, Library) else (found.reason, found.remedy)


def _several_devices() -> bool:
    """Whether there may be more than one CPU device; does not start any."""
    return (
        jax.config.values.get("jax_num_cpu_devices", 1) > 1
        or "host_platform_device_count" in os.environ.get("XLA_FLAGS", "")
        or jax.distributed.is_initialized()
    )
