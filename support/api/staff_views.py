"""The calls about tickets, for staff."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsStaffMember
from accounts.api.requests import parsed, user_of
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from support import selectors, services
from support.api import serializers
from support.api.views import BY_STATUS, of_status
from support.representations import staff_ticket_json


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


class AnswerView(StaffView):
    @api(request=serializers.NewMessageSerializer, response=serializers.StaffTicketSerializer, status=201)
    def post(self, request: Request, ticket_id: UUID) -> Response:
        """Answer a ticket, which then waits for its owner."""
        body = parsed(serializers.NewMessageSerializer, request)
        ticket = services.answer_ticket(ticket_id=ticket_id, actor=user_of(request), **body)
        return Response(staff_ticket_json(ticket), status=201)


class StaffCloseView(StaffView):
    @api(response=serializers.StaffTicketSerializer)
    def post(self, request: Request, ticket_id: UUID) -> Response:
        """Close a ticket."""
        return Response(staff_ticket_json(services.close_ticket(ticket_id=ticket_id, actor=user_of(request))))
