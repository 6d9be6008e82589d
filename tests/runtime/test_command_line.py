"""`manage.py` brings the embedded server up for the commands that need it, and takes it away again."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from iqx.runtime import embedded
from iqx.runtime.command_line import needs_database
from tests.runtime.test_embedded import answers

MANAGE = str(settings.BASE_DIR / "manage.py")


@pytest.mark.parametrize("line", ["", "help", "help migrate", "--version", "version", "migrate --help", "check", "run"])
def test_commands_that_need_no_database(line: str) -> None:
    assert not needs_database(["manage.py", *line.split()])


@pytest.mark.parametrize("line", ["migrate", "serve", "worker", "shell", "audit_ledger", "makemigrations --check"])
def test_commands_that_need_the_database(line: str) -> None:
    assert needs_database(["manage.py", *line.split()])


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, MANAGE, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_command_finds_the_database_running_and_leaves_it_stopped(
    data_dir: Path, environment: dict[str, str]
) -> None:
    answer = manage({**environment, "IQX_DATA_DIR": str(data_dir)}, "showmigrations", "contenttypes")
    assert answer.returncode == 0, answer.stderr
    assert "[ ] 0001_initial" in answer.stdout
    assert (data_dir / "postgres/cluster/PG_VERSION").exists()
    assert not answers(data_dir)


def test_a_command_leaves_a_server_that_is_in_use(data_dir: Path, environment: dict[str, str]) -> None:
    with embedded.session(data_dir):
        assert manage({**environment, "IQX_DATA_DIR": str(data_dir)}, "showmigrations").returncode == 0
        assert answers(data_dir)


def test_a_command_without_need_starts_nothing(data_dir: Path, environment: dict[str, str]) -> None:
    assert manage({**environment, "IQX_DATA_DIR": str(data_dir)}, "version").returncode == 0
    assert not data_dir.exists()


def test_a_missing_server_is_one_clear_line(data_dir: Path, environment: dict[str, str]) -> None:
    lost = {**environment, "IQX_DATA_DIR": str(data_dir), "IQX_POSTGRES_BIN": "/nowhere"}
    answer = manage(lost, "migrate")
    assert answer.returncode == 1
    assert answer.stderr.startswith("manage.py: IQX_POSTGRES_BIN=/nowhere lacks")
    assert len(answer.stderr.splitlines()) == 1


def test_every_variable_that_is_read_is_in_the_example() -> None:
    documented = set(re.findall(r"^#?([A-Z_]+)=", (settings.BASE_DIR / ".env.example").read_text(), re.MULTILINE))
    reading = re.compile(r"""env(?:iron)?(?:\.\w+\(|\[)\s*"([A-Z_]+)\"""")
    internal = {"DJANGO_SETTINGS_MODULE"}
    apps = ("iqx", "accounts", "wallets", "orders", "trades", "disputes", "support")
    read = {
        name
        for app in apps
        for path in (settings.BASE_DIR / app).rglob("*.py")
        for name in reading.findall(path.read_text())
    }
    assert len(read) > 20
    assert read - internal == documented
