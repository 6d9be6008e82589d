"""The calls about tickets, for staff."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsStaffMember
from accounts.api.requests import parsed, user_of
from accounts.api.serializers import ExplainedSerializer
from accounts.models import User
from iqx.core.api.multipart import FILES_AND_JSON, FileBody
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.errors import Invalid
from support import selectors, services
from support.api import serializers
from support.api.views import BY_STATUS, MESSAGE, of_status, received_in
from support.canned import add_canned_answer, delete_canned_answer
from support.representations import canned_json, staff_ticket_json


class StaffView(IqxView):
    permission_classes = [IsStaffMember]


class StaffTicketsView(StaffView):
    @api(response=serializers.StaffTicketSerializer, paged=True, parameters=[BY_STATUS])
    def get(self, request: Request) -> Response:
        """List all tickets, newest first."""
        return paginate(request, of_status(request, selectors.all_tickets()), staff_ticket_json)


class StaffTicketView(StaffView):
    @api(response=serializers.StaffTicketSerializer)
    def get(self, request: Request, ticket_id: UUID) -> Response:
        """Show a ticket."""
        return Response(staff_ticket_json(selectors.get_any_ticket(ticket_id)))


class AnswerView(FileBody, StaffView):
    parser_classes = FILES_AND_JSON

    @api(request=MESSAGE, response=serializers.StaffTicketSerializer, status=201)
    def post(self, request: Request, ticket_id: UUID) -> Response:
        """Answer a ticket, with files if need be; it then waits for its owner."""
        body = parsed(serializers.NewMessageSerializer, request)
        selectors.get_any_ticket(ticket_id)
        actor = user_of(request)
        ticket = services.answer_ticket(ticket_id=ticket_id, actor=actor, received=received_in(request), **body)
        return Response(staff_ticket_json(ticket), status=201)


class TicketAssignmentView(StaffView):
    @api(request=serializers.TicketAssignmentSerializer, response=serializers.StaffTicketSerializer)
    def post(self, request: Request, ticket_id: UUID) -> Response:
        """Give a ticket to a member of staff."""
        body = parsed(serializers.TicketAssignmentSerializer, request)
        assignee = _member(body.pop("assignee")) if "assignee" in body else None
        ticket = services.assign_ticket(ticket_id=ticket_id, actor=user_of(request), assignee=assignee, **body)
        return Response(staff_ticket_json(ticket))


class StaffCloseView(StaffView):
    @api(request=ExplainedSerializer, response=serializers.StaffTicketSerializer)
    def post(self, request: Request, ticket_id: UUID) -> Response:
        """Close a ticket."""
        body = parsed(ExplainedSerializer, request)
        return Response(staff_ticket_json(services.close_ticket(ticket_id=ticket_id, actor=user_of(request), **body)))


class ServiceView(StaffView):
    @api(response=serializers.ServiceSerializer)
    def get(self, request: Request) -> Response:
        """Tell how the tickets of the last 30 days were served."""
        return Response(selectors.service())


class CannedAnswersView(StaffView):
    @api(response=serializers.CannedAnswerSerializer, paged=True)
    def get(self, request: Request) -> Response:
        """List the canned answers, newest first."""
        return paginate(request, selectors.canned_answers(), canned_json)

    @api(request=serializers.NewCannedAnswerSerializer, response=serializers.CannedAnswerSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Keep an answer that is given often."""
        body = parsed(serializers.NewCannedAnswerSerializer, request)
        return Response(canned_json(add_canned_answer(actor=user_of(request), **body)), status=201)


class CannedAnswerView(StaffView):
    @api(status=204)
    def delete(self, request: Request, canned_id: UUID) -> Response:
        """Forget a canned answer; what was sent stays."""
        delete_canned_answer(actor=user_of(request), canned_id=canned_id)
        return Response(status=204)


def _member(user_id: UUID) -> User:
    user = User.objects.filter(pk=user_id).first()
    if user is None or not user.may_act:
        raise Invalid("There is no such member of staff.", field="assignee")
    return user
