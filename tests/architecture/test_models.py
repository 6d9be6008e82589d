"""What every model and every error of the platform has in common."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import FloatField, ForeignKey, Model, UniqueConstraint
from django.urls import get_resolver

from iqx.core.errors import DomainError

LAYERS = {
    "core": 0,
    "accounts": 1,
    "notices": 1.5,
    "wallets": 2,
    "orders": 3,
    "trades": 4,
    "disputes": 5,
    "support": 5,
    "desk": 6,
}
OURS = [model for model in apps.get_models() if model._meta.app_label in LAYERS]
PEERS = {"disputes": "support", "support": "disputes"}


def name_of(model: type[Model]) -> str:
    return model._meta.label


def test_the_layers_are_all_there() -> None:
    """Control: the tests below look at every app."""
    assert {model._meta.app_label for model in OURS} == set(LAYERS)
    assert len(OURS) >= 20


def points_upwards(model: type[Model], target: type[Model]) -> bool:
    mine, its = model._meta.app_label, target._meta.app_label
    return its in LAYERS and (LAYERS[its] > LAYERS[mine] or PEERS.get(mine) == its)


@pytest.mark.parametrize("model", OURS, ids=name_of)
def test_foreign_keys_point_downwards(model: type[Model]) -> None:
    """Also those that are named by a string, which no import contract sees."""
    targets = [field.related_model for field in model._meta.get_fields() if isinstance(field, ForeignKey)]
    assert [target for target in targets if points_upwards(model, target)] == []


def test_a_foreign_key_upwards_would_be_seen() -> None:
    """Control: from orders to a trade is upwards, from a trade to an order is not."""
    order, trade = apps.get_model("orders.Order"), apps.get_model("trades.Trade")
    assert points_upwards(order, trade)
    assert not points_upwards(trade, order)
    assert points_upwards(apps.get_model("support.Ticket"), apps.get_model("disputes.Dispute"))


@pytest.mark.parametrize("model", OURS, ids=name_of)
def test_no_model_has_a_float(model: type[Model]) -> None:
    assert [field.name for field in model._meta.get_fields() if isinstance(field, FloatField)] == []


@pytest.mark.parametrize("model", OURS, ids=name_of)
def test_constraints_are_named_after_their_app_and_model(model: type[Model]) -> None:
    prefix = f"{model._meta.app_label}_{model._meta.model_name}_"
    assert [c.name for c in model._meta.constraints if not re.fullmatch(prefix + r"[a-z0-9_]+", c.name)] == []


@pytest.mark.parametrize("model", OURS, ids=name_of)
def test_every_model_says_what_it_is_as_text(model: type[Model]) -> None:
    assert model.__str__ is not Model.__str__


@pytest.mark.parametrize("model", OURS, ids=name_of)
def test_every_model_has_its_place_in_the_admin(model: type[Model]) -> None:
    """On a page of its own, or in that of what it belongs to."""
    get_resolver().url_patterns  # noqa: B018 loads every admin module
    inlines = {inline.model for shown in admin.site._registry.values() for inline in shown.inlines}
    assert model in admin.site._registry or model in inlines


def test_uniqueness_is_declared_by_constraints() -> None:
    """`unique_together` has no name to refuse by."""
    assert [model for model in OURS if model._meta.unique_together] == []
    assert any(isinstance(c, UniqueConstraint) for model in OURS for c in model._meta.constraints)


def errors(root: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    for error in root.__subclasses__():
        if not error.__module__.startswith("tests."):
            yield error
            yield from errors(error)


def test_every_error_has_a_code_of_its_own() -> None:
    """Clients branch on codes; a class that only narrows another's message may share its code."""
    owners = [error for error in set(errors()) if "code" in vars(error)]
    shared = {code: n for code, n in Counter(error.code for error in owners).items() if n > 1}
    assert shared == {}
    assert len(owners) >= 20


@pytest.mark.parametrize("error", sorted(set(errors()), key=str), ids=lambda e: e.__name__)
def test_every_error_says_what_is_wrong(error: type[DomainError]) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", error.code)
    assert 400 <= error.status < 600
    text: Any = error.detail
    assert text.endswith((".", "?"))
    assert text != DomainError.detail
