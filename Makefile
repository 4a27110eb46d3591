# The recipes that developers, the pre-commit hooks and CI share. `make help` lists them.
# A new machine needs python3 (3.11 or later, with venv) and make, nothing else.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
# Set to 1 to measure the branch coverage of app/.
COVERAGE ?=
# Passed on to pytest: make test ARGS="tests/engine -k months"
ARGS ?=
# Three on two cores: one of them always waits for a browser or a server.
WORKERS ?= 3
# The lowest branch coverage of app/ that is accepted, in per cent.
MIN_COVERAGE ?= 93

VENV := .venv
BIN := $(VENV)/bin
# Two stages of one environment: what running needs, and what development adds.
RUNTIME := $(VENV)/.runtime-installed
STAMP := $(VENV)/.installed

# What `make drift` checks: the targets that generate files, and the files and folders that they write.
# A new generator is a target of its own, named here.
GENERATORS := openapi docs
GENERATED := openapi docs/profiles docs/returns docs/profile-format.md docs/episodes.md docs/facts.md docs/python.md

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# Without its bytecode cache, Python compiles every module at each start, which doubles the time a start takes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List the recipes
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: $(STAMP) ## Create .venv from the locks and install the project into it

# The locks are complete and hashed, so pip resolves nothing and builds nothing: --no-deps, wheels only. Modules are
# compiled when they are first imported, not at installation. A stamp is written last, so that an interrupted
# installation is repeated.
# UV names a uv that installs in pip's place, in a tenth of the time; it does not read pip's settings.
UV ?=
INSTALL = $(if $(UV),$(UV) pip install --python $(BIN)/python,$(BIN)/python -m pip install --no-compile) --quiet --no-deps
LOCKED = --require-hashes --only-binary :all:
define CREATE_VENV
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
endef

# What every route needs. What a setting or a command alone needs is in the image (runtime.lock) and in development:
# pyarrow for tables of answers, mcp, OpenTelemetry and redis, 200 of 530 MB.
$(RUNTIME): requirements/serve.lock
	$(CREATE_VENV)
	$(INSTALL) $(LOCKED) -r requirements/serve.lock
	@touch $@

# dev.lock contains the others. The project itself is built by the locked backend, from the environment.
$(STAMP): pyproject.toml requirements/dev.lock
	$(CREATE_VENV)
	$(INSTALL) $(LOCKED) -r requirements/dev.lock
	$(INSTALL) --no-build-isolation --no-index --editable .
	@touch $(RUNTIME) $@

.PHONY: serve
serve: $(RUNTIME) ## Load the packaged data and serve (HOST, PORT)
	@$(BIN)/python -m app.cli load
	@exec $(BIN)/python -m app.cli serve --host $(HOST) --port $(PORT)

# COVERAGE=1 measures the branch coverage of app/ meanwhile; which tests are measured is in tests/measured.py.
.PHONY: test
test: $(STAMP) ## Run the tests (ARGS are passed on to pytest; COVERAGE=1 measures branch coverage)
	$(BIN)/python -m pytest -n $(WORKERS) $(if $(COVERAGE),$(MEASURED)) $(ARGS)
	$(if $(COVERAGE),@$(BIN)/python .ci/branches.py build/coverage.json)

MEASURED = --cov --cov-report=json:build/coverage.json --cov-fail-under=$(MIN_COVERAGE)

.PHONY: coverage
coverage: ## Run the tests and measure the branch coverage of app/
	@$(MAKE) test COVERAGE=1

.PHONY: lint
lint: style drift ## Check style, formatting, types, imports and generated files (-j 2: at once)

.PHONY: style
style: $(STAMP) ## Check style, formatting, types and imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: $(STAMP) ## Format the code and apply the automatic fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: openapi
openapi: $(STAMP) ## Generate the OpenAPI documents and the profile schema
	$(BIN)/python -m tools.openapi

.PHONY: docs
docs: $(STAMP) ## Generate the pages about the packaged profiles, episodes and facts, and tables of timings and columns
	$(BIN)/python -m app.cli docs
	$(BIN)/python -m tools.build_format_page
	$(BIN)/python -m tools.build_episode_pages
	$(BIN)/python -m tools.build_return_pages
	$(BIN)/python -m tools.build_column_tables

# Runs every generator and compares the files before and after, so that it is right in a checkout with uncommitted
# changes too. A file that differs is left as generated, ready to be reviewed and committed.
.PHONY: drift
drift: $(STAMP) ## Fail if a generated file is not up to date
	@MAKEFLAGS="$(filter-out -j% --jobserver%,$(MAKEFLAGS))" $(BIN)/python .ci/drift.py --make "$(MAKE)" --targets "$(GENERATORS)" --paths "$(GENERATED)"

# `make lock` changes only what has to change; `make lock UPGRADE=--upgrade` takes the newest versions.
# dev.lock is resolved first and constrains the others, so that the tested versions are the shipped ones.
UPGRADE ?=
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--only-binary :all: --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" $(UPGRADE)
.PHONY: lock
lock: $(STAMP) ## Resolve the locked requirements again (UPGRADE=--upgrade for the newest)
	$(COMPILE) pyproject.toml --all-extras --group dev --output-file requirements/dev.lock
	$(COMPILE) pyproject.toml --all-extras --constraint requirements/dev.lock --output-file requirements/runtime.lock
	$(COMPILE) pyproject.toml --extra returns --extra xlsx --constraint requirements/dev.lock --output-file requirements/serve.lock
	$(COMPILE) pyproject.toml --group dev --group bench --constraint requirements/dev.lock --output-file requirements/bench.lock
	$(COMPILE) deploy/spark/requirements.in --constraint requirements/dev.lock --output-file deploy/spark/requirements.lock
	$(COMPILE) --no-binary pyspark deploy/spark/requirements.in --group pyproject.toml:spark --constraint requirements/dev.lock --output-file requirements/spark.lock
	$(COMPILE) --group pyproject.toml:build --constraint requirements/dev.lock --output-file requirements/build.lock

# It has what the executors of a cluster have (deploy/spark) and Spark. pyspark comes as source alone, so it is built by the
# locked setuptools, once everything else is there.
SPARK := build/spark
$(SPARK)/.installed: BIN := $(SPARK)/bin
$(SPARK)/.installed: requirements/spark.lock
	$(PYTHON) -m venv --clear $(SPARK)
	sed '/^pyspark==/,/[0-9a-f]$$/d' requirements/spark.lock > $(SPARK)/wheels.lock
	$(INSTALL) $(LOCKED) -r $(SPARK)/wheels.lock
	$(INSTALL) --require-hashes --no-build-isolation -r requirements/spark.lock
	@touch $@

.PHONY: spark
spark: $(STAMP) $(SPARK)/.installed ## Install Spark into build/spark and run its tests (Java is needed)
	SPARK_PYTHON=$(CURDIR)/$(SPARK)/bin/python $(BIN)/python -m pytest tests/frames/test_spark.py $(ARGS)

.PHONY: bench
bench: $(STAMP) ## Measure the speed against peers, in one run on this machine
	$(INSTALL) $(LOCKED) -r requirements/bench.lock
	$(BIN)/python -m bench

# Two workers on PostgreSQL; meanwhile standards are published and the database is stopped and started repeatedly.
REQUESTS ?= 1000000
.PHONY: load
load: $(STAMP) ## Send a heavy load and compare every answer (REQUESTS), then one of rude callers
	$(BIN)/python -m bench.load --requests $(REQUESTS)
	$(BIN)/python -m bench.rude

TARGET ?= request
SECONDS ?= 600
.PHONY: fuzz
fuzz: $(STAMP) ## Fuzz a parser by coverage (TARGET: request case lines profile files; SECONDS)
	@mkdir -p build/fuzz/$(TARGET)
	$(BIN)/python -m tests.fuzz.harness $(TARGET) -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 \
		-artifact_prefix=build/fuzz/ build/fuzz/$(TARGET)

# An OSV file (PyPI/all.zip) to look in without a network; its date is shown. Exit status 3: nothing was looked up.
AUDIT_DATABASE ?=
.PHONY: audit
audit: $(STAMP) ## Look for known vulnerabilities of the locked packages (AUDIT_DATABASE)
	@$(BIN)/python .ci/audit.py --database "$(AUDIT_DATABASE)" requirements/runtime.lock

.PHONY: sbom
sbom: $(STAMP) ## Write the bill of materials (CycloneDX, build/sbom.json) and check its licences
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --output-file build/sbom.json requirements/runtime.lock
	$(BIN)/cyclonedx-py environment --output-reproducible --output-file build/environment.json $(VENV)
	$(BIN)/python .ci/licences.py --bill build/sbom.json --environment build/environment.json --policy .ci/licences.toml

.PHONY: image
image: $(STAMP) ## Run the Dockerfile's steps without Docker
	$(BIN)/python .ci/image_steps.py

.PHONY: clean
clean: ## Remove everything that can be rebuilt, including the environment
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .schemathesis
	find app tests -name __pycache__ -type d -prune -exec rm -rf {} +
