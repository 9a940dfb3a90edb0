"""Who may use the app: accounts, sessions, and a log of what was done."""

from dash_app.security.accounts import Account, Accounts
from dash_app.security.audit import Audit
from dash_app.security.sessions import Sessions

__all__ = ["Account", "Accounts", "Audit", "Sessions"]
