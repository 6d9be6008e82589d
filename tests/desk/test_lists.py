"""Lists of large tables: found by what has an index, counted no further than they can say."""

from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import User
from disputes.models import Dispute
from iqx.core import admin_lists
from tests.desk.conftest import pages_of
from tests.factories.accounts import make_user
from tests.factories.statements import recorded

pytestmark = pytest.mark.django_db


def found(staff: User, name: str, asked: str, **filters: str) -> list[Any]:
    answer = pages_of(staff).get(reverse(f"admin:{name}_changelist"), {"q": asked, **filters})
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def test_rows_are_found_by_mail_id_and_text(chief: User, buyer: User, dispute: Dispute) -> None:
    trade = dispute.trade
    assert found(chief, "accounts_user", buyer.email[:6].upper()).count(buyer) == 1
    assert found(chief, "accounts_user", str(buyer.pk)) == [buyer]
    assert found(chief, "accounts_user", buyer.display_name[2:]) == [buyer]
    assert found(chief, "accounts_user", "nobody-like-this") == []
    assert found(chief, "trades_trade", trade.reference) == [trade]
    assert found(chief, "trades_trade", trade.seller.email) == [trade]
    assert [entry.trade_id for entry in found(chief, "trades_roomentry", trade.reference)] == [trade.pk] * 3
    assert found(chief, "trades_roomentry", "") == []
    assert found(chief, "disputes_dispute", str(trade.pk), status="open") == [dispute]
    assert found(chief, "disputes_dispute", str(trade.pk), status="resolved") == []


def test_a_list_is_counted_no_further_than_it_says(chief: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        make_user()
    monkeypatch.setattr(admin_lists, "MOST", 3)
    with recorded() as statements:
        answer = pages_of(chief).get(reverse("admin:accounts_user_changelist"))
    assert answer.context["cl"].result_count == 3
    counts = [sql for sql, _ in statements if "COUNT(" in sql]
    assert all("LIMIT 3" in sql for sql in counts)
    assert counts


def test_every_list_of_ours_is_for_large_tables(chief: User) -> None:
    """Each answers to a search, and none looks through a whole table for the values of a filter."""
    client = pages_of(chief)
    for model, page in admin.site._registry.items():
        if not isinstance(page, admin_lists.LargeListAdmin):
            continue
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for asked in ("ann", str(chief.pk), "42"):
            with recorded() as statements:
                assert client.get(address, {"q": asked}).status_code == 200, address
            assert [sql for sql, _ in statements if "DISTINCT" in sql and "LIMIT" not in sql] == [], address
