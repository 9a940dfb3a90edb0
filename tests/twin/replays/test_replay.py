"""A log happens again: the record is followed to the second, and a policy sees the same calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import twin
from twin.evaluation import evaluate
from twin.observed import read_observed
from twin.replays import plan_replay, replay

if TYPE_CHECKING:
    from pathlib import Path

    from scenarios import Scenario
    from twin.city.city import City
    from twin.results.open import Run


@pytest.fixture(scope="module")
def both(
    calls: Scenario,
    small_city: City,
    lived: tuple[Run, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    store = tmp_path_factory.mktemp("replays")
    return replay(calls, small_city, [lived[1] / "log.yaml"], store=store, threads=1)


def arrivals(run: Run) -> dict[tuple[str, str], float]:
    found = run.events[run.events["kind"] == "unit_arrived"]
    return {(e.incident, e.unit): e.time_s for e in found.itertuples()}


def test_following_the_record_repeats_every_arrival(both: Any, lived: tuple[Run, Path]) -> None:
    was, now = arrivals(lived[0]), arrivals(both.record)
    assert len(was) > 8
    assert set(now) == set(was)
    assert max(abs(now[key] - was[key]) for key in was) < 0.01


def test_the_policy_gets_the_same_calls_and_work(both: Any, lived: tuple[Run, Path]) -> None:
    def told(run: Run) -> list[tuple[str, float]]:
        found = run.events[run.events["kind"] == "call_received"]
        return [(e.incident, round(e.time_s, 2)) for e in found.itertuples()]

    assert told(both.policy) == told(both.record) == told(lived[0])
    # The log was made by this very policy, which therefore does again what it did.
    was, now = arrivals(lived[0]), arrivals(both.policy)
    assert {key[0] for key in now} == {key[0] for key in was}


def test_the_policy_can_take_over_later(
    calls: Scenario, small_city: City, lived: tuple[Run, Path], tmp_path: Path
) -> None:
    log = read_observed(lived[1] / "log.yaml")
    late = replay(
        calls,
        small_city,
        [log],
        follow="policy",
        take_over_s=7200.0,
        store=tmp_path,
        threads=1,
    )
    assert late.policy is not None
    before = {k: t for k, t in arrivals(lived[0]).items() if t < 7200.0}
    now = arrivals(late.policy)
    assert before
    assert all(abs(now[key] - time) < 0.01 for key, time in before.items())
    plan = late.plans["policy"]
    assert 0 < plan.counts["orders"] < len(log.table)
    assert {c["kind"] for c in late.policy.commands} >= {"dispatch_by", "send_unit"}


def test_what_if_there_were_more_units(
    calls: Scenario, small_city: City, lived: tuple[Run, Path]
) -> None:
    more = calls.replace(**{"fleet.ambulances": 6})
    plan = plan_replay(more, small_city, [lived[1] / "log.yaml"], follow="policy", fleet="scenario")
    assert plan.scenario.fleet.ambulances == 6
    assert plan.counts == {"calls": 10, "closures": 0, "orders": 0, "units": 0}


def test_closures_enter_at_their_times_and_leave_out_unknown_roads(
    calls: Scenario, small_city: City, tmp_path: Path
) -> None:
    segment = int(small_city.layer("roads")["segment_id"].iloc[0])
    (tmp_path / "closed.csv").write_text(
        "road,start,end\n"
        f"{segment},2025-10-22T09:00,2025-10-22T10:00\n"
        f"{segment},2025-10-22T07:00,\n"
        "99999999,2025-10-22T09:00,2025-10-22T10:00\n"
        f"{segment},2025-10-21T09:00,2025-10-21T10:00\n"
    )
    (tmp_path / "closed.yaml").write_text(
        "observed: 1\nkind: closures\nname: closed\nfile: closed.csv\ntime_zone: '+07:00'\n"
        "columns: {segment: road, start: start, end: end}\n"
    )
    plan = plan_replay(calls, small_city, [tmp_path / "closed.yaml"], follow="policy")
    document = plan.scenario.to_dict()["timeline"]
    assert [(entry["do"], entry["at"]) for entry in document] == [  # type: ignore[union-attr,index,call-overload]  # a list of entries
        ("close_road", "01:00:00"),
        ("open_road", "02:00:00"),
        ("close_road", "00:00:00"),
    ]
    left_out = {(f.kind, f.count) for f in plan.findings}
    assert left_out == {("outside_period", 1), ("not_in_city", 1)}
    assert document[0]["note"] == "closed, row 2"  # type: ignore[index,call-overload]  # as above


def test_a_log_of_another_year_says_so(
    calls: Scenario, small_city: City, lived: tuple[Run, Path]
) -> None:
    other = calls.replace(**{"period.start": "2024-10-22T08:00+07:00"})
    with pytest.raises(twin.InvalidInputError, match="no call of the log lies in the period"):
        plan_replay(other, small_city, [lived[1] / "log.yaml"])


def test_stations_that_the_city_does_not_know_are_all_named(
    calls: Scenario, small_city: City, lived: tuple[Run, Path], tmp_path: Path
) -> None:
    text = (lived[1] / "log.csv").read_text()
    name = next(iter(sorted({unit["station"] for unit in lived[0].manifest["units"]})))
    (tmp_path / "log.csv").write_text(text.replace(name, "Nowhere"))
    (tmp_path / "log.yaml").write_text(
        "observed: 1\nkind: responses\npreset: response_log\nfile: log.csv\n"
        "kinds: {medical: medical, rescue: rescue}\n"
    )
    with pytest.raises(twin.InvalidInputError, match=r"does not know 1 stations.*Nowhere"):
        plan_replay(calls, small_city, [tmp_path / "log.yaml"])


def test_the_replay_of_a_record_is_met_by_the_record(both: Any, lived: tuple[Run, Path]) -> None:
    found = evaluate(both.record, [lived[1] / "log.yaml"])
    part = found.parts[0]
    assert found.score("mean_bias", "ambulance response").estimate.value == pytest.approx(
        0, abs=0.1
    )
    assert found.score("wasserstein", "ambulance travel").estimate.value == pytest.approx(
        0, abs=0.1
    )
    assert found.score("ks", "ambulance response").estimate.value < 0.2
    assert "evaluate.known" in dict(part.notes)
    assert dict(part.notes)["evaluate.paired"] == {"count": len(part.table)}


def test_slower_units_show_as_a_bias(
    calls: Scenario, small_city: City, lived: tuple[Run, Path], tmp_path: Path
) -> None:
    slow = calls.replace(**{"fleet.vehicle_classes": {"ambulance": {"max_speed_km_h": 10.0}}})
    run = replay(
        slow, small_city, [lived[1] / "log.yaml"], follow="record", store=tmp_path, threads=1
    ).record
    assert run is not None
    found = evaluate(run, [lived[1] / "log.yaml"])
    travel = found.score("mean_bias", "ambulance travel").estimate
    assert travel.value > 10.0
    assert travel.low > 0.0
