# Two commands do everything: `make demo` and `make test`. They need Python 3.11 or newer and make.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BUILT := $(VENV)/.built
# What tells a compiled pipeline from an interpreted one; all else runs compiled.
INTERPRETED := tests/reference tests/streams/test_against_reference.py tests/streams/test_pipeline.py \
	tests/streams/fast tests/streams/journal tests/streams/accounting/test_ledger.py tests/streams/state/test_account.py

.PHONY: help setup demo test test-pure test-often chaos bench soak backpressure check format lock clean

help:  ## show this
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(BUILT)  ## install into .venv, so that .venv/bin/paytide works; compile the hot path if there is a C compiler

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name one with PYTHON=…")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(BUILT): $(READY) setup.py $(shell find streams schemas -name '*.py')
	find . -maxdepth 1 -name '*.so' -delete; find schemas streams -name '*.so' -delete
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup  ## the whole service on this machine; KEEP=1 leaves it running
	$(BIN)/paytide demo $(if $(KEEP),--keep)

test: setup  ## everything, on a real broker and a real ClickHouse engine; the pure core compiled and interpreted
	$(BIN)/python -m pytest -q -n auto -p tests.interpreted $(INTERPRETED)
	$(BIN)/python -m pytest -q -n auto -m "not broker"
	$(BIN)/python -m pytest -q -m broker

test-pure: setup  ## what needs no broker: a minute or two
	$(BIN)/python -m pytest -q -n auto -m "not broker"

test-often: setup  ## the pure part again and again, each time with another Hypothesis seed, to the first failure: RUNS=
	@for seed in $$(seq 1 $(or $(RUNS),20)); do \
		echo "run $$seed of $(or $(RUNS),20)"; \
		$(BIN)/python -m pytest -q -x -n auto -m "not broker" -p no:cacheprovider --hypothesis-seed=$$seed || exit 1; \
	done

chaos: setup  ## kill and break things at random: KILLS= EVENTS= BOUNCES= OUTAGES= SEED= BREAK= PAUSE=
	$(BIN)/python -m tests.chaos.run

bench: setup  ## measure, side by side: ONLY= CONTESTANTS= EVENTS= ACCOUNTS= TURNS= RATE= CYCLES=
	$(BIN)/python -m tests.bench

soak: setup  ## an hour of steady load with rebalances, slopes of memory and latency: SECONDS= RATE= ACCOUNTS= EVERY=
	$(BIN)/python -m tests.soak

backpressure: setup  ## ClickHouse away under steady load: OUTAGE= RATE= MODE=
	$(BIN)/python -m tests.soak.outage

check: setup  ## ruff, mypy strict, import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup  ## format and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: setup  ## pin what pyproject.toml asks for, with hashes and without addresses
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --universal --quiet --output-file requirements.lock
	$(BIN)/uv pip compile tests/bench/quix/requirements.in --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --universal --quiet --output-file tests/bench/quix/requirements.lock

clean:  ## remove what was made
	rm -rf $(VENV) .run build *.egg-info *.so
	find schemas streams -name '*.so' -delete
