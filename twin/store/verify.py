"""Compare what the catalogue promises with what the disk holds, and mend what can be mended."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from models.errors import StoreError
from twin.store import files
from twin.store.layout import CHECKSUMS, DIGEST, MANIFEST, Layout
from twin.store.locks import is_held
from twin.store.writer import finished_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from twin.store.catalogue import Catalogue, RunRecord

__all__ = ["VerifyReport", "rebuild_catalogue", "verify_store"]


@dataclass(slots=True, kw_only=True)
class VerifyReport:
    """
    What a look at the whole store found.

    Parameters
    ----------
    finished
        Number of finished runs whose every byte is as it was.
    problems
        Damage: a catalogued run, or a city, of which something is missing or altered.
    resumable, in_use
        Unfinished runs that `twin resume` takes up, and runs that a process is writing.
    uncatalogued
        Whole runs that only lack their row in the catalogue; ``repair`` adds it.
    garbage
        Left-overs of killed processes that nobody needs; ``repair`` removes them.
    repaired
        What ``repair`` did.
    """

    finished: int = 0
    problems: list[str] = field(default_factory=list)
    resumable: list[str] = field(default_factory=list)
    in_use: list[str] = field(default_factory=list)
    uncatalogued: list[str] = field(default_factory=list)
    garbage: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing that was stored is lost or altered."""
        return not self.problems


def verify_store(layout: Layout, catalogue: Catalogue, *, repair: bool = False) -> VerifyReport:
    """
    Check every finished run and every city against its checksums, and sort the rest.

    With *repair*, whole runs get their row back, unfinished deletions are completed, left-overs
    are removed, and rows of runs whose folder is gone are dropped. Damaged files stay as they are.
    """
    report = VerifyReport()
    with files.guarded(layout.root):
        known = {record.run_id: record for record in catalogue.records()}
        for record in known.values():
            _check_catalogued(layout, catalogue, record, report, repair=repair)
        for folder in sorted(layout.runs.iterdir()):
            if folder.name not in known:
                _check_uncatalogued(layout, catalogue, folder, report, repair=repair)
        for folder in sorted(layout.partial.iterdir()):
            if is_held(layout.lock(folder.name)):
                report.in_use.append(folder.name)
            elif (folder / MANIFEST).is_file():
                report.resumable.append(folder.name)
            else:
                _discard(folder, report, repair=repair)
        _check_rest(layout, known, report, repair=repair)
    return report


def rebuild_catalogue(root: Path) -> Path:
    """Set a damaged catalogue aside, and return where; ``verify`` with repair then fills it."""
    layout = Layout(root)
    aside = layout.catalogue.with_name(f"catalogue.damaged-{uuid.uuid4().hex[:8]}")
    with files.guarded(root):
        files.move(layout.catalogue, aside)
        for suffix in ("-wal", "-shm"):
            files.remove(layout.catalogue.with_name(layout.catalogue.name + suffix))
    return aside


def check_folder(folder: Path, expected_list: str = "") -> str:
    """
    Return what is wrong with a folder that carries checksums, or an empty text.

    Parameters
    ----------
    folder
        A finished run or a kept city.
    expected_list
        SHA-256 of the list of checksums, where it is known.
    """
    listing = folder / CHECKSUMS
    if not listing.is_file():
        return f"{CHECKSUMS} is missing"
    if expected_list and files.checksum(listing) != expected_list:
        return f"{CHECKSUMS} was altered"
    try:
        sums = json.loads(listing.read_text("utf-8"))
    except ValueError:
        return f"{CHECKSUMS} is torn"
    return next(_differences(folder, sums), "")


def _differences(folder: Path, sums: dict[str, list[Any]]) -> Iterator[str]:
    found = {path.relative_to(folder).as_posix() for path in files.walk(folder)} - {CHECKSUMS}
    for name in sorted(found | set(sums)):
        path = folder / name
        if name not in found:
            yield f"{name} is missing"
        elif name not in sums:
            yield f"{name} does not belong here"
        elif path.stat().st_size != sums[name][0] or files.checksum(path) != sums[name][1]:
            yield f"{name} was altered"


def _check_catalogued(
    layout: Layout,
    catalogue: Catalogue,
    record: RunRecord,
    report: VerifyReport,
    *,
    repair: bool,
) -> None:
    if not record.folder.is_dir():
        if not (layout.trash / record.run_id).is_dir():
            report.problems.append(f"run {record.run_id}: its folder is missing")
        if repair:
            catalogue.drop(record.run_id)
            report.repaired.append(f"run {record.run_id}: row without a folder dropped")
        return
    fault = check_folder(record.folder, record.checksums)
    if not fault and (record.folder / DIGEST).read_text("utf-8").strip() != record.digest:
        fault = "its digest is not that of the catalogue"
    if not fault:
        fault = _missing_city(layout, record)
    if fault:
        report.problems.append(f"run {record.run_id}: {fault}")
    else:
        report.finished += 1


def _missing_city(layout: Layout, record: RunRecord) -> str:
    """Return which city of a sound run is not kept, or an empty text."""
    city = json.loads((record.folder / MANIFEST).read_text("utf-8")).get("city")
    digest = city.get("digest") if isinstance(city, dict) else None
    if digest is None or (layout.cities / str(digest)).is_dir():
        return ""
    return f"its city {digest} is missing"


def _check_uncatalogued(
    layout: Layout, catalogue: Catalogue, folder: Path, report: VerifyReport, *, repair: bool
) -> None:
    if is_held(layout.lock(folder.name)):
        report.in_use.append(folder.name)
        return
    fault = check_folder(folder)
    if fault:
        report.problems.append(f"run {folder.name}: not in the catalogue, and {fault}")
        return
    if not repair:
        report.uncatalogued.append(folder.name)
        return
    try:
        catalogue.add(finished_record(folder))
    except (OSError, ValueError, KeyError) as error:
        report.problems.append(f"run {folder.name}: not in the catalogue, unreadable ({error})")
        return
    files.remove(layout.work / folder.name)
    report.finished += 1
    report.repaired.append(f"run {folder.name}: put back into the catalogue")


def _check_rest(
    layout: Layout, known: dict[str, RunRecord], report: VerifyReport, *, repair: bool
) -> None:
    for folder in sorted(layout.cities.iterdir()):
        fault = check_folder(folder)
        if fault:
            report.problems.append(f"city {folder.name}: {fault}")
    for folder in sorted(layout.trash.iterdir()) if layout.trash.is_dir() else ():
        _discard(folder, report, repair=repair)
    for folder in sorted(layout.work.iterdir()):
        unfinished = (layout.partial / folder.name).is_dir()
        whole = (layout.runs / folder.name).is_dir() and folder.name not in known
        if not (unfinished or whole or is_held(folder / "lock")):
            _discard(folder, report, repair=repair)


def _discard(path: Path, report: VerifyReport, *, repair: bool) -> None:
    if repair:
        files.remove(path)
        report.repaired.append(f"{path}: removed")
        if path.exists():
            raise StoreError(
                "a left-over cannot be removed",
                where=str(path),
                remedy="Check the rights on the folder and remove it by hand.",
            )
    else:
        report.garbage.append(str(path))
