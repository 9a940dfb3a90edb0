from __future__ import annotations

import json

import pytest

from benchmarks.roads import made_up_city, main


def test_benchmark_reports_its_figures_as_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--nodes", "400", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert set(figures) == {
        "nodes",
        "edges",
        "dispatch_1000_s",
        "weight_change_ms",
        "one_to_all_ms",
        "ratio_scipy",
    }
    assert all(value > 0 for value in figures.values())


def test_made_up_city_is_one_network_of_the_size_asked_for() -> None:
    graph = made_up_city(5000)
    assert graph.n_nodes == pytest.approx(5000, rel=0.1)
    assert graph.components().in_largest.mean() > 0.85
