"""
A made-up riverside district: seeded, complete, and of any size from 1 to 1,000 km².

The steps, each in its own module: the outline and its rivers (``frame``), canals (``waters``),
arterials, quarters and blocks (``streets``), the network with its bridges (``network``), alleys
and ditches (``lanes``), ``buildings``, ``places``, the terrain (``ground``), the tables
(``layers``, ``names``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from models.errors import InvalidQuantityError
from twin.city.city import City
from twin.city.provenance import Basis, Provenance
from twin.city.synthetic.buildings import make_buildings
from twin.city.synthetic.frame import CRS, make_frame, stream
from twin.city.synthetic.ground import DATUM, make_grid, make_terrain
from twin.city.synthetic.inventory import DEFAULT_AREA_KM2, Inventory
from twin.city.synthetic.lanes import add_alleys, add_ditches
from twin.city.synthetic.layers import building_layer, land_use_layer, road_layers, water_layers
from twin.city.synthetic.names import name_roads, name_waters
from twin.city.synthetic.network import make_network
from twin.city.synthetic.places import facilities, hydrants, structures
from twin.city.synthetic.streets import INDUSTRIAL, MODERN, QUARTERS, make_streets
from twin.city.synthetic.waters import ORDER_RIVER, make_waters, reaches
from twin.language import note

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from twin.city.synthetic.frame import Frame, Geometries
    from twin.city.synthetic.network import Edges
    from twin.city.synthetic.streets import Streets
    from twin.city.synthetic.waters import Waters

__all__ = ["DEFAULT_AREA_KM2", "Inventory", "synthesise"]

_TITLE = {"vi": "Quận mẫu ven sông", "en": "Synthetic riverside district"}
_NOTES = tuple(
    note(f"synthetic_{kind}") for kind in ("place", "levels", "houses", "business", "hydrants")
)


def _quarter_of(points: Geometries, streets: Streets) -> NDArray[np.int64]:
    tree = shapely.STRtree(streets.superblocks)
    nearest = tree.nearest(points)
    return np.asarray(streets.quarter[nearest], np.int64)


def _parks_and_port(
    frame: Frame, streets: Streets, waters: Waters, covers: Geometries, edges: Edges
) -> tuple[Geometries, Geometries]:
    """Choose blocks for parks, and the industrial blocks on the main river for the port."""
    rng = stream(frame.seed, "parks")
    area = shapely.area(streets.blocks)
    kind = streets.block_quarter
    likes = np.where(kind == MODERN, 0.085, np.where(kind >= INDUSTRIAL, 0.0, 0.035))
    park = (rng.random(len(area)) < likes) & (area > 4000.0) & (area < 9e4)
    river = shapely.LineString(waters.lines[0])
    gap = shapely.distance(streets.blocks, river) - frame.river_width_m / 2
    port = (kind == INDUSTRIAL) & (gap < 60.0)
    found = []
    for chosen in (streets.blocks[park], streets.blocks[port]):
        block, cover = shapely.STRtree(covers).query(chosen, predicate="intersects")
        dry = chosen.copy()
        for k in np.unique(block):
            dry[k] = shapely.difference(chosen[k], shapely.union_all(covers[cover[block == k]]))
        parts = shapely.get_parts(dry)
        found.append(parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 2000.0)])
    inset = shapely.buffer(found[0], -6.0)
    inset = inset[~shapely.is_empty(inset)]
    crossed, _ = shapely.STRtree(edges.lines).query(inset, predicate="intersects")
    return np.delete(inset, np.unique(crossed)), found[1]


def synthesise(
    *,
    area_km2: float = DEFAULT_AREA_KM2,
    seed: int = 7,
    cell_size_m: float = 20.0,
    name: str = "synthetic-district",
    inventory: Inventory | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> City:
    """
    Make up a riverside district: the same arguments give the same city.

    Parameters
    ----------
    area_km2
        Area within the boundary, 1 to 1,000 km².
    seed
        Of every random choice; not negative.
    cell_size_m
        Cell size of the terrain, 1 to 100 m.
    name
        Short identifier of the city.
    inventory
        Counts; None scales the default inventory (:class:`Inventory`) with the area.
    progress
        Called with a step's name and the share done, 0 to 1.

    Raises
    ------
    InvalidQuantityError
        If an argument is out of range.
    InternalError
        If the inventory does not fit into the area.
    """
    if not 1.0 <= cell_size_m <= 100.0:
        raise InvalidQuantityError(
            "a synthetic district takes cells of 1 to 100 m",
            where="cell_size_m",
            value=cell_size_m,
        )
    if seed < 0:
        raise InvalidQuantityError("a seed cannot be negative", where="seed", value=seed)

    def tell(step: str, share: float) -> None:
        if progress is not None:
            progress(step, share)

    counts = Inventory().scaled(area_km2 / DEFAULT_AREA_KM2) if inventory is None else inventory
    tell("rivers and canals", 0.0)
    frame = make_frame(area_km2=area_km2, seed=seed)
    waters = make_waters(frame, counts.canals)
    tell("streets", 0.05)
    streets = make_streets(frame)
    edges = make_network(frame, streets, waters, counts.bridges)
    tell("alleys and ditches", 0.25)
    middle = shapely.line_interpolate_point(edges.lines, 0.5, normalized=True)
    edges, parents = add_alleys(frame, edges, _quarter_of(middle, streets), waters, counts.alleys)
    zones = np.array(
        [
            shapely.union_all(streets.superblocks[streets.quarter == k])
            for k in range(len(QUARTERS))
        ],
        dtype=object,
    )
    add_ditches(frame, edges, zones, waters, counts.canals - len(waters.lines))
    middle = shapely.line_interpolate_point(edges.lines, 0.5, normalized=True)
    quarter = _quarter_of(middle, streets)
    tell("buildings", 0.4)
    order = np.asarray(waters.order)
    covers, _ = reaches(waters, np.where(order == ORDER_RIVER, 12.0, 3.5))
    parks, port = _parks_and_port(frame, streets, waters, covers, edges)
    buildings = make_buildings(frame, edges, quarter, np.concatenate([covers, parks]), counts)
    tell("terrain", 0.7)
    grid = make_grid(frame, cell_size_m)
    areas = waters.polygons()
    terrain = make_terrain(grid, frame, streets, parks, waters, edges, buildings, areas)
    tell("layers", 0.9)
    water_names = name_waters(waters)
    road_names = name_roads(edges, parents, counts.roads)
    layers = {
        "boundary": gpd.GeoDataFrame({"name": [_TITLE["vi"]]}, geometry=[frame.boundary], crs=CRS),
        "land_use": land_use_layer(streets, parks, port),
        **water_layers(waters, areas, water_names, grid),
        **road_layers(
            frame, edges, quarter, road_names, grid, terrain["ground_level"].values, waters,
            water_names,
        ),
        "buildings": building_layer(buildings),
        "facilities": facilities(frame, edges, quarter, buildings, counts),
        "hydrants": hydrants(frame, edges, quarter, counts.hydrants),
        "structures": structures(waters, water_names, counts.tidal_gates),
    }  # fmt: skip
    origin = Provenance(
        source=f"synthetic generator, seed {seed}",
        basis=Basis.ASSUMED,
        licence="CC0-1.0",
        note=f"{area_km2:g} km², fictitious",
    )
    tell("done", 1.0)
    return City(
        name=name,
        title=_TITLE,
        crs=CRS,
        vertical_datum=DATUM,
        terrain=terrain,
        layers=layers,
        provenance={
            **dict.fromkeys(layers, origin),
            **{f"terrain/{variable}": origin for variable in terrain.data_vars},
        },
        notes=_NOTES,
    )
