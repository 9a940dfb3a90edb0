"""
The ``terrain:`` section of a city's recipe.

Levels are metres above the vertical datum of the city, lengths are metres. What the defaults are
for, and where they come from, stands in ``docs/assumed-ground.md``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "AssumedGround",
    "BurnRecipe",
    "GroundRecipe",
    "ImperviousnessRecipe",
    "LowGround",
    "PopulationRecipe",
    "RasterSource",
    "RoughnessRecipe",
    "SeaRecipe",
    "SpreadPopulation",
    "TerrainRecipe",
    "TidalRiverRecipe",
]

type BasisName = Literal["measured", "derived", "assumed"]
type Resampling = Literal["auto", "average", "bilinear", "nearest"]

_Level = Annotated[float, Field(ge=-12_000.0, le=9_000.0, allow_inf_nan=False)]
_Length = Annotated[float, Field(ge=0.0, le=1.0e6, allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
_Manning = Annotated[float, Field(gt=0.0, le=1.0, allow_inf_nan=False)]
_Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class RasterSource(_Strict):
    """
    One raster file and how to read it.

    Parameters
    ----------
    file
        GeoTIFF, ESRI ASCII or netCDF, relative to the recipe.
    variable
        The variable of a netCDF file that holds more than one.
    band
        Number of the band, from 1.
    crs
        Overrides the file's reference system; needed where the file has none.
    nodata
        Overrides the file's value for "no data".
    scale, offset
        The value read (after the file's own scale and offset) is multiplied by *scale*, then
        *offset* is added; the offset of a ground raster moves it to the city's datum, m.
    resampling
        ``auto``: average where the grid is coarser than the file, else bilinear.
    limits
        Lowest and highest value that is believed, after scale and offset.
    outside_limits
        What becomes of values beyond *limits*: ``nodata``, ``clamp``, or ``error``.
    source, licence, date, basis, note
        Provenance.
    """

    file: str = Field(min_length=1)
    variable: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")
    band: int = Field(default=1, ge=1)
    crs: str | None = None
    nodata: _Finite | None = None
    scale: _Finite = 1.0
    offset: _Finite = 0.0
    resampling: Resampling = "auto"
    limits: Annotated[tuple[_Finite, _Finite] | None, Field(strict=False)] = None
    outside_limits: Literal["nodata", "clamp", "error"] = "nodata"
    source: str = ""
    licence: str = "unknown"
    date: str = "unknown"
    basis: BasisName = "measured"
    note: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.limits is not None and not self.limits[0] < self.limits[1]:
            raise ValueError("limits must be [lowest, highest]")
        return self


class LowGround(_Strict):
    """Low, polder-like ground: patches of the smooth relief that lie at a given level."""

    share: _Share = 0.1
    level_m: _Level = 1.1


def _road_raise() -> dict[str, float]:
    return {
        "motorway": 0.5,
        "trunk": 0.4,
        "primary": 0.3,
        "secondary": 0.2,
        "tertiary": 0.15,
        "unclassified": 0.1,
        "residential": 0.05,
    }


class AssumedGround(_Strict):
    """
    Ground made of assumptions, where no elevation model exists.

    Parameters
    ----------
    mean_level_m
        Mean level of the land.
    uncertainty_m
        How far the true level may be off; carried as an attribute for ensembles.
    relief_m, relief_length_m, seed
        Standard deviation and wavelength of a smooth relief, bound to the coordinates and the
        seed, not to the grid.
    water_drop_m, water_drop_length_m
        The land falls towards water by *drop*, over about *length*.
    bank_raise_m, bank_width_m
        A raised strip along the water.
    road_raise_m
        Embankment by road class; ``*_link`` takes the value of its class, others none.
    building_plinth_m
        Rise of cells that are mostly under buildings.
    low_ground
        Polder-like patches, None for none.
    """

    mean_level_m: _Level
    uncertainty_m: _Length = 0.3
    relief_m: _Length = 0.2
    relief_length_m: Annotated[float, Field(ge=10.0, le=1.0e6)] = 900.0
    seed: int = Field(default=0, ge=0)
    water_drop_m: _Length = 0.25
    water_drop_length_m: Annotated[float, Field(gt=0.0, le=1.0e5)] = 150.0
    bank_raise_m: _Length = 0.1
    bank_width_m: _Length = 15.0
    road_raise_m: dict[str, _Length] = Field(default_factory=_road_raise)
    building_plinth_m: _Length = 0.0
    low_ground: LowGround | None = None
    source: str = "assumed ground"
    note: str = ""


class GroundRecipe(_Strict):
    """
    Where the level of the ground comes from.

    Parameters
    ----------
    files
        Rasters in order of trust: a cell takes the first that has a value there.
    assumed
        Ground made of assumptions: all of it without *files*, else only if *gaps* is ``assumed``.
    gaps
        Cells that no file covers: ``error`` when they are more than *minimum_cover* allows (the
        rest stays without data), ``leave`` without data, ``nearest`` value, ``level`` (that of
        *gap_level_m*), or ``assumed``.
    minimum_cover
        Share of the cells (within the boundary, where there is one) that files must cover.
    outside
        ``drop`` leaves cells outside the boundary without data, so that no water is computed
        there.
    outside_margin_m
        Cells this near to the boundary are kept, m.
    """

    files: Annotated[tuple[RasterSource, ...], Field(strict=False)] = ()
    assumed: AssumedGround | None = None
    gaps: Literal["error", "leave", "nearest", "level", "assumed"] = "error"
    gap_level_m: _Level | None = None
    minimum_cover: _Share = 0.95
    outside: Literal["keep", "drop"] = "keep"
    outside_margin_m: Annotated[float, Field(ge=0, le=1e5)] = 0.0

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if not self.files and self.assumed is None:
            raise ValueError("give files, or an assumed ground")
        if self.files and self.assumed is not None and self.gaps != "assumed":
            raise ValueError("an assumed ground beside files needs gaps: assumed")
        if self.gaps == "assumed" and self.assumed is None:
            raise ValueError("gaps: assumed needs the section assumed")
        if (self.gaps == "level") != (self.gap_level_m is not None):
            raise ValueError("gaps: level and gap_level_m go together")
        return self


type _Points = Annotated[
    tuple[Annotated[tuple[_Length, _Finite], Field(strict=False)], ...],
    Field(strict=False, min_length=1),
]

#: Bed of tidal canals, m, by width, m.
CANAL_BED: _Points = ((2.0, 0.0), (5.0, -0.6), (20.0, -1.9), (50.0, -2.5), (150.0, -4.5))
#: Bed of tidal rivers, m, by width, m.
RIVER_BED: _Points = ((50.0, -4.0), (200.0, -9.0), (400.0, -12.0), (1500.0, -15.0))


class BurnRecipe(_Strict):
    """
    How water areas and centre lines are cut into the ground.

    Parameters
    ----------
    areas, lines
        Whether areas and centre lines are cut.
    reference
        ``datum``: the tables give the bed's level; ``bank``: they give it relative to the ground
        beside the water (negative is below). None: ``datum`` on assumed ground, else ``bank``.
    canal_bed_m, river_bed_m
        ``[[width_m, bed_m], …]`` by rising width, linear in between, constant beyond. Rivers and
        the sea take the second, all else the first.
    widths_m
        Width by kind, where the layer does not know it.
    minimum_width_m
        Centre lines narrower than this are not cut: they would carry far too much at one cell.
    skip_kinds
        Kinds of water that are left alone.
    """

    areas: bool = True
    lines: bool = True
    reference: Literal["datum", "bank"] | None = None
    canal_bed_m: _Points = CANAL_BED
    river_bed_m: _Points = RIVER_BED
    widths_m: dict[str, _Length] = Field(
        default_factory=lambda: {"river": 60.0, "canal": 12.0, "stream": 6.0, "drain": 2.0}
    )
    minimum_width_m: _Length = 3.0
    skip_kinds: Annotated[tuple[str, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _rising(self) -> Self:
        for name in ("canal_bed_m", "river_bed_m"):
            widths = [point[0] for point in getattr(self, name)]
            if any(b <= a for a, b in pairwise(widths)):
                raise ValueError(f"the widths of {name} must rise")
        return self


class TidalRiverRecipe(_Strict):
    """
    Which water has a level that may be prescribed (``water == 2``).

    Parameters
    ----------
    kinds
        Kinds of water area; areas marked ``tidal`` count whatever their kind.
    minimum_width_m
        Narrower areas are computed like canals (the sea always counts).
    reach_edge
        Keep only parts that reach the rim of the grid; those marked ``tidal``, and the sea,
        stay in any case.
    """

    kinds: Annotated[tuple[str, ...], Field(strict=False)] = ("river", "sea")
    minimum_width_m: _Length = 200.0
    reach_edge: bool = True


class SeaRecipe(_Strict):
    """
    The sea out of the ground, where no map draws it: its level may be prescribed like a river's.

    Parameters
    ----------
    below_m
        Ground below this level that connects to a side of the grid, over the edges of cells, is
        sea. Radar surveys (SRTM, GLO-30) show the sea at 0: take 0.5.
    sides
        Sides of the grid at which there is sea.
    minimum_area_km2
        Smaller pieces stay land.
    bed_m
        Bed of the sea (assumed), where the ground shows the surface of the water; None keeps the
        ground.
    """

    below_m: _Level
    sides: Annotated[
        tuple[Literal["north", "east", "south", "west"], ...], Field(strict=False, min_length=1)
    ] = ("north", "east", "south", "west")
    minimum_area_km2: Annotated[float, Field(ge=0.0, le=1.0e6)] = 0.1
    bed_m: _Level | None = None

    @model_validator(mode="after")
    def _bed_below(self) -> Self:
        if self.bed_m is not None and self.bed_m > self.below_m:
            raise ValueError("bed_m must not lie above below_m")
        return self


class RoughnessRecipe(_Strict):
    """Manning's n, s/m^(1/3), by class of ground; a raster wins where it has a value."""

    river: _Manning = 0.025
    canal: _Manning = 0.030
    road: _Manning = 0.020
    built: _Manning = 0.100
    open_land: _Manning = 0.050
    built_share: _Share = 0.3
    file: RasterSource | None = None


class ImperviousnessRecipe(_Strict):
    """Share of the ground that takes no water, by class; a raster wins where it has a value."""

    road: _Share = 0.95
    built: _Share = 0.90
    open_land: _Share = 0.40
    file: RasterSource | None = None


class SpreadPopulation(_Strict):
    """
    A known number of people, spread over the cells inside the boundary.

    Parameters
    ----------
    total
        Number of people; None with ``residents``.
    over
        ``buildings``: by floor space; ``roads``: by the length of residential streets nearby;
        ``land``: evenly; ``residents``: the buildings' own column, scaled to *total* if given.
    """

    total: Annotated[float, Field(ge=0.0, le=1.0e9)] | None = None
    over: Literal["buildings", "roads", "land", "residents"] = "roads"
    source: str = ""
    licence: str = "unknown"
    date: str = "unknown"
    note: str = ""

    @model_validator(mode="after")
    def _has_total(self) -> Self:
        if self.total is None and self.over != "residents":
            raise ValueError("give the total number of people")
        return self


class PopulationRecipe(_Strict):
    """
    People per cell, from a raster or by spreading a total.

    Parameters
    ----------
    unit
        What the raster counts: people ``per_cell`` of its own, or ``per_km2``.
    """

    file: RasterSource | None = None
    unit: Literal["per_cell", "per_km2"] = "per_cell"
    spread: SpreadPopulation | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.file is None) == (self.spread is None):
            raise ValueError("give either a file or spread")
        return self


class TerrainRecipe(_Strict):
    """
    Everything about the terrain of a city.

    Parameters
    ----------
    ground
        Level of the ground.
    burn
        Canals and rivers cut into it; None leaves the ground as it is. By default water is cut
        into assumed ground and not into measured ground.
    sea
        Tidal sea out of measured ground; None for the sea of the map alone.
    tidal_river, roughness, imperviousness, population
        See the classes.
    """

    ground: GroundRecipe
    burn: BurnRecipe | bool | None = None
    sea: SeaRecipe | None = None
    tidal_river: TidalRiverRecipe = TidalRiverRecipe()
    roughness: RoughnessRecipe = RoughnessRecipe()
    imperviousness: ImperviousnessRecipe | None = None
    population: PopulationRecipe | None = None

    @model_validator(mode="after")
    def _sea_needs_files(self) -> Self:
        if self.sea is not None and not self.ground.files:
            raise ValueError("a sea out of the ground needs ground.files: assumed ground has none")
        return self

    @property
    def burning(self) -> BurnRecipe | None:
        """The burn recipe that applies, or None."""
        if isinstance(self.burn, BurnRecipe):
            return self.burn
        wanted = not self.ground.files if self.burn is None else self.burn
        return BurnRecipe() if wanted else None
