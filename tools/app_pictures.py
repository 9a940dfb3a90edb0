"""
Take the pictures of the app for the guide, from the running app.

Usage: ``python tools/app_pictures.py STORE FIRST SECOND`` with a store of runs and the names of two
runs of one city; the first is shown in the viewer, both in the comparison.
"""

from __future__ import annotations

import io
import socket
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import uvicorn
from PIL import Image
from playwright.sync_api import sync_playwright

from dash_app.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
DESK, PHONE = (1280, 800), (390, 844)


class Picture(NamedTuple):
    """What to open, how, and what to click before the picture is taken."""

    name: str
    address: str
    dark: bool = False
    size: tuple[int, int] = DESK
    clicks: tuple[tuple[int, int], ...] = ()
    global_name: str = "twinViewer"


def pictures(first: str, second: str) -> list[Picture]:
    """Return the pictures of the guide."""
    run, pair = f"/runs/{first}", f"/compare?a={first}&b={second}"
    return [
        Picture("app-viewer", f"{run}?lang=en&t=7200&roads=ambulance"),
        Picture("app-viewer-vi", f"{run}?lang=vi&t=7200&roads=fire_engine", dark=True),
        Picture(
            "app-profile", f"{run}?lang=en&t=9000", clicks=((560, 560), (700, 620)), dark=False
        ),
        Picture("app-hazard-phone-vi", f"{run}?lang=vi&layer=hazard_class", size=PHONE),
        Picture("app-wall-vi", f"{run}?lang=vi&wall=1&t=9000", dark=True),
        Picture("app-compare", f"{pair}&lang=en", global_name="twinComparison"),
        Picture(
            "app-difference-vi",
            f"{pair}&lang=vi&view=difference&t=9000",
            global_name="twinComparison",
        ),
    ]


def main(store: str, first: str, second: str) -> None:
    """Write every picture to ``docs/images``, in 200 colours to keep it small."""
    with _served(Path(store)) as url, sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, "--no-sandbox"]
        )
        for picture in pictures(first, second):
            path = IMAGES / f"{picture.name}.png"
            _shoot(browser, url, picture, path)
            print(f"{path.name}: {path.stat().st_size // 1000} kB")
        browser.close()


@contextmanager
def _served(store: Path) -> Iterator[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(store), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10.0)


def _shoot(browser: Browser, url: str, picture: Picture, path: Path) -> None:
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.dark else "light",
    )
    page = context.new_page()
    page.goto(url + picture.address)
    _wait(page, f"window.{picture.global_name}?.map.overlay.raster.loaded?.now !== undefined")
    page.wait_for_timeout(8000)
    for x, y in picture.clicks:
        page.mouse.click(x, y)
        page.wait_for_timeout(4000)
    shot = Image.open(io.BytesIO(page.screenshot(timeout=120_000)))
    shot.convert("RGB").quantize(256, Image.Quantize.FASTOCTREE).save(path, optimize=True)
    context.close()


def _wait(page: Page, script: str) -> None:
    """Wait for a script to become true; the page forbids waiting by evaluation."""
    end = time.monotonic() + 120.0
    found: Any = False
    while not found:
        if time.monotonic() > end:
            sys.exit(f"never came true: {script}")
        found = page.evaluate(f"() => {script}")
        time.sleep(0.1)


if __name__ == "__main__":
    main(*sys.argv[1:4])
