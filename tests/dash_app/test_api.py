from __future__ import annotations

import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Api:
    """The interface of a server, as a program uses it."""

    def __init__(self, url: str) -> None:
        self.root = f"{url}/api/v1"

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        return requests.request(method, self.root + path, timeout=60, **options)

    def get(self, path: str) -> Any:
        answer = self("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def api(serve: Callable[..., Any], stored_run: Path) -> Api:
    """Return the interface over stored runs that nobody changes."""
    return Api(serve(stored_run).url)


@pytest.fixture
def own(serve: Callable[..., Any], stored_run: Path, tmp_path: Path) -> Api:
    """Return the interface over a copy, to change."""
    shutil.copytree(stored_run, tmp_path / "store")
    return Api(serve(tmp_path / "store").url)


def test_cities_have_places_and_layers(api: Api) -> None:
    (city,) = api.get("/cities")["items"]
    assert city["name"] == "small-district"
    west, south, east, north = city["bounds"]
    assert west < east
    assert south < north
    assert api.get(f"/cities/{city['digest']}") == city
    for layer in city["layers"]:
        answer = api("GET", f"/cities/{city['digest']}/layers/{layer}")
        assert answer.headers["content-type"] == "application/geo+json"
        features = answer.json()["features"]
        assert features
        x, y = _first_point(features[0]["geometry"]["coordinates"])
        assert west - 0.01 < x < east + 0.01
        assert south - 0.01 < y < north + 0.01
        tag = {"If-None-Match": answer.headers["etag"]}
        again = api("GET", f"/cities/{city['digest']}/layers/{layer}", headers=tag)
        assert again.status_code == 304
    plain = {"Accept-Encoding": "identity"}
    path = f"/cities/{city['digest']}/layers/roads"
    assert api("GET", path, headers=plain).json() == api("GET", path).json()


def _first_point(coordinates: Any) -> tuple[float, float]:
    while isinstance(coordinates[0], list):
        coordinates = coordinates[0]
    return coordinates[0], coordinates[1]


@pytest.mark.parametrize(
    "path",
    [
        "/cities/0123456789abcdef",
        "/cities/..",
        "/cities/%2e%2e%2f%2e%2e",
        "/cities/0123456789abcdef/layers/roads",
        "/runs/none",
        "/runs/none/kpis",
        "/runs/none/thumbnail",
        "/runs/..%2f..%2fusers.sqlite",
        "/jobs/none",
        "/jobs/none/preview",
        "/scenarios/none",
        "/none",
    ],
)
def test_what_is_not_there_is_told_so(api: Api, path: str) -> None:
    answer = api("GET", path)
    assert answer.status_code == 404
    assert answer.json()["what"].startswith("there is no such")


def test_runs_are_listed_in_pages(api: Api) -> None:
    first = api.get("/runs?limit=1")
    second = api.get("/runs?limit=1&offset=1")
    assert (first["total"], len(first["items"]), len(second["items"])) == (2, 1, 1)
    assert first["items"][0]["scenario"] == "more_rain"
    assert second["items"][0]["scenario"] == "small_storm"
    assert api.get("/runs?limit=1&offset=2")["items"] == []
    assert api("GET", "/runs?limit=0").status_code == 422
    assert api("GET", "/runs?limit=501").status_code == 422
    assert [r["scenario"] for r in api.get("/runs?text=MORE")["items"]] == ["more_rain"]


def test_run_tells_its_figures(api: Api) -> None:
    run_id = api.get("/runs")["items"][0]["run_id"]
    run = api.get(f"/runs/{run_id}")
    assert run["manifest"]["scenario"]["name"] == "more_rain"
    assert run["size_bytes"] > 1000
    kpis = api("GET", f"/runs/{run_id}/kpis")
    assert kpis.json()["flooded_area_m2"]
    assert kpis.headers["etag"] == f'"{run["digest"]}"'
    picture = api("GET", f"/runs/{run_id}/thumbnail")
    assert picture.content.startswith(b"\x89PNG")


def test_run_is_written_on_deleted_and_brought_back(own: Api) -> None:
    run_id = own.get("/runs")["items"][0]["run_id"]
    change = {"title": "  My   run ", "tags": ["b", "a", "a", ""]}
    changed = own("PATCH", f"/runs/{run_id}", json=change).json()
    assert (changed["title"]["vi"], changed["tags"]) == ("My run", ["a", "b"])
    own("PATCH", f"/runs/{run_id}", json={"archived": True})
    assert [r["run_id"] for r in own.get("/runs?archived=true")["items"]] == [run_id]
    assert own.get("/runs")["total"] == 1
    deleted = own("DELETE", f"/runs/{run_id}").json()
    assert deleted["undo_until_s"] > time.time()
    assert own("GET", f"/runs/{run_id}").status_code == 404
    assert own("GET", f"/runs/{run_id}/kpis").status_code == 404
    assert own.get("/runs?deleted=true")["total"] == 1
    assert own("POST", f"/runs/{run_id}/restore").json()["tags"] == ["a", "b"]
    assert own("POST", f"/runs/{run_id}/restore").status_code == 404
    assert own("PATCH", f"/runs/{run_id}", json={"colour": "red"}).status_code == 422


def test_deleted_run_is_gone_once_the_time_to_undo_has_passed(
    serve: Callable[..., Any], stored_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dash_app import library  # noqa: PLC0415 - this test alone

    shutil.copytree(stored_run, tmp_path / "store")
    services = serve(tmp_path / "store").app.state.services
    run_id = services.store.find("latest").run_id
    library.delete_run(services, run_id)
    library.sweep(services)
    assert (tmp_path / "store" / "runs" / run_id).is_dir()
    monkeypatch.setattr(library, "UNDO_S", -1.0)
    library.sweep(services)
    assert not (tmp_path / "store" / "runs" / run_id).exists()
    assert run_id not in services.labels.all()
    assert services.store.verify().ok


def test_drafts_are_kept_valid_or_not(own: Api) -> None:
    broken = own("PUT", "/scenarios/mine", json={"yaml": "schema: 1\nname: mine\nrain: 3\n"})
    assert broken.json()["ok"] is False
    assert {problem["line"] for problem in broken.json()["problems"]} == {1, 3}
    assert own.get("/scenarios/mine")["yaml"].endswith("rain: 3\n")
    shipped = own.get("/scenarios/dry_reference_day")
    good = own("PUT", "/scenarios/mine", json={"yaml": shipped["yaml"]})
    assert good.json()["ok"] is True
    first = own.get("/scenarios")["items"][0]
    assert (first["name"], first["kind"], first["ok"]) == ("mine", "draft", True)
    assert own("DELETE", "/scenarios/mine").status_code == 204
    assert own("DELETE", "/scenarios/mine").status_code == 404
    taken = own("PUT", "/scenarios/dry_reference_day", json={"yaml": "schema: 1"})
    assert taken.status_code == 409
    assert own("PUT", "/scenarios/..%2fevil", json={"yaml": "x"}).status_code in {404, 405, 422}


@pytest.mark.parametrize(
    "yaml",
    [
        "a: &a [1]\nb: *a",
        "a: 1\na: 2",
        "[" * 100,
        "x" * 1_000_000,
        "a: !!python/object/apply:os.system [true]",
        "\x00",
        "",
    ],
)
def test_hostile_yaml_is_told_as_a_problem(api: Api, yaml: str) -> None:
    began = time.monotonic()
    answer = api("POST", "/scenarios/validate", json={"yaml": yaml})
    assert answer.status_code == 200
    assert answer.json()["ok"] is False
    assert answer.json()["problems"][0]["message"]
    assert time.monotonic() - began < 10.0


def test_cost_is_estimated_from_runs_of_the_city(api: Api) -> None:
    city = api.get("/cities")["items"][0]
    question = {"scenario": "cloudburst_high_tide", "city": city["digest"]}
    cost = api("POST", "/scenarios/estimate", json=question).json()
    assert (cost["basis"], cost["runs"]) == ("measured", 2)
    assert cost["cells"] == city["rows"] * city["columns"]
    assert 0.0 < cost["seconds"] < 3600.0
    assert cost["memory_bytes"] > 100 << 20
    nothing = api("POST", "/scenarios/estimate", json={"scenario": "nothing"})
    assert nothing.status_code == 404


DRIZZLE = """
schema: 1
name: drizzle
city: small-district
period: {start: 2025-10-22T15:00+07:00, duration: 10 min}
rain: {hyetograph: {times: [0 min, 5 min], rates_mm_h: [20, 0]}}
"""


def test_job_runs_a_draft_and_leaves_a_run(own: Api) -> None:
    own("PUT", "/scenarios/drizzle", json={"yaml": DRIZZLE})
    started = own("POST", "/jobs", json={"scenario": "drizzle"})
    assert started.status_code == 202
    job_id = started.json()["job"]["job_id"]
    assert started.json()["job"]["by"] == "local"
    job = own.get(f"/jobs/{job_id}")
    end = time.monotonic() + 120
    while not job["ended"] and time.monotonic() < end:
        time.sleep(0.2)
        job = own.get(f"/jobs/{job_id}")
    assert (job["state"], job["error"]) == ("finished", {})
    assert own.get(f"/runs/{job['run_id']}")["scenario"] == "drizzle"
    assert own("GET", f"/jobs/{job_id}/preview").content.startswith(b"\x89PNG")
    assert own("POST", f"/jobs/{job_id}/resume").status_code == 422
    assert own("DELETE", f"/jobs/{job_id}").status_code == 204
    assert own.get("/jobs")["total"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"scenario": "nothing-of-this-name"}, 404),
        ({"scenario": "schema: 1\nname: x"}, 422),
        ({"scenario": "dry_reference_day", "city": "0123456789abcdef"}, 404),
        ({"scenario": "dry_reference_day", "city": "/etc"}, 404),
        ({"scenario": ""}, 422),
        ({"scenario": 3}, 422),
        ({}, 422),
        ({"scenario": "dry_reference_day", "more": 1}, 422),
        ([], 422),
    ],
)
def test_wish_that_cannot_be_granted_starts_nothing(api: Api, body: object, status: int) -> None:
    answer = api("POST", "/jobs", json=body)
    assert answer.status_code == status
    assert answer.json()["what"]
    assert api.get("/jobs")["total"] == 0


def test_scenario_of_somebody_may_not_name_any_folder_as_city(api: Api, stored_run: Path) -> None:
    city = next((stored_run / "cities").iterdir())
    text = json.dumps(
        {
            "schema": 1,
            "name": "x",
            "city": str(city.parent / ".." / "elsewhere"),
            "period": {"start": "2025-10-22T15:00+07:00", "duration": "10 min"},
        }
    )
    answer = api("POST", "/jobs", json={"scenario": text})
    assert answer.status_code == 422
    assert answer.json()["where"] == "city"


def test_twenty_clients_at_once_are_all_answered(api: Api) -> None:
    run_id = api.get("/runs")["items"][0]["run_id"]
    digest = api.get("/cities")["items"][0]["digest"]
    paths = [
        *("/runs", "/cities", "/jobs", "/scenarios", f"/runs/{run_id}/kpis"),
        *(f"/runs/{run_id}/thumbnail", f"/cities/{digest}/layers/roads"),
    ]

    def client(number: int) -> list[float]:
        times = []
        with requests.Session() as session:
            for n in range(10):
                began = time.monotonic()
                answer = session.get(api.root + paths[(number + n) % len(paths)], timeout=30)
                assert answer.status_code == 200
                times.append(time.monotonic() - began)
        return times

    with ThreadPoolExecutor(20) as pool:
        times = sorted(t for ts in pool.map(client, range(20)) for t in ts)
    assert len(times) == 200
    assert times[int(0.95 * len(times))] < 10.0  # not a figure of speed: nobody is left waiting
