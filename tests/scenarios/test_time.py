# ruff: noqa: ANN001, ANN201 - parametrised values of many types; tests return nothing
from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.schema.time import (
    Clock,
    format_duration,
    format_seconds,
    parse_datetime,
    parse_duration,
    parse_moment,
)

CLOCK = Clock(datetime(2025, 10, 22, tzinfo=UTC), 6 * 3600.0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6 h", 21600),
        ("90 min", 5400),
        ("90min", 5400),
        ("01:30", 5400),
        ("01:30:20", 5420),
        ("00:00:00.5", 0.5),
        ("1 d 2 h", 93600),
        ("1 day 02:00", 93600),
        ("1 h 30 min 5 s", 5405),
        ("0.5 h", 1800),
        ("36:00", 129600),
        ("0", 0),
        (0, 0),
        (timedelta(minutes=3), 180),
    ],
)
def test_durations_are_read_in_every_form(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (5400, "needs a unit"),
        (1.5, "needs a unit"),
        ("5400", "not a time"),
        ("-2 h", "negative"),
        ("2 weeks", "not a unit"),
        ("01:75", "not a time"),
        ("30 min 2 h", "must fall"),
        ("1 h 1 h", "must fall"),
        ("", "not a time"),
        ("h", "not a time"),
        ("1e3 s", "not a"),
        (True, "not a time"),
        (None, "not a time"),
        ([1], "not a time"),
        ("9" * 400 + " h", "not a time"),
        ("999999999 d", "100 years"),
        ("\u0661 h", "not a time"),
    ],
)
def test_what_is_no_duration_is_refused_with_a_reason(text, says):
    with pytest.raises(ValueError, match=says):
        parse_duration(text)


@given(st.just(0.0) | st.floats(min_value=1e-9, max_value=3e9, allow_nan=False))
def test_a_written_duration_reads_back_to_the_same_float(seconds):
    assert parse_duration(format_duration(seconds)) == seconds


@given(st.integers(0, 40), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.data())
def test_the_parts_of_a_duration_add_up(days, hours, minutes, seconds, data):
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    gap = data.draw(st.sampled_from(["", " ", "  "]))
    text = " ".join(f"{value}{gap}{unit}" for value, unit in parts if value)
    expected = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    assert parse_duration(text or "0") == expected.total_seconds()


@given(st.text(max_size=80))
def test_any_text_is_a_time_or_a_value_error(text):
    try:
        seconds = parse_moment(text, CLOCK)
    except ValueError:
        return
    assert 0.0 <= seconds <= CLOCK.duration_s


@given(st.integers(0, 21600), st.integers(-14, 14))
def test_a_moment_means_the_same_in_every_zone(seconds, hours):
    zone = timedelta(hours=hours)
    local = (CLOCK.start + timedelta(seconds=seconds) + zone).replace(tzinfo=None)
    sign = "-" if hours < 0 else "+"
    text = f"{local.isoformat()}{sign}{abs(hours):02d}:00"
    assert parse_moment(text, CLOCK) == seconds


@pytest.mark.parametrize("text", ["7 h", "2025-10-22T06:00:01Z", "2025-10-21T23:59Z"])
def test_a_moment_outside_the_period_is_refused(text):
    with pytest.raises(ValueError, match="outside the period"):
        parse_moment(text, CLOCK)
    assert parse_moment(text, CLOCK, inside=False) != 0


def test_a_series_may_begin_before_the_start():
    assert parse_moment("-01:30", CLOCK, inside=False) == -5400
    assert parse_moment(format_seconds(-5400.0), CLOCK, inside=False) == -5400


def test_a_date_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone is missing"):
        parse_datetime("2025-10-22T04:30")
