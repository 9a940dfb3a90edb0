"""What hostile input is made of, and what it may lead to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from hypothesis import strategies as st

from models.errors import TwinError

if TYPE_CHECKING:
    from collections.abc import Callable


class Answered(Protocol):
    """Calls a parser; any end but success or a typed error of the user's is a failure."""

    def __call__(self, parse: Callable[[], Any], *, named: str | None = None) -> bool: ...


#: Pieces that parsers of text stumble over.
PIECES = [
    *(
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\r",
        b"\n\n",
        b"\t",
        b"-",
        b"--",
        b"'",
        b'"',
        b"{",
        b"}",
    ),
    *(b"[", b"]", b": ", b"&a ", b"*a", b"<<: ", b"!!python/object", b"%YAML", b"#", b"|", b">"),
    *(
        b"nan",
        b"inf",
        b"-inf",
        b"1e999",
        b"1e308",
        b"-1",
        b"0",
        b"9" * 40,
        b"0x7f",
        b"1_0",
        b"null",
    ),
    *(b"true", b"None", b"2025-02-30", b"24:61", b"+99:99", b"\xe2\x80\xae", "Đ".encode(), b"\xc3"),
    *(b"<", b"</", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&lt;", b"]]>", b",", b";", b",,,,", b"1 2"),
]


def _edited(base: bytes) -> st.SearchStrategy[bytes]:
    """Return *base* with a few pieces put in, taken out, repeated or replaced."""

    def apply(edits: list[tuple[float, int, bytes, str]]) -> bytes:
        text = bytearray(base)
        for share, length, piece, how in edits:
            at = int(share * len(text))
            if how == "insert":
                text[at:at] = piece
            elif how == "replace":
                text[at : at + length] = piece
            elif how == "repeat":
                text[at:at] = text[at : at + length]
            elif how == "cut":
                del text[at:]
            else:
                del text[at : at + length]
        return bytes(text)

    piece = st.sampled_from(PIECES) | st.binary(max_size=6)
    edit = st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 40),
        piece,
        st.sampled_from(["insert", "replace", "repeat", "remove", "cut"]),
    )
    return st.lists(edit, min_size=1, max_size=4).map(apply)


@pytest.fixture(scope="session")
def hostile() -> Callable[[bytes], st.SearchStrategy[bytes]]:
    """Return what makes hostile bytes out of a sound document."""
    return lambda base: _edited(base) | st.binary(max_size=200) | st.just(base[:0])


@pytest.fixture(scope="session")
def answered() -> Answered:
    """Return the judge: success, or a typed error with code 2 that names the place, in time."""

    def judge(parse: Callable[[], Any], *, named: str | None = None) -> bool:
        began = time.perf_counter()
        try:
            parse()
        except TwinError as error:
            assert error.exit_code == 2, error  # noqa: PT017 - both outcomes are right
            assert "\n" not in error.what or "\n  " in str(error)  # noqa: PT017 - as above
            if named is not None:
                assert named in str(error)  # noqa: PT017 - as above
            sound = False
        else:
            sound = True
        assert time.perf_counter() - began < 20.0  # seconds, even on a busy machine
        return sound

    return judge
