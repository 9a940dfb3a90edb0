"""Reading a run: figures, tables, maps and exports."""

from twin.results.open import Run, open_run

__all__ = ["Run", "open_run"]
