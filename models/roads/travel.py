"""
A vehicle on its route while speeds change under it.

Speeds are constant between two updates of the roads. A vehicle covers each piece of an edge at
the speed that holds while it is on that piece, so that one that leaves later never arrives earlier
(first in, first out). Taking the travel time of an edge at the moment of entry would break that.

A place on a route is ``(leg, fraction)``: the position in the route's list of edges, and the part
of that edge already driven, in [0, 1). The end of the route is ``(number of edges, 0)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Floats = NDArray[np.float64]

__all__ = ["START", "Place", "advance", "drive", "seconds_ahead"]


class Place(NamedTuple):
    """Where on its route a vehicle is: ``leg`` full edges, and ``fraction`` of the next."""

    leg: int
    fraction: float


START = Place(0, 0.0)


def advance(edge_seconds: Floats, place: Place, elapsed_s: float) -> tuple[Place, float]:
    """
    Move a vehicle along its route while travel times stay as they are.

    Parameters
    ----------
    edge_seconds
        Seconds that each edge of the route takes now, infinite where impassable, shape (n_legs,).
    place
        Where the vehicle is.
    elapsed_s
        Time to drive, s, not negative.

    Returns
    -------
    tuple
        The new place, and the seconds left over. A vehicle uses all of its time unless it gets to
        the end of the route, or stands before or on an impassable edge: it halts there.

    Raises
    ------
    InvalidQuantityError
        If the place is not on the route, or a time is negative or NaN.
    """
    seconds = _checked(edge_seconds)
    leg, fraction = _on_route(place, seconds.size)
    if not elapsed_s >= 0.0:
        raise InvalidQuantityError(
            "a vehicle cannot drive back in time", where="route", value=elapsed_s
        )
    left = float(elapsed_s)
    while leg < seconds.size:
        whole = float(seconds[leg])
        if np.isinf(whole):
            return Place(leg, fraction), left
        need = (1.0 - fraction) * whole
        if left < need:
            ahead = fraction + left / whole
            return (Place(leg, ahead), 0.0) if ahead < 1.0 else (Place(leg + 1, 0.0), 0.0)
        left -= need
        leg, fraction = leg + 1, 0.0
    return Place(leg, 0.0), left


def seconds_ahead(edge_seconds: Floats, place: Place) -> Floats:
    """
    Return the seconds until the end of each edge from *place* on, if nothing changes.

    Shape (n_legs - place.leg,), rising, infinite from the first impassable edge on; empty at the
    end of the route. The last one is the time to the end of the route.

    Raises
    ------
    InvalidQuantityError
        If the place is not on the route, or a time is negative or NaN.
    """
    seconds = _checked(edge_seconds)
    leg, fraction = _on_route(place, seconds.size)
    ahead = seconds[leg:].copy()
    if ahead.size and np.isfinite(ahead[0]):
        ahead[0] *= 1.0 - fraction
    return np.cumsum(ahead)


def drive(times_s: Floats, edge_seconds: Floats, depart_s: float) -> Floats:
    """
    Return when a vehicle gets to the end of each edge of its route.

    Parameters
    ----------
    times_s
        Rising times at which travel times change, s, shape (n_periods,). Period ``k`` lasts from
        ``times_s[k]`` to the next; the last one has no end.
    edge_seconds
        Seconds per period and edge, infinite where impassable, shape (n_periods, n_legs). The
        vehicle waits, on the edge or before it, until an impassable edge opens.
    depart_s
        Time of departure, s, not before ``times_s[0]``.

    Returns
    -------
    array
        Times, s, shape (n_legs,), infinite for what is never reached.

    Raises
    ------
    InvalidQuantityError
        If the times do not rise, do not fit, or begin after the departure.
    """
    times = np.asarray(times_s, np.float64)
    seconds = np.asarray(edge_seconds, np.float64)
    if seconds.ndim != 2 or times.shape != seconds.shape[:1] or not times.size:
        raise InvalidQuantityError(
            "every period needs one row of travel times",
            where="route",
            value=(times.shape, seconds.shape),
        )
    if not (np.diff(times) > 0.0).all() or not depart_s >= times[0]:
        raise InvalidQuantityError(
            "the times must rise, and begin before the departure", where="route", value=depart_s
        )
    reached = np.full(seconds.shape[1], np.inf)
    place, clock = START, float(depart_s)
    ends = np.append(times[1:], np.inf)
    for k in range(int(np.searchsorted(times, depart_s, side="right")) - 1, times.size):
        ahead = clock + seconds_ahead(seconds[k], place)
        done = int(np.searchsorted(ahead, ends[k], side="right"))
        if np.isinf(ends[k]):
            done = int(np.isfinite(ahead).sum())
        reached[place.leg : place.leg + done] = ahead[:done]
        if place.leg + done == reached.size or np.isinf(ends[k]):
            break
        place, _ = advance(seconds[k], place, float(ends[k]) - clock)
        clock = float(ends[k])
        unsettled = reached[: place.leg]
        unsettled[np.isinf(unsettled)] = clock
    return reached


def _checked(edge_seconds: Floats) -> Floats:
    seconds = np.asarray(edge_seconds, np.float64)
    if seconds.ndim != 1 or not (seconds >= 0.0).all():
        raise InvalidQuantityError(
            "edge_seconds must be one row of numbers that are not negative",
            where="route",
            value=seconds.shape,
        )
    return seconds


def _on_route(place: Place, legs: int) -> Place:
    leg, fraction = place
    at_end = leg == legs and fraction == 0.0
    if not (at_end or (0 <= leg < legs and 0.0 <= fraction < 1.0)):
        raise InvalidQuantityError(
            "the place is not on the route", where=f"route of {legs} edges", value=tuple(place)
        )
    return Place(int(leg), float(fraction))
