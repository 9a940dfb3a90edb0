"""
Drafts on disk, in the store: whole at every moment, changed by one at a time.

::

    drafts/<key>.json   the draft with its changes, and the way back
    drafts/<key>.yaml   what it says now, for whoever reads plain scenarios
    drafts/<key>.lock   held while it is changed
    drafts/deleted/     drafts that were put aside

Whoever writes another text into the YAML file changes the draft: it is taken over when the draft
is next opened, as if it had been typed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import unicodedata
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from models.errors import InvalidInputError, StoreError
from scenarios import library
from twin.editing.draft import Base, Draft
from twin.store import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["DraftStore", "StoredDraft", "Submission", "open_base"]

_KEY = re.compile(r"draft-[a-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """
    A run that was asked for.

    Parameters
    ----------
    job
        Its job.
    role
        ``before``: the base; ``after``: the base with the changes.
    content
        Digest of what was computed: text of the scenario and city.
    """

    job: str
    role: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    """
    A draft as it lies in the store.

    Parameters
    ----------
    key
        Its name in the store and in addresses.
    title
        What people call it.
    draft
        The draft itself.
    city
        Digest of a city of the store, or None for the one that the scenario names.
    typed
        YAML that somebody typed and that is not taken over yet, since it is no document.
    submissions
        The runs that were asked for from here, oldest first.
    owner
        Who began it.
    created, changed
        When.
    """

    key: str
    title: str
    draft: Draft
    city: str | None = None
    typed: str | None = None
    submissions: tuple[Submission, ...] = ()
    owner: str = ""
    created: datetime
    changed: datetime

    def with_draft(self, draft: Draft) -> StoredDraft:
        """Return the same with another draft."""
        return replace(self, draft=draft)


def open_base(name: str) -> Base:
    """
    Return a shipped scenario as the base of a draft.

    Raises
    ------
    InvalidInputError
        If there is none of this name.
    """
    path = library().get(name)
    if path is None:
        raise InvalidInputError(
            "there is no such scenario",
            where="scenario",
            value=name,
            remedy=f"Shipped are {', '.join(sorted(library()))}.",
        )
    text = path.read_text(encoding="utf-8")
    return Base(name=name, text=text, origin="shipped", key=name)


class DraftStore:
    """
    The drafts in the folder ``drafts`` of a store.

    Parameters
    ----------
    root
        Folder of the store.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / "drafts"

    def keys(self) -> list[str]:
        """Return the names of the drafts, the one that was changed last first."""
        found = [
            (-path.stat().st_mtime_ns, path.stem)
            for path in self.folder.glob("draft-*.json")
            if _KEY.fullmatch(path.stem) and path.with_suffix(".yaml").is_file()
        ]
        return [key for _, key in sorted(found)]

    def create(
        self,
        base: Base,
        *,
        title: str,
        now: datetime,
        owner: str = "",
        city: str | None = None,
        token: str = "",
    ) -> StoredDraft:
        """
        Begin a draft and return it.

        Whoever asks twice with one *token* (letters and digits) begins one draft, not two.

        Raises
        ------
        StoreError
            If the store cannot be written.
        """
        end = re.sub(r"[^a-z0-9]", "", token.lower())[:12] or uuid.uuid4().hex[:8]
        stored = StoredDraft(
            key=f"draft-{_slug(base.name)}-{end}",
            title=title,
            draft=Draft(base=base),
            city=city,
            owner=owner,
            created=now,
            changed=now,
        )
        with files.guarded(self.folder):
            files.make_folder(self.folder)
        with self._locked(stored.key):
            if self._path(stored.key).is_file():
                return self.load(stored.key)
            self._write(stored)
        return stored

    def load(self, key: str) -> StoredDraft:
        """
        Return a draft.

        Raises
        ------
        StoreError
            If there is none, or its file is damaged.
        """
        path = self._path(key)
        try:
            data = json.loads(path.read_bytes())
            text = path.with_suffix(".yaml").read_text(encoding="utf-8")
            stored = _from_json(key, data)
            same = _digest(text) == data["yaml_sha256"]
        except FileNotFoundError:
            raise _unknown(key) from None
        except (OSError, ValueError, KeyError, TypeError, InvalidInputError) as cause:
            raise StoreError(
                f"the draft cannot be read ({cause})",
                where=str(path),
                remedy="Begin another one from its scenario.",
            ) from None
        return stored if same else _retyped(stored, text)

    def update(
        self, key: str, change: Callable[[StoredDraft], StoredDraft], *, now: datetime
    ) -> StoredDraft:
        """
        Change a draft and return it; two who do so at once come one after the other.

        Raises
        ------
        StoreError
            As :meth:`load`, or if the store cannot be written.
        """
        with self._locked(key):
            stored = self.load(key)
            fresh = change(stored)
            if fresh != stored:
                fresh = replace(fresh, key=key, changed=now)
                self._write(fresh)
            return fresh

    def delete(self, key: str) -> None:
        """Put a draft aside; :meth:`restore` brings it back."""
        with self._locked(key), files.guarded(self.folder):
            path = self._path(key)
            if not path.is_file():
                raise _unknown(key)
            files.make_folder(self.folder / "deleted")
            for file in (path.with_suffix(".yaml"), path):
                if file.is_file():
                    files.move(file, self.folder / "deleted" / file.name)

    def restore(self, key: str) -> None:
        """Bring back a draft that was put aside."""
        path = self._path(key)
        aside = self.folder / "deleted" / path.name
        if not aside.is_file():
            raise _unknown(key)
        with files.guarded(self.folder):
            for file in (aside, aside.with_suffix(".yaml")):
                if file.is_file():
                    files.move(file, self.folder / file.name)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise _unknown(key)
        return self.folder / f"{key}.json"

    def _write(self, stored: StoredDraft) -> None:
        text = stored.draft.yaml
        data = {**_to_json(stored), "yaml_sha256": _digest(text)}
        whole = json.dumps(data, ensure_ascii=False, allow_nan=False)
        path = self._path(stored.key)
        with files.guarded(self.folder):
            files.write_whole(path.with_suffix(".yaml"), text.encode("utf-8"))
            files.write_whole(path, whole.encode("utf-8"))

    @contextmanager
    def _locked(self, key: str) -> Iterator[None]:
        path = self._path(key).with_suffix(".lock")
        if not self.folder.is_dir():
            raise _unknown(key)
        with files.guarded(path):
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _retyped(stored: StoredDraft, text: str) -> StoredDraft:
    """Return a draft with text that somebody else wrote; kept aside where it is no document."""
    try:
        return replace(stored, draft=stored.draft.retype(text), typed=None)
    except InvalidInputError:
        return replace(stored, typed=text)


def _unknown(key: str) -> StoreError:
    return StoreError(
        "there is no such draft",
        where="drafts",
        value=key,
        remedy="It may have been deleted; begin one from a scenario.",
    )


def _slug(name: str) -> str:
    text = unicodedata.normalize("NFKD", name.lower().replace("đ", "d"))
    slug = re.sub(r"[^a-z0-9]+", "-", text.encode("ascii", "ignore").decode()).strip("-")
    return slug[:48].strip("-") or "scenario"


def _to_json(stored: StoredDraft) -> dict[str, Any]:
    return {
        "format": 1,
        "title": stored.title,
        "city": stored.city,
        "typed": stored.typed,
        "owner": stored.owner,
        "created": stored.created.isoformat(),
        "changed": stored.changed.isoformat(),
        "submissions": [
            {"job": s.job, "role": s.role, "content": s.content} for s in stored.submissions
        ],
        "draft": stored.draft.to_json(),
    }


def _from_json(key: str, data: dict[str, Any]) -> StoredDraft:
    if data["format"] != 1:
        raise InvalidInputError("a newer version wrote this draft", where=key, value=data["format"])
    return StoredDraft(
        key=key,
        title=str(data["title"]),
        draft=Draft.from_json(data["draft"]),
        city=data["city"],
        typed=data["typed"],
        owner=str(data["owner"]),
        created=datetime.fromisoformat(data["created"]),
        changed=datetime.fromisoformat(data["changed"]),
        submissions=tuple(Submission(**one) for one in data["submissions"]),
    )
