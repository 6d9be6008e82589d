"""What the database refuses, whatever the program says."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from support.models import Ticket
from tests.support.conftest import everything

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("UPDATE support_ticket SET subject = ' '", "support_ticket_subject_visible"),
        ("UPDATE support_ticket SET category = 'weather'", "support_ticket_category_known"),
        ("UPDATE support_ticket SET status = 'lost'", "support_ticket_closed_has_time"),
        ("UPDATE support_ticket SET status = 'closed'", "support_ticket_closed_has_time"),
        ("UPDATE support_ticket SET closed_at = created_at", "support_ticket_closed_has_time"),
        ("UPDATE support_ticketmessage SET body = 'I sent 200'", "support_ticketmessage_append_only"),
        ("DELETE FROM support_ticketmessage", "support_ticketmessage_append_only"),
        ("TRUNCATE support_ticketmessage CASCADE", "support_ticketmessage_append_only"),
        (
            "INSERT INTO support_ticketmessage (ticket_id, author_id, from_staff, body, at) "
            "SELECT id, user_id, false, ' ', created_at FROM support_ticket",
            "support_ticketmessage_body_visible",
        ),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(ticket: Ticket, sql: str, constraint: str) -> None:
    before = everything()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # TRUNCATE needs that nothing is pending
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            cursor.execute(sql)
    cause: Any = caught.value.__cause__
    assert cause.diag.constraint_name == constraint
    assert everything() == before
