"""Residents: who lives in the city, how warnings reach them, and what they do in water."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scenarios.schema.base import Fraction, Identifier, Many, Model, NonNegative, Positive, Text
from scenarios.schema.places import XY, LonLat, Place
from scenarios.schema.time import Duration, Interval

__all__ = [
    "WARNING_CHANNELS",
    "Advice",
    "Calls",
    "Circle",
    "LeaveShares",
    "MobilityShares",
    "PeopleChoice",
    "Residents",
    "ResidentsBehaviour",
    "Shelter",
    "WarningArea",
    "WarningChannel",
]

#: The channels that the models know.
WARNING_CHANNELS: tuple[str, ...] = ("loudspeaker", "siren", "sms", "broadcast", "door_to_door")

Advice = Literal["move_vehicles", "shelter", "evacuate"]
Triple = Annotated[Many[Fraction], Field(min_length=3, max_length=3)]


class Circle(Model):
    """Everything within a distance of a place."""

    center: Place
    """The place."""
    radius_m: Positive
    """The distance, m."""


class WarningArea(Model):
    """Where a warning is issued: a circle, or a ring of points."""

    circle: Circle | None = None
    """A circle."""
    lonlat: Annotated[Many[LonLat], Field(min_length=3, max_length=10_000)] | None = None
    """Or a ring of points in WGS 84."""
    xy_m: Annotated[Many[XY], Field(min_length=3, max_length=10_000)] | None = None
    """Or a ring of points in the reference system of the city."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if sum(getattr(self, name) is not None for name in ("circle", "lonlat", "xy_m")) != 1:
            raise ValueError("an area is one of circle, lonlat and xy_m")
        return self


class WarningChannel(Model):
    """How a channel carries warnings; what is not given stays at the default of the channel."""

    reach: Fraction | None = None
    """Share of households that it reaches."""
    trust: Fraction | None = None
    """Share of those who believe it."""
    delay_median: Duration | None = None
    """Median of the time until it is heard."""
    delay_spread: Annotated[float, Field(ge=0, le=5)] | None = None
    """Standard deviation of the logarithm of that time."""


class MobilityShares(Model):
    """Shares of households that are able, slow, and in need of help, by who lives in them."""

    adults: Triple | None = None
    """Adults alone."""
    children: Triple | None = None
    """With children, without elderly."""
    elderly: Triple | None = None
    """With elderly."""


class PeopleChoice(Model):
    """Who lives where; what is not given stays at the default of the models."""

    total: Annotated[int, Field(ge=1, le=5_000_000)] | None = None
    """Their number; without it, that of the city's population, or of its buildings."""
    placed_by: Literal["population", "buildings"] = "population"
    """Spread them by the `population` raster (else buildings, else roads), or by `buildings`."""
    household_size: Annotated[Many[Fraction], Field(min_length=1, max_length=12)] | None = None
    """Shares of households of 1, 2, 3 … persons; they sum to 1."""
    children: Fraction | None = None
    """Share of the people under 15."""
    elderly: Fraction | None = None
    """Share of the people from 65 on."""
    mobility: MobilityShares = MobilityShares()
    """How they move."""
    upper_floor: Fraction | None = None
    """Share of households with an upper floor, where no building says."""
    motorbike: Fraction | None = None
    """Share of households that can ride away on motorbikes."""


class Shelter(Model):
    """A place where people are safe, beside those of the city."""

    id: Identifier
    """Name in outputs."""
    location: Place
    """Where."""


class LeaveShares(Model):
    """A share by what a household knows; what is not given stays at the default."""

    sees_water: Fraction | None = None
    """It sees water at the door, and was not warned."""
    move_vehicles: Fraction | None = None
    """It was told to bring vehicles to high ground."""
    shelter: Fraction | None = None
    """It was told to stay, and go upstairs."""
    evacuate: Fraction | None = None
    """It was told to leave."""


class ResidentsBehaviour(Model):
    """What they do; what is not given stays at the default of the models, where its source is."""

    leave: LeaveShares = LeaveShares()
    """Share of households that set out for a shelter."""
    move_vehicle: LeaveShares = LeaveShares()
    """Share of households that bring their motorbike to high ground."""
    prepare_median: Duration | None = None
    """Median of the time from deciding to leaving."""
    prepare_spread: Annotated[float, Field(ge=0, le=5)] | None = None
    """Standard deviation of the logarithm of that time."""
    hasty_prepare: Duration | None = None
    """Time to leave once water stands in the house."""
    floor_height_m: NonNegative | None = None
    """Height of the ground floor above the ground, m."""
    notice_depth_m: NonNegative | None = None
    """Depth in front of the house at which people notice, m."""
    act_depth_m: Positive | None = None
    """Depth within the house at which people go upstairs or must leave, m."""
    set_out_depth_m: NonNegative | None = None
    """Depth in front of the house from which nobody who has an upper floor sets out, m."""
    storey_m: Positive | None = None
    """Height of the upper floor above the ground floor, m."""
    vehicle_loss_depth_m: Positive | None = None
    """Depth at which a motorbike left at home is lost, m."""
    walk_m_s: Annotated[Many[Positive], Field(min_length=2, max_length=2)] | None = None
    """Walking speed on dry ground of able and slow, m/s."""
    wade_depth_m: Annotated[Many[Positive], Field(min_length=2, max_length=2)] | None = None
    """Depth beyond which able and slow cannot walk, m."""
    wade_product_m2_s: Annotated[Many[Positive], Field(min_length=2, max_length=2)] | None = None
    """Depth times velocity beyond which able and slow cannot walk, m²/s."""
    wade_speed_share: Annotated[float, Field(gt=0, le=1)] | None = None
    """Walking speed at the largest depth over that on dry ground."""
    ride_m_s: Positive | None = None
    """Speed of a motorbike among many that leave, m/s."""
    ride_depth_m: Positive | None = None
    """Depth from which a motorbike stalls, m."""
    vehicle_move: Duration | None = None
    """Time to bring a motorbike out of the house, and to park it."""
    call_delay: Duration | None = None
    """From being stranded or trapped to calling for help."""
    call_again: Interval | None = None
    """From a call that nobody could answer to the next."""
    replan: Interval | None = None
    """How often people on the way see which ways are open."""
    access: Interval | None = None
    """How often the ways to the hospitals are looked at, for the figures."""
    exposed_depth_m: NonNegative | None = None
    """Depth at the place from which people count as exposed, m."""
    hurt_share: Fraction | None = None
    """Share of the households that call for rescue in which one person is hurt."""


class Calls(Model):
    """What a call of residents becomes for the services."""

    kind: Identifier = "rescue"
    """The kind of incident."""
    priority: Annotated[int, Field(ge=1, le=9)] = 1
    """Its priority."""
    most_hurt: Annotated[int, Field(ge=0, le=50)] = 5
    """Most casualties that one call brings, each of whom takes an ambulance."""


class Residents(Model):
    """
    The people of the city as agents: they hear, decide, move, are stranded, and call for help.

    Demand then emerges from the water: each call becomes an incident.
    """

    people: PeopleChoice = PeopleChoice()
    """Who lives where."""
    shelter_kinds: Annotated[Many[Text], Field(max_length=100)] = ("shelter", "school")
    """Facilities of the city where people are safe."""
    shelters: Annotated[Many[Shelter], Field(max_length=1000)] = ()
    """Further places where they are."""
    high_ground_share: Fraction = 0.2
    """Share of the road nodes, the highest ones, that count as high ground for motorbikes."""
    channels: dict[Identifier, WarningChannel] = Field(default_factory=dict)
    """How warnings reach people: changed, or new ones (all four numbers) by name."""
    behaviour: ResidentsBehaviour = ResidentsBehaviour()
    """What they do."""
    calls: Calls | Literal["none"] = Calls()
    """What their calls become; `none` counts calls, and brings nobody."""

    @model_validator(mode="after")
    def _channels_whole(self) -> Self:
        for name, channel in self.channels.items():
            parts = ("reach", "trust", "delay_median", "delay_spread")
            missing = [part for part in parts if getattr(channel, part) is None]
            if name not in WARNING_CHANNELS and missing:
                raise ValueError(
                    f"the channel {name} is new, and needs {', '.join(missing)}; "
                    f"known are {', '.join(WARNING_CHANNELS)}"
                )
        return self

    @property
    def known_channels(self) -> tuple[str, ...]:
        """Names of all channels, those of the models first."""
        new = (name for name in self.channels if name not in WARNING_CHANNELS)
        return (*WARNING_CHANNELS, *new)
