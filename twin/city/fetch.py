"""
A city for people with internet: look a place up, download map and ground, write a recipe, build.

Map data is asked for as OpenStreetMap XML, so that it goes through the same reader as any
extract, and the boundary comes with it. Ground is Copernicus GLO-30, a surface model: roofs and
trees are part of it, and the recipe says so.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import unicodedata
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import yaml

from models.errors import CityError
from twin.city.transport import OnlineTransport, Transport

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from twin.city.city import City

__all__ = ["Place", "fetch_city", "find_place", "tile_names"]

_TILES = "https://copernicus-dem-30m.s3.amazonaws.com"
_TILE_LICENCE = "Copernicus DEM: free with attribution, © DLR e.V. and © Airbus Defence and Space"
_LARGEST_DEGREES = 2.0
_FACILITIES = (
    "hospital|clinic|doctors|fire_station|police|pharmacy|school|kindergarten|college|university|"
    "marketplace|restaurant|nursing_home|social_facility|townhall|community_centre|shelter|fuel"
)

type Ground = Literal["copernicus", "assumed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    A place that was looked up.

    Parameters
    ----------
    title
        Its name.
    relation
        Number of its OpenStreetMap relation, None where it has none.
    bounds
        West, south, east, north, degrees.
    """

    title: str
    relation: int | None
    bounds: tuple[float, float, float, float]


def fetch_city(
    place: str,
    *,
    output: Path,
    cell_size_m: float = 10.0,
    margin_m: float = 500.0,
    ground: Ground = "copernicus",
    mean_level_m: float = 1.6,
    transport: Transport | None = None,
    timeout_s: float = 180.0,
    report: Callable[[str], None] = lambda _: None,
) -> City:
    """
    Download what a city needs, write a recipe, and build the city from it.

    Parameters
    ----------
    place
        What to look up, such as ``Quận 7, Hồ Chí Minh``.
    output
        Folder of the city. What was downloaded, and the recipe, go to ``OUTPUT.sources`` beside
        it, so that the city can be built again without the network.
    cell_size_m, margin_m
        Of the recipe.
    ground, mean_level_m
        ``copernicus``, or ``assumed`` at this mean level.
    transport
        Where answers come from; by default the network.
    timeout_s
        For each answer.
    report
        Told each stage.

    Raises
    ------
    InvalidInputError
        If the network or the extra packages are missing, the place is not found, or an answer is
        not what it should be.
    """
    transport = transport if transport is not None else OnlineTransport()
    found = find_place(place, transport=transport, timeout_s=timeout_s)
    box = _with_margin(found.bounds, margin_m)
    sources = output.with_name(f"{output.name}.sources")
    partial = output.with_name(f".{output.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        partial.mkdir(parents=True)
        report("map")
        date = _fetch_map(found, box, partial / "map.osm", transport, timeout_s)
        tiles: list[str] = []
        if ground == "copernicus":
            report("ground")
            tiles = _fetch_tiles(box, partial, transport, timeout_s)
        document = _recipe(
            found,
            asked=place,
            date=date,
            tiles=tiles,
            cell_size_m=cell_size_m,
            margin_m=margin_m,
            mean_level_m=mean_level_m,
        )
        text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
        (partial / "recipe.yaml").write_text(text, encoding="utf-8")
        _replace(partial, sources)
    except OSError as error:
        raise CityError(
            f"what was downloaded cannot be written ({error.strerror})",
            where=str(sources),
            remedy="Check the free space and the rights on the folder.",
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    from twin.city.build import build_city  # noqa: PLC0415 - it loads much that a failed fetch spares

    return build_city(sources / "recipe.yaml", report=report).save(output)


def find_place(place: str, *, transport: Transport, timeout_s: float) -> Place:
    """
    Look *place* up with Nominatim; the first answer with a boundary counts.

    Raises
    ------
    CityError
        If nothing is found, or the answer is not understood.
    """
    form = {"q": place, "format": "jsonv2", "limit": "10"}
    content = _ask(transport, transport.nominatim_url, form, post=False, timeout_s=timeout_s)
    try:
        answers: list[dict[str, Any]] = json.loads(content)
        bounded = [a for a in answers if a.get("osm_type") == "relation"]
        chosen = (bounded or answers)[0] if answers else None
        if chosen is not None:
            south, north, west, east = (float(v) for v in chosen["boundingbox"])
            relation = int(chosen["osm_id"]) if chosen in bounded else None
            title = str(chosen.get("name") or chosen.get("display_name") or place)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _not_understood(transport.nominatim_url, content) from error
    if chosen is None:
        raise CityError(
            "the place was not found",
            where=transport.nominatim_url,
            value=place,
            remedy="Write it as the map does, with its city and country.",
        )
    sound = all(map(math.isfinite, (west, south, east, north))) and west < east and south < north
    if not sound or max(east - west, north - south) > _LARGEST_DEGREES:
        raise CityError(
            f"the place is not an area of at most {_LARGEST_DEGREES:g} degrees across",
            where=title,
            value=(west, south, east, north),
            remedy="Name a city or a district; for larger ones, build from an extract.",
        )
    return Place(title=title, relation=relation, bounds=(west, south, east, north))


def tile_names(box: tuple[float, float, float, float]) -> list[str]:
    """Return the names of the Copernicus GLO-30 tiles (1 degree each) under *box*, degrees."""
    west, south, east, north = box
    names = []
    for latitude in range(math.floor(south), math.ceil(north)):
        for longitude in range(math.floor(west), math.ceil(east)):
            ns = f"{'N' if latitude >= 0 else 'S'}{abs(latitude):02d}"
            ew = f"{'E' if longitude >= 0 else 'W'}{abs(longitude):03d}"
            names.append(f"Copernicus_DSM_COG_10_{ns}_00_{ew}_00_DEM")
    return names


def _ask(
    transport: Transport, url: str, form: dict[str, str], *, post: bool, timeout_s: float
) -> bytes:
    answer = transport.ask(url, form, post=post, timeout_s=timeout_s)
    if answer.status in {429, 503, 504}:
        raise CityError(
            "the service is busy",
            where=url,
            value=answer.status,
            remedy="Try again in a few minutes.",
        )
    if answer.status != 200:
        raise CityError("the service refuses the question", where=url, value=answer.status)
    return answer.content


def _not_understood(url: str, content: bytes) -> CityError:
    return CityError(
        "the answer of the service is not understood",
        where=url,
        value=content[:80],
        remedy="Try again later; a proxy may have answered instead.",
    )


def _with_margin(
    bounds: tuple[float, float, float, float], margin_m: float
) -> tuple[float, float, float, float]:
    west, south, east, north = bounds
    up = (margin_m + 200.0) / 111_000.0
    across = up / max(math.cos(math.radians((south + north) / 2.0)), 0.1)
    return west - across, south - up, east + across, north + up


def _fetch_map(
    place: Place,
    box: tuple[float, float, float, float],
    path: Path,
    transport: Transport,
    timeout_s: float,
) -> str:
    """Write the map as OSM XML, and return the date of its data."""
    west, south, east, north = (f"{v:.6f}" for v in box)
    here = f"({south},{west},{north},{east})"
    wanted = [
        f'way["highway"]{here};',
        f'nwr["waterway"]{here};',
        f'nwr["natural"~"^(water|coastline|bay|strait|wetland)$"]{here};',
        f'nwr["landuse"~"^(reservoir|basin)$"]{here};',
        f'wr["building"]{here};',
        f'nwr["amenity"~"^({_FACILITIES})$"]{here};',
        f'nwr["healthcare"]{here};nwr["emergency"]{here};nwr["shop"]{here};',
    ]
    if place.relation is not None:
        wanted.append(f"relation({place.relation});")
    query = f"[out:xml][timeout:{int(timeout_s)}];({''.join(wanted)});(._;>;);out body;"
    content = _ask(
        transport, transport.overpass_url, {"data": query}, post=True, timeout_s=timeout_s
    )
    head = content[:4096].lstrip()
    if not head.startswith((b"<?xml", b"<osm")) or b"<osm" not in head:
        raise _not_understood(transport.overpass_url, content)
    remark = re.search(rb"<remark>(.*?)</remark>", content[-4096:], re.DOTALL)
    if remark is not None or not content.rstrip().endswith(b"</osm>"):
        raise CityError(
            "the map service broke off",
            where=transport.overpass_url,
            value=remark.group(1).decode("utf-8", "replace").strip() if remark else "cut short",
            remedy="Try again later, or a smaller place.",
        )
    path.write_bytes(content)
    date = re.search(rb'osm_base="(\d{4}-\d{2}-\d{2})', head)
    return date.group(1).decode() if date else "unknown"


def _fetch_tiles(
    box: tuple[float, float, float, float], folder: Path, transport: Transport, timeout_s: float
) -> list[str]:
    """Write the tiles under *box*; one that does not exist is open sea."""
    files = []
    for name in tile_names(box):
        url = f"{_TILES}/{name}/{name}.tif"
        answer = transport.ask(url, {}, post=False, timeout_s=timeout_s)
        if answer.status in {403, 404}:
            continue
        if answer.status != 200 or not answer.content.startswith((b"II*\x00", b"II+\x00")):
            raise CityError(
                "a tile of the ground cannot be had",
                where=url,
                value=answer.status,
                remedy="Try again later, or build with assumed ground.",
            )
        (folder / f"{name}.tif").write_bytes(answer.content)
        files.append(f"{name}.tif")
    if not files:
        raise CityError(
            "there is no tile of the ground here",
            where=_TILES,
            value=box,
            remedy="Build with assumed ground.",
        )
    return files


def _recipe(
    place: Place,
    *,
    asked: str,
    date: str,
    tiles: list[str],
    cell_size_m: float,
    margin_m: float,
    mean_level_m: float,
) -> dict[str, Any]:
    west, south, east, north = place.bounds
    zone = math.floor(((west + east) / 2.0 + 180.0) / 6.0) % 60 + 1
    extent: dict[str, Any] = {"margin_m": float(margin_m)}
    if place.relation is not None:
        extent["boundary"] = {"osm_relation": place.relation, "source": "osm"}
    else:
        extent |= {"bounds": list(place.bounds), "crs": "EPSG:4326"}
    terrain: dict[str, Any] = {"ground": {"assumed": {"mean_level_m": float(mean_level_m)}}}
    if tiles:
        told = {
            "source": "Copernicus GLO-30",
            "licence": _TILE_LICENCE,
            "date": "2011/2015",
            "note": "surface model: roofs and trees are part of it; ±2 to 4 m",
        }
        files = [{"file": name, "limits": [-100.0, 9000.0], **told} for name in tiles]
        terrain = {"ground": {"files": files, "gaps": "leave"}, "burn": True}
    return {
        "recipe": 1,
        "name": _identifier(place.title),
        "title": {"vi": place.title, "en": place.title},
        "crs": f"EPSG:{(32600 if south + north >= 0.0 else 32700) + zone}",
        "vertical_datum": "EGM2008" if tiles else "unknown",
        "cell_size_m": float(cell_size_m),
        "extent": extent,
        "sources": {"osm": {"file": "map.osm", "date": date, "note": f"asked for: {asked}"}},
        "layers": {
            name: {"source": "osm"}
            for name in ("roads", "water", "buildings", "facilities", "hydrants")
        },
        "terrain": terrain,
    }


def _identifier(title: str) -> str:
    plain = unicodedata.normalize("NFD", title.casefold().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode())[:60].strip("-") or (
        "city"
    )


def _replace(partial: Path, target: Path) -> None:
    """Put the folder *partial* in the place of *target*."""
    old = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.old")
    if target.exists():
        if not (target / "recipe.yaml").is_file():
            raise CityError(
                "the folder for what is downloaded holds something else",
                where=str(target),
                remedy="Move it away, or name another output.",
            )
        target.rename(old)
    partial.rename(target)
    shutil.rmtree(old, ignore_errors=True)
