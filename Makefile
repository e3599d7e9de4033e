# The commands of the project; README.md explains them. Paths are relative: a folder may have spaces.
PORT ?= 8000
PYTHON ?=
BIN := .venv/bin
PY := $(BIN)/python
# What `check` looks at is production: no demonstration, a secret, a host, a mail server.
AS_PRODUCTION := DEBUG=false ALLOWED_HOSTS=esempio.invalid DJANGO_SETTINGS_MODULE=porfse.settings \
	EMAIL_URL=smtp://esempio.invalid PUBLIC_URL=https://esempio.invalid \
	SECRET_KEY=solo-per-i-controlli-0123456789-abcdefghijklmnopqrstuvwxyz
# The checks compare files and need no database; Django warns that it found none.
DJANGO := $(AS_PRODUCTION) $(PY) -W ignore::RuntimeWarning -m django

.PHONY: setup run stop test check bench lock clean

setup: .venv/installed

# uv where there is one, else pip; the first Python that can make an environment.
.venv/installed: requirements.lock
	@for python in $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3) none; do \
		"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
			2>/dev/null && break; \
	done; \
	if [ "$$python" = none ] || ! "$$python" -c '' 2>/dev/null; then \
		echo "Serve Python 3.11 o successivo con il modulo venv: installarlo" \
			"(Debian: «apt install python3 python3-venv») o indicarlo con PYTHON=/percorso." >&2; \
		exit 1; \
	fi; \
	echo "Preparazione dell'ambiente in .venv (qualche minuto la prima volta)…"; \
	$(PY) -c '' 2>/dev/null || "$$python" -m venv --clear .venv || exit 1; \
	if command -v uv >/dev/null; then \
		uv pip sync --quiet --python $(PY) --require-hashes requirements.lock; \
	else \
		$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes \
			-r requirements.lock; \
	fi || { echo "Installazione non riuscita: controllare la rete e ripetere." >&2; exit 1; }
	@touch $@

run: setup
	@DEBUG=true PORT="$(PORT)" exec $(PY) manage.py local run

# The product, if it runs, and the servers that tests and commands left running.
stop:
	@[ ! -x $(PY) ] || for kind in run test; do \
		DEBUG=true $(PY) manage.py local stop --kind $$kind || exit 1; done

test: setup
	$(PY) -m tests.browser.install
	$(PY) -m pytest -n auto --dist loadgroup

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	find templates -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +
	$(DJANGO) makemigrations --check --dry-run
	$(DJANGO) check --deploy --fail-level WARNING
	$(AS_PRODUCTION) $(BIN)/mypy porfse

bench: setup
	$(PY) -m tests.bench

lock:
	uv pip compile pyproject.toml --group dev --output-file requirements.lock --generate-hashes \
		--universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
		--no-header --no-annotate

# The data of `make run` stay: remove var/ by hand to begin again from nothing.
clean: stop
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis \
		var/static var/static.sha256 var/log
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
