# Every target makes the virtual environment it needs and installs into it on first use, from locks with hashes.
# .venv serves demo and run (run-time packages only), then test, check and bench (the development ones added);
# .venv-verify serves verify, and .venv-NAME the SDK of that NAME, which can't share one.
# `make demo ARGS="--once --prompt 'a paper boat'"` passes ARGS on.

PYTHON ?= python3
ARGS ?=
RUN := .venv/.run
DEV := .venv/.dev
VERIFY := .venv-verify/.verify
SDKS := gmicloud aimlapi hikari
INSTALL := -m pip install --quiet --no-input --disable-pip-version-check --require-hashes --only-binary :all: -r

.PHONY: help demo run test verify check bench lock
.DELETE_ON_ERROR:

help:
	@echo "make demo    the whole bot against a local stand-in for the providers: no key, no account, no cost"
	@echo "make run     the bot with the settings of .env"
	@echo "make test    the tests (no browser, no network, no root)"
	@echo "make check   lint, formatting, types, import rules"
	@echo "make verify  a real browser, the providers' own SDKs, longer fuzzing (needs Chromium)"
	@echo "make bench   the measurements"
	@echo "make lock    write the locks anew from pyproject.toml (ARGS=--upgrade takes newer versions)"

demo: $(RUN)
	@.venv/bin/python -m bot demo $(ARGS)

run: $(RUN)
	@.venv/bin/python -m bot run $(ARGS)

test: $(DEV)
	@.venv/bin/python -m pytest -n auto $(ARGS)

check: $(DEV)
	@.venv/bin/python -m ruff check .
	@.venv/bin/python -m ruff format --check .
	@.venv/bin/python -m mypy
	@.venv/bin/lint-imports --no-logo

bench: $(DEV)
	@.venv/bin/python -m tests.bench $(ARGS)

verify: $(VERIFY) $(SDKS:%=.venv-%/.sdk)
	@KLINGBOT_TEST_PROFILE=verify .venv-verify/bin/python -m pytest -n auto -m hypothesis
	@KLINGBOT_TEST_PROFILE=verify .venv-verify/bin/python -m pytest -n auto --dist loadfile tests/killing tests/verify \
	  --ignore tests/verify/page --ignore tests/verify/bursts $(ARGS)
	@KLINGBOT_TEST_PROFILE=verify .venv-verify/bin/python -m pytest tests/verify/bursts $(ARGS)
	@KLINGBOT_TEST_PROFILE=verify .venv-verify/bin/python -m pytest tests/verify/page $(ARGS)

$(RUN): requirements.txt
	$(call environment,.venv)
	@echo "Installing what klingbot runs with into .venv"
	@.venv/bin/python $(INSTALL) $<
	@touch $@

$(DEV): tests/requirements.txt
	$(call environment,.venv)
	@echo "Installing what the tests and checks need into .venv"
	@.venv/bin/python $(INSTALL) $<
	@touch $(RUN) $@

$(VERIFY): tests/verify/requirements.txt
	$(call environment,.venv-verify)
	@echo "Installing what make verify needs into .venv-verify"
	@.venv-verify/bin/python $(INSTALL) $<
	@touch $@

.venv-%/.sdk: tests/verify/environments/%.txt
	$(call environment,.venv-$*)
	@echo "Installing the SDK $* into .venv-$*"
	@.venv-$*/bin/python $(INSTALL) $<
	@touch $@

# $(call environment,FOLDER): a virtual environment that works stands in FOLDER, or one sentence says what is missing.
define environment
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
  echo "klingbot needs Python 3.11 or newer, which '$(PYTHON)' isn't: name another with PYTHON=/path/to/python3.11" >&2; exit 1; }
@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
  echo "'$(PYTHON)' can't make virtual environments: install its venv package (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }
@$(1)/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || $(PYTHON) -m venv --clear $(1)
endef

# Each lock is held to the one before it, so that what is tested is what runs. uv resolves; it isn't kept.
LOCK := pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --only-binary :all: \
  --generate-hashes --custom-compile-command 'make lock' --no-annotate --no-emit-index-url $(ARGS)

lock:
	@uv=$$(mktemp -d) && trap 'rm -rf "$$uv"' EXIT && $(PYTHON) -m venv "$$uv" && "$$uv/bin/pip" install --quiet uv && \
	PATH="$$uv/bin:$$PATH" && \
	uv $(LOCK) pyproject.toml -o requirements.txt && \
	uv $(LOCK) pyproject.toml --group dev -c requirements.txt -o tests/requirements.txt && \
	uv $(LOCK) pyproject.toml --group dev --group verify -c tests/requirements.txt -o tests/verify/requirements.txt && \
	uv $(LOCK) --group build -c tests/requirements.txt -o .ci/requirements.txt && \
	for sdk in $(SDKS); do uv $(LOCK) --group $$sdk -o tests/verify/environments/$$sdk.txt || exit 1; done
