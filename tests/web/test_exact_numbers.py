"""Numbers in metadata that JavaScript cannot hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from web.board import Board
    from web.items_client import ItemsClient

BIG = 12345678901234567890123456789012345678
WITHOUT_SOURCE_TEXT = "delete JSON.rawJSON; delete JSON.isRawJSON;"


def test_digits_survive_an_edit_of_their_neighbour(
    board: Board, client: ItemsClient, status: str
) -> None:
    item = client.create(
        name="Exact", status=status, metadata={"big": BIG, "odd": 2**53 + 1, "deep": [{"n": -BIG}]}
    )
    board.reload_list()
    board.start_edit("Exact")
    shown = board.field("metadata").input_value()
    assert json.loads(shown) == item["metadata"]

    board.type(metadata=shown.replace('"odd"', '"even"'))
    board.save()
    expect(board.toast).to_contain_text("Saved")
    stored = client.get(item["item_id"])["metadata"]
    assert stored == {"big": BIG, "even": 2**53 + 1, "deep": [{"n": -BIG}]}


def test_typed_digits_are_stored_and_survive_a_reload(
    board: Board, client: ItemsClient, status: str
) -> None:
    text = f'{{"big": {BIG}}}'
    board.start_new(status=status, metadata=text)
    board.page.reload()
    expect(board.field("metadata")).to_have_value(text)
    board.save()
    expect(board.toast).to_contain_text("Created")
    assert client.only(status)["metadata"] == {"big": BIG}


def test_browser_that_would_lose_digits_refuses_to_edit_them(
    open_board: Callable[..., Board], client: ItemsClient, status: str
) -> None:
    item = client.create(name="Exact", status=status, metadata={"big": BIG})
    board = open_board()
    board.page.add_init_script(WITHOUT_SOURCE_TEXT)
    board.page.reload()
    board.filter_by(status)

    board.start_edit("Exact", name="Renamed all the same")
    expect(board.field("metadata")).not_to_be_editable()
    expect(board.item_dialog).to_contain_text("shown but not edited")
    board.save()
    expect(board.row("Renamed all the same")).to_be_visible()
    assert client.get(item["item_id"])["metadata"] == {"big": BIG}

    board.start_new(status=status, metadata=f'{{"big": {BIG}}}')
    board.save()
    expect(board.field_error("metadata")).to_contain_text("cannot keep all digits")
