"""Where the API key comes from and where it stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from web.board import Board
    from web.items_client import ItemsClient


def test_key_of_the_link_leaves_the_address_and_stays_in_the_tab(
    open_board: Callable[..., Board], site: tuple[str, str]
) -> None:
    site_url, api_key = site
    board = open_board()
    board.wait_until_loaded()

    assert board.page.url == f"{site_url}/"
    assert api_key in board.page.evaluate("Object.values(sessionStorage)")
    assert board.page.evaluate("localStorage.length") == 0
    assert board.page.evaluate("document.cookie") == ""
    board.page.reload()
    board.wait_until_loaded()
    expect(board.key_dialog).to_be_hidden()


def test_without_a_key_it_asks(open_board: Callable[..., Board], site: tuple[str, str]) -> None:
    board = open_board(key=None)
    board.expect_failures()
    expect(board.key_dialog).to_contain_text("answers only with a key")
    key = board.key_dialog.get_by_label("Key", exact=True)
    expect(key).to_be_focused()

    key.fill(" ")
    board.page.keyboard.press("Enter")
    expect(board.key_dialog.get_by_role("alert")).to_have_text("Enter the key.")
    key.fill(site[1])
    board.page.keyboard.press("Enter")
    board.wait_until_loaded()
    expect(board.key_dialog).to_be_hidden()


def test_refused_key_is_asked_for_again(
    open_board: Callable[..., Board], site: tuple[str, str]
) -> None:
    board = open_board(key="not-the-key-of-this-api")
    board.expect_failures()
    expect(board.key_dialog.get_by_role("alert")).to_contain_text("was refused")

    board.page.keyboard.press("Escape")
    alert = board.items.get_by_role("alert")
    expect(alert).to_contain_text("An API key is needed")
    board.page.get_by_role("button", name="Enter the key").click()
    board.key_dialog.get_by_label("Key", exact=True).fill(site[1])
    board.page.keyboard.press("Enter")
    expect(alert).to_be_hidden()


def test_key_of_a_link_followed_in_an_open_tab_is_taken(
    open_board: Callable[..., Board], site: tuple[str, str]
) -> None:
    board = open_board(key="not-the-key-of-this-api")
    board.expect_failures()
    expect(board.key_dialog).to_be_visible()

    board.open(site[1])
    expect(board.key_dialog).to_be_hidden()
    board.wait_until_loaded()
    assert "key=" not in board.page.url


def test_key_that_expires_while_typing_costs_no_text(
    board: Board, client: ItemsClient, site: tuple[str, str], status: str
) -> None:
    board.expect_failures()
    board.start_new(name="Still here", status=status)
    board.page.evaluate("sessionStorage.setItem('cloudworthy.api-key', 'revoked')")
    board.save()
    expect(board.key_dialog).to_be_visible()

    board.key_dialog.get_by_label("Key", exact=True).fill(site[1])
    board.page.keyboard.press("Enter")
    expect(board.row("Still here")).to_be_visible()
    assert client.only(status)["name"] == "Still here"


def test_key_can_be_forgotten(open_board: Callable[..., Board]) -> None:
    board = open_board()
    board.wait_until_loaded()
    board.expect_failures()
    board.page.get_by_role("button", name="API key").click()
    board.key_dialog.get_by_role("button", name="Forget the key").click()

    expect(board.key_dialog).to_contain_text("answers only with a key")
    assert board.page.evaluate("sessionStorage.getItem('cloudworthy.api-key')") is None
