"""Frozen types and Protocols through which the parts of the runtime meet."""
