"""
A real server with a stored run, and pages of Debian's chromium that forgive nothing.

Any error on the console, any exception in a page, and any request to another machine fails the
test. Screenshots go to ``TWIN_SCREENSHOTS`` where that is set.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

CHROMIUM = "/usr/bin/chromium"
#: The map needs WebGL, which software does where there is no graphics card.
ARGUMENTS = (
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--no-sandbox",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return Debian's chromium, or skip the test with a reason."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}; install Debian's package chromium")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - few tests need it

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def app_url(serve: Callable[..., Any], stored_run: Path) -> str:
    """Return the address of a server over the stored runs; tests leave them as they are."""
    url: str = serve(stored_run).url
    return url


@pytest.fixture
def fresh_app_url(serve: Callable[..., Any], stored_run: Path, tmp_path: Path) -> str:
    """Return the address of a server over a copy of the stored runs, to change as one likes."""
    shutil.copytree(stored_run, tmp_path / "store")
    url: str = serve(tmp_path / "store").url
    return url


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return what opens pages: ``new_page(dark=False, phone=False, language="en", allowed=())``."""
    contexts, faults = [], []

    def open_page(
        *,
        dark: bool = False,
        phone: bool = False,
        language: str = "en",
        allowed: tuple[str, ...] = (),
    ) -> Page:
        context = browser.new_context(
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 800},
            color_scheme="dark" if dark else "light",
            locale=language,
            has_touch=phone,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)

        def tell(kind: str, text: str) -> None:
            if not any(re.search(pattern, text) for pattern in allowed):
                faults.append(f"{kind}: {text}")

        page.on("console", lambda m: tell("console", m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: tell("exception", str(error)))
        page.on("request", lambda request: tell_foreign(request.url))

        def tell_foreign(url: str) -> None:
            if not re.match(r"(https?://(127\.0\.0\.1|localhost)[:/]|data:|blob:)", url):
                faults.append(f"foreign request: {url}")

        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """Return one page, light, English, as wide as a desk."""
    return new_page()


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Return what keeps a screenshot under a name, where ``TWIN_SCREENSHOTS`` names a folder."""
    folder = os.environ.get("TWIN_SCREENSHOTS")

    def shoot(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            stem = re.sub(r"[^A-Za-z0-9]+", "-", f"{request.node.name}-{name}").strip("-")
            page.screenshot(path=Path(folder) / f"{stem}.png")

    return shoot
