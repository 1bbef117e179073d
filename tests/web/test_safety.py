"""Hostile contents, and what the page may load and run."""

from __future__ import annotations

import urllib.request
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from web.board import Board
    from web.items_client import ItemsClient

PAGE = Path(__file__).parents[2] / "web" / "index.html"
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


def test_hostile_text_stays_text_everywhere(board: Board, client: ItemsClient, status: str) -> None:
    item = client.create(
        name=HOSTILE, status=status, description=HOSTILE, metadata={HOSTILE: HOSTILE}
    )
    board.reload_list()
    expect(board.row(HOSTILE)).to_contain_text(HOSTILE)

    board.expect_failures()
    board.start_edit(HOSTILE, description=f"{HOSTILE} mine")
    client.update(item["item_id"], name=f"{HOSTILE} theirs", description=HOSTILE * 2)
    board.save()
    expect(board.conflict_dialog).to_contain_text(f"{HOSTILE} theirs")
    board.conflict_dialog.get_by_role("button", name="Take theirs").click()
    expect(board.toast).to_contain_text(HOSTILE)

    assert board.page.title() == "Items · Cloudworthy"
    assert board.page.locator("img[src=x], script:not([src])").count() == 0


def test_hostile_status_as_a_filter_stays_text(board: Board) -> None:
    board.filter_by("'\"><b>&status=x#")
    expect(board.items).to_contain_text("No items with the status “'\"><b>&status=x#”")


def test_key_in_the_link_cannot_break_a_header(open_board: Callable[..., Board]) -> None:
    board = open_board(key="a%0d%0ab")
    board.expect_failures()
    expect(board.key_dialog).to_be_visible()
    assert board.page.evaluate("sessionStorage.getItem('cloudworthy.api-key')") is None


def test_site_sends_a_strict_policy(site: tuple[str, str]) -> None:
    with urllib.request.urlopen(f"{site[0]}/", timeout=10) as response:  # noqa: S310
        policy = response.headers["Content-Security-Policy"]
    directives = dict(each.strip().partition(" ")[::2] for each in policy.split(";"))
    assert directives["default-src"] in ("'none'", "'self'")
    assert directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy


def test_page_loads_from_its_own_origin_only(
    open_board: Callable[..., Board], site: tuple[str, str]
) -> None:
    board = open_board()
    board.wait_until_loaded()
    loaded = board.page.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
    assert {f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in loaded} == {site[0]}


def test_page_has_no_inline_script_or_style() -> None:
    found: list[str] = []

    class Inline(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            names = {name for name, _ in attributes}
            if tag == "style" or (tag == "script" and "src" not in names):
                found.append(tag)
            found.extend(name for name in names if name == "style" or name.startswith("on"))

    Inline().feed(PAGE.read_text())
    assert found == []
