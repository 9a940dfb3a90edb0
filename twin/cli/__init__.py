"""The command line: a thin face over the Python interface."""

from twin.cli.main import main

__all__ = ["main"]
