from __future__ import annotations

from typing import TYPE_CHECKING, Any

import osmium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import CityError
from twin.city.osm import THEME_KEYS, OsmExtract, read_boundary, read_extract

if TYPE_CHECKING:
    from pathlib import Path


def draw(drawing: Any) -> None:
    drawing.line(1, [(0, 0), (100, 0), (100, 100)], {"highway": "residential", "name": "Phố"})
    drawing.line(2, [(0, 10), (50, 10), (50, 60), (0, 10)], {"natural": "water"})
    drawing.line(3, [(0, 5), (60, 50)], {"waterway": "canal"})
    drawing.node(4, 5, 5, amenity="hospital")
    drawing.relation(5, [(2, "outer")], {"type": "multipolygon", "building": "yes"})


def as_pbf(source: Path, target: Path) -> Path:
    with osmium.SimpleWriter(str(target)) as writer:
        for item in osmium.FileProcessor(str(source)):
            writer.add(item)
    return target


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"<osm><node", b"<osm version='0.6'>", b"\0" * 99]
)
@pytest.mark.parametrize("name", ["a.osm", "a.osm.pbf", "a.osm.bz2", "a.txt"])
def test_what_is_no_extract_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CityError) as caught:
        read_extract(path, themes=THEME_KEYS)
    assert name in str(caught.value)
    with pytest.raises(CityError):
        read_boundary(path, 5)


def test_a_missing_extract_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(CityError, match="is missing"):
        read_extract(tmp_path / "none.osm.pbf", themes=["roads"])


def test_a_text_and_a_binary_extract_hold_the_same(drawing: Any, tmp_path: Path) -> None:
    draw(drawing)
    text = drawing.write(tmp_path / "a.osm")
    binary = as_pbf(text, tmp_path / "a.osm.pbf")
    one, two = (read_extract(path, themes=THEME_KEYS) for path in (text, binary))
    assert list(one.roads.node_ref) == list(two.roads.node_ref)
    assert list(one.places.osm_id) == list(two.places.osm_id)
    assert len(one.waterways) == len(two.waterways) == 1


@pytest.fixture
def sound(drawing: Any, tmp_path: Path) -> dict[str, bytes]:
    """Return the same extract as text and as a binary file, by suffix."""
    draw(drawing)
    text = drawing.write(tmp_path / "a.osm")
    binary = as_pbf(text, tmp_path / "a.osm.pbf")
    return {".osm": text.read_bytes(), ".osm.pbf": binary.read_bytes()}


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_extract_gives_a_typed_error_or_an_extract(
    sound: dict[str, bytes], tmp_path: Path, data: st.DataObject
) -> None:
    suffix = data.draw(st.sampled_from(sorted(sound)))
    raw = bytearray(sound[suffix])
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.integers(1, len(raw)))]
    path = tmp_path / f"damaged{suffix}"
    path.write_bytes(bytes(raw))
    try:
        extract = read_extract(path, themes=THEME_KEYS)
    except CityError as error:
        assert "damaged" in str(error)  # noqa: PT017 - both outcomes are right
    else:
        assert isinstance(extract, OsmExtract)
