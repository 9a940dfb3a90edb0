"""
Where things lie in a store.

::

    catalogue.sqlite        the finished runs; a run exists for readers once its row is committed
    runs/<run>/             finished runs, never changed again
    partial/<run>/          runs that are computed, or were interrupted
    work/<run>/             what is not a result: the lock, the checkpoints, why a run stopped
    cities/<digest>/        the cities that runs refer to, kept once
    trash/                  what is being deleted
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Layout", "canonical_json", "propose_run_id", "scenario_name"]

MANIFEST, SUMMARY = "manifest.json", "summary.json"
CHECKSUMS, DIGEST, COMMANDS = "checksums.json", "digest.txt", "commands.jsonl"


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of a store below its *root*."""

    root: Path

    @property
    def catalogue(self) -> Path:
        """The catalogue of finished runs."""
        return self.root / "catalogue.sqlite"

    @property
    def runs(self) -> Path:
        """The finished runs."""
        return self.root / "runs"

    @property
    def partial(self) -> Path:
        """The unfinished runs."""
        return self.root / "partial"

    @property
    def work(self) -> Path:
        """Locks and checkpoints."""
        return self.root / "work"

    @property
    def cities(self) -> Path:
        """The cities that runs refer to."""
        return self.root / "cities"

    @property
    def trash(self) -> Path:
        """What is being deleted."""
        return self.root / "trash"

    def lock(self, run_id: str) -> Path:
        """Return the lock file of a run."""
        return self.work / run_id / "lock"

    def checkpoints(self, run_id: str) -> Path:
        """Return the folder of a run's checkpoints."""
        return self.work / run_id / "checkpoints"

    def status(self, run_id: str) -> Path:
        """Return the file that says why a run stopped."""
        return self.work / run_id / "status.json"


def canonical_json(document: object, *, indent: int | None = None) -> str:
    """Return JSON with sorted keys, so that equal documents are equal bytes."""
    return json.dumps(
        document,
        sort_keys=True,
        ensure_ascii=False,
        allow_nan=False,
        indent=indent,
        separators=(",", ":") if indent is None else None,
        default=_plain,
    )


def _plain(value: Any) -> object:  # noqa: ANN401 - json hands over whatever it does not know
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        return value.item()
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a JSON document")


def scenario_name(manifest: Mapping[str, Any]) -> str:
    """Return the scenario's name from a manifest that gives it as text or as a mapping."""
    scenario = manifest.get("scenario", "")
    return str(scenario.get("name", "")) if hasattr(scenario, "get") else str(scenario)


def propose_run_id(manifest: Mapping[str, Any]) -> str:
    """
    Return ``<scenario>-<yyyymmdd-hhmmss>-<short digest of the manifest>``.

    Raises
    ------
    StoreError
        If the manifest lacks ``scenario`` or an ISO time ``created``.
    """
    name = unicodedata.normalize("NFKD", scenario_name(manifest).lower().replace("đ", "d"))
    slug = re.sub(r"[^a-z0-9]+", "-", name.encode("ascii", "ignore").decode()).strip("-")
    created = manifest.get("created")
    try:
        moment = created if isinstance(created, datetime) else datetime.fromisoformat(str(created))
    except ValueError as error:
        raise StoreError(
            "a run needs the time at which it was created",
            where="manifest: created",
            value=created,
            remedy="Give it as an ISO time, such as 2025-10-22T15:00:00+07:00.",
        ) from error
    digest = hashlib.sha256(canonical_json(manifest).encode()).hexdigest()[:6]
    return f"{slug[:40] or 'run'}-{moment:%Y%m%d-%H%M%S}-{digest}"
