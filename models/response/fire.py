"""
Fires: from the first engine on scene to the last flame.

The engines lay hose to the nearest reachable hydrants or open water, one source per engine that
the run card sends. The work of extinguishing goes on at full rate while water flows as the fire
needs it, and at a lower rate where sources give too little. Without any source the tanks last for
some minutes; after them water is shuttled. Sources are looked for again whenever tanks run dry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from models.response.incidents import FIRE, ON_SCENE_DRAW

if TYPE_CHECKING:
    import simpy

    from models.response.context import Context, Steps
    from models.response.events import Json
    from models.response.incidents import Incident
    from models.response.network import IntArray
    from models.response.units import Unit

__all__ = ["Fire", "Water", "WaterMap", "extinguish", "find_water"]

LITRES_LEFT: Final = 1e-6  # l; less than a drop is an empty tank


@dataclass(frozen=True, slots=True)
class WaterMap:
    """
    Where engines can draw water; arrays of shape (w,).

    Parameters
    ----------
    node
        Road node at which an engine stands to draw.
    x_m, y_m
        The place, m.
    is_hydrant
        Hydrant, or else open water.
    """

    node: IntArray
    x_m: np.ndarray[tuple[int], np.dtype[np.float64]]
    y_m: np.ndarray[tuple[int], np.dtype[np.float64]]
    is_hydrant: np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Water:
    """The water that engines found: kind, flow, and the length of hose to the nearest source."""

    kind: str
    flow_l_s: float
    hose_m: float
    nodes: tuple[int, ...]


@dataclass(slots=True, eq=False)
class Fire:
    """A fire while it burns. ``out`` is None until the first engine is there."""

    incident: Incident
    out: simpy.Event | None = None
    engines: list[Unit] = field(default_factory=list)
    tank_l: float = 0.0
    is_out: bool = False


def find_water(
    context: Context, sources: WaterMap, fire: Fire, vehicle_class: int, count: int
) -> Water:
    """Return the water of the nearest *count* sources that hoses and an engine can reach."""
    parameters = context.parameters.fire
    x_m, y_m = fire.incident.spec.x_m, fire.incident.spec.y_m
    if math.isnan(x_m):
        x_m, y_m = context.network.node_xy(fire.incident.spec.node)
    hose_m = parameters.hose_detour * np.hypot(sources.x_m - x_m, sources.y_m - y_m)
    near = np.flatnonzero(hose_m <= parameters.hose_length_m)
    near = near[np.lexsort((near, hose_m[near]))]
    if near.size:
        seconds = context.network.times_from(
            vehicle_class, fire.incident.spec.node, sources.node[near]
        )
        near = near[np.isfinite(seconds)][:count]
    if not near.size:
        return Water("tank", 0.0, 0.0, ())
    flow_l_s = sum(parameters.credited_flow_l_s(float(length)) for length in hose_m[near])
    kind = "hydrant" if sources.is_hydrant[near[0]] else "open_water"
    nodes = tuple(int(node) for node in sources.node[near])
    return Water(kind, flow_l_s, float(hose_m[near[0]]), nodes)


def extinguish(context: Context, sources: WaterMap, fire: Fire) -> Steps[None]:
    """Put out a fire, beginning with the arrival of the first engine."""
    env, incident, parameters = context.env, fire.incident, context.parameters.fire
    yield env.timeout(parameters.set_up_s)
    burning_s = env.now - incident.received_s
    incident.fire_area_m2 = parameters.area_m2(incident.fire_area_m2, burning_s)
    incident.water_on = True
    needed_l_s = parameters.needed_flow_l_s(incident.fire_area_m2)
    left_s = _work_s(context, incident)
    water, lay_s = _connect(context, sources, fire, needed_l_s)
    context.emit(
        "water_applied", incident=incident, service=FIRE, value=env.now - incident.received_s
    )
    used_l, told = 0.0, False
    while left_s > 0.0:
        if water.nodes and lay_s <= 0.0:
            rate = max(parameters.shuttle_rate, min(1.0, water.flow_l_s / needed_l_s))
            yield env.timeout(left_s / rate)
            break
        if fire.tank_l > LITRES_LEFT:
            span_s = min(left_s, fire.tank_l / needed_l_s, lay_s if water.nodes else math.inf)
            fire.tank_l -= span_s * needed_l_s
            used_l += span_s * needed_l_s
            left_s -= span_s
        elif water.nodes:
            span_s = lay_s
        else:
            if not told:
                context.emit("water_exhausted", incident=incident, service=FIRE, value=used_l)
                told = True
            span_s = min(left_s / parameters.shuttle_rate, parameters.look_again_s)
            left_s -= span_s * parameters.shuttle_rate
        yield env.timeout(span_s)
        lay_s -= span_s
        if not water.nodes and fire.tank_l <= LITRES_LEFT and left_s > 0.0:
            water, lay_s = _connect(context, sources, fire, needed_l_s, only_if_found=True)
    fire.is_out = True
    context.emit(
        "fire_out",
        incident=incident,
        service=FIRE,
        value=env.now - incident.received_s,
        detail={
            "area_m2": incident.fire_area_m2,
            "engines": len(fire.engines),
            "source": water.kind,
        },
    )


def _work_s(context: Context, incident: Incident) -> float:
    """Return the drawn work at full rate, s; it belongs to the incident, not to an engine."""
    parameters = context.parameters.fire
    slot = next(slot for slot in incident.slots if slot.service == FIRE)
    relative = incident.fire_area_m2 / parameters.reference_area_m2
    return parameters.work.at(slot.draws[ON_SCENE_DRAW]) * math.pow(
        relative, parameters.area_exponent
    )


def _connect(
    context: Context,
    sources: WaterMap,
    fire: Fire,
    needed_l_s: float,
    *,
    only_if_found: bool = False,
) -> tuple[Water, float]:
    """Find water, write what was found, and return it with the seconds until the hose is laid."""
    parameters = context.parameters.fire
    vehicle_class = fire.engines[0].spec.vehicle_class
    count = max(1, parameters.engines(fire.incident.fire_area_m2))
    water = find_water(context, sources, fire, vehicle_class, count)
    if water.nodes or not only_if_found:
        detail: dict[str, Json] = {
            "kind": water.kind,
            "sources": len(water.nodes),
            "nodes": list(water.nodes),
            "distance_m": water.hose_m if water.nodes else None,
            "needed_l_s": needed_l_s,
        }
        context.emit(
            "water_source",
            incident=fire.incident,
            service=FIRE,
            value=water.flow_l_s,
            detail=detail,
        )
    return water, water.hose_m / parameters.hose_lay_m_s
