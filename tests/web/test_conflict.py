"""An item changed by someone else while it was being edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from web.board import Board
    from web.items_client import Item, ItemsClient


@pytest.fixture
def raced(board: Board, client: ItemsClient, status: str) -> Item:
    """The page wants another name and description; another client was faster."""
    item = client.create(
        name="First", status=status, description="Base", metadata={"big": 2**70, "n": 1}
    )
    board.reload_list()
    board.expect_failures()
    board.start_edit("First", name="Mine", description="My words")
    client.update(item["item_id"], name="Theirs", metadata={"big": 2**70, "n": 2})
    board.save()
    expect(board.conflict_dialog).to_be_visible()
    return item


def compared(board: Board, field: str) -> Locator:
    return board.conflict_dialog.locator(f"tr[data-field={field}]")


def test_both_versions_are_shown_and_differences_marked(board: Board, raced: Item) -> None:
    expect(compared(board, "name").get_by_role("cell")).to_have_text(["Mine", "Theirs"])
    expect(compared(board, "name").get_by_role("rowheader")).to_contain_text("both changed it")
    expect(compared(board, "description").get_by_role("cell")).to_have_text(["My words", "Base"])
    expect(compared(board, "description").get_by_role("rowheader")).to_contain_text("you changed")
    expect(compared(board, "metadata").get_by_role("rowheader")).to_contain_text("they changed")
    expect(compared(board, "metadata")).to_contain_text(str(2**70))
    expect(compared(board, "status")).not_to_contain_text("changed it")
    expect(compared(board, "status").get_by_role("cell")).to_have_text([raced["status"]] * 2)


def test_keep_mine_stores_what_was_shown_as_mine(
    board: Board, client: ItemsClient, raced: Item
) -> None:
    board.conflict_dialog.get_by_role("button", name="Keep mine").click()
    expect(board.toast).to_contain_text("Saved “Mine”")

    stored = client.get(raced["item_id"])
    assert stored["name"] == "Mine"
    assert stored["description"] == "My words"
    assert stored["metadata"] == {"big": 2**70, "n": 1}
    assert stored["version"] == 3


def test_take_theirs_stores_nothing(board: Board, client: ItemsClient, raced: Item) -> None:
    board.conflict_dialog.get_by_role("button", name="Take theirs").click()
    expect(board.toast).to_contain_text("Kept the stored version")

    expect(board.row("Theirs")).to_be_visible()
    expect(board.item_dialog).to_be_hidden()
    assert client.get(raced["item_id"])["version"] == 2
    board.start_edit("Theirs")
    expect(board.field("description")).to_have_value("Base")


def test_merge_starts_from_both_and_goes_back_to_the_form(
    board: Board, client: ItemsClient, raced: Item
) -> None:
    board.conflict_dialog.get_by_role("button", name="Edit a merge").click()
    expect(board.field("name")).to_have_value("Mine")
    expect(board.field("description")).to_have_value("My words")
    assert '"n": 2' in board.field("metadata").input_value()

    board.item_dialog.get_by_role("button", name="Use the stored name").click()
    expect(board.field("name")).to_have_value("Theirs")
    board.type(description="My words, and theirs")
    board.page.reload()
    expect(board.field("description")).to_have_value("My words, and theirs")
    board.save()
    expect(board.toast).to_contain_text("Saved “Theirs”")

    stored = client.get(raced["item_id"])
    assert stored["name"] == "Theirs"
    assert stored["description"] == "My words, and theirs"
    assert stored["metadata"] == {"big": 2**70, "n": 2}
    assert stored["version"] == 3


def test_keep_mine_that_loses_again_asks_again(
    board: Board, client: ItemsClient, raced: Item
) -> None:
    client.update(raced["item_id"], name="Theirs again")
    board.conflict_dialog.get_by_role("button", name="Keep mine").click()

    expect(compared(board, "name").get_by_role("cell")).to_have_text(["Mine", "Theirs again"])
    assert client.get(raced["item_id"])["name"] == "Theirs again"


def test_escape_goes_back_to_the_form_with_everything_typed(
    board: Board, client: ItemsClient, raced: Item
) -> None:
    board.page.keyboard.press("Escape")
    expect(board.conflict_dialog).to_be_hidden()
    expect(board.field("name")).to_have_value("Mine")
    expect(board.field("name")).to_be_focused()
    assert client.get(raced["item_id"])["version"] == 2
