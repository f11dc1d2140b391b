# Everything a newcomer runs. Each target installs what it needs, and no more, into .venv:
# python3, make, git and a package index are enough. `make help` lists the targets.

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test browser javascript lint types bench docs clean
# Two installations into one environment at once would disturb each other.
.NOTPARALLEL:

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo '  ARGS="..." passes options to the command behind a target; PYTHON=python3.12 chooses the interpreter.'

demo: $(VENV)/.installed-all ## Run the main job on an in-memory marketplace (ARGS="--rows 50 --faults")
	$(BIN)/aioturk demo $(ARGS)

test: $(VENV)/.installed-test ## Run the tests, on all cores (ARGS="tests/test_client.py -k token")
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --ignore tests/browser $(ARGS)

browser: $(VENV)/.installed-test ## Test the worker site in Chromium, if there is one
	$(BIN)/python -m pytest tests/browser $(ARGS)

javascript: $(VENV)/.installed-test ## Judge the marketplace by the AWS SDK for JavaScript (wants Node.js and npm)
	npm install --prefix tests/javascript --no-audit --no-fund --no-package-lock --loglevel=error
	$(BIN)/python -m pytest tests/javascript $(ARGS)

lint: $(VENV)/.installed-test $(VENV)/.installed-lint ## Check style, types, layers and generated code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --quiet tests/test_layers.py
	$(BIN)/python -m aioturk._codegen --check

types: $(VENV)/.installed-lint ## Check that a user's type checker knows every public type (wants Node.js from npm)
	rm -rf build dist $(VENV)-types
	$(BIN)/python -m pip --quiet wheel --no-deps --wheel-dir dist .
	$(BIN)/python -m venv $(VENV)-types
	$(VENV)-types/bin/python -m pip install --quiet --disable-pip-version-check "$$(echo dist/*.whl)[all]" pyright pytest
	. $(VENV)-types/bin/activate && cd dist && pyright --verifytypes aioturk --ignoreexternal

bench: $(VENV)/.installed-bench ## Measure against plain aiohttp and other clients
	$(BIN)/python -m benchmarks $(ARGS)

docs: $(VENV)/.installed-docs ## Build the documentation into docs/_build
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --nitpicky --quiet $(ARGS) docs docs/_build
	@echo "The documentation is in docs/_build/index.html"

clean: ## Remove the environment and everything that was built
	rm -rf $(VENV) $(VENV)-types docs/_build build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage

# One stamp for each extra of setup.cfg, so that a second run installs nothing. The installation is editable: only a
# change of what is required, not of the code, calls for a new one.
$(VENV)/.installed-%: setup.cfg pyproject.toml | $(VENV)/.made
	$(PIP) --editable '.[$*]'
	@touch $@

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo 'There is no $(PYTHON) here: install Python 3.11 or later, or name one: make PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "aioturk needs Python 3.11 or later, and $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo 'The environment $(VENV) could not be made. On Debian and Ubuntu the package python3-venv is needed for it.' >&2; exit 1; }
	@touch $@
