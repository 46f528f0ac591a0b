# Everything happens in virtual environments inside the checkout; nothing else on the machine is changed.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?=
# One more than the two cores: tests wait for servers and for programs that they start.
JOBS ?= 3

# The stories that are told again with the oldest versions and with the wheel, and what the oldest versions do otherwise.
STORIES := $(addprefix tests/scenarios/test_,$(addsuffix .py,blocked_commit server_dialects without_pre_commit))
WORKER := $(addprefix tests/worker/test_,$(addsuffix .py,cannot_tell check doubts environment foreign_tables merge \
  redirect revision sqlite_limits variables))

# The first that starts: a name on PATH, pyenv's versions (whose shims are there for versions that do not start), the usual.
find_python = for p in python$(1) "$$(pyenv root 2>/dev/null)"/versions/$(1).*/bin/python $(PYTHON); do \
  "$$p" -c "" 2>/dev/null && { echo "$$p"; break; }; done

.PHONY: demo test fuzz lint wheel-test oldest matrix clean format

$(BIN)/.ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "migguard needs Python 3.10 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

demo: $(BIN)/.ready ## a blocked commit, a generated revision, a merge with its merge revision
	$(BIN)/python campaigns/demo.py

test: $(BIN)/.ready ## all tests, on three processes
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(PYTEST_ARGS)

# FUZZ_ARGS: see `python -m tests.worker.differential.postgresql_fuzz --help`; campaigns/fuzz_postgresql.py goes on for hours.
FUZZ_ARGS ?= --statements 20000 --models 100 --migrations 100 --seed $(shell date +%s)

fuzz: $(BIN)/.ready ## random DDL, models and migrations on the real PostgreSQL and on the catalog
	$(BIN)/python -m tests.worker.differential.postgresql_fuzz $(FUZZ_ARGS)

lint: $(BIN)/.ready ## ruff, mypy strict, the layers, the hook manifest
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pre-commit validate-manifest .pre-commit-hooks.yaml

# The oldest versions that are promised, on the oldest Pythons that are found: 3.10 for migguard itself, 3.9 for the
# project under it. Where there is none, the usual Python stands in.
oldest:
	rm -rf .venv-oldest .venv-oldest-project
	$$($(call find_python,3.10)) -m venv .venv-oldest
	$$($(call find_python,3.9)) -m venv .venv-oldest-project
	.venv-oldest/bin/python -m pip install --quiet --upgrade pip
	.venv-oldest-project/bin/python -m pip install --quiet --upgrade pip
	.venv-oldest/bin/python -m pip install --quiet --editable . --requirement tests/oldest.txt --requirement tests/oldest-project.txt
	.venv-oldest-project/bin/python -m pip install --quiet --requirement tests/oldest-project.txt
	MIGGUARD_TEST_PROJECT_PYTHON=$(CURDIR)/.venv-oldest-project/bin/python \
	  .venv-oldest/bin/python -m pytest -n $(JOBS) --dist worksteal $(PYTEST_ARGS) \
	  $(WORKER) tests/worker/templates tests/revisions tests/rules $(STORIES)

# The wheel as users get it: the tests are copied away, so that nothing but the wheel can be imported.
wheel-test: $(BIN)/.ready
	rm -rf build/wheel .venv-wheel
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir build/wheel .
	$(PYTHON) -m venv .venv-wheel
	.venv-wheel/bin/python -m pip install --quiet --upgrade pip
	.venv-wheel/bin/python -m pip install --quiet build/wheel/*.whl --group dev
	mkdir -p build/wheel/run && cp -R tests pyproject.toml build/wheel/run/
	cd build/wheel/run && ../../../.venv-wheel/bin/python -m pytest -n $(JOBS) --dist worksteal $(PYTEST_ARGS) tests/commands $(STORIES) -m "not checkout"

matrix: $(BIN)/.ready ## every template with every driver, under each promised pair of SQLAlchemy and Alembic
	$(BIN)/python campaigns/matrix.py $(MATRIX)

format: $(BIN)/.ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf $(VENV) .venv-oldest .venv-oldest-project .venv-wheel build dist
