from __future__ import annotations

import json
import re
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from rich.table import Table
from rich.text import Text
from typer.testing import CliRunner

from models.errors import InvalidInputError
from twin.cli.main import make_app
from twin.results.report import report_html, write_report
from twin.results.report.tables import sheets_of

if TYPE_CHECKING:
    from pathlib import Path

    from twin.results import Run


class Addresses(HTMLParser):
    """Gathers everything that a browser would fetch, and whether the elements match."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [v or "" for k, v in attrs if k in {"src", "href", "srcset", "data"}]
        if tag not in {"meta", "img", "br", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(run: Run) -> str:
    return report_html(run, language="en")


def test_the_page_needs_nothing_from_outside(page: str) -> None:
    parser = Addresses()
    parser.feed(page)
    assert not parser.open
    assert any(address.startswith("data:image/png") for address in parser.found)
    assert all(address.startswith(("data:image/png;base64,", "#")) for address in parser.found)
    assert "@import" not in page
    assert "url(" not in page
    assert "<script" not in page


def test_assumptions_stand_before_every_figure(page: str) -> None:
    assert page.index("ASSUMED") < page.index('id="situation"') < page.index('id="kpis"')
    assert "terrain/ground_level" in page


def test_a_single_run_says_that_it_has_no_spread_and_no_comparison(page: str) -> None:
    assert "This is ONE run" in page
    assert "compares the result with no observation" in page
    assert "only 3 calls were reached" in page


def test_figures_are_those_of_the_run(page: str, run: Run) -> None:
    calls = run.kpis
    said = f"{calls['incidents']} calls: {calls['served']} served, {calls['unserved']} not"
    assert said in page
    assert run.digest[:12] in page
    assert "First vehicle stranded: A2" in page


def test_vietnamese_says_the_same_in_its_own_words(run: Run) -> None:
    page = report_html(run, language="vi")
    assert '<html lang="vi">' in page
    assert "Điều đã biết và chưa biết" in page
    assert "This is ONE run" not in page
    assert "Known" not in re.sub(r"<pre>.*</pre>", "", page, flags=re.DOTALL)


def test_what_somebody_wrote_cannot_become_markup(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = "<script>alert(1)</script>"
    manifest = {**run.manifest, "warnings": [evil]}
    manifest["scenario"] = {**run.manifest["scenario"], "title": {"en": evil, "vi": evil}}
    monkeypatch.setattr(run, "manifest", manifest)
    page = report_html(run)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_dry_run_and_one_without_calls_have_a_report(dry: Run, flood_only: Run) -> None:
    assert "computed no flood" in report_html(dry)
    assert "There were no calls" in report_html(flood_only)


def test_the_same_run_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    first = write_report(run, tmp_path / "a.html").read_bytes()
    assert write_report(run, tmp_path / "sub" / "b.html").read_bytes() == first


def test_a_pdf_has_pages(flood_only: Run, tmp_path: Path) -> None:
    pytest.importorskip("weasyprint", reason="an optional extra")
    data = write_report(flood_only, tmp_path / "a.pdf", language="vi").read_bytes()
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")


def test_without_the_extra_a_pdf_is_refused_before_any_work(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(InvalidInputError, match=r"city-twin\[reports\]"):
        write_report(run, tmp_path / "a.pdf")
    assert not (tmp_path / "a.pdf").exists()


def test_another_format_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"\.html or \.pdf"):
        write_report(run, tmp_path / "a.docx")


def test_tables_keep_headers_figures_and_alarms() -> None:
    table = Table("name", title="T")
    table.add_column("count", justify="right")
    table.add_row("a", Text("3", "bold red"))
    (sheet,) = sheets_of([table])
    assert [head.text for head in sheet.heads] == ["name", "count"]
    assert [cell.text for cell in sheet.rows[0]] == ["a", "3"]
    assert sheet.rows[0][1].figure
    assert sheet.rows[0][1].alarming


def test_the_commands_write_a_report_and_a_message(run: Run, tmp_path: Path) -> None:
    app, invoke = make_app(), CliRunner().invoke
    page, message = tmp_path / "r.html", tmp_path / "a.xml"
    told = invoke(app, ["report", str(run.folder), "-o", str(page), "--lang", "vi", "--json"])
    assert told.exit_code == 0, told.output
    assert json.loads(told.output) == {"run": run.id, "files": [str(page)]}
    assert "Tình hình" in page.read_text("utf-8")
    words = ["--status", "Test", "--sent", "2025-10-22T11:00:00+07:00"]
    told = invoke(app, ["alert", str(run.folder), "-o", str(message), *words])
    assert told.exit_code == 0, told.output
    assert "<status>Test</status>" in message.read_text("utf-8")


def test_the_commands_refuse_before_they_work(run: Run, tmp_path: Path) -> None:
    invoke = CliRunner().invoke
    for words, match in (
        (["report", str(run.folder), "-o", str(tmp_path / "a.odt")], r"\.html or \.pdf"),
        (["alert", str(run.folder), "--status", "Actual"], "--sender and --sent"),
        (["alert", str(run.folder), "--sent", "yesterday"], "in full with its zone"),
    ):
        told = invoke(make_app(), words)
        assert isinstance(told.exception, InvalidInputError)
        assert re.search(match, str(told.exception))
