.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run.stamp
DEV := $(VENV)/.dev.stamp
T ?=
DATA ?= ../shared/data
SEED ?=
FAULTS ?= 100

##@ Use
help: ## Show this list (also: python3 -m venv .venv && .venv/bin/pip install -e '.[web,samples]' && .venv/bin/coop demo)
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUN) ## Settle the bundled samples on a temporary instance: verdicts, payouts, a balanced ledger
	@$(BIN)/coop demo

serve: $(RUN) ## Run everything in one process on 127.0.0.1:8080, with sample claims and keys
	@$(BIN)/coop serve

up: .env ## Start RabbitMQ, the object store, PostgreSQL and the workers with docker compose
	docker compose up --build --detach

.env:
	@$(PYTHON) -c "import secrets as s; print('\n'.join(f'{n}={s.token_urlsafe(24)}' for n in ('COOP_RABBITMQ_PASSWORD', 'COOP_POSTGRES_PASSWORD', 'COOP_MINIO_PASSWORD')))" > .env && chmod 600 .env
	@echo "wrote .env with random secrets"

##@ Work
test: $(DEV) ## Run the tests (T=path::name for one)
	@$(BIN)/pytest $(T)

lint: $(DEV) ## Check style, types and the dependency rule
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint test ## All that CI checks
	@$(BIN)/coop demo > /dev/null && echo "demo: balanced"

format: $(DEV) ## Rewrite the code in the house style
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

schemas: $(DEV) ## Write the JSON Schemas and the generated reference pages
	@$(BIN)/coop schema export schemas/json
	@$(BIN)/coop schema asyncapi schemas/asyncapi.yaml
	@$(BIN)/coop schema reference docs/reference

samples: $(DEV) ## Draw the sample bundles anew
	@$(BIN)/python -m samples.generate

lock: $(DEV) ## Compile the hash locks from pyproject.toml
	@$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --universal \
	  --extra web --extra samples pyproject.toml requirements/build.in -o requirements/run.lock
	@$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --universal \
	  --extra dev pyproject.toml requirements/build.in -c requirements/run.lock -o requirements/dev.lock

bench: $(DEV) ## Measure a check before sending as a ratio to reading its documents
	@$(BIN)/python -m benchmarks.precheck

chaos: $(DEV) ## Let FAULTS=100 faults happen to real processes (SEED= repeats a run)
	@COOP_CHAOS_SEED=$(SEED) COOP_CHAOS_FAULTS=$(FAULTS) $(BIN)/pytest -s tests/e2e/test_chaos.py

bench-ledger: $(DEV) ## Measure postings as ratios to the bare insert, on a private PostgreSQL
	@$(BIN)/python -m benchmarks.ledger

accuracy: $(DEV) ## Measure what is read from the documents in DATA=folder
	@$(BIN)/python -m benchmarks.accuracy $(DATA)

clean: ## Remove the environment and all caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist

$(BIN)/python:
	@$(PYTHON) -m venv $(VENV)

$(RUN): requirements/run.lock pyproject.toml | $(BIN)/python
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/run.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $(RUN)

$(DEV): requirements/dev.lock $(RUN)
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $(DEV)

.PHONY: help demo serve up test lint check format schemas samples lock bench bench-ledger accuracy chaos clean
