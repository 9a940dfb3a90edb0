"""Reports of citizens: depths, words, and what is not said."""

from __future__ import annotations

from typing import Any

import pytest

from twin.observed.words import default_words, meaning_of

MAPPING = (
    "kind: street_reports\ntime_zone: '+07:00'\ncolumns: {time: t, street: s, depth: d, words: w}\n"
)


@pytest.mark.parametrize(
    ("said", "low_m", "high_m"),
    [
        ("nước ngập đến nửa bánh xe máy", 0.25, 0.35),
        ("NƯỚC NGẬP ĐẾN NỬA BÁNH XE", 0.25, 0.35),
        ("nuoc ngap den nua banh xe", 0.25, 0.35),
        ("hơn nửa bánh xe", 0.25, 0.40),
        ("up to a motorbike wheel", 0.40, 0.60),
        ("Half a wheel, at least", 0.25, 0.35),
        ("knee-deep", 0.40, 0.55),
        ("không ngập", 0.0, 0.03),
    ],
)
def test_words_mean_what_the_table_says(said: str, low_m: float, high_m: float) -> None:
    meaning = meaning_of(said, default_words())
    assert meaning is not None
    assert (meaning.low_m, meaning.high_m) == (low_m, high_m)


def test_words_inside_other_words_do_not_count() -> None:
    assert meaning_of("a kneejerk reaction", default_words()) is None


def test_a_number_stands_for_a_range_and_words_for_theirs(read: Any) -> None:
    rows = (
        "t,s,d,w\n2025-10-22 17:00,A,0.3,\n2025-10-22 17:00,B,,nửa bánh xe\n"
        "2025-10-22 17:00,C,,lots\n2025-10-22 17:00,D,,\n2025-10-22 17:00,E,9,\n"
        "2025-10-22 17:00,F,0.0,\n"
    )
    found = read(rows, MAPPING)
    table = found.table.set_index("street")
    assert table.loc["A", ["low_m", "high_m"]].tolist() == pytest.approx([0.25, 0.35])
    assert table.loc["B", ["low_m", "high_m"]].tolist() == [0.25, 0.35]
    assert table["wet"].to_dict() == dict.fromkeys("ABCDE", True) | {"F": False}
    assert found.report.count("unknown_words") == 1
    assert found.report.count("impossible_depth") == 1
    assert found.report.count("no_depth") == 3


def test_own_words_replace_the_table(read: Any) -> None:
    words = "words: [{en: [lots], low_m: 1.0, high_m: 1.5}]\n"
    found = read("t,s,d,w\n2025-10-22 17:00,C,,lots\n", MAPPING + words)
    assert found.table[["low_m", "high_m"]].iloc[0].tolist() == [1.0, 1.5]


def test_reports_without_a_time_or_a_place_are_left_out(read: Any) -> None:
    found = read("t,s,d,w\n,A,0.3,\n2025-10-22 17:00,,0.3,\n", MAPPING)
    assert not len(found.table)
    assert {f.kind for f in found.report.findings if not f.used} == {"missing", "no_place"}
