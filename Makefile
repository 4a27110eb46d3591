# Every recipe that a developer, the pre-commit hooks and CI share. `make help` lists them.
# A fresh machine needs python3 (3.11 or later, with venv) and make, nothing else.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
# Passed on to pytest: make test ARGS="tests/engine -k months"
ARGS ?=
WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# What `make drift` holds to its generator: the targets that write files, and the files and folders they write.
# A new generator is a target of its own, named here.
GENERATORS := openapi docs
GENERATED := openapi docs/profiles

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# Where a shell forbids Python to keep what it compiled, every start compiles everything anew, which takes as long again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## List the recipes
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: $(STAMP) ## Create .venv from the locks and install the project into it

# The lock is complete and hashed, so pip resolves and builds nothing: --no-deps, wheels only. The project itself is
# built by the locked backend that is then in the environment. The stamp comes last: an interrupted set-up is redone.
$(STAMP): pyproject.toml requirements/dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; name one with: make PYTHON=python3.12 setup" >&2; exit 1; }
	@$(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	@touch $@

.PHONY: serve
serve: $(STAMP) ## Load the packaged data and serve (HOST, PORT)
	@$(BIN)/deadlines load
	@exec $(BIN)/deadlines serve --host $(HOST) --port $(PORT)

.PHONY: test
test: $(STAMP) ## Run the tests (ARGS are passed on to pytest)
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

.PHONY: lint
lint: $(STAMP) ## Check style, formatting, types, imports and generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict app
	$(BIN)/lint-imports
	@$(MAKE) drift

.PHONY: format
format: $(STAMP) ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: openapi
openapi: $(STAMP) ## Generate the OpenAPI documents and the profile schema
	$(BIN)/python -m app.cli openapi

.PHONY: docs
docs: $(STAMP) ## Generate the pages about the packaged profiles
	$(BIN)/python -m app.cli docs

# Every generator is run, and what it writes is compared with what was there: also right in a checkout with changes
# not yet committed. What drifted is left regenerated, ready to be read and committed.
.PHONY: drift
drift: $(STAMP) ## Fail if a generated file is not what its generator writes
	@$(BIN)/python .ci/drift.py --make "$(MAKE)" --targets "$(GENERATORS)" --paths "$(GENERATED)"

# The newest versions are taken on purpose, by `make lock UPGRADE=--upgrade`; without it only what has to change does.
# dev.lock is resolved first and constrains the others, so that what is tested is what is shipped.
UPGRADE ?=
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--only-binary :all: --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" $(UPGRADE)
.PHONY: lock
lock: $(STAMP) ## Resolve the locked requirements again (UPGRADE=--upgrade for the newest)
	$(COMPILE) pyproject.toml --all-extras --group dev --output-file requirements/dev.lock
	$(COMPILE) pyproject.toml --all-extras --constraint requirements/dev.lock --output-file requirements/runtime.lock
	$(COMPILE) pyproject.toml --group dev --group bench --constraint requirements/dev.lock --output-file requirements/bench.lock
	$(COMPILE) --group pyproject.toml:build --constraint requirements/dev.lock --output-file requirements/build.lock

.PHONY: bench
bench: $(STAMP) ## Measure the speed beside peers, in one run on this machine
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: -r requirements/bench.lock
	$(BIN)/python -m bench

# Two workers on PostgreSQL, standards published meanwhile, the database stopped and started again and again.
REQUESTS ?= 1000000
.PHONY: load
load: $(STAMP) ## Send a heavy load and compare every answer (REQUESTS)
	$(BIN)/python -m bench.load --requests $(REQUESTS)

TARGET ?= request
SECONDS ?= 600
.PHONY: fuzz
fuzz: $(STAMP) ## Fuzz a parser by coverage (TARGET: request case lines profile files; SECONDS)
	@mkdir -p build/fuzz/$(TARGET)
	$(BIN)/python -m tests.fuzz.harness $(TARGET) -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 \
		-artifact_prefix=build/fuzz/ build/fuzz/$(TARGET)

.PHONY: audit
audit: $(STAMP) ## Look the locked requirements up in the public lists of vulnerabilities
	$(BIN)/pip-audit --strict --require-hashes --disable-pip --requirement requirements/runtime.lock

.PHONY: sbom
sbom: $(STAMP) ## Write the bill of materials (CycloneDX) to build/sbom.json
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --output-file build/sbom.json requirements/runtime.lock

.PHONY: image
image: $(STAMP) ## Run what the Dockerfile's steps run, without Docker
	$(BIN)/python .ci/image_steps.py

.PHONY: clean
clean: ## Remove what can be made again, the environment included
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .schemathesis
	find app tests -name __pycache__ -type d -prune -exec rm -rf {} +
