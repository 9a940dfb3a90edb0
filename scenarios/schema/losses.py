"""Water that leaves the surface: infiltration and evaporation."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scenarios.schema.base import Fraction, Many, Model, Text, exactly_one

__all__ = [
    "ConstantSoil",
    "CurveNumberSoil",
    "GreenAmptSoil",
    "HortonSoil",
    "LandUse",
    "LandUseClass",
    "Losses",
    "RasterFile",
    "SoilChoice",
]

RateMmH = Annotated[float, Field(ge=0, le=10_000)]
PerHour = Annotated[float, Field(ge=0, le=1000)]
Most = Annotated[float, Field(ge=0, le=10_000)]


class RasterFile(Model):
    """A raster that is read onto the grid: GeoTIFF, ESRI ASCII or netCDF."""

    file: Text
    """Path, absolute or from the folder of the scenario; may begin with `${TWIN_DATA}/`."""
    variable: Text | None = None
    """Variable of a netCDF file, where it holds several."""
    crs: Text | None = None
    """Reference system, where the file names none or a wrong one."""
    nodata: float | None = None
    """Value that means "no data", where the file names none or a wrong one."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    """Checksum of the file; written when a run is stored."""


class ConstantSoil(Model):
    """Ground that takes water at one rate."""

    kind: Literal["constant"]
    """The model."""
    rate_mm_h: RateMmH
    """Rate, mm/h."""
    most_mm: Most | None = None
    """Depth after which the ground is full, mm."""


class HortonSoil(Model):
    """Ground by Horton's curve, followed by the depth taken and not by the clock."""

    kind: Literal["horton"]
    """The model."""
    initial_mm_h: RateMmH
    """Rate of dry ground, mm/h."""
    final_mm_h: RateMmH
    """Rate of wet ground, mm/h."""
    decay_per_h: Annotated[float, Field(gt=0, le=1000)]
    """Decay from the one to the other under water, 1/h."""
    recovery_per_h: PerHour = 0.0
    """Decay of the wetness while the ground is dry, 1/h; 0: it never dries."""
    most_mm: Most | None = None
    """Depth after which the ground is full, mm."""

    @model_validator(mode="after")
    def _falls(self) -> Self:
        if self.final_mm_h > self.initial_mm_h:
            raise ValueError("final_mm_h is larger than initial_mm_h")
        return self


class GreenAmptSoil(Model):
    """Ground by Green and Ampt's wetting front; it does not dry again during a run."""

    kind: Literal["green_ampt"]
    """The model."""
    conductivity_mm_h: RateMmH
    """Hydraulic conductivity, mm/h."""
    suction_mm: Annotated[float, Field(ge=0, le=10_000)]
    """Suction head at the wetting front, mm."""
    deficit: Fraction
    """Free pore space before the rain, as a share of the soil."""
    ponded: bool = False
    """Whether the depth of the water above adds to the suction."""
    most_mm: Most | None = None
    """Depth after which the ground is full, mm: deficit times the depth to the groundwater."""


class CurveNumberSoil(Model):
    """
    The SCS curve number.

    Each window, the ground takes what the rain of that window adds to the depth that the method
    retains; it acts on the rain of a cell alone, never on water that runs on from elsewhere.
    """

    kind: Literal["curve_number"]
    """The model."""
    number: Annotated[float, Field(gt=0, le=100)] | None = None
    """The curve number."""
    raster: RasterFile | None = None
    """Or a raster of curve numbers."""
    abstraction_ratio: Fraction = 0.2
    """Initial abstraction over the potential retention."""

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        if (self.number is None) == (self.raster is None):
            raise ValueError("give either number or raster")
        return self


#: Ground, told apart by `kind`.
SoilChoice = Annotated[
    ConstantSoil | HortonSoil | GreenAmptSoil | CurveNumberSoil, Field(discriminator="kind")
]


class LandUseClass(Model):
    """What some codes of a land-use raster, or some kinds of a layer, mean."""

    codes: Annotated[Many[int], Field(min_length=1, max_length=1000)] | None = None
    """Codes of the raster."""
    kinds: Annotated[Many[Text], Field(min_length=1, max_length=1000)] | None = None
    """Kinds of the layer."""
    soil: SoilChoice | None = None
    """The ground; without it, nothing infiltrates."""
    imperviousness: Fraction | None = None
    """Share that takes no water, instead of that of `losses.imperviousness`."""

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        exactly_one(self, ("codes", "kinds"), "a class of land use")
        return self

    @property
    def names(self) -> tuple[int, ...] | tuple[str, ...]:
        """The codes or the kinds."""
        return self.codes if self.codes is not None else self.kinds or ()


class LandUse(Model):
    """Ground by the classes of a raster, or of a layer of the city."""

    raster: RasterFile | None = None
    """A raster of whole numbers."""
    layer: Text | None = None
    """Or a layer of polygons in the city with a column `kind`, such as `land_use`; where two
    overlap, the later one holds."""
    classes: Annotated[Many[LandUseClass], Field(min_length=1, max_length=1000)]
    """The classes."""
    others: Literal["error", "soil", "none"] = "error"
    """Land cells without a code or kind, or with one that no class names: refuse them, give them
    `losses.soil`, or let nothing infiltrate (both with a warning that counts them)."""

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        exactly_one(self, ("raster", "layer"), "land use")
        wanted, other = ("codes", "kinds") if self.raster is not None else ("kinds", "codes")
        if any(getattr(each, other) is not None for each in self.classes):
            raise ValueError(f"these classes need {wanted}, not {other}")
        names = [str(name) for each in self.classes for name in each.names]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{twice[0]} stands in two classes")
        return self


class Losses(Model):
    """
    Infiltration into the ground of land cells, and evaporation from all open water.

    The beds of canals, ponds and rivers take nothing.
    """

    soil: SoilChoice | None = None
    """The ground, the same everywhere."""
    land_use: LandUse | None = None
    """The ground by land use."""
    imperviousness: Literal["city"] | Fraction = "city"
    """Share of each cell that takes no water: that of the city, or one number."""
    evaporation_mm_d: Annotated[float, Field(ge=0, le=100)] = 0.0
    """Evaporation from open water, mm per day."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.soil is None and self.land_use is None and self.evaporation_mm_d == 0.0:
            raise ValueError("give soil, land_use or evaporation_mm_d; or leave losses out")
        if self.land_use is not None and self.land_use.others == "soil" and self.soil is None:
            raise ValueError("land_use.others is soil, but there is no losses.soil")
        return self
