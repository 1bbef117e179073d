"""What the local runtime keeps apart, as the security page says it."""

_ROWS = (
    ("API key", "17, each also with the key in the query", "80 mutations of a good one", "403"),
    (
        "signature (`AWS_IAM`), REST and HTTP API",
        "38, and older or newer than 5 minutes, ended credentials, presigned and past its time",
        "80",
        "403 with AWS's error type; `Forbidden` from HTTP APIs",
    ),
    (
        "token of a Cognito user pool",
        "15 forged, 17 broken, 10 by the header, past its end, of another pool",
        "80",
        "401",
    ),
    (
        "JWT of an HTTP API",
        "18 forged, 17 broken, 10 by the header or query, past its end, 7 wrong scopes",
        "80",
        "401, 403 for a scope",
    ),
    (
        "Lambda authorizer: `TOKEN`, `REQUEST`, HTTP API with simple answers and with policies",
        "5 without an identity, for which nobody is asked, and 6 that it refuses",
        "80, against a kept permission",
        "401, 403",
    ),
    (
        "authorizer that is not there",
        "14 templates refused by name; without its function or permission",
        "",
        "500",
    ),
)

_TEXT = """\
## Callers and workers

On one machine an API refuses whom it would refuse on AWS, and a function is refused what it
would not have there. Each line below is a table of the tests, sent over a socket: the answer is
AWS's in status and body, and the function was not invoked.

```sh
python -m pytest tests/callers tests/local/lambda_/test_isolation.py
```

| asked for | ways to come without | and at random | answer |
|---|---|---|---|
{rows}

What is kept of an authorizer's answer is kept for the API, the stage, the authorizer and every
identity source; a random sequence of callers, methods and pauses never gets what was said about
another.

A worker is confined before a function's module is imported. It has no capabilities. It reads
the system, its code and its layers, not the home of the person at the machine and not the state
of the stack; it writes `/tmp`. It cannot look into another process or signal it: neither the
environment of the runtime, with the shell's credentials, nor that of another worker, with its
role's. The Runtime API of a worker and moto close a connection that another worker opens. With
keys that it made up, a function is nobody at the AWS endpoint, also through what it starts and
lets go. That takes Linux with Landlock (5.13; signals from 6.12); elsewhere the start says that
it cannot be done.

What is left: dynoxide has a port of its own, which a function that looks for it can reach past
the endpoint. All functions share `/tmp`, and what is private must not be kept below it. What a
template's variables or a layer make the interpreter load as it starts (`LD_PRELOAD`, a
`sitecustomize.py`) runs before the worker is confined. The person's own keys are not checked,
since the shell may hold any: who is at the machine is the root of the account. This is one
machine: on AWS a function runs in a virtual machine of its own.
"""

SECTION = _TEXT.format(rows="\n".join(f"| {' | '.join(row)} |" for row in _ROWS))
