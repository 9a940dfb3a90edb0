"""Commands about cities: build one, make one up, fetch one, check it, show it."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from models.errors import CityError
from twin.language import choose_language, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from twin.city.city import City
    from twin.city.provenance import Provenance

__all__ = ["app"]

app = typer.Typer(help="Build, make up, fetch, check and show cities.", no_args_is_help=True)

_Output = Annotated[Path, typer.Option("--output", "-o", help="Folder of the city to write.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_Language = Annotated[
    str | None, typer.Option("--lang", help="vi or en; else as LANG says.", show_default=False)
]
_Folder = Annotated[Path, typer.Argument(help="Folder of a city.")]
_Cell = Annotated[
    float | None, typer.Option("--cell-size", help="Edge of a cell, m, in place of the recipe's.")
]


@app.command()
def build(
    recipe: Annotated[Path, typer.Argument(help="Recipe of the city, a YAML file.")],
    output: _Output,
    cell_size: _Cell = None,
    as_json: _Json = False,
) -> None:
    """Build a city from the sources that a recipe names."""
    from twin.city.recipe import read_recipe

    _require_place(output)
    document = read_recipe(recipe)
    from twin.city.build import build_from_recipe  # slow to load: a wrong recipe is told first

    _make(
        lambda report: build_from_recipe(
            document, base=recipe.parent, cell_size_m=cell_size, report=report
        ),
        output,
        as_json=as_json,
    )


@app.command()
def synth(
    output: _Output,
    area_km2: Annotated[
        float | None, typer.Option("--area", "--area-km2", help="Area, km², 1 to 1,000.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of every random choice.")] = 7,
    cell_size: Annotated[float, typer.Option("--cell-size", help="Edge of a cell, m.")] = 20.0,
    *,
    name: Annotated[str, typer.Option(help="Short identifier.")] = "synthetic-district",
    as_json: _Json = False,
) -> None:
    """Make up a riverside district: the same seed gives the same city."""
    from twin.city.synthetic import DEFAULT_AREA_KM2, synthesise

    _require_place(output)
    _make(
        lambda report: synthesise(
            area_km2=DEFAULT_AREA_KM2 if area_km2 is None else area_km2,
            seed=seed,
            cell_size_m=cell_size,
            name=name,
            progress=lambda step, _: report(step),
        ),
        output,
        as_json=as_json,
    )


@app.command()
def check(
    folder: _Folder,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="GeoPackage of the places to write.")
    ] = None,
    language: Annotated[str, typer.Option("--lang", help="vi or en.")] = "en",
    as_json: _Json = False,
) -> None:
    """Look for what is likely to be wrong with a city; exit with 2 where results would be."""
    from twin.city.checks import check_city
    from twin.city.city import open_city

    if language not in {"vi", "en"}:
        raise CityError("this language is not spoken", where="--lang", value=language,
                        remedy="Give vi or en.")  # fmt: skip
    report = check_city(open_city(folder))
    if output is not None and any(len(finding.places) for finding in report.findings):
        report.to_geopackage(output)
    if as_json:
        typer.echo(json.dumps(json.loads(report.to_json()), ensure_ascii=False))
    else:
        table = Table("severity", "kind", "count", "message", title=f"Checks of {report.city}")
        for finding in report.findings:
            table.add_row(
                finding.severity, finding.kind, str(finding.count), finding.message[language]
            )
        console = _console()
        console.print(table if report.findings else "Nothing was found.")
        for kind, reason in sorted(report.left_out.items()):
            console.print(f"not checked: {kind} ({reason})", markup=False)
    if not report.sound:
        raise typer.Exit(2)


@app.command()
def fetch(
    place: Annotated[str, typer.Argument(help='Place to look up: "Quận 7, Hồ Chí Minh".')],
    output: _Output,
    cell_size: Annotated[float, typer.Option("--cell-size", help="Edge of a cell, m.")] = 10.0,
    as_json: _Json = False,
) -> None:
    """Download a city's map and ground, write a recipe, and build from it."""
    from twin.city.fetch import fetch_city

    _require_place(output)
    _make(
        lambda report: fetch_city(place, output=output, cell_size_m=cell_size, report=report),
        output,
        as_json=as_json,
    )


@app.command()
def show(folder: _Folder, as_json: _Json = False, language: _Language = None) -> None:
    """Show what a city holds, and where it comes from."""
    from twin.city.city import open_city

    spoken = choose_language(language)
    _report(open_city(folder), as_json=as_json, language=spoken)


def _make(work: Callable[[Callable[[str], None]], City], output: Path, *, as_json: bool) -> None:
    """Make a city stage by stage, save it unless *work* did, and say what it holds."""
    started = time.perf_counter()
    with _stages(quiet=as_json) as report:
        city = work(report)
        if city.folder is None:
            report("writing")
            city = city.save(output)
    wall_s = time.perf_counter() - started
    _report(city, as_json=as_json, language=choose_language(None), wall_s=wall_s)


def _require_place(output: Path) -> None:
    """Refuse a folder that cannot take a city before minutes are spent on one."""
    if output.is_file() or (
        output.is_dir() and any(output.iterdir()) and not (output / "city.yaml").exists()
    ):
        raise CityError(
            "this holds something that is not a city",
            where=str(output),
            remedy="Name an empty folder or another city.",
        )


@contextmanager
def _stages(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show each stage with its time; on a screen that cannot move, one line each."""
    console = Console(stderr=True)
    if quiet:
        yield lambda _: None
        return
    if not console.is_terminal:
        yield lambda stage: console.print(stage, markup=False, highlight=False)
        return
    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}", markup=False))
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:

        def report(stage: str) -> None:
            for task in progress.tasks:
                if not task.finished:
                    progress.update(task.id, total=1, completed=1)
            progress.add_task(stage, total=None)

        yield report
        for task in progress.tasks:
            progress.update(task.id, total=1, completed=1)


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=120)


def _report(city: City, *, as_json: bool, language: str, wall_s: float | None = None) -> None:
    document = _summary(city)
    if wall_s is not None:
        document["wall_s"] = round(wall_s, 3)
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
        return
    console = _console()
    title = say(city.title, language) or city.name
    table = Table("layer", "count", "basis", "source", "date", title=f"{title} ({city.name})")
    for name, layer in document["layers"].items():
        table.add_row(name, f"{layer['count']:,}", layer["basis"], layer["source"], layer["date"])
    for name, variable in document["terrain"].items():
        table.add_row(f"terrain/{name}", "", variable["basis"], variable["source"],
                      variable["date"])  # fmt: skip
    console.print(table)
    grid = document["grid"]
    if grid is not None:
        console.print(
            f"{grid['rows']:,} x {grid['columns']:,} cells of {grid['cell_size_m']:g} m, "
            f"{city.crs}, levels above {city.vertical_datum}",
            markup=False,
        )
    for note in city.notes:
        console.print(f"- {say(note, language)}", markup=False)
    if city.folder is not None:
        console.print(f"{city.folder}  digest {city.digest}", markup=False)


def _summary(city: City) -> dict[str, Any]:
    """Return what a city holds as plain data."""
    grid = city.grid
    variables = [] if city.terrain is None else sorted(str(v) for v in city.terrain.data_vars)
    return {
        "city": city.name,
        "title": dict(city.title),
        "folder": None if city.folder is None else str(city.folder),
        "digest": city.digest,
        "crs": city.crs,
        "vertical_datum": city.vertical_datum,
        "grid": None
        if grid is None
        else {"rows": grid.rows, "columns": grid.columns, "cell_size_m": grid.cell_size_m},
        "layers": {
            name: {"count": len(city.layers[name]), **_origin(city.provenance.get(name))}
            for name in sorted(city.layers)
        },
        "terrain": {
            name: _origin(city.provenance.get(f"terrain/{name}"), city.terrain[name].attrs)
            for name in variables
            if city.terrain is not None
        },
        "notes": [n if isinstance(n, str) else dict(n) for n in city.notes],
    }


def _origin(
    provenance: Provenance | None, attributes: dict[str, Any] | None = None
) -> dict[str, str]:
    if provenance is None:
        basis = str((attributes or {}).get("basis", "unknown"))
        return {"basis": basis, "source": "unknown", "licence": "unknown", "date": "unknown"}
    fields = provenance.as_dict()
    return {key: fields[key] for key in ("basis", "source", "licence", "date")}
