"""A folder of runs: begin one, reopen one, list, find, delete."""

from __future__ import annotations

import difflib
import json
import os
import re
import uuid
from typing import TYPE_CHECKING, Any

from models.errors import StoreError
from twin.store import files
from twin.store.catalogue import Catalogue, RunRecord
from twin.store.layout import (
    CHECKSUMS,
    COMMANDS,
    MANIFEST,
    SUMMARY,
    Layout,
    canonical_json,
    propose_run_id,
    scenario_name,
)
from twin.store.locks import RunLock, is_held
from twin.store.verify import VerifyReport, verify_store
from twin.store.writer import RunWriter, city_name, finished_record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["RunStore"]

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class RunStore:
    """
    The store in the folder *root*, made if absent.

    Parameters
    ----------
    root
        The folder.
    catalogue
        SQLAlchemy URL of the catalogue; empty for a file in the folder; None takes
        ``TWIN_CATALOGUE`` from the environment, and a file in the folder where that is not set.

    Raises
    ------
    StoreError
        If the folder cannot be written, its catalogue is damaged, or a newer version wrote it.
    """

    def __init__(self, root: Path, *, catalogue: str | None = None) -> None:
        self.root = root
        self.layout = Layout(root)
        with files.guarded(root):
            for folder in (
                self.layout.runs,
                self.layout.partial,
                self.layout.work,
                self.layout.cities,
            ):
                files.make_folder(folder)
        url = os.environ.get("TWIN_CATALOGUE", "") if catalogue is None else catalogue
        self._catalogue = Catalogue(self.layout.catalogue, self.layout.runs, url=url)

    def begin(self, manifest: Mapping[str, Any]) -> RunWriter:
        """
        Start a run and return its writer.

        Parameters
        ----------
        manifest
            ``scenario`` and ``city`` (text, or mappings with ``name``), ``created`` (ISO time),
            and whatever else says what is computed: versions, digests, seeds, machine.

        Raises
        ------
        StoreError
            If the manifest is incomplete, or the disk is full or fails.
        """
        proposed = propose_run_id(manifest)
        with files.guarded(self.root):
            run_id = self._claim(proposed)
            lock = RunLock(self.layout.lock(run_id))
            try:
                files.make_folder(self.layout.partial / run_id, new=True)
                text = canonical_json({**manifest, "run": run_id}, indent=2) + "\n"
                files.write_whole(self.layout.partial / run_id / MANIFEST, text.encode())
                files.sync_folder(self.layout.partial)
            except BaseException:
                files.remove(self.layout.partial / run_id)
                files.remove(self.layout.work / run_id)
                lock.release()
                raise
        return RunWriter(self.layout, run_id, lock, self._catalogue)

    def reopen(self, run_id: str) -> RunWriter:
        """
        Return the writer of an interrupted run.

        Raises
        ------
        StoreError
            If the run is unknown, is finished already, or is in use by another process.
        """
        record = self.find(run_id)
        if record.state != "finished":
            with files.guarded(self.root):
                files.make_folder(self.layout.work / record.run_id)
                lock = RunLock(self.layout.lock(record.run_id))
                if (self.layout.partial / record.run_id / MANIFEST).is_file():
                    files.sweep(self.layout.partial / record.run_id)
                    files.sweep(self.layout.work / record.run_id)
                    files.trim_torn_line(self.layout.partial / record.run_id / COMMANDS)
                    files.remove(self.layout.status(record.run_id))
                    return RunWriter(self.layout, record.run_id, lock, self._catalogue)
                # killed between the rename and the commit: everything is there but the row
                self._catalogue.add(finished_record(self.layout.runs / record.run_id))
                files.remove(self.layout.work / record.run_id)
                lock.release()
        raise StoreError(
            "the run is finished already",
            where=str(self.layout.runs / record.run_id),
            remedy=f"Look at it with `twin show {record.run_id}`.",
        )

    def keep_city(self, folder: Path, digest: str) -> Path:
        """
        Copy the city in *folder* into the store, once per *digest*, and return the copy's folder.

        The copy shares no file with the original, whose owner may edit it in place; blocks are
        shared where the file system can.
        """
        if not _SAFE_NAME.fullmatch(digest):
            raise StoreError("a city's digest must be a plain name", where="city", value=digest)
        target = self.layout.cities / digest
        if target.is_dir():
            return target
        workshop = self.layout.work / f"city-{uuid.uuid4().hex[:12]}"
        unfinished = workshop / digest
        with files.guarded(self.root):
            files.make_folder(workshop, new=True)
            lock = RunLock(workshop / "lock")
            try:
                files.make_folder(unfinished)
                sums = {}
                for source in files.walk(folder):
                    name = source.relative_to(folder)
                    if name.name == CHECKSUMS or name.name.startswith("."):
                        continue
                    files.make_folder((unfinished / name).parent)
                    files.copy_file(source, unfinished / name)
                    size = (unfinished / name).stat().st_size
                    sums[name.as_posix()] = [size, files.checksum(unfinished / name)]
                text = canonical_json(sums, indent=2) + "\n"
                files.write_whole(unfinished / CHECKSUMS, text.encode())
                files.sync_tree(unfinished)
                if not target.is_dir():
                    files.move(unfinished, target)
            finally:
                files.remove(workshop)
                lock.release()
        return target

    def runs(self) -> list[RunRecord]:
        """Return the finished and the unfinished runs, oldest first."""
        finished = [r for r in self._catalogue.records() if r.folder.is_dir()]
        known = {record.run_id for record in finished}
        others = [r for r in self._unfinished() if r.run_id not in known]
        return sorted(finished + others, key=lambda record: (record.created, record.run_id))

    def find(self, run_id: str) -> RunRecord:
        """
        Return the run of that name, or of which that is the only beginning; ``latest`` also works.

        Raises
        ------
        StoreError
            If there is none, or more than one.
        """
        records = self.runs()
        finished = [record for record in records if record.state == "finished"]
        if run_id == "latest" and finished:
            return finished[-1]
        exact = [record for record in records if record.run_id == run_id]
        found = exact or [r for r in records if run_id and r.run_id.startswith(run_id)]
        if len(found) == 1:
            return found[0]
        names = [record.run_id for record in found or records]
        if found:
            remedy = f"Write more of it: {', '.join(names[-5:])}."
        elif names:
            near = difflib.get_close_matches(run_id, names, 3, 0.5) or names[-3:]
            remedy = f"Did you mean {' or '.join(near)}? `twin runs` lists all."
        else:
            remedy = "The store holds no runs yet; make one with `twin run`."
        raise StoreError(
            "more than one run begins like this" if found else "there is no such run",
            where=str(self.root),
            value=run_id,
            remedy=remedy,
        )

    def delete(self, run_id: str) -> None:
        """
        Delete a run, whole or not at all.

        Raises
        ------
        StoreError
            If the run is unknown or in use.
        """
        record = self.find(run_id)
        if is_held(self.layout.lock(record.run_id)):
            raise StoreError(
                "the run is in use by another process",
                where=str(record.folder),
                remedy="Wait for it to end, or stop it first.",
            )
        with files.guarded(self.root):
            files.make_folder(self.layout.trash)
            files.move(record.folder, self.layout.trash / record.run_id)
            self._catalogue.drop(record.run_id)
            files.remove(self.layout.trash / record.run_id)
            files.remove(self.layout.work / record.run_id)

    def verify(self, *, repair: bool = False) -> VerifyReport:
        """Compare the catalogue, the folders and every file's checksum; see ``verify_store``."""
        return verify_store(self.layout, self._catalogue, repair=repair)

    def _claim(self, proposed: str) -> str:
        for number in range(1, 10_000):
            run_id = proposed if number == 1 else f"{proposed}-{number}"
            if (self.layout.runs / run_id).exists() or (self.layout.partial / run_id).exists():
                continue
            try:
                files.make_folder(self.layout.work / run_id, new=True)
            except FileExistsError:
                continue
            return run_id
        raise StoreError("too many runs of this name", where=str(self.root), value=proposed)

    def _unfinished(self) -> list[RunRecord]:
        found = [self._unfinished_record(path) for path in sorted(self.layout.partial.iterdir())]
        uncatalogued = [
            self._unfinished_record(path)
            for path in sorted(self.layout.work.iterdir())
            if (self.layout.runs / path.name / SUMMARY).is_file()
        ]
        return [record for record in found + uncatalogued if record is not None]

    def _unfinished_record(self, path: Path) -> RunRecord | None:
        folder = path if path.parent == self.layout.partial else self.layout.runs / path.name
        try:
            manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        except (OSError, ValueError):
            return None  # being begun, or moved away this moment, or garbage that verify names
        status: dict[str, str] = {"state": "interrupted", "reason": "the process was stopped"}
        if is_held(self.layout.lock(path.name)):
            status = {"state": "running", "reason": ""}
        elif self.layout.status(path.name).is_file():
            status = json.loads(self.layout.status(path.name).read_text("utf-8"))
        return RunRecord(
            run_id=path.name,
            scenario=scenario_name(manifest),
            city=city_name(manifest),
            created=str(manifest.get("created", "")),
            state=status["state"],
            folder=folder,
            reason=status["reason"],
        )
