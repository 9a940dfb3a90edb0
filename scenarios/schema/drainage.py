"""Drains below the streets: a network of pipes, or inlets of which only the capacity is known."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from scenarios.schema.base import Identifier, Level, Many, Model, Positive, Text, exactly_one
from scenarios.schema.places import Place
from scenarios.schema.time import Interval

__all__ = ["DrainNode", "DrainOutlet", "Drainage", "InletRule", "Inlets", "PipeNetwork"]

#: A network as text: some ten thousand pipes.
_LONGEST = 4_000_000
Coefficient = Annotated[float, Field(gt=0, le=2)]
RoadClass = Annotated[str, StringConstraints(pattern=r"^[a-z_]{3,40}$")]


class DrainNode(Model):
    """Openings of some manholes that differ from the others."""

    nodes: Annotated[Many[Text], Field(min_length=1, max_length=100_000)]
    """Names of the nodes."""
    weir_length_m: Positive | None = None
    """Length over which water runs in: the circumference of a cover, or the length of grates, m."""
    opening_area_m2: Positive | None = None
    """Area of the opening, m²."""
    sealed: bool = False
    """No exchange: a bolted cover, or a junction below ground."""


class PipeNetwork(Model):
    """
    Pipes and manholes in EPA SWMM, exchanging water with the surface in both directions.

    Its rain and subcatchments are not used, because rain falls on the surface here; its inflows
    are. Exchange after Rubinato et al. (2017) and Chen et al. (2007).
    """

    file: Text | None = None
    """SWMM input file (`.inp`), absolute or from the folder of the scenario; may begin with
    `${TWIN_DATA}/`."""
    text: Annotated[str, Field(min_length=1, max_length=_LONGEST)] | None = None
    """Its content, instead: a stored run keeps it here."""
    crs: Text | None = None
    """Reference system of its coordinates, such as `EPSG:32648`; without it, the city's."""
    datum_offset_m: Annotated[float, Field(ge=-10_000, le=10_000)] = 0.0
    """Height of the zero of its levels above the vertical datum of the city, m."""
    clock: Literal["file", "scenario"] = "file"
    """When its own series begin: `file` with the scenario, `scenario` at the dates they bear, in
    the time zone of the scenario."""
    interval: Interval = 5.0
    """Time between exchanges with the surface; at most 10 s, and a multiple of the routing step."""
    routing_step: Interval | None = None
    """Step of SWMM; without it 1 s, or that of the file where that is shorter."""
    crest: Literal["ground", "rim"] = "ground"
    """Level over which water passes: the ground of the cell, or the rim of the node."""
    weir_length_m: Positive | None = None
    """Length over which water runs into a manhole, m; without it the circumference of a round
    opening of the area."""
    opening_area_m2: Positive | None = None
    """Area of the opening of a manhole, m²; without it MIN_SURFAREA of the file, 1.17 m²."""
    weir_coefficient: Coefficient = 0.54
    """Of the free weir (Rubinato et al. 2017)."""
    orifice_coefficient: Coefficient = 0.167
    """Of the drowned opening, in both directions (Rubinato et al. 2017)."""
    nodes: Annotated[Many[DrainNode], Field(max_length=10_000)] = ()
    """Nodes whose openings differ."""
    outside: Literal["error", "seal"] = "error"
    """Nodes off the grid, or where the city has no ground: an error, or no exchange there."""
    snap_m: Annotated[float, Field(ge=0, le=1000)] = 0.0
    """How far a node may be moved to a cell with ground, m: for covers inside blocked cells."""
    outfalls: Literal["surface", "file"] = "surface"
    """Water before the outfalls: that of the cell in which they lie (off the grid, the tide), or
    what the file says."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        exactly_one(self, ("file", "text"), "the network")
        if self.interval > 10.0:
            raise ValueError("interval is longer than 10 s")
        step = self.routing_step
        if step is not None:
            if abs(self.interval / step - round(self.interval / step)) > 1e-9:
                raise ValueError("interval is not a multiple of routing_step")
            if step > 1.0 and step % 1.0:
                raise ValueError("a routing_step above 1 s must be whole seconds")
        return self


class InletRule(Model):
    """
    Inlets of one kind.

    A cell takes the sum of what the rules for its roads give; where none of them reaches, what
    the rules for all land give.
    """

    name: Identifier
    """Name, for messages."""
    roads: Annotated[Many[RoadClass], Field(min_length=1, max_length=40)] | None = None
    """Classes of the roads that have them (`primary`, `residential`); without it, all land."""
    capacity_mm_h: Annotated[float, Field(gt=0, le=1000)] | None = None
    """What they take, as a rate over the cell, mm/h."""
    inlet_l_s: Annotated[float, Field(gt=0, le=1000)] | None = None
    """What one inlet takes, l/s."""
    spacing_m: Annotated[float, Field(ge=1, le=1000)] | None = None
    """Length of road from one inlet to the next (half of it where both sides have them), m."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        exactly_one(self, ("capacity_mm_h", "inlet_l_s"), "an inlet rule")
        if (self.inlet_l_s is None) != (self.spacing_m is None):
            raise ValueError("inlet_l_s and spacing_m go together")
        if self.inlet_l_s is not None and self.roads is None:
            raise ValueError("inlets at a spacing need roads")
        return self


class DrainOutlet(Model):
    """The end of a drain."""

    name: Identifier
    """Name, for outputs."""
    location: Place
    """Where; the water enters the surface there, or the tide where its level is prescribed."""
    capacity_m3_s: Positive | None = None
    """What the pipe takes at most, m³/s; without it, no limit."""
    shut_level_m: Level | None = None
    """Level of the water outside from which nothing more passes, m."""
    flap: bool = True
    """Whether a flap keeps the water outside from coming back."""


class Inlets(Model):
    """Drains of which only the capacity is known: an assumption, and shown as one."""

    rules: Annotated[Many[InletRule], Field(min_length=1, max_length=100)]
    """The inlets."""
    to: Literal["nearest_water", "outlets", "away"] = "nearest_water"
    """Where they drain: the nearest cell of canal or river, the nearest of `outlets`, or out of
    the model."""
    outlets: Annotated[Many[DrainOutlet], Field(max_length=10_000)] = ()
    """Ends of the drains, with `to: outlets`."""
    capacity_m3_s: Positive | None = None
    """With `nearest_water` or `away`: what all drains together take at most, m³/s."""
    shut_level_m: Level | None = None
    """With `nearest_water`: level of the water from which an outlet passes nothing more, m."""
    flap: bool = True
    """With `nearest_water`: whether flaps keep the canal from rising into the streets."""
    full_head_m: Annotated[float, Field(gt=0, le=5)] = 0.1
    """How far the street's water must stand above that outside for the full capacity, m."""
    interval: Interval = 10.0
    """Time between exchanges with the surface."""

    @model_validator(mode="after")
    def _outlets_fit(self) -> Self:
        if (self.to == "outlets") != bool(self.outlets):
            raise ValueError("give outlets, and `to: outlets`, or neither")
        if self.to == "outlets" and self.capacity_m3_s is not None:
            raise ValueError("with `to: outlets`, each outlet has its own capacity_m3_s")
        if self.to != "nearest_water" and self.shut_level_m is not None:
            raise ValueError("shut_level_m belongs to `to: nearest_water`, or to an outlet")
        names = [rule.name for rule in self.rules]
        names += [outlet.name for outlet in self.outlets]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the name {twice[0]} stands there twice")
        return self


class Drainage(Model):
    """What takes water from the streets below ground; both kinds may stand side by side."""

    network: PipeNetwork | None = None
    """Pipes in EPA SWMM."""
    inlets: Inlets | None = None
    """Inlets of given capacity, where the pipes are not known."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.network is None and self.inlets is None:
            raise ValueError("give network, inlets, or both")
        return self
