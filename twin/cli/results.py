"""Commands about finished runs: list, show, export, draw and verify."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from models.errors import InvalidInputError, StoreError
from twin.language import choose_language, text

if TYPE_CHECKING:
    from twin.store import VerifyReport

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


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    for command in (runs, show, compare, export, plot, verify, delete):
        app.command(command.__name__)(command)


def runs(store: _Store = None, as_json: _Json = False, language: _Language = None) -> None:
    """List all runs, the unfinished ones too."""
    from twin.results.open import open_store
    from twin.results.show import runs_table

    spoken, found = choose_language(language), open_store(store)
    root, records = found.root, found.runs()
    if as_json:
        plain = [{**asdict(record), "folder": str(record.folder)} for record in records]
        _print_json({"store": str(root), "runs": plain})
    elif records:
        _console().print(runs_table(records, str(root), spoken))
    else:
        typer.echo(text("runs.empty", spoken, store=root))


def show(
    run: _Run = "latest",
    store: _Store = None,
    as_json: _Json = False,
    language: _Language = None,
    slowest: Annotated[int, typer.Option(help="Incidents to list.", min=0)] = 10,
) -> None:
    """Show what came out of a run, and on which assumptions it rests."""
    from twin.results.open import open_run
    from twin.results.show import show_run

    spoken, found = choose_language(language), open_run(run, store=store)
    if as_json:
        _print_json(
            {
                "run": found.id,
                "digest": found.digest,
                "folder": str(found.folder),
                "assumed": sorted(found.assumed),
                "summary": found.summary,
                "kpis": found.kpis,
                "manifest": found.manifest,
            }
        )
        return
    console = _console()
    for part in show_run(found, spoken, slowest=slowest):
        console.print(part)


def compare(
    first: Annotated[str, typer.Argument(help="A run, as for `twin show`.")],
    second: Annotated[str, typer.Argument(help="The run to set beside it.")],
    store: _Store = None,
    as_json: _Json = False,
    language: _Language = None,
) -> None:
    """Set the key figures of two runs side by side, with what changes from one to the other."""
    from twin.results.compare import compare_notes, compare_runs, compare_table
    from twin.results.open import open_run

    spoken = choose_language(language)
    one, other = (open_run(name, store=store) for name in (first, second))
    notes = compare_notes(one, other, spoken)
    if as_json:
        figures = [
            {**asdict(figure), "difference": figure.difference}
            for figure in compare_runs(one, other)
        ]
        runs_ = [{"run": run.id, "digest": run.digest} for run in (one, other)]
        _print_json({"runs": runs_, "notes": notes, "figures": figures})
        return
    console = _console()
    console.print(compare_table(one, other, spoken))
    for note in notes:
        console.print(f"- {note}", markup=False)


def delete(
    run: Annotated[str, typer.Argument(help="Name of a run, or its beginning.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    store: _Store = None,
    as_json: _Json = False,
    language: _Language = None,
) -> None:
    """Delete a run, finished or not; asks before, unless told --yes."""
    from twin.language import label
    from twin.results.open import open_store

    spoken, found = choose_language(language), open_store(store)
    record = found.find(run)
    if not yes and not _agreed(record.run_id, label("state", record.state, spoken), spoken):
        typer.echo(text("delete.kept", spoken, run=record.run_id), err=True)
        raise typer.Exit(1)
    found.delete(record.run_id)
    if as_json:
        _print_json({"deleted": record.run_id})
    else:
        typer.echo(text("delete.done", spoken, run=record.run_id))


def _agreed(run_id: str, state: str, language: str) -> bool:
    """Ask whether a run may go; refuse to guess where nobody can answer."""
    if not sys.stdin.isatty():
        raise InvalidInputError(
            "nobody is here to be asked", where=f"twin delete {run_id}", remedy="Add --yes."
        )
    try:
        return typer.confirm(text("delete.ask", language, run=run_id, state=state), err=True)
    except typer.Abort:
        return False


def export(
    run: _Run = "latest",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder; else export/<run>.")
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", "-f", help="geotiff, geopackage, csv, netcdf; else all."),
    ] = None,
    store: _Store = None,
    as_json: _Json = False,
) -> None:
    """Write a run as GeoTIFF, GeoPackage, CSV and netCDF."""
    from twin.results.export import export_run
    from twin.results.open import open_run

    found = open_run(run, store=store)
    folder = _folder(output, Path("export") / found.id)
    _report(found.id, export_run(found, folder, formats=formats or ()), as_json=as_json)


def plot(
    run: _Run = "latest",
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder; else plots/<run>.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="Time of the depth map: 17:30, 2025-10-22T17:30 or seconds."),
    ] = None,
    vehicle: Annotated[
        str | None, typer.Option(help="Class of vehicle of the map of closed streets.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="depth, closures, responses, timeline, hazard, speed, times, losses, limits, "
            "ledger, gauges, cross_sections, boundaries, structures; again for more. Else all."
        ),
    ] = None,
    store: _Store = None,
    as_json: _Json = False,
    language: _Language = None,
) -> None:
    """Draw maps of water, hazard and closed streets, response times, series and the balance."""
    from twin.results.open import open_run
    from twin.results.plot import PICTURES, plot_run
    from twin.results.series import seconds_of

    spoken = choose_language(language)
    found = open_run(run, store=store)
    at_s = None if at is None else seconds_of(found, at)
    written = plot_run(
        found,
        _folder(output, Path("plots") / found.id),
        language=spoken,
        at_s=at_s,
        vehicle=vehicle,
        only=only or PICTURES,
    )
    _report(found.id, written, as_json=as_json)


def verify(
    store: _Store = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended.")] = False,
    as_json: _Json = False,
    language: _Language = None,
) -> None:
    """Check every stored byte; exit with 1 if anything is lost or altered."""
    from twin.results.open import store_folder
    from twin.results.show import verify_lines

    spoken, root = choose_language(language), store_folder(store)
    report = _verify(root, repair=repair)
    if as_json:
        _print_json({"store": str(root), "ok": report.ok, **asdict(report)})
    else:
        for line in verify_lines(report, spoken):
            _console().print(line)
    if not report.ok:
        raise typer.Exit(1)


def _verify(root: Path, *, repair: bool) -> VerifyReport:
    from twin.results.open import open_store
    from twin.store import RunStore
    from twin.store.verify import rebuild_catalogue

    try:
        return open_store(root).verify(repair=repair)
    except StoreError as error:
        if not (repair and error.what == "the catalogue is damaged"):
            raise
    aside = rebuild_catalogue(root)
    report = RunStore(root).verify(repair=True)
    report.repaired.insert(0, f"{root}: catalogue rebuilt, the damaged one is {aside.name}")
    return report


def _folder(output: Path | None, default: Path) -> Path:
    """Return the folder to write to, refused before any work where it can be none."""
    folder = output or default
    nearest = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise InvalidInputError(
            "this is not a folder that can be written to",
            where=str(nearest),
            remedy="Name another with --output.",
        )
    return folder


def _report(run_id: str, written: list[Path], *, as_json: bool) -> None:
    if as_json:
        _print_json({"run": run_id, "files": [str(path) for path in written]})
    else:
        for path in written:
            typer.echo(str(path))


def _print_json(document: dict[str, object]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, default=dict))


def _console() -> Console:
    return Console(highlight=False)
