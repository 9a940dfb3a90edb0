"""The scenarios of a sweep: of its base, its points and its members, in memory and as stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios import Scenario
from scenarios.loader import read_yaml
from twin.running import LARGEST_STORED_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

    from twin.ensembles.records import PlanRecord
    from twin.ensembles.store import EnsembleStore

__all__ = [
    "PointScenarios",
    "member_scenario",
    "parse_stored",
    "point_document",
    "replace_all",
    "stored_scenario",
]

type Changes = Sequence[tuple[str, JsonValue]]


def member_scenario(base: Scenario, changes: Changes, seed: int | None) -> Scenario:
    """Return the scenario of a member, or of a point where *seed* is None."""
    wanted = list(changes)
    if seed is not None and all(path != "seed" for path, _ in changes):
        wanted.append(("seed", seed))
    return replace_all(base, wanted)


def replace_all(base: Scenario, changes: Changes) -> Scenario:
    """Return *base* with all *changes*, which need to be valid together only."""
    changed = base
    batch: dict[str, object] = {}
    for path, value in changes:
        if path in batch:  # two entries that are appended to one list
            changed, batch = changed.replace(**batch), {}
        batch[path] = value
    return changed.replace(**batch) if batch else changed


class PointScenarios:
    """
    The scenarios of the points of one base, files written out.

    Files are read for every point that changes the period, which decides how much of a series is
    taken, or the part of the scenario that names them; else once.
    """

    def __init__(self, base: Scenario) -> None:
        self._raw = base
        self.base = base.resolve()
        before, after = base.to_dict(), self.base.to_dict()
        self._filed = {name for name in after if before.get(name) != after[name]}
        if self._filed:
            self._filed.add("period")

    def of(self, changes: Changes) -> tuple[Scenario, bool]:
        """
        Return the scenario of a point, and whether it must be stored as a document of its own.

        Raises
        ------
        ScenarioError
            If it is not valid, or a file is missing.
        """
        if any(path.split(".")[0] in self._filed for path, _ in changes):
            return member_scenario(self._raw, changes, None).resolve(), True
        scenario = member_scenario(self.base, changes, None)
        whole = scenario.resolve()
        return whole, whole is not scenario


def point_document(sweep_id: str, point: int) -> str:
    """Return the name of the document of a point that has its own."""
    return f"sweeps/{sweep_id}/points/{point:06d}.yaml"


def parse_stored(store: EnsembleStore, name: str) -> Scenario:
    """Return a scenario that the store holds."""
    text = store.read(name).decode()
    data = read_yaml(text, name=name, limit=LARGEST_STORED_BYTES).data
    return Scenario.from_dict(data, name=name)


def stored_scenario(
    store: EnsembleStore, plan: PlanRecord, base: Scenario, point: int, seed: int | None
) -> Scenario:
    """Return the scenario of a member of a stored sweep, or of a point without a seed."""
    found = plan.points[point]
    seeded = any(path == "seed" for path, _ in found.changes)
    if not found.own:
        return member_scenario(base, found.changes, seed)
    scenario = parse_stored(store, point_document(plan.sweep_id, point))
    return scenario if seed is None or seeded else scenario.replace(seed=seed)
