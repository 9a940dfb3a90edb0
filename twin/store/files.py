"""
Every write of the store, in one place.

A file appears under its name only when it is whole: it is written beside the name, flushed to the
disk, and renamed. Nothing else in the store opens a file for writing, so a test that makes the
n-th call of this module's ``os`` fail sees every way in which a disk can fail.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

from models.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Buffer, Iterator
    from pathlib import Path

__all__ = [
    "append_line",
    "checksum",
    "copy_file",
    "guarded",
    "make_folder",
    "move",
    "remove",
    "sweep",
    "sync_folder",
    "sync_tree",
    "trim_torn_line",
    "walk",
    "write_whole",
]

_UNFINISHED = ".unfinished-"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """
    Turn a failing system call into one line that names *path* and a remedy.

    Raises
    ------
    StoreError
        In place of any ``OSError`` raised inside.
    """
    try:
        yield
    except OSError as error:
        place = str(error.filename or path)
        if error.errno in _FULL:
            raise StoreError(
                "the disk is full",
                where=place,
                remedy="Free some space or choose another store, then resume the run.",
            ) from error
        raise StoreError(
            f"the store cannot be written ({error.strerror or error})",
            where=place,
            remedy="Check the disk and the rights on the folder, then resume the run.",
        ) from error


def make_folder(path: Path, *, new: bool = False) -> None:
    """Make *path* and its parents; with *new*, raise ``FileExistsError`` where it exists."""
    if not new and path.is_dir():
        return
    if not path.parent.is_dir():
        make_folder(path.parent)
    try:
        os.mkdir(path)  # noqa: PTH102 - through this module's os, which tests replace
    except FileExistsError:
        if new:
            raise


def write_whole(path: Path, data: Buffer, *, durable: bool = True) -> None:
    """
    Write *data* under *path*, whole or not at all.

    Parameters
    ----------
    path, data
        Where, and the bytes.
    durable
        Whether the file must survive a loss of power from here on. Chunks of arrays need not:
        they are flushed together before the checkpoint that counts on them.
    """
    unfinished = path.with_name(f"{_UNFINISHED}{uuid.uuid4().hex[:12]}-{path.name}")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            _write_all(handle, data)
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(unfinished, path)  # noqa: PTH105 - as in make_folder
    except BaseException as error:
        unfinished.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)
        raise
    if durable:
        sync_folder(path.parent)


def append_line(path: Path, line: bytes) -> None:
    """Append *line* and a line feed, and flush them to the disk."""
    created = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        before = os.fstat(handle).st_size
        try:
            _write_all(handle, line + b"\n")
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, before)  # half a line must not be glued to the next one
            raise
    finally:
        os.close(handle)
    if created:
        sync_folder(path.parent)


def trim_torn_line(path: Path) -> None:
    """Cut a last line without a line feed, which a killed process left, off the file *path*."""
    if not path.is_file():
        return
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        os.truncate(path, whole)


def _write_all(handle: int, data: Buffer) -> None:
    view = memoryview(data).cast("B")
    while view.nbytes:
        view = view[os.write(handle, view) :]


def move(source: Path, target: Path) -> None:
    """Rename *source* to *target*, and flush both parents."""
    os.rename(source, target)  # noqa: PTH104 - as in make_folder
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def sync_folder(path: Path) -> None:
    """Flush the names in the folder *path* to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Flush the bytes of the file *path* to the disk."""
    sync_folder(path)


def sync_tree(folder: Path) -> None:
    """Flush every file and folder below *folder*, and itself."""
    for parent, _, names in folder.walk(top_down=False):
        for name in sorted(names):
            sync_file(parent / name)
        sync_folder(parent)


def copy_file(source: Path, target: Path) -> None:
    """Copy the bytes of *source*, sharing blocks where the file system can, and flush them."""
    with source.open("rb") as reader:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            left = os.fstat(reader.fileno()).st_size
            while left > 0:
                copied = _copy_range(reader.fileno(), handle, left)
                if copied == 0:
                    break
                left -= copied
            os.fsync(handle)
        finally:
            os.close(handle)


def _copy_range(source: int, target: int, count: int) -> int:
    try:
        return os.copy_file_range(source, target, count)
    except (AttributeError, OSError) as error:
        unsupported = {errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM}
        if isinstance(error, OSError) and error.errno not in unsupported:
            raise
        block = os.read(source, min(count, 1 << 20))
        _write_all(target, block)
        return len(block)


def remove(path: Path) -> None:
    """Remove a file or a whole folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what a killed process left half-written below *folder*."""
    for parent, _, names in folder.walk():
        for name in names:
            if name.startswith(_UNFINISHED):
                (parent / name).unlink(missing_ok=True)


def walk(folder: Path) -> Iterator[Path]:
    """Yield every regular file below *folder*, in a fixed order."""
    for parent, folders, names in folder.walk():
        folders.sort()
        for name in sorted(names):
            path = parent / name
            if stat.S_ISREG(path.lstat().st_mode):
                yield path


def checksum(path: Path) -> str:
    """Return the SHA-256 of the file *path*, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
