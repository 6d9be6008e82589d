from django.core.management.base import BaseCommand, CommandError

from wallets.audit import examine


class Command(BaseCommand):
    help = "Prove that the books balance, in one snapshot. Exits with 1, and says where, if they don't."

    def handle(self, *args: object, **options: object) -> None:
        wrong = 0
        for result in examine():
            verdict = self.style.ERROR("WRONG") if result.findings else self.style.SUCCESS("ok")
            self.stdout.write(f"{verdict:<5} {result.check.claim} ({result.examined} examined)")
            for finding in result.findings:
                self.stdout.write(f"      {finding.subject}: {finding.detail}")
            wrong += len(result.findings)
        if wrong:
            raise CommandError(f"The books do not balance: {wrong} findings.", returncode=1)
