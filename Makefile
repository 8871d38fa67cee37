# Tout se fait par `make`. Rien n'est exigé de la machine que Python 3.11 ou plus récent, avec son module venv.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
PAQUETS := socle services/annuaire services/coordination services/financement gateway
SERVICES := annuaire coordination financement gateway
PYPROJECTS := $(addsuffix /pyproject.toml,$(PAQUETS))
EDITABLES := $(foreach paquet,$(PAQUETS),-e ./$(paquet))
# Deux jalons : `make run` n'attend que le premier.
PRODUCTION := $(VENV)/.production
DEV := $(VENV)/.dev
SOURCES := $(addsuffix /src,$(PAQUETS)) infra

help: ## cette aide
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(PY):
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Python est introuvable (commande « $(PYTHON) »). Installez Python 3.11 ou plus récent, ou indiquez le vôtre : make PYTHON=/chemin/vers/python3 …" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Maillage demande Python 3.11 ou plus récent ; « $(PYTHON) » est $$($(PYTHON) --version 2>&1). Indiquez-en un autre : make PYTHON=python3.11 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Le module venv de Python manque. Sous Debian et Ubuntu : apt install python3-venv ; puis relancez la commande." >&2; exit 1; }
	@rm -rf $(VENV)
	@echo "Création de $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# Les dépendances d'abord, empreintes exigées ; les paquets du dépôt ensuite, seuls : pip refuse les deux ensemble.
$(PRODUCTION): requirements/production.txt $(PYPROJECTS) | $(PY)
	@echo "Installation des dépendances (une à deux minutes la première fois)"
	@$(PIP) install --no-compile --require-hashes -r requirements/production.txt
	@$(PIP) install --no-deps --no-build-isolation $(EDITABLES)
	@touch $@

$(DEV): requirements/dev.txt $(PRODUCTION) | $(PY)
	@echo "Installation des outils de développement"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

setup: $(DEV) ## crée .venv et installe tout, outils de développement compris

run: $(PRODUCTION) ## démarre la passerelle et les services (PORT, MAILLAGE_DONNEES)
	@$(PY) -m infra.lanceur

reset: $(PRODUCTION) ## efface les données de var/ pour repartir de zéro
	@$(PY) -m infra.lanceur reset

seed: $(PRODUCTION) ## recharge l'annuaire de démonstration dans un Maillage qui tourne
	@$(PY) -m infra.lanceur seed

migrate: $(PRODUCTION) ## met les bases à jour (les services étant arrêtés)
	@$(PY) -m infra.lanceur migrate

revision: $(PRODUCTION) ## crée une migration vide (SERVICE=annuaire MESSAGE="…")
	@$(PY) -m infra.revision "$(SERVICE)" "$(MESSAGE)"

openapi: $(PRODUCTION) ## réécrit les contrats publiés (docs/openapi)
	@$(PY) -m infra.openapi

reference: $(DEV) ## reconstruit le référentiel des communes (demande npm)
	@$(PY) -m infra.reference.construire

test: $(DEV) ## lance les tests
	@$(PY) -m pytest -n auto --dist loadgroup -m "not epreuve" $(ARGS)

epreuves: $(DEV) ## lance les longues épreuves, chacune donne sa mesure
	@$(PY) -m pytest -m epreuve -s $(ARGS)

bench: $(DEV) ## mesure les performances, sans rien affirmer
	@for banc in $(basename $(notdir $(sort $(wildcard tests/perf/*.py)))); do \
		echo "== $$banc"; $(PY) -m tests.perf.$$banc || exit 1; \
	done

lint: $(DEV) ## vérifie le style (ruff)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

types: $(DEV) ## vérifie les types (mypy strict)
	@$(PY) -m mypy

archi: $(DEV) ## vérifie les directions d'import et nos propres règles
	@$(VENV)/bin/lint-imports --no-cache
	@$(PY) -m infra.regles

ci: lint types archi test ## tout ce que vérifie l'intégration continue

requirements: $(DEV) ## recalcule les versions épinglées (demande uv)
	@command -v uv >/dev/null 2>&1 || { echo "La commande uv est introuvable : pip install uv." >&2; exit 1; }
	@for liste in production dev; do \
		uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
			requirements/$$liste.in -o requirements/$$liste.txt || exit 1; \
	done

.PHONY: help setup run reset seed migrate revision openapi reference test epreuves bench lint types archi ci requirements
