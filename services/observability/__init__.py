"""Logs, metrics and traces of a function.

Start to first answer, whole process, in parts of a bare handler that makes one pydynox client
(medians, Python 3.13, 2 cores): our function 1.25, in a sampled invocation, which imports
OpenTelemetry's API, 1.28; plain boto3 code 2.3. Promised are 1.5 at most, which is why pydantic
(0.6 on top) and Powertools' event handler (0.3 on top) are not used.
"""
