.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
PAQUETS := -e socle -e services/annuaire -e services/coordination -e services/financement -e gateway

help: ## cette aide
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

.PHONY: help
