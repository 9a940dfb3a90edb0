from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlparse

import pytest
import requests
from playwright.sync_api import expect

from dash_app.web_assets import is_built

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not is_built(), reason="the map is not built: python tools/build_web.py"),
]
PATIENCE_S = 60.0


def until(page: Page, script: str, *, viewer: str = "twinViewer") -> Any:
    """Wait for a script to give something true; the page forbids waiting by evaluation."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = page.evaluate(f"(() => {{ const v = window.{viewer}; return v && ({script}); }})()")
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"never came true: {script}")


DRAWN = "v.map.overlay.raster.loaded?.now !== undefined && v.map.overlay.units.units.length > 0"


@pytest.fixture
def run_ids(app_url: str) -> list[str]:
    items = requests.get(f"{app_url}/api/v1/runs", timeout=30).json()["items"]
    return [item["run_id"] for item in items]


def open_run(page: Page, url: str, run_id: str, query: str = "") -> None:
    page.goto(f"{url}/runs/{run_id}?lang=en{query}")
    until(page, DRAWN)


def test_a_run_plays_and_asks_for_nothing_but_frames(
    app_url: str, page: Page, run_ids: list[str], keep: Callable[..., None]
) -> None:
    open_run(page, app_url, run_ids[0], "&t=0")
    until(
        page,
        "v.scene && v.map.overlay.fields.size === 1 && "
        "[...v.map.overlay.fields.values()][0].frames.held.size === v.scene.frames.length",
    )
    page.wait_for_timeout(1500)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("Space")
    until(page, "v.map.clock.time > 900")
    page.keyboard.press("Space")
    keep(page, "playing")
    calls = [url for url in asked if "/api/" in url or "_dash-update" in url]
    assert [url for url in calls if "/fields/" not in url] == [], "playing asks for nothing else"
    expect(page.locator("#header-clock")).to_contain_text("22/10/2025")


def test_keys_step_and_choose_layers(app_url: str, page: Page, run_ids: list[str]) -> None:
    open_run(page, app_url, run_ids[0], "&t=0")
    page.keyboard.press("ArrowRight")
    assert until(page, "v.map.clock.time") == 120
    page.keyboard.press("ArrowLeft")
    assert until(page, "v.map.clock.time === 0")
    page.keyboard.press("2")
    expect(page.locator('[data-act="layer:hazard_class"]')).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.locator("#viewer-legend")).to_contain_text("danger for some")
    page.keyboard.press("m")
    expect(page.locator("#viewer-clock")).to_have_text("Max")


def test_the_address_holds_the_moment(app_url: str, page: Page, run_ids: list[str]) -> None:
    open_run(page, app_url, run_ids[0], "&t=600&roads=ambulance&layer=max_speed")
    assert until(page, "v.map.clock.time") == 600
    until(page, "v.map.overlay.roads.current > 0")
    page.evaluate("window.twinViewer.map.setCamera({center: [105.85, 10.05], zoom: 15})")
    page.keyboard.press("ArrowRight")
    query = parse_qs(urlparse(page.evaluate("location.href")).query)
    assert query["t"] == ["720"]
    assert query["layer"] == ["max_speed"]
    assert query["at"][0].startswith("10.05")
    page.reload()
    until(page, DRAWN)
    assert until(page, "v.map.clock.time") == 720
    assert page.evaluate("window.twinViewer.map.camera.zoom") == pytest.approx(15.0)


def test_a_click_tells_the_stored_depth_and_a_second_one_the_profile(
    app_url: str, page: Page, run_ids: list[str], keep: Callable[..., None]
) -> None:
    open_run(page, app_url, run_ids[0], "&t=1200")
    box = page.locator("#viewer-map").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5)
    page.evaluate("window.twinViewer.map.overlay.units.visible = false")
    page.mouse.click(*middle)
    expect(page.locator("#viewer-selected .js-plotly-plot")).to_have_count(1, timeout=30_000)
    expect(page.locator("#viewer-selected")).to_contain_text("Ground level")
    keep(page, "place")
    page.mouse.click(middle[0] + 70, middle[1] + 40)
    expect(page.locator("#viewer-selected")).to_contain_text("Profile", timeout=30_000)
    keep(page, "profile")


def test_a_unit_tells_its_log_and_the_log_sets_the_time(
    app_url: str, page: Page, run_ids: list[str]
) -> None:
    open_run(page, app_url, run_ids[0])
    page.locator("#viewer-tab-units").click()
    page.locator(".unit-row").first.click()
    first = page.locator("#viewer-selected .log-time").first
    expect(first).to_be_visible(timeout=30_000)
    first.click()
    until(page, "!v.map.clock.peak && v.map.clock.time > 0")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("phone", [False, True])
def test_it_fits_phone_and_desk_in_both_themes_and_languages(
    app_url: str,
    new_page: Callable[..., Page],
    run_ids: list[str],
    keep: Callable[..., None],
    *,
    dark: bool,
    phone: bool,
) -> None:
    page = new_page(dark=dark, phone=phone, language="vi")
    page.goto(f"{app_url}/runs/{run_ids[0]}?lang=vi")
    until(page, DRAWN)
    expect(page.locator("#viewer-legend")).to_contain_text("Độ sâu lớn nhất")
    assert until(page, "v.map.theme") == ("dark" if dark else "light")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, "nothing sticks out at the side"
    page.wait_for_timeout(1200)
    keep(page, f"{'phone' if phone else 'desk'}-{'dark' if dark else 'light'}")


def test_a_run_that_is_not_there_is_told(app_url: str, new_page: Callable[..., Page]) -> None:
    page = new_page(allowed=("404",))
    page.goto(f"{app_url}/runs/no-such-run?lang=en")
    expect(page.get_by_role("heading", name="There is no such run")).to_be_visible()


def test_the_wall_shows_figures_large_and_plays_by_itself(
    app_url: str, page: Page, run_ids: list[str], keep: Callable[..., None]
) -> None:
    page.goto(f"{app_url}/runs/{run_ids[0]}?lang=vi&wall=1")
    until(page, "v.map.clock.playing")
    expect(page.locator(".header")).to_be_hidden()
    until(page, "document.querySelector('[data-now=flooded] .now-value').textContent !== '\\u2013'")
    page.keyboard.press("Space")  # a picture of what moves takes long without a graphics card
    keep(page, "wall")


def test_two_runs_are_swiped_put_side_by_side_and_subtracted(
    app_url: str, page: Page, run_ids: list[str], keep: Callable[..., None]
) -> None:
    page.goto(f"{app_url}/compare?a={run_ids[1]}&b={run_ids[0]}&lang=en")
    ready = "v.map.overlay.raster.loaded?.other_now !== undefined"
    until(page, ready, viewer="twinComparison")
    keep(page, "swipe")
    handle = page.locator("#compare-handle")
    handle.focus()
    page.keyboard.press("ArrowRight")
    expect(handle).to_have_attribute("aria-valuenow", "52")
    page.get_by_role("button", name="Side by side").click()
    until(
        page,
        "v.second.overlay.raster.loaded?.now !== undefined && v.view === 'side'",
        viewer="twinComparison",
    )
    page.evaluate("window.twinComparison.map.setCamera({center: [105.86, 10.06], zoom: 14})")
    other = until(page, "v.second.camera", viewer="twinComparison")
    assert other["zoom"] == pytest.approx(14.0)
    keep(page, "side")
    page.get_by_role("button", name="Difference").click()
    expect(page.locator("#viewer-legend")).to_contain_text("more water")
    keep(page, "difference")
    page.get_by_role("tab", name="What differs first").click()
    expect(page.locator("#compare-causes .log")).to_be_visible(timeout=30_000)
    expect(page.locator(".compare-table").first).to_contain_text("Area flooded")
