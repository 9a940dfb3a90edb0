"""Build the wheel, install it into a clean environment, and check what it holds."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {"twin", "scenarios", "models", "dash_app"}

#: What the browser needs, and the licences of what is not ours.
WEB_FILES = (
    "dash_app/web/dist/viewer.js",
    "dash_app/web/dist/vendor/maplibre/maplibre-gl.mjs",
    "dash_app/web/dist/vendor/LICENCES.txt",
)


def _run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(  # noqa: S603 - our own commands, no shell
        command, cwd=cwd, check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def main() -> None:
    """Fail unless the wheel holds exactly the four packages, and starts."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _run(
            *(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"),
            *("--wheel-dir", str(folder), str(ROOT)),
        )
        (wheel,) = folder.glob("*.whl")
        names = zipfile.ZipFile(wheel).namelist()
        held = {name.split("/")[0] for name in names if ".dist-info/" not in name}
        if held != PACKAGES:
            sys.exit(f"the wheel holds {sorted(held)}, not {sorted(PACKAGES)}")
        for needed in (*(f"{package}/py.typed" for package in PACKAGES), *WEB_FILES):
            if needed not in names:
                sys.exit(f"the wheel lacks {needed}")
        venv.create(folder / "clean", with_pip=True)
        python = folder / "clean" / "bin" / "python"
        _run(
            str(python), "-m", "pip", "install", "--quiet", "-c", str(_versions(folder)), str(wheel)
        )
        for package in sorted(PACKAGES):
            where = _run(
                str(python), "-I", "-c", f"import {package}; print({package}.__file__)", cwd=folder
            )
            if str(folder) not in where:
                sys.exit(f"{package} was imported from {where.strip()}, not from the wheel")
        print(_run(str(folder / "clean" / "bin" / "twin"), "--version", cwd=folder).strip())
        _run(str(folder / "clean" / "bin" / "twin"), "--help", cwd=folder)
        _run(
            *(str(folder / "clean" / "bin" / "twin"), "city", "synth", "--area-km2", "1"),
            *("--cell-size", "20", "-o", "small"),
            cwd=folder,
        )
    print(f"{wheel.name}: holds {', '.join(sorted(PACKAGES))}, and starts in a clean environment")


def _versions(folder: Path) -> Path:
    """Return a file of constraints: the pinned versions without their hashes."""
    path = folder / "versions.txt"
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line.rstrip(" \\") for line in lines if "==" in line and not line.startswith(" ")]
    path.write_text("\n".join(pins) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
