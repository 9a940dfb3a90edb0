from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("path", ["/", "/runs"])
def test_page_stands_in_every_language_theme_and_width(
    app_url: str,
    new_page: Callable[..., Page],
    keep: Callable[[Page, str], None],
    *,
    language: str,
    dark: bool,
    phone: bool,
    path: str,
) -> None:
    page = new_page(dark=dark, phone=phone, language=language)
    page.goto(app_url + path)
    headline = page.locator("main h1")
    expect(headline).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == language
    scheme = page.evaluate("document.documentElement.dataset.mantineColorScheme")
    assert scheme == ("dark" if dark else "light")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    keep(page, "page")


def test_language_switches_and_is_remembered(app_url: str, page: Page) -> None:
    page.goto(app_url)
    page.click("#switch-language")
    expect(page).to_have_url(re.compile("lang=vi"))
    expect(page.locator("main h1")).to_contain_text("Nước dâng tới đâu")
    page.goto(f"{app_url}/runs")
    expect(page.locator("main h1")).to_have_text("Các lượt chạy")


def test_theme_switches_and_is_remembered(app_url: str, page: Page) -> None:
    page.goto(app_url)
    page.click("#switch-theme")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


def test_keyboard_alone_opens_help_and_pages(app_url: str, page: Page) -> None:
    page.goto(app_url)
    expect(page.locator("main h1")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).not_to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page).to_have_url(re.compile("/runs"))
    expect(page.locator("main h1")).to_have_text("Runs")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()


def test_unknown_address_leads_back(app_url: str, new_page: Callable[..., Page]) -> None:
    page = new_page(allowed=("404",))
    answer = page.goto(f"{app_url}/nowhere")
    assert answer is not None
    assert answer.status == 404
    expect(page.locator("main h1")).to_have_text("There is no such page")
    page.click("main a")
    expect(page.locator(".hero h1")).to_be_visible()


def test_lost_server_is_told_and_its_return_too(
    app_url: str, new_page: Callable[..., Page]
) -> None:
    page = new_page(allowed=("ERR_INTERNET_DISCONNECTED", "Failed to fetch", "Callback"))
    page.goto(f"{app_url}/runs")
    expect(page.locator("main h1")).to_be_visible()
    page.context.set_offline(True)
    page.fill("#runs-find", "x")
    expect(page.locator("#offline")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#offline")).not_to_be_visible(timeout=15_000)
