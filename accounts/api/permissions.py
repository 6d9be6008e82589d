from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.errors import SecondFactorNeeded
from accounts.models import Role, User
from iqx.core import audit


class IsStaffMember(BasePermission):
    """Support or admin, and an auditor to read; with a second factor where staff need one."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raises: SecondFactorNeeded."""
        user = request.user
        if not (isinstance(user, User) and user.is_staff_member and _is_secured(user)):
            return False
        audit.reading_as(user.pk)
        return request.method in SAFE_METHODS or user.may_act


class ReadsTheTrail(BasePermission):
    """Admins and auditors: who is in the trail himself, as support is, doesn't read what others did."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raises: SecondFactorNeeded."""
        user = request.user
        return isinstance(user, User) and user.role in {Role.ADMIN, Role.AUDITOR} and _is_secured(user)


class IsAdmin(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raises: SecondFactorNeeded."""
        return isinstance(request.user, User) and request.user.is_admin and _is_secured(request.user)


def _is_secured(user: User) -> bool:
    if not user.is_secured:
        raise SecondFactorNeeded
    return True
