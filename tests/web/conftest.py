"""The page in Chromium, against a running site.

The site is the one that the link in `CLOUDWORTHY_SITE` leads to (`http://…/#key=…`, as `up` prints
it), or else one started for these tests.
"""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from running_system import start_system
from web.board import Board
from web.items_client import ItemsClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The URL of the site and an API key."""
    link = os.environ.get("CLOUDWORTHY_SITE")
    if link:
        site_url, _, api_key = link.partition("#key=")
        yield site_url.rstrip("/"), api_key
        return
    with start_system(tmp_path_factory.mktemp("site")) as system:
        yield system.site_url, system.api_key


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
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
