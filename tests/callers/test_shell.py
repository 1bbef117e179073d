"""What a function can find of the shell that started the runtime, and do with made-up keys."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from running_system import RunningSystem, start_system
from small_app import write_assembly

PLANTED = "planted-4f1c9e"
SPY = """
import os, pathlib, pwd, subprocess, sys

def texts(home):
    yield "variables", repr(dict(os.environ))
    yield "arguments", repr(sys.argv)
    yield "directory", os.getcwd()
    for fd in os.listdir("/proc/self/fd"):
        yield f"descriptor {fd}", f"/proc/self/fd/{fd}"
    for pid in filter(str.isdigit, os.listdir("/proc")):
        for name in ("environ", "cmdline", "cwd", "maps"):
            yield f"{name} of {pid}", f"/proc/{pid}/{name}"
    for known in (home, os.environ["HOME"], pwd.getpwuid(os.getuid()).pw_dir):
        for name in (".aws/credentials", ".aws/config", "secret"):
            yield "home", os.path.join(known, name)

def read(path):
    try:
        with open(path, "rb") as file:
            return file.read(100_000).decode("latin-1") if "/fd/" not in path else os.readlink(path)
    except OSError:
        return ""

def find(event):
    planted = event["planted"]
    return [name for name, text in texts(event["home"]) if planted in text + read(text[:4096])]

def error_of(action):
    from botocore.exceptions import ClientError
    try:
        action()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "done"

def presigned(client):
    import urllib.error, urllib.request
    try:
        return urllib.request.urlopen(client.generate_presigned_url("list_buckets")).status
    except urllib.error.HTTPError as error:
        return error.code

def call():
    import boto3
    made_up = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "made-up"}
    of = lambda service: boto3.client(service, **made_up)
    unsigned_token = {**made_up, "aws_session_token": os.environ["AWS_SESSION_TOKEN"]}
    own_key = os.environ["AWS_ACCESS_KEY_ID"]
    guessed = own_key[:-1] + ("A" if own_key[-1] != "A" else "B")
    return {
        "dynamodb": error_of(lambda: of("dynamodb").list_tables()),
        "secretsmanager": error_of(lambda: of("secretsmanager").list_secrets()),
        "sqs": error_of(lambda: of("sqs").list_queues()),
        "sns": error_of(lambda: of("sns").list_topics()),
        "s3": error_of(lambda: of("s3").list_buckets()),
        "lambda": error_of(lambda: of("lambda").invoke(FunctionName="x")),
        "token": error_of(lambda: boto3.client("dynamodb", **unsigned_token).list_tables()),
        "guessed": error_of(lambda: boto3.client("dynamodb", **made_up
            | {"aws_access_key_id": guessed}).list_tables()),
        "cloudworthy": error_of(lambda: boto3.client("dynamodb", **made_up
            | {"aws_access_key_id": "cloudworthy"}).list_tables()),
        "presigned": presigned(of("s3")),
        "own": error_of(lambda: boto3.client("dynamodb").list_tables()),
    }

FORGED = '''if True:
    import http.client, os
    connection = http.client.HTTPConnection(os.environ["AWS_ENDPOINT_URL"].removeprefix("http://"))
    scope = "AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/dynamodb/aws4_request"
    connection.request("POST", "/", b"{}", {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "DynamoDB_20120810.ListTables",
    })
    print(connection.getresponse().read().decode())
'''

def started(leave):
    command = [sys.executable, "-I", "-S", "-c", FORGED]
    ran = subprocess.run(command, capture_output=True, text=True, start_new_session=leave)
    return ran.stdout.strip() or ran.stderr

def past_the_endpoint(port):
    import http.client
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/", headers={"Host": "s3.amazonaws.com"})
        return connection.getresponse().status
    except OSError as error:
        return type(error).__name__

def handler(event, context):
    what = event["what"]
    if what == "find":
        return find(event)
    if what == "engine":
        return past_the_endpoint(event["port"])
    return call() if what == "call" else started(what == "leave")
"""

# What the module fixtures start is started once.
pytestmark = pytest.mark.xdist_group("shell")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A person's home; not below /tmp, which functions have."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        (Path(directory) / ".aws").mkdir()
        for name in (".aws/credentials", ".aws/config", "secret"):
            (Path(directory) / name).write_text(f"aws_secret_access_key = {PLANTED}")
        yield Path(directory)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Iterator[RunningSystem]:
    directory = tmp_path_factory.mktemp("shell")
    (directory / "spy").mkdir()
    (directory / "spy" / "index.py").write_text(SPY)
    write_assembly(directory / "cdk.out", {"Spy": directory / "spy"})
    variables = {
        "AWS_SECRET_ACCESS_KEY": PLANTED,
        "AWS_ACCESS_KEY_ID": PLANTED,
        "AWS_PROFILE": PLANTED,
        "AWS_SHARED_CREDENTIALS_FILE": str(home / ".aws" / "credentials"),
        "FOO_SECRET": PLANTED,
        "HOME": str(home),
    }
    opened = os.open(home / "secret", os.O_RDONLY)
    arguments = ("--assembly", str(directory / "cdk.out"))
    try:
        with start_system(directory, *arguments, variables=variables, pass_fds=[opened]) as found:
            yield found
    finally:
        os.close(opened)


def ask(system: RunningSystem, home: Path, what: str, **more: Any) -> Any:
    client = system.client("lambda")
    (name,) = [it["FunctionName"] for it in client.list_functions()["Functions"]]
    event = {"what": what, "planted": PLANTED, "home": str(home), **more}
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event))
    payload = json.load(answer["Payload"])
    assert "FunctionError" not in answer, payload
    return payload


def test_a_function_finds_nothing_of_the_shell(system: RunningSystem, home: Path) -> None:
    assert PLANTED in Path(f"/proc/{system.process.pid}/environ").read_text()
    assert ask(system, home, "find") == []


def test_keys_that_a_function_made_up_are_nobodys(system: RunningSystem, home: Path) -> None:
    unknown = "UnrecognizedClientException"
    assert ask(system, home, "call") == {
        "dynamodb": unknown,
        "secretsmanager": unknown,
        "lambda": unknown,
        "sqs": unknown,
        "sns": "InvalidClientTokenId",
        "s3": "InvalidAccessKeyId",
        "token": unknown,
        "guessed": unknown,
        "cloudworthy": unknown,
        "presigned": 403,
        "own": "AccessDeniedException",
    }


@pytest.mark.parametrize("what", ["start", "leave"])
def test_what_a_function_starts_is_the_function(
    system: RunningSystem, home: Path, what: str
) -> None:
    """Also once it has left the worker's session."""
    assert json.loads(ask(system, home, what))["__type"].endswith("#UnrecognizedClientException")


def test_no_function_reaches_moto_past_the_endpoint(system: RunningSystem, home: Path) -> None:
    command = system.child("moto_child").cmdline()
    port = int(command[command.index("--port") + 1])
    answer = ask(system, home, "engine", port=port)
    assert answer in ("RemoteDisconnected", "ConnectionResetError")
    assert urllib3.request("GET", f"http://127.0.0.1:{port}/").status < 500


def test_the_person_needs_no_keys_of_ours(system: RunningSystem) -> None:
    assert system.client("dynamodb").list_tables()["TableNames"] == []
    assert system.client("s3").list_buckets()["Buckets"] == []
