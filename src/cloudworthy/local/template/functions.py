"""Intrinsic functions that need nothing but their arguments, all of them already resolved."""

from __future__ import annotations

import base64
import ipaddress
import json
from collections.abc import Callable, Mapping

from cloudworthy.local.model.resources import TemplateValue
from cloudworthy.local.template.place import Place

PureFunction = Callable[[TemplateValue, Place], TemplateValue]


def as_text(value: TemplateValue, place: Place) -> str:
    """A scalar the way CloudFormation writes it into a string."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise place.error(describe(value), "a string")


def describe(value: TemplateValue) -> str:
    """A value for an error text, in JSON and cut where it is long."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else text[:77] + "..."


def join(argument: TemplateValue, place: Place) -> str:
    delimiter, values = _pair(argument, place, "[delimiter, [values]]")
    if isinstance(values, str):
        return values
    if not isinstance(values, list):
        raise place.error(describe(values), "a list of strings to join")
    parts = [as_text(value, place.child(index)) for index, value in enumerate(values)]
    return as_text(delimiter, place).join(parts)


def split(argument: TemplateValue, place: Place) -> list[str]:
    delimiter, text = _pair(argument, place, "[delimiter, string]")
    if not isinstance(delimiter, str) or not delimiter:
        raise place.error(describe(delimiter), "a delimiter of at least one character")
    return as_text(text, place).split(delimiter)


def select(argument: TemplateValue, place: Place) -> TemplateValue:
    index, values = _pair(argument, place, "[index, [values]]")
    if not isinstance(values, list):
        raise place.error(describe(values), "a list to select from")
    try:
        position = int(index)
    except (TypeError, ValueError) as error:
        raise place.error(f"index {describe(index)}", "a whole number") from error
    if not 0 <= position < len(values):
        raise place.error(
            f"index {position} of {len(values)} values", "an index inside of the list"
        )
    return values[position]


def encode_base64(argument: TemplateValue, place: Place) -> str:
    return base64.b64encode(as_text(argument, place).encode()).decode("ascii")


def length(argument: TemplateValue, place: Place) -> int:
    if not isinstance(argument, list):
        raise place.error(describe(argument), "a list")
    return len(argument)


def to_json_string(argument: TemplateValue, place: Place) -> str:
    if not isinstance(argument, list | Mapping):
        raise place.error(describe(argument), "an object or a list")
    return json.dumps(argument, separators=(",", ":"))


def cidr(argument: TemplateValue, place: Place) -> list[str]:
    """Consecutive blocks of a network.

    ``cidrBits`` counts host bits: 8 gives /24 in IPv4 and /120 in IPv6.

    Source: CloudFormation user guide, "Fn::Cidr" (documented).
    """
    if not isinstance(argument, list) or len(argument) not in (2, 3):
        raise place.error(describe(argument), "[ipBlock, count, cidrBits]")
    block, count, bits = _cidr_arguments(argument, place)
    prefix = block.max_prefixlen - bits
    if prefix < block.prefixlen or (1 << (prefix - block.prefixlen)) < count:
        expected = f"a network that holds {count} blocks of /{prefix}"
        raise place.error(str(block), expected, "Ask for fewer or smaller blocks")
    size = 1 << bits
    first = int(block.network_address)
    make = ipaddress.IPv4Address if block.version == 4 else ipaddress.IPv6Address
    return [f"{make(first + index * size)}/{prefix}" for index in range(count)]


def _cidr_arguments(
    argument: list[TemplateValue], place: Place
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, int, int]:
    try:
        block = ipaddress.ip_network(argument[0], strict=False)
        count = int(argument[1])
        bits = int(argument[2]) if len(argument) == 3 else (8 if block.version == 4 else 64)
    except (TypeError, ValueError) as error:
        raise place.error(describe(argument), "[ipBlock, count, cidrBits]") from error
    if not 1 <= count <= 256:
        raise place.error(f"count {count}", "a count from 1 to 256")
    if not 1 <= bits <= block.max_prefixlen:
        raise place.error(f"cidrBits {bits}", f"a number of bits from 1 to {block.max_prefixlen}")
    return block, count, bits


def equals(argument: TemplateValue, place: Place) -> bool:
    left, right = _pair(argument, place, "[value, value]")
    return bool(_comparable(left) == _comparable(right))


def _comparable(value: TemplateValue) -> TemplateValue:
    """Scalars compare as text: CloudFormation has no types in conditions."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _pair(argument: TemplateValue, place: Place, shape: str) -> tuple[TemplateValue, TemplateValue]:
    if not isinstance(argument, list) or len(argument) != 2:
        raise place.error(describe(argument), shape)
    return argument[0], argument[1]


PURE_FUNCTIONS: dict[str, PureFunction] = {
    "Fn::Base64": encode_base64,
    "Fn::Cidr": cidr,
    "Fn::Equals": equals,
    "Fn::Join": join,
    "Fn::Length": length,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::ToJsonString": to_json_string,
}
