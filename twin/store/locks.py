"""One process at a time may write a run; the lock dies with the process that holds it."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from models.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["RunLock", "is_held"]


class RunLock:
    """
    An exclusive lock on the file *path*, held until :meth:`release` or the end of the process.

    Raises
    ------
    StoreError
        If another process, or another writer of this one, holds it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle = -1
        while self._handle < 0:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                os.close(handle)
                raise StoreError(
                    "the run is in use by another process",
                    where=str(path.parent),
                    remedy="Wait for it to end, or stop it first.",
                ) from error
            if _same_file(handle, path):
                self._handle = handle
            else:  # removed between opening and locking: the lock would protect nothing
                os.close(handle)

    def fileno(self) -> int:
        """Return the number of the open file, for a process that inherits the lock."""
        return self._handle

    def release(self) -> None:
        """Let go; more than once is harmless."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def is_held(path: Path) -> bool:
    """Return whether anybody holds the lock on the file *path*."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _same_file(handle: int, path: Path) -> bool:
    try:
        named = path.stat()
    except FileNotFoundError:
        return False
    opened = os.fstat(handle)
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)
