"""The room of a trade: what is written there, and by whom it was read."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsStaffMember
from accounts.api.requests import parsed, user_of
from iqx.core import files
from iqx.core.api.multipart import FILES_AND_JSON, FileBody
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.errors import Invalid
from trades import chat, room
from trades.api import serializers
from trades.escrow import Actor
from trades.services import role_of

_ORDER = OpenApiParameter("order", str, enum=["oldest", "newest"], default="oldest", description="What comes first.")
_REQUEST = {
    "application/json": serializers.NewTextSerializer,
    "multipart/form-data": serializers.NewMessageWithFileSerializer,
}


class RoomView(FileBody, IqxView):
    """A list to read and to write to; a text costs as much of the quota as five other requests."""

    parser_classes = FILES_AND_JSON

    def quota_cost(self, request: Request) -> int:
        return max(5, super().quota_cost(request)) if request.method == "POST" else 1

    def order(self, request: Request) -> str:
        asked = request.query_params.get("order", "oldest")
        if asked not in {"oldest", "newest"}:
            raise Invalid("One of oldest, newest.", field="order")
        return "key" if asked == "oldest" else "-key"

    def written(self, request: Request) -> dict[str, Any]:
        """The text, and the file after it was examined and stored."""
        said = parsed(serializers.NewMessageWithFileSerializer, request)
        upload = said.get("attachment")
        body = said.get("body", "")
        if upload is None and not body.strip():
            raise Invalid("A message needs a text or a file.", field="body")
        return {"body": body, "attachment": files.receive(upload) if upload is not None else None}


class MessagesView(RoomView):
    @api(response=serializers.RoomEntrySerializer, paged=True, parameters=[_ORDER])
    def get(self, request: Request, trade_id: UUID) -> Response:
        """List what was said and done in a trade, oldest first; steps are of kind `system`."""
        user_id = user_of(request).id
        trade, entries = room.room_of(trade_id=trade_id, user_id=user_id)
        reader, read_to = role_of(trade, user_id), trade.read_to  # type: ignore[attr-defined]
        return paginate(
            request,
            entries,
            lambda entry: room.entry_json(entry, reader=reader, read_to=read_to),
            order=self.order(request),
            prepare=room.add_messages,
        )

    @api(request=_REQUEST, response=serializers.RoomEntrySerializer, status=201)
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Write to the other party: a text, a file (form data), or both; until 72 hours after the end."""
        user_id = user_of(request).id
        trade, _ = room.room_of(trade_id=trade_id, user_id=user_id)  # before anybody's file is looked at
        message = chat.write_message(trade_id=trade_id, actor_id=user_id, **self.written(request))
        return Response(room.message_json(message, reader=role_of(trade, user_id), read=False), status=201)


class ReadView(IqxView):
    @api(request=serializers.ReadUpToSerializer, response=serializers.ReadMarkSerializer)
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Say that the messages up to a given one are read, or all of them."""
        upto = parsed(serializers.ReadUpToSerializer, request).get("message")
        mark = chat.mark_read(trade_id=trade_id, actor_id=user_of(request).id, message_id=upto)
        return Response(room.read_mark_json(mark) if mark else {"trade": str(trade_id), "message": None, "at": None})


class StaffMessagesView(RoomView):
    permission_classes = [IsStaffMember]

    @api(response=serializers.RoomEntrySerializer, paged=True, parameters=[_ORDER])
    def get(self, request: Request, trade_id: UUID) -> Response:
        """List what was said and done in any trade, oldest first."""
        return paginate(
            request,
            room.any_room(trade_id),
            lambda entry: room.entry_json(entry, reader=Actor.STAFF, read_to=None),
            order=self.order(request),
            prepare=room.add_messages,
        )

    @api(request=_REQUEST, response=serializers.RoomEntrySerializer, status=201)
    def post(self, request: Request, trade_id: UUID) -> Response:
        """Write to both parties of a trade."""
        room.any_room(trade_id)
        message = chat.write_as_staff(trade_id=trade_id, actor=user_of(request), **self.written(request))
        return Response(room.message_json(message, reader=Actor.STAFF, read=False), status=201)
