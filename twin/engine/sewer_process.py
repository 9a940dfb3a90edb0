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
from typing import TYPE_CHECKING, Any, BinaryIO

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
        self._complaints = (Path(folder.name) / "stderr").open("w+b")
        ours, theirs = Pipe()
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and a module of ours
            [sys.executable, "-P", "-m", "models.drainage.worker", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._complaints,
            # The same modules as here, and no interrupts but those that the run passes on.
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(p or str(Path.cwd()) for p in sys.path),
            },
            start_new_session=True,
        )
        theirs.close()
        self._pipe: Connection[Any, Any] = ours
        self._end = weakref.finalize(
            self, _end, self._pipe, self._process, self._complaints, folder
        )
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
            status = self._process.wait(10.0)
            self._complaints.seek(0)
            last = self._complaints.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise NumericalError(
                "the network of drains ended by itself: SWMM crashed",
                where=self._name,
                value=f"exit status {status}{': ' if last else ''}{last}",
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
    complaints: BinaryIO,
    folder: tempfile.TemporaryDirectory[str],
) -> None:
    pipe.close()
    try:
        process.wait(10.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    complaints.close()
    with contextlib.suppress(OSError):
        folder.cleanup()
