"""What all requests of one server share: the runs that are open, and what was prepared of them."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from dash_app.results.opened import OpenRuns
from dash_app.results.prepared import Preparer

if TYPE_CHECKING:
    from dash_app.services import Services
    from twin.store.store import RunStore

__all__ = ["opened_runs", "preparer_of"]

_LOCK = Lock()
_OPENED: WeakKeyDictionary[RunStore, tuple[OpenRuns, Preparer]] = WeakKeyDictionary()


def _shared(services: Services) -> tuple[OpenRuns, Preparer]:
    store = services.store
    with _LOCK:
        found = _OPENED.get(store)
        if found is None:
            found = _OPENED[store] = (OpenRuns(store), Preparer(store.root / "cache" / "runs"))
    return found


def opened_runs(services: Services) -> OpenRuns:
    """Return the runs that are open in this server."""
    return _shared(services)[0]


def preparer_of(services: Services) -> Preparer:
    """Return what prepares runs for their charts in this server."""
    return _shared(services)[1]
