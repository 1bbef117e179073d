"""``python -m cloudworthy.local.engines.moto_child --port N --state DIR --account ID``."""

import sys

# time-machine imports pytest wherever that is installed: 0.2 s and 15 MB for nothing.
sys.modules["pytest"] = None  # type: ignore[assignment]

from cloudworthy.local.engines.moto_child.process import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
