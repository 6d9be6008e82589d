"""Raising security alerts: a building block inside a use case, which appends the event last."""

from django.db.models import Count, Q

from accounts import events
from accounts.clients import Client
from accounts.models import AlertKind, SecurityAlert, Session, User
from iqx.core import clock, jobs
from iqx.core.events import NewEvent


def raise_alert(user: User, kind: AlertKind, client: Client | None = None, **details: str | list[str]) -> NewEvent:
    """Keep an alert, have it mailed, and return its event."""
    alert = SecurityAlert.objects.create(
        user=user,
        kind=kind,
        details=details,
        ip=client.ip if client else None,
        user_agent=client.user_agent[:200] if client else "",
        created_at=clock.now(),
    )
    jobs.defer("accounts.mail_alert", alert_id=str(alert.pk))
    return events.security_alert(alert)


def is_new_place(user: User, client: Client) -> bool:
    """Whether nobody logged in to the account from this network, or with this device, before; never at the first."""
    seen = Session.objects.filter(user=user).aggregate(
        all=Count("pk"),
        from_here=Count("pk", filter=Q(network=client.network)),
        with_this=Count("pk", filter=Q(user_agent=client.user_agent[:200])),
    )
    return bool(seen["all"] and not (seen["from_here"] and seen["with_this"]))
