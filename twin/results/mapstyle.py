"""Colours, widths, markers and words of the maps."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "BUILDING_COLOURS",
    "LAND_USE_COLOURS",
    "MARKERS",
    "ROADS",
    "STYLE",
    "TEXT",
    "MapStyle",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapStyle:
    """Colours of the map; the paper is light so that results stand out over it."""

    paper: str = "#f7f6f2"
    beyond: str = "#e9e8e4"
    low: str = "#cfe0cf"
    high: str = "#f6efe0"
    water: str = "#a9cbe3"
    river: str = "#8fb9d8"
    shore: str = "#6f9fc4"
    building: str = "#d2c8ba"
    building_edge: str = "#b8ac9b"
    casing: str = "#a89f92"
    bridge: str = "#3b3b3b"
    boundary: str = "#7b5ea7"
    ink: str = "#2e3338"


STYLE = MapStyle()

BUILDING_COLOURS = {
    "apartments": "#c58f72",
    "commercial": "#d9b380",
    "industrial": "#b9b6c4",
    "hospital": "#d98c8c",
    "school": "#c9bd7e",
    "public": "#9fb38f",
}
LAND_USE_COLOURS = {"park": "#b9d8a6", "port": "#cfcbd6", "industrial": "#e4e0e6"}

#: Class of road: colour, width in metres on the ground, least width in points, order, casing.
ROADS: dict[str, tuple[str, float, float, int, bool]] = {
    "alley": ("#e9dccb", 3.0, 0.30, 0, False),
    "pedestrian": ("#e9dccb", 4.0, 0.30, 0, False),
    "footway": ("#e9dccb", 2.0, 0.25, 0, False),
    "path": ("#e9dccb", 2.0, 0.25, 0, False),
    "track": ("#d8c9ae", 3.0, 0.30, 0, False),
    "service": ("#ffffff", 5.0, 0.35, 1, True),
    "living_street": ("#ffffff", 6.0, 0.45, 1, True),
    "residential": ("#ffffff", 7.0, 0.45, 1, True),
    "unclassified": ("#ffffff", 8.0, 0.50, 1, True),
    "tertiary": ("#fdf6d8", 12.0, 0.90, 2, True),
    "secondary": ("#fae7a0", 17.0, 1.25, 3, True),
    "primary": ("#f6cd7c", 22.0, 1.60, 4, True),
    "trunk": ("#ee9f6b", 28.0, 2.00, 5, True),
    "motorway": ("#de7f73", 30.0, 2.20, 6, True),
}

TEXT: dict[str, dict[str, str]] = {
    "vi": {
        "river": "Sông có triều",
        "canal": "Kênh, rạch",
        "bridge": "Cầu",
        "park": "Công viên",
        "industrial": "Khu công nghiệp",
        "port": "Cảng",
        "building": "Nhà",
        "apartments": "Chung cư",
        "alley": "Hẻm",
        "residential": "Đường khu vực",
        "tertiary": "Đường liên khu vực",
        "secondary": "Đường chính cấp 2",
        "primary": "Đường chính cấp 1",
        "trunk": "Trục xuyên tâm",
        "motorway": "Cao tốc",
        "hospital": "Bệnh viện",
        "ambulance_station": "Trạm cấp cứu",
        "fire_station": "Trạm chữa cháy",
        "health_station": "Trạm y tế",
        "hydrant": "Trụ nước chữa cháy",
        "tidal_gate": "Cống ngăn triều",
        "boundary": "Ranh giới",
        "ground": "Cao độ nền, m",
        "north": "B",
        "measured": "số liệu đo",
        "derived": "số liệu suy ra",
        "assumed": "số liệu giả định",
    },
    "en": {
        "river": "Tidal river",
        "canal": "Canal",
        "bridge": "Bridge",
        "park": "Park",
        "industrial": "Industry",
        "port": "Port",
        "building": "Building",
        "apartments": "Apartment block",
        "alley": "Alley",
        "residential": "Street",
        "tertiary": "Collector",
        "secondary": "Secondary road",
        "primary": "Main road",
        "trunk": "Boulevard, trunk road",
        "motorway": "Motorway",
        "hospital": "Hospital",
        "ambulance_station": "Ambulance station",
        "fire_station": "Fire station",
        "health_station": "Health station",
        "hydrant": "Hydrant",
        "tidal_gate": "Tidal gate",
        "boundary": "Boundary",
        "ground": "Ground level, m",
        "north": "N",
        "measured": "measured",
        "derived": "derived",
        "assumed": "assumed",
    },
}

#: Facility or structure: marker, colour, size in points.
MARKERS: dict[str, tuple[str, str, float]] = {
    "hydrant": ("o", "#1f6fb2", 3.2),
    "tidal_gate": ("s", "#134b78", 5.0),
    "health_station": ("P", "#3c8f5a", 5.5),
    "ambulance_station": ("D", "#d6336c", 5.5),
    "fire_station": ("^", "#d9480f", 7.5),
    "hospital": ("P", "#c2255c", 9.0),
}
