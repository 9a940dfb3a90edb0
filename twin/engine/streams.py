"""
Named random streams.

Each purpose (calls, phases, placement, …) draws from a stream of its own, and within a purpose
each index (an incident, a member) from a stream of its own. So a different policy or fleet never
shifts what another incident draws: policies are compared on common random numbers
(Law 2015, Simulation Modeling and Analysis, section 11.2).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from models.errors import InvalidQuantityError

__all__ = ["Streams"]


@lru_cache(maxsize=64)
def _words(purpose: str) -> tuple[int, ...]:
    key = hashlib.sha256(purpose.encode()).digest()
    return tuple(int.from_bytes(key[i : i + 4], "little") for i in range(0, 16, 4))


@dataclass(frozen=True, slots=True)
class Streams:
    """
    Random generators by purpose and index, all from one seed.

    Raises
    ------
    InvalidQuantityError
        If the seed is negative.
    """

    seed: int

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise InvalidQuantityError("a seed must not be negative", where="seed", value=self.seed)

    def __call__(self, purpose: str, index: int = 0) -> np.random.Generator:
        """Return the generator of *purpose* and *index*, at its beginning."""
        sequence = np.random.SeedSequence(self.seed, spawn_key=(*_words(purpose), index))
        return np.random.Generator(np.random.PCG64(sequence))
