"""The calls about disputes, for staff."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsStaffMember
from accounts.api.requests import parsed, user_of
from accounts.models import User
from disputes import selectors, services
from disputes.api import serializers
from disputes.api.views import BY_STATUS, of_status
from disputes.representations import staff_dispute_json
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.errors import Invalid


class StaffView(IqxView):
    permission_classes = [IsStaffMember]


class StaffDisputesView(StaffView):
    @api(response=serializers.StaffDisputeSerializer, paged=True, parameters=[BY_STATUS])
    def get(self, request: Request) -> Response:
        """List all disputes, newest first."""
        return paginate(request, of_status(request, selectors.all_disputes()), staff_dispute_json)


class StaffDisputeView(StaffView):
    @api(response=serializers.StaffDisputeSerializer)
    def get(self, request: Request, dispute_id: UUID) -> Response:
        """Show a dispute."""
        return Response(staff_dispute_json(selectors.get_any_dispute(dispute_id)))


class AssignmentView(StaffView):
    @api(request=serializers.AssignmentSerializer, response=serializers.StaffDisputeSerializer)
    def post(self, request: Request, dispute_id: UUID) -> Response:
        """Give a dispute to a member of staff, who then reviews it."""
        body = parsed(serializers.AssignmentSerializer, request)
        assignee = _member(body["assignee"]) if "assignee" in body else None
        dispute = services.assign_dispute(dispute_id=dispute_id, actor=user_of(request), assignee=assignee)
        return Response(staff_dispute_json(dispute))


class CommentView(StaffView):
    @api(request=serializers.CommentSerializer, response=serializers.StaffDisputeSerializer, status=201)
    def post(self, request: Request, dispute_id: UUID) -> Response:
        """Ask or tell both parties something."""
        body = parsed(serializers.CommentSerializer, request)
        dispute = services.comment_on_dispute(dispute_id=dispute_id, actor=user_of(request), **body)
        return Response(staff_dispute_json(dispute), status=201)


class RulingView(StaffView):
    @api(request=serializers.RulingSerializer, response=serializers.StaffDisputeSerializer)
    def post(self, request: Request, dispute_id: UUID) -> Response:
        """Rule where the escrow goes: for admins, as support moves no money."""
        body = parsed(serializers.RulingSerializer, request)
        dispute = services.resolve_dispute(dispute_id=dispute_id, actor=user_of(request), **body)
        return Response(staff_dispute_json(dispute))


def _member(user_id: UUID) -> User:
    user = User.objects.filter(pk=user_id).first()
    if user is None or not user.is_staff:
        raise Invalid("There is no such member of staff.", field="assignee")
    return user
