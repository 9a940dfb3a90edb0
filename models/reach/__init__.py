"""
Who is reached from the nearest of several places, and what is lost when a street closes.

Knows a network only as arrays: the edges of a directed graph sorted by tail, and their seconds.
"""

from models.reach.criticality import Closures, close_each
from models.reach.nearest import Nearest, Network, nearest_place

__all__ = ["Closures", "Nearest", "Network", "close_each", "nearest_place"]
