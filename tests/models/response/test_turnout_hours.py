"""Turnout by the hour of the day."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidQuantityError
from models.response import Constant, Exponential, TurnoutSpan

HOUR_S = 3600.0
NIGHT = TurnoutSpan(start_s=22 * HOUR_S, end_s=6 * HOUR_S, factor=2.0)
DAY = {"ambulance": Exponential(60.0), "fire": Constant(80.0)}


def turnouts(run: Any, line: Any, **more: Any) -> dict[str, float]:
    """Return the turnout of a call at the start and of one an hour later, by incident."""
    r = run(line, ambulances=[0, 0], transport_probability=0.0, turnout=DAY, **more)
    r.call("first", 1)
    r.until(HOUR_S)
    r.call("second", 1)
    r.until(3 * HOUR_S)
    return {event.incident: event.value for event in r.of("unit_mobile")}


def test_a_crew_alerted_at_night_takes_its_own_draw_longer(line: Any, run: Any) -> None:
    usual = turnouts(run, line)
    late = turnouts(run, line, turnout_hours=(NIGHT,), midnight_s=21.5 * HOUR_S)
    assert late["first"] == usual["first"]
    assert late["second"] == pytest.approx(2.0 * usual["second"])


def test_a_service_may_have_a_turnout_of_its_own_at_night(line: Any, run: Any) -> None:
    night = TurnoutSpan(
        start_s=22 * HOUR_S, end_s=6 * HOUR_S, factor=9.0, by_service={"ambulance": Constant(7.0)}
    )
    late = turnouts(run, line, turnout_hours=(night,), midnight_s=21.5 * HOUR_S)
    assert late["second"] == 7.0


@given(time_s=st.floats(0.0, 86399.0))
def test_a_span_over_midnight_holds_on_both_sides_of_it(time_s: float) -> None:
    assert NIGHT.holds(time_s) == (time_s >= 22 * HOUR_S or time_s < 6 * HOUR_S)


def test_two_spans_of_one_hour_are_refused(line: Any, run: Any) -> None:
    early = TurnoutSpan(start_s=5 * HOUR_S, end_s=7 * HOUR_S, factor=1.5)
    with pytest.raises(InvalidQuantityError, match="overlap"):
        run(line, turnout_hours=(NIGHT, early))


@pytest.mark.parametrize("given", [{"start_s": -1.0}, {"end_s": 90_000.0}, {"factor": 0.0}])
def test_a_span_that_makes_no_sense_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidQuantityError):
        TurnoutSpan(**{"start_s": 0.0, "end_s": 1.0, **given})
