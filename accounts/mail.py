"""E-mail to users: every one has the word that its receiver chose, by which he knows that it is ours."""

from django.core.mail import send_mail

from accounts.models import User


def marked(body: str, word: str) -> str:
    """A message with its receiver's word, first of all; without one it is as it was."""
    return f"IQX: {word}\n\n{body}" if word else body


def send(to: str, subject: str, body: str) -> None:
    """Mail one message. Outside of transactions: it talks to a server."""
    word = User.objects.filter(email=to).values_list("mail_word", flat=True).first()
    send_mail(subject, marked(body, word or ""), None, [to])
