"""Where a layer came from, under which licence, and how far to trust it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

__all__ = ["Basis", "Provenance"]


class Basis(StrEnum):
    """How a layer was obtained."""

    MEASURED = "measured"
    DERIVED = "derived"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The origin of one layer; it travels with the city and with every result."""

    source: str
    basis: Basis
    licence: str = "unknown"
    date: str = "unknown"
    note: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the fields as plain text, for YAML and JSON."""
        return {key: str(value) for key, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, fields: dict[str, str]) -> Provenance:
        """Rebuild what :meth:`as_dict` wrote."""
        return cls(**{**fields, "basis": Basis(fields["basis"])})  # type: ignore[arg-type]
