# What the project does on a fresh machine: `make demo`, `make test`; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= 2

.PHONY: help install check format test soak demo bench dist docs clean prerequisites

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

prerequisites:
	@command -v git >/dev/null || { echo "git is missing. Type: apt install git" >&2; exit 1; }
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing. Type: apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed. Type: apt install python3 python3-venv, or make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. Type: apt install python3-venv" >&2; exit 1; }

install: prerequisites $(STAMP) ## make .venv with stakactl and everything its tests need

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing stakactl and what its tests need into $(VENV) (a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[postgresql,mysql,redis,test,check,docs]'
	@touch $@

check: install ## lint, format, types, layer rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: install ## format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

test: check ## check, then every test (a sample of the long ones)
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not soak"

soak: install ## the long fault and load suites, in full
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal -m soak

demo: install ## the nightly job on an offline Stripe with a seeded world
	@$(BIN)/stakactl demo

bench: install ## the figures of the README
	@$(BIN)/python -m benchmarks

docs: install ## pictures and the command reference of the README
	@$(BIN)/python docs/build.py

dist: install ## build the wheel and the source archive in dist/
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .

clean: ## remove what the targets made, the demo world included
	@rm -rf $(VENV) dist build var/demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
