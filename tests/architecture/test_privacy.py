"""Every table that knows people says what becomes of it when one of them wants his data, or to be forgotten."""

from django.apps import apps
from django.db.models import Model

from accounts.models import User
from iqx.ops.privacy.parts import PARTS


def test_every_table_that_knows_people_is_in_the_list() -> None:
    """A new model with people in it has to say what becomes of it."""
    ours = ("iqx", "accounts", "wallets", "orders", "trades", "disputes", "support")
    known = {
        model._meta.label: columns
        for model in apps.get_models()
        if model._meta.app_config.name.split(".")[0] in ours and (columns := people_in(model))
    }
    assert set(PARTS) - set(known) == set()
    listed = {label: {*part.owners, *part.others} for label, part in PARTS.items()}
    missing = {label: columns - listed.get(label, set()) for label, columns in known.items()}
    untold = {label: columns for label, columns in missing.items() if columns}
    assert untold == {}, "add these to PARTS in iqx/ops/privacy/parts.py: whose are they, what does erasure do?"


def people_in(model: type[Model]) -> set[str]:
    if model is User:
        return set()
    keys = {field.name for field in model._meta.concrete_fields if field.related_model is User}
    named = {"user_id", "owner_id", "actor_id", "subject_id"} & {field.name for field in model._meta.concrete_fields}
    return keys | named
