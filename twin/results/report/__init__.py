"""A run as one document that a planner can hand upwards: HTML, or PDF."""

from twin.results.report.document import report_html
from twin.results.report.write import write_report

__all__ = ["report_html", "write_report"]
