# What can be done with a checkout.  Each command does its own set-up; see README.md.
#
#   make demo               sample bounces through the whole program, on SQLite
#   make test               all tests, on this machine's Python; as root it installs Postfix and PostgreSQL
#   make test-all           the same on every Python of PYTHONS that is installed
#   make rpm DIST=el9       the packages for EL7 to EL10, in dist/
#   make system-test        the whole mail system on this machine; as root, in namespaces, a few minutes
#   make bench soak lint
#
# PYTHON=python3.9 make test   another Python.   T='-k spool' make test   some tests only.

PYTHON = python3
VENV = .venv
DIST = el9
PYTHONS = 3.6 3.9 3.12 3.13
T =
RUN = sh tests/each-python.sh
# Some tests name files beyond ASCII; the programs that they start have no locale.
export LANG ?= C.UTF-8

.PHONY: venv demo test test-fast test-all rpm system-test bench bench-here soak lint clean

venv:
	@sh tests/venv.sh "$(PYTHON)" "$(VENV)"

demo: venv
	@sh tests/demo.sh "$(VENV)"

test: venv
	@sh tests/install-parts.sh
	"$(VENV)/bin/python" -m pytest $(T)

test-fast: venv
	"$(VENV)/bin/python" -m pytest -m 'not slow' $(T)

test-all:
	@sh tests/install-parts.sh
	@$(RUN) "$(PYTHONS)" test

# One after the other: they share one world.
system-test: venv
	@sh tests/install-parts.sh
	SYSTEM_TEST=1 "$(VENV)/bin/python" -m pytest -n0 --dist no tests/system $(T)

bench:
	@sh tests/install-parts.sh
	@$(RUN) "3.6 newest" bench-here

bench-here: venv
	"$(VENV)/bin/python" tests/bench/measure.py $(T)

soak: venv
	@sh tests/install-parts.sh
	@for script in tests/soak/*.py; do echo "== $$script"; "$(VENV)/bin/python" "$$script" || exit 1; done

rpm: venv
	@sh rpm/build.sh "$(DIST)" "$(VENV)/bin/python" "dist/$(DIST)"

lint:
	@sh tests/lint.sh "$(PYTHON)"

clean:
	rm -rf .venv .venv-* .demo .bench .rpm dist .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
