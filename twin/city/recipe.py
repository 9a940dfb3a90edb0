"""The recipe of a city: a strict document that names every layer's source, licence and basis."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from models.errors import CityError
from scenarios.loader import parse_model, read_yaml
from twin.city.crs import metric_crs
from twin.city.terrain_recipe import (  # noqa: TC001 - pydantic needs them at run time
    RasterSource,
    TerrainRecipe,
)

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "BoundarySource",
    "BridgeRules",
    "Extent",
    "LayerSource",
    "OsmSource",
    "Recipe",
    "WaterRules",
    "expand_path",
    "read_recipe",
]

_VARIABLE: Final = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)(?::-([^}]*))?\}")
_Coordinate = Annotated[float, Field(allow_inf_nan=False)]


def _as_list(value: object) -> object:
    return value if isinstance(value, list | tuple) else [value]


def _as_text(value: object) -> object:
    return str(value) if value is not None and not isinstance(value, str | dict | list) else value


def _as_raster(value: object) -> object:
    return {"file": value} if isinstance(value, str) else value


_Text = Annotated[str, BeforeValidator(_as_text)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class OsmSource(_Strict):
    """
    One OpenStreetMap extract.

    Parameters
    ----------
    file
        Path of the .osm, .osm.bz2 or .osm.pbf file, relative to the recipe.
    licence, date, note
        Provenance; the data's own licence is ODbL 1.0.
    """

    file: str = Field(min_length=1)
    licence: str = "ODbL 1.0, © OpenStreetMap contributors"
    date: _Text = "unknown"
    note: str = ""


class LayerSource(_Strict):
    """
    One file, or one extract, that feeds a layer.

    Parameters
    ----------
    source
        Name of an extract under ``sources``.
    file
        CSV, GeoJSON, GeoPackage, shapefile or FlatGeobuf, relative to the recipe.
    layer
        Layer of a file that holds several.
    crs
        Reference system; needed for CSV, and overrides what another file says.
    columns
        The city's name of a column, and the file's: ``{x: lon, y: lat, hydrant_id: number}``.
    values
        The same value for every row: ``{kind: hospital}``.
    keep
        Further columns of the file to keep.
    basis, licence, date, note
        Provenance.
    """

    source: str | None = None
    file: str | None = Field(default=None, min_length=1)
    layer: str | None = None
    crs: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    values: dict[str, str | float | int | bool] = Field(default_factory=dict)
    keep: Annotated[tuple[str, ...], Field(strict=False)] = ()
    basis: Literal["measured", "derived", "assumed"] = "measured"
    licence: str = "unknown"
    date: _Text = "unknown"
    note: str = ""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.source is None) == (self.file is None):
            raise ValueError("give either source (an extract under `sources`) or file")
        return self


_Sources = Annotated[tuple[LayerSource, ...], BeforeValidator(_as_list), Field(strict=False)]


class Layers(_Strict):
    """The vector layers; each takes one origin or a list of them, and any may be missing."""

    roads: _Sources = ()
    water: _Sources = ()
    water_areas: _Sources = ()
    waterways: _Sources = ()
    buildings: _Sources = ()
    facilities: _Sources = ()
    hydrants: _Sources = ()
    structures: _Sources = ()
    population: _Sources = ()
    units: _Sources = ()

    @model_validator(mode="after")
    def _origins_fit(self) -> Self:
        for name in ("water_areas", "waterways", "structures", "population", "units"):
            if any(origin.source for origin in getattr(self, name)):
                raise ValueError(f"{name} come from a file; an extract feeds `water`")
        if any(origin.file for origin in self.water):
            raise ValueError("`water` comes from an extract; files feed water_areas or waterways")
        return self


class BoundarySource(_Strict):
    """A boundary: a relation of an extract, or the polygons of a vector file."""

    osm_relation: int | None = Field(default=None, gt=0)
    source: str = "osm"
    file: str | None = None
    layer: str | None = None
    crs: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.osm_relation is None) == (self.file is None):
            raise ValueError("give either osm_relation or file")
        return self


class Extent(_Strict):
    """
    The box of the city: around a boundary, a raster, or as given. ``extent: all`` has no box.

    Parameters
    ----------
    boundary
        The area that counts as inside.
    bounds, crs
        [west, south, east, north] in *crs* (default: that of the city).
    raster
        A raster whose extent is taken: its file, or what ``terrain`` says of it.
    everything
        All that the sources hold; what ``all`` is short for.
    margin_m
        Added on every side, m.
    """

    boundary: BoundarySource | None = None
    bounds: Annotated[
        tuple[_Coordinate, _Coordinate, _Coordinate, _Coordinate] | None, Field(strict=False)
    ] = None
    crs: str | None = None
    raster: Annotated[RasterSource | None, BeforeValidator(_as_raster)] = None
    everything: Literal[True] | None = None
    margin_m: float = Field(default=0.0, ge=0.0, le=100_000.0)

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        given = (self.boundary, self.bounds, self.raster, self.everything)
        if sum(origin is not None for origin in given) != 1:
            raise ValueError("give exactly one of boundary, bounds and raster, or `extent: all`")
        if self.bounds is not None:
            west, south, east, north = self.bounds
            if not (west < east and south < north):
                raise ValueError("bounds are [west, south, east, north]")
        if self.crs is not None and self.bounds is None and self.raster is None:
            raise ValueError("crs goes with bounds or raster; a boundary has its own, within it")
        return self


def _as_extent(value: object) -> object:
    return {"everything": True} if value == "all" else value


class WaterRules(_Strict):
    """
    How mapped water is read.

    Parameters
    ----------
    river_width_m
        A river area narrower than this (median) counts as a canal, m.
    sea
        Whether the sea is made from coastlines.
    """

    river_width_m: float = Field(default=150.0, ge=0.0, le=1.0e5)
    sea: bool = True


class BridgeRules(_Strict):
    """
    What is assumed about bridges.

    Parameters
    ----------
    clearance_m
        Height of the deck above the highest ground at the bridge's ends, m.
    """

    clearance_m: float = Field(default=1.5, ge=0.0, le=100.0)


class Recipe(_Strict):
    """
    Everything that ``twin city build`` needs.

    Parameters
    ----------
    recipe
        Version of this document: 1.
    name, title
        Short identifier, and what people call the city, by language code.
    crs
        Projected reference system in metres that everything is brought into.
    vertical_datum
        What levels count from.
    cell_size_m
        Edge of a cell, m.
    extent
        The box, or ``all``: everything that the sources hold.
    sources
        OpenStreetMap extracts by name.
    layers, water, bridges, terrain
        See the classes; a city without ``terrain`` has roads and places only.
    notes
        Carried into the city; each a sentence, or one by language code.
    """

    recipe: Literal[1]
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    title: dict[str, str] = Field(default_factory=dict)
    crs: str
    vertical_datum: str = "unknown"
    cell_size_m: float = Field(default=10.0, gt=0.0, le=10_000.0)
    extent: Annotated[Extent, BeforeValidator(_as_extent)]
    sources: dict[str, OsmSource] = Field(default_factory=dict)
    layers: Layers = Layers()
    water: WaterRules = WaterRules()
    bridges: BridgeRules = BridgeRules()
    terrain: TerrainRecipe | None = None
    notes: Annotated[tuple[str | dict[Literal["vi", "en"], str], ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _sources_exist(self) -> Self:
        wanted = [
            (f"layers.{layer}", origin.source)
            for layer in Layers.model_fields
            for origin in getattr(self.layers, layer)
            if origin.source
        ]
        boundary = self.extent.boundary
        if boundary is not None and boundary.osm_relation is not None:
            wanted.append(("extent.boundary", boundary.source))
        for place, source in wanted:
            if source not in self.sources:
                known = ", ".join(sorted(self.sources)) or "none"
                raise ValueError(f"{place} names the source {source!r}; there is {known}")
        if self.extent.everything and self.terrain is not None:
            raise ValueError("a terrain needs an extent with edges: a boundary, bounds or a raster")
        return self


def read_recipe(path: Path) -> Recipe:
    """
    Read and check a recipe.

    Raises
    ------
    CityError
        Naming file, line, field, the value met and what was expected.
    """
    document = read_yaml(path, error=CityError)
    recipe = parse_model(Recipe, document, error=CityError)
    try:
        metric_crs(recipe.crs)
    except CityError as error:
        raise error.at(document.place(("crs",))) from error
    return recipe


def expand_path(text: str, base: Path) -> Path:
    """
    Return the path that a recipe names, relative to the folder *base* of the recipe.

    ``${NAME}`` stands for a variable of the environment, ``${NAME:-other}`` for it or, where it is
    not set, for *other*.

    Raises
    ------
    CityError
        If a variable is not set and has no other value.
    """

    def value_of(match: re.Match[str]) -> str:
        value = os.environ.get(match.group(1)) or match.group(2)
        if value is None:
            raise CityError(
                f"the variable {match.group(1)} of the environment is not set",
                value=text,
                remedy=f"Set {match.group(1)} to the folder of data, or write the path itself.",
            )
        return value

    expanded = _VARIABLE.sub(value_of, text)
    if "\0" in expanded:
        raise CityError("a path cannot hold a null character", value=text)
    return (base / expanded).resolve()
