"""Rules of structures are data: they read well, refuse nonsense, and never run code."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.schema.rules import parse_rule

VALUES = {"inside": 1.2, "outside": 1.1, "tide": 1.4, "rain": 20.0, "time": 7200.0}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("inside - outside > 0.05 m", True),
        ("inside - outside > 11 cm", False),
        ("inside > outside + 0.05 m", True),
        ("tide >= 1.4 m", True),
        ("tide < 1.2 m or rain > 10 mm/h", True),
        ("tide < 1.2 m or rain > 10 mm/h and time > 3 h", False),
        ("time > 90 min and rain > 10 mm/h", True),
        ("-inside < 0", True),
        ("outside > -0.5 m", True),
        ("level(Phú An) > 1.3 m and depth(Phú An) > 0", True),
    ],
)
def test_rule_holds_as_it_reads(text: str, holds: bool) -> None:
    values = {**VALUES, "level(Phú An)": 1.31, "depth(Phú An)": 0.2}
    assert parse_rule(text).holds(values) is holds


def test_rule_knows_what_it_needs() -> None:
    rule = parse_rule("level(a) - tide > 0.1 m or inside > 1 m")
    assert rule.names == {"level(a)", "tide", "inside"}
    assert rule.gauges == {"a"}


def test_rule_with_an_unknown_level_never_holds() -> None:
    values = {**VALUES, "outside": float("nan")}
    assert not parse_rule("inside > outside").holds(values)
    assert not parse_rule("inside < outside").holds(values)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("inside - outside > 0.05", "needs its unit"),
        ("inside > 3 mm/h", "cannot be compared"),
        ("inside + rain > 3 m", "cannot be added"),
        ("inside", "is missing"),
        ("1 m > 2 m", "names no quantity"),
        ("water > 1 m", "'water' is not known"),
        ("inside > 1 m tide < 1 m", "`and` or `or` must stand"),
        ("inside > ", "ends too early"),
        ("__import__('os')", "cannot be read"),
        ("inside.__class__ > 1 m", "cannot be read"),
        ("inside > 1 m; exit()", "cannot be read"),
    ],
)
def test_rule_that_makes_no_sense_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_rule(text)


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        rule = parse_rule(text)
    except ValueError:
        return
    assert rule.names
