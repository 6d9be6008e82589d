"""A small world with one of everything that a person may own, and requests that would be good for the owner."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.kyc.services import submit_kyc
from accounts.models import Flag, Passkey, Relation, Role, User
from accounts.services import ask_for_role, create_api_key
from accounts.trust.flags import Finding, raise_flags
from accounts.trust.rules import RECEIPT_REUSE
from accounts.trust.services import relate
from disputes.services import open_dispute
from iqx.notices.addresses import subscribe
from support.models import CannedAnswer, Ticket
from support.services import open_ticket
from tests.factories.accounts import log_in, make_user
from tests.factories.notices import make_webhook
from tests.factories.orders import SYMBOL, make_market, place, trade_between
from tests.factories.payments import GOOD, add_account
from tests.factories.wallets import ADDRESS, fund, withdraw
from wallets.services import add_address, request_adjustment, request_deposit

Json = dict[str, Any]


@dataclass(frozen=True)
class World:
    """What is alice's, by the name that the paths of the API have for it; bob is the other side of her trades."""

    alice: User
    bob: User
    stranger: User
    admin: User
    ids: dict[str, UUID | str]

    def path(self, template: str) -> str:
        return template.format(**self.ids)


def make_world() -> World:
    make_market()
    alice, bob, stranger, admin = make_user(), make_user(), make_user(), make_user(role="admin")
    other_admin = make_user(role="admin")
    for trader in (alice, bob, stranger):
        fund(trader, 10_000)
    disputed = trade_between(alice, bob, status="paid")
    for other, kind in ((stranger, Relation.Kind.BLOCK), (bob, Relation.Kind.FAVOURITE)):
        relate(owner_id=alice.id, other_id=other.id, kind=kind)
    dispute = open_dispute(trade_id=disputed.id, actor_id=alice.id, reason="other", statement="A claim.")
    ids: dict[str, UUID | str] = {
        "symbol": SYMBOL,
        "code": "not_found",
        "token": "forged",
        "link": "x" * 32,
        "dispute_id": dispute.id,
        "trade_id": trade_between(alice, bob, status="paid").id,
        "user_id": stranger.id,
        "order_id": place(alice, "sell", 2, 10)[0].id,
        "withdrawal_id": withdraw(alice, 10).id,
        "deposit_id": request_deposit(user=alice, amount=Decimal(5)).id,
        "address_id": add_address(user=alice, name="Safe", address=ADDRESS, network="sandbox").id,
        "blocked_id": stranger.id,
        "favourite_id": bob.id,
        "trader_id": bob.id,
        "rule_code": "new_address_hold",
        "flag_id": flag(bob, disputed.id).id,
        "account_id": add_account(alice, "revolut").account,
        "key_id": create_api_key(user_id=alice.pk, name="Bot", scopes=["read"]).key.pk,
        "passkey_id": Passkey.objects.create(user=alice, name="Phone", credential_id=b"1", public_key=b"2").pk,
        "submission_id": submit_kyc(user_id=alice.pk, documents={}, **PAPERS).id,
        "session_id": log_in(alice).session.pk,
        "approval_id": ask_for_role(user_id=bob.pk, actor_id=other_admin.pk, role=Role.SUPPORT, reason="Hired.").id,
        "adjustment_id": request_adjustment(user=bob, amount=Decimal(1), reason="A gift.", actor=other_admin).id,
        "canned_id": CannedAnswer.objects.create(title="Welcome", body="Hello.").id,
        "ticket_id": open_ticket(user=alice, subject="Help", category=Ticket.Category.values[0], body="Please.").id,
    }
    hook = make_webhook(alice)
    ids["subscription_id"] = subscribe(user=alice, type="fcm", address={"token": "of-her-app"}).id
    ids["webhook_id"], ids["delivery_id"] = hook.id, hook.deliveries.latest("seq").id
    return World(alice, bob, stranger, admin, ids)


def flag(user: User, trade_id: UUID) -> Flag:
    """A flag of somebody's, about a trade."""
    because = RECEIPT_REUSE.explain(reference="another")
    raise_flags([Finding(RECEIPT_REUSE, Flag.Subject.TRADE, trade_id, user.pk, because)])
    return Flag.objects.get(subject_id=trade_id)


PAPERS = {"document_type": "passport", "country": "DE", "legal_name": "Ann Example", "document_number": "C01X00T47"}
SOMEBODY = "00000000-0000-0000-0000-000000000000"
_ORDER = {"market": SYMBOL, "side": "sell", "price": "2", "amount": "5"}
REVOLUT = GOOD["revolut"]
_SAID = {"statement": "I have paid."}

# For each operation that takes a body one that is good: what is refused then is refused for another reason.
GOOD_BODIES: dict[str, Json] = {
    "PATCH /api/v1/notification-preferences": {"language": "fr", "time_zone": "Europe/Paris"},
    "PATCH /api/v1/webhooks/{webhook_id}": {"description": "Mine"},
    "POST /api/v1/notifications/read": {"all": True},
    "POST /api/v1/notification-preferences/phone": {"phone": "+49 30 901820"},
    "POST /api/v1/notification-preferences/phone/confirm": {"code": "123456"},
    "POST /api/v1/push-subscriptions": {"type": "fcm", "token": "a-token-of-an-app"},
    "POST /api/v1/webhooks": {"url": "https://hooks.example/iqx"},
    "POST /api/admin/adjustments": {"user": SOMEBODY, "direction": "add", "amount": "1", "reason": "A gift."},
    "POST /api/admin/adjustments/{adjustment_id}/approve": {"reason": "The bank says so, too."},
    "POST /api/admin/adjustments/{adjustment_id}/reject": {},
    "POST /api/admin/approvals/{approval_id}/approve": {"note": "I know her."},
    "POST /api/admin/approvals/{approval_id}/refuse": {"note": "Who is that?"},
    "POST /api/admin/orders/{order_id}/cancel": {"reason": "He asked for it."},
    "PATCH /api/admin/markets/{symbol}": {"payment_window": 900, "reason": "Banks are slow."},
    "POST /api/admin/markets/{symbol}/halt": {"reason": "Something is wrong."},
    "POST /api/admin/markets/{symbol}/resume": {"reason": "It was mended."},
    "POST /api/admin/users/{user_id}/suspend": {"reason": "He shouts."},
    "POST /api/admin/users/{user_id}/unsuspend": {"reason": "He stopped."},
    "POST /api/admin/users/{user_id}/logout": {"reason": "He lost his phone."},
    "POST /api/admin/users/{user_id}/role": {"role": "support", "reason": "She is hired."},
    "POST /api/admin/users/{user_id}/2fa-reset": {"reason": "He showed his passport."},
    "POST /api/admin/flags/{flag_id}/clear": {"note": "He showed his statement."},
    "POST /api/admin/flags/{flag_id}/confirm": {},
    "POST /api/admin/kyc/{submission_id}/approve": {"level": 1},
    "POST /api/admin/kyc/{submission_id}/reject": {"reason": "It is not sharp."},
    "POST /api/v1/auth/kyc": PAPERS,
    "PATCH /api/admin/rules/{rule_code}": {"enabled": True, "reason": "As it was."},
    "PATCH /api/v1/auth/me": {"display_name": "Somebody"},
    "PATCH /api/v1/auth/payment-accounts/{account_id}": {"label": "Savings", "is_default": True, "details": REVOLUT},
    "PATCH /api/v1/orders/{order_id}": {"amount": "9"},
    "POST /api/admin/deposits/{deposit_id}/confirm": {"reason": "Seen on the network."},
    "POST /api/admin/deposits/{deposit_id}/reject": {"reason": "It never came."},
    "POST /api/admin/disputes/{dispute_id}/assign": {},
    "POST /api/admin/disputes/{dispute_id}/comment": {"note": "Say more."},
    "POST /api/admin/disputes/{dispute_id}/confirm": {"ruling": "00000000-0000-0000-0000-000000000000"},
    "POST /api/admin/disputes/{dispute_id}/helpers": {"user": "00000000-0000-0000-0000-000000000000"},
    "POST /api/admin/disputes/{dispute_id}/note": {"note": "He has done this before."},
    "POST /api/admin/disputes/{dispute_id}/resolve": {"resolution": "refund", "reason": "Nothing was paid."},
    "POST /api/admin/canned-answers": {"title": "Hello", "body": "How can we help?"},
    "POST /api/admin/tickets/{ticket_id}/assign": {},
    "POST /api/admin/tickets/{ticket_id}/close": {},
    "POST /api/admin/tickets/{ticket_id}/answer": {"body": "Here it is."},
    "POST /api/admin/withdrawals/{withdrawal_id}/approve": {},
    "POST /api/admin/withdrawals/{withdrawal_id}/reject": {"reason": "A wrong address."},
    "POST /api/v1/auth/blocks": {"user": SOMEBODY},
    "POST /api/v1/auth/favourites": {"user": SOMEBODY},
    "POST /api/v1/auth/2fa/confirm": {"otp": "000000"},
    "POST /api/v1/auth/2fa/disable": {"password": "?", "otp": "000000"},
    "POST /api/v1/auth/2fa/recovery-codes": {"otp": "000000"},
    "POST /api/v1/auth/2fa/setup": {},
    "POST /api/v1/auth/passkeys/options": {"password": "?"},
    "POST /api/v1/auth/passkeys": {"challenge": SOMEBODY, "credential": {}, "name": "Phone"},
    "POST /api/v1/auth/passkeys/step-up": {"challenge": SOMEBODY, "credential": {}},
    "POST /api/v1/auth/api-keys": {"name": "Bot", "scopes": ["read"]},
    "POST /api/v1/auth/password/change": {"current_password": "?", "new_password": "a long enough passphrase"},
    "POST /api/v1/auth/payment-accounts": {"method": "revolut", "label": "Savings", "details": REVOLUT},
    "POST /api/v1/disputes/{dispute_id}/evidence": _SAID,
    "POST /api/v1/orders": _ORDER,
    "POST /api/v1/orders/batch": {"orders": [_ORDER]},
    "POST /api/v1/orders/cancel-after": {"seconds": 60},
    "POST /api/v1/orders/cancel-all": {},
    "POST /api/v1/orders/pause-all": {},
    "POST /api/v1/orders/resume-all": {},
    "PUT /api/admin/markets/{symbol}/reference": {"price": "0.92"},
    "PUT /api/v1/opening-hours": {"time_zone": "UTC", "windows": []},
    "POST /api/v1/orders/{order_id}/take": {"amount": "1", "version": 1},
    "POST /api/v1/support/tickets": {"subject": "Help", "category": Ticket.Category.values[0], "body": "Please."},
    "POST /api/v1/support/tickets/{ticket_id}/messages": {"body": "Anybody there?"},
    "POST /api/v1/trades/{trade_id}/feedback": {"rating": 5, "comment": "Quick."},
    "POST /api/v1/support/tickets/{ticket_id}/rating": {"rating": 5},
    "POST /api/admin/trades/{trade_id}/messages": {"body": "Staff read along."},
    "POST /api/v1/trades/{trade_id}/messages": {"body": "Hello."},
    "POST /api/v1/trades/{trade_id}/messages/read": {},
    "POST /api/v1/trades/{trade_id}/dispute": {"reason": "other", **_SAID},
    "POST /api/v1/trades/{trade_id}/payment-account": {"account": str(UUID(int=7))},
    "POST /api/v1/trades/{trade_id}/payment-method": {"payment_method": "sepa"},
    "POST /api/v1/wallet/addresses": {"name": "Safe", "address": ADDRESS},
    "POST /api/v1/wallet/deposits": {"amount": "1"},
    "POST /api/v1/wallet/withdrawals": {"amount": "1", "address": ADDRESS},
}
