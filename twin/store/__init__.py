"""Runs on disk: written whole or not at all, found, checked and mended."""

from twin.store.catalogue import RunRecord
from twin.store.store import RunStore
from twin.store.verify import VerifyReport
from twin.store.writer import RunWriter

__all__ = ["RunRecord", "RunStore", "RunWriter", "VerifyReport"]
