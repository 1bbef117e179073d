"""Loading, empty, failed, throttled and offline."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from web.board import Board
    from web.items_client import ItemsClient

BUSY = json.dumps(
    {"error": {"code": "service_unavailable", "message": "Busy.", "request_id": "r-17"}}
)


def test_loading_shows_a_skeleton_until_the_answer_comes(board: Board) -> None:
    held = board.hold("GET")
    board.page.get_by_role("button", name="All", exact=True).click()

    expect(board.items).to_have_attribute("aria-busy", "true")
    expect(board.page.locator("#rows .skeleton").first).to_be_visible()
    expect(board.page.locator("#announcer")).to_have_text("Loading items…")
    held(0).continue_()
    board.wait_until_loaded()
    expect(board.page.locator("#rows .skeleton")).to_have_count(0)


def test_answer_of_an_earlier_filter_does_not_overwrite_a_later_one(
    board: Board, client: ItemsClient, status: str
) -> None:
    client.create(name="Late", status=status)
    held = board.hold("GET")
    board.page.get_by_role("button", name="All", exact=True).click()
    with board.page.expect_event("requestfailed") as cancelled:
        board.page.get_by_role("button", name=status, exact=True).click()
    assert "status=" not in cancelled.value.url

    held(1).continue_()
    expect(board.row("Late")).to_be_visible()


def test_empty_filter_leads_back_to_all(board: Board, status: str) -> None:
    expect(board.items).to_contain_text(f"No items with the status “{status}”")
    board.page.get_by_role("button", name="Show all items").click()
    expect(board.page.get_by_role("button", name="All", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_empty_table_leads_to_the_first_item(board: Board) -> None:
    board.answer("GET", status=200, body='{"items": [], "count": 0}')
    board.page.get_by_role("button", name="All", exact=True).click()

    expect(board.items).to_contain_text("No items yet")
    board.page.get_by_role("button", name="Create the first item").click()
    expect(board.item_dialog).to_be_visible()


def test_failure_without_rows_takes_their_place_and_can_be_tried_again(
    board: Board, client: ItemsClient, status: str
) -> None:
    client.create(name="Back", status=status)
    board.answer("GET", status=500, body=BUSY)
    board.reload_list()
    alert = board.items.get_by_role("alert")
    expect(alert).to_contain_text("The service had a problem")
    expect(alert).to_contain_text("r-17")

    board.heal()
    board.page.get_by_role("button", name="Try again").click()
    expect(board.row("Back")).to_be_visible()
    expect(alert).to_be_hidden()


def test_failure_with_rows_in_view_keeps_them(
    board: Board, client: ItemsClient, status: str
) -> None:
    client.create(name="Kept", status=status)
    board.reload_list()
    board.answer("GET", status=502, body="<html>Bad gateway</html>")
    board.reload_list()

    expect(board.page.locator("#list-notice")).to_contain_text("status 502")
    expect(board.row("Kept")).to_be_visible()


def test_answer_that_is_not_json_is_a_failure(board: Board) -> None:
    board.answer("GET", status=200, body="<html>Sign in</html>")
    board.reload_list()
    expect(board.items.get_by_role("alert")).to_contain_text("unexpected answer")


def test_retry_after_is_counted_down_and_honoured(
    board: Board, client: ItemsClient, status: str
) -> None:
    client.create(name="Patient", status=status)
    board.answer("GET", status=503, body=BUSY, headers={"Retry-After": "2"})
    started = time.monotonic()
    board.reload_list()
    waiting = board.page.get_by_role("button", name=re.compile("Trying again in 2 s"))
    expect(waiting).to_be_disabled()
    board.heal()

    expect(board.row("Patient")).to_be_visible()
    assert time.monotonic() - started >= 2


def test_throttled_save_is_tried_again_by_itself(
    board: Board, client: ItemsClient, status: str
) -> None:
    board.answer("POST", status=429, body="{}", headers={"Retry-After": "1"})
    board.start_new(name="Patient", status=status)
    board.save()
    expect(board.form_notice).to_contain_text("Trying again in 1 s")

    board.heal()
    expect(board.toast).to_contain_text("Created “Patient”")
    assert client.only(status)["name"] == "Patient"


def test_throttled_save_waits_for_the_person_who_goes_on_typing(
    board: Board, client: ItemsClient, status: str
) -> None:
    board.answer("POST", status=429, body="{}", headers={"Retry-After": "1"})
    board.start_new(name="Patient", status=status)
    board.save()
    expect(board.form_notice).to_contain_text("Trying again in 1 s")
    board.heal()
    board.type(name="Patient, and not done yet")

    try_again = board.item_dialog.get_by_role("button", name="Try again", exact=True)
    expect(try_again).to_be_enabled()
    assert client.stored(status) == []
    try_again.click()
    expect(board.row("Patient, and not done yet")).to_be_visible()


def test_offline_is_shown_and_left_again(board: Board, client: ItemsClient, status: str) -> None:
    client.create(name="Later", status=status)
    board.expect_failures()
    board.page.context.set_offline(True)
    expect(board.page.locator("#offline-bar")).to_contain_text("You are offline")
    board.reload_list()
    expect(board.items.get_by_role("alert")).to_contain_text("You are offline")

    board.page.context.set_offline(False)
    expect(board.row("Later")).to_be_visible()
    expect(board.page.locator("#offline-bar")).to_be_hidden()


def test_offline_form_keeps_its_text_until_it_can_be_sent(
    board: Board, client: ItemsClient, status: str
) -> None:
    board.expect_failures()
    board.start_new(name="On the train", status=status)
    board.page.context.set_offline(True)
    board.save()
    expect(board.form_notice).to_contain_text("You are offline")
    expect(board.field("name")).to_have_value("On the train")

    board.page.context.set_offline(False)
    board.item_dialog.get_by_role("button", name="Try again").click()
    expect(board.row("On the train")).to_be_visible()
    assert client.only(status)["name"] == "On the train"
