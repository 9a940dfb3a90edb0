"""Places: a point anywhere in the city, and a piece of road."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from scenarios.schema.base import Many, Model, Positive, Text

__all__ = [
    "XY",
    "AtBridge",
    "AtFacility",
    "AtStreet",
    "AtStructure",
    "LonLat",
    "NearestRoad",
    "Place",
    "RoadPlace",
    "SegmentRoad",
    "StreetRoad",
]


class LonLat(Model):
    """A point in WGS 84."""

    lon: Annotated[float, Field(ge=-180, le=180)]
    """Longitude, degrees east."""
    lat: Annotated[float, Field(ge=-90, le=90)]
    """Latitude, degrees north."""

    @property
    def form(self) -> Literal["lonlat"]:
        """Which kind of place this is."""
        return "lonlat"


class XY(Model):
    """A point in the reference system of the city."""

    x_m: Annotated[float, Field(ge=-1e8, le=1e8)]
    """Easting, m."""
    y_m: Annotated[float, Field(ge=-1e8, le=1e8)]
    """Northing, m."""

    @property
    def form(self) -> Literal["xy"]:
        """Which kind of place this is."""
        return "xy"


class AtFacility(Model):
    """At a facility of the city: a hospital, a school, a market."""

    facility: Text
    """Its `facility_id`, or its name where only one facility bears it."""

    @property
    def form(self) -> Literal["facility"]:
        """Which kind of place this is."""
        return "facility"


class AtStreet(Model):
    """On a street: where it meets another one, or half-way along."""

    street: Text
    """Name of the street, as the city has it."""
    cross_street: Text | None = None
    """Name of a street that it meets."""

    @property
    def form(self) -> Literal["street"]:
        """Which kind of place this is."""
        return "street"


class AtBridge(Model):
    """At a bridge."""

    bridge: Text
    """Its `bridge_id`, or its name where only one bridge bears it."""

    @property
    def form(self) -> Literal["bridge"]:
        """Which kind of place this is."""
        return "bridge"


class AtStructure(Model):
    """At a structure of the city's layer: a gate, a pump, a culvert."""

    structure: Text
    """Its `structure_id`, or its name where only one structure bears it."""

    @property
    def form(self) -> Literal["structure"]:
        """Which kind of place this is."""
        return "structure"


class StreetRoad(Model):
    """A whole street, or the part of it between two others."""

    street: Text
    """Name of the street, as the city has it."""
    between: Annotated[Many[Text], Field(min_length=2, max_length=2)] | None = None
    """Names of the two streets that bound the part."""

    @property
    def form(self) -> Literal["street"]:
        """Which kind of road this is."""
        return "street"


class SegmentRoad(Model):
    """Segments of the city's roads by number."""

    segments: Annotated[Many[Annotated[int, Field(ge=0)]], Field(min_length=1, max_length=10_000)]
    """Values of `segment_id`."""

    @property
    def form(self) -> Literal["segments"]:
        """Which kind of road this is."""
        return "segments"


_PLACE_KEYS = {
    "lon": "<lonlat>",
    "lat": "<lonlat>",
    "x_m": "<xy>",
    "y_m": "<xy>",
    "facility": "<facility>",
    "street": "<street>",
    "cross_street": "<street>",
    "bridge": "<bridge>",
    "structure": "<structure>",
}
_ROAD_KEYS = {
    "segments": "<segments>",
    "near": "<near>",
    "within_m": "<near>",
    "street": "<street>",
    "between": "<street>",
    "bridge": "<bridge>",
}


def _tag(value: object, keys: dict[str, str]) -> str | None:
    names = value if isinstance(value, dict) else getattr(value, "model_fields_set", ())
    return next((tag for key, tag in keys.items() if key in names), None)


def _place_tag(value: Any) -> str | None:  # noqa: ANN401 - pydantic hands over what was written
    return _tag(value, _PLACE_KEYS)


def _road_tag(value: Any) -> str | None:  # noqa: ANN401 - as above
    return _tag(value, _ROAD_KEYS)


Point = Annotated[
    Annotated[LonLat, Tag("<lonlat>")] | Annotated[XY, Tag("<xy>")],
    Discriminator(
        _place_tag,
        custom_error_type="place",
        custom_error_message="a point is written as {lon, lat} or {x_m, y_m}",
    ),
]


class NearestRoad(Model):
    """The segment nearest to a point, or all segments within a distance of it."""

    near: Point
    """The point."""
    within_m: Positive | None = None
    """Take every segment within this distance, m; without it, the nearest segment alone."""

    @property
    def form(self) -> Literal["near"]:
        """Which kind of road this is."""
        return "near"


#: A point anywhere in the city; `form` says how it is written.
Place = Annotated[
    Annotated[LonLat, Tag("<lonlat>")]
    | Annotated[XY, Tag("<xy>")]
    | Annotated[AtFacility, Tag("<facility>")]
    | Annotated[AtStreet, Tag("<street>")]
    | Annotated[AtBridge, Tag("<bridge>")]
    | Annotated[AtStructure, Tag("<structure>")],
    Discriminator(
        _place_tag,
        custom_error_type="place",
        custom_error_message="a place is written as {lon, lat}, {x_m, y_m}, {facility}, "
        "{street, cross_street}, {bridge} or {structure}",
    ),
]
#: A piece of road; `form` says how it is written.
RoadPlace = Annotated[
    Annotated[StreetRoad, Tag("<street>")]
    | Annotated[SegmentRoad, Tag("<segments>")]
    | Annotated[NearestRoad, Tag("<near>")]
    | Annotated[AtBridge, Tag("<bridge>")],
    Discriminator(
        _road_tag,
        custom_error_type="road",
        custom_error_message="a road is written as {street, between}, {segments}, "
        "{near: {lon, lat}, within_m} or {bridge}",
    ),
]
