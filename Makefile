# make course   set everything up in .venv and open the course       (ARGS="--no-browser --port 8899")
# make test     set everything up in .venv and run every check and test      (ARGS="-k journal")

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
ARGS ?=
# The first Python that is recent enough; choose another with make course PYTHON=…
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: course test check tests constraints sigma clean
.DEFAULT_GOAL := course

course: $(VENV)/.course-ready
	@$(BIN)/reseau-kit open $(ARGS)

test: check tests

# What needs no test run: style, types, import directions. Deno fetches nothing: what it checks imports its own files only.
SCRIPTS := reseau_kit/frontend/*.js reseau_kit/jupyter/labextensions/*/static/*.js
check: $(VENV)/.test-ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --no-cache
	@$(BIN)/deno lint --quiet $(SCRIPTS)
	@DENO_NO_UPDATE_CHECK=1 $(BIN)/deno check --quiet --no-remote --no-npm $(SCRIPTS)

# What each of hundreds of processes imports is compiled once, wherever the environment says that it should not be kept.
tests: $(VENV)/.test-ready
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder $(ARGS)

$(VENV)/.course-ready: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installation du cours dans $(VENV)/ : une à cinq minutes la première fois."
	@$(PIP) install -c constraints.txt -e '.[jupyter,reseau,formateur]'
	@touch $@

$(VENV)/.test-ready: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installation du cours et de ses tests dans $(VENV)/ : une à cinq minutes la première fois."
	@$(PIP) install -c constraints.txt -e '.[test]'
	@touch $@ $(VENV)/.course-ready

$(BIN)/python:
	@test -n "$(PYTHON)" || { \
	  echo "Ce cours demande Python 3.11 ou plus récent, et il n’y en a pas sur cette machine." >&2; \
	  echo "Installez-le (Debian, Ubuntu : apt install python3 python3-venv), puis recommencez." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) est trop ancien (`$(PYTHON) --version 2>&1`) : ce cours demande Python 3.11 ou plus récent." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Il manque à $(PYTHON) de quoi créer un environnement (Debian, Ubuntu : apt install python3-venv)." >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)

# A clean environment, then what it holds: run it after changing a dependency, with the oldest Python there is
# (make constraints PYTHON=…), so that no version asks for a later one.
constraints:
	@rm -rf build/constraints && $(PYTHON) -m venv build/constraints
	@build/constraints/bin/python -m pip --quiet install '.[test]'
	@{ head -n 1 constraints.txt; build/constraints/bin/python -m pip freeze --exclude reseau-kit; } > build/constraints.txt
	@mv build/constraints.txt constraints.txt && rm -rf build/constraints

# The library that draws the interactive map, built of exact versions with npm (Node.js 20 or later), then its licences
# and its digest. Nothing of npm stays in the repository: who uses or tests the course needs no Node.js.
BUNDLED := events graphology graphology-utils sigma
sigma:
	@rm -rf build/sigma && mkdir -p build/sigma
	@cp reseau_kit/frontend/vendor/package.json reseau_kit/frontend/vendor/entry.js build/sigma
	@cd build/sigma && npm install --silent --no-package-lock --ignore-scripts --no-audit --no-fund && npm run --silent build
	@cd build/sigma && for name in $(BUNDLED); do \
	  printf '%s\n' "$$name $$(node -p "require('./node_modules/$$name/package.json').version")" "" && \
	  cat node_modules/$$name/LICENSE* && printf '\n\n'; done > LICENSES.txt
	@cp build/sigma/sigma.js build/sigma/LICENSES.txt reseau_kit/frontend/vendor
	@sed -i "s/^sha256 of .sigma.js.: .*/sha256 of \`sigma.js\`: \`$$(sha256sum reseau_kit/frontend/vendor/sigma.js | cut -d' ' -f1)\`/" \
	  reseau_kit/frontend/vendor/README.md

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache
