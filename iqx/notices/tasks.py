"""Jobs: what has to reach the outside soon after somebody asked for it."""

from uuid import UUID

from procrastinate.contrib.django import app

from iqx.notices import webhooks


@app.task(name="notices.challenge_webhook")
def challenge_webhook(*, webhook_id: str) -> None:
    webhooks.challenge(UUID(webhook_id))
