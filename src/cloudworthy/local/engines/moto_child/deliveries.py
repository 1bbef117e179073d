"""Messages of topics that queues are not to get, as whoever decides says with each message."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from cloudworthy.local.model.backends import WITHHELD_HEADER
from cloudworthy.local.model.http import Request

if TYPE_CHECKING:
    from moto.sns.models import Subscription

_P = ParamSpec("_P")


class Deliveries:
    """Stands before moto's deliveries from topics to queues.

    What is withheld is in the request, so that a message repeated from the journal reaches the
    same queues again.
    """

    def __init__(self) -> None:
        self._withheld: frozenset[str] = frozenset()
        self._is_installed = False

    @contextmanager
    def of(self, request: Request) -> Iterator[None]:
        """While a request is carried out, withhold its messages from the queues that it names."""
        named = request.header(WITHHELD_HEADER)
        if named is None:
            yield
            return
        self._install()
        self._withheld = frozenset(named.split(","))
        try:
            yield
        finally:
            self._withheld = frozenset()

    def _install(self) -> None:
        """Only once there is something to withhold: moto reads its services when first asked."""
        if self._is_installed:
            return
        from moto.sns.models import Subscription  # noqa: PLC0415 - see above

        Subscription.publish = _unless(self._is_withheld, Subscription.publish)  # type: ignore[assignment, method-assign]
        self._is_installed = True

    def _is_withheld(self, subscription: Subscription) -> bool:
        return subscription.protocol == "sqs" and subscription.endpoint in self._withheld


def _unless(
    condition: Callable[[Subscription], bool],
    deliver: Callable[Concatenate[Subscription, _P], None],
) -> Callable[Concatenate[Subscription, _P], None]:
    def publish(subscription: Subscription, /, *arguments: _P.args, **options: _P.kwargs) -> None:
        if not condition(subscription):
            deliver(subscription, *arguments, **options)

    return publish
