"""Breaches of a dyke on the faces of its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import ScenarioError
from models.flood.breach import Breach, froehlich_2008, von_thun_gillette
from scenarios.schema.rules import parse_rule
from twin.engine.devices import BreachSite

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.flood.faces import LineFaces
    from twin.engine.places import PlaceFinder
    from twin.engine.setup_lines import Ground

__all__ = ["breach_groups"]

#: A breach must lie this close to its dyke, in cells.
_NEAR = 5.0
_EVEN_GROWTH_S = 3600.0


def breach_groups(
    each: Any,  # noqa: ANN401 - a dyke or a wall
    faces: LineFaces,
    levels_m: tuple[NDArray[np.float64], NDArray[np.float64]],
    *,
    ground: Ground,
    places: PlaceFinder,
    where: str,
) -> tuple[tuple[BreachSite, ...], dict[int, dict[str, Any]]]:
    """
    Return the breaches of a dyke, and by face what its group must know of them.

    Parameters
    ----------
    each, where
        The dyke, and its field.
    faces, levels_m
        Its faces, and the level of its crest and of the ground at each of them, m.
    ground, places
        Where it lies.

    Raises
    ------
    ScenarioError
        If a breach lies away from its dyke, its bottom is not below the crest, or two breaches
        meet.
    """
    crest_m, floor_m = levels_m
    sites: list[BreachSite] = []
    numbers: dict[int, dict[str, Any]] = {}
    size_m = ground.grid.cell_size_m
    x = ground.grid.west_m + (faces.column + 0.5 * (faces.axis == 1)) * size_m
    y = ground.grid.north_m - (faces.row + 0.5 * (faces.axis == 0)) * size_m
    # The chain of faces is longer than the line: a face stands for this much of it.
    spacing_m = np.gradient(faces.along_m) if len(faces) > 1 else np.array([size_m])
    for n, choice in enumerate(each.breaches):
        place = f"{where}.breaches[{n}]"
        at_x, at_y = places.point(choice.location, where=f"{place}.location")
        apart = np.hypot(x - at_x, y - at_y)
        middle = int(np.argmin(apart))
        if apart[middle] > _NEAR * size_m:
            raise ScenarioError(
                f"the breach lies {apart[middle]:.0f} m from its dyke",
                where=f"{place}.location",
                remedy="Move it onto the line.",
            )
        breach = _breach(choice, float(crest_m[middle]), float(floor_m[middle]), place)
        begin_m = faces.along_m - faces.along_m[middle] - 0.5 * spacing_m
        end_m = begin_m + spacing_m
        taken = np.flatnonzero((end_m > -0.5 * breach.width_m) & (begin_m < 0.5 * breach.width_m))
        for face in taken.tolist():
            if face in numbers:
                raise ScenarioError("two breaches of one dyke meet", where=place)
            numbers[face] = {
                "breach": n,
                "from_m": float(begin_m[face]),
                "to_m": float(end_m[face]),
                "width_m": size_m,
            }
        sides = [
            ground.flat(*(int(i[middle]) for i in pair))
            for pair in (faces.cells_a(), faces.cells_b())
        ]
        if not faces.left_is_a[middle]:
            sides.reverse()
        sites.append(
            BreachSite(
                breach=breach,
                at_s=np.inf if choice.at is None else float(choice.at),
                rule=None if choice.when is None else parse_rule(choice.when),
                inside_cell=sides[0],
                outside_cell=sides[1],
            )
        )
    return tuple(sites), numbers


def _breach(choice: Any, crest_m: float, floor_m: float, where: str) -> Breach:  # noqa: ANN401 - a choice of the schema
    bottom_m = floor_m if choice.bottom_m is None else float(choice.bottom_m)
    if bottom_m >= crest_m:
        raise ScenarioError(
            f"the bottom of the breach does not lie below the crest, {crest_m:.2f} m",
            where=f"{where}.bottom_m",
            value=round(bottom_m, 2),
        )
    growth_s = _EVEN_GROWTH_S
    if choice.width_m is not None:
        width_m = float(choice.width_m)
    elif choice.volume_m3 is not None:
        width_m, growth_s = froehlich_2008(
            volume_m3=choice.volume_m3,
            height_m=crest_m - bottom_m,
            overtopped=choice.when is not None,
        )
    else:
        width_m, growth_s = von_thun_gillette(depth_m=choice.depth_m)
    if choice.growth is not None:
        growth_s = float(choice.growth)
    return Breach(width_m=width_m, bottom_m=bottom_m, growth_s=growth_s)
