"""
Drainage below the streets: a pipe network in EPA SWMM, or inlets of a given capacity.

:mod:`models.drainage.inp` reads a network, :mod:`models.drainage.sewer` runs it beside the
surface, :mod:`models.drainage.inlets` needs no pipes. What leaves the surface enters the drains,
and what leaves the drains enters the surface, to rounding.
"""
