"""The calls about tickets, for those who ask."""

from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.requests import parsed, user_of
from iqx.core import files
from iqx.core.api.multipart import FILES_AND_JSON, FileBody
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.errors import Invalid
from iqx.core.files import Received
from support import selectors, services
from support.api import serializers
from support.models import Ticket
from support.representations import ticket_json

MESSAGE: Final = {
    "application/json": serializers.NewMessageSerializer,
    "multipart/form-data": serializers.NewMessageFormSerializer,
}
BY_STATUS = OpenApiParameter("status", str, enum=Ticket.Status.values)


def of_status(request: Request, tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Those that `?status=` asks for. Raises: Invalid."""
    status = request.query_params.get("status")
    if status is None:
        return tickets
    if status not in Ticket.Status.values:
        raise Invalid("There is no such status.", field="status")
    return tickets.filter(status=status)


def received_in(request: Request) -> list[Received]:
    """The files of a form, in fields of any name, examined and stored.

    Raises: FileRefused, FileUnreadable, FileTooLarge.
    """
    uploads = [upload for _, several in request.FILES.lists() for upload in several]
    return [files.receive(upload) for upload in uploads]


class TicketsView(FileBody, IqxView):
    parser_classes = FILES_AND_JSON

    @api(response=serializers.TicketSerializer, paged=True, parameters=[BY_STATUS])
    def get(self, request: Request) -> Response:
        """List own tickets, newest first."""
        return paginate(request, of_status(request, selectors.tickets_of(user_of(request).id)), ticket_json)

    @api(
        request={
            "application/json": serializers.NewTicketSerializer,
            "multipart/form-data": serializers.NewTicketFormSerializer,
        },
        response=serializers.TicketSerializer,
        status=201,
    )
    def post(self, request: Request) -> Response:
        """Ask staff something, with files if need be."""
        body = parsed(serializers.NewTicketSerializer, request)
        ticket = services.open_ticket(user=user_of(request), received=received_in(request), **body)
        return Response(ticket_json(ticket), status=201)


class TicketView(IqxView):
    @api(response=serializers.TicketSerializer)
    def get(self, request: Request, ticket_id: UUID) -> Response:
        """Show an own ticket."""
        return Response(ticket_json(selectors.get_ticket(ticket_id=ticket_id, user_id=user_of(request).id)))


class TicketMessagesView(FileBody, IqxView):
    parser_classes = FILES_AND_JSON

    @api(request=MESSAGE, response=serializers.TicketSerializer, status=201)
    def post(self, request: Request, ticket_id: UUID) -> Response:
        """Write on in an own ticket, with files if need be; answers with the whole of it."""
        body = parsed(serializers.NewMessageSerializer, request)
        user = user_of(request)
        selectors.get_ticket(ticket_id=ticket_id, user_id=user.id)  # nobody's files are looked into for nothing
        ticket = services.reply(ticket_id=ticket_id, user=user, received=received_in(request), **body)
        return Response(ticket_json(ticket), status=201)


class TicketCloseView(IqxView):
    @api(response=serializers.TicketSerializer)
    def post(self, request: Request, ticket_id: UUID) -> Response:
        """Close an own ticket."""
        return Response(ticket_json(services.close_own_ticket(ticket_id=ticket_id, user=user_of(request))))


class TicketRatingView(IqxView):
    @api(request=serializers.RatingSerializer, response=serializers.TicketSerializer, status=201)
    def post(self, request: Request, ticket_id: UUID) -> Response:
        """Say how satisfied one is with one's closed ticket, once."""
        body = parsed(serializers.RatingSerializer, request)
        ticket = services.rate_ticket(ticket_id=ticket_id, user=user_of(request), **body)
        return Response(ticket_json(ticket), status=201)
