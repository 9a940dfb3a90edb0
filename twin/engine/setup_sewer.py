"""From a SWMM network to one that exchanges water with the cells of a city."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from scipy.spatial import cKDTree

from models.drainage.coupling import AS_IN_FILE, AT_TIDE, Coupling, SewerParameters
from models.drainage.inp import read_inp
from models.errors import InvalidInputError, ScenarioError
from twin.city.city import WATER_LAND
from twin.engine.sewer_part import SewerPart
from twin.engine.sewer_process import SewerProcess
from twin.language import note

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.drainage.inp import InpNetwork
    from scenarios.schema.drainage import PipeNetwork
    from twin.engine.setup_drainage import Surface

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    BoolArray = NDArray[np.bool_]

__all__ = ["set_up_sewer"]

_WHERE = "drainage.network"
#: Rims further from the ground than this, m, are told; in the middle further than that, refused.
_ODD_RIM_M, _WRONG_RIM_M = 0.5, 5.0
#: An outfall on land is taken to the nearest water within this many cells.
_BANK_CELLS = 3.0


def set_up_sewer(wanted: PipeNetwork, surface: Surface) -> tuple[SewerPart, list[dict[str, str]]]:
    """
    Read the network, place it on the grid, start SWMM, and say what was done to it.

    Raises
    ------
    ScenarioError
        If the network cannot be read or started, or its nodes do not lie on the ground.
    """
    if wanted.text is None:
        raise ScenarioError(
            "the network is still in a file",
            where=_WHERE,
            remedy="Resolve the scenario before it is run.",
        )
    try:
        network = read_inp(wanted.text, name=f"{_WHERE}.text")
    except InvalidInputError as error:
        raise ScenarioError(
            error.what, where=error.where, value=error.value, remedy=error.remedy
        ) from error
    notes = _ignored(network)
    x, y = _placed(network, wanted, surface)
    node, cell, told = _manholes(network, wanted, surface, x, y)
    notes += told
    outfall, outfall_cell, told = _outfalls(network, wanted, surface, x, y)
    notes += told
    flat, inverse = np.unique(
        np.concatenate((cell, outfall_cell[outfall_cell >= 0])), return_inverse=True
    )
    place = outfall_cell.copy()
    place[outfall_cell >= 0] = inverse[cell.size :]
    crest, told = _crests(network, wanted, surface, node, cell)
    notes += told
    area, weir = _openings(network, wanted, node)
    coupling = Coupling(
        nodes=tuple(network.node_name[i] for i in node.tolist()),
        cell=inverse[: cell.size].astype(np.int64),
        crest_m=crest,
        weir_m=weir,
        opening_m2=area,
        node_area_m2=np.full(node.size, network.smallest_area_m2),
        outfalls=tuple(network.node_name[i] for i in outfall.tolist()),
        outfall_cell=place.astype(np.int64),
        cell_bed_m=surface.lowest_m[flat],
        cell_area_m2=np.full(flat.size, surface.domain.grid.cell_area_m2),
        cell_zone=surface.zone.ravel()[flat].astype(np.int64),
    )
    step_s = _routing_step_s(network, wanted)
    parameters = SewerParameters(
        weir_coefficient=wanted.weir_coefficient,
        orifice_coefficient=wanted.orifice_coefficient,
        routing_step_s=step_s,
        datum_m=wanted.datum_offset_m,
    )
    try:
        process = SewerProcess(
            text=network.run_text(
                start=_start(network, wanted, surface),
                duration_s=surface.scenario.period.duration_s,
                routing_step_s=step_s,
            ),
            flow_units=network.options.get("FLOW_UNITS", "CFS"),
            name=_WHERE,
            coupling=coupling,
            parameters=parameters,
        )
    except InvalidInputError as error:
        raise ScenarioError(
            error.what, where=error.where, value=error.value, remedy=error.remedy
        ) from error
    notes.append(
        note(
            "drainage_network", manholes=int(node.size), outfalls=int(outfall.size),
            pipes=int(network.counts.get("CONDUIT", 0)), step=step_s,
        )
    )  # fmt: skip
    return SewerPart(process, coupling, flat, routing_step_s=step_s), notes


def _ignored(network: InpNetwork) -> list[dict[str, str]]:
    """Say what of the file is not used."""
    notes = []
    counts = network.counts
    rain = counts.get("SUBCATCHMENT", 0)
    if rain:
        notes.append(note("drainage_rain_ignored", count=rain))
    other = sum(counts.get(name, 0) for name in ("RDII", "GROUND", "LID_USAGE"))
    if other:
        notes.append(note("drainage_sources_ignored", count=other))
    routing = network.options.get("FLOW_ROUTING", "KINWAVE")
    if not routing.startswith("DYN"):
        notes.append(note("drainage_dynamic_wave", routing=routing))
    return notes


def _placed(
    network: InpNetwork, wanted: PipeNetwork, surface: Surface
) -> tuple[FloatArray, FloatArray]:
    """Return the coordinates of the nodes in the system of the city, NaN where there are none."""
    x, y = network.x, network.y
    if wanted.crs is None:
        return x, y
    try:
        source = CRS.from_user_input(wanted.crs)
    except CRSError as error:
        raise ScenarioError(
            "this reference system is not known",
            where=f"{_WHERE}.crs",
            value=wanted.crs,
            remedy="Write it as EPSG:32648.",
        ) from error
    move = Transformer.from_crs(source, CRS.from_user_input(surface.city.crs), always_xy=True)
    known = ~np.isnan(x)
    moved_x, moved_y = np.full(x.size, np.nan), np.full(x.size, np.nan)
    moved_x[known], moved_y[known] = move.transform(x[known], y[known])
    lost = ~np.isfinite(moved_x)
    return np.where(lost, np.nan, moved_x), np.where(lost, np.nan, moved_y)


def _names(network: InpNetwork, nodes: IntArray) -> str:
    shown = ", ".join(network.node_name[i] for i in nodes[:8].tolist())
    return f"{shown}, …" if nodes.size > 8 else shown


def _on_ground(
    surface: Surface, x: FloatArray, y: FloatArray, snap_m: float
) -> tuple[IntArray, BoolArray]:
    """Return the flat cell with ground at or near every point, -1 where none, and who moved."""
    grid = surface.domain.grid
    known = np.isfinite(x) & np.isfinite(y)
    rows, columns, inside = grid.locate(np.where(known, x, 0.0), np.where(known, y, 0.0))
    cell = np.where(known & inside, rows * grid.columns + columns, -1)
    ground = surface.ground.ravel()
    bad = (cell < 0) | ~ground[cell]
    cell = np.where(bad, -1, cell)
    moved = np.zeros(cell.size, np.bool_)
    if snap_m > 0.0 and (bad & known).any():
        cells = np.flatnonzero(ground)
        tree = cKDTree(_middles(surface, cells))
        lost = np.flatnonzero(bad & known)
        distance, found = tree.query(np.column_stack((x[lost], y[lost])))
        near = np.asarray(distance) <= snap_m
        cell[lost[near]] = cells[np.asarray(found)[near]]
        moved[lost[near]] = True
    return cell.astype(np.int64), moved


def _middles(surface: Surface, cells: IntArray) -> FloatArray:
    """Return the middles of flat *cells*, m, shape (cells, 2)."""
    grid = surface.domain.grid
    return np.column_stack((grid.x_m[cells % grid.columns], grid.y_m[cells // grid.columns]))


def _manholes(
    network: InpNetwork, wanted: PipeNetwork, surface: Surface, x: FloatArray, y: FloatArray
) -> tuple[IntArray, IntArray, list[dict[str, str]]]:
    """Return the nodes that exchange water, their cells, and what must be told."""
    names = {name: i for i, name in enumerate(network.node_name)}
    for index, special in enumerate(wanted.nodes):
        unknown = [name for name in special.nodes if name not in names]
        if unknown:
            raise ScenarioError(
                "the network has no such node",
                where=f"{_WHERE}.nodes[{index}].nodes",
                value=unknown[0],
            )
    sealed = {name for special in wanted.nodes if special.sealed for name in special.nodes}
    node = np.asarray(
        [
            i for i, (name, kind) in enumerate(
                zip(network.node_name, network.node_kind, strict=True)
            ) if kind in {"junction", "storage"} and name not in sealed
        ], np.int64,
    )  # fmt: skip
    cell, moved = _on_ground(surface, x[node], y[node], wanted.snap_m)
    nowhere = np.isnan(x[node])
    off = (cell < 0) & ~nowhere
    if wanted.outside == "error":
        _refuse(network, surface, node[nowhere], "stand in no line of [COORDINATES]", node.size)
        _refuse(network, surface, node[off], "lie off the grid, or where it has no ground",
                node.size, where=(x[node[off]], y[node[off]]))  # fmt: skip
    notes = []
    closed = int((cell < 0).sum()) + len(sealed)
    if closed:
        shut = node[cell < 0]
        notes.append(
            note("drainage_sealed", count=closed, names=_names(network, shut) or ", ".join(
                sorted(sealed)[:8]))
        )  # fmt: skip
    if moved.any():
        notes.append(
            note("drainage_moved", count=int(moved.sum()), names=_names(network, node[moved]))
        )
    good = cell >= 0
    if not good.any():
        raise ScenarioError(
            "no node of the network exchanges water with the surface",
            where=_WHERE,
            remedy="Check crs, and which nodes are sealed.",
        )
    return node[good], cell[good], notes


def _refuse(
    network: InpNetwork,
    surface: Surface,
    nodes: IntArray,
    what: str,
    of: int,
    *,
    where: tuple[FloatArray, FloatArray] | None = None,
) -> None:
    if nodes.size == 0:
        return
    place = ""
    if where is not None:
        bounds = tuple(round(b) for b in surface.domain.grid.bounds)
        place = f" (the first at {where[0][0]:.1f}, {where[1][0]:.1f}; the grid covers {bounds} m)"
    raise ScenarioError(
        f"{nodes.size} of {of} manholes {what}{place}",
        where=_WHERE,
        value=_names(network, nodes),
        remedy="Check drainage.network.crs, give snap_m for covers beside the ground, or write "
        "`outside: seal` to keep these nodes without exchange.",
    )


def _outfalls(
    network: InpNetwork, wanted: PipeNetwork, surface: Surface, x: FloatArray, y: FloatArray
) -> tuple[IntArray, IntArray, list[dict[str, str]]]:
    """Return the outfalls, the cell before each or how its level is set, and what must be told."""
    outfall = np.asarray(
        [i for i, kind in enumerate(network.node_kind) if kind == "outfall"], np.int64
    )
    if wanted.outfalls == "file":
        return outfall, np.full(outfall.size, AS_IN_FILE, np.int64), []
    cell, _ = _on_ground(surface, x[outfall], y[outfall], wanted.snap_m)
    cell, moved = _to_water(surface, cell, x[outfall], y[outfall])
    tide = surface.scenario.tide is not None
    off = cell < 0
    cell[off] = AT_TIDE if tide else AS_IN_FILE
    notes = []
    if moved.any():
        notes.append(
            note("drainage_banks", count=int(moved.sum()), names=_names(network, outfall[moved]))
        )
    if off.any():
        kind = "drainage_outfalls_tide" if tide else "drainage_outfalls_file"
        notes.append(note(kind, count=int(off.sum()), names=_names(network, outfall[off])))
    return outfall, cell, notes


def _to_water(
    surface: Surface, cell: IntArray, x: FloatArray, y: FloatArray
) -> tuple[IntArray, BoolArray]:
    """Take outfalls that the grid puts on land to the water beside them."""
    grid = surface.domain.grid
    wet = surface.ends
    water = np.flatnonzero(wet)
    moved = np.zeros(cell.size, np.bool_)
    dry = np.flatnonzero((cell >= 0) & ~wet.ravel()[cell])
    if water.size and dry.size:
        tree = cKDTree(_middles(surface, water))
        distance, found = tree.query(np.column_stack((x[dry], y[dry])))
        near = np.asarray(distance) <= _BANK_CELLS * grid.cell_size_m
        cell[dry[near]] = water[np.asarray(found)[near]]
        moved[dry[near]] = True
    return cell, moved


def _crests(
    network: InpNetwork, wanted: PipeNetwork, surface: Surface, node: IntArray, cell: IntArray
) -> tuple[FloatArray, list[dict[str, str]]]:
    """Return the level over which water passes at every manhole."""
    ground = surface.domain.bed_m.ravel()[cell]
    invert = network.invert_m[node] + wanted.datum_offset_m
    rim = network.rim_m[node] + wanted.datum_offset_m
    deep = network.max_depth_m[node] > 0.0
    apart = np.abs(rim - ground)[deep]
    middle = float(np.median((rim - ground)[deep])) if deep.any() else 0.0
    if abs(middle) > _WRONG_RIM_M:
        raise ScenarioError(
            f"half of the rims lie {abs(middle):.1f} m or more "
            f"{'above' if middle > 0.0 else 'below'} the ground",
            where=f"{_WHERE}.datum_offset_m",
            value=wanted.datum_offset_m,
            remedy="Do network and terrain have the same vertical datum?",
        )
    notes = []
    odd = int((apart > _ODD_RIM_M).sum())
    if odd:
        notes.append(
            note("drainage_rims", count=odd, of=int(deep.sum()), limit=_ODD_RIM_M, middle=middle)
        )
    crest = np.where(deep, rim, ground) if wanted.crest == "rim" else ground
    wet = (surface.water.ravel()[cell] != WATER_LAND) | (surface.zone.ravel()[cell] > 0)
    if wet.any():
        # The cover of a manhole on the bank does not lie on the bed of the canal.
        crest = np.where(wet, np.maximum(ground, np.where(deep, rim, _banks(surface, cell))), crest)
        notes.append(
            note("drainage_in_water", count=int(wet.sum()), names=_names(network, node[wet]))
        )
    # A cover cannot lie below the bottom of its manhole.
    return np.maximum(crest, invert + 0.1), notes


def _banks(surface: Surface, cell: IntArray) -> FloatArray:
    """Return the ground of the land nearest to every cell, m; the cell's own where none is."""
    ground = surface.domain.bed_m.ravel()
    land = np.flatnonzero(surface.ground & (surface.water == WATER_LAND) & (surface.zone == 0))
    if land.size == 0:
        return np.asarray(ground[cell], np.float64)
    _, nearest = cKDTree(_middles(surface, land)).query(_middles(surface, cell))
    return np.asarray(ground[land[np.asarray(nearest)]], np.float64)


def _openings(
    network: InpNetwork, wanted: PipeNetwork, node: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return area, m², and length, m, of the opening of every manhole."""
    area = np.full(node.size, wanted.opening_area_m2 or network.smallest_area_m2)
    weir = np.full(node.size, wanted.weir_length_m or np.nan)
    place = {network.node_name[i]: k for k, i in enumerate(node.tolist())}
    for special in wanted.nodes:
        for name in special.nodes:
            if name not in place:
                continue
            area[place[name]] = special.opening_area_m2 or area[place[name]]
            weir[place[name]] = special.weir_length_m or weir[place[name]]
    return area, np.where(np.isnan(weir), 2.0 * np.sqrt(np.pi * area), weir)


def _routing_step_s(network: InpNetwork, wanted: PipeNetwork) -> float:
    if wanted.routing_step is not None:
        return wanted.routing_step
    shortest = min(1.0, network.routing_step_s)
    return wanted.interval / float(np.ceil(wanted.interval / shortest - 1e-9))


def _start(network: InpNetwork, wanted: PipeNetwork, surface: Surface) -> datetime:
    if wanted.clock == "file":
        return network.start
    start = surface.scenario.period.start
    return datetime(*start.timetuple()[:6])  # noqa: DTZ001 - SWMM knows no zones
