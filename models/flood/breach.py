"""How a breach in a dyke grows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.errors import InvalidQuantityError

__all__ = ["Breach", "froehlich_2008", "von_thun_gillette"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """
    A breach that widens and deepens evenly from nothing to its final size.

    Parameters
    ----------
    width_m
        Final width, m.
    bottom_m
        Final level of its bottom, m.
    growth_s
        Time in which it reaches them, s; 0 is at once.

    Raises
    ------
    InvalidQuantityError
        If the width is not positive, or the time is negative.
    """

    width_m: float
    bottom_m: float
    growth_s: float

    def __post_init__(self) -> None:
        if not 0.0 < self.width_m < np.inf:
            raise InvalidQuantityError(
                "must be positive", where="width of a breach", value=self.width_m
            )
        if not 0.0 <= self.growth_s < np.inf:
            raise InvalidQuantityError(
                "must not be negative", where="time of growth of a breach", value=self.growth_s
            )

    def share(self, age_s: float) -> float:
        """Return how far it has grown *age_s* after its start, from 0 to 1."""
        if age_s < 0.0:
            return 0.0
        return min(age_s / self.growth_s, 1.0) if self.growth_s > 0.0 else 1.0

    def width_at_m(self, age_s: float) -> float:
        """Return its width, m."""
        return self.width_m * self.share(age_s)

    def bottom_at_m(self, age_s: float, crest_m: float) -> float:
        """Return the level of its bottom, m, which falls from the crest."""
        return crest_m + (min(self.bottom_m, crest_m) - crest_m) * self.share(age_s)


def froehlich_2008(
    *, volume_m3: float, height_m: float, overtopped: bool, gravity_m_s2: float = 9.81
) -> tuple[float, float]:
    """
    Return mean width, m, and time of formation, s, of a breach.

    ``B = 0.27 K V^0.32 h^0.04``, K = 1.3 where overtopped and 1 where piped, and
    ``t = 63.2 √(V / (g h²))``: Froehlich (2008), J. Hydraul. Eng. 134(12), eqs. 21 and 22.

    Parameters
    ----------
    volume_m3
        Water above the bottom of the breach that can drain through it, m³.
    height_m
        Height of the breach, m.
    overtopped
        Whether water over the crest made it.
    gravity_m_s2
        Acceleration of gravity.
    """
    factor = 1.3 if overtopped else 1.0
    width = 0.27 * factor * volume_m3**0.32 * height_m**0.04
    return width, 63.2 * float(np.sqrt(volume_m3 / (gravity_m_s2 * height_m**2)))


def von_thun_gillette(*, depth_m: float, erodible: bool = True) -> tuple[float, float]:
    """
    Return mean width, m, and time of formation, s, of a breach.

    ``B = 2.5 h_w + 6.1`` m where little water is stored; ``t = 0.015 h_w`` h in erodible soil and
    ``0.020 h_w + 0.25`` h in resistant soil: Von Thun & Gillette (1990), as given by Wahl (1998),
    USBR DSO-98-004.

    Parameters
    ----------
    depth_m
        Water above the bottom of the breach when it begins, m.
    erodible
        Whether the soil erodes easily.
    """
    hours = 0.015 * depth_m if erodible else 0.020 * depth_m + 0.25
    return 2.5 * depth_m + 6.1, 3600.0 * hours
