"""Commands that ask a run or a city: reach, exposure, site."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from models.errors import InvalidInputError
from twin.language import choose_language

if TYPE_CHECKING:
    import geopandas as gpd

    from twin.city.city import City
    from twin.results.open import Run

__all__ = ["register"]

_Run = Annotated[str, typer.Argument(help="Name of a run, its beginning, `latest`, or a folder.")]
_Store = Annotated[
    Path | None,
    typer.Option("--store", help="Folder of runs; else TWIN_STORE, else ./runs."),
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_Language = Annotated[
    str | None, typer.Option("--lang", help="vi or en; else as LANG says.", show_default=False)
]
_Picture = Annotated[
    Path | None, typer.Option("--picture", "-p", help="Write a picture to this PNG file.")
]
_At = Annotated[
    list[str] | None,
    typer.Option(help="Time: 17:30, 2025-10-22T17:30 or seconds; again for more. Else thirteen."),
]


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    for command in (reach, exposure, site):
        app.command(command.__name__)(command)


def reach(
    run: _Run = "latest",
    *,
    to: Annotated[str, typer.Option(help="Kind of facility, such as fire_station.")] = "hospital",
    minutes: Annotated[
        list[float] | None, typer.Option(help="Limit of time; again for more. Else 5, 10, 15.")
    ] = None,
    at: _At = None,
    vehicle: Annotated[str | None, typer.Option(help="Class of vehicle.")] = None,
    direction: Annotated[
        str | None, typer.Option(help="from the facility to people, or to it from them.")
    ] = None,
    critical: Annotated[
        int, typer.Option(help="Streets and bridges to list by what their closure costs.", min=0)
    ] = 10,
    city: Annotated[
        Path | None, typer.Option(help="Folder of a city: dry roads, instead of a run.")
    ] = None,
    picture: _Picture = None,
    store: _Store = None,
    as_json: _Json = False,
    language: _Language = None,
) -> None:
    """Show who is within some minutes of a hospital or station, and what each street is worth."""
    from twin.analysis.plot import plot_reach
    from twin.analysis.reach import reach_of_city, reach_of_run
    from twin.analysis.show import reach_document, show_reach

    spoken = choose_language(language)
    limits = tuple(minutes or (5.0, 10.0, 15.0))
    if city is not None:
        found = reach_of_city(
            _city(city), to=to, minutes=limits, vehicle=vehicle, direction=direction
        )
    else:
        found = reach_of_run(
            _open(run, store),
            to=to,
            minutes=limits,
            at=at or None,
            vehicle=vehicle,
            direction=direction,
        )
    drawn = None if picture is None else plot_reach(found, picture, language=spoken)
    if as_json:
        _print_json(reach_document(found, critical=critical) | {"picture": _named(drawn)})
        return
    console = Console(highlight=False)
    for part in show_reach(found, spoken, critical=critical):
        console.print(part)
    _say(drawn)


def exposure(
    run: _Run = "latest",
    *,
    at: _At = None,
    curves: Annotated[
        Path | None, typer.Option(help="Depth-damage curves, YAML; else those of the JRC, Asia.")
    ] = None,
    depth_spread: Annotated[
        float | None, typer.Option(help="How far a depth may be off, m.", min=0.0)
    ] = None,
    picture: _Picture = None,
    store: _Store = None,
    as_json: _Json = False,
    language: _Language = None,
) -> None:
    """Show who and what stood in the water, by hazard and time, and the loss of buildings."""
    from twin.analysis.exposure import exposure_of_run
    from twin.analysis.plot import plot_exposure
    from twin.analysis.show import exposure_document, show_exposure

    spoken = choose_language(language)
    found = exposure_of_run(
        _open(run, store), at=at or None, curves=curves, depth_spread_m=depth_spread
    )
    drawn = None if picture is None else plot_exposure(found, picture, language=spoken)
    if as_json:
        _print_json(exposure_document(found) | {"picture": _named(drawn)})
        return
    console = Console(highlight=False)
    for part in show_exposure(found, spoken):
        console.print(part)
    _say(drawn)


def site(
    city: Annotated[
        Path | None, typer.Argument(help="Folder of a city; without it, that of --run.")
    ] = None,
    *,
    count: Annotated[int, typer.Option(help="Stations, or units with mexclp.", min=1)],
    problem: Annotated[str, typer.Option(help="mclp, mexclp, p_median or p_centre.")] = "mclp",
    within: Annotated[float, typer.Option(help="Minutes of mclp and mexclp.")] = 10.0,
    candidates: Annotated[
        list[str] | None,
        typer.Option(help="Kind of facility, again for more, or a file of points; else corners."),
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option(help="Kind of facility that is a station and stays.")
    ] = None,
    vehicle: Annotated[str, typer.Option(help="Class of vehicle.")] = "ambulance",
    busy: Annotated[float, typer.Option(help="Probability that a unit is busy (mexclp).")] = 0.3,
    run: Annotated[str | None, typer.Option(help="A run whose water counts, with --at.")] = None,
    at: Annotated[
        str | None, typer.Option(help="Time: 17:30, 2025-10-22T17:30 or seconds.")
    ] = None,
    time_limit: Annotated[float, typer.Option(help="Longest time of the solver, s.")] = 60.0,
    gap: Annotated[float, typer.Option(help="Gap to the best that is good enough.")] = 0.0,
    picture: _Picture = None,
    store: _Store = None,
    as_json: _Json = False,
    language: _Language = None,
) -> None:
    """Choose where to put stations or units, on dry roads or under the water of a run."""
    from models.siting import Limits
    from twin.analysis.plot import plot_siting
    from twin.analysis.show import show_siting, siting_document
    from twin.analysis.siting import site as solve

    spoken = choose_language(language)
    found = solve(
        None if city is None else _city(city),
        count=count,
        problem=problem,
        within_min=within,
        candidates=_candidates(candidates),
        keep=tuple(keep or ()),
        vehicle=vehicle,
        busy=busy,
        run=None if run is None else _open(run, store),
        at=at,
        limits=Limits(time_s=time_limit, gap=gap),
    )
    drawn = None if picture is None else plot_siting(found, picture, language=spoken)
    if as_json:
        _print_json(siting_document(found) | {"picture": _named(drawn)})
        return
    console = Console(highlight=False)
    for part in show_siting(found, spoken):
        console.print(part)
    _say(drawn)


def _open(run: str, store: Path | None) -> Run:
    from twin.results.open import open_run

    return open_run(run, store=store)


def _city(folder: Path) -> City:
    from twin.city.city import open_city

    return open_city(folder)


def _candidates(given: list[str] | None) -> str | list[str] | gpd.GeoDataFrame:
    """Return kinds of facility, or the places of a file."""
    if not given:
        return "grid"
    if len(given) == 1 and Path(given[0]).is_file():
        import geopandas as gpd

        try:
            return gpd.read_file(given[0])
        except Exception as error:  # whatever the reader of a format raises
            raise InvalidInputError(
                "the candidates cannot be read",
                where=given[0],
                value=str(error),
                remedy="Give GeoPackage, GeoJSON or Shapefile.",
            ) from error
    return given


def _named(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _say(path: Path | None) -> None:
    if path is not None:
        typer.echo(str(path))


def _print_json(document: dict[str, object]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
