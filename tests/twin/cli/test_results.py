"""Extremes that are no mistakes have results that are defined, in JSON and in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from twin.city.city import City

AT = {"facility": "hospital-1"}


@pytest.fixture
def run(ask: Any, write: Any, city: City, store: Path) -> Any:
    """Return what runs a document and returns its summary, having shown it to everybody."""

    def run(document: dict[str, Any]) -> dict[str, Any]:
        words = ["--store", store]
        answer = ask("run", write(document), "--city", city.folder, *words, "--json")
        assert answer.code == 0, answer.err
        for language in ("vi", "en"):
            shown = ask("show", *words, "--lang", language)
            assert shown.code == 0, shown.err
            assert "nan" not in shown.out.lower().split()
        assert ask("show", *words, "--json").document["summary"]["run"] == answer.document["run"]
        return dict(answer.document)

    return run


def call(name: str, at: str) -> dict[str, Any]:
    return {"id": name, "at": at, "kind": "medical", "location": AT}


def test_no_incidents(run: Any, dry: dict[str, Any]) -> None:
    del dry["incidents"]
    found = run(dry)
    assert (found["incidents"], found["served"], found["unserved"]) == (0, 0, 0)
    assert found["response_time_s"] == {}


def test_incidents_without_units_are_all_unserved(run: Any, dry: dict[str, Any]) -> None:
    del dry["fleet"]
    found = run(dry)
    assert (found["incidents"], found["served"], found["unserved"]) == (2, 0, 2)
    times = found["response_time_s"]["ambulance"]
    assert times["n"] == 0
    assert times["mean"] is None
    assert times["p90"] is None
    assert found["stranded"] == 0


def test_everything_closed_is_everything_unserved(
    run: Any, dry: dict[str, Any], city: City
) -> None:
    segments = city.layer("roads")["segment_id"].astype(int).tolist()
    dry["closures"] = [{"road": {"segments": segments}, "start": "0 s"}]
    found = run(dry)
    assert found["unserved"] == 2
    assert found["road_km_closed"]["car"] > 10.0


def test_calls_at_the_first_and_at_the_last_moment_count(run: Any, dry: dict[str, Any]) -> None:
    dry["incidents"] = {"listed": [call("first", "0 s"), call("last", "10 min")]}
    found = run(dry)
    assert (found["incidents"], found["served"], found["unserved"]) == (2, 1, 1)
    assert found["within_target"]["ambulance"]["undecided"] == 1


def test_a_call_still_in_time_at_the_end_is_undecided_though_nobody_was_reached(
    run: Any, dry: dict[str, Any]
) -> None:
    dry["incidents"] = {"listed": [call("last", "10 min")]}
    share = run(dry)["within_target"]["ambulance"]
    assert (share["n"], share["share"], share["undecided"]) == (0, None, 1)


@pytest.mark.parametrize(("duration", "steps"), [("20 s", 1), ("90 s", 1)])
def test_a_period_need_not_fit_the_exchange_interval(
    run: Any, document: dict[str, Any], duration: str, steps: int
) -> None:
    document["period"]["duration"] = duration
    document["incidents"] = {"listed": [call("a", "10 s")]}
    found = run(document)
    assert found["simulated_s"] == float(duration.removesuffix(" s"))
    assert found["steps"] >= steps
    assert found["volume_error"] < 1e-9


def test_rain_of_nothing_wets_nothing(run: Any, document: dict[str, Any]) -> None:
    document["rain"]["hyetograph"]["rates_mm_h"] = [0, 0]
    del document["tide"]
    found = run(document)
    assert found["max_depth_m"] == 0.0
    assert set(found["flooded_area_m2"].values()) == {0.0}


def test_a_flood_over_everything_closes_everything(run: Any, document: dict[str, Any]) -> None:
    document["tide"]["series"]["levels_m"] = [8, 8]
    document["initial"] = {"canals": "tide"}
    del document["rain"]
    found = run(document)
    assert found["unserved"] == 2
    assert found["flooded_area_m2"]["0.5"] > 0.9 * found["land_area_m2"]
    assert found["road_km_closed"]["motorbike"] > 10.0
    assert found["volume_error"] < 1e-9


def test_no_flood_has_no_depth_rather_than_none_of_it(run: Any, dry: dict[str, Any]) -> None:
    found = run(dry)
    assert found["max_depth_m"] is None
    assert found["flooded_area_m2"] == {}
    assert found["steps"] == 0
    assert found["served"] == 2
