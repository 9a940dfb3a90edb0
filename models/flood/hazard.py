"""How dangerous water is to people: the ratings of DEFRA and of Australia."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "AIDR_CLASSES",
    "DEFRA_CLASSES",
    "DEFRA_LIMITS",
    "aidr_class",
    "debris_factor",
    "defra_class",
    "defra_rating",
]

#: Upper ends of the classes low, moderate and significant (DEFRA 2006, FD2321/TR1, table 13.1;
#: some documents draw the last line at 2.5).
DEFRA_LIMITS = (0.75, 1.25, 2.0)
#: Names of the classes 0 to 3.
DEFRA_CLASSES = ("low", "danger for some", "danger for most", "danger for all")
#: Names of the classes 1 to 6.
AIDR_CLASSES = ("H1", "H2", "H3", "H4", "H5", "H6")
#: Largest depth·velocity (m²/s), depth (m) and speed (m/s) of H1 to H5 (AIDR 2017, Guideline 7-3,
#: table 2).
_AIDR_LIMITS = (
    (0.3, 0.3, 2.0),
    (0.6, 0.5, 2.0),
    (0.6, 1.2, 2.0),
    (1.0, 2.0, 2.0),
    (4.0, 4.0, 4.0),
)
_DEBRIS = np.array([[0.0, 0.0, 0.5], [0.0, 0.5, 1.0], [0.0, 1.0, 1.0]])


def _physical(values: ArrayLike, name: str) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    bad = ~(array >= 0.0)
    if bad.any():
        raise InvalidQuantityError(
            "must not be negative or NaN", where=name, value=float(array[bad].flat[0])
        )
    return array


def debris_factor(depth_m: ArrayLike, land_class: ArrayLike = 2) -> NDArray[np.float64]:
    """
    Return the debris factor of DEFRA (2006), FD2321/TR1, table 3.1.

    Parameters
    ----------
    depth_m
        Depth, m.
    land_class
        0 pasture and arable, 1 woodland, 2 urban; broadcast against the depth.
    """
    depth = _physical(depth_m, "depth_m")
    step = (depth > 0.25).astype(np.int64) + (depth > 0.75)
    return np.asarray(_DEBRIS[np.asarray(land_class, dtype=np.int64), step])


def defra_rating(
    depth_m: ArrayLike, speed_m_s: ArrayLike, land_class: ArrayLike = 2
) -> NDArray[np.float64]:
    """
    Return the hazard rating ``d (v + 0.5) + DF`` (DEFRA 2006, FD2321/TR1, eq. 3.1); 0 where dry.

    Parameters
    ----------
    depth_m, speed_m_s
        Depth, m, and speed, m/s, of the same shape.
    land_class
        As for :func:`debris_factor`.

    Raises
    ------
    InvalidQuantityError
        If a depth or speed is negative or NaN.
    """
    depth = _physical(depth_m, "depth_m")
    speed = _physical(speed_m_s, "speed_m_s")
    return np.asarray(depth * (speed + 0.5) + debris_factor(depth, land_class))


def defra_class(
    rating: ArrayLike, *, limits: tuple[float, float, float] = DEFRA_LIMITS
) -> NDArray[np.int8]:
    """Return 0 (low) to 3 (danger for all); a rating on a limit belongs to the class above."""
    return np.searchsorted(np.array(limits), _physical(rating, "rating"), side="right").astype(
        np.int8
    )


def aidr_class(
    depth_m: ArrayLike, speed_m_s: ArrayLike, product_m2_s: ArrayLike | None = None
) -> NDArray[np.int8]:
    """
    Return the class 1 to 6 (H1 to H6) of AIDR (2017), Guideline 7-3; a limit is within its class.

    Parameters
    ----------
    depth_m, speed_m_s
        Depth, m, and speed, m/s, of the same shape.
    product_m2_s
        Depth times speed, m²/s, where it is not that of the two given. With the largest depth,
        speed and product of a flood, which need not fall together, the class is the largest that
        the flood reached: each limit bounds one of the three alone, and all rise with the class.

    Raises
    ------
    InvalidQuantityError
        If a depth or speed is negative or NaN.
    """
    depth = _physical(depth_m, "depth_m")
    speed = _physical(speed_m_s, "speed_m_s")
    both = depth * speed if product_m2_s is None else _physical(product_m2_s, "product_m2_s")
    result = np.full(np.broadcast_shapes(depth.shape, speed.shape, both.shape), 6, dtype=np.int8)
    for number, (product, deepest, fastest) in reversed(list(enumerate(_AIDR_LIMITS, start=1))):
        within = (both <= product) & (depth <= deepest) & (speed <= fastest)
        result[within] = number
    return result
