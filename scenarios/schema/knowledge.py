"""What the dispatcher knows of the roads, and how it becomes known."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from scenarios.schema.base import Fraction, Many, Model
from scenarios.schema.distributions import Distribution
from scenarios.schema.places import RoadPlace
from scenarios.schema.time import Duration, Interval

__all__ = ["Knowledge", "KnowledgeChoice", "Patrols", "Reports", "Sensors"]

RoadClass = Annotated[str, StringConstraints(pattern=r"^[a-z_]{3,40}$")]


class Sensors(Model):
    """Streets with a gauge or a camera."""

    roads: Annotated[Many[RoadPlace], Field(max_length=10_000)] = ()
    """Streets, bridges or segments that are seen."""
    road_classes: Many[RoadClass] = ()
    """Classes of road, all of whose streets are seen."""
    delay: Duration = 120.0
    """From what is seen to the dispatcher; assumed."""


class Reports(Model):
    """People who call in, drivers of buses, wardens: each change of who can pass is told once."""

    probability: Fraction = 0.8
    """Probability that anybody reports that a street became impassable, or passable again, to a
    class of vehicle; assumed."""
    delay: Distribution = Distribution.model_validate({"exponential": {"mean": "15 min"}})
    """From the change to the dispatcher; the mean of 15 min is assumed."""


class Patrols(Model):
    """Patrols that pass streets at regular times."""

    interval: Interval
    """Time between two passes of the same street; the first is at random."""
    roads: Annotated[Many[RoadPlace], Field(max_length=10_000)] = ()
    """Streets that are passed."""
    road_classes: Many[RoadClass] = ()
    """Classes of road that are passed; without these and `roads`, every street."""
    delay: Duration = 0.0
    """From the pass to the dispatcher."""


class Knowledge(Model):
    """
    How the state of the roads becomes known; a driver who meets a closed road tells it at once.

    Each channel tells what was so when it was seen. Without any, only drivers tell.
    """

    sensors: Sensors | None = None
    """Sensors; without them, none."""
    reports: Reports | None = None
    """Reports; without them, none."""
    patrols: Patrols | None = None
    """Patrols; without them, none."""
    orders_known: bool = True
    """Whether closures by order are known at once, or found out like water."""


def _tag(value: object) -> str:
    return "<perfect>" if value == "perfect" else "<knowledge>"


KnowledgeChoice = Annotated[
    Annotated[Knowledge, Tag("<knowledge>")] | Annotated[Literal["perfect"], Tag("<perfect>")],
    Discriminator(_tag),
]
