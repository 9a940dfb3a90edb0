from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def choose(page: Page, title: str) -> None:
    page.locator(".ag-row", has_text=title).locator(".ag-checkbox-input").click()


def test_run_is_renamed_tagged_deleted_and_brought_back(fresh_app_url: str, page: Page) -> None:
    page.goto(f"{fresh_app_url}/runs")
    choose(page, "More rain")
    page.get_by_role("button", name="Name and tag").click()
    page.fill("#runs-name", "Wetter")
    page.fill("#runs-tags", "drill")
    page.keyboard.press("Enter")
    page.click("#runs-save")
    row = page.locator(".ag-row", has_text="Wetter")
    expect(row).to_contain_text("drill")
    page.reload()
    choose(page, "Wetter")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_have_count(1)
    choose(page, "Wetter")
    page.get_by_role("button", name="Archive").click()
    expect(row).to_have_count(0)
    page.get_by_text("Archived", exact=True).click()
    expect(row).to_have_count(1)


def test_title_that_looks_like_a_page_is_only_text(fresh_app_url: str, page: Page) -> None:
    page.goto(f"{fresh_app_url}/runs")
    hostile = "<img src=x onerror=alert(1)> [a](javascript:alert(1)) **b**"
    choose(page, "More rain")
    page.get_by_role("button", name="Name and tag").click()
    page.fill("#runs-name", hostile)
    page.click("#runs-save")
    expect(page.locator(".ag-row", has_text=hostile)).to_have_count(1)
    assert page.locator(".ag-row img").count() == 0
    assert page.locator(".ag-row a[href^=javascript]").count() == 0
    page.goto(fresh_app_url)
    expect(page.locator(".run-card", has_text=hostile)).to_have_count(1)


def test_viewer_signs_in_and_sees_no_button_that_changes(
    serve: Callable[..., Any], stored_run: Path, tmp_path: Path, new_page: Callable[..., Page]
) -> None:
    shutil.copytree(stored_run, tmp_path / "store")
    server = serve(tmp_path / "store")
    password = "a sentence of words"  # noqa: S105 - of a user that is made for this test
    server.app.state.services.accounts.add("xem", password, "viewer", now_s=0.0)
    page = new_page()
    page.goto(f"{server.url}/runs")
    expect(page.locator("h1")).to_have_text("Sign in")
    page.fill("[name=name]", "xem")
    page.fill("[name=password]", password)
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_have_text("Runs")
    choose(page, "More rain")
    expect(page.get_by_role("link", name="Open")).to_be_visible()
    expect(page.get_by_role("button", name="Delete", exact=True)).not_to_be_visible()
    page.goto(server.url)
    expect(page.locator(".hero h1")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    assert [line.what for line in server.app.state.services.audit.lines()] == [
        "sign-in",
        "sign-out",
    ]


def test_first_moving_picture_takes_two_clicks(app_url: str, page: Page) -> None:
    page.goto(app_url)
    page.click("#home-watch")
    expect(page).to_have_url(re.compile("/runs/"))
    expect(page.locator("#main canvas").first).to_be_visible()


def test_list_is_searched_while_typing(app_url: str, page: Page) -> None:
    page.goto(f"{app_url}/runs")
    expect(page.locator(".ag-center-cols-container .ag-row")).to_have_count(2)
    page.fill("#runs-find", "more")
    expect(page.locator(".ag-center-cols-container .ag-row")).to_have_count(1)
    page.fill("#runs-find", "nothing like it")
    expect(page.locator(".ag-overlay")).to_contain_text("No runs here")


def test_job_is_shown_stopped_and_taken_up(
    serve: Callable[..., Any], tmp_path: Path, stored_run: Path, page: Page
) -> None:
    store = tmp_path / "store"
    shutil.copytree(stored_run, store)
    server = serve(store)
    services = server.app.state.services
    import twin  # noqa: PLC0415 - as above

    text = (next((store / "runs").iterdir()) / "scenario.yaml").read_text()
    changes = {"name": "long_rain", "tide": None, "period.duration": "100 h"}
    long = twin.Scenario.parse(text).replace(**changes)
    job = services.jobs.submit(long, next((store / "cities").iterdir()))
    page.goto(server.url)
    card = page.locator(f"#job-{job.job_id}")
    expect(card).to_contain_text("long rain")
    expect(card).to_contain_text("Computing", timeout=90_000)
    card.get_by_role("button", name="Stop").click()
    expect(card).to_contain_text("Stopped", timeout=30_000)
    page.reload()
    card.get_by_role("button", name="Go on").click()
    again = page.locator("article.home-job").filter(
        has_text=re.compile("Computing|Waiting|Preparing")
    )
    expect(again).to_be_visible(timeout=30_000)
    again.get_by_role("button", name="Stop").click()
    expect(page.locator("article.home-job").filter(has_text="Stopped")).to_be_visible(
        timeout=60_000
    )
