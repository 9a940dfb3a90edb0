"""Find what a run is made of, a scenario and a city, and name its file where the two do not fit."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import InvalidQuantityError, ScenarioError
from scenarios import Scenario, library
from twin.city.city import City, open_city
from twin.city.default import default_city

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_city", "load_scenario", "placed"]


def load_scenario(scenario: Scenario | str | Path) -> Scenario:
    """
    Return a scenario from an object, a file, or the name of a shipped one.

    Raises
    ------
    ScenarioError
        If there is no such file or shipped scenario, or it is not valid.
    """
    if isinstance(scenario, Scenario):
        return scenario
    path = Path(scenario)
    if not path.exists() and str(scenario) in library():
        path = Path(str(library()[str(scenario)]))
    if not path.exists():
        raise ScenarioError(
            "there is no such scenario",
            where=str(scenario),
            remedy=f"Name a file, or one of the shipped ones: {', '.join(sorted(library()))}.",
        )
    return Scenario.load(path)


def find_city(scenario: Scenario, city: City | str | Path | None) -> City:
    """
    Return *city*, read from its folder where it is one, or the city that *scenario* names.

    Raises
    ------
    ScenarioError
        If neither names a city.
    CityError
        If there is no such city, or it cannot be read.
    """
    if isinstance(city, City):
        return city
    if city is not None:
        return open_city(city)
    if scenario.city is None:
        raise ScenarioError(
            "the scenario names no city",
            where="city",
            remedy="Name its folder here or with --city DIR.",
        )
    if scenario.city == "synthetic":
        return default_city()
    for base in (scenario.base or Path(), Path(), Path("cities")):
        if (base / scenario.city / "city.yaml").is_file():
            return open_city(base / scenario.city)
    raise ScenarioError(
        "the city of the scenario is not here",
        where="city",
        value=scenario.city,
        remedy="Build it with `twin city build`, or make one up with `twin city synth -o DIR`, "
        "and name its folder with --city DIR.",
    )


@contextmanager
def placed(scenario: Scenario) -> Iterator[None]:
    """Put file and line of *scenario* before the field that an error raised inside names."""
    try:
        yield
    except ScenarioError as error:
        raise error.at(_place(scenario, error.where or "")) from error
    except InvalidQuantityError as error:
        raise error.at(f"{scenario.place()}, with this city") from error


def _place(scenario: Scenario, where: str) -> str:
    """Return file and line of a field as messages write it: ``gauges[0] (bridge).location``."""
    field = re.sub(r" \([^)]*\)", "", where)
    parts = re.findall(r"[A-Za-z_]\w*|\[\d+\]", field)
    return scenario.place(int(p[1:-1]) if p.startswith("[") else p for p in parts)
