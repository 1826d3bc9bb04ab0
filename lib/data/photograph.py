"""A grey picture for filters."""

from __future__ import annotations

import numpy as np

from lib.data.chance import Chance


def grey_picture(seed: int = 0) -> np.ndarray:
    """A picture of (512, 512), uint8."""
    chance = Chance(seed, 100)
    y, x = np.indices((512, 512))
    steps = ((x // 64 + y // 64) % 4) * 50 + (x + y) // 16
    return np.clip(steps + chance.between(-8, 8, (512, 512)), 0, 255).astype(np.uint8)
