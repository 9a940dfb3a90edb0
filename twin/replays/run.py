"""Replay a log: as it went, under a policy, or both side by side from one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from twin.inputs import find_city, load_scenario
from twin.observed.read import Observed, read_observed
from twin.replays.plan import ReplayPlan, plan_replay
from twin.running import run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scenarios import Scenario
    from twin.city.city import City
    from twin.results.open import Run

__all__ = ["Replay", "plans", "replay"]


@dataclass(frozen=True, kw_only=True)
class Replay:
    """
    What came of a replay.

    Parameters
    ----------
    plans, runs
        By ``record`` and ``policy``.
    """

    plans: dict[str, ReplayPlan]
    runs: dict[str, Run]

    @property
    def record(self) -> Run | None:
        """The run that follows the log, None where none does."""
        return self.runs.get("record")

    @property
    def policy(self) -> Run | None:
        """The run under the policy, None where none is."""
        return self.runs.get("policy")


def plans(
    scenario: Scenario | str | Path,
    city: City | str | Path | None,
    observed: Iterable[Observed | Path | str],
    *,
    follow: Literal["record", "policy", "both"] = "both",
    fleet: Literal["record", "scenario"] = "record",
    take_over_s: float | None = None,
) -> dict[str, ReplayPlan]:
    """Return the plans of a replay, by ``record`` and ``policy``; see :func:`plan_replay`."""
    data = [each if isinstance(each, Observed) else read_observed(each) for each in observed]
    made = {}
    if follow in {"record", "both"}:
        made["record"] = plan_replay(scenario, city, data, follow="record")
    if follow in {"policy", "both"}:
        made["policy"] = plan_replay(
            scenario, city, data, follow="policy", fleet=fleet, take_over_s=take_over_s
        )
    return made


def replay(
    scenario: Scenario | str | Path,
    city: City | str | Path | None,
    observed: Iterable[Observed | Path | str],
    *,
    follow: Literal["record", "policy", "both"] = "both",
    fleet: Literal["record", "scenario"] = "record",
    take_over_s: float | None = None,
    **options: Any,  # noqa: ANN401 - those of run
) -> Replay:
    """
    Replay a log.

    Parameters
    ----------
    scenario, city, observed, fleet, take_over_s
        As :func:`plan_replay`.
    follow
        ``record``, ``policy``, or ``both`` side by side: the same calls, closures and work, and
        two ways to send units, which part at *take_over_s*.
    options
        As those of :func:`twin.run`: ``store``, ``threads``, ``on_progress``, ``should_stop``.

    Raises
    ------
    TwinError
        As :func:`plan_replay` and :func:`twin.run`.
    """
    base = load_scenario(scenario)
    place = find_city(base, city)
    made = plans(base, place, observed, follow=follow, fleet=fleet, take_over_s=take_over_s)
    return Replay(
        plans=made,
        runs={name: run(plan.scenario, place, **options) for name, plan in made.items()},
    )
