"""The stage: everything that is in deploy/, rendered for a temporary folder and free ports, and started."""

import contextlib
import datetime as dt
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from iqx.runtime import embedded

ROOT: Final = Path(__file__).resolve().parent.parent.parent
DEPLOY: Final = ROOT / "deploy"
HOST: Final = "localhost"
KINDS: Final = ("web", "feed", "worker")
_DATABASE: Final = "iqx_rehearsal"
_PATIENCE_S: Final = 120

_OPTIONAL: Final = frozenset({
    "EMAIL_HOST", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "IQX_STAFF_EMAIL",  # mails go to the log
    "IQX_SENTRY_DSN", "IQX_OTLP_ENDPOINT", "IQX_PASSKEY_DOMAIN", "IQX_PASSKEY_ORIGINS",
})  # fmt: skip

_NGINX_CONF: Final = """
{user}
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/log/nginx.log warn;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/nginx/body;
    proxy_temp_path {folder}/nginx/proxy;
    fastcgi_temp_path {folder}/nginx/fastcgi;
    uwsgi_temp_path {folder}/nginx/uwsgi;
    scgi_temp_path {folder}/nginx/scgi;
    include iqx.conf;
}}
"""
_SUPERVISOR_CONF: Final = """
[unix_http_server]
file={folder}/run/supervisor.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{folder}/run/supervisor.sock
[supervisord]
logfile={folder}/log/supervisord.log
pidfile={folder}/run/supervisord.pid
nodaemon=true
{user}
[program:nginx]
command={nginx} -p {folder}/nginx -c {folder}/nginx/nginx.conf -g "daemon off;"
autorestart=true
"""


class MissingProgramError(RuntimeError):
    """Something that the rehearsal runs is not installed."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What runs, and where. `environment` is that of the platform's processes."""

    folder: Path
    https: int
    http: int
    feed_base: int
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.https}"

    @property
    def certificate(self) -> Path:
        return self.folder / "tls.pem"

    def supervisorctl(self, *arguments: str) -> str:
        command = [program("supervisorctl"), "-c", str(self.folder / "supervisord.conf"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def pid(self, name: str) -> int:
        """The process of a program such as `iqx-web:iqx-web-1` or `nginx`; 0 while there is none."""
        said = self.supervisorctl("pid", name).strip()
        return int(said) if said.isdigit() else 0

    def is_ready(self, kind: str, number: int) -> bool:
        if not self.pid(f"iqx-{kind}:iqx-{kind}-{number}"):
            return False
        if kind == "web":
            return (self.folder / "run" / f"web-{number}.ready").exists()
        return kind != "feed" or _listens(self.feed_base + number)

    def await_ready(self, kind: str, number: int) -> None:
        await_true(lambda: self.is_ready(kind, number), f"{kind} {number}")


def program(name: str) -> str:
    """Where a program is; raises MissingProgramError, with what to do about it."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not found:
        raise MissingProgramError(f"{name} is missing: apt-get install nginx-light supervisor redis-server")
    return found


def await_true(is_true: Callable[[], bool], what: str) -> None:
    """Wait until `is_true()`; raises TimeoutError."""
    give_up_at = time.monotonic() + _PATIENCE_S
    while not is_true():
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"{what} does not come up")
        time.sleep(0.1)


@contextlib.contextmanager
def set_up(database: str | None) -> Iterator[Stage]:
    """Render the configuration and start what the platform stands on: PostgreSQL, Redis; not yet the platform.

    `database` is the address of a server on which a database of our own is made, and dropped again; without it, an
    embedded server is started. This process gets the environment of the platform's, so that it can use its code.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="iqx-rehearsal-")))
        folder.chmod(0o755)
        for name in ("run", "log", "nginx", "data", "public/static"):
            (folder / name).mkdir(parents=True)
        dsn = stack.enter_context(_own_database(database) if database else _embedded(folder / "data"))
        environment = environment_of(folder, dsn, stack.enter_context(_redis(folder)))
        os.environ.update(environment)
        stage = Stage(folder, *_free_ports(), environment)
        _make_certificate(stage)
        _render_nginx(stage)
        _render_supervisor(stage)
        yield stage


@contextlib.contextmanager
def running(stage: Stage) -> Iterator[None]:
    """Have supervisord run nginx and the platform for the length of a `with` block."""
    command = [program("supervisord"), "-c", str(stage.folder / "supervisord.conf")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for kind in KINDS:
            for number in (1, 2):
                stage.await_ready(kind, number)
        await_true(lambda: _listens(stage.https), "nginx")
        yield
    finally:
        process.terminate()
        process.wait(timeout=90)


def environment_of(folder: Path, dsn: str, redis: str) -> dict[str, str]:
    """deploy/.env.production, filled in; limits of one user are lifted as far as production permits."""
    lines = (DEPLOY / ".env.production").read_text().splitlines()
    template = dict(line.split("=", 1) for line in lines if re.match("[A-Z]", line))
    own = {
        "IQX_SECRET_KEY": secrets.token_urlsafe(64),
        "IQX_ENCRYPTION_KEYS": secrets.token_urlsafe(64),
        "IQX_ALLOWED_HOSTS": HOST,
        "IQX_TRUSTED_ORIGINS": f"https://{HOST}",
        "IQX_PUBLIC_URL": f"https://{HOST}",
        "DATABASE_URL": dsn,
        "REDIS_URL": redis,
        "IQX_FROM_EMAIL": "IQX <no-reply@iqx.example>",
        "IQX_DATA_DIR": str(folder / "data"),
        "IQX_ADMIN_PATH": "desk-of-the-rehearsal",
        "IQX_STATIC_ROOT": str(folder / "public" / "static"),
        **{f"IQX_RATE_{name}": "1000000/60" for name in ("LOGIN", "REGISTER", "ORDERS", "WRITES", "READS")},
    }
    unfilled = {name for name, value in template.items() if not value} - own.keys()
    if unfilled - _OPTIONAL:
        raise RuntimeError(f"deploy/.env.production asks for more than the rehearsal knows: {unfilled - _OPTIONAL}")
    return {name: value for name, value in (template | own).items() if value}


@contextlib.contextmanager
def _own_database(server: str) -> Iterator[str]:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {_DATABASE}")
        try:
            yield urlsplit(server)._replace(path=f"/{_DATABASE}").geturl()
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)")


@contextlib.contextmanager
def _embedded(data: Path) -> Iterator[str]:
    with embedded.session(data):
        yield embedded.dsn(data)


@contextlib.contextmanager
def _redis(folder: Path) -> Iterator[str]:
    (port,) = _ports(1)
    command = [program("redis-server"), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        await_true(lambda: _listens(port), "Redis")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def _make_certificate(stage: Stage) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.Encoding.PEM
    stage.certificate.write_bytes(certificate.public_bytes(plain))
    (stage.folder / "tls.key").write_bytes(
        key.private_bytes(plain, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _render_nginx(stage: Stage) -> None:
    """The files of deploy/nginx, moved to our ports and folder. All traffic is one client's here: no flood limit."""
    folder = stage.folder
    moves = {
        r"listen \[::\]:.*\n": "",
        r"listen 443": f"listen 127.0.0.1:{stage.https}",
        r"listen 80": f"listen 127.0.0.1:{stage.http}",
        r"/var/log/nginx": f"{folder}/log",
        r"/var/lib/iqx": str(folder),
        r"/run/iqx": f"{folder}/run",
        r"127\.0\.0\.1:810": f"127.0.0.1:{stage.feed_base // 10}",
        r"rate=100r/s": "rate=1000000r/s",
        r"iqx\.example;": f"{HOST};",
        r"/etc/letsencrypt/live/iqx\.example/fullchain\.pem": str(stage.certificate),
        r"/etc/letsencrypt/live/iqx\.example/privkey\.pem": f"{folder}/tls.key",
    }
    for source in (DEPLOY / "nginx").rglob("*.conf"):
        target = folder / "nginx" / source.relative_to(DEPLOY / "nginx")
        target.parent.mkdir(exist_ok=True)
        target.write_text(_moved(source, moves))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx" / "nginx.conf").write_text(_NGINX_CONF.format(folder=folder, user=user))
    subprocess.run([program("nginx"), "-t", "-q", "-c", str(folder / "nginx" / "nginx.conf")], check=True)


def _render_supervisor(stage: Stage) -> None:
    moves = {
        r"/opt/iqx/current": str(ROOT),
        r"/run/iqx": f"{stage.folder}/run",
        r"/var/log/iqx": f"{stage.folder}/log",
        r"user=iqx\n|socket_owner=.*\n": "",
        r"--port 810": f"--port {stage.feed_base // 10}",
    }
    own = _SUPERVISOR_CONF.format(
        folder=stage.folder, nginx=program("nginx"), user="user=root" if os.geteuid() == 0 else ""
    )
    (stage.folder / "supervisord.conf").write_text(own + _moved(DEPLOY / "supervisor" / "iqx.conf", moves))
    env_file = stage.folder / "env"
    env_file.write_text("".join(f"{name}={value}\n" for name, value in stage.environment.items()))
    os.environ["IQX_ENV_FILE"] = str(env_file)


def _moved(source: Path, moves: Mapping[str, str]) -> str:
    text = source.read_text()
    for pattern, target in moves.items():
        text = re.sub(pattern, target, text)
    return text


def _free_ports() -> tuple[int, int, int]:
    """For HTTPS, HTTP, and the feeds: the latter count from a multiple of ten."""
    https, http = _ports(2)
    while True:
        (port,) = _ports(1)
        base = port // 10 * 10
        if not any(_listens(base + number) for number in (1, 2)):
            return https, http, base


def _ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
