"""Reading what the use cases of accounts want to know of a request."""

from typing import Any, cast

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from accounts.clients import Client
from accounts.models import User
from accounts.tokens import Principal
from iqx.core.api.clients import UNKNOWN, client_address, client_network


def client_of(request: HttpRequest) -> Client:
    ip = client_address(request)
    return Client(
        ip=None if ip == UNKNOWN else ip,
        network=client_network(request),
        user_agent=request.headers.get("User-Agent", ""),
    )


def parsed(serializer: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """The request's body as `serializer` reads it. Raises: ValidationError."""
    reading = serializer(data=request.data)
    reading.is_valid(raise_exception=True)
    return cast("dict[str, Any]", reading.validated_data)


def user_of(request: Request) -> User:
    """The user of a request that had to be authenticated."""
    return cast("User", request.user)


def session_of(request: Request) -> Principal:
    return cast("Principal", request.auth)
