"""A backup is restored into a new database, and its books balance."""

import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings as live_settings
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from iqx.core.files.receiving import keep, receive
from iqx.core.models import StoredFile
from iqx.ops.models import Reading
from orders.models import Market
from tests.factories.files import upload
from tests.factories.orders import trade_between
from tests.ops.conftest import forget_storages

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    """Private files of this test's own."""
    settings.STORAGES = settings.STORAGES | {
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        }
    }
    forget_storages()
    return tmp_path


def address_of(name: str) -> str:
    where = connection.settings_dict
    password = f":{where['PASSWORD']}" if where["PASSWORD"] else ""
    return f"postgresql://{where['USER']}{password}@{quote(str(where['HOST']), safe='')}:{where['PORT']}/{name}"


@pytest.fixture
def new_database() -> Iterator[str]:
    name = f"{connection.settings_dict['NAME']}_restored"
    with psycopg.connect(address_of("postgres"), autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}"')
        yield address_of(name)
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def restore(file: Path, database: str, data_dir: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", "restore", str(file)],
        cwd=live_settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": database, "IQX_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_was_backed_up_is_restored_and_audited(
    market: Market, seller: User, buyer: User, folder: Path, new_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    trade = trade_between(seller, buyer, status="released")
    file = keep(receive(upload()), owner_id=seller.id, purpose="trade_message")
    backups = folder / "backups"
    call_command("backup", output=backups)
    (backup,) = backups.glob("*.tar")
    assert backup.stat().st_mode & 0o077 == 0
    assert "1 private files" in capsys.readouterr().out
    assert Reading.objects.get(pk="backup").data["path"] == str(backup)
    assert not list(backups.glob(".making-*"))

    done = restore(backup, new_database, folder / "elsewhere")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok" in done.stdout
    assert "WRONG" not in done.stdout
    with psycopg.connect(new_database) as restored:
        assert restored.execute("SELECT status FROM trades_trade WHERE id = %s", [trade.id]).fetchall() == [
            ("released",)
        ]
        assert restored.execute("SELECT count(*) FROM accounts_user").fetchone() == (User.objects.count(),)
        with pytest.raises(psycopg.DatabaseError):  # the ledger's guards came along
            restored.execute("DELETE FROM wallets_entry")
    blob = StoredFile.objects.get(pk=file.pk).blob
    assert (folder / "elsewhere" / "files" / blob).read_bytes() == (folder / "files" / blob).read_bytes()

    again = restore(backup, new_database, folder / "elsewhere")
    assert again.returncode == 1
    assert "not empty" in again.stderr


def test_a_damaged_backup_is_refused_and_old_ones_are_thinned_out(market: Market, folder: Path) -> None:
    for day in range(3):
        call_command("backup", output=folder)
        (made,) = folder.glob("iqx-2*.tar")
        made.rename(folder / f"iqx-1999010{day}-000000.iqx-backup.tar")
    call_command("backup", output=folder, keep=2)
    old, new = sorted(folder.glob("*.tar"))
    assert "19990102" in old.name
    call_command("backup", check=new)
    with tarfile.open(old) as tar:
        start = tar.getmember("database.dump").offset_data
    with old.open("r+b") as opened:
        opened.seek(start + 100)
        opened.write(b"damage")
    with pytest.raises(CommandError, match="damaged"):
        call_command("backup", check=old)
    with pytest.raises(CommandError, match="no backup"):
        call_command("backup", check=folder / "nothing.tar")
    os.truncate(new, 5000)
    with pytest.raises(CommandError, match="damaged"):
        call_command("backup", check=new)
