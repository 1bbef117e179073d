"""The page for people who review the five systems: what may be done, and what was accepted.

python -m cloudworthy.blueprints.security_page cdk.out/*.template.json > docs/security.md
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cloudworthy.blueprints import accepted_findings, callers_section, function_permissions

_INTRODUCTION = """\
# Security

This page is written from the templates of the default settings, and a test compares the two.
"""


def as_page(templates: Iterable[Mapping[str, Any]]) -> str:
    """All that templates say of permissions and accepted findings, as Markdown."""
    listed = list(templates)
    return "\n".join(
        (
            _INTRODUCTION,
            function_permissions.as_section(listed),
            callers_section.SECTION,
            accepted_findings.as_section(listed),
        )
    )


def main() -> int:
    """Print the page of the templates named on the command line."""
    templates = [json.loads(Path(name).read_text()) for name in sys.argv[1:]]
    sys.stdout.write(as_page(templates))
    return 0


if __name__ == "__main__":
    sys.exit(main())
