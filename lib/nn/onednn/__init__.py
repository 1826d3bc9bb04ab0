"""Convolution by oneDNN, where its library is installed: the fastest on CPUs of the x86-64 kind."""

import os

import jax

from lib.nn.onednn.library import Library as Library
from lib.nn.onednn.library import find as find
from lib.nn.onednn.operations import conv_pool_relu as conv_pool_relu
from lib.nn.onednn.operations import forward as forward
from lib.nn.onednn.operations import kernel_gradient as kernel_gradient
from lib.nn.onednn.operations import picture_gradient as picture_gradient

# The place of the largest value of a block is kept in a byte.
LARGEST_WINDOW = 16


def is_used() -> bool:
    """Whether this process convolves by oneDNN.

    Not on several devices, among which XLA can divide its own operations only.
    """
    return isinstance(find(), Library) and not _several_devices()


def lack() -> tuple[str, str]:
    """Says why oneDNN is not used here, and what mends it; both are empty where it is used."""
    found = find()
    return ("", "") if isinstance(found, Library) else (found.reason, found.mend)


def _several_devices() -> bool:
    """Whether there may be more than one CPU device; asked without starting any."""
    return (
        jax.config.values.get("jax_num_cpu_devices", 1) > 1
        or "host_platform_device_count" in os.environ.get("XLA_FLAGS", "")
        or jax.distributed.is_initialized()
    )
