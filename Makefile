# Every target sets up what it needs; the second time it is quick.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test lint docs site bench generate clean

help:
	@echo "make demo      set up and lint a real-shaped configuration"
	@echo "make test      set up and run the test suite"
	@echo "make lint      check format, types and layers"
	@echo "make docs      write the generated pages of docs/"
	@echo "make site      build the documentation into site/; open site/index.html"
	@echo "make bench     measure, side by side with peers"
	@echo "make generate  write the generated code"

$(VENV)/.plain: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[yaml]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.plain

demo: $(VENV)/.plain
	@echo "\$$ ppodiag lint examples/ill.json"
	@$(BIN)/ppodiag lint examples/ill.json || test $$? -eq 1
	@echo
	@echo "\$$ ppodiag lint --explain-plan examples/ill.json"
	@$(BIN)/ppodiag lint --explain-plan examples/ill.json
	@echo
	@echo "The page of each rule: $(BIN)/ppodiag rule LR102"

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(WORKERS) --cov --cov-report=term

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.dev
	$(BIN)/python tools/build_pictures.py
	$(BIN)/python tools/build_runs.py
	$(BIN)/python tools/build_docs.py

site: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --clean --quiet
	@echo "open site/index.html"

bench: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(BIN)/python benchmarks/run.py $(if $(PEERS),--peers $(PEERS))

generate: $(VENV)/.dev
	$(BIN)/python tools/generate_validator.py
	$(BIN)/python tools/generate_bundle.py

clean:
	rm -rf $(VENV) .bench build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
