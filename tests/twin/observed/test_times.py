"""Times always have a zone, and what is odd about them is counted."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import InvalidInputError

LEVELS = "kind: levels\ncolumns: {time: t, level: h}\n"


def test_a_time_without_a_zone_is_refused_with_its_row(read: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"column t, row 3.*names no zone.*time_zone"):
        read("t,h\n2025-10-22T04:00+07:00,1.0\n2025-10-22 05:00,1.1\n", LEVELS)


def test_a_zone_that_does_not_exist_is_refused(read: Any) -> None:
    with pytest.raises(InvalidInputError, match="zone is not known"):
        read("t,h\n2025-10-22 05:00,1.1\n", LEVELS + "time_zone: Asia/Saigon7\n")


def test_local_times_become_utc(read: Any) -> None:
    found = read("t,h\n2025-10-22 05:00,1.1\n", LEVELS + "time_zone: Asia/Ho_Chi_Minh\n")
    assert found.table["time"].iloc[0].isoformat() == "2025-10-21T22:00:00+00:00"


def test_the_hours_of_changing_clocks_are_told_apart(read: Any) -> None:
    rows = "t,h\n2025-03-30 01:30,1\n2025-10-26 01:30,1\n2025-10-26 03:30,1\n"
    found = read(rows, LEVELS + "time_zone: Europe/London\n")
    assert found.report.count("time_skipped") == 1
    assert found.report.count("time_twice") == 1
    assert len(found.table) == 2


@pytest.mark.parametrize("text", ["2025-10-22 19:00-20:00", "2025-10-22", "noon", "22/10/2025 8h"])
def test_what_is_no_time_is_counted_and_left_out(read: Any, text: str) -> None:
    found = read(f"t,h\n{text},1\n2025-10-22 08:00,2\n", LEVELS + "time_zone: '+07:00'\n")
    assert found.report.count("unreadable_time") == 1
    assert len(found.table) == 1


def test_bounds_and_midnight_are_read(read: Any) -> None:
    rows = "day,from,to\n2025-10-22,>18:00,24:00\n"
    found = read(
        rows,
        "kind: closures\ntime_zone: '+07:00'\ncolumns: {start: [day, from], end: [day, to], "
        "street: day}\n",
    )
    row = found.table.iloc[0]
    assert (row["end"] - row["start"]).total_seconds() == 6 * 3600
    assert found.report.count("open_time") == 1


def test_rows_outside_the_period_are_counted(read: Any) -> None:
    period = "period: {start: 2025-10-22T00:00+07:00, end: 2025-10-23T00:00+07:00}\n"
    rows = "t,h\n2025-10-21T04:00+07:00,1\n2025-10-22T04:00+07:00,1\n2025-10-24T04:00+07:00,1\n"
    found = read(rows, LEVELS + period)
    assert found.report.count("outside_period") == 2
    assert len(found.table) == 1
