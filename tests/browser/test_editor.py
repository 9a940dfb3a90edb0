from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

SCENARIO = "cloudburst_high_tide"
PLUS = {"vi": "+0,1", "en": "+0.1"}
YAML = {"vi": "YAML", "en": "YAML"}


def edit(page: Page, url: str, language: str) -> None:
    page.goto(f"{url}/edit/{SCENARIO}?lang={language}")
    expect(page.locator(".editor-empty")).to_be_visible(timeout=60_000)


def sentences(page: Page) -> list[str]:
    return page.locator(".change-text").all_inner_texts()


def to_have(page: Page, *wanted: str) -> None:
    expect(page.locator(".change-text")).to_have_text(list(wanted), timeout=30_000)


def ready_map(page: Page) -> None:
    expect(page.locator("#edit-map")).to_have_attribute("data-ready", "1", timeout=120_000)


def bridge_on_screen(page: Page) -> tuple[float, float]:
    """Return where the first bridge stands on the screen, as somebody sees it."""
    at: list[float] = page.evaluate(
        """async () => {
          const element = document.getElementById('edit-map');
          const found = await (await fetch(element.dataset.city + '/layers/bridges')).json();
          const line = found.features.find((f) => f.properties.bridge_id === 'bridge-4').geometry;
          const middle = line.coordinates[Math.floor(line.coordinates.length / 2)];
          const point = element.twinMap.map.project(middle);
          const box = element.getBoundingClientRect();
          return [box.x + point.x, box.y + point.y];
        }"""
    )
    return at[0], at[1]


TOLD = {
    "vi": (
        "Cấm Cầu Rạch số 2 - 1 suốt thời gian mô phỏng",
        "Nâng triều thêm 0,1 m (cộng +0,1 m)",
        "Nâng triều thêm 0,2 m (cộng +0,2 m)",
    ),
    "en": (
        "Close Cầu Rạch số 2 - 1 for the whole run",
        "Raise the tide by 0.1 m (offset +0.1 m)",
        "Raise the tide by 0.2 m (offset +0.2 m)",
    ),
}


@pytest.mark.browser
@pytest.mark.parametrize("language", ["vi", "en"])
def test_close_a_bridge_and_raise_the_tide_in_few_clicks_with_undo_at_every_step(
    new_page: Callable[..., Page],
    fresh_app_url: str,
    language: str,
    keep: Callable[[Page, str], None],
) -> None:
    page = new_page(language=language)
    closed, by_one, by_two = TOLD[language]
    edit(page, fresh_app_url, language)
    ready_map(page)
    page.wait_for_timeout(1500)
    page.mouse.click(*bridge_on_screen(page))  # 1
    page.locator("[data-first]").click(timeout=30_000)  # 2
    to_have(page, closed)
    page.get_by_role("button", name=PLUS[language]).click()  # 3
    to_have(page, closed, by_one)
    page.get_by_role("button", name=PLUS[language]).click()  # 4
    to_have(page, closed, by_two)
    keep(page, "changed")
    expect(page.locator("#edit-run")).to_be_enabled()  # 5 runs, 6 compares
    for left in ((closed, by_one), (closed,), ()):
        page.keyboard.press("Control+z")
        to_have(page, *left)
    for left in ((closed,), (closed, by_one), (closed, by_two)):
        page.keyboard.press("Control+Shift+z")
        to_have(page, *left)
    page.locator(".change input[type=checkbox]").first.uncheck(force=True)
    expect(page.locator(".change-off .change-text")).to_have_text(closed)
    page.reload()  # nothing that was done is lost
    to_have(page, closed, by_two)
    expect(page.locator(".change-off .change-text")).to_have_text(closed)
    assert re.search(r"/edit/draft-", page.url)


@pytest.mark.browser
def test_the_whole_story_by_keyboard_alone(
    page: Page, fresh_app_url: str, keep: Callable[[Page, str], None]
) -> None:
    edit(page, fresh_app_url, "en")
    find = page.locator("#edit-find")
    find.focus()
    page.keyboard.type("Rạch số 2 - 1")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    first = page.locator("[data-first]")
    expect(first).to_be_visible(timeout=30_000)
    for _ in range(6):
        page.keyboard.press("Tab")
        if first.evaluate("node => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
    to_have(page, TOLD["en"][0])
    tide = page.get_by_label("Tide offset (m)")
    tide.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("0.2")
    page.keyboard.press("Tab")
    to_have(page, TOLD["en"][0], TOLD["en"][2])
    undo = page.get_by_role("button", name="Undo")
    undo.focus()
    page.keyboard.press("Enter")
    to_have(page, TOLD["en"][0])
    keep(page, "keyboard")


@pytest.mark.browser
def test_yaml_edits_both_ways_and_keeps_what_cannot_be_read_yet(
    page: Page, fresh_app_url: str, keep: Callable[[Page, str], None]
) -> None:
    edit(page, fresh_app_url, "en")
    page.locator("#edit-tab").get_by_text("YAML", exact=True).click()
    box = page.locator("#edit-yaml")
    text = box.input_value()
    assert "# A cloudburst on a high tide" in text
    box.fill(text.replace("depth_mm: 204", "depth_mm: 150"))
    page.locator("#edit-tab").get_by_text("Changes", exact=True).click()
    to_have(page, "Depth of rain (mm): 204 → 150")
    page.get_by_role("button", name=PLUS["en"]).click()
    to_have(page, "Depth of rain (mm): 204 → 150", TOLD["en"][1])
    page.locator("#edit-tab").get_by_text("YAML", exact=True).click()
    expect(box).to_have_value(re.compile(r"offset_m: 0\.1"), timeout=20_000)
    assert "# A cloudburst on a high tide" in box.input_value()
    broken = box.input_value().replace("depth_mm: 150", "depth_mm: -5")
    box.fill(broken)
    expect(page.locator("#edit-problems")).to_contain_text("Must be more than 0", timeout=20_000)
    expect(page.locator(".yaml-gutter .wrong")).to_have_count(1)
    expect(page.locator("#edit-run")).to_be_disabled()
    keep(page, "wrong")
    box.fill("schema: [")
    expect(page.locator("#edit-problems")).to_contain_text("YAML", timeout=20_000)
    page.wait_for_timeout(1500)
    page.reload()
    page.locator("#edit-tab").get_by_text("YAML", exact=True).click()
    expect(page.locator("#edit-yaml")).to_have_value("schema: [", timeout=30_000)


@pytest.mark.browser
def test_a_run_is_started_followed_and_compared(
    page: Page, fresh_app_url: str, keep: Callable[[Page, str], None]
) -> None:
    page.goto(f"{fresh_app_url}/edit/dry_reference_day?lang=en")
    expect(page.locator(".editor-empty")).to_be_visible(timeout=60_000)
    page.get_by_text("Units and stations", exact=True).click()
    ambulances = page.get_by_label("Ambulances")
    ambulances.fill("9")
    ambulances.press("Tab")
    expect(page.locator(".change-text")).to_contain_text("9", timeout=30_000)
    page.locator("#edit-run").click()
    expect(page.locator(".job").first).to_be_visible(timeout=30_000)
    keep(page, "computing")
    expect(page.locator("#edit-compare")).to_be_visible(timeout=200_000)
    address: Any = page.locator("#edit-compare").get_attribute("href")
    assert re.fullmatch(r"/compare\?a=[^&]+&b=[^&]+&lang=en", address)
    keep(page, "done")


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
def test_on_a_phone_tools_map_and_changes_take_turns(
    new_page: Callable[..., Page],
    fresh_app_url: str,
    keep: Callable[[Page, str], None],
    dark: bool,
) -> None:
    page = new_page(phone=True, dark=dark, language="vi")
    page.goto(f"{fresh_app_url}/edit/{SCENARIO}?lang=vi")
    expect(page.locator("#edit-map")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Sửa", exact=True).click()
    page.get_by_role("button", name=PLUS["vi"]).click(timeout=30_000)
    keep(page, "tools")
    page.get_by_role("button", name="Thay đổi", exact=True).click()
    to_have(page, TOLD["vi"][1])
    keep(page, "changes")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


@pytest.mark.browser
def test_a_draft_can_be_deleted_and_brought_back(page: Page, fresh_app_url: str) -> None:
    edit(page, fresh_app_url, "en")
    page.get_by_role("button", name=PLUS["en"]).click()
    to_have(page, TOLD["en"][1])
    page.goto(f"{fresh_app_url}/edit?lang=en")
    drafts = page.locator("#choose-drafts .card")
    expect(drafts).to_have_count(1)
    page.get_by_role("button", name="Delete the draft").click()
    expect(drafts).to_have_count(0)
    page.get_by_role("button", name="Bring it back").click()
    expect(drafts).to_have_count(1)
