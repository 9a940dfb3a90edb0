"""Runs on disk: written whole or not at all, found, checked and mended."""

from twin.store.catalogue import RunRecord
from twin.store.store import RunStore
from twin.store.verify import VerifyReport
from twin.store.writer import RoadStates, RunWriter

__all__ = ["RoadStates", "RunRecord", "RunStore", "RunWriter", "VerifyReport"]
