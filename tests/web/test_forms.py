"""Creating and editing: what is sent, and that nothing typed is ever lost or sent twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from web.board import ITEMS

if TYPE_CHECKING:
    from playwright.sync_api import Request

    from web.board import Board
    from web.items_client import ItemsClient

TYPED = {
    "name": "Typed with care",
    "description": "Two\nlines",
    "metadata": '{"a": [1, 2.5, null]}',
}


def sent_by(board: Board, method: str) -> list[Request]:
    sent: list[Request] = []

    def note(request: Request) -> None:
        if request.method == method and ITEMS.search(request.url):
            sent.append(request)

    board.page.on("request", note)
    return sent


def test_create_stores_every_field(board: Board, client: ItemsClient, status: str) -> None:
    board.start_new(**TYPED, status=status)
    board.save()

    expect(board.row("Typed with care")).to_be_visible()
    expect(board.toast).to_contain_text("Created “Typed with care”")
    stored = client.only(status)
    assert stored["description"] == "Two\nlines"
    assert stored["metadata"] == {"a": [1, 2.5, None]}
    assert stored["version"] == 1


def test_fields_left_empty_get_the_defaults_of_the_service(
    board: Board, client: ItemsClient, status: str
) -> None:
    board.start_new(status=status)
    board.save()

    expect(board.row("Unnamed Item")).to_be_visible()
    assert client.only(status)["metadata"] == {}


def test_created_item_that_the_filter_hides_is_said_to_be_hidden(board: Board, status: str) -> None:
    board.start_new(name="Elsewhere", status=f"{status}-other")
    board.save()

    expect(board.toast).to_contain_text("The filter hides it")
    expect(board.rows).to_have_count(0)
    board.toast.get_by_role("button", name="Show all").click()
    expect(board.rows.first).to_be_visible()


def test_edit_sends_changed_fields_with_the_version(
    board: Board, client: ItemsClient, status: str
) -> None:
    item = client.create(name="Before", status=status, description="Stays", metadata={"k": 1})
    board.reload_list()
    sent = sent_by(board, "PUT")

    board.start_edit("Before", name="After")
    board.save()
    expect(board.row("After")).to_be_visible()

    (request,) = sent
    assert json.loads(request.post_data or "") == {"name": "After"}
    assert request.headers["if-match"] == '"1"'
    stored = client.get(item["item_id"])
    assert (stored["name"], stored["description"], stored["version"]) == ("After", "Stays", 2)


def test_saving_without_a_change_sends_nothing(
    board: Board, client: ItemsClient, status: str
) -> None:
    client.create(name="Same", status=status, metadata={"k": 1})
    board.reload_list()
    sent = sent_by(board, "PUT")

    board.start_edit("Same", metadata='{ "k" : 1 }')
    board.save()

    expect(board.toast).to_contain_text("Nothing to save")
    assert sent == []


def test_refused_fields_are_marked_and_keep_their_text(
    board: Board, client: ItemsClient, status: str
) -> None:
    board.expect_failures()
    board.start_new(name="x" * 300, status=status, metadata='{"n": %s}' % ("9" * 40))
    board.save()

    expect(board.field_error("name")).to_be_visible()
    expect(board.field_error("metadata")).to_be_visible()
    expect(board.field("name")).to_have_attribute("aria-invalid", "true")
    expect(board.field("name")).to_be_focused()
    expect(board.field("name")).to_have_value("x" * 300)
    assert client.stored(status) == []

    board.type(name="Short", metadata="{}")
    expect(board.field_error("name")).to_be_hidden()
    board.save()
    expect(board.row("Short")).to_be_visible()


def test_metadata_must_be_a_json_object(board: Board) -> None:
    sent = sent_by(board, "POST")
    board.start_new(metadata='{"a": }')
    board.save()
    expect(board.field_error("metadata")).to_contain_text("not valid JSON")
    expect(board.field("metadata")).to_be_focused()

    board.type(metadata="[1]")
    board.save()
    expect(board.field_error("metadata")).to_contain_text("must be a JSON object")
    assert sent == []


def test_typed_text_survives_failure_and_reload(
    board: Board, client: ItemsClient, status: str
) -> None:
    typed = {**TYPED, "status": status}
    board.cut("POST")
    board.start_new(**typed)
    board.save()
    expect(board.form_notice).to_contain_text("cannot be reached")
    assert board.texts() == typed

    board.page.reload()
    expect(board.item_dialog).to_contain_text("What you typed before is still here")
    assert board.texts() == typed

    board.heal()
    board.save()
    expect(board.toast).to_contain_text("Created")
    assert client.only(status)["name"] == "Typed with care"
    board.page.reload()
    expect(board.items).to_have_attribute("aria-busy", "false")
    expect(board.item_dialog).to_be_hidden()


def test_create_whose_answer_was_lost_creates_once(
    board: Board, client: ItemsClient, status: str
) -> None:
    sent = sent_by(board, "POST")
    board.lose_answers("POST")
    board.start_new(**TYPED, status=status)
    board.save()
    expect(board.form_notice).to_be_visible()

    board.page.reload()
    board.heal()
    board.save()
    expect(board.toast).to_contain_text("Created")

    assert client.only(status)["name"] == "Typed with care"
    assert len({request.headers["idempotency-key"] for request in sent}) == 1


def test_text_changed_after_a_lost_answer_does_not_make_a_second_item_unasked(
    board: Board, client: ItemsClient, status: str
) -> None:
    board.lose_answers("POST")
    board.start_new(name="First thought", status=status)
    board.save()
    expect(board.form_notice).to_be_visible()
    board.heal()

    board.type(name="Second thought")
    board.save()
    alert = board.form_notice
    expect(alert).to_contain_text("An earlier attempt did arrive")
    assert client.only(status)["name"] == "First thought"

    alert.get_by_role("button", name="Create as another item").click()
    expect(board.row("Second thought")).to_be_visible()
    assert sorted(item["name"] for item in client.stored(status)) == [
        "First thought",
        "Second thought",
    ]


def test_edit_survives_failure_and_reload(board: Board, client: ItemsClient, status: str) -> None:
    client.create(name="Before", status=status)
    board.reload_list()
    board.cut("PUT")
    board.start_edit("Before", description="Long thought about")
    board.save()
    expect(board.form_notice).to_be_visible()

    board.page.reload()
    expect(board.field("description")).to_have_value("Long thought about")
    board.heal()
    board.save()
    expect(board.toast).to_contain_text("Saved “Before”")
    assert client.only(status)["description"] == "Long thought about"


def test_update_whose_answer_was_lost_is_not_taken_for_a_conflict(
    board: Board, client: ItemsClient, status: str
) -> None:
    client.create(name="Before", status=status)
    board.reload_list()
    board.lose_answers("PUT")
    board.start_edit("Before", name="After")
    board.save()
    alert = board.form_notice
    expect(alert).to_be_visible()

    board.heal()
    alert.get_by_role("button", name="Try again").click()
    expect(board.toast).to_contain_text("Saved “After”")
    assert client.only(status)["version"] == 2


def test_closed_form_keeps_its_draft_until_discarded(board: Board) -> None:
    board.start_new(name="Half a thought")
    board.page.keyboard.press("Escape")
    expect(board.toast).to_contain_text("What you typed is kept")
    board.toast.get_by_role("button", name="Open it again").click()
    expect(board.field("name")).to_have_value("Half a thought")

    board.item_dialog.get_by_role("button", name="Discard changes").click()
    expect(board.field("name")).to_have_value("")
    board.item_dialog.get_by_role("button", name="Undo").click()
    expect(board.field("name")).to_have_value("Half a thought")

    board.item_dialog.get_by_role("button", name="Discard changes").click()
    board.page.keyboard.press("Escape")
    board.start_new()
    expect(board.field("name")).to_have_value("")


def test_item_deleted_meanwhile_can_be_created_anew(
    board: Board, client: ItemsClient, status: str
) -> None:
    item = client.create(name="Before", status=status)
    board.reload_list()
    board.expect_failures()
    board.start_edit("Before", description="Too good to lose")
    client.delete(item["item_id"])
    board.save()

    alert = board.form_notice
    expect(alert).to_contain_text("no longer exists")
    expect(board.field("description")).to_have_value("Too good to lose")
    alert.get_by_role("button", name="Create it as a new item").click()
    expect(board.toast).to_contain_text("Created")
    assert client.only(status)["description"] == "Too good to lose"


def test_form_closed_while_saving_says_how_it_ended(
    board: Board, client: ItemsClient, status: str
) -> None:
    held = board.hold("POST")
    board.start_new(name="Hasty", status=status)
    board.save()
    expect(board.field("name")).not_to_be_editable()
    board.page.keyboard.press("Escape")
    expect(board.toast).to_contain_text("Still saving")

    held(0).continue_()
    expect(board.toast).to_contain_text("Created “Hasty”")
    expect(board.row("Hasty")).to_be_visible()
    board.start_new()
    expect(board.field("name")).to_have_value("")
    assert client.only(status)["version"] == 1


def test_form_closed_while_saving_can_be_opened_again_when_that_failed(
    board: Board, status: str
) -> None:
    held = board.hold("POST")
    board.start_new(name="Hasty", status=status)
    board.save()
    board.page.keyboard.press("Escape")
    held(0).abort()

    expect(board.toast).to_contain_text("Not saved: The service cannot be reached")
    board.toast.get_by_role("button", name="Open it again").click()
    expect(board.field("name")).to_have_value("Hasty")
    expect(board.field("name")).to_be_editable()
