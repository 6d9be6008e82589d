"""The calls about tickets, for those who ask."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.requests import parsed, user_of
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.errors import Invalid
from support import selectors, services
from support.api import serializers
from support.models import Ticket
from support.representations import ticket_json

BY_STATUS = OpenApiParameter("status", str, enum=Ticket.Status.values)


def of_status(request: Request, tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Those that `?status=` asks for. Raises: Invalid."""
    status = request.query_params.get("status")
    if status is None:
        return tickets
    if status not in Ticket.Status.values:
        raise Invalid("There is no such status.", field="status")
    return tickets.filter(status=status)


class TicketsView(IqxView):
    @api(response=serializers.TicketSerializer, paged=True, parameters=[BY_STATUS])
    def get(self, request: Request) -> Response:
        """List own tickets, newest first."""
        return paginate(request, of_status(request, selectors.tickets_of(user_of(request).id)), ticket_json)

    @api(request=serializers.NewTicketSerializer, response=serializers.TicketSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Ask staff something."""
        body = parsed(serializers.NewTicketSerializer, request)
        return Response(ticket_json(services.open_ticket(user=user_of(request), **body)), status=201)


class TicketView(IqxView):
    @api(response=serializers.TicketSerializer)
    def get(self, request: Request, ticket_id: UUID) -> Response:
        """Show an own ticket."""
        return Response(ticket_json(selectors.get_ticket(ticket_id=ticket_id, user_id=user_of(request).id)))


class TicketMessagesView(IqxView):
    @api(request=serializers.NewMessageSerializer, response=serializers.TicketSerializer, status=201)
    def post(self, request: Request, ticket_id: UUID) -> Response:
        """Write on in an own ticket; answers with the whole of it."""
        body = parsed(serializers.NewMessageSerializer, request)
        return Response(ticket_json(services.reply(ticket_id=ticket_id, user=user_of(request), **body)), status=201)


class TicketCloseView(IqxView):
    @api(response=serializers.TicketSerializer)
    def post(self, request: Request, ticket_id: UUID) -> Response:
        """Close an own ticket."""
        return Response(ticket_json(services.close_own_ticket(ticket_id=ticket_id, user=user_of(request))))
