"""
A day in District 7 under a high tide: what the response costs besides the flood.

``python -m benchmarks district_day [--json]``. 500 calls, 60 units, 50,000 residents who are warned
at noon, roads that change every minute, on cells of 20 m. With ``TWIN_DATA`` the district is built
from its recipe and the tide is that of 22 October 2025; without it a made-up district of 35 km²
under a made-up tide stands in, and ``city`` in the result says so.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import twin
from benchmarks.verification.setups import data_folder
from twin.engine.flooding import Flooding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twin import City, Scenario

__all__ = ["main", "simulate"]

_RECIPE: Final = Path(__file__).parents[1] / "docs" / "recipes" / "district7.yaml"
_CELL_M: Final = 20
_DAY: Final[dict[str, Any]] = {
    "name": "district-day",
    "grid": {"cell_size_m": _CELL_M},
    "fleet": {"ambulances": 40, "fire_engines": 20},
    "incidents": {"generated": {"count": 500, "weight": "population"}},
    "residents": {"people": {"total": 50_000}},
    "timeline": [
        {"at": "12 h", "do": "warn_residents", "message": "evacuate", "channel": "loudspeaker"}
    ],
}
_MADE_UP_TIDE: Final = {
    "extremes": {
        "times": ["-3 h", "4 h", "10 h", "17 h", "25 h"],
        "levels_m": [-0.6, 1.56, -0.9, 1.65, -0.5],
    },
    "applies_to": ["river", "canal_mouths"],
}


class _Stopwatch:
    """Counts the time that is spent in the flood."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def over_floods(self) -> Iterator[None]:
        """Time every window of every flood while this holds."""
        advance = Flooding.advance

        def timed(flooding: Flooding, until_s: float) -> None:
            begin = time.perf_counter()
            advance(flooding, until_s)
            self.seconds += time.perf_counter() - begin

        Flooding.advance = timed  # type: ignore[method-assign]  # for as long as this holds
        try:
            yield
        finally:
            Flooding.advance = advance  # type: ignore[method-assign]  # as it was


def _district() -> tuple[str, City, Scenario]:
    """Return what the city is, the city, and the scenario of its day."""
    if data_folder("district7").is_dir():
        city = twin.build_city(_RECIPE, cell_size_m=_CELL_M)
        return "District 7", city, twin.load_scenario("district7_2025-10-22").replace(**_DAY)
    base = twin.load_scenario("dry_reference_day")
    scenario = base.replace(tide=_MADE_UP_TIDE, flood={}, **{"period.duration": "24 h"}, **_DAY)
    return "made up", twin.synthesise(cell_size_m=_CELL_M), scenario


def simulate() -> dict[str, Any]:
    """Run the day twice, the first time to compile, and return what the second cost."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kind, city, scenario = _district()
        twin.run(scenario.replace(**{"period.duration": "13 h"}), city, store=folder)
        watch = _Stopwatch()
        begin = time.perf_counter()
        with watch.over_floods():
            run = twin.run(scenario, city, store=folder)
        total = time.perf_counter() - begin
        return {
            "district7_day_s": round(total - watch.seconds, 2),
            "flood_s": round(watch.seconds, 2),
            "city": kind,
            "incidents": run.summary["incidents"],
            "served": run.summary["served"],
        }


def main(argv: list[str]) -> int:
    """Measure, print a table or one JSON object, and return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks district_day", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    row = simulate()
    if options.json:
        print(json.dumps(row))
        return 0
    for key, value in row.items():
        print(f"  {key:<18} {value!s:>18}")
    return 0
