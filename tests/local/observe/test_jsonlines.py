"""Files of JSON lines on a disk without room, for which a limit on a file's size stands in."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

_APPEND = """
import resource, sys
from pathlib import Path
from cloudworthy.local.observe.jsonlines import JsonLinesFile

file = JsonLinesFile(Path(sys.argv[1]))
file.append([b'{"n": 1}\\n'])
_, highest = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (14, highest))
try:
    file.append([b'{"n": 2}\\n', b'{"n": 3}\\n'])
except OSError as error:
    print(error.strerror)
resource.setrlimit(resource.RLIMIT_FSIZE, (highest, highest))
file.append([b'{"n": 4}\\n'])
file.close()
"""


def test_lines_that_find_no_room_leave_nothing_behind(tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    path = tmp_path / "file.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", _APPEND, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "File too large\n"
    assert path.read_text() == '{"n": 1}\n{"n": 4}\n'
