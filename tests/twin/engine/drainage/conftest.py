"""A network of drains made for the small city: a main under the lowest streets, to the river."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial import cKDTree

from twin.city.city import City, terrain_grid

HEAD = """[TITLE]
Made for a test
[OPTIONS]
FLOW_UNITS CMS
FLOW_ROUTING DYNWAVE
START_DATE 01/01/2000
"""


def network_text(city: City, *, manholes: int = 8) -> str:
    """Return a chain of manholes under low ground, each a cell from the next, to the water."""
    terrain = city.terrain
    assert terrain is not None
    grid = terrain_grid(terrain)
    level, water = terrain["ground_level"].values, terrain["water"].values
    rows, columns = np.nonzero(water == 2)
    rivers = cKDTree(np.column_stack((grid.x_m[columns], grid.y_m[rows])))
    rows, columns = np.nonzero((water == 0) & (level < np.nanpercentile(level[water == 0], 30)))
    land = np.column_stack((grid.x_m[columns], grid.y_m[rows]))
    distance, nearest = rivers.query(land)
    first = land[np.argmin(np.where(distance > 80.0, distance, np.inf))]
    mouth = rivers.data[rivers.query(first)[1]]
    chain = land[np.argsort(np.hypot(*(land - first).T), kind="stable")[:manholes]]
    chain = chain[np.argsort(-np.hypot(*(chain - mouth).T), kind="stable")]
    del nearest
    lines = [HEAD, "[JUNCTIONS]"]
    for k, (x, y) in enumerate(chain):
        row, column, _ = grid.locate(x, y)
        ground = float(level[row, column])
        bottom = 0.2 - 0.05 * k
        lines.append(f"M{k} {bottom:.3f} {ground - bottom:.3f} 0 0 0")
    lines += ["[OUTFALLS]", f"OUT {0.2 - 0.05 * manholes:.3f} FREE NO", "[CONDUITS]"]
    names = [f"M{k}" for k in range(manholes)] + ["OUT"]
    lines += [f"P{k} M{k} {names[k + 1]} 40 0.013 0 0 0 0" for k in range(manholes)]
    lines += ["[XSECTIONS]"]
    lines += [f"P{k} CIRCULAR 0.9 0 0 0 1" for k in range(manholes)]
    lines += ["[COORDINATES]", *(f"M{k} {x} {y}" for k, (x, y) in enumerate(chain))]
    lines += [f"OUT {mouth[0]} {mouth[1]}", ""]
    return "\n".join(lines)


@pytest.fixture(scope="session")
def drain_text(small_city: City) -> str:
    """Return the network as a SWMM input file."""
    return network_text(small_city)


@pytest.fixture
def drain_file(drain_text: str, tmp_path: Path) -> Path:
    """Return the network in a file."""
    path = tmp_path / "drains.inp"
    path.write_text(drain_text, encoding="utf-8")
    return path


@pytest.fixture
def wet(document: dict[str, Any]) -> dict[str, Any]:
    """Return the storm alone, half an hour of it, without anybody who answers."""
    for key in ("fleet", "incidents"):
        del document[key]
    document["timeline"] = [
        {"at": "12 min 30 s", "do": "set_tide_offset", "offset_m": 0.1},
        {"at": "25 min 7 s", "do": "set_rain", "multiplier": 0.5},
    ]
    document["period"]["duration"] = "40 min"
    document["outputs"] = {"frame_interval": "10 min", "checkpoint_interval": "10 min"}
    return document
