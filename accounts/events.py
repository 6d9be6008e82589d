from accounts.models import PaymentAccount, SecurityAlert, User
from accounts.representations import payment_account_note, security_alert_json, user_json
from iqx.core.clock import rfc3339_or_none
from iqx.core.events import NewEvent, user_stream


def kyc_updated(user: User) -> NewEvent:
    return NewEvent(user_stream(user.pk), "kyc_updated", user_json(user))


def trading_paused(user: User, because: str) -> NewEvent:
    until = rfc3339_or_none(user.trading_paused_until)
    return NewEvent(user_stream(user.pk), "trading_paused", {"until": until, "because": because})


def payment_account_updated(account: PaymentAccount) -> NewEvent:
    return NewEvent(user_stream(account.user_id), "payment_account_updated", payment_account_note(account))


def security_alert(alert: SecurityAlert) -> NewEvent:
    return NewEvent(user_stream(alert.user_id), "security_alert", security_alert_json(alert))
