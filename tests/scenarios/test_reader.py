# ruff: noqa: ANN001, ANN201 - parametrised values of many types; tests return nothing
from __future__ import annotations

import json
import math
import os
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import CityError, ScenarioError
from scenarios.loader import MAX_BYTES, read_yaml, write_yaml


def refused(source) -> str:
    started = time.process_time()
    with pytest.raises(ScenarioError) as caught:
        read_yaml(source, name=None if isinstance(source, Path) else "x.yaml")
    assert time.process_time() - started < 2.0
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("01:30", "01:30"),
        ("22:30:15", "22:30:15"),
        ("no", "no"),
        ("on", "on"),
        ("1e3", 1000.0),
        ("1.", 1.0),
        ("-.5", -0.5),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("2025-10-22", "2025-10-22"),
        ("true", True),
        ("null", None),
        ("", None),
        ("'12'", "12"),
        ("12", 12),
        (".inf", math.inf),
        ("<<", "<<"),
        ("=", "="),
    ],
)
def test_plain_words_are_read_as_in_json(text, value):
    read = read_yaml(f"a: {text}").data["a"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("# nothing\n", "empty"),
        ("- 1\n- 2\n", "x.yaml:1, column 1: the document must be a group of fields"),
        ("a: 1\nb: 2\na: 3\n", "x.yaml:3, column 1: the field a stands there twice"),
        ("a: {b: 1, b: 2}", "the field b stands there twice"),
        ("a: &x 1\nb: *x\n", "x.yaml:1, column 4: anchors"),
        ("a: 1\nb: *x\n", "anchors"),
        ("a: !!python/object/apply:os.system [ls]", "tag"),
        ("a: !!int '3'", "tag"),
        ("a: 1\n---\nb: 2\n", "second document"),
        ("a:\n  b: 1\n c: 2\n", "x.yaml:3, column 2: this is not valid YAML"),
        ("a:\n\tb: 1\n", "Indent with spaces"),
        ("a: [1, 2", "not valid YAML"),
        ("a: 'open", "not valid YAML"),
        ("? [1, 2]\n: 3\n", "must be a word"),
        ("a: " + "9" * 40, "too many digits"),
        ("a: \x00", "not valid YAML"),
        ("a: \ud800", "UTF-8"),
    ],
)
def test_what_is_not_allowed_is_named_with_its_place(text, says):
    assert says in refused(text)


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor():
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    assert "x.yaml:1" in refused("\n".join(lines))


@pytest.mark.parametrize("text", ["a: " + "[" * 100_000, "a: " + "{a: " * 40 + "1" + "}" * 40])
def test_a_bomb_of_depth_is_refused(text):
    assert "deeper than 32 levels" in refused(text)


def test_depth_32_is_read_and_33_is_not():
    assert read_yaml("a: " + "[" * 31 + "]" * 31).data
    assert "deeper" in refused("a: " + "[" * 32 + "]" * 32)


def test_a_document_that_is_too_large_is_refused(tmp_path):
    path = tmp_path / "big.yaml"
    path.write_text("a: " + "x" * MAX_BYTES)
    assert "larger than" in refused(path)
    assert "more than 50000 values" in refused("a: [" + "1," * 200_000 + "1]")


@pytest.mark.parametrize("raw", [b"a: \xff\xfe", b"\xff\xfea\x00:\x00", b"a: 1\nb: caf\xe9\n"])
def test_bytes_that_are_no_utf8_are_refused(tmp_path, raw):
    path = tmp_path / "x.yaml"
    path.write_bytes(raw)
    assert "not UTF-8" in refused(path)


def test_a_byte_order_mark_is_no_matter(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes("a: triều".encode("utf-8-sig"))
    assert read_yaml(path).data == {"a": "triều"}


def test_files_that_cannot_be_read_are_named(tmp_path):
    assert "no such file" in refused(tmp_path / "none.yaml")
    assert "folder" in refused(tmp_path)
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "not an ordinary file" in refused(tmp_path / "pipe.yaml")
    assert "cannot be read" in refused(Path("a\0b.yaml"))


def test_errors_are_of_the_class_that_was_asked_for():
    with pytest.raises(CityError):
        read_yaml("a: [", error=CityError)


def test_every_value_keeps_its_line():
    document = read_yaml("a: 1\nb:\n  - c: 2\n  - d: 3\n", name="x.yaml")
    assert document.place(("b", 1, "d")) == "x.yaml:4: b[1].d"
    assert document.place(("b", 1, "missing")) == "x.yaml:4: b[1].missing"
    assert document.place(()) == "x.yaml:1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": ', "not valid JSON"),
        ("[1]", "document must be"),
        ('{"a": "\\ud83d\\ude00", "b": 1, "b": 2}', "twice"),
        ('{"e": "\\ud83d\\ude00", "a": ' + "[" * 50 + "]" * 50 + "}", "deeper"),
        ('{"a": ' * 100_000, "deeper"),
    ],
)
def test_json_is_held_to_the_same_rules(tmp_path, text, says):
    path = tmp_path / "x.json"
    path.write_text(text)
    assert says in refused(path)


def test_json_is_read_with_tabs_and_surrogates(tmp_path):
    path = tmp_path / "x.json"
    path.write_text('{\n\t"a": [1, 2.5, true, null],\n\t"b": "\\u00e9\\/"\n}')
    assert read_yaml(path).data == {"a": [1, 2.5, True, None], "b": "é/"}
    path.write_text('{"a": "\\ud83d\\ude00"}')
    assert read_yaml(path).data == {"a": "😀"}


keys = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
    | st.sampled_from(["01:30", "no", "on", "1e3", "1_000", "null", "~", "2025-10-22", "0x1", "-"])
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


def test_numbers_with_exponents_are_written_without_a_tag():
    data = {"a": 5e-324, "b": 1e22, "c": -1.5e-300, "d": 1e16}
    assert read_yaml(write_yaml(data)).data == data


@settings(max_examples=150)
@given(st.dictionaries(keys, trees, max_size=5))
def test_written_yaml_reads_back_to_the_same_data(data):
    if data:
        assert read_yaml(write_yaml(data)).data == data


@settings(max_examples=100)
@given(st.dictionaries(keys, trees, min_size=1, max_size=5))
def test_json_text_reads_alike_as_json_and_as_data(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("json") / "x.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert read_yaml(path).data == data


@settings(max_examples=200)
@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_a_document_or_a_scenario_error(text):
    try:
        assert isinstance(read_yaml(text).data, dict)
    except ScenarioError:
        return
    except yaml.YAMLError:  # pragma: no cover - what must not happen
        pytest.fail("a raw YAML error came through")
