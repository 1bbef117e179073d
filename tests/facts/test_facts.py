from __future__ import annotations

from facts.facts import all_facts, fact, ids_of_areas


def test_every_fact_names_its_source() -> None:
    assert [fact_id for fact_id, entry in all_facts().items() if not entry.source] == []


def test_areas_select_facts_by_id() -> None:
    assert "rest-proxy-event-001" in ids_of_areas(["rest-proxy-event"])
    assert fact("rest-proxy-event-001").area == "rest-proxy-event"
