"""An ensemble: members equal single runs, maps equal sums over members, tables their formulae."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import twin
from models.errors import InvalidInputError, StoreError
from twin.engine.recorded import RecordedWater
from twin.ensembles.exports import delete_sweep, export_ensemble, push
from twin.ensembles.plots import plot_ensemble
from twin.ensembles.results import flat_figures
from twin.ensembles.store import EnsembleStore
from twin.ensembles.tasks import compute_flood, compute_member

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from twin.city.city import City
    from twin.ensembles.results import Ensemble

UNSERVED = "unserved"
DEPTH = "max_depth_m"


@pytest.mark.parametrize("member", [0, 5])
def test_a_member_equals_a_run_of_its_scenario(
    little: Ensemble, small_city: City, tmp_path: Path, member: int
) -> None:
    run = twin.run(little.scenario(member), small_city, store=tmp_path)
    row = little.table.set_index("member").loc[member]
    for name, value in flat_figures(run.kpis).items():
        assert row[name] == value or (math.isnan(row[name]) and math.isnan(value)), name
    pd.testing.assert_frame_equal(little.events(member), run.events)
    for name in ("max_depth", "arrival_time"):
        theirs, ours = little.flood(member).flood[name], run.flood[name]
        assert np.array_equal(theirs.to_numpy(), ours.to_numpy(), equal_nan=True)
    assert int(run.manifest["seed"]) == int(row["seed"])


def test_a_task_that_is_done_is_not_done_again(little: Ensemble) -> None:
    url, flood = little.store.url, little.plan.member(0).flood
    assert compute_member(url, little.id, 0)["wall_s"] == 0.0
    again = compute_flood(url, little.id, flood)
    assert again["results"] == little.flood(0).digest
    assert again["wall_s"] < 1.0


def test_two_computations_have_one_digest(
    little: Ensemble,
    document: dict[str, Any],
    small_city: City,
    store: Path,
    compute: Callable[..., Ensemble],
) -> None:
    assert compute(document, small_city, store).digest == little.digest


def test_a_flood_that_was_interrupted_is_taken_up(
    little: Ensemble, document: dict[str, Any], small_city: City, store: Path
) -> None:
    from twin.ensembles.sweeping import lay_out, plan_sweep  # noqa: PLC0415 - this test alone

    plan = plan_sweep(document, small_city, store=store)
    lay_out(EnsembleStore(store), plan)
    digest = little.plan.member(0).flood
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked == 5

    with pytest.raises(twin.Interrupted):
        compute_flood(str(store), plan.sweep_id, digest, threads=1, should_stop=stop)
    assert (store / "flood-work" / digest).is_dir()
    found = compute_flood(str(store), plan.sweep_id, digest, threads=1)
    assert found["results"] == little.flood(0).digest
    assert not (store / "flood-work" / digest).exists()


def maps_of(ensemble: Ensemble, field: str) -> np.ndarray:
    return np.stack([ensemble.flood(k).flood[field].to_numpy() for k in range(8)])


def test_the_dataset_holds_the_maps_of_every_member_and_loads_one_at_a_time(
    little: Ensemble,
) -> None:
    found = little.dataset["max_depth"]
    assert found.chunks[0] == (1,) * 8
    assert np.array_equal(found.to_numpy(), maps_of(little, "max_depth"), equal_nan=True)
    assert little.dataset["rain"].to_numpy().tolist() == [0.5] * 4 + [1.5] * 4
    assert "depth" not in little.dataset


def test_a_chance_is_the_share_of_members(little: Ensemble) -> None:
    depths = maps_of(little, "max_depth")
    chance = little.exceedance(0.02).to_numpy()
    ground = np.isfinite(depths).all(axis=0)
    assert np.allclose(chance[ground], (depths >= 0.02).mean(axis=0)[ground])
    assert np.isnan(chance[~ground]).all()
    wet = little.exceedance(0.02, members=[4, 5, 6, 7]).to_numpy()
    assert set(np.unique(wet[ground])) <= {0.0, 1.0}


def test_quantiles_are_values_of_members(little: Ensemble) -> None:
    depths = maps_of(little, "max_depth")
    found = little.quantiles([0.25, 0.5, 0.9]).to_numpy()
    wanted = np.quantile(depths, [0.25, 0.5, 0.9], axis=0, method="inverted_cdf")
    ground = np.isfinite(depths).all(axis=0)
    assert np.array_equal(found[:, ground], wanted[:, ground].astype(np.float32))


def test_a_time_that_never_came_is_later_than_all_others(little: Ensemble) -> None:
    arrival = maps_of(little, "arrival_time")
    late = little.quantiles([1.0], "arrival_time").to_numpy()[0]
    assert np.isnan(late[np.isnan(arrival).any(axis=0)]).all()


def test_streets_have_the_chance_of_their_deepest_edge(little: Ensemble) -> None:
    found = little.streets(0.02).set_index("segment_id")
    roads = [little.flood(k).roads for k in (0, 4)]
    segment = roads[0]["segment"].to_numpy()
    deepest = [np.zeros(segment.max() + 1) for _ in roads]
    for row, data in zip(deepest, roads, strict=True):
        np.maximum.at(row, segment, data["depth"].max("time").to_numpy())
    ids = little.flood(0).city.layer("roads")["segment_id"].to_numpy()
    chance = (np.asarray(deepest) >= 0.02).mean(axis=0)
    assert np.allclose(found.loc[ids[: chance.size], "probability"], chance)


@pytest.mark.parametrize(
    "ask",
    [
        lambda e: e.exceedance(0.1, "colour"),
        lambda e: e.quantiles([1.5]),
        lambda e: e.exceedance(0.1, members=[99]),
        lambda e: e.figure_table(["colour"]),
        lambda e: e.figure_table(by="colour"),
        lambda e: e.figure_table(confidence=95.0),
        lambda e: e.compare("ambulances", 1, 2),
        lambda e: e.sensitivity("colour"),
        lambda e: e.sensitivity("incidents"),
    ],
)
def test_a_wrong_question_is_refused(little: Ensemble, ask: Callable[[Ensemble], Any]) -> None:
    with pytest.raises(InvalidInputError):
        ask(little)


def test_intervals_are_students(little: Ensemble) -> None:
    row = little.figure_table([UNSERVED], confidence=0.9).iloc[0]
    values = little.table[UNSERVED].to_numpy()
    low, high = stats.t.interval(0.9, 7, values.mean(), stats.sem(values))
    assert (row["low"], row["high"]) == pytest.approx((low, high))
    assert row["n"] == 8
    grouped = little.figure_table([DEPTH], by=["rain"])
    assert grouped["rain"].tolist() == [0.5, 1.5]
    assert grouped["mean"].iloc[1] > grouped["mean"].iloc[0]


def test_comparisons_go_pair_by_pair(little: Ensemble) -> None:
    row = little.compare("ambulances", 1, 3, [UNSERVED]).iloc[0]
    table = little.table.set_index(["rain", "replication", "ambulances"])[UNSERVED].unstack()  # noqa: PD010 - by the index
    change = (table[3.0] - table[1.0]).to_numpy()
    assert row["pairs"] == 4
    assert row["difference"] == pytest.approx(change.mean())
    assert (row["rose"], row["fell"]) == ((change > 0).sum(), (change < 0).sum())
    decided = int((change != 0).sum())
    wanted = stats.binomtest(int((change > 0).sum()), decided).pvalue if decided else 1.0
    assert row["p_sign"] == pytest.approx(wanted)


def test_a_full_factorial_shares_the_variance_out(little: Ensemble) -> None:
    found = little.sensitivity(DEPTH).set_index("factor")
    assert found.loc["rain", "first_order"] == pytest.approx(1.0)
    assert found.loc["ambulances", "total"] == pytest.approx(0.0)


def test_pictures_and_files_are_written(little: Ensemble, tmp_path: Path) -> None:
    drawn = plot_ensemble(little, tmp_path / "pictures", language="vi", thresholds_m=(0.05,))
    assert all(path.stat().st_size > 5000 for path in drawn)
    assert len(drawn) >= 6
    written = {path.name for path in export_ensemble(little, tmp_path / "files")}
    assert {"members.csv", "figures.csv", "streets.csv", "maps.nc", "chance-0.1m.tif"} <= written
    assert len(pd.read_csv(tmp_path / "files" / "members.csv")) == 8


def test_a_sweep_is_copied_found_and_deleted(little: Ensemble, tmp_path: Path) -> None:
    target = push(little, str(tmp_path / "copy"))
    copy = twin.open_ensemble("little", store=target)
    assert copy.digest == little.digest
    assert copy.exceedance(0.02).equals(little.exceedance(0.02))
    delete_sweep(copy)
    assert target.names("floods") == []
    with pytest.raises(StoreError, match="no such sweep"):
        twin.open_ensemble("little", store=target)


def test_recorded_water_refuses_what_does_not_fit(little: Ensemble, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not recorded"):
        RecordedWater(str(tmp_path / "none"))
    water = RecordedWater(str(little.flood(0).folder / "roads.zarr"))
    with pytest.raises(AttributeError):
        water.put_on(None, 0)  # type: ignore[arg-type]  # no roads at all
