"""How many events functions may run at once: of the account, and reserved for one.

Sources: AWS Lambda developer guide, "Configuring reserved concurrency"; Lambda API reference,
``TooManyRequestsException.Reason`` (documented).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.functions import Function, TooManyRequestsError

ACCOUNT_CONCURRENCY = 1000
"""Source: developer guide, "Lambda quotas" (documented)."""
MAX_WORKERS = 10
"""Of one function on this machine, so that more events at once would only wait."""
ACCOUNT_LIMIT = "ConcurrentInvocationLimitExceeded"
RESERVED_LIMIT = "ReservedFunctionConcurrentInvocationLimitExceeded"
_LEAST_UNRESERVED = 100
"""Source: developer guide (documented). Accounts with less than that may reserve nothing, as
their refusals say (captured: "below its minimum value of [10]")."""


class UnreservedConcurrencyError(CloudworthyError):
    """Functions reserve more than an account lets them."""


def check_reserved(functions: Iterable[Function], account_concurrency: int) -> None:
    """Refuse a stack whose reservations AWS would refuse.

    Raises
    ------
    UnreservedConcurrencyError
        With AWS's own sentence.
    """
    reserving = sorted((it for it in functions if it.reserved_concurrency), key=_by_name)
    left = account_concurrency - sum(it.reserved_concurrency or 0 for it in reserving)
    least = min(_LEAST_UNRESERVED, account_concurrency)
    if left < least:
        told = ", ".join(f"{it.logical_id} {it.reserved_concurrency}" for it in reserving)
        raise UnreservedConcurrencyError(
            "Specified ReservedConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{least}]. "
            f"Found: {told}, of {account_concurrency} for the account. Reserve less, or say with "
            "--account-concurrency what your account has."
        )


def check_running(
    function: Function, running: Counter[str], functions: Iterable[Function], account: int
) -> None:
    """Refuse an event that would be one too many.

    A function with a reservation has that and no more; all others share what is left.

    ``running`` counts events by function name; ``functions`` are all there are, in any version.

    Raises
    ------
    TooManyRequestsError
        With AWS's own word for the limit.
    """
    reserved = {
        it.name: it.reserved_concurrency for it in functions if it.reserved_concurrency is not None
    }
    if function.name in reserved:
        if running[function.name] >= reserved[function.name]:
            raise TooManyRequestsError(RESERVED_LIMIT)
        return
    unreserved = sum(number for name, number in running.items() if name not in reserved)
    if unreserved >= account - sum(reserved.values()):
        raise TooManyRequestsError(ACCOUNT_LIMIT)


def _by_name(function: Function) -> str:
    return function.logical_id
