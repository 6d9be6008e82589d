"""What is in deploy/ agrees with the code, and with itself: names, ports, paths, time-outs.

That it works is shown by `python -m deploy.rehearsal`.
"""

import json
import os
import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from deploy.rehearsal import stage as staging
from iqx.core.api.problems import problem_of_status
from iqx.core.feed.app import PATH
from iqx.core.files.examining import MAX_BYTES
from iqx.runtime import server
from tests.architecture.test_docs import example_variables, settings_with, variables_read

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "deploy"
SCRIPTS = ("env-run", "release", "rolling-restart")
# What production refuses, or what only the embedded database knows.
NOT_FOR_PRODUCTION = {"IQX_DEBUG", "IQX_RATE_LIMITS", "IQX_DEMO_TRADERS", "IQX_WEBHOOKS_TO_PRIVATE", "IQX_POSTGRES_BIN"}
OF_GUNICORN = {"WEB_CONCURRENCY"}


def read(name: str) -> str:
    return (DEPLOY / name).read_text()


def nginx() -> str:
    return "\n".join(path.read_text() for path in sorted((DEPLOY / "nginx").rglob("*.conf")))


def supervised() -> RawConfigParser:
    parser = RawConfigParser(interpolation=None, comment_prefixes=(";",))
    parser.read_string(read("supervisor/iqx.conf"))
    return parser


def units() -> dict[str, str]:
    return {path.name: path.read_text() for path in (DEPLOY / "systemd").iterdir()}


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load(read("compose.yaml")))


def template() -> dict[str, str]:
    """The variables of .env.production, also those that are only shown, with their values."""
    return dict(re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", read(".env.production"), re.MULTILINE))


# The template of the configuration


def test_the_template_has_what_every_deployment_decides_for_itself() -> None:
    """What `.env.example` shows without setting it has no default: it belongs into deploy/.env.production, too."""
    without_default = {name for name, is_set in example_variables().items() if not is_set}
    assert without_default - NOT_FOR_PRODUCTION - set(template()) == set()
    assert set(template()) - OF_GUNICORN - variables_read() == set()
    assert set(template()) & NOT_FOR_PRODUCTION == set()


def test_the_template_holds_no_secret_and_no_quotes() -> None:
    secret = re.compile("KEY|PASSWORD|TOKEN$|_URL$|CREDENTIALS")
    filled = {name for name, value in template().items() if value and secret.search(name)}
    assert filled == {"IQX_TWILIO_URL", "IQX_FCM_URL"}
    assert not re.search(r"^[A-Z_]+=.*[\"'$]", read(".env.production"), re.MULTILINE)


def test_production_starts_with_the_template_filled_in() -> None:
    filled = {
        **{name: value for name, value in template().items() if value},
        "IQX_SECRET_KEY": "s" * 64,
        "IQX_ENCRYPTION_KEYS": "e" * 64,
        "IQX_ALLOWED_HOSTS": "iqx.example",
        "DATABASE_URL": "postgresql://iqx@127.0.0.1/iqx",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
    }
    started = settings_with(filled)
    assert started["PRODUCTION"] == "True"
    assert started["TRUSTED_PROXIES"] == "1"


# nginx


def test_nginx_includes_what_is_there() -> None:
    text = re.sub(r"#.*|'[^']*'|\"[^\"]*\"", "", nginx())
    assert text.count("{") == text.count("}")
    included = set(re.findall(r"include (iqx/[a-z.-]+);", nginx()))
    assert {str(path.relative_to(DEPLOY / "nginx")) for path in (DEPLOY / "nginx" / "iqx").iterdir()} == included


@pytest.mark.parametrize("upstream", ["iqx/upstreams.conf", "upstreams.compose.conf"])
def test_nginx_knows_both_upstreams(upstream: str) -> None:
    named = set(re.findall(r"^upstream (\w+)", read(f"nginx/{upstream}"), re.MULTILINE))
    assert named == set(re.findall(r"proxy_pass http://(\w+);", nginx()))


def test_nginx_never_marks_a_feed_as_failed() -> None:
    """It would forget that only when a socket to it ends, and let in one socket each `fail_timeout` until then."""
    for upstream in ("iqx/upstreams.conf", "upstreams.compose.conf"):
        feeds = re.findall(r"upstream iqx_feed \{(.*?)\}", read(f"nginx/{upstream}"), re.DOTALL)[0]
        assert feeds.count("server ") == feeds.count("max_fails=0;") == 2


def test_nginx_never_sends_a_write_twice() -> None:
    assert "non_idempotent" not in re.sub("#.*", "", nginx())
    assert re.search(r"location @once \{[^}]*proxy_next_upstream off;", read("nginx/iqx.conf"))
    assert "DELETE|PUT" in read("nginx/iqx/web.conf")
    assert "proxy_set_header Connection close;" in read("nginx/iqx/rest.conf")


def test_problems_of_nginx_are_those_of_the_platform() -> None:
    assert "recursive_error_pages on;" in read("nginx/iqx.conf")  # else a DELETE gets a page
    told = dict(re.findall(r"return (\d+) '(\{.*\})';", read("nginx/iqx.conf")))
    assert set(told) == {"413", "429", "502", "503"}
    for status, text in told.items():
        problem, ours = json.loads(text), problem_of_status(int(status)).as_json()
        assert {name: problem[name] for name in ("type", "title", "status", "code")} == {
            name: ours[name] for name in ("type", "title", "status", "code")
        }
        assert problem.keys() == ours.keys()


def test_nginx_lets_through_what_the_platform_takes() -> None:
    (largest,) = re.findall(r"^    client_max_body_size (\d+)m;", read("nginx/iqx.conf"), re.MULTILINE)
    assert MAX_BYTES < int(largest) << 20 <= server.MAX_BODY
    assert f"location = {PATH} " in read("nginx/iqx.conf")


def test_headers_of_nginx_are_those_of_the_platform() -> None:
    """Where it answers itself; elsewhere it adds none, or they would come twice."""
    headers = read("nginx/iqx/headers.conf")
    assert f"max-age={31_536_000}; includeSubDomains; preload" in headers
    assert f"Referrer-Policy {settings.SECURE_REFERRER_POLICY} " in headers
    for name in ("proxy", "rest", "retry", "web"):
        assert "add_header" not in read(f"nginx/iqx/{name}.conf")


# Managers of processes


def test_ports_paths_and_numbers_agree_between_nginx_supervisor_and_systemd() -> None:
    upstreams = read("nginx/iqx/upstreams.conf")
    programs, found = supervised(), units()
    for kind in staging.KINDS:
        section = f"fcgi-program:iqx-{kind}" if kind == "web" else f"program:iqx-{kind}"
        command = programs[section]["command"]
        unit = found[f"iqx-{kind}@.service"]
        assert f"ExecStart={command.replace('%(process_num)d', '%i')}\n" in unit
        assert f"TimeoutStopSec={programs[section]['stopwaitsecs']}\n" in unit
        assert programs[section]["numprocs"] == "2"
        assert f"iqx-{kind}@2.service" in found["iqx.target"]
    assert programs["fcgi-program:iqx-web"]["socket"] == "unix:///run/iqx/web.sock"
    assert "ListenStream=/run/iqx/web.sock" in found["iqx-web.socket"]
    assert upstreams.count("server unix:/run/iqx/web.sock") == 2
    assert re.findall(r"server 127\.0\.0\.1:(\d+)", upstreams) == ["8101", "8102"]
    assert "IQX_READY_FILE=/run/iqx/web-%i.ready" in found["iqx-web@.service"]


def test_managers_wait_as_long_as_processes_take_to_end() -> None:
    graceful = int(re.findall(r"^graceful_timeout = (\d+)", read("gunicorn_conf.py"), re.MULTILINE)[0])
    waits = supervised()
    assert int(waits["fcgi-program:iqx-web"]["stopwaitsecs"]) > graceful
    assert int(waits["program:iqx-feed"]["stopwaitsecs"]) > server.GRACE_S
    assert int(waits["program:iqx-worker"]["stopwaitsecs"]) > int(template()["IQX_WORKER_PATIENCE_SECONDS"])
    services = compose()["services"]
    assert services["web-1"]["stop_grace_period"] == f"{waits['fcgi-program:iqx-web']['stopwaitsecs']}s"
    assert services["feed-1"]["stop_grace_period"] == f"{waits['program:iqx-feed']['stopwaitsecs']}s"
    assert services["worker-1"]["stop_grace_period"] == f"{waits['program:iqx-worker']['stopwaitsecs']}s"


def test_a_rolling_restart_outwaits_nginx() -> None:
    settled = int(re.findall(r"IQX_SETTLE_S:-(\d+)", read("rolling-restart"))[0])
    for upstream in ("iqx/upstreams.conf", "upstreams.compose.conf"):
        assert all(int(seconds) < settled for seconds in re.findall(r"fail_timeout=(\d+)s", read(f"nginx/{upstream}")))


# Containers


def test_containers_have_no_rights_that_they_do_not_need() -> None:
    for name, service in compose()["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    image = read("Dockerfile")
    assert re.findall(r"^USER (.*)$", image, re.MULTILINE) == ["10001:10001"]
    assert image.count("\nFROM ") == 2
    assert "HEALTHCHECK" in image


def test_the_image_holds_every_package() -> None:
    copied = re.findall(r"^COPY ([\w./-]+) ", read("Dockerfile"), re.MULTILINE)
    allowed = re.findall(r"^!(\S+)$", read("Dockerfile.dockerignore"), re.MULTILINE)
    packages = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"iqx", "templates", "manage.py"}
    assert packages <= set(copied)
    assert all((ROOT / name).exists() for name in copied)
    assert set(copied) <= set(allowed) | {"pyproject.toml"}


def test_compose_and_the_app_platform_start_the_same_processes() -> None:
    services = compose()["services"]
    app = yaml.safe_load(read("digitalocean/app.yaml"))
    assert app["services"][1]["run_command"].split() == services["feed-1"]["command"]
    assert app["workers"][0]["run_command"].split() == services["worker-1"]["command"]
    assert app["jobs"][0]["run_command"].split() == services["migrate"]["command"]
    named = {variable["key"] for variable in app["envs"]}
    assert named <= set(template())
    held = [variable for variable in app["envs"] if variable.get("type") == "SECRET" and variable["value"]]
    assert held == []


# Scripts


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_bash_and_can_be_run(name: str) -> None:
    assert os.access(DEPLOY / name, os.X_OK)
    bash = shutil.which("bash")
    assert bash
    subprocess.run([bash, "-n", str(DEPLOY / name)], check=True)


def test_env_run_takes_lines_as_they_are(tmp_path: Path) -> None:
    """Nothing is expanded or executed, what is set already wins, quotes around a value are dropped."""
    (tmp_path / "env").write_text(
        '# a comment\nIQX_A=$(touch /nowhere) $HOME\nIQX_B="two words"\nIQX_C=file\nIQX_D=a=b#c\nnot a line\n'
    )
    printed = subprocess.run(
        [str(DEPLOY / "env-run"), "printenv", "IQX_A", "IQX_B", "IQX_C", "IQX_D"],
        env={**os.environ, "IQX_ENV_FILE": str(tmp_path / "env"), "IQX_C": "set before"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout.splitlines() == ["$(touch /nowhere) $HOME", "two words", "set before", "a=b#c"]


def test_a_rolling_restart_stops_at_the_first_that_does_not_come_back(tmp_path: Path) -> None:
    ctl, log = tmp_path / "ctl", tmp_path / "log"
    ctl.write_text(f'#!/bin/sh\necho "$@" >>{log}\necho "$2 RUNNING"\n')
    ctl.chmod(0o755)
    (tmp_path / "web-1.ready").touch()
    own = {"IQX_RUN_DIR": str(tmp_path), "SUPERVISORCTL": str(ctl), "IQX_PATIENCE_S": "1", "IQX_SETTLE_S": "0"}
    done = subprocess.run(
        [str(DEPLOY / "rolling-restart"), "supervisor"],
        env={**os.environ, **own, "IQX_WORKER_NUMBERS": "1", "IQX_WEB_NUMBERS": "1 2 3"},
        capture_output=True,
        text=True,
        check=False,
    )
    restarted = re.findall(r"^restart iqx-\w+:iqx-(\w+-\d)$", log.read_text(), re.MULTILINE)
    assert restarted == ["worker-1", "web-1", "web-2"]
    assert (done.returncode, done.stderr) == (1, "web 2 is not back after 1 s; stopped here\n")
