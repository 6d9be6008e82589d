"""What staff may do, to whom."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser

from accounts import services
from accounts.models import Approval, EndReason, KycStatus, Role, Session, User
from accounts.representations import user_json
from iqx.core.errors import Invalid, NotAllowed, NotFound
from iqx.core.events import events_since, user_stream
from tests.accounts.conftest import Travel
from tests.factories.accounts import PASSWORD, log_in, make_user

pytestmark = pytest.mark.django_db

ACTS: dict[str, Callable[[User, User], Any]] = {
    "suspend": lambda user, actor: services.suspend_user(user_id=user.pk, actor_id=actor.pk),
    "reinstate": lambda user, actor: services.reinstate_user(user_id=user.pk, actor_id=actor.pk),
    "log out": lambda user, actor: services.log_out_user(user_id=user.pk, actor_id=actor.pk),
    "review": lambda user, actor: services.review_kyc(
        user_id=user.pk, actor_id=actor.pk, status=KycStatus.VERIFIED, level=2
    ),
    "ask for a role": lambda user, actor: services.ask_for_role(
        user_id=user.pk, actor_id=actor.pk, role=Role.USER if user.is_staff_member else Role.SUPPORT, reason="Work."
    ),
}


@pytest.fixture
def admin(db: None) -> User:
    return make_user(role=Role.ADMIN)


@pytest.fixture
def support(db: None) -> User:
    return make_user(role=Role.SUPPORT)


def everything() -> str:
    users = User.objects.order_by("pk").values()
    asked = Approval.objects.order_by("pk").values()
    return str([list(users), list(Session.objects.order_by("pk").values()), list(asked)])


@pytest.mark.parametrize("act", ACTS)
def test_an_admin_may(act: str, user: User, admin: User) -> None:
    before = everything()
    log_in(user)
    ACTS[act](user, admin)
    assert act == "reinstate" or everything() != before


@pytest.mark.parametrize("act", [act for act in ACTS if act != "ask for a role"])
def test_support_may_look_after_users(act: str, user: User, support: User) -> None:
    ACTS[act](user, support)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    ("actor_role", "user_role"),
    [
        (Role.USER, Role.USER),
        (Role.SUPPORT, Role.SUPPORT),
        (Role.SUPPORT, Role.ADMIN),
        (Role.SUPPORT, Role.AUDITOR),
        (Role.AUDITOR, Role.USER),
    ],
)
def test_nobody_acts_above_himself(act: str, actor_role: Role, user_role: Role) -> None:
    actor, target = make_user(role=actor_role), make_user(role=user_role)
    log_in(target)
    before = everything()
    with pytest.raises(NotAllowed):
        ACTS[act](target, actor)
    assert everything() == before


@pytest.mark.parametrize("act", ACTS)
def test_nobody_acts_on_himself(act: str, admin: User) -> None:
    before = everything()
    with pytest.raises(NotAllowed):
        ACTS[act](admin, admin)
    assert everything() == before


def test_support_makes_nobody_staff(user: User, support: User) -> None:
    with pytest.raises(NotAllowed):
        ACTS["ask for a role"](user, support)
    user.refresh_from_db()
    assert user.role == Role.USER


def test_suspended_staff_may_do_nothing(user: User) -> None:
    actor = make_user(role=Role.ADMIN, is_active=False)
    with pytest.raises(NotAllowed):
        ACTS["suspend"](user, actor)


def test_who_is_not_there_is_not_found(admin: User) -> None:
    with pytest.raises(NotFound):
        ACTS["suspend"](User(), admin)


@pytest.mark.django_db(transaction=True)
def test_suspension_ends_every_session(ended: list[Any]) -> None:
    user, admin = make_user(), make_user(role=Role.ADMIN)
    session = log_in(user).session
    services.suspend_user(user_id=user.pk, actor_id=admin.pk)
    session.refresh_from_db()
    assert session.end_reason == EndReason.SUSPENDED
    assert ended == [session.pk]


def test_a_review_reaches_the_user_s_stream(user: User, support: User) -> None:
    reviewed = services.review_kyc(user_id=user.pk, actor_id=support.pk, status=KycStatus.VERIFIED, level=2)
    (event,) = events_since(user_stream(user.pk), 0, 10)
    assert (event.type, event.data) == ("kyc_updated", user_json(reviewed))
    assert event.data["kyc_level"] == 2


@pytest.mark.parametrize(
    ("status", "level"),
    [(KycStatus.VERIFIED, 0), (KycStatus.VERIFIED, 3), (KycStatus.REJECTED, 1), (KycStatus.PENDING, 2)],
)
def test_a_level_goes_with_being_verified(user: User, support: User, status: KycStatus, level: int) -> None:
    with pytest.raises(Invalid):
        services.review_kyc(user_id=user.pk, actor_id=support.pk, status=status, level=level)
    user.refresh_from_db()
    assert (user.kyc_status, user.kyc_level) == (KycStatus.NONE, 0)
    assert events_since(user_stream(user.pk), 0, 10) == []


class TestTheAdmin:
    PAGES = ("user", "session", "emailtoken", "logincounter")

    @pytest.fixture
    def browser(self, client: Browser, support: User) -> Browser:
        client.force_login(support)
        return client

    @pytest.mark.parametrize("page", PAGES)
    def test_every_model_can_be_listed_and_searched(self, browser: Browser, user: User, page: str) -> None:
        log_in(user)
        services.request_password_reset(email=user.email)
        assert browser.get(f"/admin/accounts/{page}/", {"q": user.email}).status_code == 200

    def test_no_hash_is_shown_and_nothing_can_be_edited(self, browser: Browser, user: User) -> None:
        page = browser.get(f"/admin/accounts/user/{user.pk}/change/")
        assert page.status_code == 200
        assert "argon2" not in page.content.decode()
        assert browser.post(f"/admin/accounts/user/{user.pk}/change/", {"role": "admin"}).status_code == 403
        user.refresh_from_db()
        assert user.role == Role.USER

    @pytest.mark.parametrize(
        ("action", "field", "value"),
        [
            ("suspend", "is_active", False),
            ("verify_kyc", "kyc_level", 1),
            ("reject_kyc", "kyc_status", "rejected"),
        ],
    )
    def test_actions_call_the_use_cases(
        self, browser: Browser, user: User, support: User, action: str, field: str, value: object
    ) -> None:
        chosen = {"action": action, "_selected_action": [str(user.pk), str(support.pk)]}
        assert "Say why" in browser.post("/admin/accounts/user/", chosen, follow=True).content.decode()
        chosen |= {"reason": "As we saw."}
        answer = browser.post("/admin/accounts/user/", chosen, follow=True)
        assert "You may not do this" in answer.content.decode(), "nobody acts on himself, here neither"
        for one in (user, support):
            one.refresh_from_db()
        assert getattr(user, field) == value
        assert getattr(support, field) != value

    def test_the_other_actions_work_too(self, browser: Browser) -> None:
        user = make_user(is_active=False)
        log_in(user)
        for action in ("reinstate", "log_out"):
            chosen = {"action": action, "_selected_action": [str(user.pk)], "reason": "A mistake."}
            browser.post("/admin/accounts/user/", chosen)
        user.refresh_from_db()
        assert user.is_active
        assert not Session.objects.filter(ended_at=None).exists()

    @pytest.mark.parametrize(
        ("fields", "password", "comes_in"),
        [
            ({"role": Role.ADMIN}, PASSWORD, True),
            ({"role": Role.SUPPORT}, PASSWORD, True),
            ({"role": Role.AUDITOR}, PASSWORD, True),
            ({"role": Role.ADMIN}, "wrong", False),
            ({"role": Role.ADMIN}, "", False),
            ({"role": Role.USER}, PASSWORD, False),
            ({"role": Role.ADMIN, "is_active": False}, PASSWORD, False),
        ],
    )
    def test_only_staff_log_in(self, client: Browser, fields: dict[str, Any], password: str, comes_in: bool) -> None:
        user = make_user(**fields)
        client.post("/admin/login/", {"username": user.email.upper(), "password": password})
        assert (client.get("/admin/").status_code == 200) is comes_in

    def test_its_door_has_the_lock_out_too(self, client: Browser, admin: User, travel: Travel) -> None:
        for _ in range(5):
            client.post("/admin/login/", {"username": admin.email, "password": "wrong"})
        answer = client.post("/admin/login/", {"username": admin.email, "password": PASSWORD})
        assert "Too many failed log-ins" in answer.content.decode()
        assert client.get("/admin/").status_code == 302


def test_support_may_view_and_admins_may_all() -> None:
    support, admin, auditor, user = (User(role=role) for role in (Role.SUPPORT, Role.ADMIN, Role.AUDITOR, Role.USER))
    assert auditor.has_perm("accounts.view_user")
    assert not auditor.has_perm("accounts.change_user")
    assert support.has_perms(["accounts.view_user"])
    assert not support.has_perms(["accounts.view_user", "accounts.change_user"])
    assert admin.has_perm("accounts.change_user")
    assert admin.has_module_perms("accounts")
    assert not user.has_perm("accounts.view_user")
    assert not user.has_module_perms("accounts")
    assert not User(role=Role.ADMIN, is_active=False).has_perm("accounts.view_user")
