# The project's commands, each a thin wrapper; the README shows them one by one.

ACCEPTABLE := import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
	$$name -c '$(ACCEPTABLE)' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
# The kernels of searches, where servers look for them; what is compiled already is only loaded.
COMPILE := NUMBA_CACHE_DIR="$${NUMBA_CACHE_DIR:-$$LIKENESS_KERNELS}" $(BIN)/python -m indexer.indexes.kernels
# A file of tests on each core: what a file prepares, it prepares once. In the order of the
# collection, since files of the fewest tests, which would come last, are among the longest.
SPREAD := --numprocesses=auto --dist=loadfile --no-loadscope-reorder

define NO_PYTHON
No Python 3.11, 3.12 or 3.13 that can make virtual environments was found.
  On Debian or Ubuntu:  sudo apt install python3 python3-venv
  Or name one:          make PYTHON=/path/to/python3.12
endef
export NO_PYTHON

.PHONY: help demo test test-all lint screenshots

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

demo: .venv/.run ## Search pictures on http://127.0.0.1:5000; own ones by GALLERY=/a/folder, PORT=5055
	@$(BIN)/flask demo --port "$${PORT:-5000}" $${GALLERY:+--gallery "$$GALLERY"}

test: .venv/.dev ## Run the tests, save the long campaigns
	$(BIN)/python -m pytest $(SPREAD) -m "not campaign"

test-all: .venv/.dev ## Run every test
	$(BIN)/python -m pytest $(SPREAD)

lint: .venv/.dev ## Check style, types and the walls between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

screenshots: .venv/.dev ## Take the pictures in docs/screenshots anew; KEEP=/a/folder keeps what they show
	$(BIN)/python -m tests.e2e.screenshots $(KEEP)

$(BIN)/python:
	@"$(PYTHON)" -c '$(ACCEPTABLE)' 2>/dev/null || { echo "$$NO_PYTHON" >&2; exit 1; }
	"$(PYTHON)" -m venv --clear .venv

# The stamps make a second run reuse what is there, and a changed list install again.
.venv/.run: requirements.txt requirements-web.txt | $(BIN)/python
	$(BIN)/python -m pip install -r requirements.txt
	$(COMPILE)
	@touch $@

.venv/.dev: requirements-dev.txt requirements-postgresql.txt requirements.txt requirements-web.txt | $(BIN)/python
	$(BIN)/python -m pip install -r requirements-dev.txt
	$(COMPILE)
	@touch $@
