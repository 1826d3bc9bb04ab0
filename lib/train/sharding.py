"""Training on several devices at once: the same step, with each batch split among them.

Parameters and data are on every device. The examples of a batch are divided among the devices, and
XLA adds up the gradients. The global batch, the order of the examples and every random bit are the
same as on one device, so the results are the same up to rounding.
"""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

BATCH = "batch"


def mesh_for(batch_size: int, devices: Sequence[Any] | None = None) -> Mesh | None:
    """Chooses the devices of a training run.

    Args:
      batch_size: examples per update.
      devices: the devices to choose from; None means all, of all processes.

    Returns:
      The chosen devices, which divide the batch into equal parts; None for the default device.

    Raises:
      ValueError: if there are several processes and the batch cannot be divided among all devices,
        or if none are given.
    """
    chosen = devices is not None
    devices = jax.devices() if devices is None else list(devices)
    if not devices:
        raise ValueError("devices is empty; list one or more of jax.devices().")
    count = math.gcd(batch_size, len(devices))
    if count < len(devices) and jax.process_count() > 1:
        raise ValueError(
            f"A batch of {batch_size} cannot be divided among {len(devices)} devices of "
            f"{jax.process_count()} processes: choose a multiple of {len(devices)}."
        )
    if count == 1 and not chosen:
        return None
    return Mesh(np.array(devices[:count]), (BATCH,))


def replicate(tree: Any, mesh: Mesh | None) -> Any:
    """Puts arrays on every device of a mesh; all processes must pass the same arrays."""
    return tree if mesh is None else _put(tree, mesh, PartitionSpec())


def shard(batch: Any, mesh: Mesh | None) -> Any:
    """Sends a batch to the default device, or divides its examples among the devices of a mesh."""
    return jax.device_put(batch) if mesh is None else _put(batch, mesh, PartitionSpec(BATCH))


def _put(tree: Any, mesh: Mesh, spec: PartitionSpec) -> Any:
    where = NamedSharding(mesh, spec)
    if jax.process_count() == 1:
        return jax.device_put(tree, where)

    def put(leaf):
        if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
            return jax.random.wrap_key_data(put(jax.random.key_data(leaf)))
        # JAX cannot send a process's arrays to another's devices, but it can place NumPy arrays
        # that all processes have.
        return jax.device_put(np.asarray(leaf), where)

    return jax.tree.map(put, tree)


def constrain(batch: Any, mesh: Mesh | None) -> Any:
    """Inside compiled code: divides the examples of a batch, the first axis, among the devices."""
    if mesh is None:
        return batch
    return jax.lax.with_sharding_constraint(batch, NamedSharding(mesh, PartitionSpec(BATCH)))


def gather(tree: Any, mesh: Mesh | None) -> Any:
    """Takes arrays that are on every device of a mesh from this process's first device in it."""
    if mesh is None:
        return tree
    home = mesh.local_devices[0]
    return jax.tree.map(lambda leaf: jax.device_put(leaf.addressable_data(0), home), tree)
