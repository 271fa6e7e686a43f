# Two commands do everything: `make run` starts the app, `make test` checks everything.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/bash

# Tests share the cores among processes: threads of linear algebra would wait for each other in each of them.
test check unit browser: export OPENBLAS_NUM_THREADS = 1

.DEFAULT_GOAL := help
.PHONY: help run test check lint types unit browser bench screen truth lock clean

help: ## show these commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: $(VENV)/.installed ## install what is needed and start the app; prints its address
	$(BIN)/python -m streamlit run app.py

test: lint types ## everything: lint, types, import contracts, unit, page and browser tests
	$(BIN)/python -m pytest -n auto --dist worksteal

check: lint types unit ## the quick part: everything but the browser

lint: $(VENV)/.installed-dev ## style, docstrings, formatting, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.installed-dev ## mypy --strict
	$(BIN)/mypy

unit: $(VENV)/.installed-dev ## tests without a browser
	$(BIN)/python -m pytest -n auto -m "not browser"

browser: $(VENV)/.installed-dev ## tests in headless Chromium
	$(BIN)/python -m pytest -m browser

bench: $(VENV)/.installed-dev ## kernels side by side with what a user would pick instead
	$(BIN)/python -m benchmarks.rolling
	@if [ -n "$$HEDGING_DATA_DIR" ]; then \
	$(BIN)/python -m benchmarks.main_job && $(BIN)/python -m benchmarks.strategies; \
	else echo "HEDGING_DATA_DIR is not set: no real prices to run the main job on"; fi

screen: $(VENV)/.installed-dev ## docs/performance.md anew: the page in real Chromium, 25 sessions at once, 12 minutes
	$(BIN)/python -m benchmarks.in_browser

truth: $(VENV)/.installed-dev ## docs/estimators.md anew: errors and coverage against known betas, 5 minutes
	$(BIN)/python -m benchmarks.estimators

lock: $(VENV)/.installed-dev ## pin the full set anew from requirements*.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-header --no-emit-index-url requirements.txt -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-header --no-emit-index-url requirements-dev.txt -c requirements.lock -o requirements-dev.lock

clean: ## remove the environment and every cache
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	touch $@

$(VENV)/.installed-dev: requirements-dev.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	touch $@ $(VENV)/.installed
