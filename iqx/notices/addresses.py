"""Where people can be reached besides their mailbox: browsers, apps and a telephone."""

import hashlib
import hmac
import json
import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID

import phonenumbers

from accounts.models import User
from iqx.core import clock, crypto
from iqx.core.errors import Invalid, NotFound
from iqx.core.locking import LockRank, lock_one
from iqx.core.transactions import use_case
from iqx.notices import outbound
from iqx.notices.errors import ChannelUnavailable, TooManyPhoneCodes
from iqx.notices.models import Phone, PushSubscription
from iqx.notices.outcomes import Undelivered
from iqx.notices.parcels import PHONE, PUSH
from iqx.notices.providers import twilio, web_push

_CODE_VALID: Final = timedelta(minutes=15)
_CODES_A_DAY: Final = 5
_TRIES: Final = 5
MOST_DEVICES: Final = 20

Address = dict[str, object]


@use_case
def subscribe(*, user: User, type: str, address: Address) -> PushSubscription:
    """Send push messages to a device from now on; one that another user had becomes this user's.

    Locks: the user. Raises: Invalid: it can't be an address of that type. The oldest of too many devices is let go.
    """
    lock_one(LockRank.ACCOUNT, User.objects.filter(pk=user.pk))
    if type == PushSubscription.Type.WEB_PUSH:
        _check_browser(address)
    digest = hashlib.sha256(json.dumps([type, address.get("endpoint", address.get("token"))]).encode()).hexdigest()
    PushSubscription.objects.filter(digest=digest).exclude(user=user).delete()
    subscription, _ = PushSubscription.objects.update_or_create(
        digest=digest,
        defaults={"user": user, "type": type, "address": crypto.seal(address, purpose=PUSH)},
        create_defaults={
            "user": user, "type": type, "address": crypto.seal(address, purpose=PUSH), "created_at": clock.now(),
        },
    )  # fmt: skip
    surplus = PushSubscription.objects.filter(user=user).order_by("-id").values_list("pk", flat=True)[MOST_DEVICES:]
    PushSubscription.objects.filter(pk__in=list(surplus)).delete()
    return subscription


def _check_browser(address: Address) -> None:
    try:
        outbound.check_url(str(address["endpoint"]))
    except Undelivered as refusal:
        raise Invalid(refusal.reason, field="endpoint") from refusal
    try:
        web_push.encrypted(address, b"{}")
    except Undelivered as refusal:
        raise Invalid(refusal.reason, field="keys") from refusal


@use_case
def unsubscribe(*, user_id: UUID, subscription_id: UUID) -> None:
    """Raises: NotFound."""
    if not PushSubscription.objects.filter(pk=subscription_id, user_id=user_id).delete()[0]:
        raise NotFound


def ask_for_phone(*, user: User, number: str) -> None:
    """Note a telephone, and text a code there which proves that it is the user's.

    Raises: ChannelUnavailable, Invalid, TooManyPhoneCodes.
    """
    if not twilio.Twilio().is_available():
        raise ChannelUnavailable
    code = f"{secrets.randbelow(1_000_000):06}"
    normal = _normal(number)
    _note_code(user=user, number=normal, code=code)
    try:
        twilio.send_text(normal, f"IQX: {code}")
    except Undelivered as error:
        raise ChannelUnavailable from error


def _normal(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        raise Invalid("This is no telephone number with its country, such as +49 30 1234567.", field="phone")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@use_case
def _note_code(*, user: User, number: str, code: str) -> None:
    Phone.objects.get_or_create(pk=user.pk, defaults={"number": crypto.seal(number, purpose=PHONE)})
    phone = lock_one(LockRank.NOTICE, Phone.objects.filter(pk=user.pk))
    assert phone is not None  # noqa: S101 it was made above
    now = clock.now()
    recent = phone.code_sent_at is not None and now - phone.code_sent_at < timedelta(days=1)
    if recent and phone.codes >= _CODES_A_DAY:
        raise TooManyPhoneCodes
    phone.codes = phone.codes + 1 if recent else 1
    phone.number, phone.verified_at = crypto.seal(number, purpose=PHONE), None
    phone.code_digest, phone.code_sent_at, phone.tries = _digest(user.pk, code), now, 0
    phone.save()


@use_case
def confirm_phone(*, user_id: UUID, code: str) -> bool:
    """Take the code that was texted; False if it is wrong, old or tried too often, which is counted.

    Locks: the phone.
    """
    phone = lock_one(LockRank.NOTICE, Phone.objects.filter(pk=user_id).exclude(code_digest=""))
    now = clock.now()
    if phone is None or phone.code_sent_at is None or now - phone.code_sent_at > _CODE_VALID or phone.tries >= _TRIES:
        return False
    is_right = hmac.compare_digest(phone.code_digest, _digest(user_id, code))
    if is_right:
        phone.verified_at, phone.code_digest = now, ""
    else:
        phone.tries += 1
    phone.save()
    return is_right


@use_case
def forget_phone(*, user_id: UUID) -> None:
    """Delete the user's telephone. Raises: NotFound."""
    if not Phone.objects.filter(pk=user_id).delete()[0]:
        raise NotFound


def phone_of(user_id: UUID) -> tuple[str, bool] | None:
    """The user's telephone, and whether it is proven to be his."""
    phone = Phone.objects.filter(pk=user_id).first()
    return (crypto.unseal(phone.number, purpose=PHONE), phone.verified_at is not None) if phone else None


def _digest(user_id: UUID, code: str) -> str:
    return hashlib.blake2b(code.encode(), key=user_id.bytes, digest_size=32).hexdigest()
