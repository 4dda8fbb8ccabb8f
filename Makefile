# Needs Python 3.11 and make, nothing else. `make help` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help demo test proof bench lint clean environment environment-dev
.NOTPARALLEL:

RUN := .venv/bin/python
HOUSEHOLDS ?=
SEED ?=
PORT ?=
ONLY ?=

# The first Python 3.11 of this machine, by whatever name it has.
FIND_PYTHON = for name in $(PYTHON) python3.11 python3 python; do \
	if "$$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1; then \
		found="$$name"; break; fi; done; \
	if [ -z "$$found" ]; then \
		echo "Khedmat needs Python 3.11, and there is none on this machine."; \
		echo "On Debian 12: apt install python3.11 python3.11-venv. Elsewhere: make PYTHON=/path/to/python3.11"; \
		exit 1; fi;

help: ## list what there is
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name words; do \
		printf '%-9s %s\n' "$$name" "$$words" | sed 's/^/  /'; done

demo: environment ## set everything up and run the site with made-up people (HOUSEHOLDS=, SEED=, PORT=)
	@exec $(RUN) -m khedmat.config.cli demo \
		$(if $(HOUSEHOLDS),--households $(HOUSEHOLDS)) $(if $(SEED),--seed $(SEED)) $(if $(PORT),--port $(PORT))

test: environment-dev ## lint, types, layers, tests on PostgreSQL, pages in Chromium; at most 25 minutes
	@$(RUN) scripts/check.py test

proof: environment-dev ## the long forms, and the tests again on Debian's PostgreSQL 15
	@$(RUN) scripts/check.py proof

bench: environment-dev ## measure; make bench ONLY=name for one measurement
	@$(RUN) scripts/bench.py $(ONLY)

lint: environment-dev ## only what reads the sources: style, types, layers, maxima, translations
	@$(RUN) scripts/check.py lint

clean: ## remove what can be made again; the data and the keys stay
	@if [ -x $(RUN) ]; then $(RUN) -m khedmat.config.cli db stop >/dev/null 2>&1 || true; fi
	@rm -rf .venv node_modules static-built var/static var/run/steps.json .mypy_cache .ruff_cache
	@rm -rf .pytest_cache .hypothesis .import_linter_cache *.egg-info
	@find khedmat tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
	@find khedmat -name '*.mo' -type f -delete
	@echo "Clean. The data and the keys in var/ stay; 'khedmat db remove --help' says how to delete the data."

environment:
	@$(FIND_PYTHON) exec "$$found" scripts/environment.py

environment-dev:
	@$(FIND_PYTHON) exec "$$found" scripts/environment.py --dev
