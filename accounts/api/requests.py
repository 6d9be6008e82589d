"""Reading what the use cases of accounts want to know of a request."""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from django.http import HttpRequest
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.settings import api_settings

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


@cache
def reader(serializer: type[Serializer[Any]]) -> Callable[[object], dict[str, Any]]:
    """What reads bodies of a kind that comes often: its fields are made once, not anew for each.

    For serializers that keep nothing of what they read. What it returns raises: ValidationError.
    """
    reading = serializer()

    def read(body: object) -> dict[str, Any]:
        try:
            return cast("dict[str, Any]", reading.run_validation(body))
        except ValidationError as error:
            raise ValidationError(_as_fields(error.detail)) from error

    return read


def _as_fields(detail: Any) -> Any:  # noqa: ANN401 as the framework has it
    """What is wrong with the body as a whole, said as the framework says it of a serializer with data."""
    return {api_settings.NON_FIELD_ERRORS_KEY: detail} if isinstance(detail, list) else detail


def user_of(request: Request) -> User:
    """The user of a request that had to be authenticated."""
    return cast("User", request.user)


def session_of(request: Request) -> Principal:
    return cast("Principal", request.auth)
