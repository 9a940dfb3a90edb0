"""The network of drains in a process of its own, seen from the run."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import weakref
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import InternalError, NumericalError, TwinError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from models.drainage.coupling import (
        Coupling,
        SewerLedger,
        SewerParameters,
        WindowResult,
    )

    Window = tuple[int, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]

__all__ = ["SewerProcess"]


class SewerProcess:
    """
    A sewer that may crash without taking the run along.

    Parameters
    ----------
    text, flow_units, name, coupling, parameters
        As for :class:`models.drainage.sewer.Sewer`.

    Raises
    ------
    InvalidInputError
        If SWMM does not take the network.
    NumericalError
        If the process ends before it answers.
    """

    def __init__(
        self,
        *,
        text: str,
        flow_units: str,
        name: str,
        coupling: Coupling,
        parameters: SewerParameters,
    ) -> None:
        self._name = name
        folder = tempfile.TemporaryDirectory(prefix="sewer-")
        ours, theirs = Pipe()
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and a module of ours
            [sys.executable, "-m", "models.drainage.worker", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        )
        theirs.close()
        self._pipe: Connection[Any, Any] = ours
        self._end = weakref.finalize(self, _end, self._pipe, self._process, folder)
        settings = {
            "text": text,
            "folder": Path(folder.name),
            "flow_units": flow_units,
            "name": name,
            "coupling": coupling,
            "parameters": parameters,
        }
        self.ledger: SewerLedger = self._ask("open", settings)

    def advance(self, windows: Sequence[Window]) -> WindowResult:
        """Advance over *windows* one after the other, and return what passed in the last."""
        result: WindowResult = self._ask("advance", list(windows))
        self.ledger = result.ledger
        return result

    def close(self) -> None:
        """End the process; also done when nobody needs it any more."""
        self._end()

    def _ask(self, what: str, content: object) -> Any:  # noqa: ANN401 - as the request asks
        try:
            self._pipe.send((what, content))
            good, answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            self._process.wait(10.0)
            raise NumericalError(
                "the network of drains ended by itself: SWMM crashed",
                where=self._name,
                value=f"exit status {self._process.returncode}",
                remedy="Run the network in SWMM alone, and take a shorter "
                "drainage.network.routing_step.",
            ) from error
        if good:
            return answer
        if isinstance(answer, TwinError):
            raise answer
        raise InternalError("the network of drains answered nonsense", value=answer)


def _end(
    pipe: Connection[Any, Any],
    process: subprocess.Popen[bytes],
    folder: tempfile.TemporaryDirectory[str],
) -> None:
    pipe.close()
    try:
        process.wait(10.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with contextlib.suppress(OSError):
        folder.cleanup()
