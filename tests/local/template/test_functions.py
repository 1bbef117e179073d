"""Functions of their arguments alone."""

from __future__ import annotations

import ipaddress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.template.functions import cidr, equals, join, select, split
from local.template.stacks import HERE

DELIMITERS = st.text(min_size=1, max_size=3)


@given(DELIMITERS, st.text())
def test_join_undoes_split(delimiter: str, text: str) -> None:
    assert join([delimiter, split([delimiter, text], HERE)], HERE) == text


@given(DELIMITERS, st.lists(st.text(), min_size=1))
def test_split_undoes_join_where_no_part_has_the_delimiter(
    delimiter: str, parts: list[str]
) -> None:
    joined = delimiter.join(parts)
    assume(joined.count(delimiter) == len(parts) - 1)
    assume(joined.split(delimiter) == parts)
    assert split([delimiter, join([delimiter, parts], HERE)], HERE) == parts


@given(st.lists(st.integers(), min_size=1), st.data())
def test_select_takes_numbers_as_text(values: list[int], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(values) - 1))
    assert select([str(index), values], HERE) == select([index, values], HERE) == values[index]


@given(st.ip_addresses(), st.integers(1, 12), st.integers(1, 256), st.integers(0, 8))
def test_blocks_lie_side_by_side_inside_of_the_network(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int, count: int, room: int
) -> None:
    prefix = max(address.max_prefixlen - bits - room, 0)
    network = ipaddress.ip_network(f"{address}/{prefix}", strict=False)
    assume(count <= 1 << (address.max_prefixlen - prefix - bits))
    blocks = [ipaddress.ip_network(it) for it in cidr([str(network), count, bits], HERE)]
    assert len(blocks) == count
    assert blocks[0].network_address == network.network_address
    gaps = {int(b[0]) - int(a[-1]) for a, b in pairwise(blocks)}
    assert gaps <= {1}
    assert int(blocks[-1][-1]) <= int(network[-1])
    assert {block.num_addresses for block in blocks} == {1 << bits}


@pytest.mark.parametrize(
    ("argument", "first", "last"),
    [
        (["192.168.0.0/24", "6", "5"], "192.168.0.0/27", "192.168.0.160/27"),
        (["10.0.0.0/16", 2], "10.0.0.0/24", "10.0.1.0/24"),
        (["2001:db8::/56", 2, 64], "2001:db8::/64", "2001:db8:0:1::/64"),
    ],
)
def test_cidr_of_the_guide(argument: list[Any], first: str, last: str) -> None:
    blocks = cidr(argument, HERE)
    assert (blocks[0], blocks[-1]) == (first, last)


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        (["10.0.0.0/24", 2, 8], "expected a network that holds 2 blocks of /24"),
        (["10.0.0.0/24", 300, 1], "expected a count from 1 to 256"),
        (["10.0.0.0/24", 1, 40], "expected a number of bits from 1 to 32"),
        (["somewhere", 1, 4], r"expected \[ipBlock, count, cidrBits\]"),
    ],
)
def test_cidr_refuses_what_does_not_fit(argument: list[Any], text: str) -> None:
    with pytest.raises(TemplateError, match=text):
        cidr(argument, HERE)


@pytest.mark.parametrize(
    ("pair", "expected"),
    [(["1", 1], True), ([True, "true"], True), (["a", "A"], False), ([["a"], ["a"]], True)],
)
def test_equality_is_of_texts(pair: list[Any], *, expected: bool) -> None:
    assert equals(pair, HERE) is expected
