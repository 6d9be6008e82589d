"""The calls about whom one trusts, and the form of a public record."""

from typing import ClassVar
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import IsStaffMember
from accounts.api.requests import parsed, user_of
from accounts.api.serializers import Body, PublicUserSerializer
from accounts.models import Flag, Relation, Rule, RuleChange
from accounts.trust.representations import change_json, limits_json, relation_json, rule_json
from accounts.trust.rules import RULES
from accounts.trust.selectors import relations_of
from accounts.trust.services import relate, tune_rule, unrelate
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.system import PublicView
from iqx.core.api.views import IqxView
from iqx.core.errors import NotFound


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


class ChangeSerializer(Body):
    actor = PublicUserSerializer()
    enabled = serializers.BooleanField()
    parameters = serializers.DictField()
    reason = serializers.CharField()
    at = serializers.DateTimeField()


class RuleSerializer(Body):
    code = serializers.CharField()
    title = serializers.CharField()
    stops = serializers.CharField(help_text="The scam that it is there for.")
    because = serializers.CharField(help_text="What people are told, with the facts filled in.")
    severity = serializers.ChoiceField(
        Flag.Severity.choices, allow_null=True, help_text="Of the flags that it raises; null: it acts by itself."
    )
    enabled = serializers.BooleanField()
    parameters = serializers.DictField(help_text="As they are in force.")
    explained = serializers.DictField(help_text="What each parameter means.")


class TuningSerializer(Body):
    enabled = serializers.BooleanField(required=False)
    parameters = serializers.DictField(required=False, help_text="Those that change.")
    reason = serializers.CharField(max_length=200, help_text="It is kept with the change.")


class RulesView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=RuleSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List the rules against scams as they are in force."""
        rows = Rule.objects.in_bulk()
        return Response([rule_json(spec, rows.get(spec.code)) for spec in RULES.values()])


class RuleView(IqxView):
    permission_classes = [IsStaffMember]

    @api(request=TuningSerializer, response=RuleSerializer)
    def patch(self, request: Request, rule_code: str) -> Response:
        """Switch a rule or change its parameters, as an admin."""
        rule = tune_rule(code=rule_code, actor=user_of(request), **parsed(TuningSerializer, request))
        return Response(rule_json(RULES[rule_code], rule))


class RuleChangesView(IqxView):
    permission_classes = [IsStaffMember]

    @api(response=ChangeSerializer, paged=True)
    def get(self, request: Request, rule_code: str) -> Response:
        """List who changed a rule, why, and to what, newest first."""
        if rule_code not in RULES:
            raise NotFound
        return paginate(request, RuleChange.objects.filter(rule_id=rule_code).select_related("actor"), change_json)


class LevelSerializer(Body):
    """USDT a day."""

    level = serializers.IntegerField(help_text="Of KYC.")
    deposit = serializers.CharField()
    trade = serializers.CharField()
    withdrawal = serializers.CharField()


class RungSerializer(Body):
    failed_trades = serializers.IntegerField(help_text="By one's own fault, within 24 hours.")
    pause_seconds = serializers.IntegerField(help_text="Counted from the last of them.")


class PlatformLimitsSerializer(Body):
    levels = LevelSerializer(many=True)
    pauses = RungSerializer(many=True)
    purchase_hold_hours = serializers.DictField(
        child=serializers.IntegerField(), help_text="Of bought USDT, by the risk class of the payment method."
    )
    new_address_hold_hours = serializers.IntegerField()
    max_live_orders = serializers.IntegerField()


class LimitsView(PublicView):
    @api(response=PlatformLimitsSerializer)
    def get(self, request: Request) -> Response:
        """Show the limits of each KYC level, the ladder of pauses, and how long withdrawals are held."""
        return Response(limits_json())
