"""
Time of one step of the residents of a city under rising water.

``python -m benchmarks residents [--households N] [--json]``. A made-up network; a third of the
households are warned and on their way, so that hearing, moving and stranding all happen.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time

import numpy as np

from benchmarks.roads import made_up_city
from models.residents import (
    CHANNELS,
    Behaviour,
    Households,
    PeopleShares,
    ResidentsModel,
    Water,
    Ways,
    draw_households,
)

__all__ = ["main", "measure"]

_STEP_S = 60.0


def _model(wanted: int) -> ResidentsModel:
    graph = made_up_city(15_000)
    rng = np.random.default_rng(4)
    drawn = draw_households(
        round(wanted * 3.44),
        x_m=graph.x_m,
        y_m=graph.y_m,
        weight=np.ones(graph.n_nodes),
        spread_m=50.0,
        upper_floor=np.full(graph.n_nodes, np.nan),
        shares=PeopleShares(),
        rng=rng,
    )
    node, snap = graph.nearest_nodes(drawn["x_m"], drawn["y_m"])
    shelters = np.zeros(graph.n_nodes, np.bool_)
    shelters[rng.choice(graph.n_nodes, 40, replace=False)] = True
    high = np.zeros(graph.n_nodes, np.bool_)
    high[rng.choice(graph.n_nodes, 1000, replace=False)] = True
    return ResidentsModel(
        Households(**drawn, node=node.astype(np.int64), snap_m=snap),
        Ways.of(graph.n_nodes, graph.tail, graph.head, graph.length_m),
        shelters=shelters,
        high_ground=high,
        behaviour=Behaviour(),
        channels=CHANNELS,
        warning_stream=lambda number: np.random.default_rng((7, number)),
    )


def measure(households: int = 100_000, steps: int = 180) -> dict[str, float | int]:
    """Step a model of so many households through rising water; times in ms, on this machine."""
    start = time.perf_counter()
    model = _model(households)
    built_s = time.perf_counter() - start
    n, ways = len(model.households), model.ways
    edges = int(ways.edge.max()) + 1
    rng = np.random.default_rng(5)
    home, edge = rng.uniform(0.0, 1.2, n), rng.uniform(0.0, 1.0, edges)
    model.warn(np.ones(n, np.bool_), advice="evacuate", channel="sms")
    seconds, busy = [], []
    for k in range(steps):
        rise = min(1.0, k / (0.7 * steps))
        water = Water(
            home_depth_m=home * rise,
            home_speed_m_s=np.full(n, 0.2),
            edge_depth_m=edge * rise,
            edge_speed_m_s=np.full(edges, 0.3),
            closed=np.zeros(edges, np.bool_),
        )
        start, busy_start = time.perf_counter(), time.process_time()
        model.advance((k + 1) * _STEP_S, water)
        if k:  # the first compiles
            seconds.append(time.perf_counter() - start)
            busy.append(time.process_time() - busy_start)
    row = model.series()
    if sum(row[name][-1] for name in ("at_home", "upstairs", "on_the_way", "safe")) + sum(
        row[name][-1] for name in ("stranded", "trapped", "rescued")
    ) != (model.households.people):
        raise RuntimeError("people were lost or doubled")
    return {
        "households": n,
        "people": model.households.people,
        "nodes": ways.n_nodes,
        "built_s": round(built_s, 3),
        "steps": len(seconds),
        "residents_step_ms": round(statistics.median(seconds) * 1e3, 3),
        "residents_step_cpu_ms": round(statistics.median(busy) * 1e3, 3),
        "residents_mean_step_cpu_ms": round(statistics.fmean(busy) * 1e3, 3),
        "residents_mean_step_ms": round(statistics.fmean(seconds) * 1e3, 3),
        "residents_slowest_step_ms": round(max(seconds) * 1e3, 3),
        "safe": row["safe"][-1],
        "stranded": row["stranded"][-1],
        "calls": row["calls"][-1],
    }


def main(argv: list[str]) -> int:
    """Measure, print a table or one JSON object, and return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks residents", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--households", type=int, default=100_000, help="number of agents")
    parser.add_argument("--steps", type=int, default=180, help="steps of 60 s")
    options = parser.parse_args(argv)
    row = measure(options.households, options.steps)
    if options.json:
        print(json.dumps(row))
        return 0
    for name, value in row.items():
        print(f"{name:<26} {value:>14,}")
    return 0
