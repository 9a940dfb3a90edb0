from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.editing import (
    AddItem,
    Draft,
    Edit,
    RemoveField,
    RemoveItem,
    ReplaceItem,
    SetField,
    sentence,
)

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = {"bridge:b9": "Cầu Tân Thuận", "facility:h1": "Bệnh viện Quận 7", "segment:4": "Lê Lợi"}
CLOSED: dict[str, Any] = {"at": "02:15", "do": "close_bridge", "bridge": "b9"}


@pytest.fixture
def told(draft: Draft) -> Callable[[Edit, str], str]:
    return lambda edit, language: sentence(edit, language, before=draft.document, names=NAMES)


@pytest.mark.parametrize(
    ("edit", "vi", "en"),
    [
        (
            SetField(("tide", "offset_m"), 0.2),
            "Nâng triều thêm 0,2 m (cộng +0,2 m)",
            "Raise the tide by 0.2 m (offset +0.2 m)",
        ),
        (
            SetField(("tide", "offset_m"), -0.1),
            "Hạ triều 0,1 m (cộng -0,1 m)",
            "Lower the tide by 0.1 m (offset -0.1 m)",
        ),
        (
            AddItem(("closures",), {"road": {"bridge": "b9"}}),
            "Cấm Cầu Tân Thuận suốt thời gian mô phỏng",
            "Close Cầu Tân Thuận for the whole run",
        ),
        (
            AddItem(("closures",), {"road": {"segments": [4]}, "start": "01:00", "end": "25 h"}),
            "Cấm đường Lê Lợi từ 01:00 đến 01:00 (23/10)",
            "Close Lê Lợi from 01:00 to 01:00 (23/10)",
        ),
        (
            RemoveItem(("timeline",), CLOSED),
            "Bỏ: cấm Cầu Tân Thuận từ 02:15",
            "Take out: close Cầu Tân Thuận at 02:15",
        ),
        (
            ReplaceItem(("timeline",), CLOSED, {**CLOSED, "at": "3 h"}),
            "Cấm Cầu Tân Thuận từ 03:00 (trước: cấm Cầu Tân Thuận từ 02:15)",
            "Close Cầu Tân Thuận at 03:00 (before: close Cầu Tân Thuận at 02:15)",
        ),
        (
            AddItem(("timeline",), {"at": "1 h", "do": "fail_structure", "structure": "gate_1"}),
            "gate_1 hỏng (kẹt) lúc 01:00",
            "gate_1 fails (stuck) at 01:00",
        ),
        (
            SetField(("structures", "gate_1", "top_m"), 2.5),
            "gate_1 – cao độ đỉnh (m): 2,3 → 2,5",  # noqa: RUF001 - typography
            "gate_1 – top (m): 2.3 → 2.5",  # noqa: RUF001 - typography
        ),
        (
            RemoveItem(("structures",), {"id": "wall_1"}),
            "Bỏ: tường chắn wall_1, đỉnh 2 m",
            "Take out: wall wall_1, crest at 2 m",
        ),
        (
            AddItem(
                ("structures", "wall_1", "breaches"),
                {"location": {"lon": 1, "lat": 2}, "width_m": 20, "at": "2 h"},
            ),
            "Vỡ đê wall_1: rộng 20 m, lúc 02:00",
            "Breach of wall_1: 20 m wide, at 02:00",
        ),
        (
            AddItem(
                ("timeline",), {"at": "1 h", "do": "send_unit", "unit": "a-1", "incident": "c"}
            ),
            "Điều a-1 đến c lúc 01:00",
            "Send a-1 to c at 01:00",
        ),
        (
            AddItem(("timeline",), {"at": "1 h", "do": "dispatch_by", "by": "orders"}),
            "Từ 01:00 chỉ điều xe theo lệnh",
            "Units go by order only from 01:00",
        ),
        (
            AddItem(
                ("timeline",),
                {"at": "1 h", "do": "set_hospital", "facility": "h1", "power": False, "beds": 9},
            ),
            "Bệnh viện Quận 7: mất điện, 9 giường từ 01:00",
            "Bệnh viện Quận 7: without power, 9 beds from 01:00",
        ),
        (
            AddItem(
                ("timeline",),
                {
                    "at": "1 h",
                    "do": "evacuate_hospital",
                    "facility": "h1",
                    "patients": 12,
                    "incident": "out",
                },
            ),
            "Sơ tán 12 người bệnh khỏi Bệnh viện Quận 7 lúc 01:00",
            "Evacuate 12 patients from Bệnh viện Quận 7 at 01:00",
        ),
        (SetField(("fleet", "ambulances"), 4), "Xe cứu thương: 0 → 4", "Ambulances: 0 → 4"),
        (RemoveField(("rain",)), "Không mưa", "No rain"),
        (
            SetField(("rain",), {"hyetograph": {"times": ["1 h", "3 h"], "rates_mm_h": [50, 0]}}),
            "Mưa vẽ tay: 100 mm, mạnh nhất 50 mm/h",
            "Rain as drawn: 100 mm, at most 50 mm/h",
        ),
    ],
)
def test_an_edit_is_told_as_a_planner_would_say_it(
    told: Callable[[Edit, str], str], edit: Edit, vi: str, en: str
) -> None:
    assert (told(edit, "vi"), told(edit, "en")) == (vi, en)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["do", "at", "road", "bridge", "segments", "near", "incident", "id", "location"]
            ),
            inner | st.sampled_from(["close_road", "report_incident", "fail_structure"]),
            max_size=4,
        )
    ),
    max_leaves=8,
)
PATHS = st.sampled_from(
    [
        ("timeline",),
        ("closures",),
        ("structures",),
        ("structures", "x", "breaches"),
        ("fleet", "units"),
        ("fleet", "stations"),
        ("incidents", "listed"),
        ("rain",),
        ("rain", "hyetograph"),
        ("tide", "offset_m"),
        ("nowhere", 3, "x"),
    ]
)


@given(path=PATHS, value=JUNK, language=st.sampled_from(["vi", "en"]))
def test_whatever_somebody_typed_has_a_sentence(
    path: tuple[str, ...], value: Any, language: str
) -> None:
    document: dict[str, Any] = {"period": value, "structures": value}
    edits = (
        SetField(path, value),
        RemoveField(path),
        AddItem(path, value),
        RemoveItem(path, value),
        ReplaceItem(path, value, value),
    )
    for edit in edits:
        assert sentence(edit, language, before=document).strip()
