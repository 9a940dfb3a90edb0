"""The sweep: many runs of one scenario, as a document."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, JsonValue, PrivateAttr, model_validator

from models.errors import ScenarioError
from scenarios.digest import digest_of
from scenarios.loader import Document, parse_model, plain, read_yaml, write_yaml
from scenarios.schema.base import Identifier, Many, Model, Text, Translated
from scenarios.schema.sweep_parts import Design, Factor, FullFactorial, Keep

__all__ = ["Sweep", "sweep_json_schema"]

_CURRENT = 1


class Sweep(Model):
    """
    A sweep: a base scenario, what varies in it, and how often everything is repeated.

    Read one with :meth:`load`, or make one from a mapping with :meth:`from_dict`.
    """

    schema_version: Literal[1] = Field(alias="sweep")
    """Version of this format."""
    name: Identifier
    """Short name, for files."""
    title: Translated = Translated()
    """Title for people."""
    description: Translated = Translated()
    """What it asks, and what it assumes."""
    base: Text | dict[str, JsonValue]
    """The scenario: a file, from the folder of this one, a shipped one, or a whole document."""
    city: Text | None = None
    """Folder of the city, from the folder of this file; without it, what the scenario names."""
    changes: dict[str, JsonValue] = Field(default_factory=dict)
    """What every member changes in the scenario, by path: `period.duration: 2 h`."""
    factors: Annotated[Many[Factor], Field(max_length=200)] = ()
    """What varies."""
    design: Design = Design(full_factorial=FullFactorial())
    """Which combinations are computed."""
    replications: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    """How often every point is repeated, with other calls and other draws."""
    common_random_numbers: bool = True
    """Whether replication k draws the same at every point, so that points compare pair by pair."""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    """From which the design and the seed of every member follow."""
    keep: Keep = Keep()
    """What is kept."""

    _document: dict[str, JsonValue] = PrivateAttr(default_factory=dict)
    _source: Document | None = PrivateAttr(default=None)
    _base: Path | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        names = [factor.name for factor in self.factors]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the factor {twice[0]} stands there twice")
        reserved = {"member", "point", "replication", "seed", "flood", "x", "y", "time"}
        for name in names:
            if name in reserved:
                raise ValueError(f"{name} cannot be the name of a factor; it has a meaning already")
        return self

    @model_validator(mode="after")
    def _factors_fit_design(self) -> Self:
        form = self.design.form
        listed = form in {"points", "csv"}
        if not self.factors and form != "full_factorial":
            raise ValueError("a design needs factors")
        for factor in self.factors:
            if listed and factor.form not in {"", "cases"}:
                raise ValueError(f"{factor.name}: the list gives its values; leave the law out")
            if not listed and not factor.form:
                raise ValueError(f"{factor.name} needs a law, values or cases")
            law = factor.form in {"uniform", "normal", "triangular"}
            if form == "full_factorial" and law and factor.levels is None:
                raise ValueError(f"{factor.name}: in a full factorial a law needs levels")
        return self

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """
        Read a sweep from a YAML or JSON file.

        Raises
        ------
        ScenarioError
            If the file cannot be read, or anything in it is wrong; all faults are listed.
        """
        file = Path(path)
        return cls._from_document(read_yaml(file), file.parent)

    @classmethod
    def from_dict(cls, data: dict[str, Any], *, base: Path | None = None) -> Self:
        """
        Make a sweep from a mapping of the same shape as the file.

        Parameters
        ----------
        data
            The document.
        base
            Folder from which its paths start.

        Raises
        ------
        ScenarioError
            As :meth:`load`.
        """
        return cls._from_document(Document(name="sweep", data=plain(data)), base)

    @classmethod
    def _from_document(cls, document: Document, base: Path | None) -> Self:
        _check_version(document)
        sweep = parse_model(cls, document)
        sweep._document = dict(document.data)  # noqa: SLF001 - one of this class, just made
        sweep._source, sweep._base = document, base  # noqa: SLF001 - as above
        return sweep

    @property
    def folder(self) -> Path:
        """Folder from which its paths start."""
        return self._base if self._base is not None else Path()

    @property
    def digest(self) -> str:
        """SHA-256 of the document, but for texts for people and where the city lies."""
        content = self.model_dump(mode="json", exclude={"title", "description", "city"})
        return digest_of(content)

    def place(self, *path: str | int) -> str:
        """Return file, line and field for messages."""
        return self.name if self._source is None else self._source.place(path)

    def to_dict(self) -> dict[str, JsonValue]:
        """Return the document as it was written."""
        return dict(plain(self._document))

    def to_yaml(self) -> str:
        """Return the document as YAML; reading it gives the same sweep."""
        return write_yaml(self._document)


def _check_version(document: Document) -> None:
    version = document.data.get("sweep")
    if isinstance(version, int) and not isinstance(version, bool) and version > _CURRENT:
        raise ScenarioError(
            "the document was written for a newer version of this program",
            where=document.place(("sweep",)),
            value=version,
            remedy=f"This one reads sweep {_CURRENT}; install a newer one.",
        )
    if "sweep" not in document.data:
        raise ScenarioError(
            "this is a scenario, not a sweep"
            if "schema" in document.data
            else "the version of the format is missing",
            where=document.place(()),
            remedy=f"Begin the document with `sweep: {_CURRENT}`.",
        )


def sweep_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a sweep, for editors."""
    schema = Sweep.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
