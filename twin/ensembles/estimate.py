"""
What a sweep will cost, roughly, before it is run.

Where the store holds floods of the same length of time and number of cells, their times count. Else
the time of a flood follows from its cells, its length and the longest step that the scheme may
take, and one nominal speed, measured on one core of a machine of 2024; it is right within a factor
of about three, as depth, activity and other work of the machine decide.
"""

from __future__ import annotations

import json
import math
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scenarios.schema.flood import Flood
from twin.engine.assembly import set_scene, wants_response
from twin.ensembles.plan import first_scenario

if TYPE_CHECKING:
    from twin.ensembles.plan import Plan
    from twin.ensembles.store import EnsembleStore

__all__ = ["Estimate", "estimate"]

#: Cells of ground advanced by one step in one second by one core, for most of them dry.
_CELLS_S = 60e6
#: Time to prepare and store one flood, and one response, s.
_FLOOD_S, _MEMBER_S = 3.0, 0.15
#: Time of a response for each exchange and edge, s.
_EDGE_S = 3e-8
#: Bytes: of a map and cell, of an edge and exchange, and of a member.
_CELL_BYTES, _EDGE_BYTES, _MEMBER_BYTES = 12.0, 2.0, 100e3
_GRAVITY_M_S2 = 9.81


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """
    Time and space of a sweep.

    Parameters
    ----------
    cells, simulated_s
        Cells with ground, and the length of each run.
    seconds, disk_bytes
        Of the whole sweep.
    basis
        ``measured`` on floods of the store, or ``nominal``.
    """

    cells: int
    simulated_s: float
    seconds: float
    disk_bytes: float
    basis: str


def estimate(plan: Plan, store: EnsembleStore, *, workers: int, floods_kept: int = 0) -> Estimate:
    """Return what the first point of a plan suggests for all of them."""
    point = plan.record.points[0]
    scenario = first_scenario(plan)
    city = plan.cities[point.city]
    setting = set_scene(scenario, city)
    duration_s = scenario.period.duration_s
    floods = len(plan.record.floods)
    exchange_s, cells, flood_s, maps = 60.0, 0, 0.0, 0.0
    basis = "nominal"
    if floods and setting.terrain is not None and isinstance(scenario.flood, Flood):
        exchange_s = scenario.flood.exchange_interval
        ground = np.asarray(setting.terrain["ground_level"].values, np.float64)
        cells = int(np.isfinite(ground).sum())
        size = float(setting.terrain.attrs["cell_size_m"])
        step_s = scenario.flood.courant * size / math.sqrt(_GRAVITY_M_S2 * _deepest_m(ground))
        step_s = min(step_s, scenario.flood.max_time_step)
        flood_s = _FLOOD_S + cells * duration_s / step_s / _CELLS_S
        known = _measured(plan, store)
        if known is not None:
            flood_s, basis = known, "measured"
        frames = duration_s / scenario.outputs.frame_interval if plan.record.frames else 2.0
        maps = cells * (_CELL_BYTES + frames)
    exchanges = duration_s / exchange_s
    edges = 2 * len(city.layer("roads"))
    respond_s = _MEMBER_S + exchanges * edges * _EDGE_S if edges else 0.0
    if wants_response(scenario):
        respond_s *= 1.5
    todo = max(0, floods - floods_kept)
    seconds = (todo * flood_s + plan.record.n_members * respond_s) / max(1, workers) + 10.0
    disk = todo * (maps + exchanges * edges * _EDGE_BYTES) + plan.record.n_members * _MEMBER_BYTES
    return Estimate(
        cells=cells, simulated_s=duration_s, seconds=seconds, disk_bytes=disk, basis=basis
    )


def _deepest_m(ground: np.ndarray) -> float:
    """Return a depth that stands for the deepest water: from the lowest bed to common ground."""
    known = ground[np.isfinite(ground)]
    low, middle = np.quantile(known, (0.001, 0.5)) if known.size else (0.0, 1.0)
    return max(0.5, float(middle - low))


def _measured(plan: Plan, store: EnsembleStore) -> float | None:
    """Return the mean time of the floods of this plan that are there already, s."""
    times = []
    for digest in plan.record.floods:
        with suppress(FileNotFoundError, ValueError, KeyError):
            times.append(float(json.loads(store.read(f"floods/{digest}/summary.json"))["wall_s"]))
        if len(times) >= 8:
            break
    return float(np.mean(times)) if times else None
