# `make run` and `make test` are all a newcomer needs; the rest is for whoever changes the code.
# Presumes Python 3.11 or newer, make and git. Everything else goes into .venv/ and .data/.

PORT ?= 8000
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
PY := $(BIN)/python
INSTALLED := .venv/installed
UV_LINES := /^uv==/ { inside = 1 } inside { print } inside && !/\\$$/ { exit }

# Whoever sets it would have each of the programs below compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test long long-pages check checks reset messages lock format help

run: $(INSTALLED) ## Install, start everything, fill two demo clubs, serve until Ctrl-C (PORT=8000)
	@PORT=$(PORT) $(PY) -m config

test: $(INSTALLED) ## The whole suite beside throw-away servers
	@$(PY) -m pytest -n 2 $(ARGS)

long: $(INSTALLED) ## Minutes long: imports of the CDNOW master log (CDNOW_MASTER=path, ../shared/data by itself) and of 50,000 members, 10,000 decisions again, 10,000 random baskets, a back-test of the master log, the jobs of a year
	@LONG=1 $(PY) -m pytest -n 0 -rs tests/club tests/offers tests/reports tests/config/test_year.py tests/api/test_duplicates.py -k "test_year or however_earned or whole_master or whole_sample or cdnow or sixteen or fifty_thousand or ten_thousand or plain_reading or never_taken or everything_at_once" -s $(ARGS)

long-pages: $(INSTALLED) ## Every page in every size, theme and language, with axe each time; PICTURES=1 keeps pictures
	@LONG=1 $(PY) -m pytest -n 2 tests/browser/test_pages.py $(ARGS)

check: $(INSTALLED) ## Format, lint, types, contracts, migrations, fast tests: before each commit
	@$(PY) -m config.embedded --throwaway -- $(MAKE) -s checks

checks:
	@echo "Format";     $(PY) -m ruff format --check --output-format concise . || { echo "Run make format."; exit 1; }
	@echo "Lint";       $(PY) -m ruff check -q --output-format concise .
	@echo "Contracts";  $(PY) -c "from importlinter.cli import lint_imports_command as lint; lint()" --no-logo > .venv/contracts.txt || \
		{ cat .venv/contracts.txt; exit 1; }
	@echo "Types";      $(PY) -m mypy .
	@echo "Migrations"; $(PY) manage.py makemigrations --check --dry-run
	@echo "Tests";      $(PY) -m pytest -q -n 2 -m "not slow and not browser" $(ARGS)

format: $(INSTALLED) ## Put the code into shape
	@$(PY) -m ruff check --fix-only -q .
	@$(PY) -m ruff format -q .

reset: $(INSTALLED) ## Empty the data of `make run`
	@$(PY) -m config.embedded --reset && echo "The data is gone; the next make run begins anew."

messages: $(INSTALLED) ## Bring the English catalogue up to what the sources say, and compile it
	@$(PY) scripts/messages.py

lock: $(INSTALLED) ## Write the lock anew from the ranges in pyproject.toml (UPGRADE=1 takes the newest)
	@for lock in "requirements.txt" "requirements-dev.txt --extra embedded --group dev"; do \
		$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes $(if $(UPGRADE),--upgrade) \
			--custom-compile-command "make lock" pyproject.toml -o $$lock || exit 1; done

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

$(INSTALLED): requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; python3 here is $$(python3 --version 2>&1). Name one with PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(PY) || { echo "Making .venv with $$($(PYTHON) --version) ..."; $(PYTHON) -m venv .venv; } || \
		{ echo "This Python cannot make virtual environments; on Debian and Ubuntu install python3-venv."; rm -rf .venv; exit 1; }
	@echo "Installing what requirements-dev.txt locks (about a minute the first time) ..."
	@awk '$(UV_LINES)' requirements-dev.txt > .venv/uv.txt
	@export PIP_DISABLE_PIP_VERSION_CHECK=1; \
		{ $(PY) -m pip install -q --require-hashes -r .venv/uv.txt && $(PY) -m uv pip sync -q --require-hashes --compile-bytecode requirements-dev.txt; } || \
		{ echo "uv cannot do it here; trying pip, which takes longer ..."; $(PY) -m pip install -q --require-hashes -r requirements-dev.txt; }
	@touch $@
