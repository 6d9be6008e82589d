"""Jobs: telling operators."""

from django.conf import settings
from django.core.mail import send_mail
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from iqx.ops import stuck


@app.task(name="ops.tell_of_stuck", retry=RetryStrategy(max_attempts=6, exponential_wait=4))
def tell_of_stuck() -> None:
    """Mail to staff what is stuck, unless it has moved on by now."""
    waiting = [thing for kind in stuck.stuck() for thing in kind.waiting()]
    if not settings.STAFF_EMAIL or not waiting:
        return
    lines = [
        f"{thing.kind} {thing.id} ({thing.state or 'no state'}) since {thing.since:%Y-%m-%d %H:%M} UTC"
        for thing in waiting
    ]
    body = (
        "These should have moved on by themselves, and did not:\n\n"
        + "\n".join(lines)
        + f"\n\nWhat to do: docs/operations/states-stuck.md. The platform: {settings.PUBLIC_URL}"
    )
    send_mail(f"IQX: {len(waiting)} stuck", body, None, [settings.STAFF_EMAIL])
