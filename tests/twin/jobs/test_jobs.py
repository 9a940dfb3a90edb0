from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import twin
from models.errors import InvalidInputError, StoreError
from twin.jobs import Jobs
from twin.jobs.preview import preview

if TYPE_CHECKING:
    from collections.abc import Callable

    from scenarios import Scenario
    from twin.jobs import Job


def wait(jobs: Jobs, job: Job, until: Callable[[Job], bool], seconds: float = 120.0) -> Job:
    """Return *job* once *until* says so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job = jobs.get(job.job_id)
        if until(job):
            return job
        time.sleep(0.1)
    raise AssertionError(f"{job} after {seconds} s")


def process_of(store: Path, job: Job) -> int:
    """Return the number of the process that computes *job*."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and folder.name != str(os.getpid()):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if str(store).encode() in words and job.job_id.encode() in words:
                return int(folder.name)
    raise AssertionError(f"nobody computes {job}")


def test_job_computes_what_a_plain_run_computes(
    tmp_path: Path, shower: Scenario, city_folder: Path
) -> None:
    jobs = Jobs(tmp_path / "store")
    seen = list(jobs.follow(jobs.submit(shower, city_folder, by="an").job_id, interval_s=0.1))
    job = seen[-1]
    assert (job.state, job.fraction, job.by, dict(job.error)) == ("finished", 1.0, "an", {})
    plain = twin.run(shower, city_folder, store=tmp_path / "other")
    assert twin.open_run(job.run_id, store=tmp_path / "store").digest == plain.digest
    picture = preview(tmp_path / "store", job)
    assert picture is not None
    assert picture.startswith(b"\x89PNG")
    assert [found.job_id for found in jobs.list()] == [job.job_id]
    assert json.loads(json.dumps(job.as_dict()))["ended"] is True


def test_cancelled_job_resumes_and_ends_with_the_same_bytes(
    tmp_path: Path, shower: Scenario, city_folder: Path
) -> None:
    scenario = shower.replace(**{"period.duration": "20 h"})
    jobs = Jobs(tmp_path / "store")
    job = jobs.submit(scenario, city_folder)
    wait(jobs, job, lambda j: j.simulated_s > 0.0)
    jobs.cancel(job.job_id)
    stopped = wait(jobs, job, lambda j: j.ended)
    assert (stopped.state, stopped.resumable) == ("cancelled", True)
    again = wait(jobs, jobs.resume(job.job_id), lambda j: j.ended)
    assert (again.state, again.run_id) == ("finished", stopped.run_id)
    whole = twin.run(scenario, city_folder, store=tmp_path / "other")
    assert twin.open_run(again.run_id, store=tmp_path / "store").digest == whole.digest
    assert jobs.get(job.job_id).state == "finished"  # its run was taken up since


def test_killed_job_is_seen_as_interrupted_and_the_next_takes_its_place(
    tmp_path: Path, long_rain: Scenario, shower: Scenario, city_folder: Path
) -> None:
    store = tmp_path / "store"
    jobs = Jobs(store)
    first = jobs.submit(long_rain, city_folder)
    second = jobs.submit(shower, city_folder)
    wait(jobs, first, lambda j: j.state == "computing")
    assert jobs.get(second.job_id).state == "waiting"
    os.kill(process_of(store, first), signal.SIGKILL)
    assert wait(Jobs(store), first, lambda j: j.ended).state == "interrupted"
    assert wait(Jobs(store), second, lambda j: j.ended).state == "finished"


def test_terminated_job_keeps_what_it_has(
    tmp_path: Path, long_rain: Scenario, city_folder: Path
) -> None:
    store = tmp_path / "store"
    jobs = Jobs(store)
    job = jobs.submit(long_rain, city_folder)
    wait(jobs, job, lambda j: j.simulated_s > 0.0)
    os.kill(process_of(store, job), signal.SIGTERM)
    ended = wait(jobs, job, lambda j: j.ended)
    assert (ended.state, ended.resumable) == ("interrupted", True)
    assert ended.simulated_s > 0.0
    jobs.remove(job.job_id)
    again = jobs.take_up(ended.run_id)
    with pytest.raises(InvalidInputError, match="already"):
        jobs.take_up(ended.run_id)
    moved = wait(jobs, again, lambda j: j.simulated_s > ended.simulated_s)
    assert moved.run_id == ended.run_id
    jobs.cancel(again.job_id)
    wait(jobs, again, lambda j: j.ended)
    with pytest.raises(StoreError, match="no such unfinished run"):
        jobs.take_up("../../etc")


def test_failed_job_keeps_its_typed_error(tmp_path: Path, shower: Scenario) -> None:
    jobs = Jobs(tmp_path / "store")
    job = wait(jobs, jobs.submit(shower, tmp_path / "nowhere"), lambda j: j.ended)
    assert job.state == "failed"
    assert job.error["kind"] == "CityError"
    assert str(tmp_path / "nowhere") in job.error["where"]
    assert job.error["remedy"]


def test_confined_job_reads_no_file_of_the_machine(
    tmp_path: Path, shower: Scenario, city_folder: Path
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("time,rate\n0,1\n3600,1\n")
    rain = {"hyetograph": {"csv": {"file": str(secret), "time": "time", "value": "rate"}}}
    text = json.dumps({**shower.to_dict(), "rain": rain})
    jobs = Jobs(tmp_path / "store")
    job = jobs.submit(shower, city_folder, text=text, confined=True)
    ended = wait(jobs, job, lambda j: j.ended)
    assert ended.state == "failed"
    assert ended.error["kind"] == "ScenarioError"


def test_waiting_job_is_cancelled_before_it_begins(
    tmp_path: Path, long_rain: Scenario, shower: Scenario, city_folder: Path
) -> None:
    jobs = Jobs(tmp_path / "store", most_waiting=1)
    first = jobs.submit(long_rain, city_folder)
    second = jobs.submit(shower, city_folder)
    with pytest.raises(InvalidInputError, match="2 jobs are computing or waiting already"):
        jobs.submit(shower, city_folder)
    with pytest.raises(InvalidInputError, match="only a job that stopped can be resumed"):
        jobs.resume(second.job_id)
    with pytest.raises(InvalidInputError, match="has not ended"):
        jobs.remove(second.job_id)
    jobs.cancel(second.job_id)
    ended = wait(jobs, second, lambda j: j.ended)
    assert (ended.state, ended.run_id, ended.resumable) == ("cancelled", "", False)
    jobs.cancel(first.job_id)
    wait(jobs, first, lambda j: j.ended)
    jobs.remove(second.job_id)
    assert [job.job_id for job in jobs.list()] == [first.job_id]


@pytest.mark.parametrize("name", ["", "..", "../runs", "a/b", "nobody", "A B", "x" * 200])
def test_unknown_job_is_refused_by_name(tmp_path: Path, name: str) -> None:
    jobs = Jobs(tmp_path / "store")
    with pytest.raises(StoreError, match="there is no such job"):
        jobs.get(name)


def test_jobs_that_ended_long_ago_are_forgotten(
    tmp_path: Path, shower: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twin.jobs.jobs._MOST_ENDED", 1)
    jobs = Jobs(tmp_path / "store")
    made = []
    for _ in range(3):
        made.append(jobs.submit(shower, tmp_path / "nowhere").job_id)
        wait(jobs, jobs.get(made[-1]), lambda j: j.ended)
    assert [job.job_id for job in jobs.list()] == made[:0:-1]
