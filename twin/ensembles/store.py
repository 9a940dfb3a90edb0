"""
Where ensembles lie: in a folder, or in an object store that fsspec knows.

::

    cities/<digest>/              the cities, kept once
    floods/<digest>/              a finished run of water, shared by all sweeps of the store
    sweeps/<sweep>/sweep.yaml     the document, base.yaml its scenario, plan.json its members
    sweeps/<sweep>/members/       one JSON document and one event log for each finished member
    sweeps/<sweep>/failed/        why a member failed
    sweeps/<sweep>/table.parquet  all members, once the sweep is finished
    flood-work/<digest>/          floods that are computed, or were interrupted (folders only)

A file of an object store appears whole or not at all. A flood counts once its ``checksums.json``
is there, which is written last.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import uuid
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import StoreError
from twin.store import files
from twin.store.layout import CHECKSUMS, canonical_json
from twin.store.locks import RunLock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from zarr.abc.store import Store

__all__ = ["FORMAT", "EnsembleStore"]

FORMAT = 1


class EnsembleStore:
    """
    A store of ensembles.

    Parameters
    ----------
    url
        A folder, or a URL that fsspec knows, such as ``s3://bucket/prefix``. Credentials and
        endpoints come from the environment, as the library of the protocol reads them.

    Raises
    ------
    StoreError
        If the protocol is not known, or its library is not installed.
    """

    def __init__(self, url: str | Path) -> None:
        self.url = str(url)
        self.remote = "://" in self.url and not self.url.startswith("file://")
        if not self.remote:
            self.root = Path(self.url.removeprefix("file://"))
            return
        import fsspec  # noqa: PLC0415 - folders need it not

        try:
            self._fs, self._prefix = fsspec.core.url_to_fs(self.url)
        except (ImportError, ValueError) as error:
            raise StoreError(
                f"this store cannot be reached ({error})",
                where=self.url,
                remedy="Name a folder, or install what the protocol needs, such as s3fs for s3.",
            ) from error
        mark = sha256(self.url.encode()).hexdigest()[:12]
        named = os.environ.get("TWIN_SCRATCH")
        scratch = Path(named) if named else Path(tempfile.gettempdir()) / f"twin-{os.getuid()}"
        self.root = scratch / mark

    def __repr__(self) -> str:
        """Return where it is."""
        return f"EnsembleStore({self.url!r})"

    def __fspath__(self) -> str:
        """Return the local folder, where floods are computed."""
        return str(self.root)

    # Single files

    def read(self, name: str) -> bytes:
        """Return the bytes of a file; ``FileNotFoundError`` where there is none."""
        if self.remote:
            with self._guard(name):
                return bytes(self._fs.cat_file(self._at(name)))
        with self._guard(name):
            return (self.root / name).read_bytes()

    def write(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all."""
        if self.remote:
            self._send_file(name, data)
            return
        with self._guard(name):
            path = self.root / name
            files.make_folder(path.parent)
            files.write_whole(path, data)

    def _send_file(self, name: str, data: bytes) -> None:
        try:
            with self._guard(name):
                self._fs.pipe_file(self._at(name), data)
        except FileNotFoundError as error:
            raise StoreError(
                "the store cannot be reached: there is no such bucket",
                where=self.url,
                remedy="Make the bucket, or name another one.",
            ) from error

    def read_document(self, name: str) -> dict[str, Any]:
        """
        Return a JSON document.

        Raises
        ------
        StoreError
            If it is damaged.
        """
        data = self.read(name)
        try:
            return dict(json.loads(data))
        except ValueError as error:
            raise StoreError(
                "a file of the store is damaged",
                where=f"{self.url}/{name}",
                remedy="Remove it and start the sweep again, which computes what is missing.",
            ) from error

    def write_document(self, name: str, document: Mapping[str, Any]) -> None:
        """Write a JSON document."""
        self.write(name, (canonical_json(dict(document), indent=1) + "\n").encode())

    def exists(self, name: str) -> bool:
        """Return whether there is such a file or folder."""
        with self._guard(name):
            if self.remote:
                return bool(self._fs.exists(self._at(name)))
            return (self.root / name).exists()

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder, sorted; none where there is no such folder."""
        with self._guard(folder):
            if not self.remote:
                found = self.root / folder
                names = [p.name for p in found.iterdir()] if found.is_dir() else []
                return sorted(name for name in names if not name.startswith("."))
            self._fs.invalidate_cache()
            try:
                listed = self._fs.ls(self._at(folder), detail=False)
            except FileNotFoundError:
                return []
            return sorted({str(path).rstrip("/").rsplit("/", 1)[-1] for path in listed})

    def remove(self, name: str) -> None:
        """Remove a file or a folder, if it is there."""
        with self._guard(name):
            if not self.remote:
                files.remove(self.root / name)
            elif self._fs.exists(self._at(name)):
                self._fs.rm(self._at(name), recursive=True)

    # Folders

    def publish(self, folder: Path, name: str) -> None:
        """
        Move a finished folder to *name*; its ``checksums.json`` appears last.

        Where the folder is there already, made by somebody else, that one stays.
        """
        with self._guard(name):
            if not self.remote:
                target = self.root / name
                files.make_folder(target.parent)
                if not target.is_dir():
                    files.move(folder, target)
                return
            self.send(folder, name)

    def send(self, folder: Path, name: str, *, last: str = CHECKSUMS) -> None:
        """Copy a local folder to *name*; the file *last*, by which it counts, appears last."""
        final = folder / last
        order = [path for path in files.walk(folder) if path != final]
        with self._guard(name):
            for path in [*order, *([final] if final.is_file() else [])]:
                self.write(f"{name}/{path.relative_to(folder).as_posix()}", path.read_bytes())

    def folder(self, name: str) -> Path:
        """
        Return a folder of the store as a local one; from an object store it is fetched once.

        Raises
        ------
        StoreError
            If there is none.
        """
        local = self.root / name
        if local.is_dir():
            return local
        if not self.remote or not self.exists(name):
            raise StoreError("there is no such folder in the store", where=f"{self.url}/{name}")
        with self._guard(name):
            files.make_folder(local.parent)
            part = local.with_name(f".{local.name}-{uuid.uuid4().hex[:8]}")
            try:
                prefix = self._at(name)
                for path in self._fs.find(prefix):
                    target = part / str(path)[len(prefix) :].lstrip("/")
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(self._fs.cat_file(path))
                if not local.is_dir():
                    part.rename(local)
            finally:
                shutil.rmtree(part, ignore_errors=True)
        return local

    def zarr(self, name: str) -> Store | str:
        """Return what zarr opens a group of the store by."""
        if not self.remote:
            return str(self.root / name)
        from zarr.storage import FsspecStore  # noqa: PLC0415 - folders need it not

        return FsspecStore.from_url(f"{self.url.rstrip('/')}/{name}", read_only=True)

    def has_flood(self, digest: str) -> bool:
        """Return whether a flood is finished."""
        return self.exists(f"floods/{digest}/{CHECKSUMS}")

    def lock(self, name: str) -> RunLock | None:
        """
        Lock *name* against other processes of this machine; an object store has no locks.

        Raises
        ------
        StoreError
            If another process holds it.
        """
        if self.remote:
            return None
        with self._guard(name):
            files.make_folder((self.root / name).parent)
            return RunLock(self.root / name)

    def _at(self, name: str) -> str:
        return f"{str(self._prefix).rstrip('/')}/{name}"

    @contextmanager
    def _guard(self, name: str) -> Iterator[None]:
        """Turn what a disk or a network raises into one line, but for a file that is not there."""
        try:
            with files.guarded(self.root):
                try:
                    yield
                except FileNotFoundError as missing:
                    raise _MissingError(str(missing)) from missing
        except _MissingError as missing:
            raise FileNotFoundError(f"{self.url}/{name}") from missing
        except StoreError:
            raise
        except Exception as error:
            if not self.remote:
                raise
            raise StoreError(
                f"the store cannot be reached ({' '.join(str(error).split())[:200]})",
                where=f"{self.url}/{name}",
                remedy="Check address, credentials and network, then start the sweep again.",
            ) from error


class _MissingError(Exception):
    """A file that is not there, on its way past what explains other faults."""
