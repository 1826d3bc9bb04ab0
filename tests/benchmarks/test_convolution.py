"""The convolution benchmark times what it claims, and its table has every layer."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmarks import convolution


@pytest.mark.parametrize("way", [convolution.conv2d, convolution.stock])
def test_the_parts_are_the_convolution_and_its_two_gradients(way):
    numbers = np.random.default_rng(0)
    shapes = (2, 8, 8, 3), (3, 3, 3, 4), (2, 6, 6, 4)
    x, kernel, dy = (jnp.asarray(numbers.normal(size=shape), jnp.float32) for shape in shapes)

    def weighted(x, kernel):
        return jnp.sum(convolution.stock(x, kernel) * dy)

    expected = [convolution.stock(x, kernel), *jax.grad(weighted, (0, 1))(x, kernel)]
    for part, right in zip(convolution.PARTS, expected, strict=True):
        got = convolution.one_of(part, way)(x, kernel, dy)
        np.testing.assert_allclose(got, right, atol=1e-4)


def test_every_part_of_a_result_is_computed_in_every_turn():
    """Otherwise the compiler leaves out unused results, and the figure covers part of the work."""

    def compute(a, b):
        return jnp.stack([jnp.dot(a, b), jnp.dot(a, b + 1), jnp.dot(b, a)])

    square = jnp.ones((16, 16))
    turns = convolution.loop_of(compute).lower((square, square)).compile().as_text()
    products = [line for line in turns.splitlines() if " dot(" in line]
    assert len(products) == 3


def test_the_table_has_every_layer(monkeypatch, capsys):
    monkeypatch.setattr(convolution.matmul, "trainer", lambda: lambda: sum(range(1000)))
    monkeypatch.setattr(convolution, "LAYERS", ((8, 1, 2), (9, 16, 16)))
    monkeypatch.setattr(convolution, "seconds", lambda compute, arrays: 1e-3 * len(arrays))
    assert convolution.main(["--batch", "2"]) == 0
    table = capsys.readouterr().out
    assert "8², 1 → 2" in table and "9², 16 → 16" in table and "stock" in table
    assert convolution.main(["--edge", "9"]) == 0
    assert "8², 1 → 2" not in capsys.readouterr().out
