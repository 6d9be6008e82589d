"""The entrance's part in step-up: attempts are counted before the transaction that checks them begins."""

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts import login_guard
from accounts.models import User
from iqx.core.api.throttling import QuotaThrottle
from iqx.core.api.views import IqxView

HEADER = "X-OTP"


def otp_of(request: Request) -> str:
    """The code that came with a request: in its body as `otp`, or, where there is no body, in the header X-OTP."""
    body = request.data if isinstance(request.data, dict) else {}
    otp = body.get("otp") or request.headers.get(HEADER, "")
    return otp if isinstance(otp, str) else ""


class OtpThrottle(BaseThrottle):
    """Counts an attempt at the second factor of who has one; `step_up.prove` takes the count back."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Raises: OtpLocked."""
        user = request.user
        otp = otp_of(request)
        if isinstance(user, User) and user.two_factor and otp:
            login_guard.admit_otp(user.pk, otp)
        return True


class SteppedUpView(IqxView):
    """An endpoint whose use case demands the second factor: hand it `otp_of(request)`."""

    throttle_classes = [QuotaThrottle, OtpThrottle]
