# Every target sets itself up: the only thing needed beforehand is Python 3.11 or newer.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
T      ?= tests
F      ?= 100000
WORKERS ?= auto
.DEFAULT_GOAL := help
export PYTHONHASHSEED ?= 0

.PHONY: help setup check fix test test-all vectors openapi client demo run bench bench-hash bench-log bench-load fuzz fuzz-api sanitize attack test-postgres nightly-audit nightly-log nightly-api mutants lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  \1\t/' | expand -t 14

# The demo needs the server, not the linters: two locks, one environment. The locks are complete, so pip resolves
# nothing (--no-deps): left to itself it takes the newest release of a package that another asks for with an extra.
$(VENV)/.server: requirements/server.lock pyproject.toml $(wildcard hashing/native/* linkage/native/*)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Headcount needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up: installing pinned packages into $(VENV) (once, a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/server.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.server
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.lock
	@touch $@

setup: $(VENV)/.dev ## install everything that development needs into .venv

check: $(VENV)/.dev ## format, lint, types and import arrows; changes nothing
	@$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check .; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fix: $(VENV)/.dev ## format and mend what can be mended by machine
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

test: $(VENV)/.dev ## every test, a file at a time on each processor; T=tests/hashing narrows, WORKERS=0 uses one process
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(T)

test-all: $(VENV)/.dev ## every test, with branch coverage
	@$(BIN)/python -m pytest -q --cov --cov-report=term-missing:skip-covered tests

vectors: $(VENV)/.dev ## work out the vectors and the profile's schema anew; tells whether anything changed
	@$(BIN)/python tests/hashing/format_vectors.py docs/formats/vectors
	@$(BIN)/python tests/hashing/profile_schema.py > docs/formats/profile.schema.json
	@git status --short docs/formats
	@git diff --exit-code --stat docs/formats

openapi: $(VENV)/.dev ## write the description of the API anew, to docs/reference/openapi.json
	@$(BIN)/python tests/api/openapi_document.py > docs/reference/openapi.json.new
	@mv docs/reference/openapi.json.new docs/reference/openapi.json
	@git status --short docs/reference

client: $(VENV)/.dev ## what pip install headcount brings an agency: sizes, wheels, time to start (needs the network)
	@$(BIN)/python -m bench.client_install --wheels

fuzz: $(VENV)/.dev ## 100,000 hostile files through the importers, for the night; F=500 for fewer
	@HEADCOUNT_FUZZ=$(F) $(BIN)/python -m pytest -q tests/fuzz

# The module is built anew beside a copy of the package; whatever touches memory that is not an array's ends the run.
sanitize: $(VENV)/.dev ## hashing's machine code under ASan and UBSan, with arrays and rows that do not fit; F=1000 for fewer
	@rm -rf build/sanitized && mkdir -p build/sanitized && cp -r hashing build/sanitized/ && rm -f build/sanitized/hashing/_native*.so
	@$(CC) -shared -fPIC -g -O1 -Wall -Wextra -fsanitize=address,undefined -fno-sanitize-recover=all -I$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("include"))') hashing/native/*.c -o build/sanitized/hashing/_native.abi3.so
	@LD_PRELOAD=$$($(CC) -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 PYTHONPATH=build/sanitized $(BIN)/python tests/hashing/hostile_arrays.py $(F)

attack: $(VENV)/.dev ## 10,000 made-up towns attacked through what is released of them, for the night; F=300 for fewer
	@HEADCOUNT_ATTACK=$(if $(filter file,$(origin F)),10000,$(F)) $(BIN)/python -m pytest -q tests/linkage/test_disclosure_attack.py

test-postgres: $(VENV)/.dev ## the tests of the service with every town on PostgreSQL, for the night
	@HEADCOUNT_TOWNS=postgresql $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder tests/api

fuzz-api: $(VENV)/.dev ## 20,000 requests made from the API's own description, signed, alone and in sequences; F=1000 for fewer
	@HEADCOUNT_FUZZ_REQUESTS=$(if $(filter file,$(origin F)),20000,$(F)) $(BIN)/python -m pytest -q tests/api/test_api_fuzz.py

demo: $(VENV)/.server ## the whole story on a town of nine agencies, under two minutes
	@$(BIN)/headcount demo

run: $(VENV)/.server ## start the service on what the demo left, to look at its pages
	@$(BIN)/headcount demo --serve

bench-hash: $(VENV)/.dev ## a million rows encoded beside clkhash, which gets an environment of its own
	@$(BIN)/python -m bench.encoding_speed

bench-log: $(VENV)/.dev ## the audit log with a million entries: appends, proofs, size, time to check
	@$(BIN)/python -m bench.log_speed

nightly-audit: $(VENV)/.dev ## 100,000 mutated proofs, every bit of a log turned, 1,000 split views, 200 kills; for the night
	@HEADCOUNT_MUTATED_PROOFS=100000 HEADCOUNT_SPLIT_VIEWS=1000 HEADCOUNT_FLIPPED_BITS=1 HEADCOUNT_LOG_KILLS=200 $(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal tests/audit/test_mutations.py tests/audit/test_witness.py tests/audit/test_audit_killed.py

mutants: $(VENV)/.dev ## mutation score of the log's core (installs mutmut, which is in no lock); see pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'mutmut>=3.8,<4'
	@rm -rf mutants && $(BIN)/mutmut run

bench: $(VENV)/.dev ## accuracy on the demo town and on generated towns, with their truth
	@$(BIN)/python -m bench.accuracy
	@$(BIN)/python -m bench.accuracy --profile hardened
	@$(BIN)/python -m bench.many_towns
	@$(BIN)/python -m bench.many_towns --profile hardened

nightly-log: $(VENV)/.dev ## 8 processes with 10,000 log entries each, and 200 kills of the service; for the night
	@$(BIN)/python -m bench.log_endurance

bench-load: $(VENV)/.dev ## 40 agencies that send 25,000 rows each at once while others read, alone and beside a linkage
	@$(BIN)/python -m bench.load

# HEADCOUNT_SOAK_SECONDS says how long the soak is.
nightly-api: $(VENV)/.dev ## 1,000 kills, every fault of the disk, 100,000 made-up requests, an hour of use with flat memory; for the night
	@HEADCOUNT_KILLS=1000 HEADCOUNT_FAULTS=all HEADCOUNT_FUZZ_REQUESTS=100000 $(BIN)/python -m pytest -q tests/api/test_api_kills.py tests/api/test_api_faults.py tests/api/test_api_full_disk.py tests/api/test_api_fuzz.py
	@$(BIN)/python -m bench.soak

lock: ## refresh the pinned locks (needs uv)
	uv pip compile pyproject.toml --extra server --extra packet --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements/server.lock
	uv pip compile pyproject.toml --extra server --extra packet --extra evaluate --extra backup --extra noise --extra spark --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -c requirements/server.lock -o requirements/dev.lock

clean: ## remove what make built
	rm -rf $(VENV) build mutants *.egg-info .mypy_cache .ruff_cache .pytest_cache
