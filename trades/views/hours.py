"""Opening hours: rows of days with the times between which one's orders are in the book."""

import zoneinfo
from collections.abc import Iterable
from datetime import time
from functools import cached_property
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import dates, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iqx.web.members import MemberForm
from iqx.web.pages import ActionPage, Context, go
from orders import hours
from orders.hours import MOST_WINDOWS, Window
from orders.models import OpeningHours
from orders.selectors import pending_markets_of
from trades.api.placing import match_markets

SPARE: Final = 2
_MOST_ROWS: Final = 20
_DAYS: Final = [(str(number), dates.WEEKDAYS_ABBR[number]) for number in range(7)]
_USUAL: Final = {"days": ["0", "1", "2", "3", "4"], "start": time(9), "end": time(18)}


def _clock_field(label: str) -> forms.TimeField:
    return forms.TimeField(required=False, label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


class RowForm(forms.Form):
    """Days, and between when; one that ends before it begins ends on the next day."""

    days = forms.MultipleChoiceField(
        required=False, choices=_DAYS, label=gettext_lazy("Days"), widget=forms.CheckboxSelectMultiple
    )
    start = _clock_field(gettext_lazy("From"))  # type: ignore[arg-type]  # read when it is rendered
    end = _clock_field(gettext_lazy("To"))  # type: ignore[arg-type]

    def clean(self) -> None:
        given = self.cleaned_data
        said = [bool(given.get("days")), given.get("start") is not None, given.get("end") is not None]
        if any(said) and not all(said):
            raise ValidationError(_("Give days and both times, or leave the row empty."), code="incomplete")

    def windows(self) -> list[Window]:
        given = self.cleaned_data
        return [Window(int(day), _minute(given["start"]), _minute(given["end"])) for day in given.get("days", ())]


RowFormSet = forms.formset_factory(RowForm, extra=SPARE, max_num=_MOST_ROWS)


class HoursForm(forms.Form):
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 as Django has it
        super().__init__(*args, **options)
        zones = sorted(name for name in zoneinfo.available_timezones() if _is_a_place(name))
        self.fields["time_zone"].choices = [(name, name.replace("_", " ")) for name in zones]  # type: ignore[attr-defined]


class HoursPage(MemberForm):
    template = "trades/hours.html"
    form_class = HoursForm

    def title(self) -> str:
        return _("Opening hours")

    @cached_property
    def kept(self) -> OpeningHours | None:
        return OpeningHours.objects.filter(pk=self.member.pk).first()

    def initial(self) -> Context:
        zone = self.kept.time_zone if self.kept else timezone.get_current_timezone_name()
        return {"time_zone": zone if _is_a_place(zone) else "UTC"}

    @cached_property
    def rows(self) -> Any:  # noqa: ANN401 Django makes the class
        if self.request.method == "POST":
            return RowFormSet(self.request.POST)
        return RowFormSet(initial=_rows(self.kept.windows) if self.kept else [_USUAL])

    def context(self) -> Context:
        return super().context() | {"rows": self.rows, "kept": self.kept}

    def submit(self, form: Any) -> HttpResponseBase:  # noqa: ANN401 its own form
        if not self.rows.is_valid():
            return self.render(422, form=form)
        windows = [window for row in self.rows for window in row.windows()]
        if not 0 < len(windows) <= MOST_WINDOWS:
            told = _("Give at least one row.") if not windows else _("That is more than can be kept.")
            form.add_error(None, told)
            return self.render(422, form=form)
        hours.set_hours(user_id=self.member.pk, time_zone=form.cleaned_data["time_zone"], windows=windows)
        match_markets(pending_markets_of(self.member.pk))
        messages.success(self.request, _("Your orders keep these hours from now on."))
        return go("web:opening-hours")


class DropHours(ActionPage):
    def act(self) -> str:
        hours.drop_hours(user_id=self.member.pk)
        match_markets(pending_markets_of(self.member.pk))
        return _("You are always open again.")

    def next_page(self) -> str:
        return resolve_url("web:opening-hours")


def _rows(windows: Iterable[Iterable[int]]) -> list[dict[str, Any]]:
    """The windows that are kept, those of the same times in one row."""
    rows: dict[tuple[int, int], list[str]] = {}
    for weekday, start, end in windows:
        rows.setdefault((start, end), []).append(str(weekday))
    return [{"days": days, "start": _time(start), "end": _time(end)} for (start, end), days in rows.items()]


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _time(minute: int) -> time:
    """The end of a day is written as the begin of the next: it means the same."""
    return time(*divmod(minute % 1440, 60))


def _is_a_place(zone: str) -> bool:
    return zone == "UTC" or ("/" in zone and not zone.startswith(("Etc/", "posix/", "right/", "SystemV/", "US/")))
