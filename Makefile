# Tamnat: `make run` shows it, `make test` checks it. Nothing here needs root, an account or a server.

SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PORT ?= 8000
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
UV ?= uv
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
ON_POSTGRES := TAMNAT_TEST_ENGINE=postgresql $(BIN)/python -m pytest
# What rests on the engine: the part of the suite that `make test` has done on PostgreSQL as well.
POSTGRES_TESTS ?= tests/records tests/test_house.py tests/test_worker.py tests/care/test_the_last_seats.py \
	tests/care/test_tasks.py tests/care/test_rides.py tests/plan/test_sets.py tests/plan/test_parts.py \
	tests/plan/test_planner.py tests/plan/test_aftermath.py tests/replies/test_outcomes.py tests/replies/test_inbox.py \
	tests/replies/test_resuming.py tests/web/test_again.py tests/web/test_turns.py tests/dispatch/test_outbox.py \
	tests/dispatch/test_fast_laws.py tests/dispatch/test_poison.py tests/dispatch/test_sender.py \
	tests/dispatch/test_receipts.py tests/dispatch/test_reconcile.py tests/dispatch/test_callbacks.py \
	tests/dispatch/test_side_by_side.py tests/cli/test_processes.py tests/cli/test_database.py \
	tests/stories/test_a_yes_by_call.py tests/stories/test_in_doubt.py
# A database that is not there: what is checked is what ships, not what lies in somebody's own data/.
UNUSED := GATEWAY_DATABASE_URL=sqlite:///build/none.db
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
COMPILE := $(UV) pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links

.PHONY: help run test test-postgres bench setup check browser pictures sample lock clean chaos

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.runtime ## Run everything on the sandbox with the invented sample, on http://127.0.0.1:8000 (PORT=N)
	@$(BIN)/python -m gateway run --sample --port $(PORT) || [ $$? -eq 130 ]  # 130: stopped by Ctrl-C, as it should be

test: setup check browser ## Set up, then lint, types, layers, messages, prompts and every test, those in a browser included
	$(BIN)/python -m pytest -n $(WORKERS)
	$(ON_POSTGRES) -n $(WORKERS) $(POSTGRES_TESTS)

test-postgres: setup browser ## Every test on PostgreSQL, started by the tests (TAMNAT_TEST_POSTGRES=postgresql://… for one that runs)
	$(ON_POSTGRES) -n $(WORKERS)

bench: setup ## Measure every row of docs/benchmarks.md (BENCH="plan --quick" for some, smaller)
	$(BIN)/python -m benchmarks $(BENCH)

setup: $(VENV)/.dev ## Make .venv with everything needed to work on Tamnat, and the `gateway` command in .venv/bin

check: setup ## Lint, types, layers, messages and prompts only
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(UNUSED) $(BIN)/python -m gateway messages check
	$(UNUSED) $(BIN)/python -m gateway prompts check

browser: setup ## Install Chromium and fonts for the browser tests, where that needs no password
	@$(BIN)/python -m tests.support.chromium

pictures: setup browser ## Draw the calls; photograph every page into build/pictures/, two of them for README
	$(BIN)/python -m docs.pictures.flows
	$(BIN)/python -m docs.pictures.take

chaos: setup ## Kill processes at random points of a run (ENGINE=sqlite|postgresql ROUNDS=50 SEED=1)
	$(BIN)/python -m tests.chaos --engine $(or $(ENGINE),sqlite) --rounds $(or $(ROUNDS),50) --seed $(or $(SEED),1)

sample: setup ## Write templates/sample/ again from its seed
	$(BIN)/python docs/sample/make_sample.py

lock: ## Resolve the dependencies again with uv (UPGRADE=--upgrade for the newest)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv (or UV=path/to/uv)"; exit 1; }
	$(COMPILE) --group dev pyproject.toml -o requirements-dev.lock $(UPGRADE)
	$(COMPILE) pyproject.toml -c requirements-dev.lock -o requirements.lock

clean: ## Remove .venv, builds and caches; data/ stays
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find gateway tests docs -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps, so that a second run does nothing. A stamp is written last: a set-up that was cut off is done again.

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Tamnat needs Python 3.11 or newer, and none was found. Install it, or name it: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Tamnat needs Python 3.11 or newer; $(PYTHON) is older, or is not there. Name another: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments: install its venv package (Debian and Ubuntu: apt install python3-venv), or name another: make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# What `make run` needs: the pinned dependencies alone. The checkout itself is run from where it lies.
$(VENV)/.runtime: requirements.lock | $(VENV)/.made
	$(PIP) install --quiet --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/.made
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $(VENV)/.runtime $@
