# Every target sets up what it needs; the second time it is quick.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
# pip says what it does on a terminal, and nothing in a pipe.
PIP = $(BIN)/python -m pip install $$(test -t 2 || echo --quiet) --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test lint audit docs gallery site bench mutants generate clean

help:
	@echo "make demo      set up, then every command on a real story, and a page of it"
	@echo "make test      set up and run the test suite"
	@echo "make lint      check format, types and layers"
	@echo "make audit     check licences and known vulnerabilities of the dependencies"
	@echo "make docs      write the generated pages of docs/"
	@echo "make gallery   train the gallery's configurations again; then make docs"
	@echo "make site      build the documentation into site/; open site/index.html"
	@echo "make bench     measure, side by side with peers"
	@echo "make mutants   try whether the tests notice changed rules and formulas (an hour)"
	@echo "make generate  write the generated code"

$(VENV)/.demo: pyproject.toml constraints.txt
	@echo "installing ppodiag, torch and matplotlib into $(VENV); torch is large"
	$(PYTHON) -m venv $(VENV)
	@$(PIP) -e '.[plot,train]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt
	@echo "installing ppodiag and all that its tests need into $(VENV); torch is large"
	$(PYTHON) -m venv $(VENV)
	@$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	@$(BIN)/python -m tools.demo $(DEMO)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(WORKERS) --cov --cov-report=term

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: $(VENV)/.dev
	$(BIN)/python tools/licences.py
	$(PYTHON) -m venv .audit
	.audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	.audit/bin/pip-audit --strict --disable-pip --no-deps -r constraints.txt

docs: $(VENV)/.dev
	$(BIN)/python tools/build_pictures.py
	$(BIN)/python tools/build_runs.py
	$(BIN)/python -m tools.gallery draw
	$(BIN)/python tools/build_docs.py

gallery: $(VENV)/.dev
	$(BIN)/python -m tools.gallery record

site: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --clean --quiet
	@echo "open site/index.html"

bench: $(VENV)/.dev
	@$(PIP) -e '.[bench]'
	$(BIN)/python benchmarks/run.py $(if $(PEERS),--peers $(PEERS))

mutants: $(VENV)/.dev
	@$(PIP) -e '.[mutation]'
	$(BIN)/python tools/mutants.py

generate: $(VENV)/.dev
	$(BIN)/python tools/generate_validator.py
	$(BIN)/python tools/generate_bundle.py

clean:
	rm -rf $(VENV) demo-output .audit .bench .mutants build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
