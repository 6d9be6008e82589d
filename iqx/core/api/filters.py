"""Filters of lists, declared with django-filter; a value that makes no sense is an error, not an empty list."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django_filters import FilterSet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

M = TypeVar("M", bound=Model)


def filtered(filters: type[FilterSet], request: Request, queryset: QuerySet[M]) -> QuerySet[M]:
    """The rows that the query's parameters name.

    Raises:
        ValidationError: a parameter's value is not one that it can have.
    """
    if not any(name.startswith(tuple(filters.base_filters)) for name in request.query_params):
        return queryset
    chosen: Any = filters(request.query_params, queryset=queryset, request=request)
    if not chosen.is_valid():
        raise ValidationError({name: [str(e) for e in errors] for name, errors in chosen.errors.items()})
    rows: QuerySet[M] = chosen.qs
    return rows


def parameters_of(filters: type[FilterSet]) -> list[OpenApiParameter]:
    """What `filters` takes, for the OpenAPI document."""
    return [_parameter(name, field) for name, field in filters.base_filters.items()]


def _parameter(name: str, declared: Any) -> OpenApiParameter:  # noqa: ANN401 a filter of any kind
    choices = declared.extra.get("choices")
    values = [str(value) for value, _ in choices] if choices else None
    return OpenApiParameter(name, str, enum=values, description=declared.extra.get("help_text", ""))
