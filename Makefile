# Proofbridge: every target sets up what it needs; a second run does no work.
SHELL := /bin/bash
export SAM_CLI_TELEMETRY := 0
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SYNCED := $(VENV)/.synced
STAGE ?= dev
ARGS ?=

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  \1\t/' | expand -t 14

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(SYNCED): $(BIN)/uv pyproject.toml uv.lock
	UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --frozen --quiet --inexact --python $(BIN)/python
	$(BIN)/python -m local.aws.prepare
	@touch $@

setup: $(SYNCED) ## make .venv from uv.lock

demo: $(SYNCED) ## a proof's whole life on this machine (ARGS=--keep leaves everything running)
	$(BIN)/python -m local.demo $(ARGS)

local: $(SYNCED) ## local AWS with the vendor simulators, until Ctrl-C
	$(BIN)/python -m local $(ARGS)

lint: $(SYNCED) ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint validate ## lint, types, and every test (unit, integration, contract, infra, end to end)
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

soak: $(SYNCED) ## tests that take long: 100,000 open items, 300 MB, every order of versions, kills at every call
	$(BIN)/pytest -m soak tests $(ARGS)

bench: $(SYNCED) ## start-up and throughput figures (takes minutes, asserts nothing about time)
	$(BIN)/python -m tests.bench $(ARGS)

validate: $(SYNCED) ## template.yaml and config/
	$(BIN)/sam validate --lint --template-file template.yaml
	$(BIN)/python -m proofbridge.config config

build: $(SYNCED) ## sam build, ready for `sam deploy --guided`
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/sam build

clean: ## remove everything that was made here
	rm -rf $(VENV) .local .aws-sam .mypy_cache .pytest_cache .ruff_cache .hypothesis

.PHONY: help setup demo local lint test soak bench validate build clean
