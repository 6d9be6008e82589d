"""Small endpoints that stand for those of the apps, and their addresses (a urlconf)."""

import threading
from typing import Any
from uuid import UUID

import psycopg_pool
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import DataError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.http import require_POST
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed, NotAcceptable, NotFound, ParseError, Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle

from iqx.core import events, transactions
from iqx.core.api.fields import AmountField, PriceField
from iqx.core.api.multipart import FILES
from iqx.core.api.pagination import paginate
from iqx.core.api.schema import api
from iqx.core.api.views import IqxView
from iqx.core.errors import Busy, Conflict, Invalid, RuleViolated
from iqx.core.events import NewEvent
from iqx.core.models import Event, Stream


class TestUser:
    is_authenticated = True

    def __init__(self, user_id: UUID) -> None:
        self.id = self.pk = user_id


class TestAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[TestUser, None] | None:
        scheme, _, user_id = request.headers.get("Authorization", "").partition(" ")
        return (TestUser(UUID(user_id)), None) if scheme == "Test" else None

    def authenticate_header(self, request: Request) -> str:
        return "Test"


def sent(request: Request, name: str, default: Any = "") -> Any:
    assert isinstance(request.data, dict)
    return request.data.get(name, default)


class View(IqxView):
    authentication_classes = [TestAuthentication]


class OpenView(View):
    permission_classes = [AllowAny]


class NoteSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=20, required=False)
    amount = AmountField(required=False)
    price = PriceField(required=False)
    limit = AmountField(required=False, allow_zero=True)
    count = serializers.IntegerField(required=False)
    lines = serializers.ListField(child=AmountField(), required=False)


class Echo(OpenView):
    @api(request=NoteSerializer, response=NoteSerializer)
    def post(self, request: Request) -> Response:
        note = NoteSerializer(data=request.data)
        note.is_valid(raise_exception=True)
        return Response(note.data)


class TooClose(Conflict):
    code = "test_too_close"
    detail = "Too close."


ERRORS: dict[str, Any] = {
    "conflict": lambda: TooClose(status_seen="open"),
    "rule": lambda: RuleViolated("Not on a Sunday."),
    "invalid": lambda: Invalid("Not a colour.", field="colour"),
    "busy": Busy,
    "not_found": NotFound,
    "parse": lambda: ParseError("What?"),
    "throttled": lambda: Throttled(wait=2.5),
    "bad_token": lambda: AuthenticationFailed("Token is expired"),
    "django_denied": PermissionDenied,
    "django_404": Http404,
    "suspicious": SuspiciousOperation,
    "django_invalid": lambda: ValidationError("Not a UUID."),
    "data": lambda: DataError("integer out of range"),
    "database_away": lambda: OperationalError("connection refused"),
    "pool": lambda: psycopg_pool.PoolTimeout("no connection after 10 s"),
    "api_500": APIException,
    "api_406": NotAcceptable,
    "too_big": RequestDataTooBig,
    "unencodable": lambda: UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    "bug": lambda: ZeroDivisionError("secret detail"),
}


class Boom(OpenView):
    def get(self, request: Request, name: str) -> Response:
        raise ERRORS[name]()


def plain_boom(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("secret detail")


@require_POST
def plain_post(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def bare_status(request: HttpRequest, status: int) -> HttpResponse:
    return HttpResponse(status=status)


class Killed(OpenView):
    """Its connection to the database is cut in the middle."""

    def get(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return Response()


class NulByte(OpenView):
    """Hands text to the database that no serializer saw."""

    def get(self, request: Request) -> Response:
        return Response({"found": Stream.objects.filter(name="a\0b").exists()})


gate = threading.Event()


@transactions.use_case
def write_note(stream: str, text: str) -> int:
    """The effect that tests look for: an event."""
    if text == "refused":
        events.append([NewEvent(stream, "note", {"text": text})])
        raise TooClose
    if text == "slow":
        gate.wait(10)
    events.append([NewEvent(stream, "note", {"text": text})])
    return events.head_of(stream)


class AsBytes(View):
    """Answers with a response of Django's own."""

    def post(self, request: Request) -> HttpResponse:
        write_note(f"user:{request.user.id}", "a")
        return HttpResponse(b'{"plain": true}', status=201, content_type="application/json")


class Note(View):
    dry_run_allowed = True

    def post(self, request: Request) -> Response:
        text = sent(request, "text")
        seq = write_note(f"user:{request.user.id}", text)
        if text == "answered 409":
            return Response({"seq": seq}, status=409)
        return Response({"seq": seq}, status=201)

    def get(self, request: Request) -> Response:
        queryset = Event.objects.filter(stream_id=f"user:{request.user.id}")
        return paginate(request, queryset, lambda event: {"seq": event.seq}, order="-id")


class NoteRequired(Note):
    idempotency_required = True


class NoteSecret(Note):
    idempotency = "off"


class NoteByStranger(Note):
    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        return Response({"seq": write_note("user:stranger", "x")}, status=201)


class NoteUpload(Note):
    parser_classes = FILES


class TwoSteps(View):
    idempotency = "two_step"
    crash = False

    def post(self, request: Request) -> Response:
        stream = f"user:{request.user.id}"
        if sent(request, "text") == "answered 409":
            return Response(status=409)
        with self.claim() as claim:
            seq = write_note(stream, sent(request, "text"))
            claim.refs = {"seq": seq}
        if TwoSteps.crash:
            raise KeyboardInterrupt
        write_note(stream, "second")
        return Response({"seq": seq, "by": "post"}, status=201)

    def recover(self, refs: Any) -> Response:
        return Response({"seq": refs["seq"], "by": "recover"}, status=201)


class ForgetsToRecover(View):
    idempotency = "two_step"

    def post(self, request: Request) -> Response:
        with self.claim() as claim:
            claim.refs = []
        raise TooClose


class ForgetsToClaim(TwoSteps):
    def post(self, request: Request) -> Response:
        return Response(status=201)


class Metered(OpenView):
    quota = "orders"

    def quota_cost(self, request: Request) -> int:
        return int(sent(request, "cost", 1)) if request.method == "POST" else 1

    def get(self, request: Request) -> Response:
        return Response({})

    def post(self, request: Request) -> Response:
        return Response({})


class Login(OpenView):
    quota = "login"

    def post(self, request: Request) -> Response:
        return Response({})


class TwentyAMinute(UserRateThrottle):
    rate = "20/min"


class MeteredByDrf(Metered):
    throttle_classes = [TwentyAMinute]


class ById(OpenView):
    def get(self, request: Request, note_id: UUID) -> Response:
        return Response({"id": note_id})


urlpatterns = [
    path("api/", include("iqx.core.api.urls")),
    path("api/v1/echo", Echo.as_view()),
    path("api/v1/boom/<str:name>", Boom.as_view()),
    path("api/v1/plain-boom", plain_boom),
    path("api/v1/plain-post", plain_post),
    path("api/v1/status/<int:status>", bare_status),
    path("api/v1/bytes", AsBytes.as_view()),
    path("api/v1/forgets-to-recover", ForgetsToRecover.as_view()),
    path("api/v1/killed", Killed.as_view()),
    path("api/v1/nul", NulByte.as_view()),
    path("api/v1/notes", Note.as_view()),
    path("api/v1/notes/required", NoteRequired.as_view()),
    path("api/v1/notes/secret", NoteSecret.as_view()),
    path("api/v1/notes/stranger", NoteByStranger.as_view()),
    path("api/v1/notes/upload", NoteUpload.as_view()),
    path("api/v1/notes/<uuid:note_id>", ById.as_view()),
    path("api/v1/two-steps", TwoSteps.as_view()),
    path("api/v1/forgets", ForgetsToClaim.as_view()),
    path("api/v1/metered", Metered.as_view()),
    path("api/v1/metered-by-drf", MeteredByDrf.as_view()),
    path("api/v1/login", Login.as_view()),
    path("page", plain_boom),
]
