"""Counts of uses on disk: bounded, and told apart by start."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudworthy.local.permissions.usage import ALLOWED, IAM_FILE, UsageStore, Use, read_uses


def use(resource: str, action: str = "s3:GetObject") -> Use:
    return Use("arn:aws:iam::123456789012:role/worker", "Worker", action, resource, ALLOWED)


def test_what_was_used_before_the_start_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / IAM_FILE
    assert read_uses(path, since_start=False) == []
    first = UsageStore(path)
    assert first.put(use("arn:aws:sqs:r:a:first"))
    assert not first.put(use("arn:aws:sqs:r:a:first"))
    first.close()
    second = UsageStore(path)
    assert second.put(use("arn:aws:sqs:r:a:second"))
    second.close()
    assert read_uses(path, since_start=True) == [use("arn:aws:sqs:r:a:second")]
    assert len(read_uses(path, since_start=False)) == 2


@pytest.mark.parametrize("name", ["a#b", "a?b", "a%41"])
def test_the_directory_may_have_any_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / IAM_FILE
    path.parent.mkdir()
    store = UsageStore(path)
    store.put(use("arn:aws:sqs:r:a:q"))
    store.close()
    assert read_uses(path, since_start=True) == [use("arn:aws:sqs:r:a:q")]


def test_objects_are_counted_by_bucket_and_prefix(tmp_path: Path) -> None:
    store = UsageStore(tmp_path / IAM_FILE)
    for resource in ("files", "files/a", "files/b", "files/in/a", "files/in/deep/b"):
        store.put(use(f"arn:aws:s3:::{resource}"))
    store.close()
    found = {it.resource for it in read_uses(tmp_path / IAM_FILE, since_start=True)}
    assert found == {"arn:aws:s3:::files", "arn:aws:s3:::files/*", "arn:aws:s3:::files/in/*"}


def test_methods_of_apis_are_counted_by_the_first_segment_of_the_path(tmp_path: Path) -> None:
    store = UsageStore(tmp_path / IAM_FILE)
    for path in ("/", "/items", "/items/1", "/items/2/parts/3"):
        store.put(use(f"arn:aws:execute-api:r:a:api/prod/GET{path}", "execute-api:Invoke"))
    store.close()
    found = {
        it.resource.partition("/")[2] for it in read_uses(tmp_path / IAM_FILE, since_start=True)
    }
    assert found == {"prod/GET/", "prod/GET/items", "prod/GET/items/*"}


def test_there_are_never_more_rows_than_fit(tmp_path: Path) -> None:
    store = UsageStore(tmp_path / IAM_FILE)
    for number in range(6000):
        store.put(use(f"arn:aws:sqs:r:a:{number}", "sqs:SendMessage"))
        store.put(use("*", f"sqs:Dance{number}"))
    store.close()
    found = read_uses(tmp_path / IAM_FILE, since_start=True)
    assert len(found) == 5002
    assert use("*", "sqs:SendMessage") in found
    assert use("*", "*") in found
