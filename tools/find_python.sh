#!/bin/sh
# Print the path of a Python that is new enough, or say what to do.
# Order: $PYTHON, the PATH, pyenv's versions, then uv (installed with pip, in a place of its own).
set -u
oldest="3.12"

fits() {
    [ -n "$1" ] && command -v "$1" >/dev/null 2>&1 || return 1
    "$1" - <<'EOF' >/dev/null 2>&1
import sys, venv, ensurepip
raise SystemExit(not ((3, 12) <= sys.version_info[:2] <= (3, 14)))
EOF
}

take() {
    command -v "$1"
    exit 0
}

if [ -n "${PYTHON:-}" ]; then
    fits "$PYTHON" && take "$PYTHON"
    echo "PYTHON=$PYTHON is not a working Python $oldest or newer (with venv)." >&2
    exit 1
fi
for name in python3.13 python3.14 python3.12 python3 python; do
    fits "$name" && take "$name"
done
pyenv_root="${PYENV_ROOT:-$(pyenv root 2>/dev/null || echo "$HOME/.pyenv")}"
for minor in 13 14 12; do
    for candidate in "$pyenv_root"/versions/3."$minor"*/bin/python3; do
        [ -x "$candidate" ] && fits "$candidate" && take "$candidate"
    done
done
for base in python3 python; do
    command -v "$base" >/dev/null 2>&1 || continue
    tools="${XDG_CACHE_HOME:-$HOME/.cache}/city-twin/uv"
    if [ ! -x "$tools/bin/uv" ]; then
        "$base" -m venv "$tools" >&2 && "$tools/bin/pip" install --quiet uv >&2 || continue
    fi
    "$tools/bin/uv" python install --quiet 3.13 >&2 || continue
    found=$("$tools/bin/uv" python find 3.13 2>/dev/null) && fits "$found" && take "$found"
done
cat >&2 <<EOF
No Python $oldest or newer was found on the PATH or in pyenv, and none could be installed.
Install one (Debian and Ubuntu: 'apt-get install python3 python3-venv' where it is new enough;
otherwise pyenv or uv), then run make again, or name it: make setup PYTHON=/path/to/python3.13
EOF
exit 1
