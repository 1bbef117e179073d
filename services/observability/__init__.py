"""Logs, metrics and traces of a function.

Powertools for AWS Lambda and the OpenTelemetry SDK would do; importing Powertools' logger or
metrics takes 100 ms and the SDK 110 ms where a whole cold start of ours takes under 100 ms
(Python 3.13, 2 cores), so the three forms that AWS reads are written here: JSON log lines,
embedded metric format, X-Ray segment documents. Spans are OpenTelemetry's, and its API is
imported by the first invocation that is sampled.
"""
