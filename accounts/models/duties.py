"""What waits for staff."""

from django.db import models


class Owed(models.Model):
    """Something that staff owe a decision on until `due_at`, which is null once they don't.

    A constraint of each model ties `due_at` to its states, so that nothing can wait without end. When the time is up,
    staff are called (`accounts.duties`).
    """

    due_at = models.DateTimeField(null=True, help_text="until when staff owe the next step")
    called_at = models.DateTimeField(null=True, help_text="when staff were last told that it is overdue")

    class Meta:
        abstract = True
