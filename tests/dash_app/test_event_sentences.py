"""Events of vehicles as sentences."""

from __future__ import annotations

import pytest

from dash_app.viewer.events import event_text
from models.response import EVENT_KINDS


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    "kind",
    [
        *("unit_broken_down", "unit_repaired", "unit_written_off", "patient_taken_over"),
        *("unit_low_on_fuel", "unit_refuelling"),
    ],
)
def test_a_mishap_of_a_vehicle_is_told_with_its_name(kind: str, language: str) -> None:
    assert kind in EVENT_KINDS
    told = event_text({"kind": kind, "unit": "A-7", "value": 600.0, "detail": {}}, language)
    assert "A-7" in told
    assert "{" not in told


def test_why_another_vehicle_is_sought_is_told_in_the_readers_language() -> None:
    event = {"kind": "incident_redispatched", "detail": {"reason": "vehicle broke down"}}
    assert event_text(event, "en").endswith("the vehicle broke down")
    assert event_text(event, "vi").endswith("xe bị hỏng")
