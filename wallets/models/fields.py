from collections.abc import Sequence
from typing import Any

from django.db import models

from iqx.core.money import USDT_PLACES


class UsdtField(models.DecimalField):
    """An amount of USDT: `numeric(20,6)`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **{**kwargs, "max_digits": 20, "decimal_places": USDT_PLACES})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs
