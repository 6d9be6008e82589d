"""What moves money is done by who has just proved himself: an open session at an empty desk is not enough."""

from rest_framework.request import Request

from accounts import services
from accounts.api.permissions import IsStaffMember
from accounts.api.requests import user_of
from accounts.api.step_up import SteppedUpView, otp_of


class MoneyView(SteppedUpView):
    """An act of staff's that moves money: who has a second factor sends a code of it, as `otp` or in X-OTP.

    The code is used up before the use case begins, so it is gone even if that refuses.
    """

    permission_classes = [IsStaffMember]

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Raises: OtpRequired, OtpInvalid, OtpLocked."""
        super().initial(request, *args, **kwargs)
        user = user_of(request)
        if user.two_factor:
            services.prove_second_factor(user_id=user.pk, otp=otp_of(request))
