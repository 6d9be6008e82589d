from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from iqx.core.errors import DomainError
from iqx.ops.people import find_user
from iqx.ops.privacy import erase_user
from iqx.ops.privacy.erasure import in_the_way


class Command(BaseCommand):
    help = (
        "Forget a person: what is his alone is deleted, the books and other people's trades keep a pseudonym. Refused "
        "while he has a balance, or anything under way. There is no way back; without --yes it only says what is in "
        "the way."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("who", metavar="EMAIL|ID")
        parser.add_argument("--reason", default="The person asked for it.", help="for the audit trail")
        parser.add_argument("--yes", action="store_true", help="do it")

    def handle(self, *, who: str, reason: str, yes: bool, **_options: object) -> None:
        user = find_user(who)
        if user is None:
            raise CommandError(f"There is no user {who}")
        because = list(in_the_way(user))
        if because:
            raise CommandError(f"{user.pk} can't be erased yet: {', '.join(because)}.", returncode=1)
        if not yes:
            self.stdout.write(f"Nothing is in the way of erasing {user.email} ({user.pk}). Do it with --yes.")
            return
        try:
            erased = erase_user(user_id=user.pk, reason=reason)
        except DomainError as error:
            raise CommandError(f"{error.detail} {error.extra}", returncode=1) from error
        self.stdout.write(self.style.SUCCESS(f"Erased. The books know the person as {erased.pk}."))
