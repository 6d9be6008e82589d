"""The calls about whom one trusts, and the form of a public record."""

from typing import ClassVar
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.requests import parsed, user_of
from accounts.api.serializers import Body, PublicUserSerializer
from accounts.models import Relation
from accounts.trust.representations import relation_json
from accounts.trust.selectors import relations_of
from accounts.trust.services import relate, unrelate
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView


class OwnerSerializer(PublicUserSerializer):
    """A person with his public record; the worker counts it some seconds after a trade ends."""

    completed_trades = serializers.IntegerField(help_text="That ended in a sale.")
    failed_trades = serializers.IntegerField(help_text="That ended without a sale, by his fault.")
    completion_rate = serializers.CharField(allow_null=True, help_text="Completed of completed and failed; 0 to 1.")
    trades_30d = serializers.IntegerField(help_text="Completed in the last 30 days.")
    partners = serializers.IntegerField(help_text="Different people in completed trades.")
    pay_seconds = serializers.IntegerField(allow_null=True, help_text="To pay, on average of 30 days.")
    release_seconds = serializers.IntegerField(allow_null=True, help_text="To release, on average of 30 days.")
    rating = serializers.CharField(allow_null=True, help_text="Average of 1 to 5.")
    ratings = serializers.IntegerField()
    first_trade_at = serializers.DateTimeField(allow_null=True)


class TraderSerializer(OwnerSerializer):
    kyc_level = serializers.IntegerField()
    member_since = serializers.DateTimeField()


class NewRelationSerializer(Body):
    user = serializers.UUIDField(help_text="The other person's id, as trades and offers show it.")


class RelationSerializer(Body):
    user = PublicUserSerializer()
    created_at = serializers.DateTimeField()


class RelationsView(IqxView):
    """One of one's lists of other people."""

    kind: ClassVar[Relation.Kind]

    def listed(self, request: Request) -> Response:
        return paginate(request, relations_of(user_of(request).pk, self.kind), relation_json)

    def add(self, request: Request) -> Response:
        other_id = parsed(NewRelationSerializer, request)["user"]
        relation, is_new = relate(owner_id=user_of(request).pk, other_id=other_id, kind=self.kind)
        return Response(relation_json(relation), status=201 if is_new else 200)


class BlocksView(RelationsView):
    kind = Relation.Kind.BLOCK

    @api(response=RelationSerializer, paged=True)
    def get(self, request: Request) -> Response:
        """List whom one has blocked, the newest first."""
        return self.listed(request)

    @api(request=NewRelationSerializer, response=RelationSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Block somebody: no order of his is matched with one's own any more, and he is not told.

        Trades that are under way go on. A favourite is one no longer. Who is blocked already is answered with 200.
        """
        return self.add(request)


class BlockView(IqxView):
    @api(status=204)
    def delete(self, request: Request, blocked_id: UUID) -> Response:
        """Lift a block."""
        unrelate(owner_id=user_of(request).pk, other_id=blocked_id, kind=Relation.Kind.BLOCK)
        return Response(status=204)


class FavouritesView(RelationsView):
    kind = Relation.Kind.FAVOURITE

    @api(response=RelationSerializer, paged=True)
    def get(self, request: Request) -> Response:
        """List one's favourite traders, the newest first."""
        return self.listed(request)

    @api(request=NewRelationSerializer, response=RelationSerializer, status=201)
    def post(self, request: Request) -> Response:
        """Keep a trader in mind; who is a favourite already is answered with 200."""
        return self.add(request)


class FavouriteView(IqxView):
    @api(status=204)
    def delete(self, request: Request, favourite_id: UUID) -> Response:
        """Take a trader off one's favourites."""
        unrelate(owner_id=user_of(request).pk, other_id=favourite_id, kind=Relation.Kind.FAVOURITE)
        return Response(status=204)
