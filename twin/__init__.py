"""
A digital twin of floods and emergency response in cities.

>>> import twin
>>> city = twin.open_city("cities/district7")              # doctest: +SKIP
>>> scenario = twin.Scenario.load("storm.yaml")            # doctest: +SKIP
>>> run = twin.run(scenario, city)                         # doctest: +SKIP
>>> run.flood.max_depth.plot()                             # doctest: +SKIP
>>> run.kpis["response_time_s"]["ambulance"]["p90"]        # doctest: +SKIP
>>> higher = scenario.replace(**{"tide.offset_m": 0.2})    # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from models.errors import (
    CityError,
    InternalError,
    InvalidInputError,
    InvalidQuantityError,
    NumericalError,
    ScenarioError,
    StoreError,
    TwinError,
)

if TYPE_CHECKING:
    from scenarios import Scenario, Sweep
    from twin.analysis.reach import reach_of_city as reach
    from twin.analysis.siting import site
    from twin.calibration import calibrate
    from twin.city.city import City, open_city
    from twin.city.default import default_city
    from twin.city.synthetic import synthesise
    from twin.ensembles.results import Ensemble
    from twin.ensembles.sweeping import ensemble, open_ensemble, plan_sweep
    from twin.evaluation.evaluate import evaluate
    from twin.observed import read_observed
    from twin.replays import replay
    from twin.results.open import Run, open_run
    from twin.running import Interrupted, load_scenario, resume, run
    from twin.store import RunStore

__all__ = [
    "City",
    "CityError",
    "Ensemble",
    "InternalError",
    "Interrupted",
    "InvalidInputError",
    "InvalidQuantityError",
    "NumericalError",
    "Run",
    "RunStore",
    "Scenario",
    "ScenarioError",
    "StoreError",
    "Sweep",
    "TwinError",
    "build_city",
    "calibrate",
    "default_city",
    "ensemble",
    "evaluate",
    "load_scenario",
    "open_city",
    "open_ensemble",
    "open_run",
    "plan_sweep",
    "reach",
    "read_observed",
    "replay",
    "resume",
    "run",
    "site",
    "synthesise",
]

#: Where each public name lives; it is imported when it is first used, so that `import twin` is
#: quick. After a colon: its name there.
_HOMES = {
    "City": "twin.city.city",
    "Ensemble": "twin.ensembles.results",
    "Interrupted": "twin.running",
    "Run": "twin.results.open",
    "RunStore": "twin.store",
    "Scenario": "scenarios",
    "Sweep": "scenarios",
    "build_city": "twin.city.build",
    "calibrate": "twin.calibration",
    "default_city": "twin.city.default",
    "ensemble": "twin.ensembles.sweeping",
    "evaluate": "twin.evaluation",
    "load_scenario": "twin.running",
    "open_city": "twin.city.city",
    "open_ensemble": "twin.ensembles.sweeping",
    "open_run": "twin.results.open",
    "plan_sweep": "twin.ensembles.sweeping",
    "reach": "twin.analysis.reach:reach_of_city",
    "read_observed": "twin.observed",
    "replay": "twin.replays",
    "resume": "twin.running",
    "run": "twin.running",
    "site": "twin.analysis.siting",
    "synthesise": "twin.city.synthetic",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any of the public names
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, other = _HOMES[name].partition(":")
    return getattr(import_module(module), other or name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
