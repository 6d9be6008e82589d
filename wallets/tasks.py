"""Jobs: tidying up."""

from procrastinate.contrib.django import app

from wallets.services import roll_up_system_accounts

_BATCH = 10_000


@app.periodic(cron="* * * * *")
@app.task(name="wallets.roll_up_system_accounts", pass_context=False)
def roll_up(timestamp: int) -> None:
    while roll_up_system_accounts(batch=_BATCH) == _BATCH:
        pass
