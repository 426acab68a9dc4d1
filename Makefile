.SILENT:
.DEFAULT_GOAL := help
.PHONY: help demo test check docs bench lock format

ARGS ?=
WORKERS ?= 2

help: ## Say what each target does
	sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do printf 'make %-8s %s\n' "$$name" "$$what"; done

demo: ## Break something in a practice cluster and watch it being investigated (ARGS="--list")
	scripts/setup
	.venv/bin/fist demo $(ARGS)

test: ## Run every check and every test, the real Prometheus, Alertmanager and PostgreSQL included
	scripts/setup --dev
	scripts/install-services
	$(MAKE) --no-print-directory check
	.venv/bin/python -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

check: ## Check format, lint, types, import contracts and links
	scripts/setup --dev
	.venv/bin/ruff format --check --quiet
	.venv/bin/ruff check --quiet
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	.venv/bin/python scripts/check_links.py

docs: ## Check that every relative link in the documentation leads somewhere
	scripts/setup --dev
	.venv/bin/python scripts/check_links.py

bench: ## Run one benchmark and print its figures as JSON (ARGS=startup)
	scripts/setup --dev
	.venv/bin/python -m bench $(ARGS)

lock: ## Remake requirements/ from pyproject.toml (ARGS=--upgrade for the newest that fit)
	scripts/lock $(ARGS)

format: ## Format the code and mend what the linter can mend
	scripts/setup --dev
	.venv/bin/ruff check --fix --quiet || true
	.venv/bin/ruff format --quiet
