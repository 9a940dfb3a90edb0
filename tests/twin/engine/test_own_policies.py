"""Policies of a user's own, named from a scenario."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import twin
from models.errors import ScenarioError
from scenarios import Scenario
from scenarios.loader import write_yaml
from scenarios.schema.response import PolicyFile
from twin.running import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from twin.city.city import City

OWN = '''\
"""Policies of this town."""

import numpy as np


def last_of_the_fleet(request, candidates, network):
    """Send the candidates with the highest numbers."""
    near = dict(network.nearest(request.incident.node, candidates.node,
                                candidates.vehicle_class, candidates.unit.size))
    chosen = sorted(near, reverse=True)[: request.count]
    return [(int(k), float(near[k] + candidates.offset_s[k])) for k in chosen]


def last_come(incident, received_s):
    return (-received_s,)


def farthest(view):
    return int(np.argmax(np.where(np.isfinite(view.seconds), view.seconds, -1.0)))


def broken(request, candidates, network):
    return [] + 1 / 0


NOT_A_FUNCTION = 3
'''


@pytest.fixture
def case(document: dict[str, Any], tmp_path: Path) -> Callable[..., Path]:
    """Return what writes a dry scenario, and beside it the file of policies."""
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")

    def write(**response: Any) -> Path:
        dry = {k: v for k, v in document.items() if k not in {"rain", "tide", "timeline"}}
        dry |= {"flood": "none", "response": response}
        path = tmp_path / "case.yaml"
        path.write_text(write_yaml(dry), encoding="utf-8")
        return path

    return write


def test_a_policy_of_ones_own_decides(case: Any, small_city: City, store: Path) -> None:
    usual = twin.run(case(), small_city, store=store)
    own = twin.run(
        case(dispatch_policy="own.py:last_of_the_fleet", hospital_policy="own.py:farthest"),
        small_city,
        store=store,
    )
    first = {run.id: run.events.query("kind == 'unit_assigned'").iloc[0] for run in (usual, own)}
    assert first[own.id]["unit"] in {"ambulance-3", "fire-engine-2"}
    assert own.digest != usual.digest
    assert own.kpis["incidents"] == usual.kpis["incidents"] == 12


def test_a_run_remembers_the_file_and_refuses_another(
    case: Any, small_city: City, store: Path, tmp_path: Path
) -> None:
    path = case(queue_policy={"file": "own.py", "function": "last_come"})
    asked = iter([False] * 20)
    with pytest.raises(Interrupted) as stopped:
        twin.run(path, small_city, store=store, should_stop=lambda: next(asked, True))
    kept = Scenario.load(store / "partial" / stopped.value.run_id / "scenario.yaml")
    policy = kept.response.queue_policy
    assert isinstance(policy, PolicyFile)
    assert policy.file == str(tmp_path / "own.py")
    (tmp_path / "own.py").write_text(OWN + "\n# changed\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="changed since the run began"):
        twin.resume(stopped.value.run_id, store=store)
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    assert twin.resume(stopped.value.run_id, store=store).kpis["incidents"] == 12


def test_the_digest_follows_what_the_file_says_not_where_it_lies(case: Any, tmp_path: Path) -> None:
    path = case(queue_policy="own.py:last_come")
    first = Scenario.load(path).digest
    (tmp_path / "moved.py").write_text(OWN, encoding="utf-8")
    assert Scenario.load(case(queue_policy="moved.py:last_come")).digest == first
    (tmp_path / "own.py").write_text(OWN + "\n", encoding="utf-8")
    assert Scenario.load(case(queue_policy="own.py:last_come")).digest != first


@pytest.mark.parametrize(
    ("code", "name", "says"),
    [
        (OWN, "own.py:nothing", "holds no such function.*It holds broken, farthest, last"),
        (OWN, "own.py:NOT_A_FUNCTION", "holds no such function"),
        (OWN, "own.py:broken", r"failed at .*own\.py:\d+ \(ZeroDivisionError"),
        ("def go(:\n", "own.py:go", r"failed at .*own\.py:1 \(SyntaxError"),
        ("import no_such_module\n", "own.py:go", r"own\.py:1 \(ModuleNotFoundError"),
        (OWN, "absent.py:go", "there is no such file"),
        ("raise SystemExit(0)\n", "own.py:go", r"own\.py:1 \(SystemExit"),
    ],
)
def test_what_is_wrong_with_a_policy_is_told_with_its_line(
    *, case: Any, small_city: City, store: Path, tmp_path: Path, code: str, name: str, says: str
) -> None:
    (tmp_path / "own.py").write_text(code, encoding="utf-8")
    with pytest.raises(ScenarioError, match=says):
        twin.run(case(dispatch_policy=name), small_city, store=store)


@pytest.mark.parametrize(
    "policy", ["own.py:last_come", {"file": "own.py", "function": "f", "sha256": "0" * 64}]
)
def test_a_document_from_strangers_may_not_name_code(case: Any, policy: Any) -> None:
    scenario = Scenario.load(case(queue_policy=policy))
    with pytest.raises(ScenarioError, match=r"response\.queue_policy: .*program code"):
        scenario.resolve(confined=True)
    assert Scenario.load(case(queue_policy="first_come_first_served")).resolve(confined=True)


def test_naming_a_policy_runs_nothing_before_the_run(case: Any, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("raise SystemExit('ran')\n", encoding="utf-8")
    scenario = Scenario.load(case(queue_policy="own.py:go")).resolve()
    assert json.dumps(scenario.to_dict())
    assert len(scenario.digest) == 64


def test_shifts_diversion_and_triage_show_in_log_and_key_figures(
    document: dict[str, Any], small_city: City, store: Path, tmp_path: Path
) -> None:
    busy = _dry(
        document,
        tmp_path,
        fleet={"ambulances": 1},
        incidents={"generated": {"count": 60, "mix": {"medical": 1.0}}},
        response={
            "call_takers": 1,
            "patience": {"exponential": {"mean": "1 min"}},
            "diversion": {"for_priority": 1},
            "triage": {"queue": 2, "advice_from_priority": 2},
            "queue_policy": "priority_and_age",
        },
    )
    done = twin.run(busy, small_city, store=store)
    kinds = list(done.events["kind"])
    assert done.summary["abandoned"] == kinds.count("call_abandoned") > 0
    assert done.summary["advised"] == kinds.count("advice_given") > 0
    assert done.summary["diverted"] == kinds.count("unit_diverted")
    assert "triage_started" in kinds


@pytest.mark.parametrize("policy", ["dmexclp", "own.py:to_the_last"])
def test_ambulances_move_to_where_a_policy_wants_them(
    document: dict[str, Any], small_city: City, store: Path, tmp_path: Path, policy: str
) -> None:
    own = "def to_the_last(view):\n    return [(0, len(view.covers) - 1)]\n"
    (tmp_path / "own.py").write_text(own, encoding="utf-8")
    table = small_city.layer("facilities")
    stations = list(table["facility_id"][table["kind"].isin(["hospital", "ambulance_station"])])
    path = _dry(
        document,
        tmp_path,
        fleet={
            "ambulances": len(stations),
            "units": [
                {"id": f"more-{k}", "service": "ambulance", "station": stations[0]}
                for k in range(3)
            ],
        },
        response={
            "move_up_policy": policy,
            "move_up": {"target": "1 min", "busy_share": 0.5},
            "on_scene": {"ambulance": {"constant": "1 min"}},
            "transport_probability": 0,
        },
    )
    events = twin.run(path, small_city, store=store).events
    moved = events[events["kind"] == "unit_moved_up"]
    assert len(moved)
    assert set(moved["facility"]) <= set(stations)


def test_shifts_that_overlap_are_refused_at_their_place(document: dict[str, Any]) -> None:
    unit = {
        "id": "a",
        "service": "ambulance",
        "station": "s",
        "on_duty": [{"start": "0 h", "end": "20 min"}, {"start": "10 min", "end": "30 min"}],
    }
    with pytest.raises(ScenarioError, match="each shift must begin after") as caught:
        Scenario.from_dict({**document, "fleet": {"units": [unit]}})
    assert "fleet.units[0]" in str(caught.value)


def _dry(document: dict[str, Any], folder: Path, **parts: Any) -> Path:
    dry = {k: v for k, v in document.items() if k not in {"rain", "tide", "timeline"}}
    path = folder / "dry.yaml"
    path.write_text(write_yaml({**dry, "flood": "none", **parts}), encoding="utf-8")
    return path
