"""Places of observed data in a city: where every row is, and which rows it does not know."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from pydantic import TypeAdapter, ValidationError

from models.errors import ScenarioError
from scenarios.schema.places import Place, RoadPlace
from twin.engine.places import PlaceFinder
from twin.observed.closures import road_of
from twin.observed.finding import Findings
from twin.observed.parsing import ROW

if TYPE_CHECKING:
    from twin.city.city import City
    from twin.observed.read import Observed

__all__ = ["PLACE", "ROAD", "located", "place_of", "with_city"]

PLACE: Final[TypeAdapter[Any]] = TypeAdapter(Place)
ROAD: Final[TypeAdapter[Any]] = TypeAdapter(RoadPlace)

#: Tables whose rows have a place, by kind of data.
_PLACED: Final = {"responses": "calls", "street_reports": "street_reports"}


def place_of(row: pd.Series) -> dict[str, Any] | None:
    """Return the place of a row as a scenario writes it: coordinates first, then names."""
    if pd.notna(row["lon"]) and pd.notna(row["lat"]):
        return {"lon": float(row["lon"]), "lat": float(row["lat"])}
    if pd.notna(row["x_m"]) and pd.notna(row["y_m"]):
        return {"x_m": float(row["x_m"]), "y_m": float(row["y_m"])}
    if pd.notna(row["facility"]):
        return {"facility": str(row["facility"])}
    if pd.notna(row["street"]):
        street = {"street": str(row["street"])}
        if pd.notna(row["cross_street"]):
            street["cross_street"] = str(row["cross_street"])
        return street
    return None


def located(table: pd.DataFrame, city: City, findings: Findings) -> pd.DataFrame:
    """
    Return the rows whose place lies in *city*, with ``city_x_m`` and ``city_y_m``.

    Rows without a place were counted when they were read; those that the city does not know are
    counted here, with what it says of the first.
    """
    finder = PlaceFinder(city)
    x, y = np.full(len(table), np.nan), np.full(len(table), np.nan)
    for k, (_, row) in enumerate(table.iterrows()):
        place = place_of(row)
        if place is None:
            continue
        try:
            x[k], y[k] = finder.point(PLACE.validate_python(place), where="place")
        except (ScenarioError, ValidationError) as error:
            said = error.what if isinstance(error, ScenarioError) else "no place"
            findings.add("not_in_city", [int(row[ROW])], used=False, column="place", example=said)
    found = np.isfinite(x)
    return table.assign(city_x_m=x, city_y_m=y)[found].reset_index(drop=True)


def with_city(observed: Observed, city: City) -> Observed:
    """Return *observed* with the places looked up in *city*, and what was not found reported."""
    name = _PLACED.get(observed.kind)
    findings = Findings(name or observed.kind)
    tables = dict(observed.tables)
    if name is not None:
        tables[name] = located(tables[name], city, findings)
    elif observed.kind == "closures":
        tables["closures"] = _with_segments(tables["closures"], city, findings)
    report = replace(
        observed.report,
        findings=(*observed.report.findings, *findings.all()),
        rows_used={key: len(table) for key, table in tables.items()},
    )
    return replace(observed, tables=tables, report=report)


def _with_segments(closures: pd.DataFrame, city: City, findings: Findings) -> pd.DataFrame:
    finder = PlaceFinder(city)
    known = np.zeros(len(closures), np.bool_)
    for k, (_, row) in enumerate(closures.iterrows()):
        try:
            finder.segments(ROAD.validate_python(road_of(row)), where="road")
        except (ScenarioError, ValidationError, ValueError) as error:
            said = error.what if isinstance(error, ScenarioError) else "no road"
            findings.add("not_in_city", [int(row[ROW])], used=False, column="road", example=said)
        else:
            known[k] = True
    return closures[known].reset_index(drop=True)
