"""
Speed of the response: a year of Auckland's ambulances, a day of District 7, searches, residents.

``python -m benchmarks response [--json] [--docs] [--days N]``. Stations, hospitals, ambulances and
the law of the calls are those of the Auckland model of JEMSS (Ridler, Mason & Raith 2022) in
``TWIN_DATA/response/auckland``. Its roads are read from ``travel/roads/{nodes,arcs}.csv`` where
they are; without them a made-up network of the same size (54,370 nodes) is laid over the places,
calls come from everywhere on it alike, and ``roads`` in the result says so.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import simpy

from benchmarks import district_day, residents
from benchmarks.roads import made_up_city, one_to_all
from benchmarks.verification.setups import data_folder
from models.response import (
    Constant,
    Event,
    Exponential,
    FacilitySpec,
    IncidentSpec,
    ResponseModel,
    ResponseParameters,
    UnitSpec,
)
from models.roads import VEHICLE_CLASSES, RoadConditions, build_graph
from twin.engine.network import RoadNetwork
from twin.engine.streams import Streams

if TYPE_CHECKING:
    from models.roads import RoadGraph

__all__ = ["main"]

_REPORT: Final = Path(__file__).parents[1] / "docs" / "benchmarks-response.md"
_HEAD: Final = """# Speed of the response

Written by `python -m benchmarks response --docs`; do not edit. A year of calls on a network as
large as Auckland's, 280 a day, the nearest idle or returning ambulance going to each, on one core
(goal: 60 s); a day in District 7 under a high tide with 500 calls, 60 units and 50,000 residents,
without the time of the flood (goal: 30 s); a step of 100,000 agents (goal: 50 ms); and one search
to all nodes beside scipy's Dijkstra in the same run (goals: 8 ms, 1.5 times as fast). Times are of
the machine that ran the command, whatever else it was doing.

| figure | value |
| --- | --- |
"""

_NODES: Final = 54_370
_CALLS_A_DAY: Final = 280.0
_DAY_S: Final = 86_400.0
_PRIORITIES: Final = (0.57, 0.245, 0.185)
_MADE_UP: Final = "made up, as many nodes as Auckland"


class Auckland(NamedTuple):
    """Roads, and places on them."""

    roads: str
    graph: RoadGraph
    stations: list[int]
    hospitals: list[int]
    ambulances: list[int]


def _table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table that begins with one line of title."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        next(file)
        return [row for row in csv.DictReader(file) if row["index"]]


def _projected(bounds: dict[str, str], rows: list[dict[str, str]]) -> np.ndarray:
    """Return places in m from the south-west corner, shape (n, 2)."""
    scale = np.array([float(bounds["xScale"]), float(bounds["yScale"])]) * 1000.0
    corner = np.array([float(bounds["xMin"]), float(bounds["yMin"])])
    places = np.array([(float(r["x"]), float(r["y"])) for r in rows])
    projected: np.ndarray = (places - corner) * scale
    return projected


def _real_roads(folder: Path, bounds: dict[str, str]) -> RoadGraph:
    nodes = _table(folder / "nodes.csv")
    place = _projected(bounds, nodes)
    with (folder / "arcs.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    begin = next(k for k, line in enumerate(lines) if "fromNode" in line)
    column = {name: k for k, name in enumerate(lines[begin])}
    arcs = [line for line in lines[begin + 1 :] if line and line[0]]
    tail = np.array([int(float(a[column["fromNode"]])) - 1 for a in arcs])
    head = np.array([int(float(a[column["toNode"]])) - 1 for a in arcs])
    seconds = np.array([float(a[column["mode_1"]]) for a in arcs]) * _DAY_S
    return build_graph(
        node_id=np.arange(len(nodes)), node_x_m=place[:, 0], node_y_m=place[:, 1],
        from_node=tail, to_node=head, direction=["forward"] * len(arcs),
        road_class=["tertiary"] * len(arcs), length_m=np.maximum(seconds, 1e-3) * 12.0,
    )  # fmt: skip


def _auckland() -> Auckland:
    folder = data_folder("response/auckland")
    with (folder / "maps" / "map_1.csv").open(encoding="utf-8-sig", newline="") as file:
        next(file)
        bounds = next(csv.DictReader(file))
    stations = _table(folder / "stations" / "stations_1.csv")
    hospitals = _table(folder / "hospitals" / "hospitals_1.csv")
    ambulances = _table(folder / "ambulances" / "ambulances_1.csv")
    roads = folder / "travel" / "roads"
    if (roads / "arcs.csv").is_file():
        name, graph = "Auckland", _real_roads(roads, bounds)
        shift, stretch = np.zeros(2), 1.0
    else:
        name, graph = _MADE_UP, made_up_city(_NODES, seed=3)
        # The made-up city fills a square; the places keep their pattern within it.
        places = _projected(bounds, stations + hospitals)
        low, high = places.min(axis=0), places.max(axis=0)
        side = float(min(np.ptp(graph.x_m), np.ptp(graph.y_m)))
        stretch = 0.9 * side / float((high - low).max())
        shift = low - 0.05 * side / stretch
    nodes = {}
    for key, rows in (("stations", stations), ("hospitals", hospitals)):
        x, y = ((_projected(bounds, rows) - shift) * stretch).T
        found, _ = graph.nearest_nodes(x, y, vehicle_class=VEHICLE_CLASSES["ambulance"])
        nodes[key] = [int(node) for node in found]
    homes = [int(row["stationIndex"]) - 1 for row in ambulances]
    return Auckland(name, graph, nodes["stations"], nodes["hospitals"], homes)


def _calls(place: Auckland, days: float) -> list[IncidentSpec]:
    rng = np.random.default_rng(5)
    gaps = rng.exponential(_DAY_S / _CALLS_A_DAY, int(days * _CALLS_A_DAY * 1.2) + 50)
    times = np.cumsum(gaps)
    times = times[times < days * _DAY_S]
    inside = place.graph.components(VEHICLE_CLASSES["ambulance"]).in_largest
    nodes = rng.choice(np.flatnonzero(inside), times.size)
    priorities = rng.choice(len(_PRIORITIES), times.size, p=_PRIORITIES) + 1
    return [
        IncidentSpec(id=f"c{k}", time_s=float(t), kind="medical", priority=int(p), node=int(n))
        for k, (t, p, n) in enumerate(zip(times, priorities, nodes, strict=True))
    ]


def simulate(days: float = 365.0) -> dict[str, Any]:
    """
    Run Auckland for some days, the nearest idle or returning ambulance going to every call.

    Returns
    -------
    dict
        ``seconds`` of computing, ``calls``, ``mean_response_s`` and ``late_share`` of 15 min.
    """
    place = _auckland()
    conditions = RoadConditions(place.graph, (VEHICLE_CLASSES["ambulance"],))
    calls = _calls(place, days)
    response_s: list[float] = []

    def log(event: Event) -> None:
        if event.kind == "unit_arrived":
            response_s.append(event.value)

    roads: Any = SimpleNamespace(graph=place.graph, conditions=conditions, knowledge=None)
    env = simpy.Environment()
    begin = time.perf_counter()
    model = ResponseModel(
        env,
        RoadNetwork(roads, [*place.stations, *place.hospitals]),
        units=[
            UnitSpec(id=f"a{k}", service="ambulance", vehicle_class=0, station=f"s{home}")
            for k, home in enumerate(place.ambulances)
        ],
        facilities=[
            FacilitySpec(id=f"{kind[0]}{k}", kind=kind, node=node)
            for kind, nodes in (("station", place.stations), ("hospital", place.hospitals))
            for k, node in enumerate(nodes)
        ],
        streams=Streams(1),
        log=log,
        parameters=ResponseParameters(
            call_taking=Constant(0.0),
            turnout=MappingProxyType({"ambulance": Constant(0.0)}),
            on_scene=MappingProxyType({"ambulance": Exponential(720.0)}),
            clearing=Constant(0.0),
            record_routes=False,
        ),
    )  # fmt: skip
    model.schedule(calls)
    env.run(until=days * _DAY_S)
    model.finish()
    seconds = time.perf_counter() - begin
    times = np.array(response_s)
    return {
        "roads": place.roads,
        "nodes": place.graph.n_nodes,
        "seconds": round(seconds, 2),
        "calls": len(calls),
        "mean_response_s": round(float(times.mean()), 1),
        "late_share": round(float((times > 900.0).mean()), 4),
    }


def main(argv: list[str]) -> int:
    """Measure, print a table or one JSON object, and return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks response", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--days", type=float, default=365.0, help="days to simulate; then scaled")
    parser.add_argument("--docs", action="store_true", help="write the table in docs")
    options = parser.parse_args(argv)
    simulate(0.2)  # compile
    found = simulate(options.days)
    one_to_all_ms, ratio = one_to_all(made_up_city(_NODES))
    day = district_day.simulate()
    row = {
        "auckland_year_s": round(found.pop("seconds") * 365.0 / options.days, 2),
        "district7_day_s": day["district7_day_s"],
        "residents_step_ms": residents.measure()["residents_step_ms"],
        "one_to_all_ms": round(one_to_all_ms, 3),
        "ratio_scipy": round(ratio, 3),
        "days": options.days,
        **found,
        "day": f"{day['city']}, {day['incidents']} calls beside {day['flood_s']} s of flood",
    }
    if options.docs:
        lines = [f"| `{name}` | {value} |" for name, value in row.items()]
        _REPORT.write_text(_HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    if options.json:
        print(json.dumps(row))
        return 0
    for name, value in row.items():
        print(f"  {name:<18} {value!s:>36}")
    return 0
