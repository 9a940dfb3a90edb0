"""The parts of a sweep: what varies, by which law, and in which design."""

from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator

from scenarios.schema.base import Identifier, Many, Model, Positive, Text, Translated, exactly_one

__all__ = [
    "Design",
    "Factor",
    "FullFactorial",
    "Keep",
    "LatinHypercube",
    "Morris",
    "NormalLaw",
    "PointsFile",
    "Sobol",
    "TriangularLaw",
    "UniformLaw",
]

Number = Annotated[float, Field(ge=-1e12, le=1e12)]
#: Most points of a design; more is a slip, or a study for a cluster and several documents.
MOST_POINTS = 100_000


class UniformLaw(Model):
    """Every value between two limits alike."""

    low: Number
    """Lowest value."""
    high: Number
    """Highest value."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.high <= self.low:
            raise ValueError("high must be greater than low")
        return self


class NormalLaw(Model):
    """Normal, cut where `low` and `high` say."""

    mean: Number
    """Mean of the uncut law."""
    standard_deviation: Positive
    """Standard deviation of the uncut law."""
    low: Number | None = None
    """Lowest value."""
    high: Number | None = None
    """Highest value."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low is not None and self.high is not None and self.high <= self.low:
            raise ValueError("high must be greater than low")
        return self


class TriangularLaw(Model):
    """Triangular between two limits."""

    low: Number
    """Lowest value."""
    mode: Number
    """Most likely value."""
    high: Number
    """Highest value."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.mode <= self.high or self.low == self.high:
            raise ValueError("low, mode and high must rise")
        return self


class Factor(Model):
    """
    Something that varies from point to point.

    A factor has a law (`uniform`, `normal`, `triangular`), a list of `values`, or named `cases`.
    """

    name: Identifier
    """Short name, for tables and pictures."""
    title: Translated = Translated()
    """Name for people."""
    unit: Text | None = None
    """Unit of its values, for tables and pictures: `m`."""
    path: Annotated[Many[Text], Field(min_length=1, max_length=50)] | Text | None = None
    """Field of the scenario that takes the value, or several: `tide.offset_m`. Names of fields and
    numbers of entries with points between; an entry of a list may be named by its `id` or `name`,
    and `+` appends one. Not for `cases`, which name their own fields."""
    apply: Literal["set", "add", "multiply"] = "set"
    """Whether the value takes the place of what is in the field, or is added to it or multiplied
    with it."""
    written: Annotated[str, Field(pattern=r"^[^{}]*\{\}[^{}]*$", max_length=80)] | None = None
    """How the value is written into a field of text or time: `{} min`."""
    whole: bool = False
    """Whether values of a law are rounded to whole numbers."""
    uniform: UniformLaw | None = None
    """A law: uniform."""
    normal: NormalLaw | None = None
    """A law: normal."""
    triangular: TriangularLaw | None = None
    """A law: triangular."""
    values: Annotated[Many[JsonValue], Field(min_length=1, max_length=10_000)] | None = None
    """Values to choose from: numbers, words, groups of fields, `null`."""
    cases: Annotated[dict[str, dict[str, JsonValue]], Field(min_length=1)] | None = None
    """Named sets of changes to choose from: `failed: {structures.pump-1.units: 1}`."""
    weights: Annotated[Many[Positive], Field(min_length=1)] | None = None
    """Of `values` or `cases`, for random designs; without them, all alike."""
    levels: Annotated[int, Field(ge=2, le=10_000)] | None = None
    """In a full factorial: how many values are taken of a law, the limits among them."""

    @property
    def form(self) -> str:
        """Which law or list it has; empty where a list of points gives its values."""
        for name in ("uniform", "normal", "triangular", "values", "cases"):
            if getattr(self, name) is not None:
                return name
        return ""

    @property
    def paths(self) -> tuple[str, ...]:
        """The fields that it changes; empty for cases."""
        return (self.path,) if isinstance(self.path, str) else tuple(self.path or ())

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.form:
            exactly_one(self, ("uniform", "normal", "triangular", "values", "cases"), "a factor")
        if (self.cases is None) == (self.path is None):
            raise ValueError("a factor takes a path, or cases that name their own fields")
        if self.cases is not None and (self.apply != "set" or self.written is not None):
            raise ValueError("apply and written go with a path, not with cases")
        choices = self.values if self.values is not None else self.cases
        if self.weights is not None and (choices is None or len(self.weights) != len(choices)):
            raise ValueError("there must be one weight for each of the values or cases")
        if choices is not None and (self.levels is not None or self.whole):
            raise ValueError("levels and whole go with a law, not with values or cases")
        if self.apply != "set" and self.written is not None:
            raise ValueError("apply: add and multiply go with fields of numbers; leave written out")
        if self.apply != "set" and any(not _is_number(value) for value in self.values or ()):
            raise ValueError("apply: add and multiply go with values that are numbers")
        return self


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class FullFactorial(Model):
    """Every value of every factor with every other."""


class LatinHypercube(Model):
    """Each law cut into as many strata as there are points, and each stratum drawn once."""

    points: Annotated[int, Field(ge=2, le=MOST_POINTS)]
    """Number of points."""


class Sobol(Model):
    """Saltelli's design for Sobol indices: base · (k + 2) points, or base · (2 k + 2)."""

    base: Annotated[int, Field(ge=2, le=MOST_POINTS)]
    """Number of base points, a power of two."""
    second_order: bool = False
    """Whether indices of pairs of factors are wanted too."""

    @model_validator(mode="after")
    def _power_of_two(self) -> Self:
        if self.base & (self.base - 1):
            raise ValueError("base must be a power of two, such as 64")
        return self


class Morris(Model):
    """Elementary effects after Morris (1991): trajectories · (k + 1) points."""

    trajectories: Annotated[int, Field(ge=2, le=MOST_POINTS)]
    """Number of trajectories."""
    levels: Annotated[int, Field(ge=2, le=100)] = 4
    """Number of levels of each factor, even."""

    @model_validator(mode="after")
    def _even(self) -> Self:
        if self.levels % 2:
            raise ValueError("levels must be even")
        return self


class PointsFile(Model):
    """Points in a CSV file: one column for each factor, one row for each point."""

    file: Text
    """Path, absolute or from the folder of the sweep."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    """Character between the columns."""


class Design(Model):
    """Which points are computed: exactly one of these."""

    full_factorial: FullFactorial | None = None
    """Every value with every other: `{}`."""
    latin_hypercube: LatinHypercube | None = None
    """Latin hypercube."""
    sobol: Sobol | None = None
    """For Sobol indices."""
    morris: Morris | None = None
    """For elementary effects."""
    points: (
        Annotated[Many[dict[str, JsonValue]], Field(min_length=1, max_length=MOST_POINTS)] | None
    ) = None
    """A list: the value of every factor at every point."""
    csv: PointsFile | None = None
    """A list in a file."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        _ = self.form
        return self

    @property
    def form(self) -> str:
        """Which one it is."""
        forms = ("full_factorial", "latin_hypercube", "sobol", "morris", "points", "csv")
        return exactly_one(self, forms, "a design")


class Keep(Model):
    """What is kept of every member beside its key figures and the maps of its flood."""

    frames: bool = False
    """Maps of depth over time, as often as the scenario says; else maxima alone."""
    events: bool = True
    """The log of events of every response."""
