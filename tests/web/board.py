"""The page as a person sees it: what can be found on it and done with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import ConsoleMessage, Locator, Page, Route

ITEMS = re.compile(r"/items(\?|/|$)")
_LOOK_AGAIN_MS = 20
FIELDS = ("name", "status", "description", "metadata")


class Board:
    def __init__(self, page: Page, site_url: str) -> None:
        self.page = page
        self.site_url = site_url
        self.complaints: list[str] = []
        self._failures_expected = False
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        about_an_answer = message.text.startswith("Failed to load resource")
        if not (self._failures_expected and about_an_answer):
            self.complaints.append(message.text)

    def expect_failures(self) -> None:
        """From here on requests may fail; the browser logs each on the console."""
        self._failures_expected = True

    def open(self, key: str | None) -> None:
        self.page.goto(self.site_url + ("/" if key is None else f"/#key={key}"))

    # What is on the page

    @property
    def items(self) -> Locator:
        return self.page.locator("#items")

    @property
    def rows(self) -> Locator:
        return self.page.locator("#rows tr[data-item-id]")

    def row(self, name: str) -> Locator:
        return self.rows.filter(has=self.page.get_by_role("rowheader", name=name, exact=True))

    @property
    def item_dialog(self) -> Locator:
        return self.page.locator("#item-dialog")

    @property
    def conflict_dialog(self) -> Locator:
        return self.page.locator("#conflict-dialog")

    @property
    def key_dialog(self) -> Locator:
        return self.page.locator("#key-dialog")

    @property
    def form_notice(self) -> Locator:
        return self.page.locator("#item-notice")

    @property
    def toast(self) -> Locator:
        return self.page.locator("#toast")

    def field(self, name: str) -> Locator:
        return self.item_dialog.locator(f"[name={name}]")

    def field_error(self, name: str) -> Locator:
        return self.item_dialog.locator(f"#error-{name}")

    # What can be done

    def filter_by(self, status: str) -> None:
        self.page.get_by_label("Another status").fill(status)
        self.page.keyboard.press("Enter")
        chip = self.page.get_by_role("button", name=status, exact=True)
        expect(chip).to_have_attribute("aria-pressed", "true")
        self.wait_until_loaded()

    def wait_until_loaded(self) -> None:
        expect(self.items).to_have_attribute("aria-busy", "false")

    def reload_list(self) -> None:
        self.page.get_by_role("button", name="Reload").click()
        self.wait_until_loaded()

    def start_new(self, **texts: str) -> None:
        self.page.get_by_role("button", name="New item").click()
        self.type(**texts)

    def start_edit(self, shown_name: str, /, **texts: str) -> None:
        self.row(shown_name).get_by_role("button", name="Edit").click()
        self.type(**texts)

    def type(self, **texts: str) -> None:
        for field, text in texts.items():
            self.field(field).fill(text)

    def save(self) -> None:
        self.page.locator("#save-item").click()

    def texts(self) -> dict[str, str]:
        return {name: self.field(name).input_value() for name in FIELDS}

    # Faults of the network

    def cut(self, *methods: str) -> None:
        """Requests with these methods never reach the service."""
        self._on_request(lambda route: route.abort(), methods)

    def lose_answers(self, *methods: str) -> None:
        """Requests with these methods reach the service, their answers get lost."""

        def forward_only(route: Route) -> None:
            route.fetch()
            route.abort()

        self._on_request(forward_only, methods)

    def answer(
        self, *methods: str, status: int, body: str, headers: dict[str, str] | None = None
    ) -> None:
        """Something before the service answers in its place."""
        self._on_request(
            lambda route: route.fulfill(status=status, body=body, headers=headers or {}), methods
        )

    def hold(self, *methods: str) -> Callable[[int], Route]:
        """Requests with these methods wait; gives the one of a number as soon as it is there."""
        held: list[Route] = []
        self._on_request(held.append, methods)

        def nth(number: int) -> Route:
            while len(held) <= number:
                self.page.wait_for_timeout(_LOOK_AGAIN_MS)
            return held[number]

        return nth

    def heal(self) -> None:
        self.page.unroute(ITEMS)

    def _on_request(self, fault: object, methods: tuple[str, ...]) -> None:
        self.expect_failures()

        def handle(route: Route) -> None:
            if route.request.method in methods:
                fault(route)  # type: ignore[operator]
            else:
                route.continue_()

        self.page.route(ITEMS, handle)
