"""Households as arrays: what never changes, and what does."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models.errors import InvalidQuantityError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from models.residents.parameters import PeopleShares

    type Floats = NDArray[np.float64]
    type Ints = NDArray[np.int64]

__all__ = [
    "AT_HOME",
    "ON_THE_WAY",
    "RESCUED",
    "SAFE",
    "STATUS",
    "STRANDED",
    "TRAPPED",
    "UPSTAIRS",
    "HouseholdState",
    "Households",
    "draw_households",
]

AT_HOME: Final = 0
UPSTAIRS: Final = 1
ON_THE_WAY: Final = 2
SAFE: Final = 3
STRANDED: Final = 4
TRAPPED: Final = 5
RESCUED: Final = 6
#: Where the people of a household are; each is in exactly one of these.
STATUS: Final = ("at_home", "upstairs", "on_the_way", "safe", "stranded", "trapped", "rescued")

#: Where the motorbike is: none, at home, on high ground, lost or left in water, taken along.
NO_VEHICLE, VEHICLE_HOME, VEHICLE_SAFE, VEHICLE_LOST, VEHICLE_TAKEN = range(5)

#: Not on an arc: between the door and the road, and at a node.
FROM_HOME: Final = -1
AT_NODE: Final = -2


@dataclass(frozen=True, slots=True, kw_only=True)
class Households:
    """
    What never changes, one entry a household.

    Parameters
    ----------
    x_m, y_m
        Where it lives, m.
    node, snap_m
        Nearest node of the network, and the distance to it, m.
    persons, children, elderly
        Their number, and how many are under 15 and from 65 on.
    mobility
        A position in ``MOBILITY``.
    upper_floor
        Whether there is a floor above the ground.
    motorbike
        Whether it can ride away.
    draws
        Uniform numbers in [0, 1) that its decisions hang on, shape (n, 3): leaving, moving the
        vehicle, being hurt.
    prepare
        Standard normal number of its time to prepare.
    """

    x_m: Floats
    y_m: Floats
    node: Ints
    snap_m: Floats
    persons: Ints
    children: Ints
    elderly: Ints
    mobility: Ints
    upper_floor: NDArray[np.bool_]
    motorbike: NDArray[np.bool_]
    draws: Floats
    prepare: Floats

    def __post_init__(self) -> None:
        count = self.x_m.size
        for each in fields(self):
            if getattr(self, each.name).shape[0] != count:
                raise InvalidQuantityError(
                    "one entry a household is needed", where=each.name, value=count
                )
        if count and self.persons.min() < 1:
            raise InvalidQuantityError(
                "a household has at least one person", where="persons", value=0
            )

    def __len__(self) -> int:
        return int(self.x_m.size)

    @property
    def people(self) -> int:
        """How many people there are."""
        return int(self.persons.sum())


def draw_households(
    people: int,
    *,
    x_m: Floats,
    y_m: Floats,
    weight: Floats,
    spread_m: float,
    upper_floor: Floats,
    shares: PeopleShares,
    rng: np.random.Generator,
) -> dict[str, NDArray[Any]]:
    """
    Draw the households of *people* persons, all but their place on the network.

    Parameters
    ----------
    people
        How many persons; the households have exactly as many together.
    x_m, y_m, weight
        Candidate places, m, and how many people each has relative to the others, shape (k,).
    spread_m
        Width of the square around a place over which its households spread, m.
    upper_floor
        Probability of a floor above the ground at each place, NaN takes that of *shares*, (k,).
    shares
        Sizes, ages and means.
    rng
        Generator.

    Raises
    ------
    InvalidQuantityError
        If there is nobody, or no place for them.
    """
    if people < 1 or not weight.sum() > 0.0:
        raise InvalidQuantityError(
            "households need people and places", where="residents", value=people
        )
    sizes = np.arange(1, len(shares.household_size) + 1)
    mean = float(sizes @ np.asarray(shares.household_size))
    size = rng.choice(sizes, int(people / mean * 1.2) + 50, p=_exact(shares.household_size))
    last = int(np.searchsorted(np.cumsum(size), people))
    size = size[: last + 1].astype(np.int64)
    size[-1] -= int(size.sum()) - people
    count = size.size
    place = rng.choice(x_m.size, count, p=weight / weight.sum())
    jitter = (rng.random((count, 2)) - 0.5) * spread_m
    children = rng.binomial(np.maximum(size - 1, 0), _conditional(shares.children, mean))
    elderly = rng.binomial(size - children, min(shares.elderly / (1.0 - shares.children), 1.0))
    kind = np.where(elderly > 0, 2, np.where(children > 0, 1, 0))
    table = np.cumsum(
        [shares.mobility_adults, shares.mobility_children, shares.mobility_elderly], axis=1
    )
    u = rng.random(count)
    mobility = (u[:, None] >= table[kind][:, :2]).sum(axis=1)
    floor = np.where(np.isnan(upper_floor), shares.upper_floor, upper_floor)[place]
    return {
        "x_m": x_m[place] + jitter[:, 0],
        "y_m": y_m[place] + jitter[:, 1],
        "persons": size,
        "children": children.astype(np.int64),
        "elderly": elderly.astype(np.int64),
        "mobility": mobility.astype(np.int64),
        "upper_floor": rng.random(count) < floor,
        "motorbike": rng.random(count) < shares.motorbike,
        "draws": rng.random((count, 3)),
        "prepare": rng.standard_normal(count),
    }


def _exact(shares: tuple[float, ...]) -> Floats:
    given = np.asarray(shares, np.float64)
    return np.asarray(given / given.sum())


def _conditional(children: float, mean_size: float) -> float:
    """Return the probability that a member beside the first is a child."""
    beside = 1.0 - 1.0 / mean_size
    return min(children / beside, 1.0) if beside > 0.0 else 0.0


@dataclass(slots=True, kw_only=True)
class HouseholdState:
    """
    Everything of the households that changes, and that a checkpoint must hold; shape (n,).

    Parameters
    ----------
    status
        A position in ``STATUS``.
    heard_s
        When a warning of each kind will be heard and believed, s, infinite where never, shape
        (len(ADVICE), n).
    advice
        The strongest warning that it acts on, a position in ``ADVICE``.
    noticed
        Whether it saw the water.
    depart_s
        When it leaves, s; infinite where it stays.
    riding
        Whether it rides.
    node, arc, left_m
        Node reached last, arc (or ``FROM_HOME``, ``AT_NODE``), and what is left of it, m.
    vehicle, vehicle_s
        Where the motorbike is, and when it will stand on high ground, s.
    call, call_due_s
        Number of the call that it waits on, -1 none; when it will call, s.
    worst
        Largest hazard class that it was exposed to, 0 none.
    was
        Bit ``k`` is set where status ``k`` was ever taken.
    """

    status: NDArray[np.int8]
    heard_s: Floats
    advice: NDArray[np.int8]
    noticed: NDArray[np.bool_]
    depart_s: Floats
    riding: NDArray[np.bool_]
    node: Ints
    arc: Ints
    left_m: Floats
    vehicle: NDArray[np.int8]
    vehicle_s: Floats
    call: Ints
    call_due_s: Floats
    worst: NDArray[np.int8]
    was: NDArray[np.int16]

    @classmethod
    def at_home(cls, households: Households, *, kinds_of_advice: int) -> HouseholdState:
        """Return the state in which everybody is at home and knows nothing."""
        n = len(households)

        def never() -> Floats:
            return np.full(n, np.inf)

        return cls(
            status=np.zeros(n, np.int8),
            heard_s=np.full((kinds_of_advice, n), np.inf),
            advice=np.zeros(n, np.int8),
            noticed=np.zeros(n, np.bool_),
            depart_s=never(),
            riding=np.zeros(n, np.bool_),
            node=households.node.copy(),
            arc=np.full(n, FROM_HOME, np.int64),
            left_m=households.snap_m.copy(),
            vehicle=np.where(households.motorbike, VEHICLE_HOME, NO_VEHICLE).astype(np.int8),
            vehicle_s=never(),
            call=np.full(n, -1, np.int64),
            call_due_s=never(),
            worst=np.zeros(n, np.int8),
            was=np.ones(n, np.int16),
        )

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return copies of all arrays by name."""
        return {each.name: getattr(self, each.name).copy() for each in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> HouseholdState:
        """Rebuild what :meth:`to_arrays` gave."""
        return cls(**{each.name: np.array(arrays[each.name]) for each in fields(cls)})
