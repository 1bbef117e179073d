"""The page in Chromium, against a running site.

The site is the one that the link in `CLOUDWORTHY_SITE` leads to (`http://…/#key=…`, as `up` prints
it), or else that of the web-app which tests of several rooms share.
"""

from __future__ import annotations

import os
import uuid
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser a module: Playwright keeps an event loop running in its thread for as long as it is
    open, and the tests of other modules start their own.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


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
