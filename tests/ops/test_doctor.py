"""The doctor finds what is wrong, says what to mend, and exits accordingly."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from iqx.core import pulse
from iqx.core.models import PulseKind
from iqx.ops import doctor, readings
from iqx.ops.models import Reading
from tests.factories.accounts import make_user
from tests.ops.conftest import forget_storages
from tests.services import free_port

pytestmark = pytest.mark.django_db


def found(name: str) -> list[doctor.Finding]:
    return list(doctor.CHECKS[name]())


@pytest.fixture
def fit(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A sandbox with nothing to complain of, but that its database is not durable, as tests' are not."""
    settings.DATA_DIR = tmp_path
    settings.MONITOR_TOKEN = "x" * 32
    settings.STAFF_EMAIL = "staff@iqx.example"
    settings.STORAGES = settings.STORAGES | {
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files"},
        }
    }
    monkeypatch.setattr(doctor, "_WANTED", {})
    forget_storages()
    for kind in PulseKind:
        pulse.beat(kind)
    readings.renew(readings.LEDGER)
    make_user(role="admin")
    yield
    forget_storages()


def test_a_fit_sandbox_has_hints_and_no_faults(fit: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("doctor")
    said = capsys.readouterr().out
    assert "fault" not in said.replace("0 faults", "")
    assert "set IQX_ENV=production for real use" in said
    with pytest.raises(CommandError):
        call_command("doctor", strict=True)


def test_each_fault_is_found_and_says_what_to_mend(fit: None, settings: Settings) -> None:
    Reading.objects.all().delete()
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = free_port()
    settings.STORAGES["private"]["OPTIONS"]["location"] = "/proc/nowhere"
    forget_storages()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_pulse")
        cursor.execute("DELETE FROM django_migrations WHERE app = 'ops'")
    faults = {name: [f.what for f in findings if f.level == "fault"] for name, findings in doctor.examine()}
    assert faults["redis"][0].startswith("Redis does not answer")
    assert faults["mail"][0].startswith("The mail server refuses us")
    assert faults["files"][0].startswith("Private files can't be stored")
    assert faults["processes"] == ["No web process has ever run", "No worker process has ever run"]
    assert "ops.0001_readings" in faults["migrations"][0]
    assert all(f.mend for _, findings in doctor.examine() for f in findings)
    with pytest.raises(CommandError, match="faults"):
        call_command("doctor")


def test_a_database_that_may_lose_commits_is_a_fault() -> None:
    """The tests' own is one."""
    assert [f.what for f in found("database") if f.level == "fault"] == [
        "fsync is off",
        "full_page_writes is off",
        "synchronous_commit is off",
    ]


def test_production_is_held_to_more(fit: None, settings: Settings) -> None:
    settings.PRODUCTION = True
    settings.DATABASE_IS_EMBEDDED = True
    settings.PUBLIC_URL = "http://iqx.example"
    make_user(email="alice@iqx.example")
    faults = {f.what for name in doctor.CHECKS for f in found(name) if f.level == "fault"}
    assert {
        "People are sent to http://iqx.example",
        "The database is the embedded one",
        "There are demo people, whose password everybody knows",
        "Mails, and the codes in them, are printed to the log",
        "There is no backup (by manage.py backup)",
    } <= faults
