# Every target makes its own virtual environment when there is none: `make demo` is all it takes.
#
#   make demo      the whole journey on made-up returns, in a new folder
#   make test      all tests                              (some: make test ARGS="-k period")
#   make coverage  all tests, with a coverage report
#   make lint      ruff and mypy
#   make check     lint and test
#   make format    mend what the linter and the formatter can
#   make bench     speed and memory
#   make pictures  the pictures of the README
#   make hooks     run lint and types before each commit
#   make clean     remove what these targets made
#
# Another interpreter, on a folder without .venv: make test PYTHON=/path/to/python3.12

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# The first interpreter on the path that is new enough and can make a virtual environment.
PYTHON ?= $(shell \
	for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
		if $$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
			>/dev/null 2>&1; then echo $$name; break; fi; \
	done)

.PHONY: help demo test coverage check lint style types format bench pictures hooks clean

help:
	@sed -n 's/^#  *\(make .*\)/\1/p' Makefile

demo: $(VENV)/run.stamp
	$(BIN)/consolidator demo

export COVERAGE_FILE := $(CURDIR)/.coverage

# A file's tests stay together: they share what is dear to make.
test: $(VENV)/test.stamp
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(ARGS)

# Watching every branch takes about as long again as the tests do.
coverage: $(VENV)/test.stamp
	$(BIN)/python -m pytest --cov $(ARGS)

check: lint test

lint: style types

style: $(VENV)/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/dev.stamp
	$(BIN)/mypy consolidator tests $(wildcard benchmarks/*.py docs/*.py)

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/test.stamp
	$(BIN)/python benchmarks/run.py $(ARGS)

pictures: $(VENV)/test.stamp
	$(BIN)/python docs/make_pictures.py

hooks: $(VENV)/dev.stamp
	$(BIN)/pre-commit install

clean:
	rm -rf $(VENV) build dist *.egg-info .coverage .coverage.* htmlcov \
		.mypy_cache .pytest_cache .ruff_cache .hypothesis
	find consolidator tests benchmarks docs -name __pycache__ -type d -prune \
		-exec rm -rf {} + 2>/dev/null || true

# A stamp says what the environment holds; a larger set holds the smaller ones too.
$(VENV)/run.stamp: setup.cfg pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/test.stamp: setup.cfg pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) --editable '.[test]'
	@touch $(VENV)/run.stamp $@

$(VENV)/dev.stamp: setup.cfg pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) --editable '.[test,dev]'
	@touch $(VENV)/run.stamp $(VENV)/test.stamp $@

$(BIN)/python:
	@python='$(PYTHON)'; test -n "$$python" || { \
		echo 'No Python 3.11 or newer with venv was found. Install one (Debian: apt install' \
			'python3-venv), or name it: make PYTHON=/path/to/python3' >&2; exit 1; }; \
	echo "$$python -m venv $(VENV)"; \
	"$$python" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
