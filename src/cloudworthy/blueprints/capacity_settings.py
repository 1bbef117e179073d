"""Settings about the capacity of a table."""

from cloudworthy.constructs.settings import SettingsReader
from cloudworthy.constructs.table import Scaling


def read_capacity(reader: SettingsReader, *, most: int) -> Scaling:
    """Read the bounds of a table's capacity; `most` is the default of the upper one."""
    minimum = reader.integer("min_capacity", 5, least=1, most=40_000)
    maximum = reader.integer("max_capacity", most, least=1, most=40_000)
    if minimum > maximum:
        raise reader.error("max_capacity", maximum, f"at least min_capacity ({minimum})")
    target = reader.integer("target_utilization", 70, least=20, most=90)
    return Scaling(minimum=minimum, maximum=maximum, target_percent=target)
