"""Staff's lists of large tables: no page counts, sorts or searches through all of millions of rows.

* A list is counted up to `MOST` and no further; what lies beyond is found by a search.
* A search looks each of its fields up by itself, in the index that the field has. Texts, which have none, are looked
  for in the newest rows alone.
* A filter offers the values that the newest rows have.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.contrib.admin import AllValuesFieldListFilter
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

MOST: Final = 10_000
_FOUND: Final = 500
_NEWEST: Final = 50_000
_VALUES_OF: Final = 1_000


class CappedPaginator(Paginator):
    """Knows no more rows than `MOST`."""

    @cached_property
    def count(self) -> int:
        return int(self.object_list.order_by()[:MOST].count())  # type: ignore[attr-defined]


class RecentValuesFilter(AllValuesFieldListFilter):
    """Offers what the newest rows have, where Django would look through all of them."""

    def __init__(
        self,
        field: Any,  # noqa: ANN401
        request: HttpRequest,
        params: dict[str, Any],
        model: type[Model],
        model_admin: Any,  # noqa: ANN401
        field_path: str,
    ) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        newest = model_admin.get_queryset(request).order_by("-pk").values_list(field.name, flat=True)[:_VALUES_OF]
        self.lookup_choices = sorted(set(newest), key=str)  # type: ignore[assignment]


class LargeListAdmin(ModelAdmin):  # type: ignore[misc]
    """The list of a table that may have millions of rows."""

    show_full_result_count = False
    list_per_page = 50
    paginator: Any = CappedPaginator

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [self._quick(each) for each in super().get_list_filter(request)]

    def _quick(self, chosen: Any) -> Any:  # noqa: ANN401 any of what Django knows as a filter
        if not isinstance(chosen, str):
            return chosen
        field = get_fields_from_path(self.model, chosen)[-1]
        has_own = field.choices or field.is_relation or isinstance(field, models.BooleanField | models.DateField)
        return chosen if has_own else (chosen, RecentValuesFilter)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found: set[Any] = set()
        for rows in self._looked_up(self.get_search_fields(request), term):
            found.update(rows.order_by().values_list("pk", flat=True)[:_FOUND])
        return queryset.filter(pk__in=found), False

    def _looked_up(self, fields: Any, term: str) -> Iterator[QuerySet[Model]]:  # noqa: ANN401 names of fields
        rows = self.model._default_manager.all()  # noqa: SLF001 Django's own name for it
        for searched in fields:
            name = searched.lstrip("=^@")
            field = _field_of(self.model, name)
            if isinstance(field, models.UUIDField):
                if key := _uuid(term):
                    yield rows.filter(**{name: key})
            elif isinstance(field, models.EmailField):
                yield rows.filter(**{f"{name}__startswith": term.lower()})
            elif searched.startswith("="):
                if not isinstance(field, models.IntegerField):
                    yield rows.filter(**{name: term})
                elif term.isdecimal():
                    yield rows.filter(**{name: int(term)})
            else:
                newest = rows.order_by("-pk").values("pk")[:_NEWEST]
                yield rows.filter(pk__in=newest, **{f"{name}__icontains": term})


def _field_of(model: type[Model], name: str) -> "models.Field[Any, Any] | None":
    try:
        field = get_fields_from_path(model, name)[-1]
    except FieldDoesNotExist:
        return None
    return getattr(field, "target_field", field) if field.is_relation else field


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
