"""Messages against the rules of CAP 1.2, section 3: order, number, values and formats."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
import shapely

from models.errors import InvalidInputError, StoreError
from twin.results.cap import Message, alert_xml, write_alert
from twin.results.cap_areas import _joined, warned_areas

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from twin.results import Run

NS = "{urn:oasis:names:tc:emergency:cap:1.2}"
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[-+]\d{2}:\d{2}")
NAME = re.compile(r"[^\s,<&]+")
STATUS = ("Actual", "Exercise", "System", "Test", "Draft")
KINDS = ("Alert", "Update", "Cancel", "Ack", "Error")
CATEGORY = (
    *("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport"),
    *("Infra", "CBRNE", "Other"),
)
RESPONSE = (
    *("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear"),
    "None",
)

#: Of each element its parts in their order: name, least, most, and what it may hold.
ANY = re.compile(r"(?s).*\S.*")
ALERT = (
    ("identifier", 1, 1, NAME),
    ("sender", 1, 1, NAME),
    ("sent", 1, 1, TIME),
    ("status", 1, 1, STATUS),
    ("msgType", 1, 1, KINDS),
    ("source", 0, 1, ANY),
    ("scope", 1, 1, ("Public", "Restricted", "Private")),
    ("restriction", 0, 1, ANY),
    ("addresses", 0, 1, ANY),
    ("code", 0, 99, ANY),
    ("note", 0, 1, ANY),
    ("references", 0, 1, ANY),
    ("incidents", 0, 1, ANY),
    ("info", 0, 99, None),
)
INFO = (
    ("language", 0, 1, re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")),
    ("category", 1, 99, CATEGORY),
    ("event", 1, 1, ANY),
    ("responseType", 0, 99, RESPONSE),
    ("urgency", 1, 1, ("Immediate", "Expected", "Future", "Past", "Unknown")),
    ("severity", 1, 1, ("Extreme", "Severe", "Moderate", "Minor", "Unknown")),
    ("certainty", 1, 1, ("Observed", "Likely", "Possible", "Unlikely", "Unknown")),
    ("audience", 0, 1, ANY),
    ("eventCode", 0, 99, None),
    ("effective", 0, 1, TIME),
    ("onset", 0, 1, TIME),
    ("expires", 0, 1, TIME),
    ("senderName", 0, 1, ANY),
    ("headline", 0, 1, ANY),
    ("description", 0, 1, ANY),
    ("instruction", 0, 1, ANY),
    ("web", 0, 1, ANY),
    ("contact", 0, 1, ANY),
    ("parameter", 0, 99, None),
    ("resource", 0, 99, None),
    ("area", 0, 99, None),
)
AREA = (
    ("areaDesc", 1, 1, ANY),
    ("polygon", 0, 99, re.compile(r"(-?\d+\.\d+,-?\d+\.\d+ ){3,}-?\d+\.\d+,-?\d+\.\d+")),
    ("circle", 0, 99, ANY),
    ("geocode", 0, 99, None),
    ("altitude", 0, 1, ANY),
    ("ceiling", 0, 1, ANY),
)
PARAMETER = (("valueName", 1, 1, ANY), ("value", 1, 1, ANY))
PARTS = {"alert": ALERT, "info": INFO, "area": AREA, "parameter": PARAMETER}


def faults(element: ET.Element) -> Iterable[str]:
    """Yield what section 3 does not allow in an element and all below it."""
    name = element.tag.removeprefix(NS)
    parts = PARTS[name]
    order = [part[0] for part in parts]
    found = [child.tag.removeprefix(NS) for child in element]
    yield from (f"{name} holds an unknown {each}" for each in found if each not in order)
    if found != sorted(found, key=order.index):
        yield f"the parts of {name} are out of order: {found}"
    for part, least, most, allowed in parts:
        if not least <= found.count(part) <= most:
            yield f"{name} holds {found.count(part)} {part}"
        for child in element.findall(f"{NS}{part}"):
            value = child.text or ""
            match allowed:
                case tuple() if value not in allowed:
                    yield f"{part} is {value}"
                case re.Pattern() if not allowed.fullmatch(value):
                    yield f"{part} is {value!r}"
                case None:
                    yield from faults(child)


def read(data: bytes) -> ET.Element:
    return ET.fromstring(data)  # noqa: S314 - our own bytes


def texts(alert: ET.Element, path: str) -> list[str]:
    return [each.text or "" for each in alert.findall("/".join(f"{NS}{p}" for p in path.split()))]


@pytest.fixture(scope="module")
def alert(run: Run) -> ET.Element:
    return read(alert_xml(run))


def test_the_message_keeps_the_rules_of_the_standard(alert: ET.Element) -> None:
    assert alert.tag == f"{NS}alert"
    assert list(faults(alert)) == []


def test_the_check_finds_what_breaks_the_rules(run: Run) -> None:
    broken = read(alert_xml(run))
    info = broken.find(f"{NS}info")
    assert info is not None
    info.insert(0, info[-1])
    urgency = info.find(f"{NS}urgency")
    assert urgency is not None
    urgency.text = "Soon"
    broken.remove(broken[0])
    said = " ".join(faults(broken))
    assert "out of order" in said
    assert "urgency is Soon" in said
    assert "alert holds 0 identifier" in said


def test_a_message_is_an_exercise_unless_told_otherwise(alert: ET.Element) -> None:
    assert texts(alert, "status") == ["Exercise"]
    assert "not a real warning" in texts(alert, "note")[0]
    vietnamese, english = texts(alert, "info headline")
    assert vietnamese.startswith("DIỄN TẬP")
    assert english.startswith("EXERCISE")
    assert texts(alert, "info language") == ["vi", "en"]
    assert "Observed" not in texts(alert, "info certainty")


def test_a_real_warning_needs_a_sender_and_a_time(run: Run) -> None:
    sent = run.start.to_pydatetime()
    with pytest.raises(InvalidInputError, match="who sends it, and when"):
        Message(status="Actual")
    with pytest.raises(InvalidInputError, match="who sends it, and when"):
        Message(status="Actual", sender="a@example.org")
    with pytest.raises(InvalidInputError, match="who sends it, and when"):
        Message(status="Actual", sent=sent)
    real = read(alert_xml(run, Message(status="Actual", sender="a@example.org", sent=sent)))
    assert list(faults(real)) == []
    assert texts(real, "note") == []
    assert "EXERCISE" not in ET.tostring(real, "unicode")


def test_every_deep_cell_lies_inside_a_polygon(run: Run, alert: ET.Element) -> None:
    rings = []
    for ring in texts(alert, "info area polygon"):
        points = [tuple(float(v) for v in pair.split(",")) for pair in ring.split()]
        assert points[0] == points[-1]
        rings.append(shapely.Polygon([(lon, lat) for lat, lon in points]))
    assert all(ring.is_valid for ring in rings)
    area = gpd.GeoSeries([shapely.union_all(rings)], crs=4326).to_crs(run.city.crs)[0]
    deepest = run.flood["max_depth"].to_numpy()
    rows, columns = np.nonzero(
        (deepest >= 0.3)
        & (run.flood["water"].to_numpy() == 0)
        & (run.flood["inside"].to_numpy() != 0)
    )
    assert rows.size == 5
    x, y = run.flood["x"].to_numpy(), run.flood["y"].to_numpy()
    cells = shapely.box(x[columns] - 5, y[rows] - 5, x[columns] + 5, y[rows] + 5)
    assert shapely.contains(area, cells).all()


def test_times_are_those_of_the_water(run: Run, alert: ET.Element) -> None:
    onset, expires = (datetime.fromisoformat(texts(alert, f"info {k}")[0])
                      for k in ("onset", "expires"))  # fmt: skip
    assert onset == run.start + timedelta(seconds=1200)
    assert expires == run.start + timedelta(seconds=1800)
    assert texts(alert, "info urgency") == ["Expected", "Expected"]


def test_water_that_stays_is_said_to_stay(run: Run) -> None:
    warned = warned_areas(run, depth_m=0.3)
    assert not warned.still
    assert warned.area_m2 == 500.0
    assert warned.deepest_m == pytest.approx(0.6)


def test_flooded_streets_are_named_and_assumptions_told(alert: ET.Element) -> None:
    for said in texts(alert, "info description"):
        assert "Nguyễn Văn Linh" in said
        assert "terrain/ground_level" in said


def test_utc_is_written_as_the_standard_wants_it(run: Run) -> None:
    sent = run.start.tz_convert("UTC").to_pydatetime()
    alert = read(alert_xml(run, Message(sent=sent)))
    assert texts(alert, "sent")[0].endswith("-00:00")


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"status": "Draft"}, "Exercise, Test, Actual"),
        ({"certainty": "Observed"}, "Likely, Possible"),
        ({"depth_m": 0.0}, "no depth"),
        ({"sender": "two words"}, "no spaces"),
        ({"sent": datetime(2025, 10, 22, 12)}, "no time zone"),  # noqa: DTZ001 - what is refused
    ],
)
def test_what_no_message_may_say_is_refused(given: dict[str, object], match: str) -> None:
    with pytest.raises(InvalidInputError, match=match):
        Message(**given)  # type: ignore[arg-type]  # wrong on purpose


def test_no_message_tells_of_water_that_is_gone_or_never_comes(run: Run, dry: Run) -> None:
    late = datetime(2030, 1, 1, tzinfo=timezone(timedelta(hours=7)))
    with pytest.raises(InvalidInputError, match="gone before"):
        alert_xml(run, Message(sent=late))
    with pytest.raises(InvalidInputError, match=r"0\.60 m"):
        alert_xml(run, Message(depth_m=5.0))
    with pytest.raises(StoreError, match="no flood"):
        alert_xml(dry)


def test_the_same_run_gives_the_same_message(run: Run, tmp_path: Path) -> None:
    message = Message(sent=datetime(2025, 10, 22, tzinfo=UTC))
    assert write_alert(run, tmp_path / "a.xml", message).read_bytes() == alert_xml(run, message)


def test_many_patches_become_few_areas_that_leave_none_out() -> None:
    patches = [shapely.box(x, y, x + 10, y + 10) for x in range(0, 900, 90)
               for y in range(0, 900, 90)]  # fmt: skip
    areas = _joined(patches, 10.0, 30)
    assert len(areas) <= 30
    assert shapely.contains(shapely.union_all(areas), patches).all()
    assert not any(area.interiors for area in areas)
