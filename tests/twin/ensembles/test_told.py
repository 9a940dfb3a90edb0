"""What an ensemble says outside its own tables: in reports, and as ``ds.twin``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twin.results.report import report_html

if TYPE_CHECKING:
    from twin.ensembles.results import Ensemble


def test_the_accessor_and_the_ensemble_agree_on_exceedance(little: Ensemble) -> None:
    deepest = float(little.dataset["max_depth"].isel(member=0).max())
    found = little.dataset.twin.exceedance(deepest)
    np.testing.assert_allclose(found, little.exceedance(deepest))
    assert 0.0 < float(found.max()) <= 1.0


def test_a_report_with_an_ensemble_tells_of_its_spread(little: Ensemble) -> None:
    page = report_html(little.flood(0), ensemble=little)
    assert little.id in page
    assert "This is ONE run" not in page
    assert "8 finished members" in page
    assert "rain, ambulances" in page
