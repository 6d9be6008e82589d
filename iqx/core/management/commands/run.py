"""The whole platform in the foreground."""

import asyncio
import contextlib
import os
import sys

import httpx
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from iqx.runtime import embedded
from iqx.runtime.command_line import close_connections
from iqx.runtime.instance import Address, CannotStartError, only_one, require_free_port
from iqx.runtime.supervisor import Service, Supervisor

_DEMO_PASSWORD = "demo-pass-2026"  # noqa: S105


class Command(BaseCommand):
    help = (
        "Run the whole platform in the foreground: the database (unless DATABASE_URL names one), migrations, demo "
        "data (sandbox), the web server on HOST:PORT, the worker and the demo traders. Ctrl-C ends all of it."
    )
    requires_system_checks = ()

    def handle(self, *_args: object, **_options: object) -> None:
        try:
            address = Address(os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000")))
        except ValueError:
            raise CommandError(f"PORT is a number, not {os.environ['PORT']!r}") from None
        try:
            with contextlib.ExitStack() as stack:
                stack.enter_context(only_one(settings.DATA_DIR, address))
                require_free_port(address)
                if settings.DATABASE_IS_EMBEDDED:
                    self._bring_up_database(stack)
                self._prepare()
                self._supervise(address)
        except CannotStartError as error:
            raise CommandError(str(error)) from None
        self.say("iqx", "stopped")

    def say(self, source: str, line: str) -> None:
        self.stdout.write(f"{source:<8}| {line}")
        self.stdout.flush()

    def _bring_up_database(self, stack: contextlib.ExitStack) -> None:
        self.say("iqx", f"starting PostgreSQL, with its data in {settings.DATA_DIR}")
        stack.enter_context(embedded.session(settings.DATA_DIR))
        stack.callback(self.say, "iqx", "stopping PostgreSQL")

    def _prepare(self) -> None:
        self.say("iqx", "migrating the database")
        call_command("migrate", interactive=False, verbosity=0)
        if not settings.PRODUCTION:
            self.say("iqx", "making the demo data, where it is missing")
            call_command("seed_demo", verbosity=0)
        close_connections()

    def _supervise(self, address: Address) -> None:
        commands = {"web": "serve", "worker": "worker"}
        if settings.DEMO_TRADERS:
            commands["traders"] = "demo_traders"
        self.say("iqx", f"starting {', '.join(commands)}")
        manage = str(settings.BASE_DIR / "manage.py")
        Supervisor(
            services=[Service(name, [sys.executable, manage, command]) for name, command in commands.items()],
            say=self.say,
            environment={
                **os.environ,
                "HOST": address.host,
                "PORT": str(address.port),
                "PYTHONUNBUFFERED": "1",
            },
            upkeep=self._revive_database if settings.DATABASE_IS_EMBEDDED else None,
            when_started=lambda: self._announce(address),
        ).run()

    def _revive_database(self) -> str | None:
        revived = embedded.ensure_running(settings.DATA_DIR)
        return "PostgreSQL had died and was started again" if revived else None

    async def _announce(self, address: Address) -> None:
        """Tell where the platform is as soon as it answers."""
        async with httpx.AsyncClient(base_url=address.url, trust_env=False, timeout=5) as client:
            while not await _is_healthy(client):
                await asyncio.sleep(0.3)
        self.say("iqx", f"IQX is ready: {address.url}   (Ctrl-C stops it)")
        if not settings.PRODUCTION:
            logins = ", ".join(f"{name}@iqx.example" for name in ("alice", "bob", "carol", "support", "admin"))
            self.say("iqx", f"log in as {logins}; the password of each is {_DEMO_PASSWORD}")
            self.say("iqx", "look at /api/v1/docs and /admin/, or run a whole trade: docs/examples/trade.sh")


async def _is_healthy(client: httpx.AsyncClient) -> bool:
    try:
        answer = await client.get("/api/health")
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK
