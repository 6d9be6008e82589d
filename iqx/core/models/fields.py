from typing import Any

from django.db import models


class JsonTextField(models.JSONField):
    """JSON that is kept as the text it came as: checked, but neither taken apart nor put together again.

    For what is written much and sent on as it is; nothing inside can be queried.
    """

    def db_type(self, connection: Any) -> str:  # noqa: ANN401 as Django has it
        return "json"

    def from_db_value(self, value: Any, expression: object, connection: object) -> Any:  # noqa: ANN401
        """As psycopg has parsed it, which it does for this type and Django keeps it from doing for jsonb."""
        return value
