"""Ensembles in an object store: computed there, copied there, and read from there."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import twin
from models.errors import StoreError
from twin.ensembles.exports import push
from twin.ensembles.store import EnsembleStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from twin.city.city import City
    from twin.ensembles.results import Ensemble

pytest.importorskip("s3fs", reason="no s3fs; install city-twin[object-store]")
moto_server = pytest.importorskip("moto.server", reason="no S3-compatible server (moto[server])")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Return the address of an S3-compatible server on this machine."""
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Return the URL of a new place in a bucket."""
    import s3fs  # noqa: PLC0415 - only where it is installed

    for name, value in (
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", "twin"),
        ("AWS_SECRET_ACCESS_KEY", "twin"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("TWIN_SCRATCH", str(tmp_path / "scratch")),
    ):
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    s3fs.S3FileSystem().makedirs("ensembles", exist_ok=True)
    return f"s3://ensembles/{tmp_path.name}"


def test_a_sweep_computed_in_a_bucket_finds_the_same(
    little: Ensemble,
    document: dict[str, Any],
    small_city: City,
    bucket: str,
    compute: Callable[..., Ensemble],
) -> None:
    found = compute(document, small_city, bucket)
    assert found.digest == little.digest
    store = EnsembleStore(bucket)
    assert sorted(store.names("floods")) == sorted(little.plan.floods)
    assert store.has_flood(little.plan.member(0).flood)


def test_a_copy_in_a_bucket_is_read_where_it_lies(
    little: Ensemble, bucket: str, tmp_path: Path
) -> None:
    push(little, bucket)
    found = twin.open_ensemble("latest", store=bucket)
    chance = found.exceedance(0.02).to_numpy()
    assert np.array_equal(chance, little.exceedance(0.02).to_numpy(), equal_nan=True)
    assert found.table.equals(little.table)
    assert found.events(0).equals(little.events(0))
    assert not list((tmp_path / "scratch").rglob("flood.zarr"))
    assert found.flood(0).digest == little.flood(0).digest
    assert found.flood(0).city.name == little.flood(0).city.name


def test_a_bucket_that_is_not_there_is_told(
    document: dict[str, Any], small_city: City, bucket: str
) -> None:
    wrong = bucket.replace("ensembles", "nowhere")
    with pytest.raises(StoreError, match="cannot be reached"):
        twin.plan_sweep(document, small_city, store=wrong)


def test_an_unknown_protocol_is_told() -> None:
    with pytest.raises(StoreError, match="cannot be reached"):
        EnsembleStore("gopher://somewhere/runs")
