"""
Where to put stations and units: four classic location problems on a table of travel times.

The integer programs are solved by HiGHS through :func:`scipy.optimize.milp`; every answer says how
far from the best it can be at most.
"""

from models.siting.centre import p_centre
from models.siting.covering import expected_covering, maximal_covering
from models.siting.measures import covered_demand, expected_covered, mean_time_s, nearest_time_s
from models.siting.median import p_median
from models.siting.solution import Limits, Siting

__all__ = [
    "Limits",
    "Siting",
    "covered_demand",
    "expected_covered",
    "expected_covering",
    "maximal_covering",
    "mean_time_s",
    "nearest_time_s",
    "p_centre",
    "p_median",
]
