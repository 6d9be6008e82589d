"""Markets and people to try the platform with."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from iqx.demo.seed import PASSWORD, PEOPLE, seed


class Command(BaseCommand):
    help = (
        "Make the demo data where it is missing: five markets, three traders with 10,000 USDT each, and two of staff. "
        "Running it again changes nothing. Refused in production."
    )

    def handle(self, *_args: object, verbosity: int, **_options: object) -> None:
        if settings.PRODUCTION:
            raise CommandError("Demo data, with passwords that everybody knows, has no place in production.")
        made = []
        for line in seed():
            made.append(line)
            self._say(line, verbosity)
        self._say("The demo data is complete." if made else "The demo data was complete already.", verbosity)
        logins = ", ".join(person.email for person in PEOPLE)
        self._say(f"Log in as {logins}; the password of each is {PASSWORD}", verbosity)

    def _say(self, line: str, verbosity: int) -> None:
        if verbosity:
            self.stdout.write(line)
