"""From a recipe to a city: every layer read, brought into one system, and labelled."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from models.errors import CityError
from twin.city import osm_layers
from twin.city.city import City
from twin.city.crs import metric_crs
from twin.city.extent import find_frame, require_near
from twin.city.facilities import facilities, hydrants
from twin.city.file_roads import roads_of_file
from twin.city.labels import RANK, boundary_label, layer_label
from twin.city.osm import THEME_KEYS, read_extract
from twin.city.osm_bridges import assume_deck_levels, bank_levels, merge_bridges
from twin.city.people import people_per_cell
from twin.city.provenance import Basis, Provenance
from twin.city.recipe import expand_path, read_recipe
from twin.city.terrain_recipe import TerrainRecipe
from twin.city.vectors import VectorFile, read_vector
from twin.city.waters import classify_water, clip_to_box
from twin.language import note

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import xarray as xr

    from twin.city.extent import Frame
    from twin.city.osm import OsmExtract
    from twin.city.recipe import LayerSource, Recipe
    from twin.language import Note

__all__ = ["build_city", "build_from_recipe"]

_FILE_LAYERS: Final = ("buildings", "facilities", "hydrants", "structures", "population", "units")


def build_city(
    recipe: Path,
    *,
    cell_size_m: float | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> City:
    """
    Build the city of the recipe in the file *recipe*; nothing is written.

    Parameters
    ----------
    recipe
        Path of the document; what it names is relative to its folder.
    cell_size_m
        Edge of a cell in place of the recipe's, m.
    report
        Is told each stage as it starts.

    Raises
    ------
    CityError
        If the recipe or anything that it names is wrong, with file, place, value and remedy.
    """
    return build_from_recipe(
        read_recipe(recipe), base=recipe.parent, cell_size_m=cell_size_m, report=report
    )


def build_from_recipe(
    recipe: Recipe,
    *,
    base: Path,
    cell_size_m: float | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> City:
    """Build the city of a *recipe* whose paths are relative to *base*; see :func:`build_city`."""
    if cell_size_m is not None and not (np.isfinite(cell_size_m) and cell_size_m > 0.0):
        raise CityError(
            "the cell size must be positive",
            where="cell size",
            value=cell_size_m,
            remedy="Give it in metres, such as 10.",
        )
    size = recipe.cell_size_m if cell_size_m is None else cell_size_m
    report("finding the extent")
    frame = find_frame(recipe, base=base, cell_size_m=size)
    work = _Work(recipe=recipe, base=base, frame=frame, report=report)
    work.read_extracts()
    work.add_boundary()
    work.add_roads()
    work.add_water()
    work.add_places()
    work.add_bridges()
    terrain = work.terrain()
    return City(
        name=recipe.name,
        title=recipe.title,
        crs=recipe.crs,
        vertical_datum=recipe.vertical_datum,
        terrain=terrain,
        layers=work.layers,
        provenance=work.provenance,
        notes=tuple(work.notes),
    )


@dataclass(slots=True, kw_only=True)
class _Work:
    """A city under construction."""

    recipe: Recipe
    base: Path
    frame: Frame | None
    report: Callable[[str], None]
    crs: CRS = field(init=False)
    extracts: dict[str, OsmExtract] = field(default_factory=dict)
    layers: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    provenance: dict[str, Provenance] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    bridge_of_road: np.ndarray[Any, np.dtype[np.int64]] | None = None

    def __post_init__(self) -> None:
        self.crs = metric_crs(self.recipe.crs)
        self.notes.extend(
            n if isinstance(n, str) else {str(k): v for k, v in n.items()}
            for n in self.recipe.notes
        )

    @property
    def box(self) -> shapely.Geometry | None:
        return None if self.frame is None else self.frame.box

    def origins(self, layer: str) -> tuple[LayerSource, ...]:
        return tuple(getattr(self.recipe.layers, layer))

    def read_extracts(self) -> None:
        """Read every extract once, for all the layers that it feeds."""
        themes: dict[str, set[str]] = {}
        for layer in THEME_KEYS:
            for origin in self.origins(layer):
                if origin.source is not None:
                    themes.setdefault(origin.source, set()).add(layer)
        transformer = Transformer.from_crs("EPSG:4326", self.crs, always_xy=True)
        for name in sorted(themes):
            path = expand_path(self.recipe.sources[name].file, self.base)
            self.report(f"reading {path.name}")
            extract = read_extract(path, themes=themes[name])
            try:
                self.extracts[name] = osm_layers.project_extract(extract, transformer, self.crs)
            except CityError as error:
                raise error.at(str(path)) from error
            if extract.broken:
                few = ", ".join(extract.broken[:5]) + (", …" if len(extract.broken) > 5 else "")
                self.notes.append(
                    note("objects_broken", file=path.name, count=len(extract.broken), names=few)
                )

    def add_boundary(self) -> None:
        if self.frame is None:
            return
        if self.frame.boundary is not None:
            self.layers["boundary"] = self.frame.boundary
            self.provenance["boundary"] = boundary_label(self.recipe, self.frame.origin)

    def add_roads(self) -> None:
        origins = self.origins("roads")
        if not origins:
            return
        self.report("roads")
        parts = []
        mapped = [self.extracts[o.source].roads for o in origins if o.source is not None]
        if mapped:
            ways = osm_layers.join_ways(mapped)
            parts.append(osm_layers.roads_of_ways(ways, box=self.box, crs=self.crs))
        for origin in origins:
            if origin.file is not None:
                taken = sum(len(part.nodes) for part in parts)
                file = self._file(origin)
                frame = read_vector(file, into="roads", crs=self.crs)
                parts.append(
                    roads_of_file(frame, box=self.box, first_node=-1 - taken, path=file.path)
                )
        roads = pd.concat([part.roads for part in parts], ignore_index=True)
        nodes = pd.concat([part.nodes for part in parts], ignore_index=True)
        roads["segment_id"] = np.arange(len(roads), dtype=np.int64)
        self._require_some("roads", len(roads))
        if self.frame is None:
            west, south, east, north = (float(v) for v in nodes.total_bounds)
            require_near(self.crs, 0.5 * (west + east), 0.5 * (south + north))
        self.layers["roads"], self.layers["road_nodes"] = roads, nodes
        for layer in ("roads", "road_nodes"):
            self._label(layer, origins)

    def add_water(self) -> None:
        areas, lines = [], []
        box = self._box_of_everything()
        for origin in self.origins("water"):
            if origin.source is None or box is None:
                continue
            found = osm_layers.water_of_extract(
                self.extracts[origin.source], box=box, crs=self.crs, sea=self.recipe.water.sea
            )
            areas.append(found[0])
            lines.append(found[1])
            self.notes.extend(found[2])
        for layer, parts in (("water_areas", areas), ("waterways", lines)):
            for origin in self.origins(layer):
                parts.append(self._near(read_vector(self._file(origin), into=layer, crs=self.crs),
                                        layer))  # fmt: skip
        if not (areas or lines):
            return
        self.report("water")
        water = classify_water(
            self._together(areas, ("kind", "name")),
            self._together(lines, ("kind", "name", "width_m")),
            box=box,
            river_width_m=self.recipe.water.river_width_m,
        )
        origins = self.origins("water")
        for layer, frame in (("water_areas", water.areas), ("waterways", water.lines)):
            self.layers[layer] = frame if box is None else clip_to_box(frame, box)
            self._label(layer, origins + self.origins(layer))
            self.provenance[f"{layer}/width_m"] = replace(
                self.provenance[layer],
                basis=max(Basis.DERIVED, self.provenance[layer].basis, key=RANK.index),
                note="from bank to bank across the centre line, median; 2 A / P without a line",
            )
        self.notes.extend(water.notes)

    def add_places(self) -> None:
        """Add buildings, facilities, hydrants, structures, population and units."""
        readers: Mapping[str, Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]] = {
            "buildings": osm_layers.buildings,
            "facilities": self._facilities,
            "hydrants": hydrants,
        }
        for layer in _FILE_LAYERS:
            origins = self.origins(layer)
            if not origins:
                continue
            self.report(layer)
            parts = []
            for origin in origins:
                if origin.source is not None:
                    found = readers[layer](self.extracts[origin.source].places)
                    parts.append(self._within(found))
                else:
                    found = read_vector(self._file(origin), into=layer, crs=self.crs)
                    parts.append(self._near(found, layer))
            self.layers[layer] = self._unique(pd.concat(parts, ignore_index=True), layer)
            self._label(layer, origins)
            if not len(self.layers[layer]):
                self.notes.append(note("layer_empty", layer=layer))

    def add_bridges(self) -> None:
        roads = self.layers.get("roads")
        if roads is None:
            return
        bridges, self.bridge_of_road = merge_bridges(
            roads, self._layer("water_areas", ("name",)), self._layer("waterways", ("name",))
        )
        self.layers["roads"] = roads.drop(columns="bridge_name")
        if len(bridges):
            self.layers["bridges"] = bridges
            self.provenance["bridges"] = layer_label(
                self.origins("roads"),
                self.recipe,
                base=self.base,
                basis=Basis.DERIVED,
                note="ways and carriageways of one crossing merged",
            )

    def terrain(self) -> xr.Dataset | None:
        """Build the terrain, and what needs it: bridge decks and people per cell."""
        if self.recipe.terrain is None or self.frame is None:
            return None
        from twin.city.sea import sea_areas  # noqa: PLC0415 - loads rasters: only if needed
        from twin.city.terrain import build_terrain  # noqa: PLC0415 - as above

        self.report("terrain")
        terrain, provenance, notes, sea = build_terrain(
            grid=self.frame.grid,
            crs=self.crs.to_wkt(),
            recipe=_with_whole_paths(self.recipe.terrain, self.base),
            layers=self.layers,
            base=self.base,
        )
        self.provenance.update(provenance)
        self.notes.extend(notes)
        if sea is not None:
            self._add_sea(sea_areas(sea, self.frame.grid, self.crs.to_wkt()))
        self._raise_decks(terrain)
        people = self.layers.get("population")
        if people is not None and len(people) and "population" not in terrain:
            terrain["population"] = people_per_cell(people, self.frame.grid)
            self.provenance["terrain/population"] = self.provenance["population"]
        return terrain

    def _add_sea(self, found: gpd.GeoDataFrame) -> None:
        """Add the sea out of the ground to the map's waters, for maps, checks and pumps."""
        label = Provenance(source="the ground", basis=Basis.DERIVED, note="sea: low ground")
        known = self._layer("water_areas", ("kind", "name", "width_m"))
        if not len(known):
            self.layers["water_areas"], self.provenance["water_areas"] = found, label
            return
        if "tidal" not in known:
            known = known.assign(tidal=False)
        self.layers["water_areas"] = pd.concat([known, found], ignore_index=True)
        self.provenance["water_areas/sea"] = label

    def _raise_decks(self, terrain: xr.Dataset) -> None:
        bridges = self.layers.get("bridges")
        if bridges is None or self.frame is None or self.bridge_of_road is None:
            return
        clearance = self.recipe.bridges.clearance_m
        bank = bank_levels(bridges, terrain, self.frame.grid)
        bridges = assume_deck_levels(bridges, bank, clearance_m=clearance)
        level = bridges["deck_level_m"].to_numpy(float)
        of = self.bridge_of_road
        roads = self.layers["roads"]
        known = roads["deck_level_m"].to_numpy(float)
        deck = np.where(np.isnan(known) & (of >= 0), level[np.maximum(of, 0)], known)
        self.layers["bridges"] = bridges
        self.layers["roads"] = roads.assign(deck_level_m=deck)
        for layer in ("bridges", "roads"):
            self.provenance[f"{layer}/deck_level_m"] = Provenance(
                source="assumption",
                basis=Basis.ASSUMED,
                note=f"highest ground at the ends of the bridge + {clearance:g} m",
            )
        self.notes.append(note("decks_assumed", count=len(bridges), clearance=clearance))

    def _facilities(self, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        found, merged = facilities(places)
        count = int(merged[self._within(found).index].sum())
        if count:
            self.notes.append(note("facilities_merged", count=count))
        return found

    def _file(self, origin: LayerSource) -> VectorFile:
        return VectorFile(
            path=expand_path(str(origin.file), self.base),
            layer=origin.layer,
            crs=origin.crs,
            columns=origin.columns,
            constants=origin.values,
            keep=origin.keep,
        )

    def _within(self, found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        if self.box is None:
            return found
        return found[shapely.intersects(found.geometry.to_numpy(), self.box)]

    def _near(self, found: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
        """Return what of a file lies within the extent; all of it beside is a mistake."""
        inside = self._within(found)
        if not len(inside):
            raise CityError(
                f"none of the {len(found)} {layer} of the file lie within the extent",
                where=f"layers.{layer}",
                value=tuple(round(float(v), 1) for v in found.total_bounds),
                remedy="Check crs and the order of x and y; the extent is "
                f"{tuple(round(v, 1) for v in shapely.bounds(self.box))}.",
            )
        if len(inside) < len(found):
            count = len(found) - len(inside)
            self.notes.append(note("rows_outside", layer=layer, count=count, total=len(found)))
        return inside

    def _unique(self, frame: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
        key = {"buildings": "building_id", "facilities": "facility_id", "hydrants": "hydrant_id",
               "structures": "structure_id", "units": "unit_id"}.get(layer)  # fmt: skip
        if key is None or not frame[key].duplicated().any():
            return frame
        first = frame[~frame[key].duplicated()].reset_index(drop=True)
        count = len(frame) - len(first)
        self.notes.append(note("rows_twice", layer=layer, count=count, column=key))
        return first

    def _box_of_everything(self) -> shapely.Geometry | None:
        if self.box is not None:
            return self.box
        bounds = [
            part.total_bounds
            for extract in self.extracts.values()
            for part in (extract.places,)
            if len(part)
        ]
        if not bounds:
            return None
        low, high = np.min(bounds, axis=0), np.max(bounds, axis=0)
        box: shapely.Geometry = shapely.box(low[0], low[1], high[2], high[3])
        return box

    def _together(
        self, parts: list[gpd.GeoDataFrame], columns: tuple[str, ...]
    ) -> gpd.GeoDataFrame:
        filled = [part for part in parts if len(part)]
        if filled:
            return pd.concat(filled, ignore_index=True)
        return self._empty(columns)

    def _empty(self, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
        data = {c: pd.Series([], dtype="float64" if c == "width_m" else "str") for c in columns}
        return gpd.GeoDataFrame(data, geometry=[], crs=self.crs)

    def _layer(self, name: str, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
        return self.layers[name] if name in self.layers else self._empty(columns)

    def _require_some(self, layer: str, count: int) -> None:
        if count == 0:
            raise CityError(
                f"the sources hold no {layer} within the extent",
                where=f"layers.{layer}",
                value=None if self.frame is None else self.frame.grid.bounds,
                remedy="Check that the extract covers the extent, or leave the layer out.",
            )

    def _label(self, layer: str, origins: tuple[LayerSource, ...]) -> None:
        self.provenance[layer] = layer_label(origins, self.recipe, base=self.base)


def _with_whole_paths(recipe: TerrainRecipe, base: Path) -> TerrainRecipe:
    """Return *recipe* with the variables of the environment in its file names filled in."""

    def whole(value: object) -> object:
        if isinstance(value, dict):
            return {
                key: str(expand_path(item, base))
                if key == "file" and isinstance(item, str)
                else whole(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [whole(item) for item in value]
        return value

    return TerrainRecipe.model_validate(whole(recipe.model_dump()))
