# Two commands: `make run` serves, `make test` tests. Both set themselves up first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: run test setup spark lock check clean

run: setup
	@echo "Starting; the first start of a version compiles for about half a minute."
	@$(BIN)/torwart serve

test: setup
	$(BIN)/pytest

setup: $(STAMP)

# The lock file pins every package by version and hash; it names no package index.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Torwart needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12 …")'
	@echo "Installing into $(VENV): about two minutes and 1.3 GB, once."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Spark, for `torwart features --engine spark` and its test; half a gigabyte, and it needs Java.
spark: setup
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock

# Formatting, lint, strict types and import rules.
check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Renews requirements.lock from pyproject.toml.
lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet uv
	build/lock/bin/uv pip compile pyproject.toml --extra training --extra test --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-header --upgrade --quiet --output-file requirements.lock
	echo 'pyspark>=4.1' | build/lock/bin/uv pip compile - --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade --quiet --output-file requirements-spark.lock

clean:
	rm -rf $(VENV) build *.egg-info
