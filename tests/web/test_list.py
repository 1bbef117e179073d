"""Listing, filtering, paging and deleting items."""

from __future__ import annotations

import re
import urllib.error
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from web.board import Board
    from web.items_client import ItemsClient


def names(board: Board) -> list[str]:
    return board.rows.get_by_role("rowheader").all_inner_texts()


def test_filter_shows_the_items_of_one_status(
    board: Board, client: ItemsClient, status: str
) -> None:
    client.create(name="Mine", status=status, description="Of this test")
    client.create(name="Other", status=f"{status}-other")
    board.reload_list()

    expect(board.rows).to_have_count(1)
    expect(board.row("Mine")).to_contain_text("Of this test")
    expect(board.row("Mine")).to_contain_text(status)
    board.page.get_by_role("button", name="All", exact=True).click()
    board.wait_until_loaded()
    expect(board.page.get_by_role("button", name="All", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_times_are_local_with_the_exact_one_in_the_title(
    board: Board, client: ItemsClient, status: str
) -> None:
    item = client.create(name="Timed", status=status)
    board.reload_list()

    time = board.row("Timed").locator("time")
    expect(time).to_have_attribute("title", item["updated_at"])
    expect(time).to_have_attribute("datetime", item["updated_at"])
    expect(time).to_have_text(re.compile(r"^\d+ \w+ \d{4}, \d\d:\d\d$"))


def test_pages_go_forth_and_back(board: Board, client: ItemsClient, status: str) -> None:
    for number in range(43):
        client.create(name=f"Item {number:02}", status=status)
    board.reload_list()
    label = board.page.locator("#page-label")
    previous, following = (
        board.page.get_by_role("button", name=name) for name in ("Previous", "Next")
    )
    expect(previous).to_be_disabled()

    pages = [names(board)]
    for number in (2, 3):
        following.click()
        expect(label).to_contain_text(f"Page {number}")
        board.wait_until_loaded()
        pages.append(names(board))

    assert [len(page) for page in pages] == [20, 20, 3]
    assert len({name for page in pages for name in page}) == 43
    expect(following).to_be_disabled()
    previous.click()
    expect(label).to_have_text("Page 2 · 20 items")
    assert names(board) == pages[1]

    board.page.get_by_label("Per page").select_option("100")
    expect(label).to_have_text("Page 1 · 43 items")


def test_delete_asks_first_and_deletes_for_good(
    board: Board, client: ItemsClient, status: str
) -> None:
    item = client.create(name="Doomed", status=status, metadata={"n": 2**60})
    board.reload_list()
    dialog = board.page.locator("#delete-dialog")
    delete = board.row("Doomed").get_by_role("button", name="Delete")

    delete.click()
    expect(dialog).to_contain_text("This cannot be undone")
    dialog.get_by_role("button", name="Keep it").click()
    assert client.get(item["item_id"])["name"] == "Doomed"

    delete.click()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(board.toast).to_contain_text("Deleted “Doomed”")
    expect(board.rows).to_have_count(0)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        client.get(item["item_id"])


def test_copy_of_a_deleted_item_is_a_new_item(
    board: Board, client: ItemsClient, status: str
) -> None:
    item = client.create(name="Doomed", status=status, metadata={"n": 2**60})
    board.reload_list()
    board.row("Doomed").get_by_role("button", name="Delete").click()
    board.page.locator("#confirm-delete").click()

    board.toast.get_by_role("button", name="Create a copy").click()
    board.save()
    expect(board.rows).to_have_count(1)

    copy = client.only(status)
    assert copy["item_id"] != item["item_id"]
    assert copy["metadata"] == {"n": 2**60}


def test_deleting_what_is_gone_already_says_so(
    board: Board, client: ItemsClient, status: str
) -> None:
    item = client.create(name="Gone", status=status)
    board.reload_list()
    client.delete(item["item_id"])
    board.expect_failures()

    board.row("Gone").get_by_role("button", name="Delete").click()
    board.page.locator("#confirm-delete").click()

    expect(board.toast).to_contain_text("was deleted already")
    expect(board.rows).to_have_count(0)


def test_deleting_what_was_changed_meanwhile_asks_again(
    board: Board, client: ItemsClient, status: str
) -> None:
    item = client.create(name="Draft", status=status)
    board.reload_list()
    client.update(item["item_id"], name="Signed contract")
    board.expect_failures()
    dialog = board.page.locator("#delete-dialog")

    board.row("Draft").get_by_role("button", name="Delete").click()
    board.page.locator("#confirm-delete").click()
    expect(dialog.get_by_role("alert")).to_contain_text("It is now “Signed contract”")
    assert client.only(status)["name"] == "Signed contract"

    board.page.locator("#confirm-delete").click()
    expect(board.toast).to_contain_text("Deleted “Signed contract”")
    assert client.stored(status) == []


def test_failed_deletion_keeps_the_item_and_can_be_tried_again(
    board: Board, client: ItemsClient, status: str
) -> None:
    client.create(name="Doomed", status=status)
    board.reload_list()
    board.cut("DELETE")
    dialog = board.page.locator("#delete-dialog")

    board.row("Doomed").get_by_role("button", name="Delete").click()
    board.page.locator("#confirm-delete").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The service cannot be reached")
    assert client.only(status)["name"] == "Doomed"

    board.heal()
    dialog.get_by_role("button", name="Try again").click()
    expect(board.rows).to_have_count(0)
    assert client.stored(status) == []
