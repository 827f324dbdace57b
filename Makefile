# make read ARTICLE=my.txt   analyse an article, run the notebooks on it, write OUT/report.html
# make test                  all tests, and the notebooks against their committed outputs
# make test-long             the notebooks on other articles: minutes more
# make lab                   JupyterLab on the notebooks
# make clean                  remove .venv and caches; what you have read stays in runs/

PYTHON ?= python3
ARTICLE ?= seeds/000_1217f8f2cf5bd169.txt
space := $() $()
OUT ?= runs/$(or $(basename $(notdir $(subst $(space),_,$(ARTICLE)))),article)
export ARTICLE OUT
# Small models gain little from a second thread, and lose much where another process wants the core.
export OMP_NUM_THREADS ?= 1

BIN := .venv/bin
READY := .venv/.installed
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
RUBBISH := .venv build dist .pytest_cache .ruff_cache .hypothesis .coverage

.PHONY: read test test-long lab clean
.DEFAULT_GOAL := read

read: $(READY)
	$(BIN)/korea-nlp read "$$ARTICLE" --out "$$OUT"

test: $(READY)
	$(BIN)/python -m pytest -n 2 -m "not long"
	KOREA_NLP_NO_CACHE=1 $(BIN)/python -m pytest --nbval --nbval-current-env --nbval-sanitize-with tests/nbval_sanitize.cfg \
		--nbval-cell-timeout=600 notebooks

test-long: $(READY)
	$(BIN)/python -m pytest -m long

lab: $(READY)
	$(BIN)/python -m jupyterlab notebooks

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "korea-nlp needs Python 3.11 or newer with its venv module (on Debian: apt install python3-venv);" \
			"another Python is chosen with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Setting up .venv: about 2 GB, some minutes, once."
	@$(PYTHON) -m venv .venv
	@$(PIP) "$$(grep '^torch==' requirements.lock)"
	@$(PIP) --requirement requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

clean:
	@echo "Removing $(RUBBISH), __pycache__ and .ipynb_checkpoints. Your readings stay in runs, downloaded weights in your cache folder."
	@rm -rf $(RUBBISH)
	@find . -name .git -prune -o -type d \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +
