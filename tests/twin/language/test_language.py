from __future__ import annotations

import string

import pytest

from models.errors import InvalidInputError
from twin.language import (
    Word,
    choose_language,
    clock,
    label,
    note,
    number,
    say,
    short_number,
    text,
)
from twin.language.notes import NOTES
from twin.language.notes_forcing import FORCING_NOTES
from twin.language.texts import TEXTS
from twin.language.texts_analysis import ANALYSIS_TEXTS
from twin.language.texts_reports import REPORT_TEXTS

ALL = {**TEXTS, **NOTES, **FORCING_NOTES, **ANALYSIS_TEXTS, **REPORT_TEXTS}


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("key", sorted(ALL))
def test_both_languages_take_the_same_values(key: str) -> None:
    vietnamese, english = ALL[key]
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


def test_a_note_is_a_sentence_in_every_language_with_its_numbers() -> None:
    told = note("ground_filled", share=12.5, how=Word("gaps", "nearest"))
    assert told["kind"] == "ground_filled"
    assert say(told, "en").startswith("12.5 % of the ground level is ASSUMED")
    assert say(told, "vi").startswith("12,5 % cao độ mặt đất là GIẢ ĐỊNH")
    assert "giá trị gần nhất" in say(told, "vi")
    sides = (Word("side", "north"), Word("side", "east"))
    assert "(bắc, đông)" in say(note("sea_from_ground", area=3, level=0.5, sides=sides), "vi")


def test_what_somebody_wrote_in_one_language_is_said_in_it() -> None:
    assert say("as it is", "vi") == "as it is"
    assert say({"vi": "chỉ tiếng Việt"}, "en") == "chỉ tiếng Việt"
