"""Modules that Lambda puts beside the code that a template holds."""
