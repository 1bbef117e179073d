"""The command line: progress on stderr, results on stdout."""
