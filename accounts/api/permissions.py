from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.errors import SecondFactorNeeded
from accounts.models import User


class IsStaffMember(BasePermission):
    """Support or admin, with a second factor where staff need one."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raises: SecondFactorNeeded."""
        return isinstance(request.user, User) and request.user.is_staff_member and _is_secured(request.user)


class IsAdmin(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raises: SecondFactorNeeded."""
        return isinstance(request.user, User) and request.user.is_admin and _is_secured(request.user)


def _is_secured(user: User) -> bool:
    if not user.is_secured:
        raise SecondFactorNeeded
    return True
