"""Faults on demand: calls that are slow, throttled, fail, or lose their answer."""
