"""Passkeys: a way in and a second factor that serve once, here, and for their owner."""

from typing import Any

import pytest
from authenticator import PRESENT, Authenticator
from rest_framework.test import APIClient

from accounts import approvals, services
from accounts.models import Passkey, PasskeyChallenge, SecurityAlert, Session, StepUpCode, Totp, User
from accounts.services.passkeys import GOOD_FOR
from accounts.tokens import digest_of
from tests.e2e.snapshot import snapshot
from tests.factories.accounts import PASSWORD, auth_client, code_of, make_user, with_two_factor
from tests.factories.orders import MovedClock
from tests.factories.racing import at_once
from tests.factories.trading import moved_clock
from tests.factories.wallets import ADDRESS

__all__ = ["moved_clock"]

pytestmark = pytest.mark.django_db

ORIGIN = "https://iqx.example"
KEYS = "/api/v1/auth/passkeys"
LOGIN = "/api/v1/auth/login/passkey"


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.PASSKEY_RP_ID, settings.PASSKEY_ORIGINS = "iqx.example", [ORIGIN]


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def phone() -> Authenticator:
    return Authenticator(ORIGIN)


def post(client: APIClient, path: str, **body: Any) -> Any:
    return client.post(path, body, format="json")


def begun(client: APIClient, path: str, **body: Any) -> dict[str, Any]:
    answer = post(client, f"{path}/options", **body)
    assert answer.status_code == 200, answer.json()
    return dict(answer.json())


def add(client: APIClient, device: Authenticator, **proof: Any) -> Any:
    return finish(client, device, begun(client, KEYS, **proof or {"password": PASSWORD}))


def finish(client: APIClient, device: Authenticator, begin: dict[str, Any]) -> Any:
    body = {"challenge": begin["challenge"], "credential": device.create(begin["options"]), "name": "Phone"}
    return post(client, KEYS, **body)


def answered(client: APIClient, device: Authenticator, path: str) -> dict[str, Any]:
    begin = begun(client, path)
    return {"challenge": begin["challenge"], "credential": device.get(begin["options"])}


def stepped_up(client: APIClient, device: Authenticator) -> str:
    path = f"{KEYS}/step-up"
    answer = post(client, path, **answered(client, device, path))
    assert answer.status_code == 200, answer.json()
    return str(answer.json()["otp"])


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_passkey_is_added_used_as_second_factor_listed_and_removed(user: User, phone: Authenticator) -> None:
    client = auth_client(user)
    added = add(client, phone)
    assert added.status_code == 201
    assert len(added.json()["recovery_codes"]) == 10
    assert client.get("/api/v1/auth/me").json()["two_factor"] is True
    wanted = {"name": "Safe", "address": ADDRESS}
    refused(post(client, "/api/v1/wallet/addresses", **wanted), 401, "otp_required")
    otp = stepped_up(client, phone)
    assert post(client, "/api/v1/wallet/addresses", **wanted, otp=otp).status_code == 201
    refused(post(client, "/api/v1/auth/api-keys", name="Bot", scopes=["read"], otp=otp), 401, "otp_invalid")
    (shown,) = client.get(KEYS).json()["results"]
    assert (shown["name"], shown["id"]) == ("Phone", added.json()["id"])
    assert shown["last_used_at"] is not None
    refused(client.delete(f"{KEYS}/{shown['id']}"), 401, "otp_required")
    assert client.delete(f"{KEYS}/{shown['id']}", HTTP_X_OTP=stepped_up(client, phone)).status_code == 204
    assert client.get("/api/v1/auth/me").json()["two_factor"] is False
    kinds = SecurityAlert.objects.filter(user=user).order_by("id").values_list("kind", flat=True)
    assert [kind for kind in kinds if "passkey" in kind] == ["passkey_added", "passkey_removed"]


def test_a_passkey_logs_in_without_e_mail_and_password(user: User, phone: Authenticator) -> None:
    add(auth_client(user), phone)
    stranger = APIClient()
    begin = begun(stranger, LOGIN)
    assert begin["options"].get("allowCredentials", []) == []  # it names nobody's keys
    body = {"challenge": begin["challenge"], "credential": phone.get(begin["options"])}
    answer = post(stranger, LOGIN, **body)
    assert (answer.status_code, answer.json()["user"]["id"]) == (200, str(user.pk))
    stranger.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    assert stranger.get("/api/v1/auth/me").status_code == 200
    sessions = Session.objects.count()
    refused(post(APIClient(), LOGIN, **body), 409, "challenge_gone")
    User.objects.filter(pk=user.pk).update(is_active=False)
    refused(post(APIClient(), LOGIN, **answered(APIClient(), phone, LOGIN)), 403, "account_suspended")
    assert Session.objects.count() == sessions


def test_the_second_key_takes_the_first(user: User, phone: Authenticator) -> None:
    """Who has stolen a session adds no key of his own, and no authenticator app either."""
    client, other = auth_client(user), Authenticator(ORIGIN)
    refused(post(client, f"{KEYS}/options"), 422, "wrong_password")
    refused(post(client, f"{KEYS}/options", password="guessed"), 422, "wrong_password")
    early = begun(client, KEYS, password=PASSWORD)
    add(client, phone)
    refused(post(client, f"{KEYS}/options"), 401, "otp_required")
    refused(finish(client, other, early), 401, "otp_required")  # it was begun when there was nothing to prove
    refused(post(client, "/api/v1/auth/2fa/setup"), 401, "otp_required")
    assert add(client, other, otp=stepped_up(client, phone)).json()["recovery_codes"] is None
    secret = post(client, "/api/v1/auth/2fa/setup", otp=stepped_up(client, other)).json()["secret"]
    assert post(client, "/api/v1/auth/2fa/confirm", otp=code_of(secret)).status_code == 200
    for key, device in zip(Passkey.objects.order_by("created_at"), (phone, other), strict=True):
        assert client.delete(f"{KEYS}/{key.pk}", HTTP_X_OTP=stepped_up(client, device)).status_code == 204
    assert client.get("/api/v1/auth/me").json()["two_factor"] is True  # by the app


def test_a_secret_that_was_set_up_before_the_first_key_is_forgotten(user: User, phone: Authenticator) -> None:
    client = auth_client(user)
    secret = post(client, "/api/v1/auth/2fa/setup").json()["secret"]
    add(client, phone)
    refused(post(client, "/api/v1/auth/2fa/confirm", otp=code_of(secret)), 409, "two_factor_off")


def test_a_challenge_serves_once_for_its_purpose_and_owner_and_for_minutes(
    user: User, phone: Authenticator, moved_clock: MovedClock
) -> None:
    client, path = auth_client(user), f"{KEYS}/step-up"
    add(client, phone)
    body = answered(client, phone, path)
    assert post(client, path, **body).status_code == 200
    refused(post(client, path, **body), 409, "challenge_gone")
    late = answered(client, phone, path)
    moved_clock.pass_by(GOOD_FOR.total_seconds() + 1)
    refused(post(client, path, **late), 409, "challenge_gone")
    refused(post(APIClient(), LOGIN, **answered(client, phone, path)), 409, "challenge_gone")
    refused(post(auth_client(make_user()), path, **answered(client, phone, path)), 409, "challenge_gone")
    wrong = answered(client, phone, path)
    refused(post(client, path, **wrong | {"credential": {}}), 422, "passkey_refused")
    refused(post(client, path, **wrong), 409, "challenge_gone")  # used up by what was refused
    assert StepUpCode.objects.count() == 1


def test_somebodys_guesses_do_not_keep_out_the_owner_of_a_passkey(user: User, phone: Authenticator) -> None:
    client = auth_client(user)
    add(client, phone)
    wanted = {"name": "Safe", "address": ADDRESS}
    told = [post(client, "/api/v1/wallet/addresses", **wanted, otp=f"{n:06}").status_code for n in range(9)]
    assert told[-1] == 429  # control: a code of six digits could be guessed
    assert post(client, "/api/v1/wallet/addresses", **wanted, otp=stepped_up(client, phone)).status_code == 201
    refused(post(client, "/api/v1/auth/2fa/recovery-codes", otp="signed_guessed"), 401, "otp_invalid")


def test_a_code_is_good_for_minutes_and_its_owner(user: User, phone: Authenticator, moved_clock: MovedClock) -> None:
    client, thief = auth_client(user), make_user()
    with_two_factor(thief)
    add(client, phone)
    otp = stepped_up(client, phone)
    wanted = {"name": "Safe", "address": ADDRESS, "otp": otp}
    refused(post(auth_client(thief), "/api/v1/wallet/addresses", **wanted), 401, "otp_invalid")
    moved_clock.pass_by(GOOD_FOR.total_seconds() + 1)
    refused(post(client, "/api/v1/wallet/addresses", **wanted), 401, "otp_invalid")


@pytest.mark.parametrize(
    "device",
    [
        Authenticator("https://iqx-support.example"),
        Authenticator("http://iqx.example"),
        Authenticator(ORIGIN, flags=PRESENT),
        Authenticator(ORIGIN, flags=0),
    ],
    ids=["another site", "no TLS", "owner not verified", "nobody there"],
)
def test_what_was_signed_elsewhere_or_by_nobody_is_refused(user: User, device: Authenticator) -> None:
    client = auth_client(user)
    refused(add(client, device), 422, "passkey_refused")
    assert not Passkey.objects.exists()
    good = Authenticator(ORIGIN)
    add(client, good)
    good.origin, good.flags = device.origin, device.flags
    path = f"{KEYS}/step-up"
    refused(post(client, path, **answered(client, good, path)), 422, "passkey_refused")
    refused(post(APIClient(), LOGIN, **answered(APIClient(), good, LOGIN)), 422, "passkey_refused")
    assert not StepUpCode.objects.exists()


@pytest.mark.parametrize(
    ("origin", "good"),
    [
        ("http://localhost:9000", True),
        ("http://localhost:8000", True),
        ("http://localhost", False),
        ("http://localhost:9000.example", False),
        ("http://evil.example:9000", False),
        ("https://localhost:9000", False),
    ],
)
def test_in_the_sandbox_any_port_of_this_machine_will_do(settings: Any, user: User, origin: str, good: bool) -> None:
    settings.PASSKEY_RP_ID, settings.PASSKEY_ORIGINS = "localhost", ["http://localhost:*"]
    assert add(auth_client(user), Authenticator(origin)).status_code == (201 if good else 422)


def test_a_key_that_was_copied_is_refused(user: User, phone: Authenticator) -> None:
    """Its count is not beyond the last one."""
    client, path = auth_client(user), f"{KEYS}/step-up"
    add(client, phone)
    stepped_up(client, phone)
    phone.count -= 1
    refused(post(client, path, **answered(client, phone, path)), 422, "passkey_refused")
    assert Passkey.objects.get().sign_count == phone.count
    stepped_up(client, phone)  # control: the next count is good


def test_a_key_of_another_does_not_open_mine(user: User, phone: Authenticator) -> None:
    other = make_user()
    add(auth_client(user), phone)
    own = Authenticator(ORIGIN)
    add(auth_client(other), own)
    client, path = auth_client(user), f"{KEYS}/step-up"
    begin = begun(client, path)
    body = {"challenge": begin["challenge"], "credential": own.get(begin["options"] | {"allowCredentials": []})}
    refused(post(client, path, **body), 422, "passkey_refused")
    login = answered(APIClient(), own, LOGIN)
    login["credential"]["response"]["userHandle"] = next(iter(phone.keys.values()))[1]
    refused(post(APIClient(), LOGIN, **login), 422, "passkey_refused")
    key = Passkey.objects.get(user=user)
    answer = auth_client(other).delete(f"{KEYS}/{key.pk}", HTTP_X_OTP=stepped_up(auth_client(other), own))
    assert answer.status_code == 404
    assert Passkey.objects.count() == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: c["response"].update(signature="AAAA"),
        lambda c: c["response"].update(authenticatorData="AAAA"),
        lambda c: c["response"].update(clientDataJSON="bm90IGpzb24"),
        lambda c: c["response"].update(clientDataJSON="W10"),
        lambda c: c["response"].update(userHandle=7),
        lambda c: c.update(rawId="ä"),
        lambda c: c.update(rawId=None),
        lambda c: c.update(type="password"),
        lambda c: c.update(response=[]),
        lambda c: c.clear(),
    ],
)
def test_a_spoilt_answer_is_refused_and_changes_nothing(user: User, phone: Authenticator, spoil: Any) -> None:
    client, path = auth_client(user), f"{KEYS}/step-up"
    add(client, phone)
    for who, where in ((client, path), (APIClient(), LOGIN)):
        body = answered(who, phone, where)
        spoil(body["credential"])
        before = {table: rows for table, rows in snapshot().items() if table in _KEPT}
        answer = post(who, where, **body)
        if where == path and answer.status_code == 200:
            assert body["credential"]["response"]["userHandle"] == 7
            continue
        refused(answer, 422, "passkey_refused")
        assert {table: rows for table, rows in snapshot().items() if table in _KEPT} == before


_KEPT = {"accounts_passkey", "accounts_session", "accounts_stepupcode", "accounts_user"}


def test_a_spoilt_new_key_is_refused(user: User, phone: Authenticator) -> None:
    client = auth_client(user)
    for name, value in (("attestationObject", "AAAA"), ("attestationObject", "oA"), ("clientDataJSON", "")):
        begin = begun(client, KEYS, password=PASSWORD)
        credential = phone.create(begin["options"])
        credential["response"][name] = value
        body = {"challenge": begin["challenge"], "credential": credential, "name": "Phone"}
        refused(post(client, KEYS, **body), 422, "passkey_refused")
    assert not Passkey.objects.exists()


def test_who_has_no_passkey_steps_up_by_none(user: User) -> None:
    assert post(auth_client(user), f"{KEYS}/step-up/options").status_code == 404


def test_switching_the_second_factor_off_forgets_passkeys(user: User, phone: Authenticator) -> None:
    add(auth_client(user), phone)
    one, other = make_user(role="admin"), make_user(role="admin")
    asked = services.ask_for_two_factor_reset(user_id=user.pk, actor_id=one.pk, reason="He showed his passport.")
    approvals.approve(approval_id=asked.pk, actor=other)
    assert not Passkey.objects.exists()
    refused(post(APIClient(), LOGIN, **answered(APIClient(), phone, LOGIN)), 422, "passkey_refused")


def test_who_disowns_an_alert_is_rid_of_the_factors_that_came_with_it(user: User, phone: Authenticator) -> None:
    """What he had before stays; a thief's authenticator app would keep him from choosing a new password."""
    client = auth_client(user)
    add(client, phone)
    SecurityAlert.objects.all().delete()
    Passkey.objects.update(created_at=user.created_at.replace(year=2020))
    secret = post(client, "/api/v1/auth/2fa/setup", otp=stepped_up(client, phone)).json()["secret"]
    post(client, "/api/v1/auth/2fa/confirm", otp=code_of(secret))
    add(client, Authenticator(ORIGIN), otp=stepped_up(client, phone))
    alert = SecurityAlert.objects.order_by("created_at").first()
    assert alert is not None
    SecurityAlert.objects.filter(pk=alert.pk).update(digest=digest_of("mailed"))
    services.disown(token="mailed")
    assert not Totp.objects.exists()
    assert Passkey.objects.count() == 1
    user.refresh_from_db()
    assert user.two_factor is True


@pytest.mark.django_db(transaction=True)
def test_of_two_uses_of_a_challenge_at_once_one_succeeds(phone: Authenticator) -> None:
    user = make_user()
    client = auth_client(user)
    add(client, phone)
    begin = begun(client, f"{KEYS}/step-up")
    credential = phone.get(begin["options"])

    def use() -> Any:
        return services.step_up(user_id=user.pk, challenge=begin["challenge"], credential=credential)

    assert sorted(type(outcome).__name__ for outcome in at_once([use, use])) == ["ChallengeGone", "Code"]
    assert not PasskeyChallenge.objects.filter(pk=begin["challenge"]).exists()
