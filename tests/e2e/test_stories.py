"""The stories of `docs/stories`, told against a real server: none ends with a surprise."""

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.feed.clients import ServerProcess
from tests.runtime.processes import command

FOLDER = Path(settings.BASE_DIR, "docs", "stories")
NEED_A_WORKER = {"05-trust", "08-notices"}
STORIES = sorted(FOLDER.glob("[0-9]*.py"))


def tell(story: Path, server: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(story), server]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_the_story_has_no_surprise(platform: ServerProcess, story: Path) -> None:
    call_command("seed_demo", verbosity=0)
    with command("worker") if story.stem in NEED_A_WORKER else contextlib.nullcontext():
        told = tell(story, platform.address)
    assert (told.returncode, told.stderr) == (0, ""), told.stdout
    assert told.stdout.startswith("1. ")


@pytest.mark.django_db(transaction=True)
def test_a_surprise_ends_a_story(platform: ServerProcess, tmp_path: Path) -> None:
    """Control: what is not as it should be is seen."""
    script = tmp_path / "story.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(FOLDER)!r})\n"
        "from client import *\n"
        'scene("Somebody looks at his wallet.")\n'
        'Person.new("Somebody").get("/wallet", status=404)\n'
    )
    told = tell(script, platform.address)
    assert (told.returncode, told.stdout) == (1, "1. Somebody looks at his wallet.\n")
    assert "expected 404, saw 200" in told.stderr
