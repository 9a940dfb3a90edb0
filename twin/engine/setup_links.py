"""Links of a scenario: culverts, pumps, weirs, sluices and siphons between cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import ScenarioError
from models.flood.links import (
    CULVERT_BOX,
    CULVERT_ROUND,
    PARAMETERS,
    PUMP,
    SIPHON,
    SLUICE,
    WEIR,
)
from models.flood.structures import link_parameters
from scenarios.schema.rules import Rule, parse_rule
from scenarios.schema.structures import INLETS
from twin.engine.devices import NO_WALL_M, Device

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.engine.places import PlaceFinder
    from twin.engine.setup_lines import Ground

__all__ = ["Pipes"]

#: A gate that is clear of the water: higher than any.
_CLEAR_M = 1.0e6
_OUTSIDE = -1


@dataclass(kw_only=True)
class Pipes:
    """The links as they come; ``snaps`` holds the name of each end and how far it was moved, m."""

    ground: Ground
    places: PlaceFinder
    kinds: list[int] = field(default_factory=list)
    rows: list[NDArray[np.float64]] = field(default_factory=list)
    ends: list[tuple[int, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    lifts: list[float] = field(default_factory=list)
    snaps: list[tuple[str, float]] = field(default_factory=list)

    def arrays(self) -> dict[str, Any]:
        """Return the links as :class:`~models.flood.structures.Structures` takes them."""
        ends = np.asarray(self.ends, np.int64).reshape(-1, 2)
        row, column = np.divmod(ends, self.ground.grid.columns)
        row[ends == _OUTSIDE], column[ends == _OUTSIDE] = -1, -1
        return {
            "link_row_a": row[:, 0].copy(),
            "link_column_a": column[:, 0].copy(),
            "link_row_b": row[:, 1].copy(),
            "link_column_b": column[:, 1].copy(),
            "link_kind": np.asarray(self.kinds, np.int64),
            "link_params": np.asarray(self.rows, np.float64).reshape(-1, PARAMETERS),
            "link_names": tuple(self.names),
        }

    def add(self, each: Any, where: str) -> Device:  # noqa: ANN401 - any of the links
        """
        Lay out one link.

        Raises
        ------
        ScenarioError
            If an end lies off the grid or in the dry, both ends meet, or a level is missing.
        """
        first, a = self._end(each, each.from_location, f"{where}.from_location")
        last, b = None, _OUTSIDE
        if each.to_location != "outside":
            last, b = self._end(each, each.to_location, f"{where}.to_location")
        if a == b:
            raise ScenarioError(
                "both ends lie in one cell",
                where=where,
                remedy=f"The cells measure {self.ground.grid.cell_size_m:g} m; move an end.",
            )
        if b != _OUTSIDE and self._held(a) and self._held(b):
            raise ScenarioError(
                "the tide prescribes the level at both ends, so that it could have no effect",
                where=where,
            )
        span_m = float(np.hypot(*(np.subtract(first, last)))) if last is not None else 0.0
        if last is None and each.outside_level_m is None and each.kind != "pump":
            raise ScenarioError(
                "the water level outside is missing", where=f"{where}.outside_level_m"
            )
        kind, values = _PARAMETERS[each.kind](each, self._bed(a), self._bed(b), span_m, where)
        lift = np.nan
        if each.kind == "sluice":
            lift = float(values["height_m"])
        x, y = self.ground.centre(a)
        rules = _rules(each)
        return Device(
            name=each.id,
            kind=each.kind,
            x_m=x,
            y_m=y,
            links=(self._keep(kind, link_parameters(kind, **values), (a, b), each.id, lift),),
            open_rule=rules[0],
            close_rule=rules[1],
            travel_s=each.operating_time,
            rest_s=each.least_interval,
            inside_cell=a,
            outside_cell=b,
            outside_level_m=np.nan if each.outside_level_m is None else each.outside_level_m,
            position=_initial(each, ruled=any(rules)),
        )

    def narrow_gate(self, each: Any, device: Device, sill_m: float, way: int) -> int:  # noqa: ANN401 - a gate
        """Lay out a gate that is narrower than its faces; return the number of its link."""
        lift_m = float(each.top_m) - sill_m if each.lift_m is None else float(each.lift_m)
        row = link_parameters(
            SLUICE,
            sill_m=sill_m,
            width_m=float(each.width_m),
            height_m=lift_m,
            top_m=_CLEAR_M,  # the wall beside it stands for its leaf
            direction=float(way),
        )
        return self._keep(SLUICE, row, (device.inside_cell, device.outside_cell), each.id, lift_m)

    def _keep(
        self,
        kind: int,
        row: NDArray[np.float64],
        ends: tuple[int, int],
        name: str,
        lift: float,
    ) -> int:
        self.kinds.append(kind)
        self.rows.append(row)
        self.ends.append(ends)
        self.names.append(name)
        self.lifts.append(lift)
        return len(self.kinds) - 1

    def _bed(self, cell: int) -> float:
        return float("nan") if cell == _OUTSIDE else float(self.ground.bed_m.flat[cell])

    def _held(self, cell: int) -> bool:
        return bool(self.ground.prescribed.flat[cell])

    def _end(self, each: Any, place: Any, where: str) -> tuple[tuple[float, float], int]:  # noqa: ANN401 - as above
        """Return a point, and the lowest cell near it, of water where there is any."""
        x, y = self.places.point(place, where=where)
        grid, bed = self.ground.grid, self.ground.bed_m
        reach_m = 2.0 * grid.cell_size_m if each.snap_m is None else float(each.snap_m)
        row, column, inside = grid.locate(x, y)
        if not bool(inside):
            raise ScenarioError(
                "the end lies off the grid",
                where=where,
                value=(round(x), round(y)),
                remedy=f"The grid covers {tuple(round(b) for b in grid.bounds)} m; "
                "for water that leaves it write `to_location: outside`.",
            )
        n = int(reach_m / grid.cell_size_m) + 1
        rows = np.arange(max(int(row) - n, 0), min(int(row) + n + 1, grid.rows))
        columns = np.arange(max(int(column) - n, 0), min(int(column) + n + 1, grid.columns))
        window = np.ix_(rows, columns)
        apart = np.hypot(grid.x_m[columns][None, :] - x, grid.y_m[rows][:, None] - y)
        own = (rows[:, None] == int(row)) & (columns[None, :] == int(column))
        near = ((apart <= reach_m) | own) & ~np.isnan(bed[window])
        if not near.any():
            raise ScenarioError("there is no ground here", where=where, value=(round(x), round(y)))
        if self.ground.water is not None and not each.in_the_dry:
            near &= self.ground.water[window]
            if not near.any():
                raise ScenarioError(
                    f"no canal or river lies within {reach_m:g} m",
                    where=where,
                    value=(round(x), round(y)),
                    remedy="Move it to water, or write `in_the_dry: true` if it stands on land.",
                )
        depth = np.where(near, bed[window], np.inf)
        lowest = near & (depth <= depth.min() + 1e-9)
        j, i = np.unravel_index(int(np.argmin(np.where(lowest, apart, np.inf))), lowest.shape)
        if not own[j, i]:
            self.snaps.append((each.id, float(apart[j, i])))
        return (x, y), self.ground.flat(int(rows[j]), int(columns[i]))


def _rules(each: Any) -> tuple[Rule | None, Rule | None]:  # noqa: ANN401 - any of the links
    """Return the rules by which it opens or starts, and closes or stops."""
    if each.kind != "pump":
        texts = (each.open_when, each.close_when)
    elif each.start_level_m is not None:
        texts = (f"inside > {each.start_level_m:f} m", f"inside < {each.stop_level_m:f} m")
    else:
        texts = (each.start_when, each.stop_when)
    first, last = (None if text is None else parse_rule(text) for text in texts)
    return first, last


def _initial(each: Any, *, ruled: bool) -> float:  # noqa: ANN401 - as above
    if each.initial is not None:
        return 1.0 if each.initial == "open" else 0.0
    return 0.0 if each.kind == "pump" and ruled else 1.0


# The rows of parameters

type _Values = tuple[int, dict[str, float]]


def _barrel(each: Any, span_m: float, entrance_loss: float, where: str) -> dict[str, float]:  # noqa: ANN401 - as above
    length_m = span_m if each.length_m is None else float(each.length_m)
    if length_m <= 0.0:
        raise ScenarioError("the length is missing", where=f"{where}.length_m")
    return {
        "length_m": length_m,
        "manning": each.manning,
        "entrance_loss": entrance_loss if each.entrance_loss is None else each.entrance_loss,
        "exit_loss": each.exit_loss,
        "barrels": float(each.barrels),
        "direction": 1.0 if each.flap else 0.0,
        **_outside(each),
    }


def _outside(each: Any) -> dict[str, float]:  # noqa: ANN401 - as above
    return {} if each.outside_level_m is None else {"outside_level_m": each.outside_level_m}


def _culvert(each: Any, bed_a: float, bed_b: float, span_m: float, where: str) -> _Values:  # noqa: ANN401 - as above
    k, m, c, y, form, loss = INLETS[each.inlet]
    beyond = each.outside_level_m if np.isnan(bed_b) else bed_b
    values = {
        "invert_a_m": bed_a if each.invert_from_m is None else each.invert_from_m,
        "invert_b_m": beyond if each.invert_to_m is None else each.invert_to_m,
        "inlet_k": k,
        "inlet_m": m,
        "inlet_c": c,
        "inlet_y": y,
        "inlet_form": form,
        **_barrel(each, span_m, loss, where),
    }
    if each.diameter_m is not None:
        return CULVERT_ROUND, values | {"height_m": each.diameter_m, "width_m": each.diameter_m}
    return CULVERT_BOX, values | {"height_m": each.height_m, "width_m": each.width_m}


def _siphon(each: Any, _a: float, _b: float, span_m: float, where: str) -> _Values:  # noqa: ANN401 - as above
    return SIPHON, {
        "invert_a_m": each.mouth_from_m,
        "invert_b_m": each.mouth_to_m,
        "height_m": each.diameter_m,
        "summit_m": each.summit_m,
        **_barrel(each, span_m, 0.5, where),
    }


def _pump(each: Any, bed_a: float, bed_b: float, _span: float, where: str) -> _Values:  # noqa: ANN401 - as above
    points = [(0.0, each.capacity_m3_s)]
    if each.curve is not None:
        points = [(point.head_m, point.flow_m3_s) for point in each.curve]
    outlet = each.outlet_level_m
    if np.isnan(bed_b) and outlet is None:
        outlet = each.outside_level_m
        if outlet is None and each.curve is not None:
            raise ScenarioError(
                "the level that the pump lifts to is missing", where=f"{where}.outlet_level_m"
            )
    values = {
        "points": float(len(points)),
        "suction_level_m": bed_a if each.suction_level_m is None else each.suction_level_m,
        "outlet_level_m": NO_WALL_M if outlet is None else outlet,
        "outside_level_m": NO_WALL_M if each.outside_level_m is None else each.outside_level_m,
    }
    for n, (head, flow) in enumerate(points, start=1):
        values |= {f"head_{n}_m": head, f"flow_{n}_m3_s": flow * each.units}
    return PUMP, values


def _weir(each: Any, _a: float, _b: float, _span: float, _where: str) -> _Values:  # noqa: ANN401 - as above
    values = {"crest_m": each.crest_m, "width_m": each.width_m, "thin": float(each.thin)}
    return WEIR, values | _outside(each)


def _sluice(each: Any, bed_a: float, bed_b: float, _span: float, _where: str) -> _Values:  # noqa: ANN401 - as above
    highest = bed_a if np.isnan(bed_b) else max(bed_a, bed_b)
    sill = highest if each.sill_m is None else each.sill_m
    lift = _CLEAR_M if each.top_m is None else each.top_m - sill
    return SLUICE, {
        "sill_m": sill,
        "width_m": each.width_m,
        "height_m": lift if each.lift_m is None else each.lift_m,
        "top_m": _CLEAR_M if each.top_m is None else each.top_m,
        "direction": 1.0 if each.flap else 0.0,
        **_outside(each),
    }


_PARAMETERS = {
    "culvert": _culvert,
    "siphon": _siphon,
    "pump": _pump,
    "weir": _weir,
    "sluice": _sluice,
}
