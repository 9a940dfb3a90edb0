"""Runs that are computed in processes of their own, whoever asked for them."""

from twin.jobs.job import Job
from twin.jobs.jobs import Jobs

__all__ = ["Job", "Jobs"]
