"""The scenario as a document and as an object that can be changed in code."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Discriminator,
    Field,
    JsonValue,
    PrivateAttr,
    Tag,
    ValidationError,
    model_validator,
)

from scenarios.digest import canonical_json, digest_of
from scenarios.loader import Document, parse_model, plain, put, read_yaml, write_yaml
from scenarios.migrate import migrate
from scenarios.policies import refuse_policies
from scenarios.schema.base import Identifier, Many, Model, Text, Translated
from scenarios.schema.boundaries import Boundary
from scenarios.schema.buildings import Buildings
from scenarios.schema.checks import check
from scenarios.schema.commands import Closure, Command
from scenarios.schema.drainage import Drainage
from scenarios.schema.fitted import FittedEvent
from scenarios.schema.fleet import Fleet
from scenarios.schema.flood import Flood, GridChoice
from scenarios.schema.forcing import Inflow, InitialWater, Tide
from scenarios.schema.ground import GroundChange
from scenarios.schema.incidents import Incidents
from scenarios.schema.knowledge import KnowledgeChoice
from scenarios.schema.losses import Losses
from scenarios.schema.outputs import CrossSection, Gauge, Outputs
from scenarios.schema.rain import Rain
from scenarios.schema.residents import Residents
from scenarios.schema.response import Response
from scenarios.schema.structures import Structure
from scenarios.schema.time import Clock, Period, format_duration
from scenarios.schema.traffic import Traffic
from scenarios.sources import inline_files, needs_files

__all__ = ["Scenario", "json_schema"]

_DRIVERS = ("rain", "tide", "inflows", "boundaries")


def _flood_tag(value: object) -> str:
    return "<none>" if value == "none" else "<flood>"


FloodChoice = Annotated[
    Annotated[Flood, Tag("<flood>")] | Annotated[Literal["none"], Tag("<none>")],
    Discriminator(_flood_tag),
]


class Scenario(Model):
    """
    A scenario: what happens in a city, and who is there to help.

    Read one with :meth:`load`, make one from a mapping with :meth:`from_dict`, and change one
    with :meth:`replace`; each of them validates the whole.
    """

    schema_version: Literal[1] = Field(alias="schema")
    """Version of this format."""
    name: Identifier
    """Short name, for files and runs."""
    title: Translated = Translated()
    """Title for people."""
    description: Translated = Translated()
    """What it is about, and what it assumes."""
    city: Text | None = None
    """Folder of the city, from the folder of this file; or `synthetic`; the command line wins."""
    period: Period
    """The simulated time."""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    """From which every random draw follows."""
    grid: GridChoice = GridChoice()
    """The grid."""
    ground: GroundChange = GroundChange()
    """Changes to the ground of the city, for this run alone."""
    flood: FloodChoice = "none"
    """Surface water, `{}` for the defaults; `none` keeps the city dry. Without it: the defaults
    if there is rain, a tide, an inflow or a boundary, else none."""
    rain: Rain | None = None
    """Rain; without it, none."""
    losses: Losses | None = None
    """Infiltration and evaporation; without it, no water is lost to ground or air."""
    buildings: Buildings = Buildings()
    """How the water meets buildings, and where the rain on roofs goes."""
    tide: Tide | None = None
    """Level of the tidal water; without it, such water is computed like any other."""
    initial: InitialWater = InitialWater()
    """Water at the start."""
    inflows: Annotated[Many[Inflow], Field(max_length=10_000)] = ()
    """Water that enters at places."""
    boundaries: Annotated[Many[Boundary], Field(max_length=1000)] = ()
    """Where water enters and leaves along edges, lines and in areas, and by which law; where two
    concern the same cell of an edge, the later one holds."""
    structures: Annotated[Many[Structure], Field(max_length=10_000)] = ()
    """Dykes, gates, pumps, culverts and other structures in the water."""
    drainage: Drainage | None = None
    """Drains below the streets; without it, none."""
    gauges: Annotated[Many[Gauge], Field(max_length=10_000)] = ()
    """Points at which depth and level are recorded."""
    cross_sections: Annotated[Many[CrossSection], Field(max_length=1000)] = ()
    """Lines through which the discharge is recorded."""
    fleet: Fleet = Fleet()
    """Units and stations."""
    response: Response = Response()
    """How calls are handled."""
    knowledge: KnowledgeChoice = "perfect"
    """What the dispatcher knows of closed roads: `perfect` is everything at once; else a mapping
    that says how it becomes known."""
    traffic: Traffic | None = None
    """Ordinary traffic that slows vehicles; without it, roads are driven as freely as they are dry
    and open."""
    incidents: Incidents = Incidents()
    """Emergencies."""
    residents: Residents | None = None
    """The people of the city as agents; without it, none."""
    closures: Annotated[Many[Closure], Field(max_length=10_000)] = ()
    """Roads closed for a while."""
    timeline: Annotated[Many[Command], Field(max_length=100_000)] = ()
    """Commands at times."""
    outputs: Outputs = Outputs()
    """What a run writes."""
    fitted: Annotated[Many[FittedEvent], Field(max_length=1000)] = ()
    """Events to which figures of this scenario were fitted: whatever is compared with them is
    marked so. It changes no result."""

    _document: dict[str, JsonValue] = PrivateAttr(default_factory=dict)
    _base: Path | None = PrivateAttr(default=None)
    _source: Document | None = PrivateAttr(default=None)
    _left_out: dict[str, int] = PrivateAttr(default_factory=dict)

    def __init__(self, /, **data: Any) -> None:  # noqa: ANN401 - the fields of a document
        given = data
        if "flood" not in data and any(data.get(name) for name in _DRIVERS):
            given = {**data, "flood": {}}
        context = {"clock": _clock_of(data.get("period"))}
        self.__pydantic_validator__.validate_python(given, self_instance=self, context=context)
        self._document = plain(data)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        check(self)
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scenario) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(canonical_json(self._content()))

    @classmethod
    def load(cls, path: str | Path, *, limit_bytes: int | None = None) -> Self:
        """
        Read a scenario from a YAML or JSON file.

        Raises
        ------
        ScenarioError
            If the file cannot be read, or anything in it is wrong; all faults are listed.
        """
        file = Path(path)
        document = read_yaml(file) if limit_bytes is None else read_yaml(file, limit=limit_bytes)
        return cls._from_document(document, base=file.parent)

    @classmethod
    def parse(cls, text: str, *, name: str = "scenario", base: Path | None = None) -> Self:
        """
        Read a scenario from YAML or JSON text; *name* stands for the file in errors.

        Raises
        ------
        ScenarioError
            As :meth:`load`.
        """
        return cls._from_document(read_yaml(text, name=name), base=base)

    @classmethod
    def from_dict(
        cls, data: Mapping[str, object], *, name: str = "scenario", base: Path | None = None
    ) -> Self:
        """
        Make a scenario from a mapping of the same shape as the file.

        Raises
        ------
        ScenarioError
            If anything in it is wrong; all faults are listed.
        """
        return cls._from_document(Document(name=name, data=plain(data)), base=base)

    @classmethod
    def _from_document(cls, document: Document, *, base: Path | None) -> Self:
        scenario = parse_model(cls, migrate(document))
        scenario._come_from(document, base)  # noqa: SLF001 - one of this class, just made
        return scenario

    def _come_from(self, document: Document | None, base: Path | None) -> None:
        self._source = document
        self._base = base

    def replace(self, **changes: object) -> Self:
        """
        Return a scenario with other values, validated again as a whole.

        Parameters
        ----------
        changes
            By path in the document, ``**{"tide.offset_m": 0.2, "timeline.0.at": "2 h"}``, or by
            nested mappings, which are merged: ``tide={"offset_m": 0.2}``. None removes a field.

        Raises
        ------
        ScenarioError
            If the result is not valid, or a path leads nowhere.
        """
        data = plain(self._document)
        for path, value in changes.items():
            put(data, path, value, where=self.name)
        return type(self).from_dict(data, name=self.name, base=self._base)

    def to_dict(self) -> dict[str, JsonValue]:
        """Return the document as it was written: no defaults, times as text."""
        return dict(plain(self._document))

    def to_yaml(self) -> str:
        """Return the document as YAML; reading it gives the same scenario."""
        return write_yaml(self._document)

    def resolve(
        self,
        base: Path | None = None,
        *,
        variables: Mapping[str, str] | None = None,
        confined: bool = False,
    ) -> Self:
        """
        Return a scenario whose files are written out in it, so that it stands alone.

        Parameters
        ----------
        base
            Folder from which relative paths start; by default that of the scenario's file.
        variables
            What may be written as ``${NAME}`` at the start of a path; by default ``TWIN_DATA``
            from the environment.
        confined
            Refuse files outside *base*, and policies in files, for documents of people who must
            not read the machine or run code on it.

        Raises
        ------
        ScenarioError
            If a file is missing or does not hold what the scenario says.
        """
        if confined:
            refuse_policies(self._document, self.place())
        if not needs_files(self._document):
            return self
        left_out: dict[str, int] = {}
        data = inline_files(
            plain(self._document),
            clock=self.period.clock,
            base=base or self._base,
            name=self.place(),
            variables=variables,
            confined=confined,
            left_out=left_out,
        )
        whole = type(self).from_dict(data, name=self.place(), base=self._base)
        whole._come_from(self._source, self._base)  # noqa: SLF001 - one of this class, just made
        whole._left_out.update(left_out)  # noqa: SLF001 - as above
        return whole

    @property
    def left_out(self) -> Mapping[str, int]:
        """Rows of each CSV file that :meth:`resolve` left out, since the period needs none."""
        return self._left_out

    @property
    def base(self) -> Path | None:
        """Folder of the file that the scenario was read from; None where it came from none."""
        return self._base

    def place(self, path: Iterable[str | int] = ()) -> str:
        """
        Return ``file:line`` of a field for messages, and the file alone where it is not known.

        Parameters
        ----------
        path
            Such as ``("incidents", "listed", 0, "at")``; the line is that of the innermost part
            that the file holds.
        """
        if self._source is None or not self._source.marks:
            return self.name
        parts = tuple(path)
        if parts[:1] not in self._source.marks or not parts:
            return self._source.name
        return f"{self._source.name}:{self._source.mark(parts)[0]}"

    def _content(self) -> dict[str, Any]:
        content = self.model_dump(mode="python", exclude={"city", "title", "description", "fitted"})
        return dict(_without_paths(content))

    @property
    def digest(self) -> str:
        """
        SHA-256 of everything that can change a result, files included.

        The order of keys, comments, the way in which a time is written, and defaults that are
        spelt out do not matter. The city, which has a digest of its own, and texts for people
        and the events that figures were fitted to are left out.

        Raises
        ------
        ScenarioError
            If a file cannot be read.
        """
        return digest_of(self.resolve()._content())  # noqa: SLF001 - another of this class

    @property
    def duration_s(self) -> float:
        """Length of the period, s."""
        return self.period.duration_s


def _without_paths(node: Any) -> Any:  # noqa: ANN401 - the fields of a document
    """Return *node* without the paths of files whose checksums stand beside them."""
    if isinstance(node, dict):
        dropped = {"file", "files"} if node.get("sha256") else set()
        return {key: _without_paths(value) for key, value in node.items() if key not in dropped}
    if isinstance(node, list | tuple):
        return tuple(_without_paths(value) for value in node)
    return node


def _clock_of(period: object) -> Clock | None:
    """Return the clock of a period that may be wrong: None then, and its errors come later."""
    if isinstance(period, Period):
        return period.clock
    try:
        return Period.model_validate(period).clock
    except ValidationError:
        return None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario, for editors."""
    schema = Scenario.model_json_schema(by_alias=True)
    for part in (schema, *schema["$defs"].values()):
        for entry in part.get("properties", {}).values():
            # Times are text in a document; pydantic would show their seconds.
            if entry.get("type") == ["string", "integer"] and "default" in entry:
                entry["default"] = format_duration(entry["default"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
    }
