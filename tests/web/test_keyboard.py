"""Everything without a pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from web.board import Board
    from web.items_client import ItemsClient


def press(board: Board, *keys: str) -> None:
    for key in keys:
        board.page.keyboard.press(key)


def tab_to(board: Board, name: str, *, within: int = 20) -> None:
    """Press Tab until the control with this name has the focus."""
    for _ in range(within):
        press(board, "Tab")
        focused = board.page.locator(":focus")
        if focused.count() and focused.get_attribute("aria-label") == name:
            return
        if focused.count() and focused.inner_text().strip().startswith(name):
            return
    raise AssertionError(f"Tab does not lead to “{name}”.")


def test_whole_journey_by_keyboard(
    open_board: Callable[..., Board], client: ItemsClient, status: str
) -> None:
    board = open_board()
    board.wait_until_loaded()
    keyboard = board.page.keyboard

    press(board, "/")
    keyboard.type(status)
    press(board, "Enter")
    expect(board.items).to_contain_text(f"No items with the status “{status}”")
    tab_to(board, "Show all items")
    board.page.locator("body").evaluate("() => document.activeElement.blur()")

    press(board, "n")
    expect(board.field("name")).to_be_focused()
    keyboard.type("By keyboard")
    press(board, "Tab")
    keyboard.type(status)
    press(board, "Tab")
    keyboard.type("No pointer was used")
    press(board, "Control+Enter")
    expect(board.row("By keyboard")).to_be_visible()
    expect(board.page.locator("#item-dialog")).to_be_hidden()  # Until then, single keys rest.

    press(board, "j", "e")
    expect(board.field("name")).to_be_focused()
    press(board, "Control+a")
    keyboard.type("Renamed")
    tab_to(board, "Save")
    press(board, "Enter")
    expect(board.row("Renamed")).to_be_visible()
    expect(board.page.get_by_role("button", name="Edit Renamed")).to_be_focused()
    assert client.only(status)["description"] == "No pointer was used"

    press(board, "d")
    expect(board.page.get_by_role("button", name="Keep it")).to_be_focused()
    press(board, "Escape")
    expect(board.page.get_by_role("button", name="Edit Renamed")).to_be_focused()
    press(board, "d", "Tab", "Enter")
    expect(board.rows).to_have_count(0)
    expect(board.items).to_be_focused()
    assert client.stored(status) == []


def test_rows_are_walked_and_the_focus_stays_near_a_deleted_row(
    board: Board, client: ItemsClient, status: str
) -> None:
    for name in ("One", "Two", "Three"):
        client.create(name=name, status=status)
    board.reload_list()
    order = board.rows.get_by_role("rowheader").all_inner_texts()

    press(board, "j", "j", "j", "k")
    expect(board.page.get_by_role("button", name=f"Edit {order[1]}")).to_be_focused()
    press(board, "d", "Tab", "Enter")
    expect(board.page.get_by_role("button", name=f"Edit {order[2]}")).to_be_focused()


def test_pages_turn_with_brackets_and_the_focus_stays(
    board: Board, client: ItemsClient, status: str
) -> None:
    for number in range(21):
        client.create(name=f"Item {number}", status=status)
    board.reload_list()
    label = board.page.locator("#page-label")

    press(board, "]")
    expect(label).to_have_text("Page 2 · 1 item")
    press(board, "[")
    expect(label).to_have_text("Page 1 · 20 items")
    following = board.page.get_by_role("button", name="Next")
    following.focus()
    press(board, "Enter")
    expect(label).to_have_text("Page 2 · 1 item")
    expect(following).to_be_focused()


def test_skip_link_leads_to_the_items(open_board: Callable[..., Board]) -> None:
    board = open_board()
    board.wait_until_loaded()
    press(board, "Tab")
    expect(board.page.get_by_role("link", name="Skip to the items")).to_be_focused()
    press(board, "Enter")
    expect(board.items).to_be_focused()


def test_shortcuts_are_listed_and_can_be_switched_off(board: Board) -> None:
    press(board, "?")
    shortcuts = board.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(shortcuts).to_contain_text("New item")
    shortcuts.get_by_label("Single-key shortcuts").uncheck()
    press(board, "Escape", "n")
    expect(board.item_dialog).to_be_hidden()


def test_shortcut_letters_can_be_typed(board: Board) -> None:
    board.start_new()
    board.field("name").focus()
    board.page.keyboard.type("njk/?edr[]a")
    expect(board.field("name")).to_have_value("njk/?edr[]a")


def test_dialog_keeps_the_focus_and_gives_it_back(board: Board) -> None:
    new_item = board.page.get_by_role("button", name="New item")
    new_item.focus()
    press(board, "Enter")
    expect(board.field("name")).to_be_focused()
    for _ in range(8):
        press(board, "Tab")
        inside = "document.activeElement === document.body || "
        inside += "document.querySelector('#item-dialog').contains(document.activeElement)"
        assert board.page.evaluate(inside)
    press(board, "Escape")
    expect(new_item).to_be_focused()


def test_every_control_has_a_name(board: Board, client: ItemsClient, status: str) -> None:
    client.create(name="Named", status=status)
    board.reload_list()
    board.start_edit("Named")
    nameless = board.page.evaluate(
        """() => [...document.querySelectorAll('input, select, textarea, button')]
            .filter((each) => each.checkVisibility())
            .filter((each) => !each.labels?.length && !each.ariaLabel && !each.innerText.trim())
            .map((each) => each.id)"""
    )
    assert nameless == []


def test_failed_save_does_not_lose_the_focus(board: Board, status: str) -> None:
    save = board.page.locator("#save-item")
    board.cut("POST")
    board.start_new(status=status)
    tab_to(board, "Create")
    press(board, "Enter")
    expect(board.form_notice).to_be_visible()
    expect(save).to_be_focused()

    board.heal()
    board.form_notice.get_by_role("button", name="Try again").focus()
    held = board.hold("POST")
    press(board, "Enter")
    expect(save).to_have_text("Saving…")
    expect(save).to_be_focused()
    held(0).continue_()
    expect(board.toast).to_contain_text("Created")


def test_failed_list_does_not_lose_the_focus(board: Board) -> None:
    board.cut("GET")
    board.reload_list()
    try_again = board.page.get_by_role("button", name="Try again")
    try_again.focus()
    board.heal()
    press(board, "Enter")
    expect(try_again).to_be_hidden()
    expect(board.items).to_be_focused()
