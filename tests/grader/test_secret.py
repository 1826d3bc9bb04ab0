"""Streams come from the secret, and nothing reveals it."""

import jax
import numpy as np
import pytest

from grader.secret import Secret


def test_streams_differ_by_week_task_and_purpose_and_repeat():
    secret = Secret.from_seed(3)
    base = secret.stream("week1", "a").seed("x")
    assert secret.stream("week1", "a").seed("x") == base
    others = [
        secret.stream("week2", "a").seed("x"),
        secret.stream("week1", "b").seed("x"),
        secret.stream("week1", "a").seed("y"),
        secret.stream("week1", "ax").seed(""),
        Secret.from_seed(4).stream("week1", "a").seed("x"),
    ]
    assert len({base, *others}) == 6
    assert 0 <= base < 2**128


def test_fresh_secrets_have_128_bits_and_differ():
    secrets = {Secret.fresh().bits for _ in range(50)}
    assert len(secrets) == 50 and all(len(bits) == 16 for bits in secrets)


def test_the_label_is_a_fingerprint_or_the_number_given():
    secret = Secret.fresh()
    assert isinstance(secret.label, str) and len(secret.label) == 16
    assert secret.label not in secret.bits.hex() and secret.bits.hex() not in repr(secret)
    assert Secret.from_seed(12).label == 12


def test_numpy_and_key_streams():
    stream = Secret.from_seed(1).stream("week1", "t")
    first, again = stream.numpy("x").normal(size=4), stream.numpy("x").normal(size=4)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, stream.numpy("y").normal(size=4))
    key = stream.key("k")
    assert jax.dtypes.issubdtype(key.dtype, jax.dtypes.prng_key)
    assert jax.random.uniform(key) == jax.random.uniform(stream.key("k"))
    assert jax.random.uniform(key) != jax.random.uniform(stream.key("l"))


@pytest.mark.parametrize("seed", [0, 1, 2**64, -5])
def test_any_number_is_a_seed(seed):
    assert len(Secret.from_seed(seed).bits) == 16
