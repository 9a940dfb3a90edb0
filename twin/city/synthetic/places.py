"""Facilities and hydrants as points beside the roads, and the gates at the mouths of canals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from twin.city.synthetic.buildings import HALF_WIDTH_M
from twin.city.synthetic.frame import CRS, stream
from twin.city.synthetic.network import RANK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twin.city.synthetic.buildings import Buildings
    from twin.city.synthetic.frame import Floats, Frame, Geometries
    from twin.city.synthetic.inventory import Inventory
    from twin.city.synthetic.network import Edges
    from twin.city.synthetic.waters import Waters

__all__ = ["facilities", "hydrants", "structures"]

type Ints = NDArray[np.int64]

# By quarter: mixed, old, modern, industrial, polder; by class as in ``RANK``.
_TRADE = np.array([1.0, 1.5, 1.2, 0.25, 0.06])
_PASSING = np.array([0.6, 1.6, 1.6, 1.4, 0.6, 1.0, 0.5, 0.45])

#: Inventory, kind of facility, category, Vietnamese name.
_SHOPS = (
    ("pharmacies", "pharmacy", "", "Nhà thuốc số {}"),
    ("general_clinics", "clinic", "general", "Phòng khám đa khoa số {}"),
    ("specialist_clinics", "clinic", "specialist", "Phòng khám chuyên khoa số {}"),
    ("convenience_stores", "convenience", "", "Cửa hàng tiện lợi số {}"),
    ("food_businesses", "restaurant", "", "Quán ăn số {}"),
)
_PUBLIC_NAMES = {
    "hospital": "Bệnh viện số {}",
    "mall": "Trung tâm thương mại số {}",
    "market": "Chợ số {}",
    "fire_station": "Đội chữa cháy số {}",
    "ambulance_station": "Trạm cấp cứu số {}",
    "health_station": "Trạm y tế phường {}",
    "police": "Công an phường {}",
    "school": "Trường học số {}",
}


def _roadside(edges: Edges, weight: Floats, count: int, rng: np.random.Generator) -> Geometries:
    """Return points a few metres off the pavement of the edges."""
    edge = rng.choice(len(weight), count, p=weight / weight.sum())
    lines = edges.lines[edge]
    at_m = rng.uniform(0.15, 0.85, count) * shapely.length(lines)
    place = shapely.get_coordinates(shapely.line_interpolate_point(lines, at_m))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines, at_m + 1.0)) - place
    ahead /= np.maximum(np.hypot(*ahead.T), 1e-9)[:, None]
    side = rng.choice([-1.0, 1.0], count) * (HALF_WIDTH_M[edges.road_class[edge]] + 2.0)
    off = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) * side[:, None]
    return np.asarray(shapely.points(place + off))


def facilities(
    frame: Frame, edges: Edges, quarter: Ints, buildings: Buildings, inventory: Inventory
) -> gpd.GeoDataFrame:
    """Return the facilities: public buildings at their middle, shops by the road."""
    rng = stream(frame.seed, "facilities")
    rows: list[dict[str, object]] = []
    points: list[Geometries] = []
    for kind, form in _PUBLIC_NAMES.items():
        own = np.flatnonzero(buildings.purpose == kind)
        points.append(shapely.centroid(buildings.shape[own]))
        for k in range(own.size):
            beds = float(rng.integers(12, 50) * 10) if kind == "hospital" else np.nan
            supermarket = kind == "market" and k % 2 == 1
            rows.append(
                {
                    "facility_id": f"{kind}-{k + 1}",
                    "kind": "supermarket" if supermarket else kind,
                    "name": f"Siêu thị số {k + 1}" if supermarket else form.format(k + 1),
                    "beds": beds,
                    "category": "",
                }
            )
    weight = shapely.length(edges.lines) * _TRADE[quarter] * _PASSING[edges.road_class]
    weight = weight * (edges.water < 0)
    for item, kind, category, form in _SHOPS:
        count = getattr(inventory, item)
        busy = weight * rng.lognormal(0.0, 0.7, len(weight))  # trade gathers in some streets
        points.append(_roadside(edges, busy, count, rng))
        prefix = f"{category}-{kind}" if category else kind
        rows += [
            {
                "facility_id": f"{prefix}-{k + 1}",
                "kind": kind,
                "name": form.format(k + 1),
                "beds": np.nan,
                "category": category,
            }
            for k in range(count)
        ]
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=np.concatenate(points), crs=CRS)


def hydrants(frame: Frame, edges: Edges, quarter: Ints, count: int) -> gpd.GeoDataFrame:
    """Return hydrants spread along the wider roads."""
    rng = stream(frame.seed, "hydrants")
    weight = shapely.length(edges.lines) * (edges.water < 0) * (_TRADE[quarter] > 0.1)
    wide = weight * (edges.road_class <= RANK.index("tertiary"))
    weight = wide if wide.sum() > 0.0 else weight
    pool = _roadside(edges, weight, 20 * count + 20, rng)
    xy = shapely.get_coordinates(pool)
    chosen = [0]
    gap = np.hypot(*(xy - xy[0]).T)
    for _ in range(count - 1):
        chosen.append(int(np.argmax(gap * rng.uniform(0.5, 1.0, len(gap)))))
        gap = np.minimum(gap, np.hypot(*(xy - xy[chosen[-1]]).T))
    return gpd.GeoDataFrame(
        {"hydrant_id": [f"hydrant-{k + 1}" for k in range(count)]},
        geometry=pool[chosen],
        crs=CRS,
    )


def structures(waters: Waters, names: list[str], count: int) -> gpd.GeoDataFrame:
    """Return tidal gates at the mouths of the widest canals that branch from the trunks."""
    second = [k for k, order in enumerate(waters.order) if order in (2, 3)]
    widest = sorted(second, key=lambda k: (waters.order[k], -waters.width_m[k], k))[:count]
    areas = waters.polygons()
    mouths = []
    for k in widest:
        line = shapely.LineString(waters.lines[k])
        wider = [j for j in range(len(areas)) if waters.order[j] < waters.order[k]]
        own = shapely.difference(
            line, shapely.union_all(areas[wider][shapely.intersects(areas[wider], line)])
        )
        reach = shapely.get_parts(own)[0] if not own.is_empty else line
        mouths.append(reach.interpolate(min(25.0, 0.5 * reach.length)))
    return gpd.GeoDataFrame(
        {
            "structure_id": [f"gate-{k + 1}" for k in range(len(widest))],
            "kind": ["tidal_gate"] * len(widest),
            "name": [f"Cống ngăn triều {names[k]}" for k in widest],
            "width_m": [waters.width_m[k] for k in widest],
            "pump_m3_s": [12.0 if waters.order[k] == 2 else 0.0 for k in widest],
        },
        geometry=mouths,
        crs=CRS,
    )
