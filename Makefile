# IQX needs git, make and Python 3.11 or newer; everything else is installed into .venv from the locks.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# The first of these that runs and is new enough; `make PYTHON=... run` names another.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; break; }; done)

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
RUNTIME := $(VENV)/.installed-runtime
DEV := $(VENV)/.installed-dev
WORKERS ?= auto
DOCUMENTS := export_schemas export_errors

.PHONY: help run test check docs screenshots fmt bench rehearse lock shell clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUNTIME) ## Run the whole platform here (HOST, PORT and .env.example's variables apply)
	@exec $(BIN)/python manage.py run

test: $(DEV) ## Run the tests (ARGS="tests/wallets -x" narrows them, WORKERS=1 runs them in line)
	@$(BIN)/pytest -n $(WORKERS) $(ARGS)

check: $(DEV) ## Run every static check that CI runs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py lint_migrations
	@echo "manage.py check --deploy, with production settings"
	@env -u IQX_DEBUG -u IQX_RATE_LIMITS IQX_ENV=production DATABASE_URL=postgresql://unused@localhost/unused \
		IQX_SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		IQX_ENCRYPTION_KEYS="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		IQX_ALLOWED_HOSTS=iqx.example IQX_PUBLIC_URL=https://iqx.example \
		$(BIN)/python manage.py check --deploy --fail-level WARNING
	@for document in $(DOCUMENTS); do $(BIN)/python manage.py $$document --check; done

docs: $(DEV) ## Write the documents that are generated from the code
	@for document in $(DOCUMENTS); do $(BIN)/python manage.py $$document; done

screenshots: $(DEV) ## Make pictures of every page of a running `make run` (ADDRESS, FOLDER)
	@$(BIN)/python -m tests.browser.screenshots $(ADDRESS) $(FOLDER)

fmt: $(DEV) ## Format the code and fix what can be fixed
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(DEV) ## Measure the engine against pgbench and the bare framework (ARGS="--rounds 1" is quicker)
	@$(BIN)/python -m benchmarks $(ARGS)

lock: $(UV) ## Resolve the dependencies of pyproject.toml anew into the locks
	$(call compile,requirements.lock,pyproject.toml)
	$(call compile,requirements-s3.lock,pyproject.toml --extra s3 --constraints requirements.lock)
	$(call compile,requirements-dev.lock,pyproject.toml --extra dev --constraints requirements.lock)
	$(call compile,requirements-deploy.lock,pyproject.toml --extra s3 --extra telemetry) # unconstrained: boto3 holds back python-dateutil
	echo uv | $(call compile,requirements-uv.lock,- --constraints requirements-dev.lock)

rehearse: $(DEV) ## Rehearse rolling restarts and crashes behind nginx (needs nginx, supervisor, redis-server)
	@$(BIN)/python -m deploy.rehearsal $(ARGS)

shell: $(RUNTIME) ## Open a Python shell with Django loaded
	@$(BIN)/python manage.py shell

clean: ## Remove the virtualenv and caches, but no data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov

# The locks carry hashes and no address, so they install from whatever index this machine is set up with.
compile = $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file $(1) $(2)
# uv is quick, but doesn't read pip's configuration: where it reaches no index, pip does the same more slowly.
install = $(UV) pip install --quiet --python $(BIN)/python --require-hashes --requirement $(1) \
	|| { echo "uv could not install; trying pip (this takes a minute or two)"; \
	$(BIN)/python -m pip install --quiet --require-hashes --requirement $(1); }

$(UV): requirements-uv.lock
	@test -n "$(PYTHON)" || { echo "IQX needs Python 3.11 or newer; none was found. Name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@test -x $(BIN)/pip || { echo "making $(VENV) with $(PYTHON)"; $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

$(RUNTIME): requirements.lock $(UV)
	@echo "installing the packages that IQX runs on (once; about half a minute)"
	@$(call install,$<)
	@touch $@

$(DEV): requirements-dev.lock $(UV)
	@echo "installing the packages for running and testing (once; about half a minute)"
	@$(call install,$<)
	@touch $(RUNTIME) $@
