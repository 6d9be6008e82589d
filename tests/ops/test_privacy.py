"""What is known of a person is shown to him, and forgotten when he asks for it."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as live_settings
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.kyc.services import submit_kyc
from accounts.models import KycDocument, PaymentAccount, SecurityAlert, Session, User
from iqx.core import clock
from iqx.core.files.receiving import receive
from iqx.core.models import AuditRecord, Event, StoredFile
from iqx.ops.privacy.parts import SECRET
from iqx.ops.retention import tidy_up
from orders.models import Market
from tests.e2e.world import PAPERS
from tests.factories.accounts import PASSWORD, log_in, make_user
from tests.factories.files import upload
from tests.factories.orders import make_trader, trade_between
from tests.factories.payments import add_account
from tests.factories.wallets import withdraw
from tests.ops.conftest import forget_storages
from trades.models import Trade
from wallets import audit
from wallets.models import Wallet
from wallets.services import approve_withdrawal

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(tmp_path: Path, settings: Settings) -> Path:
    place = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"private": place}
    forget_storages()
    return tmp_path / "files"


@pytest.fixture
def person(market: Market, files: Path) -> User:
    """Has bought, is verified, and has a payment account."""
    person = make_user(email="petra@example.org", display_name="Petra")
    add_account(person)
    submission = submit_kyc(user_id=person.pk, documents={"front": receive(upload())}, **PAPERS)
    type(submission).objects.filter(pk=submission.pk).update(
        status="verified", level=1, due_at=None, decided_at=clock.now(), reviewed_by=make_user(role="admin")
    )
    trade_between(make_trader(), person, status="released")
    log_in(person)
    return User.objects.get(pk=person.pk)


def test_a_person_gets_all_that_is_known_of_him_and_no_secret(person: User) -> None:
    other = make_user()
    headers = {"Authorization": f"Bearer {log_in(person).tokens.access}"}
    answer = APIClient().get("/api/v1/auth/me/export", headers=headers)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    export = json.loads(answer.content)
    assert export["account"]["email"] == "petra@example.org"
    assert export["data"]["accounts.KycSubmission"][0]["document_number"] == PAPERS["document_number"]
    assert export["data"]["accounts.PaymentAccount"][0]["sealed"]["holder"]
    assert len(export["data"]["trades.Trade"]) == 1
    assert "trade_released" in {event["type"] for event in export["events"]}
    text = answer.content.decode()
    assert other.email not in text
    assert not any(f'"{name}":' in text for name in SECRET)
    assert PASSWORD not in text
    assert APIClient().get("/api/v1/auth/me/export").status_code == 401


def test_an_operator_exports_with_the_files_and_it_is_recorded(person: User, tmp_path: Path) -> None:
    target = tmp_path / "petra.zip"
    call_command("export_user", "Petra@Example.org", output=target)
    with zipfile.ZipFile(target) as archive:
        data, *documents = archive.namelist()
        assert json.loads(archive.read(data))["account"]["id"] == str(person.pk)
        assert len(documents) == 1
    assert target.stat().st_mode & 0o077 == 0
    assert AuditRecord.objects.filter(action="user_exported", user_id=person.pk).exists()
    for who, output in (("nobody@example.org", tmp_path / "x.zip"), (str(person.pk), target)):
        with pytest.raises(CommandError):
            call_command("export_user", who, output=output)


def test_what_is_his_alone_is_gone_and_the_books_keep_a_pseudonym(
    person: User, files: Path, django_capture_on_commit_callbacks: object
) -> None:
    blob = files / StoredFile.objects.get(owner_id=person.pk).blob
    assert blob.exists()
    empty_his_wallet(person)
    call_command("erase_user", str(person.pk))
    assert User.objects.filter(email="petra@example.org").exists()  # it only says what it would do
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        call_command("erase_user", "petra@example.org", yes=True)
    assert not blob.exists()
    assert not KycDocument.objects.exists()
    assert not Session.objects.filter(user=person).exists()
    assert not Event.objects.filter(stream_id=f"user:{person.pk}").exists()
    assert leaks("petra") == []
    assert PaymentAccount.objects.filter(user=person, valid_until=None).count() == 0
    assert Trade.objects.filter(buyer=person).count() == 1
    assert audit.audit() == []
    assert AuditRecord.objects.get(action="user_erased").user_id == person.pk
    body = {"email": "petra@example.org", "password": PASSWORD}
    assert APIClient().post("/api/v1/auth/login", body, format="json").status_code == 401
    with pytest.raises(CommandError, match="erased"):
        call_command("erase_user", str(person.pk), yes=True)


def leaks(word: str) -> list[str]:
    """Tables in which a word is left, wherever it may stand."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s', [f"%{word}%"])  # noqa: S608
            if cursor.fetchone() != (0,):
                found.append(table)
    return found


def empty_his_wallet(person: User) -> None:
    """As a withdrawal does in the end; the ledger itself is another test's business."""
    withdrawal = withdraw(person, Wallet.objects.get(pk=person.pk).available - live_settings.WITHDRAWAL_FEE)
    approve_withdrawal(withdrawal_id=withdrawal.pk, actor=make_user(role="admin"))


def test_nobody_is_erased_while_something_of_his_is_under_way(market: Market) -> None:
    seller, buyer = make_trader(), make_trader(0)
    trade_between(seller, buyer)
    before = User.objects.get(pk=buyer.pk)
    for who, because in ((seller, "balance, trades"), (buyer, "trades"), (make_user(role="support"), "role")):
        with pytest.raises(CommandError, match=f"yet: {because}\\."):
            call_command("erase_user", str(who.pk), yes=True)
    assert User.objects.get(pk=buyer.pk).email == before.email
    assert not AuditRecord.objects.filter(action="user_erased").exists()


def test_what_is_over_its_time_is_deleted_and_nothing_else(market: Market, settings: Settings) -> None:
    settings.RETAIN_DAYS = settings.RETAIN_DAYS | {"jobs": 30, "alerts": 365}
    user = make_user()
    for days in (1, 400):
        SecurityAlert.objects.create(user=user, kind="new_login", created_at=clock.now() - timedelta(days=days))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
        for days, status in ((1, "failed"), (40, "failed"), (40, "todo")):
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status) "
                "VALUES ('default', 't', 0, '{}', 'todo') RETURNING id"
            )
            (job,) = cursor.fetchone()
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status WHERE id = %s", [status, job]
            )
            cursor.execute(
                "UPDATE procrastinate_events SET at = now() - %s * interval '1 day' WHERE job_id = %s", [days, job]
            )
    counts = tidy_up()
    assert (counts["jobs"], counts["security alerts"]) == (1, 1)
    call_command("tidy_up")
    assert SecurityAlert.objects.count() == 1
    settings.RETAIN_DAYS = settings.RETAIN_DAYS | {"jobs": 0, "alerts": 0}
    SecurityAlert.objects.update(created_at=clock.now() - timedelta(days=4000))
    assert tidy_up()["security alerts"] == 0
