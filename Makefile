# The developer's interface. Everything runs in .venv, which is made on first use.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
GROUPS := test check
export PYDANTIC_DISABLE_PLUGINS := __all__

.PHONY: demo test check bench clean install

install: $(STAMP)

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: python3 --version"; exit 1; }
	@echo "making $(VENV) with $$($(PYTHON) --version)"
	@if command -v uv >/dev/null 2>&1; then \
		{ test -x $(BIN)/python || uv venv --quiet --python "$(PYTHON)" $(VENV); } && \
		uv pip install --quiet --compile-bytecode --python $(BIN)/python -e '.[all]' $(foreach g,$(GROUPS),--group $(g)); \
	else \
		{ test -x $(BIN)/python || $(PYTHON) -m venv $(VENV); } && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1' && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[all]' $(foreach g,$(GROUPS),--group $(g)); \
	fi
	@$(BIN)/python -m compileall -q src
	@touch $(STAMP)

demo: $(STAMP)
	@$(BIN)/ghl demo demo.db --force

test: $(STAMP)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --cov=ghl --cov-branch --cov-report= --cov-context= 
	@$(BIN)/python tests/coverage_floors.py

check: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python tests/sizes.py
	@$(BIN)/python docs/generate.py --check

bench: $(STAMP)
	@for file in bench/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

clean:
	@rm -rf $(VENV) demo.db* outbox .pytest_cache .mypy_cache .ruff_cache .coverage*
