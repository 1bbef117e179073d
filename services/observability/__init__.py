"""Logs, metrics and traces of a function.

Start to first answer, whole process, in parts of a bare handler that makes one pydynox client
(Python 3.13, 2 cores): our function with its own router 1.10, with Powertools' logger and
metrics 1.20, with OpenTelemetry's API in a sampled invocation 1.28. Not used for that reason:
pydantic (0.60 on top), Powertools' event handler (0.33 on top).
"""
