"""The page in Chromium, against a running site.

The site is the one that the link in `CLOUDWORTHY_SITE` leads to (`http://…/#key=…`, as `up` prints
it), or else that of the web-app which tests of several rooms share.
"""

from __future__ import annotations

import os
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from web.board import Board
from web.items_client import ItemsClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from running_system import RunningSystem

HERE = Path(__file__).parent
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process opens the pages: that which has the shared web-app."""
    for item in items:
        if item.path.is_relative_to(HERE) and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group("web-app"))


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The URL of the site and an API key."""
    link = os.environ.get("CLOUDWORTHY_SITE")
    if link:
        site_url, _, api_key = link.partition("#key=")
        return site_url.rstrip("/"), api_key
    web_app: RunningSystem = request.getfixturevalue("web_app")
    return web_app.site_url, web_app.api_key


class _OneBrowser:
    """One browser for tests of pages that follow each other.

    Playwright keeps an event loop running in its thread for as long as it is open, and other
    tests start their own.
    """

    def __init__(self) -> None:
        self._opened = ExitStack()
        self._browser: Browser | None = None

    def get(self) -> Browser:
        if self._browser is None:
            playwright = self._opened.enter_context(sync_playwright())
            self._browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            self._opened.callback(self._browser.close)
        return self._browser

    def close(self) -> None:
        self._browser = None
        self._opened.close()


_BROWSER = _OneBrowser()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """After the last test of a page in a row, once its fixtures are done with."""
    if nextitem is None or not nextitem.path.is_relative_to(HERE):
        _BROWSER.close()


@pytest.fixture
def browser() -> Browser:
    return _BROWSER.get()


@pytest.fixture
def client(site: tuple[str, str]) -> ItemsClient:
    return ItemsClient(*site)


@pytest.fixture
def status() -> str:
    """A status of this test's own: filtering by it shows this test's items and no others."""
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def open_board(browser: Browser, site: tuple[str, str]) -> Iterator[Callable[..., Board]]:
    """Opens the page in a browser context of its own; what it complains about fails the test."""
    boards: list[Board] = []

    def open_it(*, key: str | None = site[1], **context_options: object) -> Board:
        context_options.setdefault("viewport", {"width": 1200, "height": 800})
        context = browser.new_context(locale="en-GB", **context_options)  # type: ignore[arg-type]
        board = Board(context.new_page(), site[0])
        boards.append(board)
        board.open(key)
        return board

    yield open_it
    complaints = [complaint for board in boards for complaint in board.complaints]
    for board in boards:
        board.page.context.close()
    assert complaints == []


@pytest.fixture
def board(open_board: Callable[..., Board], status: str) -> Board:
    """The page, showing the items of this test."""
    board = open_board()
    board.filter_by(status)
    return board
