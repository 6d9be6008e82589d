"""Is this deployment fit? Each check looks at one thing, and says what to mend.

A *fault* is what a deployment must not run with; a *hint* is what an operator should know. The sandbox is held to less.
"""

import os
import shutil
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal
from uuid import uuid4

import redis
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.files.base import ContentFile
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import Role, User
from iqx.core import clock, maintenance
from iqx.core.files import storage
from iqx.core.models import PulseKind
from iqx.ops import readiness, readings, stuck
from iqx.ops.readiness import TIMEOUT_S

Level = Literal["ok", "hint", "fault"]
_BACKUP: Final = "backup"
_FREE_DISK: Final = 2 * 2**30


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    what: str
    mend: str = ""


Findings = Iterator[Finding]


def _settings() -> Findings:
    if not settings.PRODUCTION:
        yield Finding("hint", "This is the sandbox, with play money", "set IQX_ENV=production for real use")
    for issue in run_checks(tags=[Tags.security], include_deployment_checks=settings.PRODUCTION):
        yield Finding("hint", issue.msg, issue.hint or "see manage.py check --deploy")
    if settings.PRODUCTION and not settings.PUBLIC_URL.startswith("https://"):
        yield Finding(
            "fault", f"People are sent to {settings.PUBLIC_URL}", "set IQX_PUBLIC_URL to the https:// address"
        )
    if settings.PRODUCTION and settings.DATABASE_IS_EMBEDDED:
        yield Finding("fault", "The database is the embedded one", "set DATABASE_URL to a PostgreSQL with backups")
    if settings.PRODUCTION and not settings.TRUSTED_PROXIES:
        yield Finding("hint", "No proxy is trusted", "set IQX_TRUSTED_PROXIES to how many stand in front, if any do")


def _secrets() -> Findings:
    if not settings.MONITOR_TOKEN:
        yield Finding("hint", "Nobody but admins can scrape /metrics", "set IQX_MONITOR_TOKEN")
    if settings.PRODUCTION and len(settings.ENCRYPTION_KEYS) > 3:
        yield Finding(
            "hint", f"{len(settings.ENCRYPTION_KEYS)} encryption keys", "drop those that nothing is sealed with"
        )
    if os.environ.get("IQX_ADMIN_PASSWORD"):
        yield Finding(
            "hint", "IQX_ADMIN_PASSWORD is still in the environment", "take it out: it made its admin already"
        )


_WANTED: Final = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": ("on", "remote_apply", "remote_write")}


def _database() -> Findings:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int / 10000, current_setting('max_connections')::int"
        )
        version, most = cursor.fetchone()
        cursor.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        (encrypted,) = cursor.fetchone() or (False,)
        durability = {}
        for name in _WANTED:
            cursor.execute("SELECT current_setting(%s)", [name])
            (durability[name],) = cursor.fetchone()
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (is_superuser,) = cursor.fetchone()
    if version < 15:
        yield Finding("fault", f"PostgreSQL {version}", "use 15 or newer")
    for name, wanted in _WANTED.items():
        if durability[name] not in wanted:
            mend = f"set it to {wanted if isinstance(wanted, str) else wanted[0]}: a crash would lose money"
            yield Finding("fault", f"{name} is {durability[name]}", mend)
    pool = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
    if pool * 4 > most:
        mend = "keep IQX_DB_POOL_MAX times the number of processes below it"
        yield Finding("hint", f"max_connections is {most}, and each process may take {pool}", mend)
    is_remote = not str(settings.DATABASES["default"].get("HOST", "")).startswith(("/", "127.", "localhost", "::1"))
    if settings.PRODUCTION and is_remote and not encrypted:
        yield Finding(
            "fault", "The connection to the database is not encrypted", "add ?sslmode=verify-full to DATABASE_URL"
        )
    if settings.PRODUCTION and is_superuser:
        mend = "use a role that owns its database and no more: a superuser can switch the ledger's guards off"
        yield Finding("hint", "The platform is a superuser of the database", mend)


def _migrations() -> Findings:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in plan[:5])
        yield Finding("fault", f"{len(plan)} migrations are not applied: {names}", "run manage.py migrate")


def _redis() -> Findings:
    if not settings.REDIS_URL:
        if settings.PRODUCTION:
            yield Finding("hint", "There is no Redis", "set REDIS_URL if there is more than one process with sockets")
        return
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
        ) as client:
            client.ping()
    except redis.RedisError as error:
        yield Finding("fault", f"Redis does not answer: {error}", "start it, or correct REDIS_URL")


def _processes() -> Findings:
    for kind in PulseKind:
        silent = readiness.silence(kind)
        if silent is None or silent > timedelta(seconds=60):
            since = "has ever run" if silent is None else f"has been heard of for {silent.total_seconds():.0f} s"
            command = "worker" if kind == PulseKind.WORKER else "serve"
            yield Finding("fault", f"No {kind} process {since}", f"start one: manage.py {command}")
    outcome = readiness.check_of("clock")
    if outcome.state != "ok":
        yield Finding(
            "fault", f"The clock is {outcome.detail}", "run chrony or ntpd here and on the database's machine"
        )
    if current := maintenance.under_way():
        yield Finding("hint", f"In maintenance since {current.started_at:%Y-%m-%d %H:%M}", "manage.py maintenance off")


def _files() -> Findings:
    name = f"doctor/{uuid4().hex}"
    try:
        kept = storage.private().save(name, ContentFile(b"doctor"))
        with storage.private().open(kept) as opened:
            content = opened.read()
        storage.private().delete(kept)
    except Exception as error:
        yield Finding("fault", f"Private files can't be stored: {error}", "correct IQX_DATA_DIR's rights, or IQX_S3_*")
        return
    if content != b"doctor":
        yield Finding("fault", "A private file was read back changed", "look at what is between here and the storage")
    free = shutil.disk_usage(settings.DATA_DIR if settings.DATA_DIR.exists() else settings.BASE_DIR).free
    if free < _FREE_DISK:
        yield Finding("fault", f"{free / 2**30:.1f} GB are free in IQX_DATA_DIR", "make room before PostgreSQL stops")


def _ledger() -> Findings:
    outcome = readiness.check_of("ledger")
    if outcome.state == "failed":
        yield Finding(
            "fault", f"The books do not balance: {outcome.detail}", "docs/operations/ledger-out-of-balance.md"
        )
    elif outcome.state == "degraded" or readings.LEDGER not in readings.latest():
        yield Finding("hint", "The books were not audited of late", "run manage.py audit_ledger; is a worker running?")
    late = [f"{kind.count} of kind {kind.name}" for kind in stuck.stuck() if kind.count]
    if late:
        yield Finding("fault", f"Stuck: {', '.join(late)}", "run manage.py stuck")


def _backups() -> Findings:
    last = readings.latest().get(_BACKUP)
    if last is None or clock.now() - last.at > timedelta(hours=26):
        level: Level = "fault" if settings.PRODUCTION else "hint"
        since = "There is no backup" if last is None else f"The newest backup is of {last.at:%Y-%m-%d %H:%M}"
        yield Finding(level, f"{since} (by manage.py backup)", "run it daily, and restore one once")


def _mail() -> Findings:
    if not settings.EMAIL_HOST:
        level: Level = "fault" if settings.PRODUCTION else "hint"
        yield Finding(level, "Mails, and the codes in them, are printed to the log", "set EMAIL_HOST")
        return
    try:
        with get_connection(timeout=5):
            pass
    except (OSError, smtplib.SMTPException) as error:
        yield Finding("fault", f"The mail server refuses us: {error}", "correct EMAIL_HOST and its credentials")


def _people() -> Findings:
    admins = User.objects.filter(role=Role.ADMIN, is_active=True)
    if not admins.exists():
        yield Finding("fault", "There is no admin", "run manage.py create_admin")
    elif settings.PRODUCTION and admins.count() < 2:
        yield Finding("hint", "There is one admin", "make a second: what moves money needs two")
    if settings.PRODUCTION and User.objects.filter(email__endswith="@iqx.example").exists():
        yield Finding("fault", "There are demo people, whose password everybody knows", "suspend them")
    if not settings.STAFF_EMAIL:
        yield Finding("hint", "Nobody is mailed about what nobody looks after", "set IQX_STAFF_EMAIL")


CHECKS: Final[dict[str, Callable[[], Findings]]] = {
    "settings": _settings,
    "secrets": _secrets,
    "database": _database,
    "migrations": _migrations,
    "redis": _redis,
    "processes": _processes,
    "files": _files,
    "ledger": _ledger,
    "backups": _backups,
    "mail": _mail,
    "people": _people,
}


def examine() -> Iterator[tuple[str, list[Finding]]]:
    """What each check found; one that the database's absence stops says so."""
    for name, check in CHECKS.items():
        try:
            found = list(check())
        except DatabaseError as error:
            text = str(error).strip().splitlines()[0]
            mend = (
                "run manage.py migrate" if "does not exist" in text else "is PostgreSQL there, and DATABASE_URL right?"
            )
            found = [Finding("fault", f"The database refused: {text}", mend)]
        yield name, found
