"""
The process in which SWMM runs: ``python -m models.drainage.worker <file descriptor>``.

SWMM holds one network per process and may end the process that it lives in. Here it has one of
its own, and the run outlives it. Requests come as tuples and are answered in turn; an error that
we raise on purpose travels back and is raised there.
"""

from __future__ import annotations

import os
import signal
import sys
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from models.drainage.sewer import Sewer
from models.errors import InternalError, TwinError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """Answer requests on the connection of the given file descriptor until it ends."""
    # The one who drives the run decides what an interrupt means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # SWMM prints; nobody reads it.
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    pipe: Connection[Any, Any] = Connection(int(arguments[0]))
    sewer: Sewer | None = None
    while True:
        try:
            request = pipe.recv()
        except EOFError:
            return 0
        try:
            answer: object = None
            match request:
                case ("open", settings):
                    sewer = Sewer(**settings)
                    answer = sewer.ledger
                case ("advance", windows) if sewer is not None:
                    # A run that is taken up again sends all windows of its past at once.
                    for window in windows:
                        answer = sewer.advance(*window)
                case _:
                    raise InternalError("not a request to the network of drains", value=request)
        except TwinError as error:
            pipe.send((False, error))
        else:
            pipe.send((True, answer))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
