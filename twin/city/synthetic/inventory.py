"""How many of everything a district has; the default is District 7's digital inventory."""

from __future__ import annotations

from dataclasses import dataclass, fields

from models.errors import InvalidQuantityError

__all__ = ["DEFAULT_AREA_KM2", "Inventory"]

DEFAULT_AREA_KM2 = 35.3

#: What a district of any size needs at least one of, so that a drill can be run in it.
_ESSENTIAL = (
    "roads",
    "canals",
    "bridges",
    "hydrants",
    "hospitals",
    "health_stations",
    "fire_stations",
    "ambulance_stations",
    "police_stations",
    "schools",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """
    Counts of a district, of roads by distinct name.

    The defaults are the digital inventory of District 7, Ho Chi Minh City (35.3 km², 2019
    census); stations, police posts and schools, which the inventory leaves out, are assumed.

    Raises
    ------
    InvalidQuantityError
        If a count is negative.
    """

    roads: int = 458
    alleys: int = 540
    canals: int = 410
    bridges: int = 100
    hydrants: int = 25
    apartment_blocks: int = 105
    hospitals: int = 5
    health_stations: int = 8
    pharmacies: int = 266
    general_clinics: int = 13
    specialist_clinics: int = 155
    convenience_stores: int = 165
    markets: int = 9
    malls: int = 3
    food_businesses: int = 2503
    household_businesses: int = 29273
    enterprises: int = 30025
    fire_stations: int = 2
    ambulance_stations: int = 4
    police_stations: int = 10
    schools: int = 45
    tidal_gates: int = 6
    population: int = 360155

    def __post_init__(self) -> None:
        for item in fields(self):
            if getattr(self, item.name) < 0:
                raise InvalidQuantityError(
                    "a count cannot be negative",
                    where=f"inventory: {item.name}",
                    value=getattr(self, item.name),
                )

    def scaled(self, factor: float) -> Inventory:
        """Return the inventory times *factor*, with at least one of what every district needs."""
        return Inventory(
            **{
                item.name: max(
                    round(getattr(self, item.name) * factor), 1 if item.name in _ESSENTIAL else 0
                )
                for item in fields(self)
            }
        )
