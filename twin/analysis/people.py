"""Where the people of a city are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from models.errors import CityError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.city.city import City

__all__ = ["People", "people_of"]


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """
    Persons by place.

    Attributes
    ----------
    x_m, y_m, persons
        Shape (n,); every one of *persons* is positive.
    basis
        ``measured``, ``derived``, ``assumed`` or empty where not known.
    source
        The layer that they come from.
    """

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    persons: NDArray[np.float64]
    basis: str
    source: str

    @property
    def total(self) -> float:
        """All persons."""
        return float(self.persons.sum())


def people_of(city: City) -> People:
    """
    Return the people of a city: its population raster, else the residents of its buildings.

    Raises
    ------
    CityError
        If the city knows neither.
    """
    terrain = city.terrain
    if terrain is not None and "population" in terrain:
        count = np.nan_to_num(np.asarray(terrain["population"].to_numpy(), np.float64))
        row, column = np.nonzero(count > 0.0)
        if row.size:
            x = np.asarray(terrain["x"].to_numpy(), np.float64)[column]
            y = np.asarray(terrain["y"].to_numpy(), np.float64)[row]
            return People(
                x, y, count[row, column], _basis(city, "terrain/population"), "population"
            )
    buildings = city.layer("buildings")
    if "residents" in buildings:
        residents = np.nan_to_num(np.asarray(buildings["residents"], np.float64))
        chosen = residents > 0.0
        if chosen.any():
            points = shapely.point_on_surface(np.asarray(buildings.geometry.values)[chosen])
            x, y = shapely.get_x(points), shapely.get_y(points)
            return People(x, y, residents[chosen], _basis(city, "buildings"), "buildings")
    raise CityError(
        "the city does not know where people live",
        where=f"city {city.name}",
        remedy="Add a population to its recipe, or a column residents to its buildings.",
    )


def _basis(city: City, layer: str) -> str:
    found = city.provenance.get(layer)
    return "" if found is None else str(found.basis.value)
