"""What every test may use."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import FastAPI

#: A quarter of an hour of heavy rain on a high tide, with calls, a closed bridge, and gauges.
SMALL_STORM: dict[str, Any] = {
    "schema": 1,
    "name": "small_storm",
    "title": {"en": "A small storm", "vi": "Một cơn mưa nhỏ"},
    "city": "small-district",
    "period": {"start": "2025-10-22T15:00+07:00", "duration": "40 min"},
    "seed": 5,
    "rain": {"hyetograph": {"times": ["0 min", "25 min"], "rates_mm_h": [150, 0]}},
    "tide": {
        "series": {"times": ["0 h", "2 h"], "levels_m": [0.6, 1.6]},
        "applies_to": ["river", "canal_mouths"],
    },
    "fleet": {"ambulances": 3, "fire_engines": 2},
    "incidents": {"generated": {"count": 8}},
    "timeline": [{"at": "10 min", "do": "close_bridge", "bridge": "bridge-1"}],
    "outputs": {"frame_interval": "2 min"},
}


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real data, or skip the test with a reason."""
    named = os.environ.get("TWIN_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set TWIN_DATA to the folder that holds them")
    return folder


@pytest.fixture(scope="session")
def stored_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with one city of 1 km² and two runs, the second with more rain."""
    import twin  # noqa: PLC0415 - few tests need it

    store = tmp_path_factory.mktemp("app") / "store"
    city = twin.synthesise(area_km2=1.0, cell_size_m=20.0, seed=3).replace(name="small-district")
    storm = twin.Scenario.from_dict(SMALL_STORM)
    more = storm.replace(name="more_rain", title={"en": "More rain", "vi": "Mưa nhiều hơn"})
    for scenario in (storm, more.replace(**{"rain.multiplier": 1.3})):
        twin.run(scenario, city, store=store, threads=1)
    return store


@dataclass(frozen=True, slots=True)
class AppServer:
    """A server of the app on this machine: its address, and what it serves."""

    url: str
    app: FastAPI


@contextmanager
def app_server(app: FastAPI) -> Iterator[AppServer]:
    """Serve *app* on a free port, in a thread."""
    import uvicorn  # noqa: PLC0415 - few tests need it

    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="error", lifespan="on", server_header=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield AppServer(f"http://127.0.0.1:{listener.getsockname()[1]}", app)
        finally:
            server.should_exit = True
            thread.join(10.0)


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[..., AppServer]]:
    """Return what serves a store until the tests end: ``serve(folder, **options)``."""
    from contextlib import ExitStack  # noqa: PLC0415 - as above

    from dash_app.app import create_app  # noqa: PLC0415 - as above

    with ExitStack() as stack:

        def start(store: Path, **options: Any) -> AppServer:
            return stack.enter_context(app_server(create_app(store, **options)))

        yield start
