"""Lambda functions in worker processes on this machine."""
