"""Structures in the water: dykes, gates, pumps, culverts; what they do, and by which rules."""

from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from scenarios.schema.base import (
    Identifier,
    Level,
    Many,
    Model,
    NonNegative,
    Positive,
    Text,
    Translated,
    exactly_one,
)
from scenarios.schema.places import Place
from scenarios.schema.rules import RuleText, parse_rule
from scenarios.schema.time import Duration, Moment

__all__ = [
    "INLETS",
    "Barrier",
    "BreachChoice",
    "BridgeOpening",
    "Culvert",
    "CurvePoint",
    "Dyke",
    "Gate",
    "Line",
    "LineFile",
    "Pump",
    "ScheduleEntry",
    "Siphon",
    "Sluice",
    "Structure",
    "Weir",
]

Pair = Annotated[Many[Annotated[float, Field(ge=-1e8, le=1e8)]], Field(min_length=2, max_length=2)]
Pairs = Annotated[Many[Pair], Field(min_length=2, max_length=100_000)]
Roughness = Annotated[float, Field(gt=0, le=0.2)]
Loss = Annotated[float, Field(ge=0, le=20)]

#: Constants of inlets: K, M, c, Y and form, FHWA (2012), HDS-5, 3rd ed., table A.1, and the
#: entrance loss of table C.2.
INLETS: dict[str, tuple[float, float, float, float, float, float]] = {
    "round_square_edge_headwall": (0.0098, 2.0, 0.0398, 0.67, 1.0, 0.5),
    "round_groove_end_headwall": (0.0018, 2.0, 0.0292, 0.74, 1.0, 0.2),
    "round_groove_end_projecting": (0.0045, 2.0, 0.0317, 0.69, 1.0, 0.2),
    "round_metal_headwall": (0.0078, 2.0, 0.0379, 0.69, 1.0, 0.5),
    "round_metal_mitred": (0.0210, 1.33, 0.0463, 0.75, 1.0, 0.7),
    "round_metal_projecting": (0.0340, 1.50, 0.0553, 0.54, 1.0, 0.9),
    "box_wingwalls_30_to_75": (0.0260, 1.0, 0.0347, 0.81, 1.0, 0.4),
    "box_wingwalls_90_or_15": (0.0610, 0.75, 0.0400, 0.80, 1.0, 0.5),
    "box_wingwalls_0": (0.0610, 0.75, 0.0423, 0.82, 1.0, 0.7),
    "box_wingwalls_45_edge_offset": (0.510, 0.667, 0.0309, 0.80, 2.0, 0.2),
    "box_headwall_chamfered": (0.515, 0.667, 0.0375, 0.79, 2.0, 0.2),
    "none": (0.0, 1.0, 0.0, 0.0, 0.0, 0.5),
}


class LineFile(Model):
    """Lines in a file; when a run is stored, their points are written in its place."""

    file: Text
    """GeoJSON or GeoPackage; absolute or from the folder of the scenario, or `${TWIN_DATA}/…`."""
    layer: Text | None = None
    """Layer of a GeoPackage; without it, its only one."""
    name: Text | None = None
    """Value of the property `name` of the line to take; without it, the file's only one."""


class Line(Model):
    """A line on the ground: points, a line in a file, or straight across a channel."""

    lonlat: Pairs | None = None
    """Points `[longitude, latitude]`, degrees, WGS 84."""
    xy_m: Pairs | None = None
    """Points `[easting, northing]`, m, in the reference system of the city."""
    file: LineFile | None = None
    """A line in a file."""
    across: Place | None = None
    """A point in a channel: the line goes across it there, from bank to bank, the shortest way."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        exactly_one(self, ("lonlat", "xy_m", "file", "across"), "a line")
        return self


class ScheduleEntry(Model):
    """What someone does to a structure at a time; rules rest from then on until `auto`."""

    at: Moment
    """When."""
    action: Literal["open", "close", "start", "stop", "auto"]
    """What; `auto` gives it back to its rules."""


class _Structure(Model):
    id: Identifier
    """Short name, for commands and results."""
    title: Translated = Translated()
    """Name for people."""


class _Operated(_Structure):
    """A structure that can be moved."""

    open_when: RuleText | None = None
    """Rule by which it opens, such as `inside - outside > 0.05 m`."""
    close_when: RuleText | None = None
    """Rule by which it closes; where both hold, it closes."""
    initial: Literal["open", "closed"] | None = None
    """At the start; without it, as the rules say, and open where they say nothing."""
    operating_time: Duration = 0.0
    """Time that it takes from closed to open."""
    least_interval: Duration = 0.0
    """Shortest time from one change by its rules to the next, against waves of its own making."""
    schedule: Annotated[Many[ScheduleEntry], Field(max_length=10_000)] = ()
    """What is done at times."""

    @model_validator(mode="after")
    def _words(self) -> Self:
        for entry in self.schedule:
            if entry.action in {"start", "stop"}:
                raise ValueError(f"a {self.kind} opens and closes; '{entry.action}' is for pumps")  # type: ignore[attr-defined]  # every kind has one
        return self


class BreachChoice(Model):
    """A breach that opens in a dyke, at a time, by a rule, or by `fail_structure` alone."""

    location: Place
    """Its middle, near the line of the dyke."""
    width_m: Positive | None = None
    """Final width, m; or give `volume_m3` for Froehlich (2008), or `depth_m` for Von Thun."""
    bottom_m: Level | None = None
    """Final level of its bottom, m; without it, the ground."""
    growth: Duration | None = None
    """Time to its final size, even growth; without it, 1 h, or by the formula."""
    volume_m3: Positive | None = None
    """Water that can drain through it, m³: width and time after Froehlich (2008)."""
    depth_m: Positive | None = None
    """Water above its bottom at the start, m: width and time after Von Thun & Gillette (1990)."""
    at: Moment | None = None
    """When it begins."""
    when: RuleText | None = None
    """Rule by which it begins; `inside` and `outside` are left and right of the line there."""

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        exactly_one(self, ("width_m", "volume_m3", "depth_m"), "a breach")
        return self


class Dyke(_Structure):
    """A dyke (broad crest) or a wall (thin), which water passes only over its top."""

    kind: Literal["dyke", "wall"]
    """Kind."""
    line: Line
    """Where it runs."""
    crest_m: Level | None = None
    """Level of its top, m."""
    crests_m: Annotated[Many[Level], Field(min_length=2, max_length=100_000)] | None = None
    """Level of its top at every point of the line, m; even in between."""
    height_m: Positive | None = None
    """Height of its top above the higher ground beside it, m."""
    breaches: Annotated[Many[BreachChoice], Field(max_length=100)] = ()
    """Breaches that may open."""

    @model_validator(mode="after")
    def _one_top(self) -> Self:
        exactly_one(self, ("crest_m", "crests_m", "height_m"), f"a {self.kind}")
        return self


class Barrier(_Operated):
    """A temporary barrier: closed it stands like a wall, open it is not there."""

    kind: Literal["barrier"]
    """Kind."""
    line: Line
    """Where it runs."""
    crest_m: Level | None = None
    """Level of its top, m."""
    height_m: Positive | None = None
    """Height of its top above the higher ground beside it, m."""
    inside: Place | None = None
    """A point on its inner side; without it, that is the left of the line."""

    @model_validator(mode="after")
    def _one_top(self) -> Self:
        exactly_one(self, ("crest_m", "height_m"), "a barrier")
        return self


class Gate(_Operated):
    """A gate across a channel."""

    kind: Literal["gate"]
    """Kind."""
    line: Line
    """Where it stands, from bank to bank."""
    top_m: Level
    """Level of its top when closed, m; water above it passes."""
    sill_m: Level | None = None
    """Level of its sill, m; without it, the bed."""
    width_m: Positive | None = None
    """Clear width, m; without it, the whole line. One narrower than the line's cells keeps it."""
    lift_m: Positive | None = None
    """How far it opens, m; without it, clear of the water."""
    inside: Place | None = None
    """A point on its inner side; needed for `inside` and `outside` in rules, and for flaps."""
    flap: Literal["none", "outward", "inward"] = "none"
    """`outward`: water passes only from the inside to the outside, as through a tidal flap."""

    @model_validator(mode="after")
    def _knows_its_inside(self) -> Self:
        if self.inside is not None:
            return self
        if self.flap != "none":
            raise ValueError("a flap needs `inside`, a point on its inner side")
        for text in (self.open_when, self.close_when):
            if text is not None and parse_rule(text).names & {"inside", "outside"}:
                raise ValueError(f"the rule '{text}' needs `inside`, a point on its inner side")
        return self


class BridgeOpening(_Structure):
    """A bridge that holds water back: pressure flow under its soffit, a weir over its deck."""

    kind: Literal["bridge"]
    """Kind."""
    line: Line
    """Where it crosses the channel."""
    soffit_m: Level
    """Level of its underside, m."""
    deck_m: Level
    """Level of its deck, or of a closed parapet, m."""

    @model_validator(mode="after")
    def _deck_on_top(self) -> Self:
        if self.deck_m < self.soffit_m:
            raise ValueError("the deck lies below the soffit")
        return self


def _end_tag(value: Any) -> str:  # noqa: ANN401 - pydantic hands over what was written
    return "<outside>" if value == "outside" else "<place>"


End = Annotated[
    Annotated[Place, Tag("<place>")] | Annotated[Literal["outside"], Tag("<outside>")],
    Discriminator(_end_tag),
]


class _Link(_Operated):
    from_location: Place
    """First end: the inside in rules. It is moved to the lowest cell near by."""
    to_location: End
    """Second end: the outside in rules; `outside` leaves the grid."""
    outside_level_m: Level | None = None
    """Water level at an end outside the grid, m."""
    snap_m: NonNegative | None = None
    """How far an end may be moved to lower ground, m; without it, two cells."""
    in_the_dry: bool = False
    """Whether its ends may lie on land, away from any canal or river."""


class _Pipe(_Link):
    length_m: Positive | None = None
    """Length, m; without it, the distance of its ends."""
    manning: Roughness = 0.013
    """Manning's n, s/m^(1/3)."""
    entrance_loss: Loss | None = None
    """Coefficient of the entrance; without it, that of its inlet."""
    exit_loss: Loss = 1.0
    """Coefficient of the exit."""
    barrels: Annotated[int, Field(ge=1, le=100)] = 1
    """Number of pipes side by side."""
    flap: bool = False
    """Whether water passes only from the first end to the second."""


class Culvert(_Pipe):
    """A culvert or pipe between two cells: inlet and outlet control after HDS-5."""

    kind: Literal["culvert"]
    """Kind."""
    diameter_m: Positive | None = None
    """Diameter of a round culvert, m; or give `width_m` and `height_m`."""
    width_m: Positive | None = None
    """Width of a box, m."""
    height_m: Positive | None = None
    """Height of a box, m."""
    invert_from_m: Level | None = None
    """Level of its floor at the first end, m; without it, the ground there."""
    invert_to_m: Level | None = None
    """Level of its floor at the second end, m; without it, the ground there."""
    inlet: Literal[
        "round_square_edge_headwall",
        "round_groove_end_headwall",
        "round_groove_end_projecting",
        "round_metal_headwall",
        "round_metal_mitred",
        "round_metal_projecting",
        "box_wingwalls_30_to_75",
        "box_wingwalls_90_or_15",
        "box_wingwalls_0",
        "box_wingwalls_45_edge_offset",
        "box_headwall_chamfered",
        "none",
    ] = "none"
    """Shape of its inlet, of HDS-5, table A.1; `none` computes outlet control alone."""

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        box = self.width_m is not None and self.height_m is not None
        half = (self.width_m is None) != (self.height_m is None)
        if half or box == (self.diameter_m is not None):
            raise ValueError("a culvert takes diameter_m, or width_m and height_m")
        if self.inlet != "none" and self.inlet.startswith("box") != box:
            raise ValueError(f"the inlet {self.inlet} belongs to the other shape of culvert")
        return self


class Siphon(_Pipe):
    """A pipe over a summit that flows full while it is primed."""

    kind: Literal["siphon"]
    """Kind."""
    diameter_m: Positive
    """Diameter, m."""
    mouth_from_m: Level
    """Level of its mouth at the first end, m; below it no water enters."""
    mouth_to_m: Level
    """Level of its mouth at the second end, m."""
    summit_m: Level
    """Level of its highest point, m; 7 m above the water it breaks."""


class CurvePoint(Model):
    """A point of the curve of a pump."""

    head_m: Annotated[float, Field(ge=-100, le=1000)]
    """Difference of levels, m."""
    flow_m3_s: NonNegative
    """Discharge of one unit, m³/s."""


class Pump(_Link):
    """
    A pumping station.

    It starts and stops by the level at its first end, by rules, or by command; `open` means that
    it runs. Nothing is pumped against a head beyond the last point of its curve.
    """

    kind: Literal["pump"]
    """Kind."""
    capacity_m3_s: Positive | None = None
    """Discharge of one unit, m³/s, whatever the head; or give `curve`."""
    curve: Annotated[Many[CurvePoint], Field(min_length=2, max_length=5)] | None = None
    """Discharge of one unit by head, rising heads."""
    units: Annotated[int, Field(ge=1, le=1000)] = 1
    """Number of equal units."""
    start_level_m: Level | None = None
    """Level at the first end above which it starts, m."""
    stop_level_m: Level | None = None
    """Level at the first end below which it stops, m; lower than `start_level_m`."""
    start_when: RuleText | None = None
    """Rule by which it starts."""
    stop_when: RuleText | None = None
    """Rule by which it stops; where both hold, it stops."""
    suction_level_m: Level | None = None
    """Level below which its inlet is dry, m; without it, the ground there."""
    outlet_level_m: Level | None = None
    """Lowest level that it must lift to, m; without it, the water at the second end."""

    @model_validator(mode="after")
    def _one_capacity(self) -> Self:
        exactly_one(self, ("capacity_m3_s", "curve"), "a pump")
        heads = [point.head_m for point in self.curve or ()]
        if any(high <= low for low, high in pairwise(heads)):
            raise ValueError("the heads of the curve must rise")
        levels = (self.start_level_m, self.stop_level_m)
        if (levels[0] is None) != (levels[1] is None):
            raise ValueError("start_level_m and stop_level_m go together")
        if levels[0] is not None and levels[1] is not None and levels[0] <= levels[1]:
            raise ValueError("the pump must start above the level at which it stops")
        if levels[0] is not None and (self.start_when or self.stop_when):
            raise ValueError("a pump takes levels or rules, not both")
        if self.open_when is not None or self.close_when is not None:
            raise ValueError("a pump takes start_when and stop_when")
        return self

    @model_validator(mode="after")
    def _words(self) -> Self:
        for entry in self.schedule:
            if entry.action in {"open", "close"}:
                raise ValueError(f"a pump starts and stops; '{entry.action}' is for gates")
        return self


class Weir(_Link):
    """A weir between two cells, or over the rim."""

    kind: Literal["weir"]
    """Kind."""
    crest_m: Level
    """Level of its crest, m."""
    width_m: Positive
    """Width, m."""
    thin: bool = False
    """Whether its crest is sharp (Rehbock, Villemonte) and not broad."""


class Sluice(_Link):
    """A gate narrower than a cell, between two cells."""

    kind: Literal["sluice"]
    """Kind."""
    width_m: Positive
    """Clear width, m."""
    sill_m: Level | None = None
    """Level of its sill, m; without it, the higher ground of its ends."""
    lift_m: Positive | None = None
    """How far it opens, m; without it, clear of the water."""
    top_m: Level | None = None
    """Level of its top when closed, m; without it, no water passes over it."""
    flap: bool = False
    """Whether water passes only from the first end to the second."""


#: A structure, told apart by `kind`.
Structure = Annotated[
    Dyke | Barrier | Gate | BridgeOpening | Culvert | Siphon | Pump | Weir | Sluice,
    Field(discriminator="kind"),
]
