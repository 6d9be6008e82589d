"""The calls of `/auth`."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.api import serializers
from accounts.api.requests import client_of, parsed, session_of, user_of
from accounts.api.step_up import SteppedUpView, otp_of
from accounts.models import Session
from accounts.representations import session_json, user_json
from accounts.selectors import sessions_of
from iqx.core import clock
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.money import usdt
from orders import turnover
from wallets import limits as wallet_limits

_CODE_SENT = {"detail": "A code is on its way to that address. Confirm it at /api/v1/auth/email/verify."}
_SECURED = {"detail": "Everybody was logged out. A code with which to choose a new password is on its way by e-mail."}
_RESET_SENT = {"detail": "If there is an account with that e-mail, a code is on its way to it."}


def logged_in_json(login: services.LoggedIn) -> dict[str, Any]:
    return {"user": user_json(login.user), "access": login.tokens.access, "refresh": login.tokens.refresh}


class StrangersView(IqxView):
    """A call that proves who calls by its body: whatever token comes with it, good or bad, is ignored."""

    authentication_classes: list[type[BaseAuthentication]] = []
    permission_classes = [AllowAny]


class RegisterView(StrangersView):
    quota = "register"

    @extend_schema(
        request=serializers.RegisterSerializer,
        responses={201: serializers.LoggedInSerializer, 202: serializers.DetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Make an account.

        Where a verified e-mail is required the answer is 202, the same for a known address, and the rest comes by
        e-mail.
        """
        login = services.register(**parsed(serializers.RegisterSerializer, request), client=client_of(request))
        return Response(logged_in_json(login), status=201) if login else Response(_CODE_SENT, status=202)


class LoginView(StrangersView):
    quota = "login"

    @api(request=serializers.LoginSerializer, response=serializers.LoggedInSerializer)
    def post(self, request: Request) -> Response:
        """Exchange an e-mail and a password, and the code of a second factor if there is one, for tokens.

        After some failures the answer is `login_locked` with Retry-After, for known and unknown e-mails alike.
        """
        login = services.log_in(**parsed(serializers.LoginSerializer, request), client=client_of(request))
        return Response(logged_in_json(login))


class RefreshView(StrangersView):
    @api(request=serializers.RefreshSerializer, response=serializers.TokensSerializer)
    def post(self, request: Request) -> Response:
        """Exchange a refresh token, once, for a new pair.

        A refresh token that is used a second time ends its session, and all tokens that descend from it.
        """
        pair = services.refresh(token=parsed(serializers.RefreshSerializer, request)["refresh"])
        return Response({"access": pair.access, "refresh": pair.refresh})


class LogoutView(StrangersView):
    @api(request=serializers.RefreshSerializer, status=204)
    def post(self, request: Request) -> Response:
        """End the session of a refresh token; its sockets close."""
        services.log_out(token=parsed(serializers.RefreshSerializer, request)["refresh"])
        return Response(status=204)


class LogoutAllView(IqxView):
    @api(status=204)
    def post(self, request: Request) -> Response:
        """End all of one's sessions, this one too."""
        services.log_out_everywhere(user_id=user_of(request).pk)
        return Response(status=204)


class MeView(IqxView):
    @api(response=serializers.MeSerializer)
    def get(self, request: Request) -> Response:
        """Who one is, with what is used of one's limits."""
        user = user_of(request)
        told = user_json(user)
        used = wallet_limits.used(user) | {"trade": turnover.used(user, clock.now().date())}
        told["limits"]["used"] = {what: usdt(amount) for what, amount in used.items()}
        return Response(told)

    @api(request=serializers.ProfileSerializer, response=serializers.UserSerializer)
    def patch(self, request: Request) -> Response:
        """Change one's display name."""
        changes = parsed(serializers.ProfileSerializer, request)
        return Response(user_json(services.update_profile(user_id=user_of(request).pk, **changes)))


class PasswordChangeView(SteppedUpView):
    quota = "login"
    idempotency = "off"  # a wrong guess must stay counted, and a record's transaction would undo that

    @api(request=serializers.PasswordChangeSerializer, status=204)
    def post(self, request: Request) -> Response:
        """Change one's password; all other sessions end."""
        services.change_password(
            user=user_of(request),
            session_id=session_of(request).session_id,
            **parsed(serializers.PasswordChangeSerializer, request) | {"otp": otp_of(request)},
            client=client_of(request),
        )
        return Response(status=204)


class PasswordResetView(StrangersView):
    quota = "login"

    @api(request=serializers.EmailSerializer, response=serializers.DetailSerializer, status=202)
    def post(self, request: Request) -> Response:
        """Have a code mailed with which to choose a new password; the answer is the same for every address."""
        services.request_password_reset(**parsed(serializers.EmailSerializer, request))
        return Response(_RESET_SENT, status=202)


class PasswordResetConfirmView(StrangersView):
    quota = "login"

    @api(request=serializers.PasswordResetSerializer, response=serializers.LoggedInSerializer)
    def post(self, request: Request) -> Response:
        """Choose a new password with a mailed code: all sessions end, and a new one begins."""
        given = parsed(serializers.PasswordResetSerializer, request)
        login = services.reset_password(
            code=given["token"], password=given["password"], otp=given.get("otp", ""), client=client_of(request)
        )
        return Response(logged_in_json(login))


class NotMeView(StrangersView):
    quota = "login"

    @api(request=serializers.TokenSerializer, response=serializers.DetailSerializer)
    def post(self, request: Request) -> Response:
        """Say by the code of a security alert's mail that it wasn't oneself.

        All sessions end, all API keys are revoked, withdrawals are held, and the password has to be chosen anew.
        """
        services.disown(token=parsed(serializers.TokenSerializer, request)["token"])
        return Response(_SECURED)


class EmailVerifyView(StrangersView):
    quota = "login"

    @api(request=serializers.TokenSerializer, response=serializers.UserOnlySerializer)
    def post(self, request: Request) -> Response:
        """Prove by a mailed code that an e-mail address is one's own."""
        user = services.verify_email(code=parsed(serializers.TokenSerializer, request)["token"])
        return Response({"user": user_json(user)})


class SessionsView(IqxView):
    @api(response=serializers.SessionSerializer, paged=True)
    def get(self, request: Request) -> Response:
        """One's sessions, the newest first."""
        current = session_of(request).session_id

        def render(session: Session) -> dict[str, Any]:
            return session_json(session, current=current)

        return paginate(request, sessions_of(user_of(request).pk), render)


class SessionView(IqxView):
    @api(status=204)
    def delete(self, request: Request, session_id: UUID) -> Response:
        """End one of one's sessions; its sockets close."""
        services.end_session(user_id=user_of(request).pk, session_id=session_id)
        return Response(status=204)
