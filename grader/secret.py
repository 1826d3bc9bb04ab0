"""The run's secret: 128 random bits, the source of every stream of fresh inputs.

It never reaches a worker, neither in an argument nor in the environment. Students see only its
fingerprint.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import jax

BITS = 128


@dataclass(frozen=True)
class Secret:
    """The secret of one run.

    Attributes:
      bits: 16 bytes.
      seed: the number from --seed, if given; such a run is only an experiment.
    """

    bits: bytes
    seed: int | None = None

    @classmethod
    def fresh(cls) -> Secret:
        """Draws a secret from the machine's source of randomness."""
        return cls(secrets.token_bytes(BITS // 8))

    @classmethod
    def from_seed(cls, seed: int) -> Secret:
        """Makes the secret for a number, the same in every run."""
        digest = hashlib.sha256(f"flaxlings seed {seed}".encode()).digest()
        return cls(digest[: BITS // 8], seed)

    @property
    def label(self) -> str | int:
        """What a result shows: the given number, or a fingerprint that reveals nothing else."""
        if self.seed is not None:
            return self.seed
        return self._digest("fingerprint").hex()[:16]

    def _digest(self, text: str) -> bytes:
        return hmac.new(self.bits, text.encode(), hashlib.sha256).digest()

    def stream(self, week: str, task: str) -> TaskSecret:
        """Returns the streams of one task."""
        return TaskSecret(self, week, task)

    def __repr__(self) -> str:
        """Shows the label, so that no traceback shows the secret."""
        return f"Secret({self.label})"


@dataclass(frozen=True)
class TaskSecret:
    """The streams of one task, one for each purpose: `secret.numpy("images")`."""

    secret: Secret
    week: str
    task: str

    def seed(self, purpose: str) -> int:
        """Returns a 128-bit number for a purpose, the same for every call in this run."""
        # Include lengths, so that no two (week, task, purpose) give the same text.
        text = "|".join(f"{len(part)}:{part}" for part in (self.week, self.task, purpose))
        return int.from_bytes(self.secret._digest(text)[: BITS // 8], "little")

    def numpy(self, purpose: str) -> np.random.Generator:
        """Returns a fresh NumPy generator for a purpose."""
        return np.random.Generator(np.random.Philox(key=self.seed(purpose)))

    def key(self, purpose: str) -> jax.Array:
        """Returns a JAX random key for a purpose; a student's function also gets a key."""
        import jax
        import jax.numpy as jnp

        words = np.array([self.seed(purpose) >> shift & 0xFFFFFFFF for shift in (0, 32)], np.uint32)
        key: Any = jax.random.wrap_key_data(jnp.asarray(words))
        return key
