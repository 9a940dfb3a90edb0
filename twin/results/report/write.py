"""Write a report: HTML as it is, or PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import InvalidInputError
from twin.results.report.document import report_html
from twin.store import files

if TYPE_CHECKING:
    from pathlib import Path

    from twin.ensembles.results import Ensemble
    from twin.evaluation.evaluate import Evaluation
    from twin.results.open import Run

__all__ = ["require_format", "write_report"]

_FORMATS = (".html", ".pdf")


def write_report(
    run: Run,
    path: Path,
    *,
    language: str = "en",
    evaluation: Evaluation | None = None,
    ensemble: Ensemble | None = None,
) -> Path:
    """
    Write the report of a run, whole or not at all, and return *path*.

    Parameters
    ----------
    run, language, evaluation, ensemble
        As for :func:`~twin.results.report.report_html`.
    path
        A file that ends in ``.html`` or ``.pdf``; one that is there is replaced.

    Raises
    ------
    InvalidInputError
        If the name ends otherwise, or what makes PDF is not installed.
    StoreError
        If a part of the run cannot be read, or the file cannot be written.
    """
    require_format(path)
    page = report_html(run, language=language, evaluation=evaluation, ensemble=ensemble)
    data = page.encode() if path.suffix.lower() == ".html" else _pdf(page)
    with files.guarded(path):
        files.make_folder(path.parent)
        files.write_whole(path, data, durable=False)
    return path


def require_format(path: Path) -> None:
    """
    Refuse, before any work, a report that cannot be written.

    Raises
    ------
    InvalidInputError
        If the name does not end in ``.html`` or ``.pdf``, or what makes PDF is not installed.
    """
    if path.suffix.lower() not in _FORMATS:
        raise InvalidInputError(
            "a report has no such format",
            where="--output",
            value=str(path),
            remedy="Choose a name that ends in .html or .pdf.",
        )
    if path.suffix.lower() == ".pdf":
        _require_weasyprint()


def _require_weasyprint() -> None:
    try:
        import weasyprint  # noqa: F401, PLC0415 - an optional extra
    except (ImportError, OSError) as error:  # OSError: its C libraries are missing
        raise InvalidInputError(
            "what makes PDF is not installed",
            where="--output",
            value=str(error)[:120],
            remedy="Install `city-twin[reports]` and Pango, or write .html and print it.",
        ) from error


def _pdf(page: str) -> bytes:
    """Return *page* as PDF; nothing but what is inside the page is read."""
    import weasyprint  # noqa: PLC0415 - an optional extra
    from weasyprint.urls import URLFetcher  # noqa: PLC0415 - as above

    inside = URLFetcher(allowed_protocols=("data",))
    return bytes(weasyprint.HTML(string=page, url_fetcher=inside).write_pdf())
