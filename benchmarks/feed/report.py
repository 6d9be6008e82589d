"""The feed's lines for whoever writes the whole report: `table(measure("--rounds", "3"))`."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings

from benchmarks.lines import Line, table

__all__ = ["Line", "measure", "table"]


def measure(*options: str) -> list[Line]:
    """Measure in a process of its own, which needs Redis in its settings; the options are those of the command line.

    To be called before `database.server()` or after it, since two benchmarks at once would measure each other.
    Without a `redis-server` there is one line that says so.
    """
    environment = dict(os.environ)
    if settings.DATABASE_IS_EMBEDDED:
        environment.pop("DATABASE_URL", None)  # of a session that has ended; the process begins one of its own
    with tempfile.TemporaryDirectory(prefix="iqx-bench-") as folder:
        rows = Path(folder, "rows.json")
        command = [sys.executable, "-m", "benchmarks.feed", *options, "--rows", str(rows)]
        done = subprocess.run(command, env=environment, check=False)
        if not rows.exists():
            return [Line("the feed", f"not measured: `python -m benchmarks.feed` ended with {done.returncode}")]
        return [Line(**row) for row in json.loads(rows.read_text(encoding="utf-8"))]
