"""What the local runtime costs, measured beside its peers in one run: ``make bench``."""
