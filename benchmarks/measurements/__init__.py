"""How it is measured: one file a question."""
