"""The calls about disputes, for staff."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsStaffMember
from accounts.api.requests import parsed, user_of
from accounts.api.staff_money import MoneyView
from accounts.models import User
from disputes import selectors, services
from disputes.api import serializers
from disputes.api.views import BY_STATUS, of_status
from disputes.history import history_of
from disputes.representations import staff_dispute_json
from iqx.core import audit
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


class StaffDisputeView(IqxView):
    @api(response=serializers.DossierSerializer)
    def get(self, request: Request, dispute_id: UUID) -> Response:
        """Show a dispute with both parties' history: to staff, and to who was called in as a helper."""
        dispute = selectors.get_dispute_to_handle(dispute_id=dispute_id, reader=user_of(request))
        audit.reading_as(user_of(request).pk)
        return Response(staff_dispute_json(dispute) | {"history": history_of(dispute)})


class AssignmentView(StaffView):
    @api(request=serializers.AssignmentSerializer, response=serializers.StaffDisputeSerializer)
    def post(self, request: Request, dispute_id: UUID) -> Response:
        """Give a dispute to a member of staff, who then reviews it."""
        body = parsed(serializers.AssignmentSerializer, request)
        assignee = _member(body.pop("assignee")) if "assignee" in body else None
        services.assign_dispute(dispute_id=dispute_id, actor=user_of(request), assignee=assignee, **body)
        return _shown(dispute_id)


class CommentView(StaffView):
    @api(request=serializers.CommentSerializer, response=serializers.StaffDisputeSerializer, status=201)
    def post(self, request: Request, dispute_id: UUID) -> Response:
        """Ask or tell both parties something."""
        body = parsed(serializers.CommentSerializer, request)
        services.comment_on_dispute(dispute_id=dispute_id, actor=user_of(request), **body)
        return _shown(dispute_id, status=201)


class NoteView(StaffView):
    @api(request=serializers.NoteSerializer, response=serializers.StaffDisputeSerializer, status=201)
    def post(self, request: Request, dispute_id: UUID) -> Response:
        """Note something that staff alone read."""
        body = parsed(serializers.NoteSerializer, request)
        services.note_on_dispute(dispute_id=dispute_id, actor=user_of(request), **body)
        return _shown(dispute_id, status=201)


class HelpersView(StaffView):
    @api(request=serializers.HelperSerializer, response=serializers.StaffDisputeSerializer, status=201)
    def post(self, request: Request, dispute_id: UUID) -> Response:
        """Let somebody read this dispute, and do nothing in it."""
        body = parsed(serializers.HelperSerializer, request)
        helper = User.objects.filter(pk=body.pop("user"), is_active=True).first()
        if helper is None:
            raise Invalid("There is no such person.", field="user")
        services.add_helper(dispute_id=dispute_id, actor=user_of(request), helper=helper, **body)
        return _shown(dispute_id, status=201)


class HelperView(StaffView):
    @api(status=204)
    def delete(self, request: Request, dispute_id: UUID, user_id: UUID) -> Response:
        """Let a helper read no more."""
        services.remove_helper(dispute_id=dispute_id, actor=user_of(request), helper_id=user_id)
        return Response(status=204)


class RulingView(MoneyView):
    @api(request=serializers.RulingSerializer, response=serializers.StaffDisputeSerializer)
    def post(self, request: Request, dispute_id: UUID) -> Response:
        """Rule where the escrow goes, or who was right: for admins, as support moves no money.

        Above a limit this proposes the ruling, which another admin confirms; until then the dispute is `in_review`.
        """
        body = parsed(serializers.RulingSerializer, request)
        services.resolve_dispute(dispute_id=dispute_id, actor=user_of(request), **body)
        return _shown(dispute_id)


class ConfirmationView(MoneyView):
    @api(request=serializers.ConfirmationSerializer, response=serializers.StaffDisputeSerializer)
    def post(self, request: Request, dispute_id: UUID) -> Response:
        """Make, as a second admin, the ruling that another one proposed."""
        body = parsed(serializers.ConfirmationSerializer, request)
        services.confirm_ruling(dispute_id=dispute_id, actor=user_of(request), ruling_id=body.pop("ruling"), **body)
        return _shown(dispute_id)


def _shown(dispute_id: UUID, *, status: int = 200) -> Response:
    return Response(staff_dispute_json(selectors.get_any_dispute(dispute_id)), status=status)


def _member(user_id: UUID) -> User:
    user = User.objects.filter(pk=user_id).first()
    if user is None or not user.may_act:
        raise Invalid("There is no such member of staff.", field="assignee")
    return user
