"""Narrow windows, both colour schemes, and people who want no motion."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from web.board import Board
    from web.items_client import ItemsClient

LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3, for text of any size
LOW_CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
NARROW = {"width": 320, "height": 640}
LONG = "Unbreakable" * 20


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def make_conflict(board: Board, client: ItemsClient, status: str, name: str) -> None:
    item = client.create(name=name, status=status, description=f"{name} {name}")
    board.reload_list()
    board.expect_failures()
    board.start_edit(name, description="Mine")
    client.update(item["item_id"], description=f"Theirs {name}", metadata={name: name})
    board.save()
    expect(board.conflict_dialog).to_be_visible()


def assert_readable(board: Board, where: str) -> None:
    assert board.page.evaluate(LOW_CONTRAST, LEAST_CONTRAST) == [], where


def test_text_is_readable_in_both_schemes(
    open_board: Callable[..., Board], client: ItemsClient, scheme: str, status: str
) -> None:
    board = open_board(color_scheme=scheme, reduced_motion="reduce")
    board.filter_by(status)
    assert_readable(board, "empty")
    make_conflict(board, client, status, "Readable")
    assert_readable(board, "conflict")
    board.conflict_dialog.get_by_role("button", name="Edit a merge").click()
    board.type(metadata="{")
    board.save()
    expect(board.field_error("metadata")).to_be_visible()
    assert_readable(board, "merge with an error")
    board.page.keyboard.press("Escape")
    expect(board.toast).to_be_visible()
    assert_readable(board, "list with a message")
    board.row("Readable").get_by_role("button", name="Delete").click()
    assert_readable(board, "deletion")
    board.page.keyboard.press("Escape")
    board.page.keyboard.press("?")
    assert_readable(board, "shortcuts")


def test_failures_are_readable_in_both_schemes(
    open_board: Callable[..., Board], scheme: str, status: str
) -> None:
    board = open_board(color_scheme=scheme, reduced_motion="reduce")
    board.filter_by(status)
    board.answer("GET", "POST", status=503, body="{}", headers={"Retry-After": "60"})
    board.reload_list()
    board.page.context.set_offline(True)
    expect(board.page.locator("#offline-bar")).to_be_visible()
    assert_readable(board, "failed list")
    board.page.context.set_offline(False)
    board.start_new(name="Unsaved")
    board.save()
    expect(board.form_notice).to_be_visible()
    assert_readable(board, "failed save")


def test_320_pixels_are_enough(
    open_board: Callable[..., Board], client: ItemsClient, status: str
) -> None:
    board = open_board(viewport=NARROW)
    board.filter_by(status)
    make_conflict(board, client, status, LONG[:200])
    assert_nothing_sticks_out(board)
    board.conflict_dialog.get_by_role("button", name="Edit a merge").click()
    assert_nothing_sticks_out(board)
    board.page.keyboard.press("Escape")
    expect(board.toast).to_be_visible()
    assert_nothing_sticks_out(board)
    board.page.get_by_role("button", name="Shortcuts").click()
    assert_nothing_sticks_out(board)


def assert_nothing_sticks_out(board: Board) -> None:
    page = board.page
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    too_wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter((each) => each.checkVisibility() && !each.closest('.visually-hidden'))
            .filter((each) => !each.closest('thead'))
            .filter((each) => each.getBoundingClientRect().right > innerWidth + 0.5)
            .map((each) => each.outerHTML.slice(0, 80))"""
    )
    assert too_wide == []


def test_focus_is_visible(open_board: Callable[..., Board]) -> None:
    board = open_board()
    board.wait_until_loaded()
    focused = board.page.locator(":focus")
    for _ in range(10):
        board.page.keyboard.press("Tab")
        expect(focused).to_have_css("outline-style", "solid")
        expect(focused).to_be_in_viewport()


def test_nothing_moves_for_people_who_want_no_motion(open_board: Callable[..., Board]) -> None:
    board = open_board(reduced_motion="reduce")
    board.wait_until_loaded()
    board.hold("GET")
    board.page.get_by_role("button", name="Reload").click()
    board.start_new()
    moving = board.page.evaluate("document.getAnimations().length")
    assert moving == 0
