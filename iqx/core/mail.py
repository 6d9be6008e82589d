"""Mail where there is no mail server: the sandbox prints each message as a few quiet lines."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.console import EmailBackend


class ConsoleBackend(EmailBackend):
    """Django's console backend without the MIME headers, which bury what a developer looks for: the code."""

    def write_message(self, message: EmailMessage) -> None:
        lines: Sequence[str] = [line for line in str(message.body).splitlines() if line.strip()]
        self.stream.write(f"mail to {', '.join(message.to)}: {message.subject}\n")
        self.stream.writelines(f"    {line}\n" for line in lines)
