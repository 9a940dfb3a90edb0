"""What every request works on: the store, the jobs, and what people keep beside the runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dash_app.drafts import Drafts
from dash_app.labels import Labels
from dash_app.security import Accounts, Audit, Sessions
from dash_app.security.database import Database
from twin.jobs import Jobs
from twin.store import RunStore

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Services"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """
    One of each, for one store.

    Parameters
    ----------
    store, jobs, labels, drafts
        The runs, what is being computed, what people wrote on runs, scenarios in the making.
    accounts, sessions, audit
        Who may sign in, who is, and what was done.
    """

    store: RunStore
    jobs: Jobs
    labels: Labels
    drafts: Drafts
    accounts: Accounts
    sessions: Sessions
    audit: Audit

    @classmethod
    def over(cls, root: Path, *, slots: int = 1) -> Services:
        """Return the services over the store in *root*, of which *slots* jobs compute at once."""
        database = Database(root)
        return cls(
            store=RunStore(root),
            jobs=Jobs(root, slots=slots),
            labels=Labels(root),
            drafts=Drafts(root),
            accounts=Accounts(database),
            sessions=Sessions(database),
            audit=Audit(database),
        )
