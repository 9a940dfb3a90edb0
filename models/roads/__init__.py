"""
Roads: a directed graph, vehicles in water, and the soonest way while the water moves.

Reading and writing networkx graphs is in :mod:`models.roads.exchange`.
"""

from models.roads.boats import BoatWays, Waterways, boat_ways
from models.roads.build import DIRECTIONS, build_graph
from models.roads.cells import (
    EdgeCells,
    EdgeGeometry,
    edge_depth_m,
    edge_velocity_m_s,
    map_edges_to_cells,
)
from models.roads.classes import ACCESS, DEFAULT_SPEED_KM_H, ROAD_CLASSES
from models.roads.conditions import RoadConditions, speed_in_water
from models.roads.graph import Components, RoadGraph
from models.roads.routing import Workspace, nearest_units, shortest_path, times_from, times_to
from models.roads.travel import START, Place, advance, drive, seconds_ahead
from models.roads.vehicles import AT_WATER, VEHICLE_CLASSES, Afloat, VehicleClass, allowed_edges

__all__ = [
    "ACCESS",
    "AT_WATER",
    "DEFAULT_SPEED_KM_H",
    "DIRECTIONS",
    "ROAD_CLASSES",
    "START",
    "VEHICLE_CLASSES",
    "Afloat",
    "BoatWays",
    "Components",
    "EdgeCells",
    "EdgeGeometry",
    "Place",
    "RoadConditions",
    "RoadGraph",
    "VehicleClass",
    "Waterways",
    "Workspace",
    "advance",
    "allowed_edges",
    "boat_ways",
    "build_graph",
    "drive",
    "edge_depth_m",
    "edge_velocity_m_s",
    "map_edges_to_cells",
    "nearest_units",
    "seconds_ahead",
    "shortest_path",
    "speed_in_water",
    "times_from",
    "times_to",
]
