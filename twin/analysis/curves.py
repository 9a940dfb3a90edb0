"""Depth-damage curves as a document that people edit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import InvalidInputError, InvalidQuantityError
from models.exposure import DamageCurve
from scenarios.loader import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEFAULT_CURVES", "DamageTable", "read_curves"]

#: The curves of the JRC for Asia (Huizinga et al. 2017).
DEFAULT_CURVES = Path(__file__).with_name("damage_asia.yaml")
_KEYS = {"title", "source", "spread", "spread_basis", "curves", "buildings", "others"}
_OPTIONAL = {"value_per_m2", "currency"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageTable:
    """
    Curves, and which building takes which.

    Attributes
    ----------
    title, source, spread_basis
        What is said of them.
    curves
        By sector.
    sector_of
        Sector by kind of building; ``others`` for kinds that are not named.
    value_per_m2, currency
        Value of building and contents on a square metre of ground, by sector; may be empty.
    """

    title: str
    source: str
    spread_basis: str
    curves: Mapping[str, DamageCurve]
    sector_of: Mapping[str, str]
    others: str
    value_per_m2: Mapping[str, float]
    currency: str


def read_curves(path: str | Path | None = None) -> DamageTable:
    """
    Read curves from a YAML file; without one, those of the JRC for Asia.

    Raises
    ------
    InvalidInputError
        Naming file and field.
    """
    file = DEFAULT_CURVES if path is None else Path(path)
    document: dict[str, Any] = dict(read_yaml(file, error=InvalidInputError).data)
    place = str(file)
    unknown = sorted(set(document) - _KEYS - _OPTIONAL)
    missing = sorted(_KEYS - set(document))
    if unknown or missing:
        raise InvalidInputError(
            f"unknown fields {unknown}, missing fields {missing}",
            where=place,
            remedy=f"Write {', '.join(sorted(_KEYS))}, and if you like {', '.join(_OPTIONAL)}.",
        )
    try:
        curves = {str(k): _curve(str(k), v, document) for k, v in document["curves"].items()}
        sectors = {
            str(kind): str(sector)
            for sector, kinds in document["buildings"].items()
            for kind in kinds
        }
        values = {str(k): float(v) for k, v in (document.get("value_per_m2") or {}).items()}
    except InvalidQuantityError as error:
        raise InvalidInputError(
            error.what, where=f"{place}: {error.where}", value=error.value
        ) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInputError(
            "a field is not of the form that it should have",
            where=place,
            value=str(error),
            remedy=f"Start from a copy of {DEFAULT_CURVES.name}.",
        ) from error
    for named in (*sectors.values(), str(document["others"]), *values):
        if named not in curves:
            raise InvalidInputError(
                "there is no curve of this name",
                where=place,
                value=named,
                remedy=f"Choose from {', '.join(curves)}.",
            )
    for sector, value in values.items():
        if not 0.0 <= value < float("inf"):
            raise InvalidInputError(
                "a value per square metre is not possible", where=f"{place}: {sector}", value=value
            )
    return DamageTable(
        title=str(document["title"]),
        source=" ".join(str(document["source"]).split()),
        spread_basis=str(document["spread_basis"]),
        curves=curves,
        sector_of=sectors,
        others=str(document["others"]),
        value_per_m2=values,
        currency=str(document.get("currency") or ""),
    )


def _curve(name: str, given: Any, document: Mapping[str, Any]) -> DamageCurve:  # noqa: ANN401 - what stands in the file
    depths, shares = (tuple(float(x) for x in given[key]) for key in ("depths_m", "shares"))
    spread = float(given.get("spread", document["spread"]))
    return DamageCurve(name, depths, shares, spread, str(document["source"]))
