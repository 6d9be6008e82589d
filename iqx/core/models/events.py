from django.db import models

from iqx.core.models.fields import JsonTextField


class Stream(models.Model):
    """A sequence of events with one order: `market:{symbol}` (public) or `user:{id}` (private).

    Whoever appends locks this row until commit, so `seq` has no gaps and grows in commit order. What was up to `floor`
    is kept no more; the floor only rises, and no event above it can be deleted (triggers see to both).
    """

    name = models.CharField(max_length=64, primary_key=True)
    head = models.BigIntegerField(default=0, help_text="seq of the newest event")
    floor = models.BigIntegerField(default=0, db_default=0, help_text="seq of the newest event that is kept no more")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(head__gte=0), name="core_stream_head_not_negative"),
            models.CheckConstraint(
                condition=models.Q(floor__gte=0, floor__lte=models.F("head")), name="core_stream_floor_below_head"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}@{self.head}"


class Event(models.Model):
    """Something that happened, written in the transaction in which it happened; never changed afterwards (a trigger).

    `data` is the object as REST shows it to the stream's readers. `book` lists the changes to the public order
    book that the event stands for: `[side, price, amount change, change in the number of orders]`.
    """

    # No constraint: the one statement that writes events moves their streams' heads (`iqx.core.events`), and checking
    # each event's stream again at commit cost a quarter of what a batch of orders costs PostgreSQL.
    stream = models.ForeignKey(
        Stream, on_delete=models.PROTECT, related_name="events", db_index=False, db_constraint=False
    )
    seq = models.BigIntegerField()
    type = models.CharField(max_length=40)
    data = JsonTextField()
    book = JsonTextField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="core_event_seq_once")]

    def __str__(self) -> str:
        return f"{self.stream_id}#{self.seq} {self.type}"
