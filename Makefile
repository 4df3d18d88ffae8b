# Every check of the project. `make test` needs a Python (3.11 or newer), make, and nothing else: it makes
# its own environment in .venv, from python3 or from PYTHON=..., and makes it again when pyproject.toml
# asks for other tools.

PYTHON ?= python3
ROUNDS ?= 6
BIN := .venv/bin
RUFF := $(BIN)/ruff
# A cache for each platform: mypy throws one away that was made for another.
MYPY = $(BIN)/python -m mypy --platform $(1) --cache-dir .mypy_cache/$(1)
COVERAGE := $(BIN)/python -m coverage

export PYTHONS REQUIRE_ALL
# pyright would look for a newer one of itself.
export PYRIGHT_PYTHON_IGNORE_WARNINGS = 1
# What is started a thousand times is compiled once.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help test lint types coverage servers others format soak bench wheel clean environment

help: ## say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

test: lint types ## all of it: lint, types, the suites, and beside them on every other Python
	@printf '\n== the suites, side by side; the other Pythons are shown when all have ended\n'
	@$(MAKE) --no-print-directory others > .others.log 2>&1 & others=$$!; \
	$(MAKE) --no-print-directory --keep-going coverage servers; here=$$?; \
	wait $$others; there=$$?; cat .others.log; rm .others.log; exit $$((here | there))

lint: environment ## ruff, format and rules
	@printf '\n== ruff format\n'
	$(RUFF) format --check .
	@printf '\n== ruff check\n'
	$(RUFF) check .

types: environment ## mypy --strict, for Linux and for macOS; pyright, and that no public type is a guess
	@printf '\n== mypy for linux\n'
	$(call MYPY,linux)
	@printf '\n== mypy for darwin\n'
	$(call MYPY,darwin)
	@printf '\n== pyright\n'
	$(BIN)/python -m pyright --pythonpath $(BIN)/python
	@printf '\n== pyright: every public name of reactor is typed to the end\n'
	$(BIN)/python -m tests.project.completeness reactor

coverage: environment ## the suite but for the servers, on one Python; every line and branch of reactor/ counts
	@printf '\n== the suite, with coverage\n'
	$(COVERAGE) erase
	$(COVERAGE) run -m pytest --ignore tests/servers
	$(COVERAGE) combine --quiet
	$(COVERAGE) report

servers: environment ## the servers' suite on one Python
	@printf '\n== the servers, in two halves side by side; the first is shown when both have ended\n'
	@$(BIN)/python -m pytest tests/servers/test_[a-o]*.py > .servers.log 2>&1 & first=$$!; \
	$(BIN)/python -m pytest tests/servers/test_[!a-o]*.py; second=$$?; \
	wait $$first; first=$$?; cat .servers.log; rm .servers.log; exit $$((first | second))

others: environment ## the suite on every other Python that is usable here, or named in PYTHONS="..."
	@printf '\n== the suite on other Pythons\n'
	$(BIN)/python -m tests.project.other_pythons

format: environment ## ruff format, and what ruff can mend by itself
	$(RUFF) format .
	$(RUFF) check --fix .

soak: environment ## the tests that run for minutes; they say what they counted
	$(BIN)/python -m pytest -rP -m soak -o faulthandler_timeout=0

bench: ## what it costs beside others, a few minutes; ROUNDS=15 for longer, AXES="echo ok" for some
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("$(PYTHON) is older than 3.11; name another: make PYTHON=...")'
	@$(PYTHON) -m tests.project.environments .venv-bench bench
	.venv-bench/bin/python -m tests.benchmarks --rounds $(ROUNDS) $(AXES)

wheel: environment ## sdist and wheel, into dist/
	$(BIN)/python -m build --no-isolation

clean: ## remove all that these make
	rm -rf .venv .venv-bench .bench dist htmlcov .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*
	find docs reactor servers tests -name __pycache__ -type d -prune -exec rm -rf {} +

environment:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("$(PYTHON) is older than 3.11; name another: make PYTHON=...")'
	@$(PYTHON) -m tests.project.environments .venv dev
