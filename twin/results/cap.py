"""
Warning messages in the Common Alerting Protocol.

OASIS (2010), Common Alerting Protocol Version 1.2: the order of the elements, their values and
formats are those of section 3. One message has an ``info`` in each language.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from models.errors import InvalidInputError
from twin.language import LANGUAGES, number, short_number, text
from twin.results.cap_areas import warned_areas
from twin.store import files

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from twin.results.cap_areas import Warned
    from twin.results.open import Run

__all__ = ["CERTAINTIES", "STATUSES", "Message", "alert_xml", "write_alert"]

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
STATUSES = ("Exercise", "Test", "Actual")
#: A simulation observes nothing, so ``Observed`` is not among them.
CERTAINTIES = ("Likely", "Possible", "Unlikely", "Unknown")
#: RFC 2606: a domain that can never be anybody's.
_NOBODY = "exercise@city-twin.invalid"
#: By the largest class of AIDR (2017): H1 to H6.
_SEVERITIES = ("Minor", "Minor", "Moderate", "Severe", "Severe", "Extreme", "Extreme")
_MOST_STREETS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    What a message needs beside the run.

    Parameters
    ----------
    status
        One of ``STATUSES``.
    sender
        Who sends it, unique in the world, such as ``desk@example.org``; needed for Actual.
    sent
        When, with a time zone; None takes the start of the run, which Actual does not allow.
    certainty
        One of ``CERTAINTIES``.
    depth_m
        Depth on land from which is warned.
    languages
        Of the ``info`` blocks, in their order.

    Raises
    ------
    InvalidInputError
        If a value is not allowed.
    """

    status: str = "Exercise"
    sender: str = ""
    sent: datetime | None = None
    certainty: str = "Possible"
    depth_m: float = 0.3
    languages: tuple[str, ...] = field(default=LANGUAGES)

    def __post_init__(self) -> None:
        """Refuse what no message may say."""
        for name, value, allowed in (
            ("status", self.status, STATUSES),
            ("certainty", self.certainty, CERTAINTIES),
        ):
            if value not in allowed:
                raise InvalidInputError(
                    f"a message has no such {name}",
                    where=f"--{name}",
                    value=value,
                    remedy=f"Choose from {', '.join(allowed)}.",
                )
        if not 0.0 < self.depth_m < 100.0:
            raise InvalidInputError(
                "this is no depth to warn of", where="--depth", value=self.depth_m
            )
        if self.sender and re.search(r"[\s,<&]", self.sender):
            raise InvalidInputError(
                "a sender has no spaces, commas, < or &", where="--sender", value=self.sender
            )
        if self.sent is not None and self.sent.tzinfo is None:
            raise InvalidInputError(
                "the time of sending has no time zone", where="--sent", value=str(self.sent)
            )
        if self.status == "Actual" and not (self.sender and self.sent):
            raise InvalidInputError(
                "a real warning says who sends it, and when",
                where="--status Actual",
                remedy="Give --sender and --sent, or write an exercise.",
            )


def alert_xml(run: Run, message: Message | None = None) -> bytes:
    """
    Return a warning of the deep water of a run as a CAP 1.2 message, UTF-8.

    Raises
    ------
    StoreError
        If the run had no flood.
    InvalidInputError
        If no land gets that deep, or the water is gone before the message is sent.
    """
    how = message or Message()
    warned = warned_areas(run, depth_m=how.depth_m)
    start = run.start.to_pydatetime()
    sent = how.sent or start
    expires = start + timedelta(seconds=round(warned.expires_s))
    if expires <= sent:
        raise InvalidInputError(
            "the water is gone before the message is sent",
            where="--sent",
            value=str(sent),
            remedy=f"The water of this run is there until {_time(expires)}.",
        )
    sender = how.sender or _NOBODY
    alert = ET.Element("alert", {"xmlns": NAMESPACE})
    stamp = sent.strftime("%Y%m%dT%H%M%S%z")
    parts = (run.id, run.digest[:12], f"{how.depth_m:g}m", how.status, stamp)
    _add(alert, "identifier", re.sub(r"[^\w.+-]", "_", "-".join(parts)))
    _add(alert, "sender", sender)
    _add(alert, "sent", _time(sent))
    _add(alert, "status", how.status)
    _add(alert, "msgType", "Alert")
    _add(alert, "source", "city-twin")
    _add(alert, "scope", "Public")
    if how.status != "Actual":
        key = "cap.note" if how.status == "Exercise" else "cap.test_note"
        _add(alert, "note", " / ".join(text(key, language) for language in how.languages))
    for language in how.languages:
        alert.append(_info(run, how, warned, sent, language))
    ET.indent(alert)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(alert, "unicode")}\n'.encode()


def write_alert(run: Run, path: Path, message: Message | None = None) -> Path:
    """Write the message, whole or not at all, and return *path*; see :func:`alert_xml`."""
    data = alert_xml(run, message)
    with files.guarded(path):
        files.make_folder(path.parent)
        files.write_whole(path, data, durable=False)
    return path


def _info(run: Run, how: Message, warned: Warned, sent: datetime, language: str) -> ET.Element:
    start = run.start.to_pydatetime()
    onset = start + timedelta(seconds=round(warned.onset_s))
    expires = start + timedelta(seconds=round(warned.expires_s))
    info = ET.Element("info")
    _add(info, "language", language)
    _add(info, "category", "Met")
    _add(info, "event", text("cap.event", language))
    for response in ("Avoid", "Monitor"):
        _add(info, "responseType", response)
    _add(info, "urgency", _urgency(onset - sent))
    _add(info, "severity", _SEVERITIES[min(max(warned.hazard_class, 0), 6)])
    _add(info, "certainty", how.certainty)
    _add(info, "effective", _time(sent))
    _add(info, "onset", _time(onset))
    _add(info, "expires", _time(expires))
    _add(info, "headline", _headline(run, how, language))
    _add(info, "description", _description(run, how, warned, (onset, expires), language))
    _add(info, "instruction", text("cap.instruction", language))
    values = {"run": run.id, "digest": run.digest, "depth_m": f"{how.depth_m:g}"}
    for name, value in {**values, "assumed": ",".join(sorted(run.assumed))}.items():
        if value:
            parameter = ET.SubElement(info, "parameter")
            _add(parameter, "valueName", name)
            _add(parameter, "value", value)
    for k, each in enumerate(warned.areas, start=1):
        area = ET.SubElement(info, "area")
        named = text(
            "cap.area",
            language,
            city=_city(run, language),
            number=k,
            onset=f"{start + timedelta(seconds=round(each.onset_s)):%H:%M %d/%m/%Y}",
            streets=_streets(each.streets, language),
        )
        _add(area, "areaDesc", named)
        _add(area, "polygon", " ".join(f"{lat:.6f},{lon:.6f}" for lat, lon in each.ring))
    return info


def _headline(run: Run, how: Message, language: str) -> str:
    status = "" if how.status == "Actual" else text(f"cap.{how.status}", language)
    depth = short_number(how.depth_m, language)
    city = _city(run, language)
    return text("cap.headline", language, status=status, depth=depth, city=city)


def _description(
    run: Run, how: Message, warned: Warned, span: tuple[datetime, datetime], language: str
) -> str:
    onset, expires = (f"{moment:%H:%M %d/%m/%Y}" for moment in span)
    said = [
        text(
            "cap.description",
            language,
            run=run.id,
            depth=short_number(how.depth_m, language),
            area=number(warned.area_m2 / 1e4, language, 1),
            deepest=number(warned.deepest_m, language, 2),
            onset=onset,
            expires=expires,
            streets=_streets(warned.streets, language),
        )
    ]
    if warned.still:
        said.append(text("cap.still", language))
    if run.assumed:
        said.append(text("cap.assumed", language, layers=", ".join(sorted(run.assumed))))
    return " ".join(said)


def _streets(names: tuple[str, ...], language: str) -> str:
    if not names:
        return text("cap.no_streets", language)
    shown = ", ".join(names[:_MOST_STREETS])
    if len(names) > _MOST_STREETS:
        shown += f" {text('cap.more', language, count=len(names) - _MOST_STREETS)}"
    return shown


def _city(run: Run, language: str) -> str:
    city = run.manifest.get("city")
    if not isinstance(city, dict):
        return str(city or run.id)
    title = city.get("title") or {}
    said = title.get(language) if isinstance(title, dict) else str(title)
    return str(said or city.get("name") or run.id)


def _urgency(ahead: timedelta) -> str:
    """Return what section 3.2.2 calls the time that is left to respond."""
    if ahead <= timedelta(0):
        return "Immediate"
    return "Expected" if ahead <= timedelta(hours=1) else "Future"


def _time(moment: datetime) -> str:
    """Return a time as section 3.3.2 writes it: never Z, and UTC as -00:00."""
    written = moment.replace(microsecond=0).isoformat()
    return f"{written[:-6]}-00:00" if written.endswith("+00:00") else written


def _add(parent: ET.Element, name: str, value: str) -> None:
    """Add an element with *value*, less the control characters that XML 1.0 does not know."""
    ET.SubElement(parent, name).text = re.sub(
        r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", value
    )
