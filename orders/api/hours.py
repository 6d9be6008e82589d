"""How opening hours look from outside: `{"day": "monday", "from": "09:00", "to": "17:30"}`."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers

from orders.hours import MOST_WINDOWS, Window
from orders.representations import WEEKDAYS

Body = serializers.Serializer[Any]


def clock_time(*, midnight: bool = False) -> serializers.RegexField:
    pattern = r"^([01][0-9]|2[0-3]):[0-5][0-9]$" if not midnight else r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"
    return serializers.RegexField(pattern)


class WindowSerializer(Body):
    """One that ends before it begins ends on the next day."""

    day = serializers.ChoiceField(WEEKDAYS)
    to = clock_time(midnight=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is no name for an attribute of a class."""
        fields = super().get_fields()
        return {"day": fields["day"], "from": clock_time(), "to": fields["to"]}


class NewHoursSerializer(Body):
    time_zone = serializers.CharField(max_length=64, help_text="By its IANA name, such as Europe/Berlin.")
    windows = WindowSerializer(many=True, max_length=MOST_WINDOWS)  # type: ignore[call-arg]  # the list's own


class HoursSerializer(Body):
    time_zone = serializers.CharField(allow_null=True, help_text="By its IANA name; null: there are no hours.")
    windows = WindowSerializer(many=True)
    is_open = serializers.BooleanField()
    changes_at = serializers.DateTimeField(allow_null=True, help_text="When that is looked at again.")


def read_windows(windows: Sequence[Mapping[str, str]]) -> list[Window]:
    return [Window(WEEKDAYS.index(window["day"]), _minute(window["from"]), _minute(window["to"])) for window in windows]


def _minute(clock_time: str) -> int:
    hours, minutes = clock_time.split(":")
    return int(hours) * 60 + int(minutes)
