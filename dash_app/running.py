"""From what people ask to run, by name or as text, to a job."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from dash_app.api.errors import ConflictError
from dash_app.cities import city_folder, list_cities
from models.errors import ScenarioError
from scenarios import Scenario, library

if TYPE_CHECKING:
    from dash_app.services import Services
    from twin.jobs import Job

__all__ = ["chosen_city", "is_name", "scenario_text", "start_run"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def is_name(text: str) -> bool:
    """Return whether *text* is the name of a scenario, and not a scenario."""
    return _NAME.fullmatch(text) is not None


def scenario_text(services: Services, name: str) -> str:
    """
    Return the text of a shipped scenario or a draft.

    Raises
    ------
    StoreError
        If there is none of that name.
    """
    shipped = library().get(name)
    return shipped.read_text("utf-8") if shipped is not None else services.drafts.read(name)


def start_run(services: Services, scenario: str, city: Path | None = None, *, by: str = "") -> Job:
    """
    Have a scenario run.

    Shipped scenarios may read their files; what people wrote may read none but what stands in it,
    and run no code.

    Parameters
    ----------
    services
        The services.
    scenario
        Name of a shipped scenario or a draft, or a scenario as YAML.
    city
        Folder of the city; None takes what the scenario names.
    by
        Who asks.

    Raises
    ------
    ScenarioError
        If the scenario is wrong, or its city is not in the store.
    StoreError
        If there is no scenario of that name.
    ConflictError
        If too many jobs are waiting.
    """
    shipped = library().get(scenario) if is_name(scenario) else None
    if shipped is not None:
        document, text = Scenario.load(shipped), shipped.read_text("utf-8")
    else:
        text = services.drafts.read(scenario) if is_name(scenario) else scenario
        name = scenario if is_name(scenario) else "scenario"
        document = Scenario.parse(text, name=name)
    folder = city if city is not None else chosen_city(services, document)
    if services.jobs.is_full():
        raise ConflictError(
            "too many runs are computing or waiting already",
            where="jobs",
            remedy="Wait for one to end, or cancel one.",
        )
    return services.jobs.submit(
        document,
        folder,
        text=text,
        by=by,
        base=None if shipped is None else shipped.parent,
        confined=shipped is None,
    )


def chosen_city(services: Services, scenario: Scenario) -> Path | None:
    """
    Return the folder of the city that a scenario names; None for the one that is made up.

    Raises
    ------
    ScenarioError
        If the store has no city of that name.
    """
    if scenario.city == "synthetic":
        return None
    cities = list_cities(services.store)
    wanted = Path(scenario.city or "").name
    for entry in cities:
        if wanted in {entry.name, entry.digest}:
            return city_folder(services.store, entry.digest)
    names = ", ".join(sorted({entry.name for entry in cities})) or "none"
    raise ScenarioError(
        "the city of the scenario is not in this store" if wanted else "no city is named",
        where="city",
        value=scenario.city,
        remedy=f"Choose one of those that are: {names}.",
    )
