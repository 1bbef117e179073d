"""Cutting a worker's bytes into events."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cloudworthy.local.lambda_.output import LogEvent, OutputSplitter

INFO_TEXT = b"\xa5\x5a\x00\x0f"
ERROR_JSON = b"\xa5\x5a\x00\x16"


def frame(kind: bytes, message: str, timestamp_us: int = 1_700_000_000_123_456) -> bytes:
    body = message.encode()
    return kind + len(body).to_bytes(4, "big") + timestamp_us.to_bytes(8, "big") + body


def test_a_frame_is_one_event_with_its_level_and_time() -> None:
    events = OutputSplitter().feed(frame(ERROR_JSON, "first\nsecond"))
    assert events == [LogEvent("first\nsecond", "ERROR", 1_700_000_000_123)]


def test_a_frame_inside_a_line_does_not_end_the_line() -> None:
    splitter = OutputSplitter()
    events = splitter.feed(b"begun " + frame(INFO_TEXT, "logged") + b"and ended\n")
    assert [event.message for event in events] == ["logged", "begun and ended\n"]


def test_text_that_looks_like_the_beginning_of_a_frame_is_not_lost() -> None:
    splitter = OutputSplitter()
    assert splitter.feed(b"yen \xa5") == []
    assert [event.message for event in splitter.flush()] == ["yen �"]


@given(
    pieces=st.lists(
        st.one_of(
            st.text(st.characters(exclude_characters="\n", codec="utf-8")).map(
                lambda text: ("line", text)
            ),
            st.text(st.characters(codec="utf-8")).map(lambda text: ("frame", text)),
        ),
        max_size=8,
    ),
    size=st.integers(1, 40),
)
def test_the_cut_does_not_depend_on_how_the_bytes_arrive(
    pieces: list[tuple[str, str]], size: int
) -> None:
    data = b"".join(
        frame(INFO_TEXT, text) if kind == "frame" else f"{text}\n".encode() for kind, text in pieces
    )
    splitter, events = OutputSplitter(), []
    for start in range(0, len(data), size):
        events += splitter.feed(data[start : start + size])
    events += splitter.flush()
    expected = [text if kind == "frame" else f"{text}\n" for kind, text in pieces]
    assert [event.message for event in events] == expected
