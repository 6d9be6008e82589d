"""Filters of staff's lists that know of people."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Role, User

_NOBODY = "nobody"


class AssigneeFilter(SimpleListFilter):
    """Who of staff looks after it: offers all of staff, so that no table is looked through for them."""

    title = "assignee"
    parameter_name = "assignee"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ANN401
        staff = User.objects.filter(role__in=[Role.SUPPORT, Role.ADMIN]).order_by("display_name")
        return [(_NOBODY, "nobody"), *((str(pk), name) for pk, name in staff.values_list("pk", "display_name"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if chosen is None:
            return queryset
        return queryset.filter(assignee=None) if chosen == _NOBODY else queryset.filter(assignee=chosen)
