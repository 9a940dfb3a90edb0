"""The units of a run, each at its station, checked before the run begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import InvalidQuantityError
from models.response.units import Unit, UnitState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.response.hospitals import FacilitySpec
    from models.response.parameters import ResponseParameters
    from models.response.units import UnitSpec

__all__ = ["muster"]


def muster(
    units: Sequence[UnitSpec], facilities: Sequence[FacilitySpec], parameters: ResponseParameters
) -> tuple[Unit, ...]:
    """
    Return all units at their stations, in their order.

    Raises
    ------
    InvalidQuantityError
        If a unit names a station that is not there, a service without times, or a name is double.
    """
    _require_unique("unit", [unit.id for unit in units])
    _require_unique("facility", [facility.id for facility in facilities])
    stations = {facility.id: facility.node for facility in facilities}
    fleet = []
    for index, spec in enumerate(units):
        where = f"unit {spec.id!r}"
        if spec.station not in stations:
            raise InvalidQuantityError(
                "the unit's station is not among the facilities",
                where=where,
                value=spec.station,
                remedy="Name the id of a facility.",
            )
        if spec.service not in parameters.turnout or spec.service not in parameters.on_scene:
            raise InvalidQuantityError(
                "the unit's service has no turnout or no on-scene time",
                where=where,
                value=spec.service,
                remedy="Give both in the response parameters.",
            )
        home = stations[spec.station]
        state = UnitState.IDLE if spec.starts_in_service else UnitState.OUT_OF_SERVICE
        fleet.append(Unit(index, spec, home, home, state))
    return tuple(fleet)


def _require_unique(what: str, names: Sequence[str]) -> None:
    seen = set()
    for name in names:
        if name in seen:
            raise InvalidQuantityError(f"two of the same {what}", value=name)
        seen.add(name)
