# Fascicle's commands. `make run` on a machine with only Python >= 3.11 (with venv and pip) and make.

UV := uv==0.13.9
VENV := .venv
PY := $(VENV)/bin/python
N ?= auto
T ?= tests

# The first of these that is Python 3.11 or newer.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome || command -v google-chrome-stable)
export CHROMIUM

# A checkout that has the developer's packages keeps them up to date; others have what it takes to run.
DEV := $(VENV)/.synced-requirements-dev.txt
READY := $(if $(wildcard $(DEV)),$(DEV),$(VENV)/.synced-requirements.txt)

# Enough to load the settings where nothing is asked of a server.
LOADED := SECRET_KEY=only-to-load-the-settings-while-checking SITE_URL=http://localhost:8000 \
	EMAIL_URL=smtp://127.0.0.1:9 DATABASE_URL=postgres://nobody@127.0.0.1:9/none REDIS_URL=redis://127.0.0.1:9
CHECKS := check-style check-format check-types check-imports check-templates check-migrations
TOGETHER := $(MAKE) --no-print-directory --keep-going -j $(if $(filter 4.% 5.%,$(MAKE_VERSION)),--output-sync=target)
PYTEST := $(PY) -m portal.embedded with -- $(PY) -m pytest -n $(N) --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help run dev test test-nobrowser bench-walls bench-desk bench-reminders chaos simulate-year check $(CHECKS) \
	format lock screenshots clean chromium

help:  ## say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /|/' | awk -F'|' '{printf "make %-16s %s\n", $$1, $$2}'

run: $(READY)  ## run everything at http://localhost:8000 (or PORT=), with a sample clinic
	@exec $(PY) -m portal.supervisor

dev: $(READY)  ## the same, starting again when a file changes, with errors in full
	@exec $(PY) -m portal.supervisor --dev

test: $(DEV) chromium check  ## checks and the whole suite on private servers (T=tests/access for a part)
	@$(PYTEST) $(T)

test-nobrowser: $(DEV) check  ## the same without the browser journeys
	@$(PYTEST) -m "not browser" $(T)

check: $(DEV)  ## style, format, types, law of imports, templates, migrations
	@$(TOGETHER) $(CHECKS)

check-style:
	@$(PY) -m ruff check --quiet .

check-format:
	@$(PY) -m ruff format --check --quiet . || { echo "Some files are not formatted: make format"; exit 1; }

check-types:
	@$(LOADED) $(PY) -m mypy --no-error-summary

check-imports:
	@out=$$($(LOADED) $(PY) -c "from importlinter.cli import lint_imports_command as lint; lint()" 2>&1) || { printf '%s\n' "$$out"; exit 1; }

check-templates:
	@out=$$($(PY) -m djlint --lint --quiet portal faq patients clinicians 2>&1) || { printf '%s\n' "$$out"; exit 1; }

# No server is asked, and Django warns that it could not ask one.
check-migrations:
	@out=$$($(LOADED) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run 2>&1) || { printf '%s\n' "$$out"; exit 1; }

format: $(DEV)  ## put every file into the one format
	@$(PY) -m ruff check --quiet --fix . ; $(PY) -m ruff format --quiet .

lock: $(DEV)  ## choose versions anew and write them down, with hashes
	@$(PY) -m uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
		--no-header pyproject.toml -o requirements.txt
	@$(PY) -m uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
		--no-header --extra dev pyproject.toml -o requirements-dev.txt

bench-walls: $(DEV)  ## what row-level security costs two pages over 50,000 cases; fails beyond its bar
	@$(PY) -m portal.embedded with -- $(PY) -m tests.bench.walls

bench-desk: $(DEV)  ## what the work list costs with 10,000 and a million cases; fails beyond its bars (CASES=)
	@$(PY) -m portal.embedded with -- $(PY) -W ignore::UserWarning -m tests.bench.desk

bench-reminders: $(DEV)  ## what sending reminders costs, beside a bare loop and with a million that wait
	@$(PY) -m tests.bench.reminders

chaos: $(DEV)  ## reminders under fire: kill -9, flushes, restarts, dead servers; ten minutes or so (SEEDS=, SCENES=)
	@$(PY) -m tests.chaos

simulate-year: $(DEV)  ## a year of a clinic's reminders on a moved clock; fails where one differs (PATIENTS=50000)
	@$(PY) -m portal.embedded with -- $(PY) -W ignore::UserWarning -m tests.bench.year

screenshots: $(DEV) chromium  ## take the pictures of the README anew
	@$(PY) -m portal.embedded with -- $(PY) manage.py screenshots

clean:  ## remove what was made here: packages, caches, and the sample clinic with all that was entered
	@if [ -x $(PY) ] && [ -d .local ]; then $(PY) -m portal.embedded remove; fi
	@rm -rf $(VENV) staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find portal faq patients clinicians tests deploy -name __pycache__ -prune -exec rm -rf {} +

chromium:
	@test -n "$(CHROMIUM)" || { echo "The browser journeys need Chromium, which is not installed: install it \
	(Debian, Ubuntu: apt-get install chromium), or leave them out with: make test-nobrowser" >&2; exit 1; }

# Packages exactly as in the lock, and again whenever it changes. uv is some ten times faster than pip.
$(VENV)/.synced-%: %
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Fascicle needs Python 3.11 or newer, \
	and $(or $(PYTHON),python3) is not: install one, or name one: make run PYTHON=/path/to/python3.12" >&2; exit 1; }
	@$(PY) -c 'import uv' 2>/dev/null || $(PY) -c 'import pip' 2>/dev/null || { \
		"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python ($(PYTHON)) has no venv module: \
	install it (Debian, Ubuntu: apt-get install python3-venv), then try again" >&2; exit 1; }; \
		rm -rf $(VENV) && "$(PYTHON)" -m venv $(VENV); }
	@$(PY) -m uv --version >/dev/null 2>&1 || $(PY) -m pip install --quiet --disable-pip-version-check "$(UV)"
	@echo "Installing what $< names"
	@$(PY) -m uv pip sync --quiet --python $(PY) --require-hashes $<
	@rm -f $(VENV)/.synced-* && touch $@
