"""Make an admin from the server's own command line."""

import getpass
import os
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from accounts import services
from accounts.validators import clean_email
from iqx.core.errors import DomainError


class Command(BaseCommand):
    help = "Make an admin. The password is asked for, or taken from IQX_ADMIN_PASSWORD."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True, help="the address to log in with")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 as Django calls it
        try:
            validate_email(options["email"])
            email = clean_email(options["email"])
            password = os.environ.get("IQX_ADMIN_PASSWORD") or _ask_password()
            user = services.create_admin(email=email, password=password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except DomainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(self.style.SUCCESS(f"{user.email} is an admin."))


def _ask_password() -> str:
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise CommandError("The two differ.")
    return password
