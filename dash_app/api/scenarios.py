"""Scenarios: those that are shipped, drafts, and what is wrong with one."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from dash_app.api.errors import ConflictError
from dash_app.api.needs import Body, Limit, Offset, Planner, Provided, Viewer, page_of
from dash_app.estimate import estimate
from dash_app.running import is_name, scenario_text
from models.errors import TwinError
from scenarios import Scenario, library

if TYPE_CHECKING:
    from pathlib import Path

    from dash_app.services import Services

__all__ = ["problems_of", "router"]

router = APIRouter(prefix="/scenarios", tags=["scenarios"])
_PLACE = re.compile(
    r"^(?P<name>[^:]*):(?P<line>\d+)(?:, column (?P<column>\d+))?(?:: (?P<field>.*))?$"
)
Text = Annotated[str, Field(max_length=1 << 20)]


class Document(Body):
    """A scenario as YAML."""

    yaml: Text


class Question(Body):
    """What to estimate."""

    scenario: Annotated[str, Field(min_length=1, max_length=1 << 20)]
    """The name of a scenario, or a scenario as YAML."""
    city: Annotated[str, Field(max_length=64)] | None = None
    """Digest of the city."""


@router.get("")
def list_scenarios(
    services: Provided, _who: Viewer, limit: Limit = 100, offset: Offset = 0
) -> dict[str, Any]:
    """List drafts, the newest first, and the shipped scenarios."""
    drafts = [_draft(services, name) for name in services.drafts.names()]
    return page_of(drafts + [_shipped(path) for path in library().values()], limit, offset)


@router.post("/validate")
def validate(document: Document, _who: Viewer) -> dict[str, Any]:
    """Return everything that is wrong with a scenario, with lines."""
    problems = problems_of(document.yaml)
    return {"ok": not problems, "problems": problems}


@router.post("/estimate")
def get_estimate(question: Question, services: Provided, _who: Viewer) -> dict[str, Any]:
    """Return what a run of a scenario will cost, roughly."""
    text = question.scenario
    text = scenario_text(services, text) if is_name(text) else text
    return estimate(services, Scenario.parse(text), question.city).as_dict()


@router.get("/{name}")
def get_scenario(
    name: str, services: Provided, _who: Viewer, *, resolved: bool = False
) -> dict[str, Any]:
    """Return a scenario as YAML; *resolved* writes out the files that a shipped one refers to."""
    path = library().get(name)
    text = scenario_text(services, name)
    if resolved and path is not None:
        text = Scenario.load(path).resolve().to_yaml()
    return {"name": name, "kind": "draft" if path is None else "shipped", "yaml": text}


@router.put("/{name}")
def put_scenario(
    name: str, document: Document, services: Provided, _who: Planner
) -> dict[str, Any]:
    """Keep a draft, valid or not, and say what is wrong with it."""
    if name in library():
        raise ConflictError(
            "a shipped scenario has this name",
            where="name",
            value=name,
            remedy="Choose another name for your own.",
        )
    services.drafts.write(name, document.yaml)
    problems = problems_of(document.yaml, name=name)
    return {"name": name, "kind": "draft", "ok": not problems, "problems": problems}


@router.delete("/{name}", status_code=204)
def delete_scenario(name: str, services: Provided, _who: Planner) -> None:
    """Delete a draft."""
    if name in library():
        raise ConflictError("a shipped scenario cannot be deleted", where="name", value=name)
    services.drafts.remove(name)


def problems_of(text: str, *, name: str = "scenario") -> list[dict[str, Any]]:
    """
    Return what is wrong with a scenario: ``line``, ``column``, ``field``, ``message``, ``remedy``.

    Parameters
    ----------
    text
        A scenario as YAML.
    name
        Stands for the file.
    """
    try:
        Scenario.parse(text, name=name)
    except TwinError as error:
        lines = error.what.split("\n")
        if len(lines) > 1:  # several, each on a line of its own
            return [_told(line.strip()) for line in lines[1:]]
        value = "" if error.value is None else f", got {str(error.value)[:100]!r}"
        return [_problem(error.where or "", error.what + value, error.remedy)]
    return []


def _told(line: str) -> dict[str, Any]:
    place, separator, rest = line.partition(": ")
    if not separator or not _PLACE.match(place):
        return _problem("", line, None)
    field, separator, message = rest.partition(": ")
    if not separator:
        return _problem(place, rest, None)
    return _problem(f"{place}: {field}", message, None)


def _problem(where: str, message: str, remedy: str | None) -> dict[str, Any]:
    match = _PLACE.match(where)
    return {
        "line": int(match["line"]) if match else None,
        "column": int(match["column"]) if match and match["column"] else None,
        "field": (match["field"] if match else where) or None,
        "message": message,
        "remedy": remedy,
    }


def _draft(services: Services, name: str) -> dict[str, Any]:
    changed = datetime.fromtimestamp(services.drafts.changed_s(name), UTC)
    known = {"name": name, "kind": "draft", "changed": changed.isoformat(timespec="seconds")}
    try:
        return {**known, **_described(Scenario.parse(services.drafts.read(name), name=name))}
    except TwinError:
        return {**known, "ok": False, "title": {}, "description": {}, "city": None}


@lru_cache(maxsize=64)
def _shipped(path: Path) -> dict[str, Any]:
    return {"name": path.stem, "kind": "shipped", **_described(Scenario.load(path))}


def _described(scenario: Scenario) -> dict[str, Any]:
    return {
        "ok": True,
        "title": scenario.title.model_dump(exclude_none=True),
        "description": scenario.description.model_dump(exclude_none=True),
        "city": scenario.city,
        "duration_s": scenario.duration_s,
    }
