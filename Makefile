# Every check of the project. `make test` needs a Python (3.11 or newer), make, and nothing else: it makes
# its own environment in .venv, from python3 or from PYTHON=..., and makes it again when pyproject.toml
# asks for other tools.

PYTHON ?= python3
ROUNDS ?= 6
BIN := .venv/bin
RUFF := $(BIN)/ruff
PARTS := $(BIN)/python -m tests.project.parts

export PYTHONS REQUIRE_ALL
# pyright would look for a newer one of itself.
export PYRIGHT_PYTHON_IGNORE_WARNINGS = 1
# What is started a thousand times is compiled once.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help test lint types coverage rest servers others seeds format soak bench site wheel clean environment

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

test: environment ## all of it, in parts that run side by side
	@$(PARTS)

lint: environment ## ruff, format and rules
	@$(PARTS) lint

types: environment ## mypy --strict, for Linux and for macOS; pyright, and that no public type is a guess
	@$(PARTS) types

coverage: environment ## the tests of the floors on one Python; every line and branch of reactor/ counts
	@$(PARTS) coverage

rest: environment ## on the same Python what coverage does not need: the project's files, any program, benchmarks, pages
	@$(PARTS) rest

servers: environment ## the servers' suite on one Python
	@$(PARTS) servers

others: environment ## the suite on every other Python that is usable here, or named in PYTHONS="..."
	@$(PARTS) others

seeds: environment ## all that happens in a World, in the orders of two seeds; make soak: of 200
	@$(PARTS) seeds

format: environment ## ruff format, and what ruff can mend by itself
	$(RUFF) format .
	$(RUFF) check --fix .

soak: environment ## the tests that run for minutes; they say what they counted
	$(BIN)/python -m pytest -rP -m soak -o faulthandler_timeout=0

bench: ## what it costs beside others, a few minutes; ROUNDS=15 for longer, AXES="echo ok" for some
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("$(PYTHON) is older than 3.11; name another: make PYTHON=...")'
	@$(PYTHON) -m tests.project.environments .venv-bench bench
	.venv-bench/bin/python -m tests.benchmarks --rounds $(ROUNDS) $(AXES)

site: ## the documents as pages, in build/site; begin at index.html
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("$(PYTHON) is older than 3.11; name another: make PYTHON=...")'
	@$(PYTHON) -m tests.project.environments .venv-site site
	rm -rf build/site
	.venv-site/bin/python -m docs.site build/site

wheel: environment ## sdist and wheel, into dist/
	$(BIN)/python -m build --no-isolation

clean: ## remove all that these make
	rm -rf .venv .venv-bench .venv-site .bench build dist htmlcov .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*
	find docs reactor servers tests -name __pycache__ -type d -prune -exec rm -rf {} +

environment:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("$(PYTHON) is older than 3.11; name another: make PYTHON=...")'
	@$(PYTHON) -m tests.project.environments .venv dev
