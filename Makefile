# All that is needed is Python 3.11 to 3.13; everything else goes into .venv, as locked.
#
#   make demo                          Kafka, a worker and a simulated stream, until Ctrl-C
#   make demo ARGS='--seconds 60'      options are passed on
#   make test                          the tests; ARGS are pytest's
#   make pure                          the engine's tests again, without compiled modules
#   make lint                          ruff and mypy
#   make faults                        random faults on real Kafka, a line each in docs/fault-runs.tsv
#   make faults ARGS='--runs 50 --seed 7'
#   make load ARGS='--seconds 300'     a producer ten times faster than the worker, and a slow broker
#   make soak ARGS='--minutes 20'      a steady stream, while workers come and go: memory must not grow
#   make histories HISTORIES=10000     the same without Kafka, simulated
#   make bench                         all benchmarks, also of other engines, which takes about an hour
#   make bench ARGS='--only live'      one of them; --json for programs
#   make guard                         whether an event costs as little as it did
#   make check                         all of it, the slow tests too

ARGS ?=
BIN := .venv/bin
INSTALLED := .venv/.installed
COMPILED := .venv/.compiled

# Each process of pytest may start a Kafka of its own, so not one for every core of a large machine.
PROCESSES ?= $(shell cores=$$(getconf _NPROCESSORS_ONLN); echo $$((cores > 4 ? 4 : cores)))

# What takes long, or much: also the real data through a real Kafka.
SLOW := slow or (kafka and data)

.DEFAULT_GOAL := help
.PHONY: help demo test pure slow faults load soak histories bench guard lint check

help:
	@sed -n 's/^#   //p' Makefile

demo: $(COMPILED)
	@$(BIN)/metricland demo $(ARGS)

test: $(COMPILED)
	$(BIN)/pytest -n $(PROCESSES) -m "not ($(SLOW))" $(ARGS)

slow: $(COMPILED)
	$(BIN)/pytest -n $(PROCESSES) --dist loadgroup -m "$(SLOW)" $(ARGS)

# The same tests on the plain sources, as far as they pass through what is compiled.
pure: $(INSTALLED)
	CX_PURE_PYTHON=1 $(BIN)/pytest -n $(PROCESSES) -m "not kafka and not slow" tests/state tests/windows tests/simulated tests/agents

faults: $(COMPILED)
	@$(BIN)/python -m tests.faults $(ARGS)

load: $(COMPILED)
	@$(BIN)/python -m tests.faults.load $(ARGS)

soak: $(COMPILED)
	@$(BIN)/python -m tests.faults.soak $(ARGS)

histories: $(COMPILED)
	HYPOTHESIS_PROFILE=search HISTORIES=$(or $(HISTORIES),10000) $(BIN)/pytest -q tests/simulated/test_group.py

bench: $(COMPILED)
	@$(BIN)/python -m bench $(ARGS)

guard: $(COMPILED)
	@$(BIN)/python -m bench.guard

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

check: lint test pure slow

# The hot path as machine code, where there is a C compiler: made anew when its sources change.
$(COMPILED): $(INSTALLED) $(shell find streams agents -name '*.py' -o -name '*.[ch]' -o -name hot.txt)
	@$(BIN)/python -m streams.compiled.build
	@mkdir -p $(@D) && touch $@

$(INSTALLED): requirements.lock pyproject.toml
	@echo "Installing into .venv, which takes about a minute (once)"
	@for python in $(PYTHON) python3 python3.11 python3.12 python3.13; do \
		if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then \
			exec $$python -m venv .venv; \
		fi; \
	done; echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=/path/to/python3.11" >&2; exit 1
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
