from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.provision.s3_lifecycle import lifecycle_rules

GLACIER = {"StorageClass": "GLACIER"}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"ExpirationInDays": "3"}, {"Expiration": {"Days": 3}}),
        ({"ExpirationDate": "2030-01-01"}, {"Expiration": {"Date": "2030-01-01"}}),
        ({"ExpiredObjectDeleteMarker": True}, {"Expiration": {"ExpiredObjectDeleteMarker": True}}),
        ({"NoncurrentVersionExpirationInDays": 9},
         {"NoncurrentVersionExpiration": {"NoncurrentDays": 9}}),
        ({"Transition": {**GLACIER, "TransitionInDays": "30"}},
         {"Transitions": [{**GLACIER, "Days": 30}]}),
        ({"NoncurrentVersionTransitions": [{**GLACIER, "TransitionInDays": 30}]},
         {"NoncurrentVersionTransitions": [{**GLACIER, "NoncurrentDays": 30}]}),
        ({"Id": "x", "Prefix": "a/"}, {"ID": "x", "Filter": {"Prefix": "a/"}}),
        ({"ObjectSizeLessThan": "5"}, {"Filter": {"ObjectSizeLessThan": 5}}),
        ({"TagFilters": [{"Key": "k", "Value": "v"}], "Prefix": "a/"},
         {"Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}]}}}),
    ],
)  # fmt: skip
def test_a_rule_in_the_words_of_the_api(rule: dict[str, Any], expected: dict[str, Any]) -> None:
    (made,) = lifecycle_rules([{"Status": "Enabled", **rule}])
    assert made == {"Status": "Enabled", "Filter": {"Prefix": ""}, **expected}
