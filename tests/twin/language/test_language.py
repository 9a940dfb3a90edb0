from __future__ import annotations

import string

import pytest

from models.errors import InvalidInputError
from twin.language import choose_language, clock, label, number, short_number, text
from twin.language.texts import TEXTS


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_both_languages_take_the_same_values(key: str) -> None:
    vietnamese, english = TEXTS[key]
    assert vietnamese
    assert english
    assert places(vietnamese) == places(english)


def test_the_language_is_asked_for_or_that_of_the_environment() -> None:
    assert choose_language("vi", {"LANG": "en_US.UTF-8"}) == "vi"
    assert choose_language(None, {"LANG": "vi_VN.UTF-8"}) == "vi"
    assert choose_language(None, {"LANG": "fr_FR.UTF-8"}) == "en"
    assert choose_language(None, {"LANG": "vi_VN", "TWIN_LANG": "en"}) == "en"
    assert choose_language(None, {}) == "en"
    with pytest.raises(InvalidInputError, match="vi, en"):
        choose_language("fr")


def test_numbers_are_written_as_the_language_does() -> None:
    assert number(1234.5, "en", 1) == "1,234.5"
    assert number(1234.5, "vi", 1) == "1.234,5"
    assert number(None, "vi") == number(float("nan"), "en") == "\N{EN DASH}"
    assert short_number(0.5, "vi") == "0,5"
    assert short_number(1000.0, "en") == "1,000"
    assert short_number(10.0, "vi", 0) == "10"


def test_durations_are_read_at_a_glance() -> None:
    assert clock(59.6, "en") == "1 min"
    assert clock(5400.0, "vi") == "1 giờ 30 phút"
    assert clock(0.0, "en") == "0 s"
    assert clock(None, "en") == "\N{EN DASH}"


def test_an_unknown_name_is_shown_as_it_is() -> None:
    assert label("vehicle", "hover_craft", "vi") == "hover craft"
    assert text("unit.second", "vi") == "giây"
