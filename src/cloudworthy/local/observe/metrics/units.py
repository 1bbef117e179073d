"""The units that CloudWatch knows; it keeps values of different units of a metric apart."""

from __future__ import annotations

_PREFIXES = ("Kilo", "Mega", "Giga", "Tera")
_AMOUNTS = (
    *("Count", "Bytes", "Bits"),
    *(f"{prefix}{noun}" for prefix in _PREFIXES for noun in ("bytes", "bits")),
)

UNITS = frozenset(
    (
        *("Seconds", "Milliseconds", "Microseconds", "Percent", "None"),
        *_AMOUNTS,
        *(f"{it}/Second" for it in _AMOUNTS),
    )
)
"""Source: CloudWatch API reference, "MetricDatum" (documented)."""
