from __future__ import annotations

from cloudworthy.local.provision.reference import reference_table
from local.provision.engine_children import ROOT


def test_the_document_lists_every_type_as_it_is() -> None:
    text = (ROOT / "docs" / "resources.md").read_text()
    assert text.endswith("\n\n" + reference_table() + "\n")
