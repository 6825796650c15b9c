# The developer's interface. Everything runs in .venv, which is made on first use.
#   make demo    a file with sample data, in which two weeks have passed
#   make test    every test, with coverage
#   make check   lint, types, import rules, sizes, documentation
#   make bench   the benchmarks
#   make clean   away with everything that was made here
# Settings of pip and uv (PIP_*, UV_*) are respected.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
GROUPS := --group test --group check
WORKERS ?= 2

.PHONY: demo test check bench clean install
install: $(STAMP)

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, with venv (Debian: apt install python3-venv)"; exit 1; }
	@echo "making $(VENV) with $$($(PYTHON) --version)"
	@if command -v uv >/dev/null 2>&1; then \
		{ test -x $(BIN)/python || uv venv --quiet --python "$$(command -v $(PYTHON))" $(VENV); } && \
		uv pip install --quiet --compile-bytecode --python $(BIN)/python -e '.[all]' $(GROUPS); \
	else \
		{ test -x $(BIN)/python || $(PYTHON) -m venv $(VENV); } && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1' && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[all]' $(GROUPS); \
	fi
	@$(BIN)/python -m compileall -q src
	@touch $(STAMP)

demo: $(STAMP)
	@$(BIN)/ghl demo demo.db --force
	@echo "(ghl is $(BIN)/ghl: . $(BIN)/activate)"

test: $(STAMP)
	@$(BIN)/python -m coverage erase
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --cov=ghl --cov-branch --cov-report=
	@$(BIN)/python tests/coverage_floors.py

check: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/python tests/sizes.py
	@$(BIN)/python docs/generate.py --check
	@$(BIN)/python -m pytest tests/docs

bench: $(STAMP)
	@for file in bench/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

clean:
	@rm -rf $(VENV) demo.db* outbox .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage*
