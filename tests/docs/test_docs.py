"""What the documentation says is so: its examples run, its links lead somewhere."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
import typer
import yaml

import twin
from scenarios import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    import click

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
WITH_PYTHON = ("README.md", "docs/researchers.md")
#: Pages whose YAML blocks are scenarios, or parts of one that stand on the README's.
WITH_SCENARIOS = ("README.md", "docs/planners.md", "docs/planners.vi.md")

_FENCE = re.compile(
    r"^(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`twin ([^`]+)`")
_HOSTS = re.compile(
    r"pyp[i]|python[h]osted|conda-[f]orge|[a]naconda|npm[j]s|index-[u]rl", re.IGNORECASE
)
_PLACES = re.compile(r"(?<![\w.])/(?:work|home|root|tmp|opt|Users|mnt)/")


@dataclass(frozen=True)
class Block:
    """A fenced block: what it holds, and the file that a reader saves it as."""

    kind: str
    text: str
    file: str | None


def blocks(page: Path, *kinds: str) -> list[Block]:
    found = (
        Block(match["kind"], match["text"], match["file"])
        for match in _FENCE.finditer(page.read_text("utf-8"))
    )
    return [block for block in found if block.kind in kinds]


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def storm() -> str:
    """Return the scenario that the README tells its reader to save."""
    (block,) = [b for b in blocks(ROOT / "README.md", "yaml") if b.file == "storm.yaml"]
    return block.text


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder as a reader has it, but with a city that is smaller and coarser."""
    folder = tmp_path_factory.mktemp("desk")
    twin.synthesise(area_km2=1, cell_size_m=40.0, seed=7).save(folder / "cities" / "mine")
    (folder / "storm.yaml").write_text(storm(), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def command() -> click.Group:
    cli = importlib.import_module("twin.cli.main")  # `twin.cli.main` is also a function
    group = typer.main.get_command(cli.make_app())
    assert hasattr(group, "commands")
    return group


@pytest.mark.parametrize("page", WITH_PYTHON)
def test_python_examples_run(
    page: str, desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(desk)
    examples = blocks(ROOT / page, "python")
    assert examples
    names: dict[str, object] = {}
    for number, example in enumerate(examples):
        exec(compile(example.text, f"{page}, example {number}", "exec"), names)  # noqa: S102 - ours
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("page", WITH_SCENARIOS)
def test_yaml_examples_are_valid_scenarios(page: str, desk: Path) -> None:
    base = yaml.safe_load(storm())
    examples = blocks(ROOT / page, "yaml")
    assert examples
    for example in examples:
        part = yaml.safe_load(example.text)
        Scenario.from_dict({**base, **part}, name=page, base=desk).resolve()


def test_every_variant_that_planners_are_shown_changes_the_scenario() -> None:
    base = yaml.safe_load(storm())
    digests = {
        Scenario.from_dict({**base, **yaml.safe_load(block.text)}).digest
        for page in WITH_SCENARIOS[1:2]
        for block in blocks(ROOT / page, "yaml")
    }
    assert Scenario.from_dict(base).digest not in digests
    assert len(digests) == 3


def test_both_languages_show_the_same_examples() -> None:
    for english in ("planners", "operations"):
        pages = [ROOT / "docs" / f"{english}{ending}.md" for ending in ("", ".vi")]
        parts = [[yaml.safe_load(block.text) for block in blocks(page, "yaml")] for page in pages]
        for document in (item for page in parts for item in page):
            for order in document.get("timeline", ()):
                order.pop("note", None)
        assert parts[0] == parts[1]


def shell_lines(page: Path) -> Iterator[list[str]]:
    """Yield the arguments of every ``twin`` line of a page's shell blocks, without comments."""
    for block in blocks(page, "sh", "bash"):
        for line in block.text.splitlines():
            words = re.findall(r'"[^"]*"|#.*|\S+', line)
            words = [word.strip('"') for word in words if not word.startswith("#")]
            if words and words[0].rsplit("/", 1)[-1] == "twin":
                yield words[1:]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_exist_with_their_options(page: Path, command: click.Group) -> None:
    for words in shell_lines(page):
        if words == ["--version"]:
            continue
        found: click.Command = command
        rest = list(words)
        while hasattr(found, "commands"):
            assert rest, words
            assert rest[0] in found.commands, words
            found = found.commands[rest.pop(0)]
        with found.make_context("twin", rest):
            pass
    for span in _SPAN.findall(page.read_text("utf-8")):
        found = command
        for word in span.split():
            if not hasattr(found, "commands") or word.startswith("-"):
                break
            assert word in found.commands, span
            found = found.commands[word]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_relative_links_lead_to_files_and_headings(page: Path) -> None:
    text = page.read_text("utf-8")
    for target in _LINK.findall(re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), target
        if anchor:
            assert anchor in anchors(place), target


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as they are made from their words."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.strip().lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_pages_name_no_index_of_packages_and_no_place_on_a_machine(page: Path) -> None:
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        assert not _HOSTS.search(line), (number, line)
        assert not _PLACES.search(line), (number, line)


def test_pictures_of_the_pages_are_small_and_all_used() -> None:
    shown = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in _LINK.findall(page.read_text("utf-8"))
        if target.endswith(".png")
    }
    kept = set((ROOT / "docs" / "images").rglob("*.png"))
    assert shown == kept
    assert max(path.stat().st_size for path in kept) <= 300_000


def test_the_index_links_every_page() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / t).resolve() for t in _LINK.findall(index.read_text("utf-8"))}
    assert {p for p in (ROOT / "docs").glob("*.md") if p != index} <= linked


def test_the_scenario_reference_is_the_one_that_the_schema_writes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "twin.cli", "schema", "--markdown"],
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
    )
    assert (ROOT / "docs" / "scenario-reference.md").read_text("utf-8") == done.stdout
