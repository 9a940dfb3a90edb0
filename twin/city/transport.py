"""How answers come from the network, in one small place that tests replace by recorded ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from models.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Answer", "OnlineTransport", "Transport"]

#: More than this is not taken from the network, bytes.
MOST_BYTES = 500_000_000
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of an answer over HTTP."""

    status: int
    content: bytes


class Transport(Protocol):
    """What :func:`twin.city.fetch.fetch_city` needs of the network."""

    #: Where places are looked up (Nominatim) and map data is asked for (Overpass).
    nominatim_url: str
    overpass_url: str

    def ask(self, url: str, form: Mapping[str, str], *, post: bool, timeout_s: float) -> Answer:
        """Send *form* to *url*, as its query or (*post*) as its body, and return the answer."""
        ...


class OnlineTransport:
    """
    The network itself, with the endpoints and the manners that OSMnx is set to.

    Raises
    ------
    InvalidInputError
        If OSMnx is not installed, or the network cannot be reached.
    """

    def __init__(self) -> None:
        try:
            import osmnx  # noqa: PLC0415 - an extra, needed only here
            import requests  # noqa: PLC0415 - as above
        except ImportError as error:
            raise InvalidInputError(
                "fetching a city needs the extra packages of `fetch`",
                value=error.name,
                remedy="Install them: pip install 'city-twin[fetch]'.",
            ) from error
        self.nominatim_url = f"{str(osmnx.settings.nominatim_url).rstrip('/')}/search"
        self.overpass_url = f"{str(osmnx.settings.overpass_url).rstrip('/')}/interpreter"
        self._options = dict(osmnx.settings.requests_kwargs)
        self._headers = {"User-Agent": f"city-twin (with {osmnx.settings.http_user_agent})"}
        self._requests = requests

    def ask(self, url: str, form: Mapping[str, str], *, post: bool, timeout_s: float) -> Answer:
        """Ask over HTTP; what cannot be reached is a typed error."""
        try:
            with self._requests.request(
                "POST" if post else "GET",
                url,
                headers=self._headers,
                timeout=timeout_s,
                stream=True,
                data=dict(form) if post else None,
                params=None if post else dict(form),
                **self._options,
            ) as response:
                body = bytearray()
                for chunk in response.iter_content(_CHUNK):
                    body.extend(chunk)
                    if len(body) > MOST_BYTES:
                        raise InvalidInputError(
                            "the answer is larger than is taken",
                            where=url,
                            value=f"more than {MOST_BYTES:,} bytes",
                            remedy="Choose a smaller place.",
                        )
                return Answer(int(response.status_code), bytes(body))
        except self._requests.exceptions.RequestException as error:
            raise InvalidInputError(
                f"the network cannot be reached ({type(error).__name__})",
                where=url,
                remedy="Check the connection, or build from files with `twin city build`.",
            ) from error
