"""Cleaning of cells: one module a family of fields, pure functions, each telling what it changed."""
