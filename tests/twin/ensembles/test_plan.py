"""Plans: which members share a flood, which seeds they have, and what is wrong with a sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.errors import CityError, InvalidInputError, ScenarioError, StoreError
from scenarios import Scenario, Sweep
from twin.ensembles.plan import hydraulic_part
from twin.ensembles.records import PlanRecord
from twin.ensembles.store import EnsembleStore
from twin.ensembles.sweeping import lay_out, plan_sweep

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City
    from twin.ensembles.plan import Plan


@pytest.fixture
def plan(document: dict[str, Any], small_city: City, store: Path) -> Plan:
    """Return the plan of the little sweep."""
    return plan_sweep(document, small_city, store=store)


def factor(path: str, *values: Any) -> dict[str, Any]:
    return {"name": "a", "path": path, "values": list(values)}


def floods_of(document: dict[str, Any], city: City, store: Path, *values: Any) -> int:
    changed = {**document, "factors": [factor(*values)], "replications": 1}
    return len(plan_sweep(changed, city, store=store).record.floods)


def test_members_that_differ_in_fleet_and_seed_share_their_flood(plan: Plan) -> None:
    assert plan.record.n_members == 8
    assert len(plan.record.floods) == 2
    floods = [plan.record.member(k).flood for k in range(8)]
    assert floods[:4] == [floods[0]] * 4
    assert floods[4:] == [floods[4]] * 4


@pytest.mark.parametrize(
    ("path", "values", "floods"),
    [
        ("fleet.ambulances", (1, 2), 1),
        ("seed", (1, 2), 1),
        ("response.queue_policy", ("priority_then_time", "first_come_first_served"), 1),
        ("incidents.generated.count", (3, 4), 1),
        ("timeline.0.at", ("3 min", "5 min"), 1),
        ("timeline.1.at", ("3 min", "5 min"), 2),
        ("rain.multiplier", (1.0, 1.1), 2),
        ("ground.offset_m", (-0.3, 0.3), 2),
        ("ground.manning_multiplier", (0.5, 1.0), 2),
        ("flood", ("none", {}), 1),
    ],
)
def test_only_what_the_water_feels_makes_another_flood(  # noqa: PLR0917 - what a case is made of
    document: dict[str, Any],
    small_city: City,
    store: Path,
    path: str,
    values: tuple[Any, ...],
    floods: int,
) -> None:
    if path == "flood":
        document["base"] = {**document["base"], "timeline": []}
    assert floods_of(document, small_city, store, path, *values) == floods


def test_the_hydraulic_part_holds_no_response(document: dict[str, Any]) -> None:
    scenario = Scenario.from_dict(document["base"])
    part = hydraulic_part(scenario, frames=False)
    assert not part.fleet.ambulances
    assert part.incidents.generated is None
    assert [entry.do for entry in part.timeline] == ["set_rain"]
    assert part.outputs.frame_interval == pytest.approx(600.0)
    assert hydraulic_part(scenario).outputs.frame_interval == pytest.approx(300.0)


def test_replications_draw_the_same_at_every_point_unless_told_otherwise(
    document: dict[str, Any], small_city: City, store: Path
) -> None:
    common = plan_sweep(document, small_city, store=store).record
    assert [common.seed_of(0, k) for k in (0, 1)] == [common.seed_of(3, k) for k in (0, 1)]
    assert common.seed_of(0, 0) != common.seed_of(0, 1)
    own = plan_sweep({**document, "common_random_numbers": False}, small_city, store=store).record
    seeds = {own.seed_of(point, k) for point in range(4) for k in range(2)}
    assert len(seeds) == 8


def test_the_same_sweep_has_the_same_name_and_another_one_another(
    document: dict[str, Any], small_city: City, store: Path
) -> None:
    first = plan_sweep(document, small_city, store=store).sweep_id
    assert plan_sweep(Sweep.from_dict(document), small_city, store=store).sweep_id == first
    assert plan_sweep({**document, "seed": 5}, small_city, store=store).sweep_id != first


def test_a_plan_reads_back_as_it_was_written(plan: Plan, store: Path) -> None:
    where = EnsembleStore(store)
    lay_out(where, plan)
    assert PlanRecord.read(where, plan.sweep_id) == plan.record


def test_a_plan_of_a_newer_version_is_refused(plan: Plan, store: Path) -> None:
    where = EnsembleStore(store)
    lay_out(where, plan)
    name = f"sweeps/{plan.sweep_id}/plan.json"
    where.write_document(name, {**where.read_document(name), "format": 99})
    with pytest.raises(StoreError, match="another version"):
        PlanRecord.read(where, plan.sweep_id)


def test_a_member_that_does_not_exist_is_refused(plan: Plan) -> None:
    with pytest.raises(InvalidInputError, match="no such member"):
        plan.record.member(8)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (factor("rain.multiplyer", 1.0), "no such field"),
        (factor("rain.multiplier", -1.0), "at least 0"),
        (factor("fleet.ambulances", "many"), "whole number"),
        ({**factor("name", 1.0), "apply": "add"}, "only a number"),
    ],
)
def test_a_wrong_factor_is_told_with_its_point(
    document: dict[str, Any], small_city: City, store: Path, change: dict[str, Any], told: str
) -> None:
    with pytest.raises(ScenarioError, match=told):
        plan_sweep({**document, "factors": [change]}, small_city, store=store)


def test_a_missing_city_is_told(document: dict[str, Any], store: Path, tmp_path: Path) -> None:
    with pytest.raises(CityError, match="no city here"):
        plan_sweep(document, tmp_path / "nowhere", store=store)


def test_values_are_added_and_multiplied_onto_the_base(
    document: dict[str, Any], small_city: City, store: Path
) -> None:
    factors = [
        {**factor("fleet.ambulances", 1.5), "name": "m", "apply": "multiply"},
        {**factor("ground.offset_m", 0.25), "name": "n", "apply": "add"},
        {**factor("closures.+", {"road": {"bridge": "bridge-1"}, "start": "1 min"}), "name": "o"},
        {"name": "p", "path": "period.duration", "values": [12], "written": "{} min"},
        {"name": "q", "cases": {"wet": {"rain.multiplier": 2.0, "seed": 9}}},
    ]
    changed = {**document, "factors": factors, "replications": 1}
    changes = dict(plan_sweep(changed, small_city, store=store).record.points[0].changes)
    assert changes == {
        "fleet.ambulances": 3,
        "ground.offset_m": 0.25,
        "closures.+": {"road": {"bridge": "bridge-1"}, "start": "1 min"},
        "period.duration": "12 min",
        "rain.multiplier": 2.0,
        "seed": 9,
    }


def test_a_factor_of_seeds_and_replications_exclude_each_other(
    document: dict[str, Any], small_city: City, store: Path
) -> None:
    with pytest.raises(ScenarioError, match="sets the seed"):
        plan_sweep({**document, "factors": [factor("seed", 1, 2)]}, small_city, store=store)


def test_a_longer_period_reads_more_of_a_file(
    document: dict[str, Any], small_city: City, tmp_path: Path
) -> None:
    rows = "".join(f"{minute},{minute % 7}\n" for minute in range(0, 61, 5))
    (tmp_path / "rain.csv").write_text(f"minutes,rate\n{rows}", "utf-8")
    csv = {
        "file": "rain.csv", "time_column": "minutes", "value_column": "rate", "time_unit": "min",
    }  # fmt: skip
    base = {**document["base"], "rain": {"hyetograph": {"csv": csv}}}
    periods = {**factor("period.duration", "10 min", "40 min")}
    sweep = Sweep.from_dict(
        {**document, "base": base, "factors": [periods], "replications": 1}, base=tmp_path
    )
    plan = plan_sweep(sweep, small_city, store=tmp_path / "store")
    counts = [len(plan.documents[k].rain.hyetograph.times) for k in (0, 1)]
    assert counts[1] > counts[0]
    assert plan.documents[1].period.duration_s == pytest.approx(2400.0)
    assert len(plan.record.floods) == 2
