"""
Measure the app in a browser: first paint, cost of a frame, loading of frames, a click.

The runs are made up here (a raster of 1,000 x 1,000 cells, 120 frames, 500 moving vehicles) and
served on this machine; the browser is headless Chromium with software GL.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks._app_store import make_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--no-sandbox",
)
#: What is wanted, in the unit of each figure.
TARGETS = {
    "first_paint_s": 2.5,
    "frame_ms": 6.0,
    "requests_while_playing": 0.0,
    "frames_loaded_s": 4.0,
    "hydrograph_ms": 150.0,
    "viewers_failures": 0.0,
}


def main(argv: list[str]) -> int:
    """Print the figures beside their targets; the exit code says nothing of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks app", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--side", type=int, default=1000, help="cells a side")
    parser.add_argument("--frames", type=int, default=120)
    parser.add_argument("--units", type=int, default=500)
    parser.add_argument("--viewers", type=int, default=20)
    options = parser.parse_args(argv)
    if not Path(CHROMIUM).exists():
        sys.exit(f"no browser at {CHROMIUM}: install Debian's package chromium")
    with tempfile.TemporaryDirectory(prefix="bench-app-") as scratch:
        run_id = make_store(
            Path(scratch), side=options.side, frames=options.frames, units=options.units
        )
        with _served(Path(scratch)) as url:
            measured = _measure(url, run_id)
            print(json.dumps(measured), file=sys.stderr)
            measured |= _viewers(url, run_id, options.viewers, options.frames)
    figures = {
        name: {"value": value, "target": TARGETS.get(name)} for name, value in measured.items()
    }
    if options.json:
        print(json.dumps({"options": vars(options), "figures": figures}, indent=2))
        return 0
    for name, figure in figures.items():
        wanted = "" if figure["target"] is None else f"  (wanted: {figure['target']:g} at most)"
        print(f"{name:28s} {figure['value']:10.2f}{wanted}")
    return 0


@contextmanager
def _served(store: Path) -> Iterator[str]:
    import socket  # noqa: PLC0415 - one helper

    import uvicorn  # noqa: PLC0415 - the benchmarks that need no server do without

    from dash_app.app import create_app  # noqa: PLC0415 - as above

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(store), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10.0)


def _measure(url: str, run_id: str) -> dict[str, float]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - as above

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        found: dict[str, float] = {}
        for _ in range(2):  # the first visit starts the server's libraries
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            found["first_paint_s"] = _first_paint(page, f"{url}/runs/{run_id}?t=0&speed=3600")
            if _ == 0:
                page.close()
        found |= _play(page)
        found |= _click(page, url, run_id)
        browser.close()
    return found


def _wait(page: Page, script: str, seconds: float = 240.0) -> None:
    end = time.monotonic() + seconds
    while not page.evaluate(f"(() => {{ const v = window.twinViewer; return !!({script}); }})()"):
        if time.monotonic() > end:
            raise TimeoutError(script)
        time.sleep(0.01)


def _first_paint(page: Page, address: str) -> float:
    """Return the seconds from the request until the first water is drawn."""
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    _wait(page, "v && v.map.overlay.raster.loaded && v.map.overlay.raster.loaded.now !== undefined")
    return time.perf_counter() - begun


def _play(page: Page) -> dict[str, float]:
    """Return the cost of loading all frames and of drawing one."""
    _wait(page, "[...v.map.overlay.fields.values()][0].frames.held.size >= v.scene.frames.length")
    loading = page.evaluate(
        """() => {
          const depth = (e) => e.name.includes('/fields/depth/');
          const all = performance.getEntriesByType('resource').filter(depth);
          const begin = Math.min(...all.map((e) => e.startTime));
          return (Math.max(...all.map((e) => e.responseEnd)) - begin) / 1000;
        }"""
    )
    page.wait_for_timeout(3000)
    page.evaluate(
        """() => {
          window.drawn = 0;
          window.twinViewer.map.map.on('render', () => { window.drawn += 1; });
        }"""
    )
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("Space")
    page.wait_for_timeout(1500)
    asked.clear()
    before, first = _metrics(session), page.evaluate("window.drawn")
    page.wait_for_timeout(8000)
    after, last = _metrics(session), page.evaluate("window.drawn")
    page.keyboard.press("Space")
    drawn = max(1, last - first)
    busy = {name: (after[name] - before[name]) * 1000.0 / drawn for name in _METRICS}
    return {
        "frame_ms": float(page.evaluate(_ONE_FRAME)),
        "frames_loaded_s": float(loading),
        "frames_drawn_a_second": drawn / 8.0,
        "main_thread_ms_a_frame": busy["TaskDuration"],
        "script_ms_a_frame": busy["ScriptDuration"],
        "requests_while_playing": float(len([u for u in asked if _counts(u)])),
    }


#: Median time, ms, in which the main thread moves everything on by a minute and draws it.
_ONE_FRAME = """async () => {
  const { map } = window.twinViewer;
  const times = [];
  for (let i = 0; i < 40; i += 1) {
    const begun = performance.now();
    map.clock.time = Math.min(map.clock.end, map.clock.time + 10);
    map.overlay.show(map.clock);
    map.map.redraw();
    times.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
  return times.sort((a, b) => a - b)[20];
}"""
_METRICS = ("TaskDuration", "ScriptDuration")


def _counts(url: str) -> bool:
    """Return whether a request asks the server for anything but a frame."""
    return "/fields/" not in url and ("/api/" in url or "_dash-update" in url)


def _metrics(session: Any) -> dict[str, float]:  # noqa: ANN401 - a CDP session
    found = session.send("Performance.getMetrics")["metrics"]
    return {entry["name"]: entry["value"] for entry in found}


def _click(page: Page, url: str, run_id: str) -> dict[str, float]:
    """Return how long the course at a place takes, asked of the server alone, and in the page."""
    import requests  # noqa: PLC0415 - as above

    scene = requests.get(f"{url}/api/v1/runs/{run_id}/scene", timeout=60).json()
    while requests.get(f"{url}/api/v1/runs/{run_id}/over-time", timeout=60).json()["fraction"] != 1:
        time.sleep(0.2)
    west, south, east, north = scene["bounds"]
    times = []
    for k in range(20):
        place = {"lon": west + (east - west) * (k + 0.5) / 20, "lat": (south + north) / 2}
        begun = time.perf_counter()
        requests.get(f"{url}/api/v1/runs/{run_id}/point", params=place, timeout=60).json()
        times.append((time.perf_counter() - begun) * 1000.0)
    shown = []
    for k in range(6):
        begun = time.perf_counter()
        with page.expect_response(lambda r: "_dash-update-component" in r.url, timeout=90_000):
            page.mouse.click(420 + 25 * k, 330 + 20 * (k % 2))
        shown.append((time.perf_counter() - begun) * 1000.0)
    return {
        "hydrograph_ms": statistics.median(times),
        "hydrograph_worst_ms": max(times),
        "click_answered_ms": statistics.median(shown),
    }


def _viewers(url: str, run_id: str, count: int, frames: int) -> dict[str, float]:
    """Return failures and seconds of many viewers who fetch all frames at once."""
    import requests  # noqa: PLC0415 - as above

    failures: list[str] = []

    def look() -> None:
        with requests.Session() as session:
            base = f"{url}/api/v1/runs/{run_id}"
            for path in ("scene", "units", *(f"fields/depth/{k}" for k in range(frames))):
                try:
                    answer = session.get(f"{base}/{path}", timeout=120)
                except requests.RequestException as error:
                    failures.append(f"{path}: {error}")
                    continue
                if answer.status_code != 200:
                    failures.append(f"{path}: {answer.status_code}")

    begun = time.perf_counter()
    threads = [threading.Thread(target=look) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"viewers_failures": float(len(failures)), "viewers_s": time.perf_counter() - begun}
