"""SMS and push messages, sent by the real clients to servers that speak what the real ones speak."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from py_vapid import Vapid02, b64urlencode

from accounts.models import User
from iqx.notices import posting
from iqx.notices.addresses import subscribe
from iqx.notices.models import Delivery, Phone, PushSubscription
from iqx.notices.posting import LEASE, send_messages
from iqx.notices.services import change_preferences
from tests.factories.orders import MovedClock
from tests.notices.conftest import client_of, tell
from tests.notices.servers import HttpServer, serving

pytestmark = pytest.mark.django_db

PHONE = "/api/v1/notification-preferences/phone"
NUMBER = "+4930901820"


@pytest.fixture
def other_side(private_targets: None) -> Iterator[HttpServer]:
    with serving(HttpServer()) as server:
        yield server


@pytest.fixture
def twilio(other_side: HttpServer, settings: Any) -> HttpServer:
    settings.TWILIO = {"url": other_side.url, "account": "AC1", "token": "secret", "sender": "+15005550006"}
    other_side.answer(201, {"sid": "SM1"})
    return other_side


@pytest.fixture
def browser() -> tuple[ec.EllipticCurvePrivateKey, dict[str, str]]:
    """The private key of a browser, and the keys that it gives away."""
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return key, {"p256dh": b64urlencode(point), "auth": b64urlencode(b"a secret of 16 b")}


@pytest.fixture
def vapid(settings: Any) -> str:
    key = Vapid02()
    key.generate_keys()
    number = key.private_key.private_numbers().private_value
    settings.VAPID_PRIVATE_KEY = b64urlencode(number.to_bytes(32, "big"))
    return str(settings.VAPID_PRIVATE_KEY)


def texted(server: HttpServer) -> list[str]:
    return [parse_qs(asked.body.decode())["Body"][0] for asked in server.asked if asked.method == "POST"]


def with_phone(user: User, server: HttpServer) -> None:
    """Prove a telephone to be the user's, and want to be told by it."""
    assert client_of(user).post(PHONE, {"phone": "+49 30 901820"}, format="json").status_code == 202
    code = texted(server)[-1].removeprefix("IQX: ")
    confirmed = client_of(user).post(f"{PHONE}/confirm", {"code": code}, format="json")
    assert confirmed.json()["phone"] == {"number": NUMBER, "verified": True}
    server.asked.clear()
    change_preferences(user_id=user.pk, notices={"trade_paid": {"sms": True, "email": False}})


def the(route: str) -> Delivery:
    return Delivery.objects.get(route=route)


def test_a_notice_is_texted(user: User, twilio: HttpServer) -> None:
    with_phone(user, twilio)
    assert NUMBER not in Phone.objects.get().number
    tell(user)
    send_messages()
    (asked,) = twilio.asked
    assert asked.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"AC1:secret").decode()
    form = parse_qs(asked.body.decode())
    assert (form["To"], form["From"]) == ([NUMBER], ["+15005550006"])
    assert form["Body"][0].startswith("IQX: Trade IQX-HRTN2ZVPNF: the buyer says that he has paid.")
    assert (the("sms").state, the("sms").answer) == ("sent", "SM1")


def test_a_text_that_went_out_before_a_crash_does_not_go_out_again(
    user: User, twilio: HttpServer, moved_clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_phone(user, twilio)
    tell(user)
    with monkeypatch.context() as crash:
        crash.setattr(posting, "note", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send_messages()
    twilio.answer(200, {"messages": [{"sid": "SM0", "body": "Another"}, {"sid": "SM1", "body": texted(twilio)[0]}]})
    moved_clock.pass_by(LEASE.total_seconds())
    send_messages()
    assert [asked.method for asked in twilio.asked] == ["POST", "GET"]
    assert parse_qs(urlsplit(twilio.asked[1].path).query)["To"] == [NUMBER]
    assert (the("sms").state, the("sms").answer) == ("sent", "SM1")


@pytest.mark.parametrize(("status", "state"), [(400, "dead"), (401, "failed"), (429, "failed"), (503, "failed")])
def test_what_twilio_refuses_is_given_up_or_tried_again(
    user: User, twilio: HttpServer, status: int, state: str
) -> None:
    with_phone(user, twilio)
    twilio.answer(status, {"code": 21610})
    tell(user)
    send_messages()
    assert the("sms").state == state


def test_a_telephone_is_proven_by_its_code_alone(user: User, twilio: HttpServer, moved_clock: MovedClock) -> None:
    client = client_of(user)
    client.post(PHONE, {"phone": NUMBER}, format="json")
    code = texted(twilio)[-1].removeprefix("IQX: ")
    for _ in range(5):
        answer = client.post(f"{PHONE}/confirm", {"code": "no"}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (422, "phone_code_invalid")
    assert client.post(f"{PHONE}/confirm", {"code": code}, format="json").status_code == 422
    for _ in range(4):
        assert client.post(PHONE, {"phone": NUMBER}, format="json").status_code == 202
    assert client.post(PHONE, {"phone": NUMBER}, format="json").json()["code"] == "too_many_phone_codes"
    moved_clock.pass_by(15 * 60 + 1)
    code = texted(twilio)[-1].removeprefix("IQX: ")
    assert client.post(f"{PHONE}/confirm", {"code": code}, format="json").status_code == 422
    assert Phone.objects.get().verified_at is None
    assert client.delete(PHONE).status_code == 204
    assert client.delete(PHONE).status_code == 404


@pytest.mark.parametrize("number", ["030 901820", "+49", "nobody", "+999999999999"])
def test_what_is_no_telephone_is_refused(user: User, twilio: HttpServer, number: str) -> None:
    assert client_of(user).post(PHONE, {"phone": number}, format="json").status_code == 400
    assert (twilio.asked, Phone.objects.count()) == ([], 0)


def test_without_twilio_there_is_no_sms(user: User) -> None:
    answer = client_of(user).post(PHONE, {"phone": NUMBER}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "channel_unavailable")


def test_a_browser_gets_what_it_alone_can_read(
    user: User, other_side: HttpServer, browser: Any, vapid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, keys = browser
    other_side.answer(201)
    client = client_of(user)
    public = client.get("/api/v1/push-subscriptions/vapid-key").json()["public_key"]
    body = {"type": "web_push", "endpoint": f"{other_side.url}/push/1", "keys": keys}
    assert client.post("/api/v1/push-subscriptions", body, format="json").status_code == 201
    assert client.post("/api/v1/push-subscriptions", body, format="json").status_code == 201
    assert "push/1" not in PushSubscription.objects.get().address
    tell(user)
    send_messages()
    (asked,) = other_side.asked
    assert (asked.headers["urgency"], asked.headers["topic"]) == ("high", the("push").id.hex)
    assert f"k={public}" in asked.headers["authorization"]
    told = json.loads(
        http_ece.decrypt(asked.body, private_key=key, auth_secret=b"a secret of 16 b", version="aes128gcm")
    )
    assert told["title"] == "Trade IQX-HRTN2ZVPNF: the buyer says that he has paid"
    assert told["tag"] == str(the("push").id)
    assert the("push").state == "sent"


def test_a_browser_that_has_unsubscribed_is_forgotten(
    user: User, other_side: HttpServer, browser: Any, vapid: str
) -> None:
    subscribe(user=user, type="web_push", address={"endpoint": f"{other_side.url}/1", "keys": browser[1]})
    other_side.answer(410)
    tell(user)
    send_messages()
    assert not PushSubscription.objects.exists()


def test_a_device_belongs_to_who_subscribed_last(user: User, stranger: User) -> None:
    subscribe(user=user, type="fcm", address={"token": "t"})
    subscribe(user=stranger, type="fcm", address={"token": "t"})
    assert PushSubscription.objects.get().user == stranger
    gone = client_of(user).delete(f"/api/v1/push-subscriptions/{PushSubscription.objects.get().pk}")
    assert gone.status_code == 404
    assert client_of(user).get("/api/v1/push-subscriptions").json()["results"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"type": "web_push"},
        {"type": "fcm", "endpoint": "https://push.example/1"},
        {"type": "web_push", "endpoint": "https://10.0.0.1/", "keys": {"p256dh": "x", "auth": "y"}},
        {"type": "web_push", "endpoint": "https://push.example/1", "keys": {"p256dh": "x", "auth": "y"}},
        {"type": "pigeon", "token": "x"},
    ],
)
def test_a_subscription_that_makes_no_sense_is_refused(user: User, body: dict[str, Any]) -> None:
    assert client_of(user).post("/api/v1/push-subscriptions", body, format="json").status_code == 400
    assert not PushSubscription.objects.exists()


@pytest.fixture
def firebase(other_side: HttpServer, settings: Any) -> HttpServer:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    settings.FCM_URL = other_side.url
    settings.FCM_CREDENTIALS = json.dumps(
        {
            "type": "service_account",
            "project_id": "iqx",
            "private_key_id": "1",
            "private_key": pem.decode(),
            "client_email": "iqx@iqx.example",
            "token_uri": f"{other_side.url}/token",
        }
    )
    token = json.dumps({"access_token": "ya29", "expires_in": 3600, "token_type": "Bearer"}).encode()
    other_side.answers = [(200, {}, token), (200, {}, b'{"name": "projects/iqx/messages/1"}')]
    return other_side


def test_an_app_gets_a_message_by_fcm(user: User, firebase: HttpServer) -> None:
    subscribe(user=user, type="fcm", address={"token": "of-his-app"})
    tell(user)
    send_messages()
    token, asked = firebase.asked
    assert token.path == "/token"
    assert asked.path == "/v1/projects/iqx/messages:send"
    assert asked.headers["authorization"] == "Bearer ya29"
    message = asked.json["message"]
    assert message["token"] == "of-his-app"
    assert message["android"]["collapse_key"] == str(the("push").id)
    assert (the("push").state, the("push").answer) == ("sent", "projects/iqx/messages/1")


@pytest.mark.parametrize(("status", "left"), [(404, 0), (503, 1), (400, 1)])
def test_an_app_that_is_gone_is_forgotten(user: User, firebase: HttpServer, status: int, left: int) -> None:
    firebase.answers[1] = (status, {"Retry-After": "60"}, b"{}")
    subscribe(user=user, type="fcm", address={"token": "of-his-app"})
    tell(user)
    send_messages()
    assert PushSubscription.objects.count() == left


def test_what_does_not_hurry_waits_for_the_end_of_the_quiet_hours(
    user: User, firebase: HttpServer, moved_clock: MovedClock
) -> None:
    moved_clock.time = moved_clock.time.replace(hour=23, minute=0)
    client_of(user).patch(
        "/api/v1/notification-preferences", {"quiet_hours": {"from": "22:00", "until": "07:00"}}, format="json"
    )
    subscribe(user=user, type="fcm", address={"token": "of-his-app"})
    tell(user, "trade_released")
    send_messages()
    assert (the("push").state, the("email").state, firebase.asked) == ("pending", "sent", [])
    tell(user, "trade_opened")
    send_messages()
    assert len(firebase.asked) == 2
    moved_clock.pass_by(8 * 3600)
    send_messages()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
