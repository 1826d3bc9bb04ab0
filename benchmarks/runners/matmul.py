"""The yardstick: operations per second of a large float32 matrix product on this machine."""

from collections.abc import Callable

MODULES = ("jax",)

EDGE = 2048
PRODUCTS = 8


def trainer(*_: object) -> Callable[[], float]:
    """Returns a function that multiplies two 2048×2048 matrices several times."""
    import jax
    import jax.numpy as jnp

    multiply = jax.jit(jnp.matmul)
    left, right = jax.random.normal(jax.random.key(0), (2, EDGE, EDGE))

    def products() -> float:
        for _ in range(PRODUCTS):
            jax.block_until_ready(multiply(left, right))
        return 0.0

    return products


def operations() -> int:
    """Counts the multiplications and additions in one call of the function above."""
    return PRODUCTS * 2 * EDGE**3
