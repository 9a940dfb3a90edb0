"""
From a sweep to its members, and to the floods that they share.

A point is a combination of values, and a member one replication of a point. Members whose water is
the same share one flood: it is computed once, and their responses run over what it left on the
roads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from models.errors import ScenarioError, TwinError
from scenarios import Scenario
from scenarios.digest import digest_of
from scenarios.schema.flood import Flood
from twin.city.default import default_city
from twin.engine.assembly import wants_response
from twin.engine.commands import COMMAND_KINDS
from twin.engine.setup_flood import wants_flood
from twin.ensembles.designs import design_points
from twin.ensembles.members import PointScenarios, member_scenario, replace_all
from twin.ensembles.records import FloodRecord, PlanRecord, PointRecord, member_seed
from twin.inputs import find_city, load_scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from pydantic import JsonValue

    from scenarios import Sweep
    from scenarios.schema.sweep_parts import Factor
    from twin.city.city import City
    from twin.ensembles.designs import Point

__all__ = ["Plan", "first_scenario", "hydraulic_part", "make_plan"]

#: Parts of a scenario that no water depends on.
_DRY = (
    *("title", "description", "seed", "city", "fleet", "response", "incidents", "residents"),
    "closures",
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """
    What a sweep computes, and from what.

    Parameters
    ----------
    record
        Points, members and floods, as they are stored.
    sweep, base
        The document, and its base scenario with what every member changes, files written out.
    documents
        Scenarios of points that are stored as documents of their own, since they read other files.
    cities
        By digest.
    responds
        Whether there is anyone to help.
    """

    record: PlanRecord
    sweep: Sweep
    base: Scenario
    documents: Mapping[int, Scenario]
    cities: Mapping[str, City]
    responds: bool

    @property
    def sweep_id(self) -> str:
        """The name of the sweep: the same for the same document, base, city and program."""
        return self.record.sweep_id


def make_plan(
    sweep: Sweep,
    *,
    city: City | str | Path | None = None,
    created: datetime,
    keep: Callable[[City], City] = lambda city: city,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Plan:
    """
    Plan a sweep: draw its points, check every scenario, and find the floods that are shared.

    Parameters
    ----------
    sweep
        The document.
    city
        A city or its folder; None takes that of the sweep, or of the scenario.
    created
        The moment of planning, with a zone.
    keep
        Keeps a city in a store, and returns it as it is kept.
    progress
        Is told how many points of how many are planned.

    Raises
    ------
    ScenarioError
        If the base, a factor's path or a value is wrong; the message names the point.
    CityError
        If a city is missing.
    """
    scenarios = _base(sweep)
    base = scenarios.base
    if sweep.replications > 1 and any("seed" in factor.paths for factor in sweep.factors):
        raise ScenarioError(
            "a factor sets the seed, which replications set too",
            where=sweep.place("replications"),
            value=sweep.replications,
            remedy="Use replications, or a factor of seeds.",
        )
    cities = _Cities(sweep, city, keep)
    floods: dict[str, FloodRecord] = {}
    points: list[PointRecord] = []
    designed = design_points(sweep)
    documents: dict[int, Scenario] = {}
    responds = False
    for index, point in enumerate(designed):
        changes = _changes(sweep, base, point)
        try:
            scenario, own = scenarios.of(changes)
            found = cities.of(scenario)
        except TwinError as error:
            values = ", ".join(f"{name}={value}" for name, value in point.chosen.items())
            raise error.at(f"{sweep.place('factors')}, point {index} ({values})") from error
        responds = responds or wants_response(scenario)
        if own:
            documents[index] = scenario
        seeds: list[int | None] = [None]
        if scenario.residents is not None:
            of, common = sweep.replications, sweep.common_random_numbers
            seeds = [
                member_seed(sweep.seed, index, k, of=of, common=common)
                for k in range(sweep.replications)
            ]
        digests = []
        for seed in seeds:
            digest = _flood_of(member_scenario(scenario, (), seed), found, frames=sweep.keep.frames)
            digests.append(digest)
            if digest:
                first = FloodRecord(point=index, seed=seed, city=found.digest)
                floods.setdefault(digest, first)
        points.append(
            PointRecord(
                chosen=point.chosen,
                unit=point.unit,
                changes=changes,
                floods=tuple(digests),
                city=found.digest,
                own=own,
            )
        )
        progress(index + 1, len(designed))
    record = PlanRecord(
        sweep_id=_sweep_id(sweep, base, points),
        name=sweep.name,
        created=created,
        code=version("city-twin"),
        seed=sweep.seed,
        common=sweep.common_random_numbers,
        replications=sweep.replications,
        points=tuple(points),
        floods=floods,
        whole=base.residents is not None,
        frames=sweep.keep.frames,
        events=sweep.keep.events,
    )
    return Plan(
        record=record,
        sweep=sweep,
        base=base,
        documents=documents,
        cities=cities.by_digest,
        responds=responds,
    )


def _sweep_id(sweep: Sweep, base: Scenario, points: list[PointRecord]) -> str:
    content = {
        "sweep": sweep.digest,
        "base": base.digest,
        "points": [[[list(c) for c in p.changes], list(p.floods), p.city] for p in points],
        "code": version("city-twin"),
    }
    return f"{sweep.name.lower()[:48]}-{digest_of(content)[:10]}"


def first_scenario(plan: Plan) -> Scenario:
    """Return the scenario of the first point."""
    if 0 in plan.documents:
        return plan.documents[0]
    return member_scenario(plan.base, plan.record.points[0].changes, None)


def hydraulic_part(scenario: Scenario, *, frames: bool = True) -> Scenario:
    """
    Return a scenario of the water of another one, without what no water depends on.

    With residents, who look at the water around them while it flows, it is the whole scenario.

    Parameters
    ----------
    scenario
        Whole.
    frames
        Whether maps of depth are kept over time; else at the start and the end alone.
    """
    data = scenario.to_dict()
    if scenario.residents is None:
        for name in _DRY:
            data.pop(name, None)
        timeline = cast("list[dict[str, JsonValue]]", data.pop("timeline", []))
        kept = [entry for entry in timeline if COMMAND_KINDS[str(entry.get("do"))][1]]
        if kept:
            data["timeline"] = cast("JsonValue", kept)
    data["name"] = "flood"
    if not frames and isinstance(scenario.flood, Flood):
        exchange_s = scenario.flood.exchange_interval
        count = max(1, math.ceil(scenario.period.duration_s / exchange_s - 1e-6))
        outputs = dict(cast("dict[str, JsonValue]", data.get("outputs") or {}))
        data["outputs"] = {**outputs, "frame_interval": f"{count * exchange_s!r} s"}
    return Scenario.from_dict(data, name=scenario.name, base=scenario.base)


def _flood_of(scenario: Scenario, city: City, *, frames: bool) -> str:
    """Return the digest of the flood of a scenario; empty where all stays dry."""
    if not wants_flood(scenario) and scenario.residents is None:
        return ""
    part = hydraulic_part(scenario, frames=frames)
    content = {"scenario": part.digest, "city": city.digest, "code": version("city-twin")}
    return digest_of(content)[:32]


# The base, and what changes in it


def _base(sweep: Sweep) -> PointScenarios:
    if isinstance(sweep.base, str):
        beside = sweep.folder / sweep.base
        base = load_scenario(beside if beside.is_file() else sweep.base)
    else:
        base = Scenario.from_dict(sweep.base, name=sweep.name, base=sweep.folder)
    try:
        base = replace_all(base, list(sweep.changes.items()))
        return PointScenarios(base)
    except ScenarioError as error:
        raise error.at(sweep.place("base")) from error


def _changes(sweep: Sweep, base: Scenario, point: Point) -> tuple[tuple[str, JsonValue], ...]:
    """Return what a point changes in the base, by path."""
    changes: list[tuple[str, JsonValue]] = []
    for position, factor in enumerate(sweep.factors):
        value = point.chosen[factor.name]
        if factor.cases is not None:
            changes += list(factor.cases[str(value)].items())
            continue
        for path in factor.paths:
            where = sweep.place("factors", position)
            changes.append((path, _applied(factor, value, base, path, where)))
    return tuple(changes)


def _applied(factor: Factor, value: JsonValue, base: Scenario, path: str, where: str) -> JsonValue:
    if factor.written is not None:
        return factor.written.replace("{}", f"{value}")
    if factor.apply == "set":
        return value
    now = _read(base, path)
    if isinstance(now, bool) or not isinstance(now, int | float):
        raise ScenarioError(
            f"only a number can be changed by apply: {factor.apply}",
            where=f"{where} ({factor.name})",
            value={path: str(now)},
            remedy="Use apply: set, or name a field of numbers that the base gives.",
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ScenarioError(
            "this value is not a number", where=f"{where} ({factor.name})", value=value
        )
    changed = now + value if factor.apply == "add" else now * value
    return round(changed) if isinstance(now, int) else changed


def _read(base: Scenario, path: str) -> object:
    """Return what stands in a field, defaults included; None where there is nothing."""
    here: Any = base
    for name in path.split("."):
        if isinstance(here, tuple):
            if name.isdecimal() and int(name) < len(here):
                here = here[int(name)]
            else:
                named = [e for e in here if name in {getattr(e, k, None) for k in ("id", "name")}]
                here = named[0] if named else None
        else:
            here = getattr(here, name, None)
    return cast("object", here)


class _Cities:
    """The cities of a sweep, each opened once."""

    def __init__(
        self, sweep: Sweep, city: City | str | Path | None, keep: Callable[[City], City]
    ) -> None:
        self.by_digest: dict[str, City] = {}
        self._keep = keep
        self._opened: dict[str | None, City] = {}
        self._given: City | str | Path | None = city
        self._folder = sweep.folder
        varies = any(
            "city" in factor.paths or any("city" in case for case in (factor.cases or {}).values())
            for factor in sweep.factors
        )
        if varies:
            self._given = None
        elif city is None and sweep.city is not None:
            beside = sweep.folder / sweep.city
            if (beside / "city.yaml").is_file():
                self._given = beside
            else:
                self._given = default_city() if sweep.city == "synthetic" else Path(sweep.city)

    def of(self, scenario: Scenario) -> City:
        """Return the city of a member."""
        name = None if self._given is not None else scenario.city
        if name not in self._opened:
            given = self._given
            if given is None and name and (self._folder / name / "city.yaml").is_file():
                given = self._folder / name
            found = self._keep(find_city(scenario, given))
            self._opened[name] = found
            self.by_digest[found.digest] = found
        return self._opened[name]
