from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from models.errors import InvalidInputError, StoreError
from twin.analysis.curves import DEFAULT_CURVES, read_curves
from twin.analysis.exposure import exposure_of_run
from twin.analysis.plot import plot_exposure
from twin.analysis.show import exposure_document

if TYPE_CHECKING:
    from pathlib import Path

    from twin.results import Run


def of(run: Run, group: str, state: int, **options: Any) -> dict[str, Any]:
    table = run.exposure(**options).exposed
    rows = table[table["group"] == group]
    return dict(rows.iloc[state])


def test_people_count_in_the_class_of_the_water_where_they_live(run: Run) -> None:
    row = of(run, "people", 0, at="12:10")
    assert (row["all"], row["exposed"]) == (210.0, 110.0)
    assert (row["H1"], row["H2"], row["H3"], row["H4"]) == (0.0, 110.0, 0.0, 0.0)
    assert of(run, "people", 0, at=0)["exposed"] == 0.0


def test_facilities_count_by_kind_and_take_the_deepest_cell_beside_them(run: Run) -> None:
    assert of(run, "hospital", -1)["exposed"] == 0.0
    assert of(run, "school", -1)["H2"] == 1.0
    assert of(run, "fire_station", -1)["all"] == 1.0


def test_enterprises_count_by_the_building_that_they_are_in(run: Run) -> None:
    row = of(run, "enterprises", -1)
    assert (row["all"], row["exposed"], row["H2"]) == (6.0, 3.0, 3.0)


def test_the_spread_of_the_depth_brackets_the_class(run: Run) -> None:
    row = of(run, "people", 0, at=600, depth_spread_m=0.3)
    assert (row["from_h3_low"], row["from_h3"], row["from_h3_high"]) == (0.0, 0.0, 110.0)
    assert row["exposed_low"] == 110.0
    row = of(run, "people", 0, at=600, depth_spread_m=0.38)
    assert row["exposed_low"] == 0.0


def test_a_loss_is_area_times_the_share_of_the_curve(run: Run) -> None:
    losses = run.exposure(depth_spread_m=0.0).losses.set_index("sector")
    share = np.interp(0.4, [0.0, 0.5], [0.0, 0.327])
    assert losses.loc["residential", "buildings"] == 4
    assert losses.loc["residential", "in_water"] == 2
    assert losses.loc["residential", "lost_m2"] == pytest.approx(200.0 * share)
    assert losses.loc["residential", "lost_m2_low"] == pytest.approx(200.0 * (share - 0.2))
    assert losses.loc["residential", "lost_m2_high"] == pytest.approx(200.0 * (share + 0.2))
    assert losses.loc["commercial", "in_water"] == 0
    assert np.isnan(losses.loc["residential", "lost_value"])


def test_values_make_the_loss_money(run: Run, tmp_path: Path) -> None:
    text = DEFAULT_CURVES.read_text("utf-8")
    file = tmp_path / "curves.yaml"
    file.write_text(
        text.replace("value_per_m2: {}", "value_per_m2: {residential: 1000}").replace(
            'currency: ""', "currency: VND"
        ),
        "utf-8",
    )
    found = exposure_of_run(run, curves=file).losses.set_index("sector")
    lost = found.loc["residential"]
    assert lost["lost_value"] == pytest.approx(1000.0 * lost["lost_m2"])


def test_kinds_that_the_curves_do_not_name_are_told(run: Run) -> None:
    assert run.exposure().unknown_kinds == {"yes": 1}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("others: residential", "others: castles", "no curve of this name"),
        ("spread: 0.2", "spread: 2", "spread"),
        ("title:", "titel:", "titel"),
        ("shares: [0, 0.377", "shares: [0.9, 0.377", "never fall"),
        ("value_per_m2: {}", "value_per_m2: {residential: -1}", "not possible"),
        ("value_per_m2: {}", "value_per_m2: {residential: x}", "not of the form"),
        ("shares: [0, 0.283", "share: [0, 0.283", "not of the form"),
    ],
)
def test_curves_that_cannot_be_are_refused_by_name(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    file = tmp_path / "curves.yaml"
    file.write_text(DEFAULT_CURVES.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(InvalidInputError, match=message) as caught:
        read_curves(file)
    assert "curves.yaml" in str(caught.value)


def test_a_time_outside_the_run_is_refused(run: Run) -> None:
    with pytest.raises(StoreError, match="outside the run"):
        run.exposure(at=99999)


def test_the_document_is_plain_and_the_picture_is_drawn(run: Run, tmp_path: Path) -> None:
    found = run.exposure(at=[0, 600])
    document = exposure_document(found)
    assert document["exposed"][-1]["time_s"] is None
    assert document["losses"][0]["lost_value"] is None
    assert plot_exposure(found, tmp_path / "x.png", language="vi").stat().st_size
