"""`python -m items.openapi DIRECTORY`: one file for each system."""

import json
import sys
from pathlib import Path

from items.openapi.descriptions import DESCRIPTIONS
from items.openapi.document import document

for name, description in DESCRIPTIONS.items():
    text = json.dumps(document(description), indent=2)
    (Path(sys.argv[1]) / f"{name}.json").write_text(text + "\n")
