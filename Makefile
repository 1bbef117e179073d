# Everything a newcomer needs; `make help` lists it.
PYTHON ?= python3
SYSTEM ?= web-app
ARGS ?=
VENV := .venv/bin

.PHONY: help setup setup-dev up test lint types bench audit clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## Set up what running needs: .venv, Node, the DynamoDB engine
	@$(PYTHON) scripts/bootstrap.py run

setup-dev: ## Set up what testing needs as well: test tools, CDK CLI, a browser
	@$(PYTHON) scripts/bootstrap.py dev

up: setup ## Start a system (SYSTEM=web-app) and print its addresses
	@$(VENV)/cloudworthy up $(SYSTEM) $(ARGS)

test: setup-dev ## Run every test (ARGS="-k name" for some)
	@$(VENV)/python -m pytest -n 3 --dist loadgroup $(ARGS)

lint: setup-dev ## Check style and format
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .

types: setup-dev ## Check types
	@$(VENV)/mypy

bench: setup-dev ## Measure, beside the peers, into docs/benchmarks.md
	@$(VENV)/python -m benchmarks $(ARGS)

audit: setup-dev ## Look for known vulnerabilities in the pinned packages
	@$(VENV)/pip-audit --require-hashes --disable-pip -r requirements/toolkit.txt

clean: ## Remove everything that set-up and runs have made
	rm -rf .venv node_modules build cdk.out .cloudworthy .mypy_cache .ruff_cache .pytest_cache
