"""Signing in at an OpenID Connect provider, and calling the API with its token."""

from __future__ import annotations

import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from running_system import RunningSystem, start_system
from synthesized import synthesize_only
from web.board import Board
from web.provider import API, CLIENT, Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator

TOKEN = "sessionStorage.getItem('cloudworthy.access-token')"
PENDING = "sessionStorage.getItem('cloudworthy.sign-in')"


# What the module fixtures start is started once.
pytestmark = pytest.mark.xdist_group("sign-in")


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture(autouse=True)
def _as_usual(provider: Provider) -> None:
    provider.changes, provider.refusal = {}, ""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[RunningSystem]:
    directory = tmp_path_factory.mktemp("sign-in")
    settings = {
        "auth": "jwt",
        "jwt_issuer": provider.url,
        "jwt_audience": API,
        "jwt_client_id": CLIENT,
    }
    assembly = synthesize_only(directory / "cdk.out", "web-app", **settings)
    with start_system(directory, "--assembly", str(assembly)) as system:
        yield system


@pytest.fixture
def open_page(browser: Browser, system: RunningSystem) -> Iterator[Callable[..., Board]]:
    boards: list[Board] = []

    def open_it() -> Board:
        board = Board(browser.new_context(locale="en-GB").new_page(), system.site_url)
        boards.append(board)
        board.expect_failures()
        board.open(None)
        return board

    yield open_it
    complaints = [complaint for board in boards for complaint in board.complaints]
    for board in boards:
        board.page.context.close()
    assert complaints == []


@pytest.fixture
def board(open_page: Callable[..., Board]) -> Board:
    """The page, for somebody who has signed in."""
    board = open_page()
    sign_in(board)
    expect(board.page.get_by_role("button", name="Sign out")).to_be_visible()
    board.wait_until_loaded()
    return board


def dialog(board: Board) -> Locator:
    return board.page.locator("#sign-in-dialog")


def sign_in(board: Board) -> None:
    dialog(board).get_by_role("button", name="Sign in").click()


def test_signing_in_opens_the_api(board: Board, system: RunningSystem) -> None:
    expect(dialog(board)).to_be_hidden()
    assert board.page.url == f"{system.site_url}/"
    assert board.page.evaluate(PENDING) is None
    assert board.page.evaluate("localStorage.length") == 0
    assert board.page.evaluate("document.cookie") == ""

    board.start_new(name="By token")
    board.save()
    expect(board.row("By token")).to_be_visible()
    board.page.reload()
    expect(board.row("By token")).to_be_visible()
    expect(board.page.get_by_role("button", name="API key")).to_be_hidden()


def test_the_api_itself_asks_for_the_token(system: RunningSystem, board: Board) -> None:
    token = board.page.evaluate(TOKEN)
    for headers in ({}, {"authorization": "Bearer a.b.c"}, {"x-api-key": "any"}):
        refused = system.request("GET", "/items", headers=headers, key=False)
        assert refused.status == 401
        assert refused.json()["error"]["code"] == "unauthorized"
        assert refused.headers["access-control-allow-origin"] == "*"
    for path in ("/items", "/", "/items?limit=1"):
        headers = {"authorization": f"Bearer {token}"}
        assert system.request("GET", path, headers=headers, key=False).status == 200
    assert system.request("GET", "/health", key=False).status == 200
    assert system.request("OPTIONS", "/items", key=False).status == 204


def test_the_page_may_call_its_provider_and_nobody_else(
    system: RunningSystem, provider: Provider
) -> None:
    with urllib.request.urlopen(f"{system.site_url}/", timeout=10) as response:  # noqa: S310
        policy = response.headers["Content-Security-Policy"]
    assert f"connect-src 'self' {provider.url};" in policy


def test_a_refusal_is_shown_and_can_be_tried_again(
    open_page: Callable[..., Board], provider: Provider
) -> None:
    board = open_page()
    provider.refusal = "Not today."
    sign_in(board)
    expect(dialog(board)).to_contain_text("Not today.")
    provider.refusal = ""
    sign_in(board)
    board.wait_until_loaded()
    expect(dialog(board)).to_be_hidden()


@pytest.mark.parametrize(
    "changes", [{"nonce": "of another sign-in"}, {"iss": "https://other"}, {"aud": "other"}]
)
def test_an_answer_to_another_sign_in_is_not_taken(
    open_page: Callable[..., Board], provider: Provider, changes: dict[str, Any]
) -> None:
    board = open_page()
    provider.changes = changes
    sign_in(board)
    expect(dialog(board)).to_contain_text("does not belong to this sign-in")
    assert board.page.evaluate(TOKEN) is None


def test_a_code_that_nobody_here_asked_for_is_not_used(
    open_page: Callable[..., Board], provider: Provider
) -> None:
    board = open_page()
    asked = len(provider.requests)
    board.page.goto(f"{board.site_url}/?code=stolen&state=made-up")
    expect(dialog(board)).to_contain_text("does not belong to a sign-in of this tab")
    assert board.page.url == f"{board.site_url}/"
    assert provider.requests[asked:] == []


def test_what_was_typed_outlives_another_sign_in(board: Board) -> None:
    board.start_new(name="Still here")
    board.page.evaluate("sessionStorage.setItem('cloudworthy.access-token', 'a.b.c')")
    board.save()
    expect(dialog(board)).to_contain_text("no longer accepts this sign-in")
    sign_in(board)
    expect(board.field("name")).to_have_value("Still here")


def test_signing_out_forgets_the_token_here_and_there(board: Board, provider: Provider) -> None:
    board.page.get_by_role("button", name="Sign out").click()
    expect(dialog(board)).to_contain_text("only those who have signed in")
    assert board.page.evaluate(TOKEN) is None
    assert "/logout" in provider.requests
    expect(board.page.get_by_role("button", name="Sign out")).to_be_hidden()


def test_closing_the_dialog_leaves_a_way_in(open_page: Callable[..., Board]) -> None:
    board = open_page()
    expect(dialog(board)).to_be_visible()
    board.page.keyboard.press("Escape")
    expect(board.items.get_by_role("alert")).to_contain_text("You are not signed in")
    board.items.get_by_role("button", name="Sign in").click()
    expect(dialog(board)).to_be_visible()
